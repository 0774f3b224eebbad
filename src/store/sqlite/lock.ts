// Who may write a data folder: one process. Held by the operating system, so that a dead process holds nothing.
// Not here: SQLite's own locks on the data, which stay shared, so that a backup and `doctor` can read beside us.
// The one thing to know: the lock is an exclusive transaction on an empty database beside the data. The file that
// names the process is for the sentence only, and may be stale.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Database, OWNER_ONLY, openFile } from './driver.ts';
import { asUnavailable, StoreFailure, sqliteCode } from './failure.ts';

const BUSY = 5;

/** Takes the lock of the data beside `file`, making its folder if need be; returns its release. Throws StoreFailure naming who has it. */
export function lockFolder(file: string): () => void {
  const owner = `${file}.pid`;
  const lock = openLock(`${file}.lock`, dirname(file));
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (sqliteCode(error) !== BUSY) throw asUnavailable(error) ?? error;
    throw new StoreFailure(
      'unavailable',
      `The data folder ${dirname(file)} is in use by ${readOwner(owner)}. ` +
        'Stop that process first, or give this one another folder (SIGNALBOX_DATA).',
    );
  }
  try {
    writeFileSync(owner, `${process.pid}\n`, { mode: OWNER_ONLY });
  } catch {
    // A full disk: the lock holds all the same, only its sentence will not say who.
  }
  return () => {
    rmSync(owner, { force: true });
    lock.close();
  };
}

function openLock(path: string, folder: string): Database {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return openFile(path, { timeout: 0 });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new StoreFailure('unavailable', `The data folder ${folder} cannot be used: ${message}.`, { cause: error });
  }
}

function readOwner(path: string): string {
  try {
    const pid = Number.parseInt(readFileSync(path, 'utf8'), 10);
    if (Number.isInteger(pid)) return `process ${pid}`;
  } catch {
    // not written yet, or gone again
  }
  return 'another process';
}
