// The order of commits: gives `ord` to messages, events and deliveries, and places what belongs to threads in `timeline`.
// Also writes events, which are nothing else. Not here: reading the timeline (read-timeline.ts).
// The one thing to know: the counter only grows; a rolled back transaction leaves a gap, never a number twice. The
// timeline follows late, made from the rows themselves; who reads it calls `place` first.
import type { FeedEvent } from '../../engine/store-port.ts';
import type { EventDraft } from '../../routing/inputs.ts';
import { BESIDE_TIMELINE, readEvent } from '../rows/event.ts';
import { Appender } from './appender.ts';
import type { Database, Statement } from './driver.ts';
import { KIND } from './schema.ts';

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
