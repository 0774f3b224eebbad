// All hot tables of one connection, made once, in the order in which they need each other.
// Not here: what is done with them. The one thing to know: the tables hold in memory what they wrote, so everything is
// written inside `write`, which drops that memory when the transaction fails. What is read by SQL of threads, timeline,
// dedupe and counters is read inside `read`, or after `settle` in a `write`: those tables follow late.
import { rollback, transaction, unsynced } from './connection.ts';
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
import { Unsettled } from './unsettled.ts';

/**
 * So many numbers of the journal may wait to be settled: a few hundred round trips. Settling them takes some
 * milliseconds, during which commits wait. Twice as many gain nothing, a quarter costs a sixth of the CPU (decision 10).
 */
const UNSETTLED_MAX = 2_000;
/** Sooner where commits are so small that there must be time between them: nobody has to wait for a large one there. */
const UNSETTLED_SOME = 250;
const SMALL_COMMIT = 16;

type Parts = {
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
};

type Transactions = {
  /** Runs `work` in one transaction; whatever is thrown, nothing of it is kept, on disk or in memory. */
  write<T>(work: () => T): T;
  /** Runs `work`, which only reads, with every table up to date: also while the disk takes no more. */
  read<T>(work: () => T): T;
  /** Writes what waits in memory; at the end of a transaction, and before a savepoint is released. */
  flush(): void;
  /** Brings the late tables up to date, inside a transaction. */
  settle(): void;
  /** The same in a transaction of its own; false when the disk takes no more. */
  catchUp(): boolean;
  /** The same if it is worth it, and little is going on: for whoever has a moment in which nobody waits. */
  rest(): void;
  /** Forgets what is in memory and reads the sums, the health and the log again. */
  reset(): void;
};

export type Tables = Parts & Transactions;

export function openTables(db: Database, now: () => number): Tables {
  const counters = new Counters(db);
  const journal = new Journal(db, () => {
    messages.flush();
    ledger.flush();
  });
  const threads = new Threads(db, counters);
  const media = new MediaBook(db);
  const directLines = new DirectLines(db);
  const messages = new Messages(db, journal, media);
  const conversations = new Conversations(db);
  const ledger = new Ledger(db, counters, journal);
  const dedupe = new Dedupe(db);
  const health = new HealthBook(db, now);
  const parts = { db, counters, journal, threads, media, directLines, messages, conversations, ledger, dedupe, health };
  return { ...parts, ...transactions(parts) };
}

function transactions(parts: Parts): Transactions {
  const { db, counters, journal, threads, messages, conversations, ledger, dedupe, health } = parts;
  const unsettled = new Unsettled(db, [threads, dedupe, counters]);
  /** memory is not what the disk says: a transaction was undone, and the reading of what is true failed */
  let stale = false;
  const waiting = (): number => journal.unplaced + unsettled.rows;

  const settle = (): void => {
    journal.place();
    unsettled.settle();
  };

  const flush = (): void => {
    journal.flush();
    messages.flush();
    ledger.flush();
    if (waiting() < UNSETTLED_MAX) unsettled.flush();
    else settle();
  };

  const reset = (): void => {
    stale = true;
    for (const part of [journal, dedupe, threads, messages, conversations, ledger]) part.clear();
    counters.reload();
    health.reload();
    unsettled.recall();
    stale = false;
  };

  /** Undoes in memory what was undone on disk. */
  const takeBack = (): void => {
    try {
      reset();
    } catch {
      // the disk is gone: the next call tries again before it does anything
    }
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
      takeBack();
      throw asUnavailable(error) ?? error;
    }
  };

  const catchUp = (): boolean => {
    if (!stale && waiting() === 0) return true;
    try {
      unsynced(db, () => write(settle));
      return true;
    } catch (error) {
      if (asUnavailable(error)) return false;
      throw error;
    }
  };

  /** Settles, reads, and takes the settling back: that needs memory and no disk. */
  const rehearse = <T>(work: () => T): T => {
    try {
      if (stale) reset();
      db.exec('BEGIN IMMEDIATE');
      settle();
      return work();
    } catch (error) {
      throw asUnavailable(error) ?? error;
    } finally {
      rollback(db);
      takeBack();
    }
  };

  const read = <T>(work: () => T): T => (catchUp() ? work() : rehearse(work));

  const rest = (): void => {
    const { unplaced } = journal;
    if (unplaced >= UNSETTLED_SOME && unplaced < SMALL_COMMIT * unsettled.rows) catchUp();
  };

  return { write, read, flush, settle, catchUp, rest, reset };
}
