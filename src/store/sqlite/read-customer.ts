// What a customer may be shown: their thread by asset and address, its words backwards, and what happened after a place.
// Not here: what operators read (read-threads.ts, read-timeline.ts). The one thing to know: the place is the order of
// commits, so that reading on after the last one seen loses nothing and repeats nothing.

import type { Happened, Said, ThreadRow } from '../../engine/store-port.ts';
import type { Id } from '../../routing/model.ts';
import { readEvent } from '../rows/event.ts';
import { readMessage } from '../rows/message.ts';
import { readThread } from '../rows/thread.ts';
import type { Database, Row, Statement } from './driver.ts';
import { FROM_TIMELINE, MESSAGE_FIELDS } from './messages.ts';
import { KIND } from './schema.ts';
import type { Tables } from './tables.ts';

const NEWEST = Number.MAX_SAFE_INTEGER;

export class CustomerReads {
  readonly #tables: Tables;
  readonly #thread: Statement;
  readonly #backwards: Statement;
  readonly #messages: Statement;
  readonly #events: Statement;

  constructor(db: Database, tables: Tables) {
    this.#tables = tables;
    this.#thread = db.prepare('SELECT state, due_at, updated_at FROM threads WHERE n = ?');
    const messages = `SELECT ${MESSAGE_FIELDS} ${FROM_TIMELINE}`;
    this.#backwards = db.prepare(`${messages} AND x.ord < ? ORDER BY x.ord DESC LIMIT ?`);
    this.#messages = db.prepare(`${messages} AND x.ord > ? ORDER BY x.ord LIMIT ?`);
    this.#events = db.prepare(
      `SELECT e.seq, e.at, e.type, e.data, t.id AS thread_id
       FROM timeline x JOIN events e ON e.seq = x.ord JOIN threads t ON t.n = x.thread
       WHERE x.thread = ? AND x.kind = ${KIND.event} AND x.ord > ? ORDER BY x.ord LIMIT ?`,
    );
  }

  thread(assetId: Id, address: string): ThreadRow | null {
    const entry = this.#tables.threads.byCustomer(assetId, address);
    const row = entry && this.#thread.get(entry.n);
    return row ? readThread(row) : null;
  }

  said(threadId: Id, before: number | null, limit: number): Said[] {
    const n = this.#tables.threads.byId(threadId)?.n;
    return n === undefined ? [] : this.#backwards.all(n, before ?? NEWEST, limit).map(said);
  }

  happened(threadId: Id, after: number, limit: number): Happened[] {
    const n = this.#tables.threads.byId(threadId)?.n;
    if (n === undefined) return [];
    const messages: Happened[] = this.#messages.all(n, after, limit).map(said);
    const events = this.#events
      .all(n, after, limit)
      .map((row): Happened => ({ ord: Number(row.seq), event: readEvent(row) }));
    return [...messages, ...events].sort((a, b) => a.ord - b.ord).slice(0, limit);
  }
}

const said = (row: Row): Said => ({ ord: Number(row.ord), message: readMessage(row) });
