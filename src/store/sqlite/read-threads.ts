// Lists of threads and conversations, newest first, and the messages of a conversation.
// Not here: the timeline and deliveries. The one thing to know: "newest" is by creation, because an order by activity
// would move rows between two pages.
import type { MessageRow, Page, PageAsk, ThreadRow } from '../../engine/store-port.ts';
import type { Conversation, Id, ThreadState } from '../../routing/model.ts';
import { CONVERSATION_FIELDS, FROM_CONVERSATIONS, readConversation } from './conversations.ts';
import type { Database, Row, Statement } from './driver.ts';
import { FROM_TIMELINE, MESSAGE_FIELDS, readMessage } from './messages.ts';
import { page, pageLimit, preparer, readCursor, Where } from './pages.ts';
import type { Tables } from './tables.ts';

const NEWEST = Number.MAX_SAFE_INTEGER;
/** Those who wait are few among all: found first, by name of the index, since the planner does not know that. */
const WAITING = '(SELECT n FROM threads INDEXED BY threads_waiting WHERE waiting = 1)';
const place = (row: Row): number => Number(row.n);

function readThread(row: Row): ThreadRow {
  const state = JSON.parse(String(row.state)) as ThreadState;
  return { ...state, dueAt: row.due_at as number | null, updatedAt: Number(row.updated_at) };
}

export type ThreadsAsk = PageAsk & { holderId?: Id; assetId?: Id; limbo?: string; waiting?: boolean };
export type ConversationsAsk = PageAsk & { threadId?: Id; partyId?: Id; status?: string };

export class ThreadReads {
  readonly #tables: Tables;
  readonly #prepare: (sql: string) => Statement;

  constructor(db: Database, tables: Tables) {
    this.#tables = tables;
    this.#prepare = preparer(db);
  }

  list(ask: ThreadsAsk): Page<ThreadRow> {
    const limit = pageLimit(ask);
    const where = new Where().and('n < ?', readCursor(ask.after, NEWEST));
    where.equals('holder_id', ask.holderId).equals('asset_id', ask.assetId);
    // `waiting = 1` and `limbo <> ''` word for word, or their partial indexes are not used.
    if (ask.waiting && ask.holderId === undefined) where.and(`n IN ${WAITING}`);
    else if (ask.waiting !== undefined) where.and(ask.waiting ? 'waiting = 1' : 'waiting = 0');
    if (ask.limbo !== undefined) where.and(ask.limbo === '' ? 'limbo = ?' : "limbo <> '' AND limbo = ?", ask.limbo);
    const sql = `SELECT n, state, due_at, updated_at FROM threads ${where.sql} ORDER BY n DESC LIMIT ?`;
    return page(this.#prepare(sql).all(...where.values, limit + 1), limit, place, readThread);
  }

  thread(id: Id): ThreadRow | null {
    const row = this.#prepare('SELECT state, due_at, updated_at FROM threads WHERE id = ?').get(id);
    return row ? readThread(row) : null;
  }

  listConversations(ask: ConversationsAsk): Page<Conversation> {
    const limit = pageLimit(ask);
    const where = new Where().and('c.n < ?', readCursor(ask.after, NEWEST));
    if (ask.threadId !== undefined) where.and('c.thread = ?', this.#tables.threads.byId(ask.threadId)?.n ?? 0);
    where.equals('c.party_id', ask.partyId).equals('c.status', ask.status);
    // Said by the literal, so that the partial index of the few that a desk has on its hands is used.
    if (['offered', 'queued', 'accepted'].includes(ask.status ?? '')) {
      where.and("c.status IN ('offered', 'queued', 'accepted')");
    }
    const sql = `SELECT ${CONVERSATION_FIELDS} ${FROM_CONVERSATIONS} ${where.sql} ORDER BY c.n DESC LIMIT ?`;
    return page(this.#prepare(sql).all(...where.values, limit + 1), limit, place, readConversation);
  }

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
