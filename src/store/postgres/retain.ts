// Removing what is past its age, a little at each call, so that nobody waits long for it.
// Not here: erasing one customer (erase.ts). The one thing to know: a thread keeps all its words while anything of it
// is still to be delivered, and the words that nobody has answered; threads with an open conversation stay.
import type { StoredStatus, TargetType, ThreadState } from '../../routing/model.ts';
import { GENERATION_MS } from '../rows/dedupe.ts';
import { isOpen } from '../rows/delivery.ts';
import type { Row } from '../rows/row.ts';
import { Book } from './book.ts';
import { flush } from './flush.ts';
import { Idempotency } from './idempotency.ts';
import { readEntry } from './load.ts';
import { MediaBook } from './media.ts';
import type { Transaction, Writer } from './writer.ts';

const DAY_MS = 24 * 3_600_000;
export type RetainDays = { messages: number; attempts: number; dedupe: number };

/**
 * What a call passes over at most, in rows per row that it may remove. Passed over is what is needed: to find it is
 * quick, but a parked backlog of a million must not hold up the hooks.
 */
const PASSED_PER_REMOVED = 20;

/** One table: what is old enough, in the order of a key that a later call goes on from. */
type Sweep = {
  /** rows with `key` and their age `at`, after $1, at most $2 of them; $3 is the cutoff */
  sql: string;
  /** ms since 1970: the first row that is younger ends the sweep */
  cutoff: number;
  /** removes the rows that are not needed; how many */
  remove: (tx: Transaction, book: Book, rows: Row[]) => Promise<number>;
};

const keysOf = (rows: Row[]): unknown[] => rows.map((row) => row.key);
const dropped =
  (table: string, key: string): Sweep['remove'] =>
  async (tx, _book, rows) =>
    (await tx.query(`DELETE FROM ${table} WHERE ${key} = ANY($1)`, [keysOf(rows)])).count;
const inOrder = (table: string, key: string, columns: string): string =>
  `SELECT ${key} AS key, ${columns} FROM ${table} WHERE ${key} > $1 AND $3::float8 > 0 ORDER BY ${key} LIMIT $2`;

/** Deliveries go before the messages they carry, and both before their thread. */
const sweepsOf = (words: number, attempts: number): Sweep[] => [
  { sql: inOrder('attempts', 'n', 'started_at AS at'), cutoff: attempts, remove: dropped('attempts', 'n') },
  { sql: inOrder('events', 'seq', 'at'), cutoff: words, remove: dropped('events', 'seq') },
  {
    sql: inOrder('deliveries', 'ord', 'created_at AS at, id, thread_id, status, target_type, target_id'),
    cutoff: words,
    remove: dropDeliveries,
  },
  { sql: inOrder('messages', 'ord', 'at, thread_id, turn'), cutoff: words, remove: dropMessages },
  { sql: inOrder('audit', 'n', 'at'), cutoff: words, remove: dropped('audit', 'n') },
  {
    // The removed are gone, and all are removed: it begins from the start each time.
    sql: `SELECT n AS key, closed_at AS at FROM conversations WHERE closed_at < $3 AND $1::bigint IS NOT NULL
      ORDER BY closed_at LIMIT $2`,
    cutoff: words,
    remove: dropped('conversations', 'n'),
  },
  {
    sql: `SELECT n AS key, updated_at AS at, id FROM threads WHERE holder_id IS NULL AND n > $1 AND updated_at < $3
      ORDER BY n LIMIT $2`,
    cutoff: words,
    remove: dropThreads,
  },
  {
    sql: 'SELECT n AS key, updated_at AS at FROM replays WHERE n > $1 AND updated_at < $3 ORDER BY n LIMIT $2',
    cutoff: words,
    remove: dropped('replays', 'n'),
  },
];

async function dropDeliveries(tx: Transaction, book: Book, rows: Row[]): Promise<number> {
  const done = rows.filter(({ status }) => !isOpen(status as StoredStatus) && status !== 'held');
  for (const row of done) {
    const target = { type: row.target_type as TargetType, id: String(row.target_id) };
    book.countDelivery({ target, status: row.status as StoredStatus }, -1);
  }
  const [threads, ids] = [done.map((row) => row.thread_id), done.map((row) => row.id)];
  tx.send('DELETE FROM attempts WHERE thread_id = ANY($1) AND delivery_id = ANY($2)', [threads, ids]);
  return (await tx.query('DELETE FROM deliveries WHERE ord = ANY($1)', [keysOf(done)])).count;
}

async function dropMessages(tx: Transaction, _book: Book, rows: Row[]): Promise<number> {
  const of = [...new Set(rows.map((row) => row.thread_id))];
  const { rows: threads } = await tx.query(
    `SELECT id, state, EXISTS (SELECT 1 FROM deliveries d WHERE d.thread_id = t.id
       AND d.status IN ('pending', 'retrying', 'held')) AS owes FROM threads t WHERE id = ANY($1)`,
    [of],
  );
  const answered = new Map<unknown, number>();
  for (const row of threads) {
    if (row.owes !== true) answered.set(row.id, (JSON.parse(String(row.state)) as ThreadState).answered);
  }
  const past = rows.filter(({ thread_id, turn }) => {
    const upTo = answered.get(thread_id);
    return upTo !== undefined && (turn === null || Number(turn) <= upTo);
  });
  return (await tx.query('DELETE FROM messages WHERE ord = ANY($1)', [keysOf(past)])).count;
}

async function dropThreads(tx: Transaction, book: Book, rows: Row[]): Promise<number> {
  const { rows: empty } = await tx.query(
    `SELECT * FROM threads t WHERE id = ANY($1)
       AND NOT EXISTS (SELECT 1 FROM messages WHERE thread_id = t.id)
       AND NOT EXISTS (SELECT 1 FROM events WHERE thread_id = t.id)
       AND NOT EXISTS (SELECT 1 FROM deliveries WHERE thread_id = t.id)
       AND NOT EXISTS (SELECT 1 FROM conversations WHERE thread_id = t.id) ORDER BY id FOR UPDATE`,
    [rows.map((row) => row.id)],
  );
  const gone = empty.map(readEntry).filter(({ state }) => state.holder.type === 'none' && state.bots.length === 0);
  for (const entry of gone) book.discountThread(entry);
  const ids = gone.map(({ state }) => state.id);
  if (ids.length > 0) tx.send('DELETE FROM aliases WHERE thread_id = ANY($1)', [ids]);
  if (ids.length > 0) tx.send('DELETE FROM waits WHERE thread_id = ANY($1)', [ids]);
  return (await tx.query('DELETE FROM threads WHERE id = ANY($1)', [ids])).count;
}

export class Retention {
  readonly #writer: Writer;
  /** where each sweep goes on: the rows before were passed over; forgotten when a round is over */
  #from: number[] = [];

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  /** Removes at most `limit` rows; returns how many, 0 when there was nothing left to remove. */
  retain(now: number, days: RetainDays, limit: number): Promise<number> {
    return this.#writer.write(async (tx) => {
      const book = new Book();
      let removed = await dropDedupe(tx, now - days.dedupe * DAY_MS, limit);
      removed += await Idempotency.dropOld(tx, now, limit - removed);
      removed += await MediaBook.dropOldLines(tx, now, limit - removed);
      const sweeps = sweepsOf(now - days.messages * DAY_MS, now - days.attempts * DAY_MS);
      for (let pass = 0; pass < PASSED_PER_REMOVED && removed === 0; pass++) {
        const step = await this.#round(tx, book, sweeps, limit);
        removed += step.removed;
        if (step.seen > 0) continue;
        this.#from = [];
        break;
      }
      void flush(tx, book, now);
      return () => removed;
    });
  }

  /** Goes on with each sweep until `limit` rows were looked at. */
  async #round(tx: Transaction, book: Book, sweeps: Sweep[], limit: number) {
    let seen = 0;
    let removed = 0;
    for (const [index, { sql, cutoff, remove }] of sweeps.entries()) {
      if (seen >= limit) break;
      const { rows } = await tx.query(sql, [this.#from[index] ?? 0, limit - seen, cutoff]);
      const young = rows.findIndex((row) => Number(row.at) >= cutoff);
      const old = young < 0 ? rows : rows.slice(0, young);
      if (old.length === 0) continue;
      removed += await remove(tx, book, old);
      this.#from[index] = Number(old.at(-1)?.key);
      seen += old.length;
    }
    return { seen, removed };
  }
}

async function dropDedupe(tx: Transaction, cutoff: number, limit: number): Promise<number> {
  const sql = `DELETE FROM dedupe WHERE (generation, hash) IN
    (SELECT generation, hash FROM dedupe WHERE generation < $1 LIMIT $2)`;
  return (await tx.query(sql, [Math.floor(cutoff / GENERATION_MS), limit])).count;
}
