// The one connection that writes: calls in the order in which they were made, transactions, and the way back when the
// database was away. Not here: what is written, and reads for people (reader.ts).
// The one thing to know: when the connection breaks while a commit is under way, nobody knows whether it was kept. The
// call then waits until the database is back and the journal tells; everybody else is refused meanwhile.
import { setTimeout as sleep } from 'node:timers/promises';
import { Link, type Result, type Statement } from './connection.ts';
import { Away, Taken } from './failure.ts';
import { checkServer, type Kept, lastKept, lockOwner, migrate, takeFence } from './guard.ts';

/** A commit that takes longer hangs: the connection is cut, so that hooks are told instead of waiting. */
const TRANSACTION_MS = 10_000;
/** At the start another process may be just ending; and a dead machine's session is noticed within some 10 s. */
const OPEN_LOCK_MS = 15_000;
const RECONNECT_LOCK_MS = 2_000;
const DOUBT_PAUSE_MS = 200;

export type WriterOptions = {
  url: string;
  /** another process has taken the database: this one must end */
  onTaken: (error: Error) => void;
};

/** A transaction. Places are numbers in the order of commits: taken together, when it is known how many. */
export class Transaction {
  readonly #link: Link;
  readonly #fence: number;
  readonly batch: number;
  #sent: Promise<Result>[] = [];
  #last: Promise<Result> | undefined;

  constructor(link: Link, batch: number, fence: number) {
    this.#link = link;
    this.batch = batch;
    this.#fence = fence;
  }

  /** Sends a statement and waits for its rows. */
  async query(statement: Statement | string, values?: unknown[]): Promise<Result> {
    return this.send(statement, values);
  }

  /** Sends a statement behind the others. Whoever does not wait for it is told by `settle`, at the latest at the end. */
  send(statement: Statement | string, values?: unknown[]): Promise<Result> {
    const result = this.#link.query(statement, values);
    result.catch(() => undefined);
    this.#sent.push(result);
    return result;
  }

  /** Waits for all that was sent. */
  async settle(): Promise<void> {
    const sent = this.#sent;
    this.#sent = [];
    await Promise.all(sent);
  }

  /** Takes places: from here on the n-th of them is `(SELECT last FROM journal) - count + n`. Gives the last. */
  async take(count: number): Promise<number> {
    this.#last = this.send({ name: 'places', text: 'SELECT journal_take($1, $2, $3) AS last' }, [
      count,
      this.batch,
      this.#fence,
    ]);
    return Number((await this.#last).rows[0]?.last);
  }

  /** Ends it; the last place that was given. */
  async commit(): Promise<number> {
    if (this.#last === undefined) this.take(0).catch(() => undefined);
    this.send({ name: 'commit', text: 'COMMIT' });
    await this.settle();
    return Number((await this.#last)?.rows[0]?.last);
  }
}

/** What a call comes to, once the last place that its transaction took is known. */
export type Work<T> = (tx: Transaction) => Promise<(last: number) => T>;
export type WriteOptions<T> = {
  withinMs?: number;
  /** a second way, when the first failed for a reason that lies in what is written */
  otherwise?: Work<T>;
};
type Call = { run: () => Promise<void>; reject: (error: Error) => void };

export class Writer {
  readonly #options: WriterOptions;
  readonly #broken = new Set<number>();
  #link: Link | undefined;
  #fence = 0;
  #batch = 0;
  #calls: Call[] = [];
  #working = false;
  #doubt: Away | undefined;
  #closed = false;
  #ended: Error | undefined;

  private constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Connects, takes the database, and brings it to the newest schema. Rejects with Away and a sentence. */
  static async open(options: WriterOptions): Promise<Writer> {
    const writer = new Writer(options);
    const link = await Link.open(options.url);
    try {
      await checkServer(link);
      await lockOwner(link, writer.#broken, OPEN_LOCK_MS);
      await migrate(link);
      writer.#fence = await takeFence(link);
      writer.#link = link;
      return writer;
    } catch (error) {
      await link.end();
      throw error;
    }
  }

  /** Reads in the order of calls: what was written before is in it, and nothing that is written after. */
  read<T>(work: (link: Link) => Promise<T>): Promise<T> {
    return this.#enqueue(async () => {
      const link = await this.#connected();
      const late = setTimeout(() => link.cut(), TRANSACTION_MS);
      try {
        return await work(link);
      } finally {
        clearTimeout(late);
      }
    });
  }

  /** Runs `work` in one transaction; whatever is thrown, nothing of it is kept. */
  write<T>(work: Work<T>, { withinMs = TRANSACTION_MS, otherwise }: WriteOptions<T> = {}): Promise<T> {
    return this.#enqueue(async () => {
      try {
        return await this.#transact(work, withinMs);
      } catch (error) {
        if (otherwise === undefined || error instanceof Away) throw error;
        return this.#transact(otherwise, withinMs);
      }
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#refuse(new Away('The store is closed.'));
    await this.#link?.end();
  }

  #enqueue<T>(run: () => Promise<T>): Promise<T> {
    const why = this.#ended ?? this.#doubt;
    if (why !== undefined) return Promise.reject(why);
    return new Promise((resolve, reject) => {
      this.#calls.push({ run: () => run().then(resolve, reject), reject });
      void this.#work();
    });
  }

  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    for (let call = this.#calls.shift(); call !== undefined; call = this.#calls.shift()) await call.run();
    this.#working = false;
  }

  #refuse(error: Error): void {
    const waiting = this.#calls;
    this.#calls = [];
    for (const { reject } of waiting) reject(error);
  }

  async #transact<T>(work: Work<T>, withinMs: number): Promise<T> {
    const link = await this.#connected();
    this.#batch += 1;
    const tx = new Transaction(link, this.#batch, this.#fence);
    const late = setTimeout(() => link.cut(), withinMs);
    let result: ((last: number) => T) | undefined;
    try {
      tx.send({ name: 'begin', text: 'BEGIN' });
      result = await work(tx);
      return result(await tx.commit());
    } catch (error) {
      if (error instanceof Taken) throw this.#end(error);
      if (!link.dead) await link.query('ROLLBACK').catch(() => link.cut());
      if (result === undefined || !link.dead) throw error;
      const kept = await this.#howItEnded(error);
      if (kept.batch !== tx.batch) throw error;
      return result(kept.last);
    } finally {
      clearTimeout(late);
    }
  }

  /** Waits until the database is back; what it kept last. */
  async #howItEnded(cause: unknown): Promise<Kept> {
    this.#doubt = new Away('The database cannot be used now: the connection broke.', { cause });
    this.#refuse(this.#doubt);
    try {
      for (;;) {
        if (this.#closed) throw new Away('The store is closed.');
        try {
          return await lastKept(await this.#connected(), this.#fence);
        } catch (error) {
          if (error instanceof Taken) throw this.#end(error);
          await sleep(DOUBT_PAUSE_MS);
        }
      }
    } finally {
      this.#doubt = undefined;
    }
  }

  /** The connection, or a new one in the place of one that broke. */
  async #connected(): Promise<Link> {
    if (this.#ended) throw this.#ended;
    if (this.#link && !this.#link.dead) return this.#link;
    if (this.#link) this.#broken.add(this.#link.process);
    this.#link = undefined;
    const link = await Link.open(this.#options.url);
    try {
      await checkServer(link);
      await lockOwner(link, this.#broken, RECONNECT_LOCK_MS);
      await lastKept(link, this.#fence);
      this.#broken.clear();
      this.#link = link;
      return link;
    } catch (error) {
      await link.end();
      throw error instanceof Taken ? this.#end(error) : error;
    }
  }

  #end(error: Taken): Taken {
    if (this.#ended === undefined) this.#options.onTaken(error);
    this.#ended = error;
    return error;
  }
}
