// The files that belong to a copy of the database: put beside a backup, and back into the data folder.
// Not here: the database itself (backup.ts, restore.ts). The one thing to know: a file is named by what is in it, so one
// that is there already is the same; nothing is ever overwritten or removed.
import { chmodSync, constants, copyFileSync, existsSync, linkSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { syncPath } from '../settings/data-folder.ts';
import { openReader } from '../store/sqlite/connection.ts';

/** Beside the backup's file. */
export const MEDIA_ENDING = '.media';
const OWNER_ONLY = 0o600;
const OWNER_FOLDER = 0o700;
/** The first schema that had media. */
const SINCE_SCHEMA = 2;

export type MediaCopied = { files: number; missing: number };

/** Copies the files that a database knows from one folder to another; those that are not there are counted. */
export function copyMedia(database: string, from: string, to: string): MediaCopied {
  const copied = { files: 0, missing: 0 };
  const folders = new Set<string>();
  for (const sha256 of digestsIn(database)) {
    const [source, target] = [place(from, sha256), place(to, sha256)];
    if (!existsSync(source)) {
      if (!existsSync(target)) copied.missing += 1;
      continue;
    }
    copied.files += 1;
    if (existsSync(target)) continue;
    mkdirSync(dirname(target), { recursive: true, mode: OWNER_FOLDER });
    put(source, target);
    folders.add(dirname(target));
  }
  for (const folder of folders) syncPath(folder);
  if (folders.size > 0) syncPath(to);
  return copied;
}

const place = (folder: string, sha256: string): string => join(folder, sha256.slice(0, 2), sha256);

/** A second name for the same bytes where the disk is the same, for they never change; else a copy. */
function put(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch {
    copyFileSync(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    chmodSync(target, OWNER_ONLY);
    syncPath(target);
  }
}

function digestsIn(database: string): string[] {
  const db = openReader(database);
  try {
    const version = Number(db.prepare('PRAGMA user_version').get()?.user_version ?? 0);
    if (version < SINCE_SCHEMA) return [];
    const rows = db.prepare("SELECT DISTINCT sha256 FROM media WHERE sha256 <> ''").all();
    return rows.map((row) => String(row.sha256));
  } finally {
    db.close();
  }
}
