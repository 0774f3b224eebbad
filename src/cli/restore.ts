// `signalbox restore <file>`: puts a backup into the data folder.
// Not here: making one (backup.ts).
// The one thing to know: the backup is checked first, a running server is refused, and what --force replaces is set
// aside under another name, never deleted.
import { chmodSync, constants, copyFileSync, existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { type DataFolder, dataFolder, makeDataFolder, syncPath } from '../settings/data-folder.ts';
import { MASTER_KEY_FILE } from '../settings/master-key.ts';
import { lockFolder } from '../store/sqlite/lock.ts';
import { KEY_ENDING } from './backup.ts';
import { checkDatabase } from './database-check.ts';
import { EXIT, Stop } from './exit.ts';
import { copyMedia, MEDIA_ENDING, type MediaCopied } from './media-copies.ts';
import { flagsOf, settingsOf, withSettings } from './options.ts';
import { out, outJson } from './output.ts';
import { refuseWithPostgres } from './standing-store.ts';

const OWNER_ONLY = 0o600;
/** Files of a database: the data, and what SQLite keeps beside it. */
const DATABASE_ENDINGS = ['', '-wal', '-shm'];

export function restoreCommand(): Command {
  const command = new Command('restore')
    .description('put a backup into the data folder; Signalbox must stand')
    .argument('<file>', 'a file that `signalbox backup` made')
    .option('--force', 'also into a folder that has data; the old database is set aside, not deleted')
    .option('--json', 'as JSON');
  return withSettings(command, ['data']).action((file: string, options: Record<string, unknown>) =>
    restore(file, options),
  );
}

function restore(file: string, options: Record<string, unknown>): void {
  const { settings } = settingsOf('start', flagsOf(options));
  refuseWithPostgres(settings);
  const data = dataFolder(settings.data);
  const source = resolve(file);
  if (!existsSync(source)) throw new Stop(EXIT.failed, `${source} does not exist.`);
  const problem = checkDatabase(source);
  if (problem !== null) throw new Stop(EXIT.failed, `${source} cannot be restored: ${problem}.`);
  const there = existsSync(data.folder) ? readdirSync(data.folder) : [];
  // A master key that was put there first is what the backup needs.
  const full = there.some((name) => name !== MASTER_KEY_FILE);
  if (full && options.force !== true) {
    throw new Stop(EXIT.failed, `${data.folder} is not empty. Nothing was changed; --force sets its database aside.`);
  }
  const trouble = makeDataFolder(data);
  if (trouble !== null) throw new Stop(EXIT.failed, trouble);
  const release = lock(data);
  try {
    const aside = existsSync(data.database) ? setAside(data) : null;
    putInPlace(source, data.database);
    const key = restoreKey(source, data, options.force === true);
    // Files are named by what is in them: those of the database that was set aside stay, and do no harm.
    const media = copyMedia(data.database, source + MEDIA_ENDING, data.media);
    report(options, { database: data.database, set_aside: aside, key, media });
  } finally {
    release();
  }
}

function lock(data: DataFolder): () => void {
  try {
    return lockFolder(data.database);
  } catch (error) {
    throw new Stop(EXIT.failed, (error as Error).message);
  }
}

/** Renames the database that is there; returns its new name. */
function setAside(data: DataFolder): string {
  const aside = `${data.database}.before-restore-${new Date().toISOString().replace(/[:.]/g, '-')}`;
  for (const ending of DATABASE_ENDINGS.toReversed()) {
    if (existsSync(data.database + ending)) renameSync(data.database + ending, aside + ending);
  }
  return aside;
}

function putInPlace(source: string, database: string): void {
  const draft = `${database}.${process.pid}.tmp`;
  try {
    copyFileSync(source, draft, constants.COPYFILE_EXCL);
    chmodSync(draft, OWNER_ONLY); // copies keep the rights of what they are copied from
    syncPath(draft);
    renameSync(draft, database);
    syncPath(dirname(database));
  } finally {
    rmSync(draft, { force: true });
  }
}

type KeyOutcome = 'restored' | 'kept' | 'missing';

/** The key beside the backup, if there is one; another key in the folder is set aside only by --force. */
function restoreKey(source: string, data: DataFolder, force: boolean): KeyOutcome {
  const [from, to] = [source + KEY_ENDING, join(data.folder, MASTER_KEY_FILE)];
  const [given, there] = [existsSync(from), existsSync(to)];
  if (!given) return there ? 'kept' : 'missing';
  if (there && !force) return 'kept';
  if (there) renameSync(to, `${to}.before-restore-${Date.now()}`);
  putInPlace(from, to);
  return 'restored';
}

function report(
  options: Record<string, unknown>,
  done: { database: string; set_aside: string | null; key: KeyOutcome; media: MediaCopied },
): void {
  if (options.json === true) {
    outJson(done);
    return;
  }
  out(`Restored ${done.database}.`);
  if (done.set_aside !== null) out(`The database that was there is now ${basename(done.set_aside)}.`);
  if (done.media.files > 0) out(`${done.media.files} uploaded files are back.`);
  if (done.media.missing > 0)
    out(
      `${done.media.missing} uploaded files are not there: put ${MEDIA_ENDING}/ beside the backup and restore again.`,
    );
  const words: Record<KeyOutcome, string> = {
    restored: 'The master key beside the backup was restored too.',
    kept: 'The master key in the data folder was kept. `signalbox doctor` tells whether it opens the secrets.',
    missing: `There is no master key yet: put master.key into the data folder, or set SIGNALBOX_MASTER_KEY.`,
  };
  out(words[done.key]);
}
