// What the engine loads its lanes and alarms from: pending deliveries of a target, due threads, held threads.
// Not here: the sending. The one thing to know: pages go by commit order and stay true while things are added.

import type { Heard } from '../../engine/channel-port.ts';
import type { LaneItem, ThreadView } from '../../engine/store-port.ts';
import type { Delivery, Id, LaneClass, Message, Target } from '../../routing/model.ts';
import { isOpen, laneItem, OPEN, readDelivery } from '../rows/delivery.ts';
import { bare } from '../rows/message.ts';
import { viewOf } from '../rows/state.ts';
import type { Database, Statement } from './driver.ts';
import { DELIVERY_FIELDS, FROM_DELIVERIES } from './ledger.ts';
import { KIND } from './schema.ts';
import type { Tables } from './tables.ts';

const REPLACED = 'A newer receipt of the same message replaced it.';

export class Lanes {
  readonly #tables: Tables;
  readonly #page: Statement;
  readonly #ofThread: Statement;
  readonly #newerReceipt: Statement;
  readonly #due: Statement;
  readonly #held: Statement;

  constructor(db: Database, tables: Tables) {
    this.#tables = tables;
    this.#page = db.prepare(
      `SELECT ${DELIVERY_FIELDS} ${FROM_DELIVERIES}
       WHERE d.target_type = ? AND d.target_id = ? AND d.lane = ? AND d.ord > ? AND d.${OPEN} ORDER BY d.ord LIMIT ?`,
    );
    this.#ofThread = db.prepare(
      `SELECT ${DELIVERY_FIELDS} FROM timeline x CROSS JOIN deliveries d ON d.ord = x.ord JOIN threads t ON t.n = d.thread
       WHERE x.thread = (SELECT n FROM threads WHERE id = ?) AND x.ord > ? AND x.kind = ${KIND.delivery}
         AND d.target_type = ? AND d.target_id = ? AND d.lane = 'main' AND d.${OPEN} ORDER BY x.ord LIMIT ?`,
    );
    // CROSS: through the thread's timeline and not through everything the target is owed.
    this.#newerReceipt = db.prepare(
      `SELECT 1 AS found FROM timeline x CROSS JOIN deliveries d ON d.ord = x.ord
       WHERE x.thread = (SELECT thread FROM deliveries WHERE ord = ?) AND x.ord > ? AND x.kind = ${KIND.delivery}
         AND d.${OPEN} AND d.lane = 'receipt' AND d.target_id = ? AND d.message_id = ? LIMIT 1`,
    );
    // The number of a thread follows its id; one that is gone counts as before all, so that none is left out.
    this.#due = db.prepare(
      `SELECT id, due_at FROM threads WHERE due_at >= ?1
         AND NOT (due_at = ?1 AND n <= coalesce((SELECT n FROM threads WHERE id = ?2), 0)) ORDER BY due_at, n LIMIT ?3`,
    );
    const later = 'n > coalesce((SELECT n FROM threads WHERE id = ?2), 0)';
    this.#held = db.prepare(
      `SELECT n, id FROM threads WHERE holder_id = ?1 AND waiting = 1 AND ${later}
       UNION SELECT n, id FROM threads WHERE offered_to = ?1 AND ${later} ORDER BY n LIMIT ?3`,
    );
  }

  pendingPage(target: Target, lane: LaneClass, afterOrd: number, limit: number): LaneItem[] {
    if (lane === 'main') return this.#read(target, lane, afterOrd, limit).map((delivery) => this.#item(delivery));
    return this.#tables.write(() => this.#receipts(target, afterOrd, limit)).map((delivery) => this.#item(delivery));
  }

  pendingOf({ type, id }: Target, threadIds: readonly Id[], afterOrd: number, limit: number): LaneItem[] {
    const found: LaneItem[] = [];
    for (const threadId of threadIds) {
      const rows = this.#ofThread.all(threadId, afterOrd, type, id, limit - found.length);
      found.push(...rows.map((row) => this.#item(readDelivery(row))));
    }
    return found;
  }

  targetsWithPending(): Target[] {
    const targets = new Map<string, Target>();
    for (const { target, status } of this.#tables.ledger.sums()) {
      if (isOpen(status)) targets.set(`${target.type} ${target.id}`, target);
    }
    return [...targets.values()];
  }

  dueThreads(after: { dueAt: number; id: Id } | null, limit: number): { id: Id; dueAt: number }[] {
    const rows = this.#due.all(after?.dueAt ?? 0, after?.id ?? '', limit);
    return rows.map((row) => ({ id: String(row.id), dueAt: Number(row.due_at) }));
  }

  heldThreads(integrationId: Id, after: Id | null, limit: number): Id[] {
    return this.#held.all(integrationId, after ?? '', limit).map((row) => String(row.id));
  }

  /** From memory where the customer spoke lately, so that an attempt does not make the tables settle. */
  heard(threadId: Id): Heard | null {
    const { threads, messages, read } = this.#tables;
    const n = threads.byId(threadId)?.n;
    return n === undefined ? null : (messages.heardLately(n) ?? read(() => messages.heard(n)));
  }

  transcript(threadId: Id, uptoSeq: number, limit: number): { messages: Message[]; total: number } {
    const n = this.#tables.threads.byId(threadId)?.n;
    return n === undefined ? { messages: [], total: 0 } : this.#tables.messages.transcript(n, uptoSeq, limit);
  }

  /** Receipts of which no newer one of the same message waits; those that a newer one replaces are cancelled. */
  #receipts(target: Target, afterOrd: number, limit: number): Delivery[] {
    this.#tables.journal.place();
    const kept: Delivery[] = [];
    let after = afterOrd;
    while (kept.length < limit) {
      const page = this.#read(target, 'receipt', after, limit);
      for (const delivery of page) {
        if (kept.length === limit) return kept;
        after = delivery.ord;
        if (this.#isReplaced(delivery)) {
          this.#tables.ledger.change({ id: delivery.id, status: 'cancelled', reason: REPLACED });
        } else kept.push(delivery);
      }
      if (page.length < limit) break;
    }
    return kept;
  }

  #isReplaced({ ord, messageId, target }: Delivery): boolean {
    return messageId !== null && this.#newerReceipt.get(ord, ord, target.id, messageId) !== undefined;
  }

  #read(target: Target, lane: LaneClass, afterOrd: number, limit: number): Delivery[] {
    return this.#page.all(target.type, target.id, lane, afterOrd, limit).map(readDelivery);
  }

  #item(delivery: Delivery): LaneItem {
    const entry = this.#tables.threads.byId(delivery.threadId);
    const find = (id: Id): Message | null => {
      const row = this.#tables.messages.byId(id);
      return row ? bare(row) : null;
    };
    const view: ThreadView | null = entry ? viewOf(entry.state) : null;
    return laneItem(delivery, find, view);
  }
}
