// The table `conversations`: a bot's or a desk's share of a thread, open or closed.
// Not here: lists (read-threads.ts). The one thing to know: a row also has the stretch of the journal from
// before the decision that opened it to after the one that closed it: what was said in it lies between.
import type { Conversation } from '../../routing/model.ts';
import { readConversation } from '../rows/conversation.ts';
import { Cache } from './cache.ts';
import type { Database, Statement } from './driver.ts';

/** Two to a cached thread: its bot and its desk. */
const CACHED_CONVERSATIONS = 40_000;

export const CONVERSATION_FIELDS = `c.n, c.id, t.id AS thread_id, c.type, c.party_id, c.service_id, c.status, c.agent,
  c.opened_at, c.closed_at, c.close_reason, c.opened_ord, c.closed_ord`;
export const FROM_CONVERSATIONS = 'FROM conversations c JOIN threads t ON t.n = c.thread';

/** What a conversation covers: its thread's number and its stretch of the journal, both ends included. */
export type Stretch = { thread: number; from: number; to: number };

export class Conversations {
  readonly #cache = new Cache<Conversation>(CACHED_CONVERSATIONS);
  readonly #byId: Statement;
  readonly #save: Statement;
  readonly #stretch: Statement;

  constructor(db: Database) {
    this.#byId = db.prepare(`SELECT ${CONVERSATION_FIELDS} ${FROM_CONVERSATIONS} WHERE c.id = ?`);
    this.#save = db.prepare(
      `INSERT INTO conversations (id, thread, type, party_id, service_id, status, agent, opened_at, closed_at,
         close_reason, opened_ord, closed_ord)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET status = excluded.status, agent = excluded.agent, closed_at = excluded.closed_at,
         close_reason = excluded.close_reason, closed_ord = coalesce(closed_ord, excluded.closed_ord)`,
    );
    this.#stretch = db.prepare('SELECT thread, opened_ord, closed_ord FROM conversations WHERE id = ?');
  }

  byId(id: string): Conversation | undefined {
    const cached = this.#cache.get(id);
    if (cached !== undefined) return cached;
    const row = this.#byId.get(id);
    if (row === undefined) return undefined;
    const conversation = readConversation(row);
    this.#cache.set(id, conversation);
    return conversation;
  }

  stretchOf(id: string): Stretch | undefined {
    const row = this.#stretch.get(id);
    if (row === undefined) return undefined;
    const to = row.closed_ord === null ? Number.MAX_SAFE_INTEGER : Number(row.closed_ord);
    return { thread: Number(row.thread), from: Number(row.opened_ord), to };
  }

  /** Writes a new or changed conversation. `from` and `to`: the journal before and after the decision. */
  save(thread: number, c: Conversation, from: number, to: number): void {
    this.#save.run(
      c.id,
      thread,
      c.type,
      c.partyId,
      c.serviceId,
      c.status,
      c.agent,
      c.openedAt,
      c.closedAt,
      c.closeReason,
      from,
      c.status === 'closed' ? to : null,
    );
    this.#cache.set(c.id, c);
  }

  forget(id: string): void {
    this.#cache.delete(id);
  }

  clear(): void {
    this.#cache.clear();
  }
}
