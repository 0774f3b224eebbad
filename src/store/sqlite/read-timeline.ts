// A thread's timeline: messages, events and deliveries with their tries, merged in commit order; and who held it when.
// Not here: other lists. The one thing to know: the table `timeline` is that order already; the rows it points to are
// fetched by their number.

import type { FeedEvent, MessageRow, Page, PageAsk, TimelineItem } from '../../engine/store-port.ts';
import type { Delivery, Id } from '../../routing/model.ts';
import { page, pageLimit, readCursor } from '../rows/cursors.ts';
import { readDelivery } from '../rows/delivery.ts';
import { readEvent } from '../rows/event.ts';
import { readMessage } from '../rows/message.ts';
import type { Database, Row, Statement } from './driver.ts';
import { DELIVERY_FIELDS, FROM_DELIVERIES } from './ledger.ts';
import { MESSAGE_FIELDS } from './messages.ts';
import type { ReadDelivery } from './read-deliveries.ts';
import { KIND } from './schema.ts';
import type { Tables } from './tables.ts';

/** As many digits as a safe integer has, so that orders sort as texts. */
const ORDER_DIGITS = 16;
/** Changes of the holder are looked for among so many of a thread's newest entries. */
const ENTRIES_BACK = 5_000;
const NEWEST = Number.MAX_SAFE_INTEGER;

export class TimelineReads {
  readonly #tables: Tables;
  readonly #shown: ReadDelivery;
  readonly #places: Statement;
  readonly #newestPlaces: Statement;
  readonly #holders: Statement;
  readonly #message: Statement;
  readonly #event: Statement;
  readonly #delivery: Statement;

  constructor(db: Database, tables: Tables, shown: ReadDelivery) {
    this.#tables = tables;
    this.#shown = shown;
    this.#places = db.prepare('SELECT ord, kind FROM timeline WHERE thread = ? AND ord > ? ORDER BY ord LIMIT ?');
    this.#newestPlaces = db.prepare(
      'SELECT ord, kind FROM timeline WHERE thread = ? AND ord < ? ORDER BY ord DESC LIMIT ?',
    );
    this.#holders = db.prepare(
      `SELECT e.seq, e.at, e.type, e.data, t.id AS thread_id
       FROM (SELECT ord, kind, thread FROM timeline WHERE thread = ? ORDER BY ord DESC LIMIT ?) back
       CROSS JOIN events e ON e.seq = back.ord JOIN threads t ON t.n = back.thread
       WHERE back.kind = ${KIND.event} AND (e.type = 'holder.changed' OR (e.type = 'conversation.updated'
         AND json_extract(e.data, '$.status') IN ('queued', 'accepted'))) ORDER BY back.ord DESC LIMIT ?`,
    );
    this.#message = db.prepare(
      `SELECT ${MESSAGE_FIELDS} FROM messages m JOIN threads t ON t.n = m.thread WHERE m.ord = ?`,
    );
    this.#event = db.prepare(
      `SELECT e.seq, e.at, e.type, e.data, t.id AS thread_id FROM events e LEFT JOIN threads t ON t.n = e.thread
       WHERE e.seq = ?`,
    );
    this.#delivery = db.prepare(`SELECT ${DELIVERY_FIELDS} ${FROM_DELIVERIES} WHERE d.ord = ?`);
  }

  timeline(threadId: Id, ask: PageAsk & { newestFirst?: boolean }): Page<TimelineItem> {
    const thread = this.#tables.threads.byId(threadId)?.n;
    if (thread === undefined) return { data: [], nextCursor: null };
    const limit = pageLimit(ask);
    const places = ask.newestFirst
      ? this.#newestPlaces.all(thread, readCursor(ask.after, NEWEST), limit + 1)
      : this.#places.all(thread, readCursor(ask.after, 0), limit + 1);
    const found = page(
      places,
      limit,
      (row) => Number(row.ord),
      (row) => this.#item(row),
    );
    return { data: found.data.filter((item) => item !== undefined), nextCursor: found.nextCursor };
  }

  holderChanges(threadId: Id, limit: number): FeedEvent[] {
    const thread = this.#tables.threads.byId(threadId)?.n ?? 0;
    return this.#holders.all(thread, ENTRIES_BACK, limit).map(readEvent).reverse();
  }

  #item(place: Row): TimelineItem | undefined {
    const ord = Number(place.ord);
    const order = String(ord).padStart(ORDER_DIGITS, '0');
    switch (place.kind) {
      case KIND.message: {
        const row = this.#message.get(ord);
        if (row === undefined) return undefined;
        const message: MessageRow = readMessage(row);
        return { at: message.at, order, type: 'message', message };
      }
      case KIND.delivery: {
        const row = this.#delivery.get(ord);
        if (row === undefined) return undefined;
        const delivery: Delivery = readDelivery(row);
        const attempts = this.#tables.ledger.attemptsOf(delivery);
        return { at: delivery.createdAt, order, type: 'delivery', delivery: this.#shown(delivery), attempts };
      }
      default: {
        const row = this.#event.get(ord);
        if (row === undefined) return undefined;
        const event = readEvent(row);
        return { at: event.at, order, type: 'event', event };
      }
    }
  }
}
