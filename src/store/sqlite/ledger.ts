// The table `deliveries`, the ledger of what is owed to whom, and `attempts`, the tries.
// Not here: pages for lanes (lanes.ts) and lists (read-deliveries.ts). The one thing to know: every change of a status
// goes through this file, because the sums per target and status are kept here.
import type { MessageRow } from '../../engine/store-port.ts';
import type { Attempt, Delivery, DeliveryChange, NewDelivery, StoredStatus, Target } from '../../routing/model.ts';
import { changed, isOpen, newDelivery, OPEN, readDelivery } from '../rows/delivery.ts';
import type { Sent } from '../rows/reached.ts';
import { Appender } from './appender.ts';
import { Cache } from './cache.ts';
import { type Counters, counterKey } from './counters.ts';
import type { Database, Statement } from './driver.ts';
import type { Journal } from './journal.ts';
import { KIND } from './schema.ts';

/** Deliveries under way: each is asked for again with the result of its attempt. */
const CACHED_DELIVERIES = 20_000;

/** Rows of deliveries with `thread_id`, as `readDelivery` wants them. */
export const DELIVERY_FIELDS = `d.ord, d.id, coalesce(t.id, d.scope) AS thread_id, d.target_type, d.target_id, d.lane,
  d.kind, d.conversation_id, d.message_id, d.turn, d.merged, d.data, d.status, d.attempts, d.generation, d.series_at,
  d.not_before, d.replay, d.reason, d.created_at`;
export const FROM_DELIVERIES = 'FROM deliveries d LEFT JOIN threads t ON t.n = d.thread';

export class Ledger {
  readonly #counters: Counters;
  readonly #journal: Journal;
  readonly #cache = new Cache<Delivery>(CACHED_DELIVERIES);
  readonly #byId: Statement;
  readonly #rows: Appender;
  /** ids of the rows that wait in #rows */
  readonly #unwritten = new Set<string>();
  readonly #update: Statement;
  readonly #join: Statement;
  readonly #openOfConversation: Statement;
  readonly #attempts: Appender;
  readonly #attemptsOf: Statement;
  readonly #sentOf: Statement;
  readonly #heldOf: Statement;

  constructor(db: Database, counters: Counters, journal: Journal) {
    this.#counters = counters;
    this.#journal = journal;
    this.#byId = db.prepare(`SELECT ${DELIVERY_FIELDS} ${FROM_DELIVERIES} WHERE d.id = ?`);
    this.#rows = new Appender(
      db,
      `INSERT INTO deliveries (ord, id, thread, scope, target_type, target_id, lane, kind, conversation_id, message_id,
         turn, merged, data, not_before, replay, created_at)`,
      16,
    );
    this.#update = db.prepare(
      `UPDATE deliveries SET status = ?, attempts = ?, generation = ?, series_at = ?, not_before = ?, reason = ?
       WHERE ord = ?`,
    );
    this.#join = db.prepare('UPDATE deliveries SET merged = ?, turn = ? WHERE ord = ?');
    this.#openOfConversation = db.prepare(
      `SELECT ${DELIVERY_FIELDS} FROM timeline x JOIN deliveries d ON d.ord = x.ord LEFT JOIN threads t ON t.n = d.thread
       WHERE x.thread = ? AND x.ord >= ? AND x.kind = ${KIND.delivery} AND d.${OPEN} AND d.conversation_id = ?
         AND d.target_type IN ('bot', 'desk') AND d.lane = 'main' ORDER BY x.ord`,
    );
    this.#attempts = new Appender(db, 'INSERT INTO attempts (delivery, started_at, doc)', 3);
    this.#sentOf = db.prepare(
      `SELECT d.message_id, d.status, d.created_at,
         (SELECT max(started_at) FROM attempts a WHERE a.delivery = d.ord) AS tried_at
       FROM timeline x JOIN deliveries d ON d.ord = x.ord
       WHERE x.thread = ? AND x.ord > (SELECT ord FROM messages WHERE id = ?) AND x.kind = ${KIND.delivery}
         AND d.target_type = 'asset' AND d.message_id IN (SELECT value FROM json_each(?))`,
    );
    this.#heldOf = db.prepare(
      `SELECT ${DELIVERY_FIELDS} FROM timeline x JOIN deliveries d ON d.ord = x.ord LEFT JOIN threads t ON t.n = d.thread
       WHERE x.thread = ? AND x.ord > (SELECT ord FROM messages WHERE id = ?) AND x.kind = ${KIND.delivery}
         AND d.status = 'held' AND d.target_type = 'asset' AND d.message_id = ?`,
    );
    this.#attemptsOf = db.prepare('SELECT doc FROM attempts WHERE delivery = ? ORDER BY n');
  }

  byId(id: string): Delivery | undefined {
    const cached = this.#cache.get(id);
    if (cached !== undefined) return cached;
    this.#writeOut(id);
    const row = this.#byId.get(id);
    return row && readDelivery(row);
  }

  /** Writes a new delivery at the tail of its lane. `thread`: the number of its thread, null for a service's. */
  add(thread: number | null, draft: NewDelivery, now: number): Delivery {
    const delivery = newDelivery(draft, this.#journal.next(), now);
    this.#rows.add(
      delivery.ord,
      draft.id,
      thread,
      thread === null ? draft.threadId : null,
      draft.target.type,
      draft.target.id,
      draft.lane,
      draft.kind,
      draft.conversationId,
      draft.messageId,
      draft.turn,
      draft.merged.length > 0 ? JSON.stringify(draft.merged) : null,
      draft.data && JSON.stringify(draft.data),
      draft.notBefore,
      draft.replay ? 1 : 0,
      now,
    );
    this.#unwritten.add(draft.id);
    this.count(delivery, 1);
    this.#cache.set(delivery.id, delivery);
    return delivery;
  }

  /** Changes a delivery; undefined when there is none of that id. */
  change(change: DeliveryChange): Delivery | undefined {
    const before = this.byId(change.id);
    if (before === undefined) return undefined;
    const { id, join } = change;
    this.#writeOut(id);
    const after = changed(before, change);
    const { status, attempts, generation, seriesAt, notBefore, reason, ord } = after;
    this.#update.run(status, attempts, generation, seriesAt, notBefore, reason, ord);
    if (join) {
      after.merged = [...before.merged, join.messageId];
      after.turn = Math.max(before.turn ?? 0, join.turn);
      this.#join.run(JSON.stringify(after.merged), after.turn, after.ord);
    }
    if (after.status !== before.status) {
      this.count(before, -1);
      this.count(after, 1);
    }
    if (isOpen(after.status)) this.#cache.set(id, after);
    else this.#cache.delete(id);
    return after;
  }

  /** What its bot or desk is still owed in a conversation, in order; what was said in it to the customer is not that. `from`: the journal at its opening. */
  openOfConversation(thread: number, from: number, conversationId: string): Delivery[] {
    this.#journal.place();
    return this.#openOfConversation.all(thread, from, conversationId).map(readDelivery);
  }

  /** The deliveries of these messages of a thread to its channel. */
  sentOf(thread: number, messages: readonly MessageRow[]): Sent[] {
    const first = messages[0];
    if (first === undefined) return [];
    this.#journal.place();
    this.flush();
    const ids = JSON.stringify(messages.map(({ id }) => id));
    return this.#sentOf.all(thread, first.id, ids).map((row) => ({
      messageId: String(row.message_id),
      status: row.status as StoredStatus,
      at: Number(row.tried_at ?? row.created_at),
    }));
  }

  /**
   * The send of a message to its asset's channel, while nobody knows what came of it. Looked for in its thread: after a
   * provider's bad minute thousands of others may be held.
   */
  heldOf(assetId: string, thread: number, messageId: string): Delivery | null {
    if (this.#counters.get(counterKey('delivery', 'asset', 'held', assetId)) <= 0) return null;
    this.#journal.place();
    this.flush();
    const row = this.#heldOf.get(thread, messageId, messageId);
    return row ? readDelivery(row) : null;
  }

  /** Keeps a try; one of a delivery that is gone is dropped. */
  addAttempt(attempt: Attempt): void {
    const { deliveryId, threadId: _, ...doc } = attempt;
    const delivery = this.byId(deliveryId);
    if (delivery) this.#attempts.add(delivery.ord, attempt.startedAt, JSON.stringify(doc));
  }

  /** The tries of a delivery, first to last. */
  attemptsOf({ ord, id, threadId }: Delivery): Attempt[] {
    return this.#attemptsOf.all(ord).map((row) => ({ ...JSON.parse(String(row.doc)), deliveryId: id, threadId }));
  }

  /** Keeps the sum of its target and status. For whatever inserts, changes or deletes a row. */
  count(delivery: Pick<Delivery, 'target' | 'status'>, by: number): void {
    this.#counters.add(counterKey('delivery', delivery.target.type, delivery.status, delivery.target.id), by);
  }

  /** At the end of a transaction, and before the rows of a thread are read in one. */
  flush(): void {
    this.#rows.flush();
    this.#unwritten.clear();
    this.#attempts.flush();
  }

  /** The kept sums, per target and stored status. */
  sums(): { target: Target; status: StoredStatus; n: number }[] {
    return this.#counters.under('delivery').map(({ parts, n }) => {
      const [type, status, ...id] = parts as [Target['type'], StoredStatus, ...string[]];
      return { target: { type, id: id.join('|') }, status, n };
    });
  }

  forget(id: string): void {
    this.#cache.delete(id);
  }

  clear(): void {
    this.#rows.clear();
    this.#unwritten.clear();
    this.#attempts.clear();
    this.#cache.clear();
  }

  /** Before a single row is read or changed. */
  #writeOut(id: string): void {
    if (this.#unwritten.has(id)) this.flush();
  }
}
