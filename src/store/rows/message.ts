// A message as a row of any store: `doc` holds what no query looks at.
// Not here: SQL. The one thing to know: `doc` leaves out what is empty, because most messages are a text and nothing
// else; `readMessage` puts it back.
import type { Heard } from '../../engine/channel-port.ts';
import type { MessageRow } from '../../engine/store-port.ts';
import type { Details, Media, Message, MessageType, QuickReply, ReceiptStatus } from '../../routing/model.ts';
import type { Row } from './row.ts';

type Doc = {
  author: Message['author'];
  kind?: 'postback';
  conversationId?: string;
  type?: MessageType;
  text?: string;
  media?: Media[];
  quickReplies?: QuickReply[];
  custom?: Record<string, string>;
  payload?: string;
  title?: string;
  details?: Details;
  sentAt?: number;
  edited?: NonNullable<Message['edited']>;
  deletedAt?: number;
};
/** Kept in the document as they are, and left out when they are not there. */
const SELDOM = ['quickReplies', 'custom', 'payload', 'title', 'details', 'sentAt', 'edited', 'deletedAt'] as const;

export function writeDoc(message: Message): string {
  const doc: Doc = { author: message.author };
  if (message.kind === 'postback') doc.kind = 'postback';
  if (message.conversationId !== null) doc.conversationId = message.conversationId;
  if (message.type !== 'text') doc.type = message.type;
  if (message.text !== '') doc.text = message.text;
  if (message.media.length > 0) doc.media = message.media;
  for (const name of SELDOM) if (message[name] !== undefined) Object.assign(doc, { [name]: message[name] });
  return JSON.stringify(doc);
}

export function readMessage(row: Row): MessageRow {
  const doc = JSON.parse(String(row.doc)) as Doc;
  const message: MessageRow = {
    id: String(row.id),
    threadId: String(row.thread_id),
    seq: Number(row.seq),
    turn: row.turn as number | null,
    kind: doc.kind ?? 'message',
    author: doc.author,
    conversationId: doc.conversationId ?? null,
    type: doc.type ?? 'text',
    text: doc.text ?? '',
    media: doc.media ?? [],
    at: Number(row.at),
    receipt: row.receipt as ReceiptStatus | null,
  };
  for (const name of SELDOM) if (doc[name] !== undefined) Object.assign(message, { [name]: doc[name] });
  if (row.external_id !== null) message.externalId = String(row.external_id);
  return message;
}

/** A message as deliveries carry it: without its receipt. */
export function bare(row: MessageRow): Message {
  const { receipt: _, ...message } = row;
  return message;
}

/** A customer's word as what a channel's window is counted from. */
export const heardIn = ({ at, sentAt, externalId }: Message): Heard => ({
  at: sentAt ?? at,
  externalId: externalId ?? null,
});
