// What a desk behind a webhook is told: `{type, timestamp, data}` (contract §5; ours, the vendor published none).
// Not here: headers and sending (adapter.ts). The one thing to know: `data` always names the conversation, the customer
// and the epoch, so that each event can be understood without the one before it.
import type { AttemptFacts, DeskConfig } from '../../engine/ports.ts';
import type { LaneItem, ThreadView } from '../../engine/store-port.ts';
import type { Message } from '../../routing/model.ts';
import { detailsOf as saidBeyond } from '../../wire/details.ts';

/** The transcript's share of one POST. What is left out is the oldest, and it is said how much. */
const MAX_TRANSCRIPT_BYTES = 524_288;

export type Letter = { type: string; timestamp: string; data: Record<string, unknown> };

/** The body for a delivery, or null for a kind that a desk is never told. */
export function payloadOf(item: LaneItem, facts: AttemptFacts): Letter | null {
  const { delivery } = item;
  const at = happenedAt(item);
  const told = detailsOf(item, facts);
  if (told === null) return null;
  const common = commonData(delivery.conversationId ?? '', item.thread, facts.epoch, facts.channel);
  if (typeof delivery.data?.bot_conversation_id === 'string')
    common.bot_conversation_id = delivery.data.bot_conversation_id;
  const data = { ...common, ...told.data, ...(delivery.replay ? { replay: true } : {}) };
  return { type: told.type, timestamp: new Date(at).toISOString(), data };
}

/** When it was said; of a receipt, when the channel told it. */
function happenedAt({ delivery, message }: LaneItem): number {
  if (typeof delivery.data?.at === 'number') return delivery.data.at;
  const said = delivery.kind !== 'receipt' && delivery.kind !== 'signal';
  return message !== null && said ? message.at : delivery.createdAt;
}

/** The customer types, or stopped. */
export function typingPayload(
  conversationId: string,
  on: boolean,
  now: number,
  thread: ThreadView | null,
  channel: string,
): Letter {
  const data = { ...commonData(conversationId, thread, thread?.epoch ?? 0, channel), on };
  return { type: 'typing', timestamp: new Date(now).toISOString(), data };
}

export function verificationPayload(desk: DeskConfig, now: number): Letter {
  return { type: 'verification', timestamp: new Date(now).toISOString(), data: { desk_id: desk.id } };
}

/** What `data` always has. */
function commonData(conversationId: string, thread: ThreadView | null, epoch: number, channel: string) {
  return {
    conversation_id: conversationId,
    bot_conversation_id: thread?.desk?.conversationId === conversationId ? thread.desk.botConversationId : null,
    thread_id: thread?.id ?? '',
    epoch,
    customer: { address: thread?.address ?? '', name: thread?.name ?? '' },
    channel,
    asset_id: thread?.assetId ?? '',
    service_id: thread?.serviceId ?? null,
  };
}

function detailsOf(item: LaneItem, facts: AttemptFacts): { type: string; data: Record<string, unknown> } | null {
  const { delivery, message } = item;
  const kept = delivery.data ?? {};
  switch (delivery.kind) {
    case 'started':
      return { type: 'conversation.started', data: started(kept, facts) };
    case 'closed':
      return { type: 'conversation.closed', data: { reason: words(kept.reason) } };
    case 'receipt':
      return { type: 'message.receipt', data: receipt(delivery.messageId ?? message?.id ?? '', kept) };
    case 'message':
      return message && { type: 'message.received', data: { message: content(message) } };
    case 'postback':
      return message && { type: 'postback.received', data: { postback: postback(message) } };
    case 'signal':
      return kept.event === 'message.updated' && message
        ? { type: 'message.updated', data: { message: content(message), update: update(kept) } }
        : null;
    default:
      return null;
  }
}

/** What the customer did to it: the message is told as it reads now. */
function update({ kind, emoji }: Record<string, unknown>) {
  return { kind: words(kind), ...(typeof emoji === 'string' ? { emoji } : {}) };
}

function started(kept: Record<string, unknown>, facts: AttemptFacts) {
  const { messages = [], total = 0 } = facts.transcript ?? {};
  const transcript: Record<string, unknown>[] = [];
  let bytes = 0;
  for (const message of messages.toReversed()) {
    const entry = transcriptEntry(message);
    bytes += Buffer.byteLength(JSON.stringify(entry));
    if (bytes > MAX_TRANSCRIPT_BYTES) break;
    transcript.unshift(entry);
  }
  return {
    reason: words(kept.reason),
    attributes: kept.attributes ?? {},
    transcript,
    /** how many older utterances there are than these: 0 when this is everything */
    transcript_omitted: Math.max(total, messages.length) - transcript.length,
  };
}

function transcriptEntry(message: Message): Record<string, unknown> {
  const author = { type: message.author.type, name: message.author.name };
  const said = message.kind === 'postback' ? { postback: postback(message) } : { message: content(message) };
  return { timestamp: new Date(message.at).toISOString(), author, ...said };
}

function receipt(messageId: string, kept: Record<string, unknown>) {
  const { status, description } = kept;
  return { message_id: messageId, status: words(status), ...(typeof description === 'string' ? { description } : {}) };
}

function content(message: Message) {
  const { id, type, text, media } = message;
  const details = saidBeyond(message);
  return { id, type, text, media, ...(details && { details }), ...(message.deletedAt && { deleted: true }) };
}

const postback = ({ id, payload, title }: Message) => ({ id, payload: payload ?? '', ...(title ? { title } : {}) });

const words = (value: unknown): string => (typeof value === 'string' ? value : '');
