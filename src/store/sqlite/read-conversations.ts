// Lists of conversations with what an inbox shows of each, and what customers said last.
// Not here: threads (read-threads.ts). The one thing to know: a page is one call, whatever it shows of each row; who
// the customer is and whether they wait stands in the thread's state, which is read with the row.

import type {
  ConversationFilter,
  ConversationListed,
  MessageRow,
  Page,
  PageAsk,
  ThreadRow,
} from '../../engine/store-port.ts';
import type { Id, ThreadState } from '../../routing/model.ts';
import { readConversation } from '../rows/conversation.ts';
import { page, pageLimit, readCursor } from '../rows/cursors.ts';
import { readMessage } from '../rows/message.ts';
import { CONVERSATION_FIELDS, FROM_CONVERSATIONS } from './conversations.ts';
import type { Database, Row, Statement } from './driver.ts';
import { MESSAGE_FIELDS } from './messages.ts';
import { preparer, Where } from './pages.ts';
import { KIND } from './schema.ts';
import type { Tables } from './tables.ts';

const NEWEST = Number.MAX_SAFE_INTEGER;
/** What a desk has on its hands: few, and with an index of their own. */
const AT_DESKS: readonly string[] = ['offered', 'queued', 'accepted'];
/** The last thing said is looked for among so many of a thread's last entries: what comes after it are tries and moves. */
const ENTRIES_BACK = 200;
/** So many of the newest messages are looked through for what customers of a few assets said: some ten milliseconds. */
const MESSAGES_BACK = 20_000;

const place = (row: Row): number => Number(row.n);

export class ConversationReads {
  readonly #tables: Tables;
  readonly #prepare: (sql: string) => Statement;

  constructor(db: Database, tables: Tables) {
    this.#tables = tables;
    this.#prepare = preparer(db);
  }

  list(ask: PageAsk & ConversationFilter): Page<ConversationListed> {
    const limit = pageLimit(ask);
    const from = readCursor(ask.after, ask.oldestFirst ? 0 : NEWEST);
    const [beyond, order] = ask.oldestFirst ? ['c.n > ?', 'ASC'] : ['c.n < ?', 'DESC'];
    // Status by status, each in the order of its index, rather than all of them sorted.
    const statuses = ask.statuses ?? (ask.agentId === undefined ? [undefined] : AT_DESKS);
    const rows = statuses.flatMap((status) => {
      const where = this.#filter(ask, status).and(beyond, from);
      const sql = `SELECT ${CONVERSATION_FIELDS}, t.n AS thread, t.state ${FROM_CONVERSATIONS} ${where.sql}
        ORDER BY c.n ${order} LIMIT ?`;
      return this.#prepare(sql).all(...where.values, limit + 1);
    });
    rows.sort((a, b) => (ask.oldestFirst ? place(a) - place(b) : place(b) - place(a)));
    return page(rows, limit, place, this.#listed);
  }

  #filter({ id, threadId, partyId, agentId }: ConversationFilter, status: string | undefined): Where {
    const atDesks = status !== undefined && AT_DESKS.includes(status);
    const where = new Where().equals('c.id', id).equals('c.status', status);
    // What desks have on their hands is said by the literal, so that its index is used, and not a party's whole past.
    if (atDesks) where.and("c.status IN ('offered', 'queued', 'accepted')");
    where.equals(atDesks ? '+c.party_id' : 'c.party_id', partyId);
    if (threadId !== undefined) where.and('c.thread = ?', this.#tables.threads.byId(threadId)?.n ?? 0);
    if (agentId === undefined) return where;
    where.and("json_extract(t.state, '$.desk.conversationId') = c.id");
    return where.and("json_extract(t.state, '$.desk.agentId') = ?", agentId);
  }

  /** What customers of these assets said last, newest first, with their threads as they are now. */
  utterances(assetIds: readonly Id[], limit: number): { message: MessageRow; thread: ThreadRow }[] {
    const sql = `SELECT ${MESSAGE_FIELDS}, t.state, t.due_at, t.updated_at
      FROM (SELECT * FROM messages ORDER BY ord DESC LIMIT ${MESSAGES_BACK}) m JOIN threads t ON t.n = m.thread
      WHERE m.turn IS NOT NULL AND t.asset_id IN (SELECT value FROM json_each(?)) ORDER BY m.ord DESC LIMIT ?`;
    return this.#prepare(sql)
      .all(JSON.stringify(assetIds), limit)
      .map((row) => ({
        message: readMessage(row),
        thread: { ...stateOf(row), dueAt: row.due_at as number | null, updatedAt: Number(row.updated_at) },
      }));
  }

  #listed = (row: Row): ConversationListed => {
    const conversation = readConversation(row);
    const { assetId, address, name, holder, desk, turn, answered, waitingSince } = stateOf(row);
    const offer = desk?.conversationId === conversation.id ? desk : null;
    const holds = holder.type !== 'none' && holder.conversationId === conversation.id;
    return {
      ...conversation,
      assetId,
      address,
      name,
      agentId: offer?.agentId ?? null,
      acceptDue: offer?.acceptDue ?? null,
      waitingSince: holds && turn > answered ? waitingSince : null,
      last: this.#last(row),
    };
  };

  /** The last thing said in the thread until the conversation closed. */
  #last(row: Row): MessageRow | null {
    const found = this.#prepare(
      `SELECT ${MESSAGE_FIELDS} FROM
         (SELECT ord, kind FROM timeline WHERE thread = ? AND ord <= ? ORDER BY ord DESC LIMIT ${ENTRIES_BACK}) latest
       CROSS JOIN messages m ON m.ord = latest.ord JOIN threads t ON t.n = m.thread
       WHERE latest.kind = ${KIND.message} ORDER BY latest.ord DESC LIMIT 1`,
    ).get(Number(row.thread), row.closed_ord === null ? NEWEST : Number(row.closed_ord));
    return found ? readMessage(found) : null;
  }
}

const stateOf = (row: Row): ThreadState => JSON.parse(String(row.state)) as ThreadState;
