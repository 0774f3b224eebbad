// Lists of deliveries, newest or oldest first, and their counting by filter. Here `parked` is derived: pending or
// retrying while the target is a bot or desk that is not active.
// Not here: pages for lanes (lanes.ts). The one thing to know: each filter is answered through the index that finds
// the fewest rows; where several targets are meant, each is walked by itself and they are merged, because a million parked
// ones must not be sorted; and what has to look at all rows does so in slices, because commits wait behind each.

import type { DeliveryFilter, DeliveryRow, LaneItem, Page, PageAsk } from '../../engine/store-port.ts';
import type { Attempt, Delivery, DeliveryStatus, Id, Message, Target } from '../../routing/model.ts';
import { page, pageLimit, readCursor } from '../rows/cursors.ts';
import { isOpen, laneItem, OPEN, readDelivery } from '../rows/delivery.ts';
import { bare } from '../rows/message.ts';
import { viewOf } from '../rows/state.ts';
import type { Database, Row, SqlValue, Statement } from './driver.ts';
import { DELIVERY_FIELDS } from './ledger.ts';
import { preparer, Where } from './pages.ts';
import { KIND } from './schema.ts';
import type { Tables } from './tables.ts';

export type ReadDelivery = (delivery: Delivery) => DeliveryRow;
/** `ord`: the column to order by, that of the table whose index is walked. */
type Source = { tables: string; ord: string; where: Where };

/** So many, up to the place where it is to go on; null: that was all. */
export type Counted = { n: number; next: number | null };

const NEWEST = Number.MAX_SAFE_INTEGER;
const FROM_ALL = { tables: 'deliveries d', ord: 'd.ord' };
const FROM_THREAD = { tables: 'timeline x JOIN deliveries d ON d.ord = x.ord', ord: 'x.ord' };
const LANES = ['main', 'receipt'] as const;
/** A clock that was set back may have left rows out of order by this much. */
const CLOCK_SLACK_MS = 3_600_000;
/** Counted at once: some milliseconds. */
const SLICE = 100_000;

const isSettled = (status: DeliveryStatus | undefined): boolean =>
  status === 'dead' || status === 'held' || status === 'cancelled';

export class DeliveryReads {
  readonly #tables: Tables;
  readonly #prepare: (sql: string) => Statement;

  constructor(db: Database, tables: Tables) {
    this.#tables = tables;
    this.#prepare = preparer(db);
  }

  /** A delivery as it is shown. */
  shown: ReadDelivery = (delivery) => {
    const parked = isOpen(delivery.status) && !this.#tables.health.isActive(delivery.target);
    return parked ? { ...delivery, status: 'parked' } : delivery;
  };

  list(ask: PageAsk & DeliveryFilter & { oldestFirst?: boolean }): Page<DeliveryRow> {
    const limit = pageLimit(ask);
    const [order, sign] = ask.oldestFirst ? ['ASC', 1] : ['DESC', -1];
    const edge = readCursor(ask.after, ask.oldestFirst ? 0 : NEWEST);
    const [first, last] = this.#between(ask);
    const [from, to] = ask.oldestFirst ? [Math.max(first, edge + 1), last] : [first, Math.min(last, edge - 1)];
    const rows = this.#sources(ask, from, to)
      .flatMap(({ tables, ord, where }) => {
        const all = `${tables} LEFT JOIN threads t ON t.n = d.thread`;
        const sql = `SELECT ${DELIVERY_FIELDS} FROM ${all} ${where.sql} ORDER BY ${ord} ${order} LIMIT ?`;
        return this.#prepare(sql).all(...where.values, limit + 1);
      })
      .sort((a, b) => sign * (Number(a.ord) - Number(b.ord)));
    return page(
      rows,
      limit,
      (row: Row) => Number(row.ord),
      (row) => this.shown(readDelivery(row)),
    );
  }

  /** From a place on, as far as is soon counted. */
  count(filter: DeliveryFilter, after = 0): Counted {
    const { threadId, conversationId, messageId, since, until } = filter;
    const ofThread = (threadId ?? conversationId ?? messageId) !== undefined;
    if (!ofThread && (since ?? until) === undefined) return { n: this.#sum(filter), next: null };
    const [first, last] = this.#between(filter);
    const from = Math.max(first, after);
    const to = ofThread ? last : Math.min(last, from + SLICE - 1);
    const n = this.#sources(filter, from, to)
      .map(({ tables, where }) =>
        this.#prepare(`SELECT count(*) AS n FROM ${tables} ${where.sql}`).get(...where.values),
      )
      .reduce((sum, row) => sum + Number(row?.n ?? 0), 0);
    return { n, next: to < Math.min(last, this.#tables.journal.last) ? to + 1 : null };
  }

  delivery(id: Id): { delivery: DeliveryRow; attempts: Attempt[]; message: Message | null } | null {
    const delivery = this.#tables.ledger.byId(id);
    if (delivery === undefined) return null;
    const row = delivery.messageId === null ? undefined : this.#tables.messages.byId(delivery.messageId);
    const attempts = this.#tables.ledger.attemptsOf(delivery);
    return { delivery: this.shown(delivery), attempts, message: row ? bare(row) : null };
  }

  /** A delivery as a lane would hold it. */
  laneItem(id: Id): LaneItem | null {
    const { ledger, messages, threads } = this.#tables;
    const delivery = ledger.byId(id);
    if (delivery === undefined) return null;
    const find = (each: Id): Message | null => {
      const row = messages.byId(each);
      return row ? bare(row) : null;
    };
    const thread = threads.byId(delivery.threadId);
    return laneItem(delivery, find, thread ? viewOf(thread.state) : null);
  }

  /** Disjoint sets of rows that together are what the filter asks for, between two places. One bound each: an index has but one. */
  #sources(filter: DeliveryFilter, from: number, to: number): Source[] {
    return this.#found(filter).map((source) => {
      source.where.and(`${source.ord} >= ? AND ${source.ord} <= ?`, from, to);
      return source;
    });
  }

  #found(filter: DeliveryFilter): Source[] {
    const thread = this.#threadOf(filter);
    if (thread !== undefined) {
      const where = new Where().and(`x.thread = ? AND x.kind = ${KIND.delivery}`, thread.n);
      return [{ ...FROM_THREAD, where: this.#common(this.#status(where, filter), filter) }];
    }
    const named = filter.targetId ?? filter.targetType;
    if (named !== undefined && this.#targets(filter).length === 0) return [];
    if (filter.status === 'pending' || filter.status === 'retrying' || filter.status === 'parked') {
      return this.#targets(filter).flatMap((target) =>
        LANES.map((lane) => {
          const where = new Where().and('d.target_type = ? AND d.target_id = ?', target.type, target.id);
          where.and(`d.lane = ? AND d.${OPEN}`, lane);
          if (filter.status !== 'parked') where.and('d.status = ?', filter.status as SqlValue);
          return { ...FROM_ALL, where: this.#common(where, filter) };
        }),
      );
    }
    if (filter.targetType !== undefined && filter.targetId === undefined && !isSettled(filter.status)) {
      return this.#targets(filter).map(({ id: targetId }) => {
        const where = this.#status(new Where(), filter);
        return { ...FROM_ALL, where: this.#common(where, { ...filter, targetId }) };
      });
    }
    return [{ ...FROM_ALL, where: this.#common(this.#status(new Where(), filter), filter) }];
  }

  /** A thread's number, and the ord before which nothing fits, when the filter names a thread in one way or another. */
  #threadOf(filter: DeliveryFilter): { n: number; from: number } | undefined {
    const { threads, messages, conversations } = this.#tables;
    const nothing = { n: 0, from: 0 };
    if (filter.messageId !== undefined) {
      const place = messages.placeOf(filter.messageId);
      return place ? { n: place.thread, from: place.ord } : nothing;
    }
    if (filter.conversationId !== undefined) {
      const stretch = conversations.stretchOf(filter.conversationId);
      return stretch ? { n: stretch.thread, from: stretch.from } : nothing;
    }
    if (filter.threadId === undefined) return undefined;
    return { n: threads.byId(filter.threadId)?.n ?? 0, from: 0 };
  }

  #status(where: Where, { status }: DeliveryFilter): Where {
    if (status === undefined) return where;
    if (isSettled(status)) {
      return where.and("d.status IN ('dead', 'held', 'cancelled') AND d.status = ?", status ?? null);
    }
    if (status === 'delivered') return where.and('d.status = ?', status);
    const active = JSON.stringify(this.#tables.health.activeIds());
    const reachable = "(d.target_type IN ('asset', 'url') OR d.target_id IN (SELECT value FROM json_each(?)))";
    if (status === 'parked') return where.and(`d.${OPEN} AND NOT ${reachable}`, active);
    return where.and(`d.status = ? AND ${reachable}`, status, active);
  }

  #common(where: Where, filter: DeliveryFilter): Where {
    // Of the settled there are few: their own index, and not the target's, which `+` takes out of the choice.
    where
      .equals(isSettled(filter.status) ? '+d.target_id' : 'd.target_id', filter.targetId)
      .equals('d.target_type', filter.targetType);
    where.equals('d.conversation_id', filter.conversationId).equals('d.message_id', filter.messageId);
    if (filter.since !== undefined) where.and('d.created_at >= ?', filter.since);
    if (filter.until !== undefined) where.and('d.created_at <= ?', filter.until);
    return where;
  }

  /** Between which places lies what the filter asks for, as far as its times tell, and what it names in a thread. */
  #between(filter: DeliveryFilter): [number, number] {
    const { since, until } = filter;
    const first = since === undefined ? 0 : this.#ordAt(since - CLOCK_SLACK_MS);
    const last = until === undefined ? NEWEST : this.#ordAt(until + CLOCK_SLACK_MS);
    return [Math.max(first, this.#threadOf(filter)?.from ?? 0), last];
  }

  /** The kept sums that a filter by status and target asks for: per target and stored status. */
  #sums({ status, targetId, targetType }: DeliveryFilter): { target: Target; n: number }[] {
    return this.#tables.ledger.sums().filter(({ target, status: stored }) => {
      if (targetId !== undefined && target.id !== targetId) return false;
      if (targetType !== undefined && target.type !== targetType) return false;
      if (status === undefined || !isOpen(stored)) return status === undefined || stored === status;
      return this.#tables.health.isActive(target) ? stored === status : status === 'parked';
    });
  }

  #sum(filter: DeliveryFilter): number {
    return this.#sums(filter).reduce((sum, { n }) => sum + n, 0);
  }

  /** Who has any delivery that fits. */
  #targets(filter: DeliveryFilter): Target[] {
    const targets = this.#sums(filter).map(({ target }) => [`${target.type} ${target.id}`, target] as const);
    return [...new Map(targets).values()];
  }

  /** About the first delivery made at or after an instant: rows are appended in time, so halving finds it. */
  #ordAt(at: number): number {
    const next = this.#prepare('SELECT ord, created_at FROM deliveries WHERE ord >= ? ORDER BY ord LIMIT 1');
    let low = 0;
    let high = this.#tables.journal.last + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const row = next.get(middle);
      if (row === undefined || Number(row.created_at) >= at) high = middle;
      else low = Number(row.ord) + 1;
    }
    return low;
  }
}
