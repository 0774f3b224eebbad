// The SQLite data that move: opened alone, with every table up to date, and set aside when they have moved.
// Not here: what becomes of the rows (move.ts). The one thing to know: data of another version are refused and not upgraded, so that
// whoever goes back to the old program finds them as they were.
import { existsSync, renameSync } from 'node:fs';
import { emptyWal, openReader, openWriter } from '../sqlite/connection.ts';
import type { Database, Row } from '../sqlite/driver.ts';
import { StoreFailure } from '../sqlite/failure.ts';
import { lockFolder } from '../sqlite/lock.ts';
import { MIGRATIONS } from '../sqlite/schema.ts';
import { openTables } from '../sqlite/tables.ts';
import type { MovingTable } from './tables.ts';

/** A page of rows lies in memory. */
const ROWS_AT_ONCE = 200;

/** Files of a database: what SQLite keeps beside the data first. */
const ENDINGS = ['-shm', '-wal', ''];

export type Source = {
  db: Database;
  /** gives the data back, as they are */
  close(): void;
  /** closes the data and renames them, so that nothing starts on them by mistake */
  setAside(path: string): void;
};

/** Throws StoreFailure with a sentence when a process runs on the data, or they are of another version. */
export function openSource(file: string): Source {
  const unlock = lockFolder(file);
  try {
    checkVersion(file);
    const db = openWriter(file);
    let open = true;
    const shut = (): void => {
      if (!open) return;
      open = false;
      emptyWal(db);
      db.close();
    };
    const close = (): void => {
      shut();
      unlock();
    };
    try {
      // What lies in the log is written into its tables: only then does SQL see all of it.
      if (!openTables(db, Date.now).catchUp())
        throw new StoreFailure('unavailable', 'The disk of the data takes no more.');
    } catch (error) {
      shut();
      throw error;
    }
    const setAside = (path: string): void => {
      shut();
      for (const ending of ENDINGS) if (existsSync(file + ending)) renameSync(file + ending, path + ending);
    };
    return { db, close, setAside };
  } catch (error) {
    unlock();
    throw error;
  }
}

function checkVersion(file: string): void {
  const db = openReader(file);
  try {
    const version = Number(db.prepare('PRAGMA user_version').get()?.user_version ?? 0);
    if (version === MIGRATIONS.length) return;
    throw new StoreFailure(
      'unavailable',
      `The data in SQLite are of another version of Signalbox (schema ${version}, this program has ${MIGRATIONS.length}). ` +
        'Start and stop this version on them once, or move them with the version that wrote them.',
    );
  } finally {
    db.close();
  }
}

/** The rows of a table, page by page in the order of its key. */
export function* rowsOf(db: Database, { rows, key, only }: MovingTable): Generator<Row> {
  const after = `(${key.join(', ')}) > (${key.map(() => '?').join(', ')})`;
  const page = (...conditions: string[]): string =>
    `${rows}${conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : ''} ORDER BY ${key.join(', ')} LIMIT ${ROWS_AT_ONCE}`;
  const always = only === undefined ? [] : [only];
  const next = db.prepare(page(...always, after));
  const names = key.map((each) => each.slice(each.indexOf('.') + 1));
  let found = db.prepare(page(...always)).all();
  for (let last = found.at(-1); last !== undefined; last = found.at(-1)) {
    yield* found;
    const from = last;
    found = next.all(...names.map((name) => from[name] ?? null));
  }
}
