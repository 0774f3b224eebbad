// Lists of threads, newest first, and the messages of a conversation.
// Not here: the timeline and deliveries. The one thing to know: "newest" is by creation, because an order by activity
// would move rows between two pages.

import type { MessageRow, Page, PageAsk, ThreadFilter, ThreadListed, ThreadRow } from '../../engine/store-port.ts';
import type { Id } from '../../routing/model.ts';
import { page, pageLimit, readCursor, stepPage } from '../rows/cursors.ts';
import { readMessage } from '../rows/message.ts';
import { readThread } from '../rows/thread.ts';
import { nextText, STEP_ROWS, wordsOf } from '../rows/words.ts';
import type { Database, Row, Statement } from './driver.ts';
import { FROM_TIMELINE, MESSAGE_FIELDS } from './messages.ts';
import { preparer, Where } from './pages.ts';
import { KIND } from './schema.ts';
import type { Tables } from './tables.ts';

const NEWEST = Number.MAX_SAFE_INTEGER;
/** Those who wait, whom a desk has, or is offered, are few among all: found first, by name of the index, since the planner does not know that. */
const WAITING = '(SELECT n FROM threads INDEXED BY threads_waiting WHERE waiting = 1)';
const OFFERED = '(SELECT n FROM threads INDEXED BY threads_offered WHERE offered_to IS NOT NULL)';
const AT_DESKS = "(SELECT n FROM threads INDEXED BY threads_holder WHERE holder_id >= 'desk_' AND holder_id < 'desk`')";
/** So many assets are asked one by one, through their index; more of them are most of the threads anyway. */
const ASSETS_APART = 100;
/** The last thing said is looked for among so many of a thread's last entries: what comes after it are tries and moves. */
const ENTRIES_BACK = 200;
const FIELDS = 'n, state, due_at, updated_at';
const place = (row: Row): number => Number(row.n);

export type ThreadsAsk = PageAsk & ThreadFilter;

export class ThreadReads {
  readonly #tables: Tables;
  readonly #prepare: (sql: string) => Statement;

  constructor(db: Database, tables: Tables) {
    this.#tables = tables;
    this.#prepare = preparer(db);
  }

  list(ask: ThreadsAsk): Page<ThreadListed> {
    const limit = pageLimit(ask);
    const from = readCursor(ask.after, NEWEST);
    if (ask.words !== undefined) return this.#search(ask, ask.words, from, limit);
    const rows = this.#sources(ask).flatMap((where) => {
      const sql = `SELECT ${FIELDS} FROM threads ${where.and('n < ?', from).sql} ORDER BY n DESC LIMIT ?`;
      return this.#prepare(sql).all(...where.values, limit + 1);
    });
    const newestFirst = rows.sort((a, b) => place(b) - place(a));
    return page(newestFirst, limit, place, this.#listed);
  }

  /** Looks at some `STEP_ROWS` threads, and gives a page of those that fit: a short one when they are few. */
  #search(ask: ThreadsAsk, words: string, from: number, limit: number): Page<ThreadListed> {
    const { likely, like, fits } = wordsOf(words, 'names');
    const sources = this.#sources(ask);
    const rowsEach = Math.ceil(STEP_ROWS / Math.max(1, sources.length));
    const looked = sources.map((where) => ({
      from: `FROM threads ${where.and('n < ?', from).sql} ORDER BY n DESC LIMIT ?`,
      values: [...where.values, rowsEach],
    }));
    const ends = looked.map(({ from: rows, values }) => {
      const row = this.#prepare(`SELECT count(*) AS looked, min(n) AS n FROM (SELECT n ${rows})`).get(...values);
      return Number(row?.looked) < rowsEach ? 0 : Number(row?.n);
    });
    // Where one source was not read to its end, what the others have beyond it belongs to a later step.
    const end = Math.max(...ends, 0);
    const rows = looked
      .flatMap(({ from: source, values }) =>
        this.#prepare(
          `SELECT n, names FROM (SELECT n, address || char(10) || json_extract(state, '$.name')
             || char(10) || coalesce(json_extract(state, '$.aliases'), '') AS names ${source})
           WHERE n >= ? ${likely}`,
        ).all(...values, end, ...like),
      )
      .filter((row) => fits(String(row.names)))
      .sort((a, b) => place(b) - place(a));
    const whole = this.#prepare(`SELECT ${FIELDS} FROM threads WHERE n = ?`);
    return stepPage(rows, limit, end, place, (row) => this.#listed(whole.get(place(row)) as Row));
  }

  thread(id: Id): ThreadRow | null {
    const row = this.#prepare('SELECT state, due_at, updated_at FROM threads WHERE id = ?').get(id);
    return row ? readThread(row) : null;
  }

  byAddress(assetIds: readonly Id[], beginning: string, limit: number): ThreadListed[] {
    const one = this.#prepare(
      `SELECT ${FIELDS}, address AS found FROM threads
       WHERE asset_id = ? AND address >= ? AND address < ? ORDER BY address LIMIT ?`,
    );
    // By a further address as well: each thread once, at the first address that led to it.
    const more = this.#prepare(
      `SELECT n, state, due_at, updated_at, a.address AS found FROM aliases a JOIN threads ON n = a.thread
       WHERE a.asset_id = ? AND a.address >= ? AND a.address < ? ORDER BY a.address LIMIT ?`,
    );
    const found = new Map<number, Row>();
    for (const assetId of assetIds) {
      if (found.size >= limit) break;
      const rows = [one, more].flatMap((each) => each.all(assetId, beginning, nextText(beginning), limit));
      for (const row of rows.sort((a, b) => (String(a.found) < String(b.found) ? -1 : 1)))
        if (!found.has(place(row))) found.set(place(row), row);
    }
    return [...found.values()].slice(0, limit).map(this.#listed);
  }

  /** Disjoint sets of threads that together are what the filter asks for. */
  #sources(ask: ThreadFilter): Where[] {
    const ids = ask.assetIds;
    if (ids === undefined) return [this.#filter(ask)];
    if (ids.length <= ASSETS_APART) return [...new Set(ids)].map((id) => this.#filter(ask).equals('asset_id', id));
    return [this.#filter(ask).and('+asset_id IN (SELECT value FROM json_each(?))', JSON.stringify(ids))];
  }

  #filter(ask: ThreadFilter): Where {
    const where = new Where().equals('holder_id', ask.holderId).equals('asset_id', ask.assetId);
    // `waiting = 1` and `limbo <> ''` word for word, or their partial indexes are not used.
    if (ask.waiting && ask.holderId === undefined) where.and(`n IN ${WAITING}`);
    else if (ask.waiting !== undefined) where.and(ask.waiting ? 'waiting = 1' : 'waiting = 0');
    if (ask.limbo !== undefined) where.and(ask.limbo === '' ? 'limbo = ?' : "limbo <> '' AND limbo = ?", ask.limbo);
    if (ask.standing === 'bot') where.and("+holder_id GLOB 'bot_*'");
    if (ask.standing === 'desk') where.and(`n IN ${AT_DESKS}`);
    if (ask.standing === 'offered') where.and(`n IN ${OFFERED}`);
    if (ask.standing === 'none') where.and('holder_id IS NULL');
    if (ask.standing === 'limbo') where.and("n IN (SELECT n FROM threads INDEXED BY threads_limbo WHERE limbo <> '')");
    return where;
  }

  #listed = (row: Row): ThreadListed => {
    const last = this.#prepare(
      `SELECT ${MESSAGE_FIELDS} FROM (SELECT ord, kind FROM timeline WHERE thread = ? ORDER BY ord DESC LIMIT ?) back
       CROSS JOIN messages m ON m.ord = back.ord JOIN threads t ON t.n = m.thread
       WHERE back.kind = ${KIND.message} ORDER BY back.ord DESC LIMIT 1`,
    ).get(place(row), ENTRIES_BACK);
    return { ...readThread(row), last: last ? readMessage(last) : null };
  };

  /** What was said in the thread from the conversation's opening to its close, oldest first. */
  conversationMessages(id: Id, ask: PageAsk): Page<MessageRow> {
    const stretch = this.#tables.conversations.stretchOf(id);
    if (stretch === undefined) return { data: [], nextCursor: null };
    const limit = pageLimit(ask);
    const sql = `SELECT ${MESSAGE_FIELDS} ${FROM_TIMELINE} AND x.ord > ? AND x.ord <= ? ORDER BY x.ord LIMIT ?`;
    const after = readCursor(ask.after, stretch.from - 1);
    const rows = this.#prepare(sql).all(stretch.thread, after, stretch.to, limit + 1);
    return page(rows, limit, (row) => Number(row.ord), readMessage);
  }
}
