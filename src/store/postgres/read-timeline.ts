// A thread's timeline: messages, events and deliveries with their tries, merged in commit order; who held it when; and
// the feed of events. Not here: other lists.
// The one thing to know: which rows stand on a page is asked in one statement, so that a commit in between cannot leave
// a gap; the rows are fetched by their places then.
import type { FeedEvent, Happened, Page, PageAsk, TimelineItem } from '../../engine/store-port.ts';
import type { Id } from '../../routing/model.ts';
import { page, pageLimit, readCursor } from '../rows/cursors.ts';
import { readEvent } from '../rows/event.ts';
import { readMessage } from '../rows/message.ts';
import type { Row } from '../rows/row.ts';
import { EVENT_FIELDS, MESSAGE_FIELDS } from './fields.ts';
import { readTried, type ShowDelivery, TRIED_FIELDS } from './read-deliveries.ts';
import type { Ask } from './reader.ts';

/** As many digits as a safe integer has, so that orders sort as texts. */
const ORDER_DIGITS = 16;
/** Changes of the holder are looked for among so many of a thread's newest events. */
const EVENTS_BACK = 5_000;
const NEWEST = Number.MAX_SAFE_INTEGER;
const HELD = ['holder.changed', 'conversation.updated'];

type Kind = 'message' | 'event' | 'delivery';
const SOURCES: Record<Kind, { place: string; table: string; more: string }> = {
  message: { place: 'ord', table: 'messages', more: '' },
  event: { place: 'seq', table: 'events', more: 'AND shown' },
  delivery: { place: 'ord', table: 'deliveries', more: '' },
};

export class TimelineReads {
  readonly #ask: Ask;
  readonly #shown: ShowDelivery;

  constructor(ask: Ask, shown: ShowDelivery) {
    this.#ask = ask;
    this.#shown = shown;
  }

  async timeline(threadId: Id, ask: PageAsk & { newestFirst?: boolean }): Promise<Page<TimelineItem>> {
    const limit = pageLimit(ask);
    const from = readCursor(ask.after, ask.newestFirst ? NEWEST : 0);
    const kinds: Kind[] = ['message', 'event', 'delivery'];
    const places = await this.#places(threadId, kinds, from, ask.newestFirst === true, limit + 1);
    const found = page(
      places,
      limit,
      (row) => Number(row.place),
      (row) => row,
    );
    const items = await this.#items(threadId, found.data);
    return { data: items, nextCursor: found.nextCursor };
  }

  /** A thread's messages and events after a place, oldest first. */
  async happened(threadId: Id, after: number, limit: number): Promise<Happened[]> {
    const places = await this.#places(threadId, ['message', 'event'], after, false, limit);
    const items = await this.#items(threadId, places);
    return items.flatMap((item): Happened[] => {
      const ord = Number(item.order);
      if (item.type === 'message') return [{ ord, message: item.message }];
      return item.type === 'event' ? [{ ord, event: item.event }] : [];
    });
  }

  async holderChanges(threadId: Id, limit: number): Promise<FeedEvent[]> {
    const rows = await this.#ask(
      `SELECT ${EVENT_FIELDS} FROM (SELECT * FROM events WHERE thread_id = $1 AND shown ORDER BY seq DESC
         LIMIT ${EVENTS_BACK}) e WHERE e.type = ANY($2) ORDER BY e.seq DESC`,
      [threadId, HELD],
    );
    const told = rows
      .map(readEvent)
      .filter(({ type, data }) => type === 'holder.changed' || data.status === 'queued' || data.status === 'accepted');
    return told.slice(0, limit).reverse();
  }

  /** Events after a number, in commit order. */
  async events(afterSeq: number, limit: number): Promise<FeedEvent[]> {
    const sql = `SELECT ${EVENT_FIELDS} FROM events e WHERE e.seq > $1 ORDER BY e.seq LIMIT $2`;
    return (await this.#ask(sql, [afterSeq, limit])).map(readEvent);
  }

  async lastEventSeq(): Promise<number> {
    const [row] = await this.#ask('SELECT coalesce((SELECT max(seq) FROM events), (SELECT last FROM journal)) AS seq');
    return Number(row?.seq ?? 0);
  }

  #places(threadId: Id, kinds: Kind[], from: number, newestFirst: boolean, limit: number): Promise<Row[]> {
    const [beyond, order] = newestFirst ? ['<', 'DESC'] : ['>', 'ASC'];
    const each = kinds.map((kind) => {
      const { place, table, more } = SOURCES[kind];
      return `(SELECT ${place} AS place, '${kind}' AS kind FROM ${table} WHERE thread_id = $1 AND ${place} ${beyond} $2
        ${more} ORDER BY ${place} ${order} LIMIT $3)`;
    });
    const sql = `SELECT place, kind FROM (${each.join(' UNION ALL ')}) x ORDER BY place ${order} LIMIT $3`;
    return this.#ask(sql, [threadId, from, limit]);
  }

  /** The rows of places, in their order; one that went meanwhile is left out. */
  async #items(threadId: Id, places: Row[]): Promise<TimelineItem[]> {
    const of = (kind: Kind): unknown[] => places.filter((row) => row.kind === kind).map((row) => row.place);
    const rows = (fields: string, table: string, place: string, kind: Kind): Promise<Row[]> =>
      this.#ask(`SELECT ${fields} FROM ${table} WHERE thread_id = $1 AND ${place} = ANY($2)`, [threadId, of(kind)]);
    const [messages, events, deliveries] = await Promise.all([
      rows(MESSAGE_FIELDS, 'messages m', 'm.ord', 'message'),
      rows(EVENT_FIELDS, 'events e', 'e.seq', 'event'),
      rows(TRIED_FIELDS, 'deliveries d', 'd.ord', 'delivery'),
    ]);
    const items = new Map<number, TimelineItem>();
    for (const row of messages) {
      const message = readMessage(row);
      items.set(Number(row.ord), { at: message.at, order: orderOf(row.ord), type: 'message', message });
    }
    for (const row of events) {
      const event = readEvent(row);
      items.set(event.seq, { at: event.at, order: orderOf(row.seq), type: 'event', event });
    }
    for (const row of deliveries) {
      const { delivery, attempts } = readTried(row);
      const item = { delivery: this.#shown(delivery), attempts };
      items.set(delivery.ord, { at: delivery.createdAt, order: orderOf(row.ord), type: 'delivery', ...item });
    }
    return places.flatMap((row) => items.get(Number(row.place)) ?? []);
  }
}

const orderOf = (place: unknown): string => String(place).padStart(ORDER_DIGITS, '0');
