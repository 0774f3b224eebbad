// Finding by what people have in hand: an id or its beginning, or words of what was said; and who has spoken at all.
// Not here: threads by address or name (read-threads.ts). The one thing to know: there is no index of words: it would
// cost each message a page or two on its way. Words are looked for among the newest messages, step by step.

import type { Found, MessageRow, Page, PageAsk } from '../../engine/store-port.ts';
import type { AuthorType, Id } from '../../routing/model.ts';
import { pageLimit, readCursor, stepPage } from '../rows/cursors.ts';
import { readMessage } from '../rows/message.ts';
import { nextText, STEP_ROWS, wordsOf } from '../rows/words.ts';
import type { Database, Row, Statement } from './driver.ts';
import { MESSAGE_FIELDS } from './messages.ts';
import { preparer } from './pages.ts';

const NEWEST = Number.MAX_SAFE_INTEGER;
const ATTEMPT = 'att_';
/** Where ids stand in a unique index of their own. */
const TABLES: readonly [string, Found['type'], string][] = [
  ['thr_', 'thread', 'threads'],
  ['conv_', 'conversation', 'conversations'],
  ['msg_', 'message', 'messages'],
  ['dlv_', 'delivery', 'deliveries'],
  ['rpl_', 'replay', 'replays'],
];
const place = (row: Row): number => Number(row.ord);

export class SearchReads {
  readonly #prepare: (sql: string) => Statement;
  readonly #byId: { prefix: string; type: Found['type']; find: Statement }[];
  readonly #end: Statement;
  readonly #whole: Statement;
  readonly #voices: Statement;
  readonly #lastAttempt: Statement;
  readonly #attempt: Statement;

  constructor(db: Database) {
    this.#prepare = preparer(db);
    this.#byId = TABLES.map(([prefix, type, table]) => ({
      prefix,
      type,
      find: db.prepare(`SELECT id FROM ${table} WHERE id >= ? AND id < ? ORDER BY id LIMIT ?`),
    }));
    this.#end = db.prepare('SELECT ord FROM messages WHERE ord < ? ORDER BY ord DESC LIMIT 1 OFFSET ?');
    this.#whole = db.prepare(
      `SELECT ${MESSAGE_FIELDS} FROM messages m JOIN threads t ON t.n = m.thread WHERE m.ord = ?`,
    );
    const some = (order: string): string => `SELECT doc FROM messages WHERE ord > 0 ORDER BY ord ${order} LIMIT ?`;
    this.#voices = db.prepare(
      `SELECT DISTINCT json_extract(doc, '$.author.type') AS type
       FROM (SELECT doc FROM (${some('ASC')}) UNION ALL SELECT doc FROM (${some('DESC')}))`,
    );
    this.#lastAttempt = db.prepare('SELECT max(n) AS n FROM attempts');
    this.#attempt = db.prepare(
      `SELECT a.n, json_extract(a.doc, '$.id') AS id, d.id AS delivery_id FROM attempts a
       LEFT JOIN deliveries d ON d.ord = a.delivery WHERE a.n >= ? ORDER BY a.n LIMIT 1`,
    );
  }

  listMessages(ask: PageAsk & { words: string }): Page<MessageRow> {
    const from = readCursor(ask.after, NEWEST);
    const { likely, like, fits } = wordsOf(ask.words, 'doc');
    const rows = this.#prepare(
      `SELECT ord, json_extract(doc, '$.text') AS text, json_extract(doc, '$.title') AS title
       FROM (SELECT ord, doc FROM messages WHERE ord < ? ORDER BY ord DESC LIMIT ?) WHERE ord > 0 ${likely}`,
    )
      .all(from, STEP_ROWS, ...like)
      .filter(({ text, title }) => fits(`${text ?? ''}\n${title ?? ''}`));
    const end = Number(this.#end.get(from, STEP_ROWS - 1)?.ord ?? 0);
    return stepPage(rows, pageLimit(ask), end, place, (row) => readMessage(this.#whole.get(place(row)) as Row));
  }

  voices(rows: number): AuthorType[] {
    return this.#voices.all(rows, rows).map(({ type }) => type as AuthorType);
  }

  findIds(beginning: string, limit: number): Found[] {
    const found = this.#byId
      .filter(({ prefix }) => beginning.startsWith(prefix))
      .flatMap(({ type, find }) =>
        find.all(beginning, nextText(beginning), limit).map((row): Found => ({ type, id: String(row.id) })),
      );
    const of = beginning.startsWith(ATTEMPT) ? this.#deliveryOfAttempt(beginning) : null;
    return of === null ? found : [...found, { type: 'delivery', id: of }];
  }

  /** Attempts have no index by id, but are appended in the order of their ids: halving finds one. */
  #deliveryOfAttempt(beginning: string): Id | null {
    let low = 1;
    let high = Number(this.#lastAttempt.get()?.n ?? 0);
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const row = this.#attempt.get(middle);
      if (row === undefined || String(row.id) >= beginning) high = middle;
      else low = Number(row.n) + 1;
    }
    const row = this.#attempt.get(low);
    return row !== undefined && String(row.id).startsWith(beginning) ? (row.delivery_id as Id | null) : null;
  }
}
