// Removing what is past its age, a little at each call, so that nobody waits long for it.
// Not here: erasing one customer (erase.ts). The one thing to know: a thread keeps all its words while anything of it
// is still to be delivered, and the words that nobody has answered; threads with an open conversation stay.
import type { StoredStatus, TargetType } from '../../routing/model.ts';
import type { Database, Row, Statement } from './driver.ts';
import type { Idempotency } from './idempotency.ts';
import { isOpen } from './ledger.ts';
import { KIND } from './schema.ts';
import type { Tables } from './tables.ts';

const DAY_MS = 24 * 3_600_000;
export type RetainDays = { messages: number; attempts: number; dedupe: number };

/** One table in the order of its key: what is old enough and not needed goes; what is needed is passed over. */
type Sweep = {
  rows: Statement;
  /** ms since 1970: younger rows stay */
  cutoff: number;
  /** rows are in the order of their age as well, so that the first young one ends the sweep */
  byAge: boolean;
  remove: (row: Row) => void;
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

  /** Goes through at most `limit` rows; returns how many, 0 once at the end of a round through everything. */
  retain(now: number, days: RetainDays, limit: number): number {
    return this.#tables.write(() => {
      let left = limit;
      left -= this.#tables.dedupe.dropBefore(now - days.dedupe * DAY_MS, left);
      if (left > 0) left -= this.#idempotency.dropOld(now, left);
      const sweeps = this.#sweeps(now - days.messages * DAY_MS, now - days.attempts * DAY_MS);
      sweeps.forEach((sweep, index) => {
        if (left > 0) left -= this.#run(sweep, index, left);
      });
      const seen = limit - left;
      if (seen === 0) this.#from = [];
      else this.#tables.journal.keepLast();
      return seen;
    });
  }

  #run({ rows, cutoff, byAge, remove }: Sweep, index: number, limit: number): number {
    let seen = 0;
    for (const row of rows.all(this.#from[index] ?? 0, limit)) {
      const isOld = Number(row.at) < cutoff;
      if (!isOld && byAge) break;
      if (isOld) remove(row);
      this.#from[index] = Number(row.key);
      seen++;
    }
    return seen;
  }

  /** Deliveries go before the messages they carry, and both before their thread. */
  #sweeps(words: number, attempts: number): Sweep[] {
    const { rows, drop } = this.#statements;
    const by = (statement: Statement) => (row: Row) => void statement.run(Number(row.key));
    const owing = new Map<number, boolean>();
    const old = { cutoff: words, byAge: true };
    const mixed = { cutoff: words, byAge: false };
    return [
      { rows: rows.attempts, cutoff: attempts, byAge: true, remove: by(drop.attempt) },
      { ...old, rows: rows.events, remove: (row) => this.#dropEvent(row) },
      { ...old, rows: rows.deliveries, remove: (row) => this.#dropDelivery(row) },
      { ...old, rows: rows.messages, remove: (row) => this.#dropMessage(row, owing) },
      { ...old, rows: rows.audit, remove: by(drop.audit) },
      { ...mixed, rows: rows.conversations, remove: (row) => this.#dropConversation(row) },
      { ...mixed, rows: rows.threads, remove: (row) => this.#dropThread(row) },
      { ...mixed, rows: rows.replays, remove: by(drop.replay) },
    ];
  }

  #unplace(row: Row): void {
    if (row.thread !== null) this.#statements.drop.place.run(row.thread as number, Number(row.key));
  }

  #dropEvent(row: Row): void {
    this.#unplace(row);
    this.#statements.drop.event.run(Number(row.key));
  }

  #dropDelivery(row: Row): void {
    const status = row.status as StoredStatus;
    if (isOpen(status) || status === 'held') return;
    const target = { type: row.target_type as TargetType, id: String(row.target_id) };
    this.#tables.ledger.count({ target, status }, -1);
    this.#tables.ledger.forget(String(row.id));
    this.#unplace(row);
    this.#statements.drop.attemptsOf.run(Number(row.key));
    this.#statements.drop.delivery.run(Number(row.key));
  }

  /** `owing` remembers for this step which threads still have something to be delivered. */
  #dropMessage(row: Row, owing: Map<number, boolean>): void {
    const { answered, owed } = this.#statements.needed;
    const thread = Number(row.thread);
    const answeredTo = Number(answered.get(thread)?.answered ?? 0);
    if (row.turn !== null && Number(row.turn) > answeredTo) return;
    const owes = owing.get(thread) ?? owed.get(thread) !== undefined;
    owing.set(thread, owes);
    if (owes) return;
    this.#unplace(row);
    this.#statements.drop.message.run(Number(row.key));
    this.#tables.messages.forget(String(row.id));
  }

  #dropConversation(row: Row): void {
    this.#tables.conversations.forget(String(row.id));
    this.#statements.drop.conversation.run(Number(row.key));
  }

  #dropThread(row: Row): void {
    const entry = this.#tables.threads.byId(String(row.id));
    if (entry === undefined || entry.state.holder.type !== 'none' || entry.state.bots.length > 0) return;
    if (this.#statements.needed.anything.get(entry.n, entry.n) !== undefined) return;
    this.#tables.threads.discount(entry);
    this.#statements.drop.thread.run(entry.n);
  }
}

function prepare(db: Database) {
  const rows = (columns: string, key: string, table: string, also = ''): Statement =>
    db.prepare(`SELECT ${key} AS key, ${columns} FROM ${table} WHERE ${key} > ? ${also} ORDER BY ${key} LIMIT ?`);
  return {
    rows: {
      attempts: rows('started_at AS at', 'n', 'attempts'),
      events: rows('at, thread', 'seq', 'events'),
      deliveries: rows('created_at AS at, id, thread, status, target_type, target_id', 'ord', 'deliveries'),
      messages: rows('at, id, thread, turn', 'ord', 'messages'),
      conversations: rows('closed_at AS at, id', 'n', 'conversations', "AND status = 'closed'"),
      threads: rows('updated_at AS at, id', 'n', 'threads'),
      audit: rows('at', 'n', 'audit'),
      replays: rows('updated_at AS at', 'n', 'replays'),
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
