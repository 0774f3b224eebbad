// The order of commits: gives `ord` to messages, events and deliveries, and notes which belong to which thread.
// Also writes events, which are nothing else. Not here: reading the timeline (read-timeline.ts).
// The one thing to know: the counter only grows; a rolled back transaction leaves a gap, never a number twice.
import type { FeedEvent } from '../../engine/store-port.ts';
import type { EventDraft } from '../../routing/inputs.ts';
import { Appender } from './appender.ts';
import type { Database, Row, Statement } from './driver.ts';
import { KIND } from './schema.ts';

/** Wide enough for every safe integer, so that texts sort as numbers do. */
const EVENT_ID_DIGITS = 16;

/**
 * In the feed, but not in a thread's timeline, where the message and the delivery with its status stand themselves: an
 * index page less for each attempt. Such an event must hold no words: erasing finds events through the timeline.
 */
const BESIDE_TIMELINE: ReadonlySet<EventDraft['type']> = new Set(['message.sent', 'delivery.delivered']);

/** An event's id is its number in clothes: `evt_0000000000000042`. */
const eventId = (seq: number): string => `evt_${String(seq).padStart(EVENT_ID_DIGITS, '0')}`;

export class Journal {
  #last: number;
  readonly #places: Appender;
  readonly #events: Appender;
  readonly #keepLast: Statement;
  readonly #after: Statement;
  readonly #lastSeq: Statement;

  constructor(db: Database) {
    this.#places = new Appender(db, 'INSERT INTO timeline (thread, ord, kind)', 3);
    this.#events = new Appender(db, 'INSERT INTO events (seq, thread, at, type, data)', 5);
    this.#keepLast = db.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES ('ord', ?)");
    this.#after = db.prepare(
      `SELECT e.seq, e.at, e.type, e.data, t.id AS thread_id FROM events e LEFT JOIN threads t ON t.n = e.thread
       WHERE e.seq > ? ORDER BY e.seq LIMIT ?`,
    );
    this.#lastSeq = db.prepare(
      "SELECT coalesce((SELECT max(seq) FROM events), (SELECT value FROM meta WHERE key = 'ord'), 0) AS seq",
    );
    const last = db
      .prepare(
        `SELECT max(coalesce((SELECT max(ord) FROM messages), 0), coalesce((SELECT max(seq) FROM events), 0),
           coalesce((SELECT max(ord) FROM deliveries), 0),
           coalesce((SELECT value FROM meta WHERE key = 'ord'), 0)) AS ord`,
      )
      .get();
    this.#last = Number(last?.ord ?? 0);
  }

  /** The last number given. */
  get last(): number {
    return this.#last;
  }

  /** The next number, noted in the thread's timeline when there is one. */
  next(thread: number | null, kind: number): number {
    const ord = ++this.#last;
    if (thread !== null) this.#places.add(thread, ord, kind);
    return ord;
  }

  /** Writes an event. `data` never has secrets (the decision's duty). */
  write(thread: number | null, at: number, draft: EventDraft): void {
    const ord = this.next(BESIDE_TIMELINE.has(draft.type) ? null : thread, KIND.event);
    this.#events.add(ord, thread, at, draft.type, JSON.stringify(draft.data));
  }

  /** Must be called before the timeline or the events are read in a transaction, and at its end. */
  flush(): void {
    this.#places.flush();
    this.#events.flush();
  }

  clear(): void {
    this.#places.clear();
    this.#events.clear();
  }

  /** Must be called by whatever deletes rows, so that a restart does not give their numbers again. */
  keepLast(): void {
    this.#keepLast.run(this.#last);
  }

  /** Events after a number, in commit order. */
  after(seq: number, limit: number): FeedEvent[] {
    return this.#after.all(seq, limit).map(readEvent);
  }

  lastSeq(): number {
    return Number(this.#lastSeq.get()?.seq ?? 0);
  }
}

/** A row of `events` with `thread_id`. */
export function readEvent(row: Row): FeedEvent {
  const seq = Number(row.seq);
  return {
    seq,
    id: eventId(seq),
    at: Number(row.at),
    type: String(row.type),
    threadId: row.thread_id as string | null,
    data: JSON.parse(String(row.data)) as Record<string, unknown>,
  };
}
