// Removing what is past its age, a little at each call, so that nobody waits long for it.
// Not here: erasing one customer (erase.ts). The one thing to know: a thread keeps all its words while anything of it
// is still to be delivered, and the words that nobody has answered; threads with an open conversation stay.

import type { StoredStatus, TargetType } from '../../routing/model.ts';
import { isOpen } from '../rows/delivery.ts';
import type { Database, Row, Statement } from './driver.ts';
import type { Idempotency } from './idempotency.ts';
import { KIND } from './schema.ts';
import type { Tables } from './tables.ts';

const DAY_MS = 24 * 3_600_000;
export type RetainDays = { messages: number; attempts: number; dedupe: number };

/**
 * What a call passes over at most, in rows per row that it may remove. Passed over is what is needed: to find it is
 * quick, but a parked backlog of a million must not hold up the hooks.
 */
const PASSED_PER_REMOVED = 20;

/** One table: what is old enough, in the order of a key that a later call goes on from. */
type Sweep = {
  /** rows with `key`; those that are too young may be among them, with their age as `at` */
  rows: (from: number, limit: number) => Row[];
  /** ms since 1970: the first row that is younger ends the sweep */
  cutoff: number;
  /** removes the row unless it is needed; whether it did */
  remove: (row: Row) => boolean;
};

export class Retention {
  readonly #tables: Tables;
  readonly #idempotency: Idempotency;
  readonly #statements: ReturnType<typeof prepare>;
  /** where each sweep goes on: the rows before were passed over; forgotten when a round is over */
  #from: number[] = [];

  constructor(db: Database, tables: Tables, idempotency: Idempotency) {
    this.#tables = tables;
    this.#idempotency = idempotency;
    this.#statements = prepare(db);
  }

  /** Removes at most `limit` rows; returns how many, 0 when there was nothing left to remove. */
  retain(now: number, days: RetainDays, limit: number): number {
    return this.#tables.write(() => {
      this.#tables.settle();
      let removed = this.#tables.dedupe.dropBefore(now - days.dedupe * DAY_MS, limit);
      removed += this.#idempotency.dropOld(now, limit - removed);
      removed += this.#tables.directLines.dropOld(now, limit - removed);
      const sweeps = this.#sweeps(now - days.messages * DAY_MS, now - days.attempts * DAY_MS);
      for (let pass = 0; pass < PASSED_PER_REMOVED && removed === 0; pass++) {
        const step = this.#round(sweeps, limit);
        removed += step.removed;
        if (step.seen > 0) continue;
        this.#from = [];
        break;
      }
      if (removed > 0) this.#tables.journal.keepLast();
      return removed;
    });
  }

  /** Goes on with each sweep until `limit` rows were looked at. */
  #round(sweeps: Sweep[], limit: number): { seen: number; removed: number } {
    let seen = 0;
    let removed = 0;
    sweeps.forEach(({ rows, cutoff, remove }, index) => {
      if (seen === limit) return;
      for (const row of rows(this.#from[index] ?? 0, limit - seen)) {
        if (Number(row.at) >= cutoff) break;
        if (remove(row)) removed++;
        this.#from[index] = Number(row.key);
        seen++;
      }
    });
    return { seen, removed };
  }

  /** Deliveries go before the messages they carry, and both before their thread. */
  #sweeps(words: number, attempts: number): Sweep[] {
    const { rows, drop } = this.#statements;
    const by = (statement: Statement) => (row: Row) => Number(statement.run(Number(row.key)).changes) > 0;
    const inOrder = (statement: Statement) => (from: number, limit: number) => statement.all(from, limit);
    const owing = new Map<number, boolean>();
    return [
      { rows: inOrder(rows.attempts), cutoff: attempts, remove: by(drop.attempt) },
      { rows: inOrder(rows.events), cutoff: words, remove: (row) => this.#dropEvent(row) },
      { rows: inOrder(rows.deliveries), cutoff: words, remove: (row) => this.#dropDelivery(row) },
      { rows: inOrder(rows.messages), cutoff: words, remove: (row) => this.#dropMessage(row, owing) },
      { rows: inOrder(rows.audit), cutoff: words, remove: by(drop.audit) },
      {
        rows: (_, limit) => rows.conversations.all(words, limit),
        cutoff: words,
        remove: (row) => this.#dropConversation(row),
      },
      {
        rows: (from, limit) => rows.threads.all(from, words, limit),
        cutoff: words,
        remove: (row) => this.#dropThread(row),
      },
      { rows: (from, limit) => rows.replays.all(from, words, limit), cutoff: words, remove: by(drop.replay) },
    ];
  }

  #unplace(row: Row): void {
    if (row.thread !== null) this.#statements.drop.place.run(row.thread as number, Number(row.key));
  }

  #dropEvent(row: Row): boolean {
    this.#unplace(row);
    this.#statements.drop.event.run(Number(row.key));
    return true;
  }

  #dropDelivery(row: Row): boolean {
    const status = row.status as StoredStatus;
    if (isOpen(status) || status === 'held') return false;
    const target = { type: row.target_type as TargetType, id: String(row.target_id) };
    this.#tables.ledger.count({ target, status }, -1);
    this.#tables.ledger.forget(String(row.id));
    this.#unplace(row);
    this.#statements.drop.attemptsOf.run(Number(row.key));
    this.#statements.drop.delivery.run(Number(row.key));
    return true;
  }

  /** `owing` remembers for this step which threads still have something to be delivered. */
  #dropMessage(row: Row, owing: Map<number, boolean>): boolean {
    const { answered, owed } = this.#statements.needed;
    const thread = Number(row.thread);
    const answeredTo = Number(answered.get(thread)?.answered ?? 0);
    if (row.turn !== null && Number(row.turn) > answeredTo) return false;
    const owes = owing.get(thread) ?? owed.get(thread) !== undefined;
    owing.set(thread, owes);
    if (owes) return false;
    this.#unplace(row);
    this.#statements.drop.message.run(Number(row.key));
    this.#tables.messages.forget(String(row.id));
    return true;
  }

  #dropConversation(row: Row): boolean {
    this.#tables.conversations.forget(String(row.id));
    this.#statements.drop.conversation.run(Number(row.key));
    return true;
  }

  #dropThread(row: Row): boolean {
    const entry = this.#tables.threads.byId(String(row.id));
    if (entry === undefined || entry.state.holder.type !== 'none' || entry.state.bots.length > 0) return false;
    if (this.#statements.needed.anything.get(entry.n, entry.n) !== undefined) return false;
    this.#tables.threads.discount(entry);
    this.#statements.drop.thread.run(entry.n);
    return true;
  }
}

function prepare(db: Database) {
  const rows = (columns: string, key: string, table: string): Statement =>
    db.prepare(`SELECT ${key} AS key, ${columns} FROM ${table} WHERE ${key} > ? ORDER BY ${key} LIMIT ?`);
  return {
    rows: {
      attempts: rows('started_at AS at', 'n', 'attempts'),
      events: rows('at, thread', 'seq', 'events'),
      deliveries: rows('created_at AS at, id, thread, status, target_type, target_id', 'ord', 'deliveries'),
      messages: rows('at, id, thread, turn', 'ord', 'messages'),
      audit: rows('at', 'n', 'audit'),
      conversations: db.prepare(
        'SELECT n AS key, closed_at AS at, id FROM conversations WHERE closed_at < ? ORDER BY closed_at LIMIT ?',
      ),
      threads: db.prepare(
        `SELECT n AS key, updated_at AS at, id FROM threads
         WHERE holder_id IS NULL AND n > ? AND updated_at < ? ORDER BY n LIMIT ?`,
      ),
      replays: db.prepare(
        'SELECT n AS key, updated_at AS at FROM replays WHERE n > ? AND updated_at < ? ORDER BY n LIMIT ?',
      ),
    },
    needed: {
      answered: db.prepare("SELECT state ->> '$.answered' AS answered FROM threads WHERE n = ?"),
      owed: db.prepare(
        `SELECT 1 AS found FROM timeline x JOIN deliveries d ON d.ord = x.ord
         WHERE x.thread = ? AND x.kind = ${KIND.delivery} AND d.status IN ('pending', 'retrying', 'held') LIMIT 1`,
      ),
      anything: db.prepare(
        `SELECT 1 AS found FROM timeline WHERE thread = ?
         UNION ALL SELECT 1 FROM conversations WHERE thread = ? LIMIT 1`,
      ),
    },
    drop: {
      attempt: db.prepare('DELETE FROM attempts WHERE n = ?'),
      attemptsOf: db.prepare('DELETE FROM attempts WHERE delivery = ?'),
      event: db.prepare('DELETE FROM events WHERE seq = ?'),
      delivery: db.prepare('DELETE FROM deliveries WHERE ord = ?'),
      message: db.prepare('DELETE FROM messages WHERE ord = ?'),
      conversation: db.prepare('DELETE FROM conversations WHERE n = ?'),
      thread: db.prepare('DELETE FROM threads WHERE n = ?'),
      audit: db.prepare('DELETE FROM audit WHERE n = ?'),
      replay: db.prepare('DELETE FROM replays WHERE n = ?'),
      place: db.prepare('DELETE FROM timeline WHERE thread = ? AND ord = ?'),
    },
  };
}
