// The table `messages`: what was said, by id and by thread.
// Not here: when something is kept or erased, and how a row is read (rows/message.ts).
// The one thing to know: rows of a batch wait until it ends; whoever reads the table in between flushes first.

import type { Heard } from '../../engine/channel-port.ts';
import type { MessageRow } from '../../engine/store-port.ts';
import type { Message, ReceiptStatus } from '../../routing/model.ts';
import { bare, heardIn, readMessage, writeDoc } from '../rows/message.ts';
import { Appender } from './appender.ts';
import { Cache } from './cache.ts';
import type { Database, Statement } from './driver.ts';
import type { Journal } from './journal.ts';
import type { MediaBook } from './media.ts';
import { KIND } from './schema.ts';

/** The messages of deliveries under way: the result of an attempt asks for its message again. */
const CACHED_MESSAGES = 10_000;
/** Longer texts are read from the disk instead: bounds the cache to some tens of megabytes. */
const CACHED_CHARACTERS = 2_000;

/** Rows of messages with `thread_id`, as `readMessage` wants them. */
export const MESSAGE_FIELDS = 'm.ord, m.id, t.id AS thread_id, m.seq, m.turn, m.at, m.receipt, m.external_id, m.doc';
const FROM = 'FROM messages m JOIN threads t ON t.n = m.thread';
/** Messages of one thread through its timeline, so that they need no index of their own. */
export const FROM_TIMELINE = `FROM timeline x JOIN messages m ON m.ord = x.ord JOIN threads t ON t.n = x.thread
  WHERE x.thread = ? AND x.kind = ${KIND.message}`;

export class Messages {
  readonly #journal: Journal;
  readonly #media: MediaBook;
  readonly #cache = new Cache<MessageRow>(CACHED_MESSAGES);
  readonly #byId: Statement;
  readonly #rows: Appender;
  /** ids of the rows that wait in #rows */
  readonly #unwritten = new Set<string>();
  readonly #receipt: Statement;
  readonly #externalId: Statement;
  readonly #backwards: Statement;
  readonly #ordOf: Statement;
  readonly #firstSeq: Statement;
  readonly #withoutStatus: Statement;
  readonly #lastHeard: Statement;
  readonly #rewrite: Statement;
  readonly #letGo: Statement;
  /** by thread: the customer's last word, since anybody asked; while nobody does, nobody pays for it */
  readonly #heard = new Cache<Heard>(CACHED_MESSAGES);
  #isAsked = false;

  constructor(db: Database, journal: Journal, media: MediaBook) {
    this.#journal = journal;
    this.#media = media;
    this.#byId = db.prepare(`SELECT ${MESSAGE_FIELDS} ${FROM} WHERE m.id = ?`);
    this.#rows = new Appender(db, 'INSERT INTO messages (ord, id, thread, seq, turn, at, external_id, doc)', 8);
    this.#receipt = db.prepare('UPDATE messages SET receipt = ? WHERE id = ?');
    this.#externalId = db.prepare('UPDATE messages SET external_id = ? WHERE id = ?');
    this.#backwards = db.prepare(`SELECT ${MESSAGE_FIELDS} ${FROM_TIMELINE} AND x.ord < ? ORDER BY x.ord DESC LIMIT ?`);
    this.#ordOf = db.prepare('SELECT ord, thread FROM messages WHERE id = ?');
    this.#withoutStatus = db.prepare(
      `SELECT * FROM (SELECT ${MESSAGE_FIELDS} ${FROM_TIMELINE} AND m.turn IS NULL AND m.at <= ? ORDER BY x.ord DESC LIMIT ?)
       WHERE receipt IS NULL OR (receipt = 'delivered' AND ? = 'read') ORDER BY ord`,
    );
    this.#lastHeard = db.prepare(
      `SELECT ${MESSAGE_FIELDS} ${FROM_TIMELINE} AND m.turn IS NOT NULL ORDER BY x.ord DESC LIMIT 1`,
    );
    this.#rewrite = db.prepare('UPDATE messages SET doc = ? WHERE id = ?');
    this.#letGo = db.prepare('DELETE FROM media_refs WHERE message = (SELECT ord FROM messages WHERE id = ?)');
    this.#firstSeq = db.prepare(`SELECT m.seq ${FROM_TIMELINE} ORDER BY x.ord LIMIT 1`);
  }

  byId(id: string): MessageRow | undefined {
    const cached = this.#cache.get(id);
    if (cached !== undefined) return cached;
    this.#writeOut(id);
    const row = this.#byId.get(id);
    return row && readMessage(row);
  }

  /** Where a message stands: its ord and its thread's number. */
  placeOf(id: string): { ord: number; thread: number } | undefined {
    const row = this.#ordOf.get(id);
    return row && { ord: Number(row.ord), thread: Number(row.thread) };
  }

  add(thread: number, message: Message): void {
    const { id, seq, turn, at, externalId } = message;
    const ord = this.#journal.next();
    this.#rows.add(ord, id, thread, seq, turn, at, externalId ?? null, writeDoc(message));
    if (message.media.length > 0) this.#media.refer(ord, message.media);
    this.#unwritten.add(id);
    if (turn !== null && this.#isAsked) this.#heard.set(String(thread), heardIn(message));
    if (message.text.length <= CACHED_CHARACTERS) this.#cache.set(id, { ...message, receipt: null });
  }

  setReceipt(id: string, status: ReceiptStatus): void {
    this.#writeOut(id);
    this.#receipt.run(status, id);
    this.#cache.delete(id);
  }

  setExternalId(id: string, externalId: string): void {
    this.#writeOut(id);
    this.#externalId.run(externalId, id);
    this.#cache.delete(id);
  }

  /** It reads otherwise from now on; media that it shows no more are let go. */
  rewrite(message: Message): void {
    const { id } = message;
    this.#writeOut(id);
    this.#rewrite.run(writeDoc(message), id);
    if (message.media.length === 0) this.#letGo.run(id);
    this.#cache.delete(id);
  }

  /** Of the newest `limit` messages of ours up to a time those that may yet get this status, oldest first. */
  withoutStatus(thread: number, status: 'delivered' | 'read', at: number, limit: number): MessageRow[] {
    this.#journal.place();
    return this.#withoutStatus.all(thread, at, limit, status).map(readMessage);
  }

  /** The customer's last word as far as it is in memory. */
  heardLately(thread: number): Heard | undefined {
    this.#isAsked = true;
    return this.#heard.get(String(thread));
  }

  /** The customer's last word; the timeline must have everything. */
  heard(thread: number): Heard | null {
    const row = this.#lastHeard.get(thread);
    if (row === undefined) return null;
    const last = heardIn(readMessage(row));
    this.#heard.set(String(thread), last);
    return last;
  }

  /** The customer's utterances with a turn above `answered`, oldest first. */
  unanswered(thread: number, answered: number): Message[] {
    this.#journal.place();
    const found: Message[] = [];
    for (const message of this.#walkBack(thread)) {
      if (message.turn === null) continue;
      if (message.turn <= answered) break;
      found.push(bare(message));
    }
    return found.reverse();
  }

  /** Messages up to `uptoSeq`, oldest first, the newest `limit` of them, and how many there are. */
  transcript(thread: number, uptoSeq: number, limit: number): { messages: Message[]; total: number } {
    const found: Message[] = [];
    let last = 0;
    for (const message of this.#walkBack(thread)) {
      if (message.seq > uptoSeq) continue;
      last ||= message.seq;
      if (found.length === limit) break;
      found.push(bare(message));
    }
    const first = Number(this.#firstSeq.get(thread)?.seq ?? 0);
    return { messages: found.reverse(), total: last === 0 ? 0 : last - first + 1 };
  }

  forget(id: string): void {
    this.#cache.delete(id);
  }

  /** At the end of a transaction, and before the rows of a thread are read in one. */
  flush(): void {
    this.#rows.flush();
    this.#unwritten.clear();
  }

  clear(): void {
    this.#rows.clear();
    this.#unwritten.clear();
    this.#cache.clear();
    this.#heard.clear();
  }

  /** Before a single row is read or changed. */
  #writeOut(id: string): void {
    if (this.#unwritten.has(id)) this.flush();
  }

  /** A thread's messages, newest first, read in steps. */
  *#walkBack(thread: number): Generator<MessageRow> {
    const step = 50;
    let before = Number.MAX_SAFE_INTEGER;
    for (;;) {
      const rows = this.#backwards.all(thread, before, step);
      for (const row of rows) yield readMessage(row);
      if (rows.length < step) return;
      before = Number(rows.at(-1)?.ord);
    }
  }
}
