// `signalbox backup <file>`: a consistent copy of the database, and of the files it knows, while Signalbox runs or stands.
// Not here: putting it back (restore.ts).
// The one thing to know: it reads through a connection of its own, so nothing is held up and no server is asked; the
// master key is not in the copy unless --with-key says so, and without it the copy's secrets cannot be opened.
import { chmodSync, constants, copyFileSync, existsSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { dataFolder } from '../settings/data-folder.ts';
import { MASTER_KEY_FILE } from '../settings/master-key.ts';
import { backupTo } from '../store/sqlite/backup.ts';
import { checkDatabase } from './database-check.ts';
import { EXIT, Stop } from './exit.ts';
import { copyMedia, MEDIA_ENDING, type MediaCopied } from './media-copies.ts';
import { flagsOf, settingsOf, withSettings } from './options.ts';
import { out, outJson } from './output.ts';
import { refuseWithPostgres } from './standing-store.ts';

const OWNER_ONLY = 0o600;
export const KEY_ENDING = '.master.key';

const KEY_COPIED = (target: string): string => `The master key is in ${target + KEY_ENDING}. Keep the two apart.`;
const KEY_LEFT_OUT =
  'The master key is not in it: keep a copy elsewhere, for its secrets cannot be opened without (see --with-key).';

export function backupCommand(): Command {
  const command = new Command('backup')
    .description('copy the database and the uploaded files, also while Signalbox runs')
    .argument('<file>', `where to; must not exist. Files go to <file>${MEDIA_ENDING}/`)
    .option('--with-key', `also copy the master key, to <file>${KEY_ENDING}: whoever has both has every secret`)
    .option('--json', 'as JSON');
  return withSettings(command, ['data']).action((file: string, options: Record<string, unknown>) =>
    backup(file, options),
  );
}

function backup(file: string, options: Record<string, unknown>): void {
  const { settings } = settingsOf('start', flagsOf(options));
  refuseWithPostgres(settings);
  const data = dataFolder(settings.data);
  const target = resolve(file);
  const key = join(data.folder, MASTER_KEY_FILE);
  const withKey = options.withKey === true;
  if (!existsSync(data.database)) throw new Stop(EXIT.failed, `There is no database in ${data.folder}.`);
  if (withKey && !existsSync(key))
    throw new Stop(EXIT.failed, `There is no ${key}: the master key is in the environment.`);
  for (const path of [target, target + MEDIA_ENDING, ...(withKey ? [target + KEY_ENDING] : [])]) {
    if (existsSync(path)) throw new Stop(EXIT.failed, `${path} exists already; it was left as it is.`);
  }
  try {
    backupTo(data.database, target);
  } catch (error) {
    throw new Stop(EXIT.failed, `The backup failed: ${(error as Error).message}`);
  }
  const problem = checkDatabase(target);
  if (problem !== null) {
    rmSync(target);
    throw new Stop(EXIT.failed, `The copy is not sound: ${problem}. Nothing was kept of it.`);
  }
  if (withKey) {
    copyFileSync(key, target + KEY_ENDING, constants.COPYFILE_EXCL);
    chmodSync(target + KEY_ENDING, OWNER_ONLY); // a copy keeps the rights of what it was copied from
  }
  const media = mediaBeside(data.media, target);
  const bytes = statSync(target).size;
  if (options.json === true) outJson({ file: target, bytes, key: withKey ? target + KEY_ENDING : null, media });
  else
    out(`${target}: ${bytes} bytes, checked.${saidOf(target, media)}\n${withKey ? KEY_COPIED(target) : KEY_LEFT_OUT}`);
}

function mediaBeside(folder: string, target: string): MediaCopied {
  try {
    return copyMedia(target, folder, target + MEDIA_ENDING);
  } catch (error) {
    rmSync(target, { force: true });
    rmSync(target + MEDIA_ENDING, { recursive: true, force: true });
    throw new Stop(EXIT.failed, `The files could not be copied: ${(error as Error).message}. Nothing was kept.`);
  }
}

function saidOf(target: string, { files, missing }: MediaCopied): string {
  const there = files === 0 ? '' : `\n${files} uploaded files are in ${target + MEDIA_ENDING}: keep them with it.`;
  return missing === 0 ? there : `${there}\n${missing} uploaded files were not in the data folder.`;
}
