// A consistent copy of the data while it is being written.
// Not here: restoring, which is putting the copy in the place of the data file while nothing runs.
// The one thing to know: it reads on a connection of its own, so that writers do not wait; meanwhile the WAL grows.
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { openReader } from './connection.ts';
import { makeFile, openFile } from './driver.ts';
import { asUnavailable, StoreFailure } from './failure.ts';

/** Writes a compact copy of the database `file` to `path`, whole and synced or not at all; never over a file. */
export function backupTo(file: string, path: string): void {
  if (existsSync(path))
    throw new StoreFailure('unavailable', `There is a file already at ${path}: nothing was copied.`);
  const draft = `${path}.part`;
  rmSync(draft, { force: true });
  try {
    const db = openReader(file);
    try {
      makeFile(draft); // SQLite takes an empty file for none
      db.prepare('VACUUM INTO ?').run(draft);
    } finally {
      db.close();
    }
    forgetWaysIn(draft);
    sync(draft);
    renameSync(draft, path);
    sync(dirname(path));
  } catch (error) {
    rmSync(draft, { force: true });
    throw (
      asUnavailable(error) ??
      new StoreFailure('unavailable', `No backup was made: ${describe(error)}.`, { cause: error })
    );
  }
}

/** A copy may come back after years: it lets nobody in who has signed out since, and holds no link that was used. */
function forgetWaysIn(draft: string): void {
  const db = openFile(draft, {});
  try {
    db.exec(`DELETE FROM config WHERE kind IN ('session', 'link')`);
  } finally {
    db.close();
  }
}

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** SQLite does not sync what VACUUM INTO writes. */
function sync(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
