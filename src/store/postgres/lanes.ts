// What the engine loads its lanes and alarms from: pending deliveries of a target, due threads, held threads; of threads
// that are ours.
// Not here: the sending. The one thing to know: these are asked in the order of commits (writer.ts), so that memory is
// what the database was when the page was read.
import type { LaneItem } from '../../engine/store-port.ts';
import type { Delivery, Id, LaneClass, Target } from '../../routing/model.ts';
import { isOpen, readDelivery } from '../rows/delivery.ts';
import type { Row } from '../rows/row.ts';
import { Book } from './book.ts';
import { DELIVERY_FIELDS } from './fields.ts';
import { flush } from './flush.ts';
import { itemsOf } from './items.ts';
import type { Ask } from './reader.ts';
import { sums } from './sums.ts';
import type { Writer } from './writer.ts';

const REPLACED = 'A newer receipt of the same message replaced it.';
const OPEN = "d.status IN ('pending', 'retrying')";
const PAGE = `SELECT ${DELIVERY_FIELDS}, d.lane = 'receipt' AND EXISTS (
    SELECT 1 FROM deliveries x WHERE x.thread_id = d.thread_id AND x.ord > d.ord AND x.lane = 'receipt'
      AND x.target_id = d.target_id AND x.message_id = d.message_id AND x.status IN ('pending', 'retrying')) AS replaced
  FROM deliveries d WHERE d.target_type = $1 AND d.target_id = $2 AND d.lane = $3 AND d.ord > $4 AND ${OPEN}
    AND coalesce((SELECT t.owner FROM threads t WHERE t.id = d.thread_id), 0) = ANY($6)
  ORDER BY d.ord LIMIT $5`;

const OF_THREADS = `SELECT ${DELIVERY_FIELDS} FROM deliveries d
  WHERE d.thread_id = ANY($1) AND d.ord > $2 AND ${OPEN} AND d.target_type = $3 AND d.target_id = $4 AND d.lane = 'main'
    AND (SELECT t.owner FROM threads t WHERE t.id = d.thread_id) = ANY($6)
  ORDER BY d.ord LIMIT $5`;

/** All targets that are owed something. */
export async function owedTargets(ask: Ask): Promise<Target[]> {
  const targets = new Map<string, Target>();
  for (const { target, status } of await sums(ask)) {
    if (isOpen(status)) targets.set(`${target.type} ${target.id}`, target);
  }
  return [...targets.values()];
}

export class Lanes {
  readonly #writer: Writer;
  readonly #now: () => number;

  constructor(writer: Writer, now: () => number) {
    this.#writer = writer;
    this.#now = now;
  }

  pendingPage(target: Target, lane: LaneClass, afterOrd: number, limit: number): Promise<LaneItem[]> {
    if (lane === 'receipt') return this.#receipts(target, afterOrd, limit);
    return this.#ordered(async (ask) => {
      const rows = await ask(PAGE, [target.type, target.id, lane, afterOrd, limit, [...this.#writer.mine]]);
      return itemsOf(ask, rows.map(readDelivery));
    });
  }

  pendingOf({ type, id }: Target, threadIds: readonly Id[], afterOrd: number, limit: number): Promise<LaneItem[]> {
    return this.#ordered(async (ask) => {
      const rows = await ask(OF_THREADS, [[...threadIds], afterOrd, type, id, limit, [...this.#writer.mine]]);
      return itemsOf(ask, rows.map(readDelivery));
    });
  }

  targetsWithPending(): Promise<Target[]> {
    return this.#ordered(owedTargets);
  }

  dueThreads(after: { dueAt: number; id: Id } | null, limit: number): Promise<{ id: Id; dueAt: number }[]> {
    const sql = `SELECT t.id, w.due_at FROM waits w JOIN threads t ON t.id = w.thread_id
      WHERE (w.due_at, w.thread_id) > ($1, $2) AND t.owner = ANY($4) ORDER BY w.due_at, w.thread_id LIMIT $3`;
    return this.#ordered(async (ask) => {
      const rows = await ask(sql, [after?.dueAt ?? 0, after?.id ?? '', limit, [...this.#writer.mine]]);
      return rows.map((row) => ({ id: String(row.id), dueAt: Number(row.due_at) }));
    });
  }

  heldThreads(integrationId: Id, after: Id | null, limit: number): Promise<Id[]> {
    const sql = `SELECT thread_id AS id FROM waits WHERE holder_id = $1 AND waiting AND thread_id > $2
      UNION SELECT id FROM threads WHERE offered_to = $1 AND id > $2 ORDER BY id LIMIT $3`;
    return this.#ordered(async (ask) =>
      (await ask(sql, [integrationId, after ?? '', limit])).map((row) => String(row.id)),
    );
  }

  laneItem(id: Id): Promise<LaneItem | null> {
    return this.#ordered(async (ask) => {
      const rows = await ask(`SELECT ${DELIVERY_FIELDS} FROM deliveries d WHERE d.id = $1`, [id]);
      return (await itemsOf(ask, rows.map(readDelivery)))[0] ?? null;
    });
  }

  #ordered<T>(read: (ask: Ask) => Promise<T>): Promise<T> {
    return this.#writer.read((link) => read(async (sql, values) => (await link.query(sql, values)).rows));
  }

  /** Receipts of which no newer one of the same message waits; those that a newer one replaces are cancelled. */
  #receipts(target: Target, afterOrd: number, limit: number): Promise<LaneItem[]> {
    return this.#writer.write(async (tx) => {
      const book = new Book();
      const ask: Ask = async (sql, values) => (await tx.query(sql, values)).rows;
      const kept: Delivery[] = [];
      let after = afterOrd;
      for (let page: Row[] | undefined; kept.length < limit && (page === undefined || page.length === limit); ) {
        page = await ask(PAGE, [target.type, target.id, 'receipt', after, limit, [...this.#writer.mine]]);
        for (const row of page) {
          if (kept.length === limit) break;
          const delivery = readDelivery(row);
          after = delivery.ord;
          if (row.replaced !== true) kept.push(delivery);
          else book.changeDelivery(delivery, { id: delivery.id, status: 'cancelled', reason: REPLACED });
        }
      }
      const items = await itemsOf(ask, kept);
      void flush(tx, book, this.#now());
      return () => items;
    });
  }
}
