// Brings commits to the disk. SQLite writes a commit to its log and goes on (synchronous = NORMAL: the log is synced
// before a checkpoint copies it, so the file is whole at any time); the log is synced here, once for all commits since the
// last time, and beside the thread that makes the next ones.
// Not here: who waits for it. The one thing to know: nobody is told of a commit, or of what was read after it, before the
// sync that follows it has ended.
import { close, fdatasync, fdatasyncSync, openSync } from 'node:fs';
import { emptyWal } from './connection.ts';
import type { Database } from './driver.ts';

/** After a sync that failed, until the disk takes what it did not. */
const AGAIN_MS = 200;

export class Durable {
  readonly #db: Database;
  readonly #log: string;
  #fd: number | undefined;
  #owed = true;
  #syncing = false;
  #closed = false;

  /** `file`: of the database. What a start wrote is owed. */
  constructor(db: Database, file: string) {
    this.#db = db;
    this.#log = `${file}-wal`;
  }

  /** Whether there are commits of which nobody may be told yet. */
  get owed(): boolean {
    return this.#owed;
  }

  committed(): void {
    this.#owed = true;
  }

  /** In this thread, at once. Throws what the disk says. */
  now(): void {
    if (!this.#owed) return;
    fdatasyncSync(this.#open());
    this.#owed = false;
  }

  /**
   * Beside this thread; then calls back. Never before all that is committed now is on disk, however long that takes: a commit
   * cannot be taken back any more. `onError` is told of the first refusal.
   */
  soon(done: () => void, onError: (error: unknown) => void): void {
    this.#owed = false;
    this.#syncing = true;
    const ended = (): void => {
      this.#syncing = false;
      if (this.#closed) this.close();
      done();
    };
    const sync = (told: (error: unknown) => void): void => {
      try {
        fdatasync(this.#open(), told);
      } catch (error) {
        told(error);
      }
    };
    sync((error) => {
      if (error) onError(error);
      if (error) this.#again(ended);
      else ended();
    });
  }

  /**
   * What a failed sync left behind may look written and never be: it is not synced a second time, but copied into the
   * database, which is synced then.
   */
  #again(ended: () => void): void {
    setTimeout(() => (this.#closed || emptyWal(this.#db) ? ended() : this.#again(ended)), AGAIN_MS);
  }

  /** Before the connection is closed: where files in use cannot be removed, the log could not. */
  close(): void {
    this.#closed = true;
    if (this.#syncing || this.#fd === undefined) return;
    close(this.#fd, () => undefined);
    this.#fd = undefined;
  }

  /** Opened once: SQLite cuts its log, and never replaces it while the connection is open. */
  #open(): number {
    this.#fd ??= openSync(this.#log, 'r+');
    return this.#fd;
  }
}
