// Whether a database file is sound and ours: read beside a running server, nothing is changed.
// Not here: what to do about it (backup.ts, restore.ts, doctor.ts).
// The one thing to know: quick_check reads the whole file; on a large one it takes a while.
import { closeSync, openSync, readSync } from 'node:fs';
import { openReader } from '../store/sqlite/connection.ts';
import { MIGRATIONS } from '../store/sqlite/schema.ts';

const SQLITE_MAGIC = 'SQLite format 3\0';

/** Null: sound. Else what is wrong, as part of a sentence. */
export function checkDatabase(file: string): string | null {
  try {
    if (!hasMagic(file)) return 'it is not an SQLite database';
    const db = openReader(file);
    try {
      const rows = db.prepare('PRAGMA quick_check(5)').all();
      const words = rows.map((row) => String(Object.values(row)[0]));
      if (words.length !== 1 || words[0] !== 'ok') return words.join('; ');
      const version = Number(db.prepare('PRAGMA user_version').get()?.user_version ?? 0);
      if (version === 0) return 'it was not written by Signalbox';
      if (version > MIGRATIONS.length) return `it was written by a newer Signalbox (schema ${version})`;
      return null;
    } finally {
      db.close();
    }
  } catch (error) {
    return (error as Error).message;
  }
}

function hasMagic(file: string): boolean {
  const handle = openSync(file, 'r');
  try {
    const head = Buffer.alloc(SQLITE_MAGIC.length);
    readSync(handle, head, 0, head.length, 0);
    return head.toString('latin1') === SQLITE_MAGIC;
  } finally {
    closeSync(handle);
  }
}
