// The order of commits: gives `ord` to messages, events and deliveries, and places what belongs to threads in `timeline`.
// Also writes events, which are nothing else. Not here: reading the timeline (read-timeline.ts).
// The one thing to know: the counter only grows; a rolled back transaction leaves a gap, never a number twice. The
// timeline follows late, made from the rows themselves; who reads it calls `place` first.
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
  /** up to where the timeline has everything */
  #placed = 0;
  readonly #writeRows: () => void;
  readonly #events: Appender;
  readonly #place: Statement;
  readonly #readPlaced: Statement;
  readonly #savePlaced: Statement;
  readonly #keepLast: Statement;
  readonly #after: Statement;
  readonly #lastSeq: Statement;

  /** `writeRows`: writes the messages and deliveries that wait in memory. */
  constructor(db: Database, writeRows: () => void) {
    this.#writeRows = writeRows;
    const beside = [...BESIDE_TIMELINE].map((type) => `'${type}'`).join(', ');
    this.#place = db.prepare(
      `INSERT OR IGNORE INTO timeline (thread, ord, kind) SELECT thread, ord, kind FROM (
         SELECT thread, seq AS ord, ${KIND.event} AS kind FROM events WHERE seq > ?1 AND type NOT IN (${beside})
         UNION ALL SELECT thread, ord, ${KIND.message} FROM messages WHERE ord > ?1
         UNION ALL SELECT thread, ord, ${KIND.delivery} FROM deliveries WHERE ord > ?1)
       WHERE thread IS NOT NULL ORDER BY thread, ord`,
    );
    this.#readPlaced = db.prepare("SELECT value FROM meta WHERE key = 'placed'");
    this.#savePlaced = db.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES ('placed', ?)");
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
           coalesce((SELECT max(value) FROM meta WHERE key IN ('ord', 'placed')), 0)) AS ord`,
      )
      .get();
    this.#last = Number(last?.ord ?? 0);
    this.clear();
  }

  /** The last number given. */
  get last(): number {
    return this.#last;
  }

  /** How many numbers were given since the timeline was complete. */
  get unplaced(): number {
    return this.#last - this.#placed;
  }

  /** The next number. */
  next(): number {
    return ++this.#last;
  }

  /** Writes an event. `data` never has secrets (the decision's duty). */
  write(thread: number | null, at: number, draft: EventDraft): void {
    this.#events.add(this.next(), thread, at, draft.type, JSON.stringify(draft.data));
  }

  /** At the end of a transaction. */
  flush(): void {
    this.#events.flush();
  }

  /** Completes the timeline: inside a transaction, before the timeline is read. */
  place(): void {
    if (this.unplaced === 0) return;
    this.#writeRows();
    this.flush();
    this.#place.run(this.#placed);
    this.#savePlaced.run(this.#last);
    this.#placed = this.#last;
  }

  /** Forgets what was not written: the transaction failed. */
  clear(): void {
    this.#events.clear();
    this.#placed = Number(this.#readPlaced.get()?.value ?? 0);
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
