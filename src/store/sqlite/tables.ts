// All hot tables of one connection, made once, in the order in which they need each other.
// Not here: what is done with them. The one thing to know: the tables hold in memory what they wrote, so everything is
// written inside `write`, which drops that memory when the transaction fails.
import { transaction } from './connection.ts';
import { Conversations } from './conversations.ts';
import { Counters } from './counters.ts';
import { Dedupe } from './dedupe.ts';
import { DirectLines } from './direct-lines.ts';
import type { Database } from './driver.ts';
import { asUnavailable } from './failure.ts';
import { HealthBook } from './health.ts';
import { Journal } from './journal.ts';
import { Ledger } from './ledger.ts';
import { MediaBook } from './media.ts';
import { Messages } from './messages.ts';
import { Threads } from './threads.ts';

export type Tables = {
  db: Database;
  counters: Counters;
  journal: Journal;
  threads: Threads;
  media: MediaBook;
  directLines: DirectLines;
  messages: Messages;
  conversations: Conversations;
  ledger: Ledger;
  dedupe: Dedupe;
  health: HealthBook;
  /** Runs `work` in one transaction; whatever is thrown, nothing of it is kept, on disk or in memory. */
  write<T>(work: () => T): T;
  /** Writes what waits in memory; at the end of a transaction, and before a savepoint is released. */
  flush(): void;
  /** Forgets what is in memory and reads the sums and the health again. */
  reset(): void;
};

export function openTables(db: Database, now: () => number): Tables {
  const counters = new Counters(db);
  const journal = new Journal(db);
  const threads = new Threads(db, counters);
  const media = new MediaBook(db);
  const directLines = new DirectLines(db);
  const messages = new Messages(db, journal, media);
  const conversations = new Conversations(db);
  const ledger = new Ledger(db, counters, journal);
  const dedupe = new Dedupe(db);
  const health = new HealthBook(db, now);
  /** memory is ahead of the disk: a transaction failed, and so did the reading of what is true */
  let stale = false;

  const flush = (): void => {
    journal.flush();
    dedupe.flush();
    messages.flush();
    ledger.flush();
    counters.flush();
  };

  const reset = (): void => {
    stale = true;
    journal.clear();
    dedupe.clear();
    threads.clear();
    messages.clear();
    conversations.clear();
    ledger.clear();
    counters.reload();
    health.reload();
    stale = false;
  };

  const write = <T>(work: () => T): T => {
    try {
      if (stale) reset();
      return transaction(db, () => {
        const result = work();
        flush();
        return result;
      });
    } catch (error) {
      try {
        reset();
      } catch {
        // the disk is gone: the next write tries again before it does anything
      }
      throw asUnavailable(error) ?? error;
    }
  };
  return {
    db,
    counters,
    journal,
    threads,
    media,
    directLines,
    messages,
    conversations,
    ledger,
    dedupe,
    health,
    write,
    flush,
    reset,
  };
}
