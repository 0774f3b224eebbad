// What a bot is told: the seed's JSON, to the spelling and order of each field, and the one object `Signalbox` beside it.
// Not here: headers and sending (seed-bot.ts). The one thing to know: the seed's fields never change; whatever is new
// goes into `Signalbox`, which a bot written for the seed does not read.
import type { AttemptFacts } from '../engine/ports.ts';
import type { LaneItem } from '../engine/store-port.ts';
import type { Media, Message } from '../routing/model.ts';
import { detailsOf } from '../wire/details.ts';

/** A body for the bot: names and order are the seed's. */
export type Payload = Record<string, unknown>;

/** The seed's word for each kind of channel; `FB` is the seed's own, the others are ours. */
const CHANNEL_WORDS: Readonly<Record<string, string>> = {
  http: 'HTTP',
  webchat: 'WEBCHAT',
  messenger: 'FB',
  instagram: 'INSTAGRAM',
  whatsapp: 'WHATSAPP',
  sms: 'SMS',
  telegram: 'TELEGRAM',
  line: 'LINE',
};
/** How much of what the human said comes with `conversation.returned`: the bot had a copy of each when it was said. */
const MAX_RETURNED = 50;
const DELIVERY_STATUS: Readonly<Record<string, string>> = { delivered: 'Delivered', failed: 'Failed', read: 'Read' };

/** `YYYY-MM-DD hh:mm:ss.SS`, GMT, 24-hour, two digits of fraction, of ms since 1970. [seed] */
export function seedTime(at: number): string {
  return new Date(at).toISOString().replace('T', ' ').slice(0, -2);
}

/** The body for a delivery, or null for a kind that a bot is never told. */
export function payloadOf(item: LaneItem, facts: AttemptFacts): Payload | null {
  const { delivery, message } = item;
  if (delivery.kind === 'message' && message !== null) return incoming(item, message, facts);
  if (delivery.kind === 'postback' && message !== null) return postback(item, message, facts);
  if (delivery.kind === 'receipt') return receipt(item, facts);
  if (delivery.kind === 'signal') return signal(item, facts);
  return null;
}

/** The nine fields of an incoming message, empty but for type, event and time. [ours: the seed says only "Verify"] */
export function verificationPayload(now: number): Payload {
  return {
    Conversationid: '',
    ConversationType: 'BOT',
    Message: '',
    MessageType: '',
    Messageid: '',
    Media: '',
    Channel: '',
    Event: 'Verification',
    Timestamp: seedTime(now),
  };
}

/**
 * A customer's or an agent's words. A merged turn has the id and time of its last message, which completed it, and the
 * type of its first that is not text.
 */
function incoming(item: LaneItem, first: Message, facts: AttemptFacts): Payload {
  const parts = [first, ...item.merged];
  const last = parts[parts.length - 1] ?? first;
  const media = parts.flatMap((part) => part.media);
  const fromCustomer = first.author.type === 'customer';
  return {
    Conversationid: item.delivery.conversationId ?? '',
    ConversationType: fromCustomer ? facts.conversationType : 'CCSP',
    Message: parts
      .map((part) => part.text)
      .filter((words) => words !== '')
      .join('\n'),
    MessageType: parts.find((part) => part.type !== 'text')?.type ?? 'text',
    Messageid: last.id,
    Media: media[0]?.url ?? '',
    Channel: channelWord(facts),
    Event: fromCustomer ? 'Incoming message' : 'Agent response',
    Timestamp: seedTime(last.at),
    Signalbox: extension(item, facts, {
      event: fromCustomer ? 'message.received' : `${first.author.type}.message`,
      message: last,
      media,
      messages: parts.length > 1 ? parts : [],
    }),
  };
}

function postback(item: LaneItem, message: Message, facts: AttemptFacts): Payload {
  return {
    Conversationid: item.delivery.conversationId ?? '',
    ConversationType: facts.conversationType,
    PostbackPayload: message.payload ?? '',
    Channel: channelWord(facts),
    Event: facts.channel === 'messenger' ? 'FB POSTBACK' : 'POSTBACK',
    Timestamp: seedTime(message.at),
    Signalbox: extension(item, facts, { event: 'postback.received', message }),
  };
}

function receipt(item: LaneItem, facts: AttemptFacts): Payload {
  const { delivery, message } = item;
  const { status, description, at } = delivery.data ?? {};
  return {
    Conversationid: delivery.conversationId ?? '',
    ConversationType: facts.conversationType,
    Messageid: delivery.messageId ?? message?.id ?? '',
    Channel: channelWord(facts),
    Event: 'Message Delivery',
    DeliveryStatus: DELIVERY_STATUS[String(status)] ?? 'Failed',
    ...(status === 'failed' ? { Description: typeof description === 'string' ? description : '' } : {}),
    Timestamp: seedTime(typeof at === 'number' ? at : delivery.createdAt),
    Signalbox: extension(item, facts, { event: 'message.receipt', message }),
  };
}

function signal(item: LaneItem, facts: AttemptFacts): Payload {
  const { event, upto_seq: _, desk_conversation_id: desk, ...details } = item.delivery.data ?? {};
  // The words stand in the message alone: what the customer took back since is not told any more.
  if (details.kind === 'edit' && item.message) details.text = item.message.text;
  const said = (facts.transcript?.messages ?? [])
    .filter((message) => message.author.type === 'agent' && message.conversationId === desk)
    .slice(-MAX_RETURNED);
  return {
    Conversationid: item.delivery.conversationId ?? '',
    ConversationType: 'CCSP',
    Channel: channelWord(facts),
    Event: 'Signalbox',
    Timestamp: seedTime(item.delivery.createdAt),
    Signalbox: {
      ...extension(item, facts, { event: String(event), message: null, messages: said }),
      Details: details,
    },
  };
}

type About = { event: string; message: Message | null; media?: Media[]; messages?: Message[] };

/** The object `Signalbox`. `Sequence` is the message's place in its thread: the same in each copy, null without one. */
function extension(item: LaneItem, facts: AttemptFacts, about: About): Payload {
  const { delivery, thread } = item;
  const author = about.message?.author;
  const details = about.message && detailsOf(about.message);
  const desk = delivery.data?.desk_conversation_id ?? thread?.desk?.conversationId;
  return {
    Event: about.event,
    Service: thread?.serviceId ?? '',
    Asset: thread?.assetId ?? '',
    User: thread?.address ?? '',
    Author: { Type: author?.type ?? 'system', Name: author?.name ?? '' },
    Epoch: facts.epoch,
    Sequence: about.message?.seq ?? null,
    ...(delivery.replay ? { Replay: true } : {}),
    ...(typeof desk === 'string' ? { DeskConversationid: desk } : {}),
    Media: about.media ?? about.message?.media ?? [],
    ...(about.messages?.length ? { Messages: about.messages.map(original) } : {}),
    Attributes: thread?.attributes ?? {},
    ...(details === null ? {} : { Details: details }),
  };
}

function original(message: Message): Payload {
  const details = detailsOf(message);
  return {
    Messageid: message.id,
    Message: message.text,
    MessageType: message.type,
    Media: message.media,
    Timestamp: seedTime(message.at),
    ...(details === null ? {} : { Details: details }),
  };
}

function channelWord(facts: AttemptFacts): string {
  return CHANNEL_WORDS[facts.channel] ?? facts.channel.toUpperCase();
}
