// The one connection that writes: calls in the order in which they were made, transactions, and the way back when the
// database was away. Not here: what is written, and reads for people (reader.ts).
// The one thing to know: when the connection breaks while a commit is under way, nobody knows whether it was kept. The
// call then waits until the database is back and the journal tells; everybody else is refused meanwhile.
import { setTimeout as sleep } from 'node:timers/promises';
import { Link, type Result, type Statement } from './connection.ts';
import { Away, Taken } from './failure.ts';
import { checkServer, type Kept, lastKept, lockNumber, migrate } from './guard.ts';
import { CHANNEL, Notes } from './notes.ts';
import { LEAVE, RESTORE, register, takeOver } from './processes.ts';

/** A commit that takes longer hangs: the connection is cut, so that hooks are told instead of waiting. */
const TRANSACTION_MS = 10_000;
/** Whoever wants to be alone waits so long for another that is just ending, or whose lease runs out. */
const OPEN_MS = 15_000;
const OPEN_PAUSE_MS = 250;
const LOCK_MS = 2_000;
const DOUBT_PAUSE_MS = 200;

export type WriterOptions = {
  url: string;
  /** bears no other process on the database */
  alone?: boolean;
  /** another process has taken over from this one; it goes on as a new one, to which nothing of before belongs */
  onTaken: (error: Error) => void;
};

/** A transaction. Places are numbers in the order of commits: taken together, when it is known how many. */
export class Transaction {
  readonly #link: Link;
  readonly #me: number;
  readonly #entered: Promise<Result>;
  readonly batch: number;
  /** what the other processes are told when it is kept */
  readonly notes = new Notes();
  #sent: Promise<Result>[] = [];
  #last: Promise<Result> | undefined;
  #worlds = 0;

  constructor(link: Link, batch: number, me: number) {
    this.#link = link;
    this.batch = batch;
    this.#me = me;
    this.send({ name: 'begin', text: 'BEGIN' });
    this.#entered = this.send({ name: 'enter', text: 'SELECT journal_enter($1) AS world' }, [me]);
  }

  /** The number of changes of what all processes have in memory; with those of this transaction. Rejects with Taken. */
  async world(): Promise<number> {
    return Number((await this.#entered).rows[0]?.world) + this.#worlds;
  }

  /** Health, or whether there are aliases, changes. `urgent`: not only how often something failed in a row. */
  changeWorld(urgent: boolean): void {
    if (urgent) this.notes.world();
    this.#worlds += 1;
    this.send({ name: 'world', text: 'UPDATE journal SET world = world + 1' });
  }

  /** The configuration changes: nobody decides by what it was. */
  changeConfig(): void {
    this.notes.world();
    this.#worlds += 1;
    this.send({ name: 'config', text: 'UPDATE journal SET world = world + 1, config = config + 1' });
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
    this.#last = this.send({ name: 'places', text: 'SELECT journal_give($1, $2, $3) AS last' }, [
      count,
      this.batch,
      this.#me,
    ]);
    return Number((await this.#last).rows[0]?.last);
  }

  /** Ends it; the last place that was given. */
  async commit(heard: boolean): Promise<number> {
    if (this.#last === undefined) this.take(0).catch(() => undefined);
    for (const text of heard ? this.notes.texts(this.#me) : [])
      this.send({ name: 'tell', text: `SELECT pg_notify(${CHANNEL}, $1)` }, [text]);
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
  /** the numbers of the processes whose threads are ours: our own, and those that we took over from */
  mine: ReadonlySet<number> = new Set();
  /** other processes are there, and are told of commits */
  others = true;
  /** our number; 0: another process has taken over, and we have none yet */
  #me = 0;
  #batch = 0;
  #calls: Call[] = [];
  #working = false;
  #doubt: Away | undefined;
  #closed = false;

  private constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Connects, brings the database to the newest schema, and begins. Rejects with Away and a sentence. */
  static async open(options: WriterOptions): Promise<Writer> {
    const writer = new Writer(options);
    const until = performance.now() + (options.alone ? OPEN_MS : 0);
    const link = await Link.open(options.url);
    try {
      await checkServer(link);
      await migrate(link);
      for (;;) {
        try {
          await writer.#begin(link, true);
          writer.#link = link;
          return writer;
        } catch (error) {
          if (!(error instanceof Away) || link.dead || performance.now() > until) throw error;
          await sleep(OPEN_PAUSE_MS);
        }
      }
    } catch (error) {
      await link.end();
      throw error;
    }
  }

  get me(): number {
    return this.#me;
  }

  /** Takes over from the processes that are gone; what is then read in the same transaction, null if there were none. */
  takeOver<T>(read: (tx: Transaction) => Promise<T>): Promise<T | null> {
    return this.write(async (tx) => {
      const taken = await takeOver(tx, this.#me);
      const found = taken.length > 0 ? await read(tx) : null;
      return () => {
        this.mine = new Set([...this.mine, ...taken]);
        return found;
      };
    });
  }

  /** Our lease is gone: it is taken anew, unless another has taken over meanwhile. */
  restore(): Promise<void> {
    return this.write(async (tx) => {
      tx.send(RESTORE, [this.#me]);
      return () => undefined;
    });
  }

  /** Becomes a process; the first time with what is left of those that are gone, later when it is asked to. */
  async #begin(link: Link, first: boolean): Promise<void> {
    const me = await register(link, this.#options.alone === true);
    await lockNumber(link, me, this.#broken, LOCK_MS);
    this.#batch += 1;
    const tx = new Transaction(link, this.#batch, me);
    const taken = first ? await takeOver(tx, me) : [];
    tx.notes.hello();
    await tx.commit(true);
    this.#me = me;
    this.mine = new Set([me, ...taken]);
  }

  /** Reads in the order of calls: what was written before is in it, and nothing that is written after. */
  read<T>(work: (link: Link) => Promise<T>): Promise<T> {
    return this.#enqueue(async () => {
      const link = await this.#connected();
      const late = setTimeout(() => link.cut(), TRANSACTION_MS);
      try {
        return await work(link);
      } catch (error) {
        throw error instanceof Taken ? this.#taken(error) : error;
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
    const link = this.#link;
    if (link && !link.dead && this.#me > 0) {
      await link.query(LEAVE, [this.#me]).catch(() => undefined);
      await link.query(`SELECT pg_notify(${CHANNEL}, $1)`, [new Notes().bye(this.#me)]).catch(() => undefined);
    }
    await link?.end();
  }

  #enqueue<T>(run: () => Promise<T>): Promise<T> {
    const why = this.#doubt;
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
    const tx = new Transaction(link, this.#batch, this.#me);
    const late = setTimeout(() => link.cut(), withinMs);
    let result: ((last: number) => T) | undefined;
    try {
      result = await work(tx);
      return result(await tx.commit(this.others));
    } catch (thrown) {
      // A transaction that was refused at its beginning fails in whatever comes next, too.
      const refused = await tx.world().catch((error: unknown) => error);
      const error = refused instanceof Taken ? refused : thrown;
      if (error instanceof Taken) {
        if (!link.dead) await link.query('ROLLBACK').catch(() => link.cut());
        throw this.#taken(error);
      }
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
    const before = this.#me;
    try {
      for (;;) {
        if (this.#closed) throw new Away('The store is closed.');
        try {
          return await lastKept(await this.#connected(), before);
        } catch (error) {
          if (error instanceof Taken) throw this.#taken(error);
          await sleep(DOUBT_PAUSE_MS);
        }
      }
    } finally {
      this.#doubt = undefined;
    }
  }

  /** The connection, or a new one in the place of one that broke. */
  async #connected(): Promise<Link> {
    if (this.#link && !this.#link.dead && this.#me > 0) return this.#link;
    if (this.#link?.dead) {
      this.#broken.add(this.#link.process);
      this.#link = undefined;
    }
    const link = this.#link ?? (await Link.open(this.#options.url));
    try {
      await checkServer(link);
      if (this.#me === 0) await this.#begin(link, false);
      else {
        await lockNumber(link, this.#me, this.#broken, LOCK_MS);
        await lastKept(link, this.#me);
      }
      this.#broken.clear();
      this.#link = link;
      return link;
    } catch (error) {
      this.#link = undefined;
      await link.end();
      throw error instanceof Taken ? this.#taken(error) : error;
    }
  }

  /** Nothing that this process knew is its own any more. It has another number from its next call on. */
  #taken(error: Taken): Taken {
    if (this.#me === 0) return error;
    this.#me = 0;
    this.mine = new Set();
    this.#options.onTaken(error);
    return error;
  }
}
