// `signalbox backup <file>`: a consistent copy of the database while Signalbox runs or stands.
// Not here: putting it back (restore.ts).
// The one thing to know: it reads through a connection of its own, so nothing is held up and no server is asked; the
// master key is not in the copy unless --with-key says so, and without it the copy's secrets cannot be opened.
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { dataFolder } from '../settings/data-folder.ts';
import { MASTER_KEY_FILE } from '../settings/master-key.ts';
import { openReader } from '../store/sqlite/connection.ts';
import { checkDatabase } from './database-check.ts';
import { EXIT, Stop } from './exit.ts';
import { flagsOf, settingsOf, withSettings } from './options.ts';
import { out, outJson } from './output.ts';

const OWNER_ONLY = 0o600;
export const KEY_ENDING = '.master.key';

const KEY_COPIED = (target: string): string => `The master key is in ${target + KEY_ENDING}. Keep the two apart.`;
const KEY_LEFT_OUT =
  'The master key is not in it: keep a copy elsewhere, for its secrets cannot be opened without (see --with-key).';

export function backupCommand(): Command {
  const command = new Command('backup')
    .description('copy the database, also while Signalbox runs')
    .argument('<file>', 'where to; must not exist')
    .option('--with-key', `also copy the master key, to <file>${KEY_ENDING}: whoever has both has every secret`)
    .option('--json', 'as JSON');
  return withSettings(command, ['data']).action((file: string, options: Record<string, unknown>) =>
    backup(file, options),
  );
}

function backup(file: string, options: Record<string, unknown>): void {
  const { settings } = settingsOf('start', flagsOf(options));
  const data = dataFolder(settings.data);
  const target = resolve(file);
  const key = join(data.folder, MASTER_KEY_FILE);
  const withKey = options.withKey === true;
  if (!existsSync(data.database)) throw new Stop(EXIT.failed, `There is no database in ${data.folder}.`);
  if (withKey && !existsSync(key))
    throw new Stop(EXIT.failed, `There is no ${key}: the master key is in the environment.`);
  for (const path of withKey ? [target, target + KEY_ENDING] : [target]) {
    if (existsSync(path)) throw new Stop(EXIT.failed, `${path} exists already; it was left as it is.`);
  }
  copyDatabase(data.database, target);
  if (withKey) {
    copyFileSync(key, target + KEY_ENDING, constants.COPYFILE_EXCL);
    chmodSync(target + KEY_ENDING, OWNER_ONLY);
  }
  const bytes = statSync(target).size;
  if (options.json === true) outJson({ file: target, bytes, key: withKey ? target + KEY_ENDING : null });
  else out(`${target}: ${bytes} bytes, checked.\n${withKey ? KEY_COPIED(target) : KEY_LEFT_OUT}`);
}

/** Writes a draft, checks it, syncs it, and only then gives it its name. */
function copyDatabase(from: string, target: string): void {
  const draft = `${target}.${process.pid}.tmp`;
  try {
    rmSync(draft, { force: true });
    const db = openReader(from);
    try {
      db.prepare('VACUUM INTO ?').run(draft);
    } finally {
      db.close();
    }
    chmodSync(draft, OWNER_ONLY);
    const problem = checkDatabase(draft);
    if (problem !== null) throw new Stop(EXIT.failed, `The copy is not sound: ${problem}. Nothing was kept of it.`);
    sync(draft);
    renameSync(draft, target);
    sync(dirname(target));
  } catch (error) {
    rmSync(draft, { force: true });
    if (error instanceof Stop) throw error;
    throw new Stop(EXIT.failed, `The backup failed: ${(error as Error).message}`);
  }
}

function sync(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
