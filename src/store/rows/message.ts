// A message as a row of any store: `doc` holds what no query looks at.
// Not here: SQL. The one thing to know: `doc` leaves out what is empty, because most messages are a text and nothing
// else; `readMessage` puts it back.
import type { MessageRow } from '../../engine/store-port.ts';
import type { Media, Message, MessageType, QuickReply, ReceiptStatus } from '../../routing/model.ts';
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
};

export function writeDoc(message: Message): string {
  const doc: Doc = { author: message.author };
  if (message.kind === 'postback') doc.kind = 'postback';
  if (message.conversationId !== null) doc.conversationId = message.conversationId;
  if (message.type !== 'text') doc.type = message.type;
  if (message.text !== '') doc.text = message.text;
  if (message.media.length > 0) doc.media = message.media;
  if (message.quickReplies) doc.quickReplies = message.quickReplies;
  if (message.custom) doc.custom = message.custom;
  if (message.payload !== undefined) doc.payload = message.payload;
  if (message.title !== undefined) doc.title = message.title;
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
  if (doc.quickReplies) message.quickReplies = doc.quickReplies;
  if (doc.custom) message.custom = doc.custom;
  if (doc.payload !== undefined) message.payload = doc.payload;
  if (doc.title !== undefined) message.title = doc.title;
  if (row.external_id !== null) message.externalId = String(row.external_id);
  return message;
}

/** A message as deliveries carry it: without its receipt. */
export function bare(row: MessageRow): Message {
  const { receipt: _, ...message } = row;
  return message;
}
