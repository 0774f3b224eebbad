// Messages: one, the last of many threads, of a conversation, a transcript, by their words, and who has spoken at all.
// Not here: a thread's timeline (read-timeline.ts). The one thing to know: there is no index of words: it would cost each
// message a page or two on its way. Words are looked for among the newest messages, step by step.
import type { Heard } from '../../engine/channel-port.ts';
import type { MessageRow, Page, PageAsk, Said, ThreadRow } from '../../engine/store-port.ts';
import type { AuthorType, Id, Message } from '../../routing/model.ts';
import { page, pageLimit, readCursor, stepPage } from '../rows/cursors.ts';
import { bare, heardIn, readMessage } from '../rows/message.ts';
import type { Row } from '../rows/row.ts';
import { readThread } from '../rows/thread.ts';
import { STEP_ROWS, wordsOf } from '../rows/words.ts';
import { MESSAGE_FIELDS } from './fields.ts';
import type { Ask } from './reader.ts';

const NEWEST = Number.MAX_SAFE_INTEGER;
/** So many of the newest messages are looked through for what customers of a few assets said. */
const MESSAGES_BACK = 20_000;
const place = (row: Row): number => Number(row.ord);

/** The last thing said in each thread up to a place; null where nothing was. */
export async function lastSaid(ask: Ask, of: { threadId: Id; upto: number }[]): Promise<(MessageRow | null)[]> {
  if (of.length === 0) return [];
  const rows = await ask(
    `SELECT k.i, m.* FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS k (thread_id, upto, i)
       CROSS JOIN LATERAL (SELECT ${MESSAGE_FIELDS} FROM messages m
         WHERE m.thread_id = k.thread_id AND m.ord <= k.upto ORDER BY m.ord DESC LIMIT 1) m`,
    [of.map(({ threadId }) => threadId), of.map(({ upto }) => upto)],
  );
  const found = new Map(rows.map((row) => [Number(row.i), readMessage(row)]));
  return of.map((_, i) => found.get(i + 1) ?? null);
}

export class MessageReads {
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  async message(id: Id): Promise<MessageRow | null> {
    const [row] = await this.#ask(`SELECT ${MESSAGE_FIELDS} FROM messages m WHERE m.id = $1`, [id]);
    return row ? readMessage(row) : null;
  }

  /** The customer's last word. */
  async heard(threadId: Id): Promise<Heard | null> {
    const [row] = await this.#ask(
      `SELECT ${MESSAGE_FIELDS} FROM messages m WHERE m.thread_id = $1 AND m.turn IS NOT NULL ORDER BY m.ord DESC LIMIT 1`,
      [threadId],
    );
    return row ? heardIn(readMessage(row)) : null;
  }

  /** Messages up to `uptoSeq`, oldest first, the newest `limit` of them, and how many there are. */
  async transcript(threadId: Id, uptoSeq: number, limit: number): Promise<{ messages: Message[]; total: number }> {
    const rows = await this.#ask(
      `SELECT ${MESSAGE_FIELDS}, (SELECT seq FROM messages WHERE thread_id = $1 ORDER BY ord LIMIT 1) AS first
       FROM messages m WHERE m.thread_id = $1 AND m.seq <= $2 ORDER BY m.ord DESC LIMIT $3`,
      [threadId, uptoSeq, limit],
    );
    const messages = rows.map((row) => bare(readMessage(row))).reverse();
    const last = messages.at(-1)?.seq;
    return { messages, total: last === undefined ? 0 : last - Number(rows[0]?.first) + 1 };
  }

  /** What was said in the thread from the conversation's opening to its close, oldest first. */
  async ofConversation(id: Id, ask: PageAsk): Promise<Page<MessageRow>> {
    const limit = pageLimit(ask);
    const rows = await this.#ask(
      `SELECT ${MESSAGE_FIELDS} FROM conversations c JOIN messages m ON m.thread_id = c.thread_id
         AND m.ord > $2 AND m.ord >= c.opened_ord AND m.ord <= coalesce(c.closed_ord, ${NEWEST})
       WHERE c.id = $1 ORDER BY m.ord LIMIT $3`,
      [id, readCursor(ask.after, 0), limit + 1],
    );
    return page(rows, limit, place, readMessage);
  }

  /** A thread's messages before a place, newest first. */
  async said(threadId: Id, before: number | null, limit: number): Promise<Said[]> {
    const rows = await this.#ask(
      `SELECT ${MESSAGE_FIELDS} FROM messages m WHERE m.thread_id = $1 AND m.ord < $2 ORDER BY m.ord DESC LIMIT $3`,
      [threadId, before ?? NEWEST, limit],
    );
    return rows.map((row) => ({ ord: place(row), message: readMessage(row) }));
  }

  async list(ask: PageAsk & { words: string }): Promise<Page<MessageRow>> {
    const { like, fits } = wordsOf(ask.words, 'doc');
    const likely = like.length > 0 ? 's.doc ILIKE $2' : 'true';
    const rows = await this.#ask(
      `WITH step AS MATERIALIZED (
         SELECT ${MESSAGE_FIELDS} FROM messages m WHERE m.ord < $1 ORDER BY m.ord DESC LIMIT ${STEP_ROWS})
       SELECT e.looked, e.least, s.* FROM (SELECT count(*) AS looked, min(ord) AS least FROM step) e
         LEFT JOIN step s ON ${likely} ORDER BY s.ord DESC`,
      [readCursor(ask.after, NEWEST), ...like],
    );
    const end = Number(rows[0]?.looked) < STEP_ROWS ? 0 : Number(rows[0]?.least);
    const found = rows.filter((row) => {
      if (row.id === null) return false;
      const { text, title } = readMessage(row);
      return fits(`${text}\n${title ?? ''}`);
    });
    return stepPage(found, pageLimit(ask), end, place, readMessage);
  }

  async voices(rows: number): Promise<AuthorType[]> {
    const some = (order: string): string => `(SELECT doc FROM messages ORDER BY ord ${order} LIMIT $1)`;
    const docs = await this.#ask(`${some('ASC')} UNION ALL ${some('DESC')}`, [rows]);
    const types = docs.map(({ doc }) => (JSON.parse(String(doc)) as Pick<Message, 'author'>).author.type);
    return [...new Set(types)];
  }

  /** What customers of these assets said last, newest first, with their threads as they are now. */
  async utterances(assetIds: readonly Id[], limit: number): Promise<{ message: MessageRow; thread: ThreadRow }[]> {
    const rows = await this.#ask(
      `SELECT ${MESSAGE_FIELDS}, t.state, t.due_at, t.updated_at
       FROM (SELECT * FROM messages ORDER BY ord DESC LIMIT ${MESSAGES_BACK}) m JOIN threads t ON t.id = m.thread_id
       WHERE m.turn IS NOT NULL AND t.asset_id = ANY($1) ORDER BY m.ord DESC LIMIT $2`,
      [assetIds, limit],
    );
    return rows.map((row) => ({ message: readMessage(row), thread: readThread(row) }));
  }
}
