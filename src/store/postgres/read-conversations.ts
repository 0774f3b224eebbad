// Conversations: one, and lists with what an inbox shows of each.
// Not here: threads (read-threads.ts). The one thing to know: who the customer is and whether they wait stands in the
// thread's state, which is read with the row.
import type { ConversationFilter, ConversationListed, Page, PageAsk } from '../../engine/store-port.ts';
import type { Conversation, Id, ThreadState } from '../../routing/model.ts';
import { readConversation } from '../rows/conversation.ts';
import { page, pageLimit, readCursor } from '../rows/cursors.ts';
import type { Row } from '../rows/row.ts';
import { CONVERSATION_FIELDS } from './fields.ts';
import { lastSaid } from './read-messages.ts';
import type { Ask } from './reader.ts';
import { Where } from './where.ts';

const NEWEST = Number.MAX_SAFE_INTEGER;
/** What a desk has on its hands: few, and with an index of their own, which needs the literal to be used. */
const AT_DESKS: readonly string[] = ['offered', 'queued', 'accepted'];
const IN_HAND = "c.status IN ('offered', 'queued', 'accepted')";

export class ConversationReads {
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  async conversation(id: Id): Promise<Conversation | null> {
    const [row] = await this.#ask(`SELECT ${CONVERSATION_FIELDS} FROM conversations c WHERE c.id = $1`, [id]);
    return row ? readConversation(row) : null;
  }

  async list(ask: PageAsk & ConversationFilter): Promise<Page<ConversationListed>> {
    const limit = pageLimit(ask);
    const where = filter(ask).and(
      ask.oldestFirst ? 'c.n > ?' : 'c.n < ?',
      readCursor(ask.after, ask.oldestFirst ? 0 : NEWEST),
    );
    const rows = await this.#ask(
      `SELECT ${CONVERSATION_FIELDS}, t.state FROM conversations c JOIN threads t ON t.id = c.thread_id ${where.sql}
       ORDER BY c.n ${ask.oldestFirst ? 'ASC' : 'DESC'} LIMIT ${limit + 1}`,
      where.values,
    );
    const found = page(
      rows,
      limit,
      (row) => Number(row.n),
      (row) => row,
    );
    const last = await lastSaid(
      this.#ask,
      found.data.map((row) => ({
        threadId: String(row.thread_id),
        upto: row.closed_ord === null ? NEWEST : Number(row.closed_ord),
      })),
    );
    const data = found.data.map((row, i) => ({ ...listed(row), last: last[i] ?? null }));
    return { data, nextCursor: found.nextCursor };
  }
}

function filter({ id, threadId, partyId, agentId, statuses }: ConversationFilter): Where {
  const where = new Where().equals('c.id', id).equals('c.party_id', partyId).equals('c.thread_id', threadId);
  const wanted = statuses ?? (agentId === undefined ? undefined : AT_DESKS);
  if (wanted !== undefined) where.and('c.status = ANY(?)', wanted);
  if (wanted?.every((status) => AT_DESKS.includes(status))) where.and(IN_HAND);
  // A thread has one desk at a time: the conversation in hand is that of its agent.
  if (agentId !== undefined) where.and(`${IN_HAND} AND t.agent_id = ?`, agentId);
  return where;
}

function listed(row: Row): Omit<ConversationListed, 'last'> {
  const conversation = readConversation(row);
  const { assetId, address, name, holder, desk, turn, answered, waitingSince } = JSON.parse(
    String(row.state),
  ) as ThreadState;
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
  };
}
