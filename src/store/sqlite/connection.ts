// A connection: opened with its settings, brought to the newest schema, and the one way to run a transaction.
// Not here: the tables (schema.ts) and who may open the folder (lock.ts).
// The one thing to know: one connection writes. Others (backup, doctor) only read, and never checkpoint.
import { type Database, openFile } from './driver.ts';
import { asUnavailable, StoreFailure } from './failure.ts';
import { MIGRATIONS } from './schema.ts';

/** Only a reader that starts at the wrong moment, or a checkpoint beside a backup, makes us wait. */
const BUSY_TIMEOUT_MS = 5_000;
/**
 * 16 MiB of WAL between checkpoints. Measured on two cores and a cloud disk: 1000 pages cost a sixth of the
 * throughput, 16000 gain 5 % and stall for 30 ms; with 4000 the p99 of a batch of 64 stays below 20 ms.
 */
const CHECKPOINT_PAGES = 4_000;
/** The WAL grows while a backup reads; afterwards it is cut to this. */
const WAL_KEEP_BYTES = 64 * 1024 * 1024;
/** Room for the inner pages of all indexes of some million rows; the rest is the operating system's to cache. */
const PAGE_CACHE_KIB = 32 * 1024;

/** Opens the writing connection: WAL, every commit synced, foreign keys off (the hot tables would pay for nothing). */
export function openWriter(file: string): Database {
  const db = openFile(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    db.exec('PRAGMA journal_mode = WAL');
    db.exec('PRAGMA synchronous = FULL');
    db.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    db.exec(`PRAGMA journal_size_limit = ${WAL_KEEP_BYTES}`);
    db.exec(`PRAGMA cache_size = -${PAGE_CACHE_KIB}`);
    db.exec('PRAGMA temp_store = MEMORY');
    // What is deleted is overwritten: of an erased customer nothing stays in pages that were freed before.
    db.exec('PRAGMA secure_delete = ON');
    migrate(db);
    return db;
  } catch (error) {
    db.close();
    throw asUnavailable(error) ?? error;
  }
}

/** Opens a reading connection beside the writer. */
export function openReader(file: string): Database {
  return openFile(file, { timeout: BUSY_TIMEOUT_MS, readOnly: true });
}

/** Copies the WAL into the database and cuts it to nothing; left as it is when a reader needs it or the disk refuses. */
export function emptyWal(db: Database): void {
  db.exec('PRAGMA busy_timeout = 0');
  try {
    db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
  } catch (error) {
    if (asUnavailable(error) === undefined) throw error;
  } finally {
    db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  }
}

/** Runs the migrations that are missing, each in its transaction. Refuses a schema that a newer program wrote. */
function migrate(db: Database): void {
  const version = Number(db.prepare('PRAGMA user_version').get()?.user_version ?? 0);
  if (version > MIGRATIONS.length) {
    throw new StoreFailure(
      'unavailable',
      `The data was written by a newer Signalbox (schema ${version}, this program knows ${MIGRATIONS.length}). ` +
        'Start that version, or restore a backup made before the upgrade.',
    );
  }
  MIGRATIONS.slice(version).forEach((sql, index) => {
    transaction(db, () => {
      db.exec(sql);
      db.exec(`PRAGMA user_version = ${version + index + 1}`);
    });
  });
}

/** Runs `work`, whose commits need not be synced: what they do can be done again. */
export function unsynced<T>(db: Database, work: () => T): T {
  db.exec('PRAGMA synchronous = NORMAL');
  try {
    return work();
  } finally {
    db.exec('PRAGMA synchronous = FULL');
  }
}

/** Runs `work` in one write transaction. Whatever is thrown, nothing of it is kept. */
export function transaction<T>(db: Database, work: () => T): T {
  try {
    db.exec('BEGIN IMMEDIATE');
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    rollback(db);
    throw asUnavailable(error) ?? error;
  }
}

/** Ends the transaction if there is one still: SQLite has often rolled back by itself after a disk error. */
export function rollback(db: Database): void {
  try {
    db.exec('ROLLBACK');
  } catch {
    // no transaction is active: that is what we want
  }
}
