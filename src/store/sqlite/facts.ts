// What is known when an input is decided, loaded by the kind of input.
// Not here: deciding, and the customer's unanswered turns, which are loaded only when a decision asks.
// The one thing to know: on the hot path (a customer's word, a bot's answer, an attempt) all of it is in memory.
import type { Facts, Input } from '../../routing/inputs.ts';
import type { Id } from '../../routing/model.ts';
import { addressesOf, keyHash, keyOf, keysOf, namedHashes } from '../rows/dedupe.ts';
import { REACHED_MAX, reachedBy } from '../rows/reached.ts';
import { areTheirs } from '../rows/remarked.ts';
import type { Tables } from './tables.ts';
import type { Entry } from './threads.ts';

/** The facts, and the thread's entry that they came from. */
export type Loaded = { facts: Facts; entry: Entry | undefined };

const none = (entry: Entry | undefined): Loaded => ({
  entry,
  facts: { thread: entry?.state ?? null, conversation: null, message: null, delivery: null, remembered: null },
});

/** Reads what a decision about this input may look at. */
export function loadFacts(tables: Tables, input: Input, now: number): Loaded {
  switch (input.type) {
    case 'customer':
    case 'alias':
      return none(tables.threads.byAddresses(input.assetId, addressesOf(input)));
    case 'typing':
    case 'sign':
    case 'control':
      return none(tables.threads.byCustomer(input.assetId, input.address));
    case 'watermark':
      return ofWatermark(tables, input);
    case 'note':
      return ofNote(tables, input);
    case 'receipt':
      return told(tables, input.assetId, ofThreadOf(tables, named(tables, input, input.messageId, now)));
    case 'remark':
    case 'echo':
      return ofNamed(tables, input, now);
    case 'bot':
    case 'desk':
      return ofCommand(tables, input.command, now);
    case 'attempt':
      return ofAttempt(tables, input, now);
    case 'begin':
    case 'replay':
    case 'retry':
    case 'resolution':
      return ofDelivery(tables, input.deliveryId, input.threadId);
    case 'integration':
      return ofIntegration(tables, input);
    default:
      return none(tables.threads.byId(input.threadId));
  }
}

function ofIntegration(tables: Tables, { id, version }: Extract<Input, { type: 'integration' }>): Loaded {
  const loaded = none(undefined);
  if (version !== undefined) loaded.facts.version = tables.health.version(id);
  return loaded;
}

function ofWatermark(tables: Tables, input: Extract<Input, { type: 'watermark' }>): Loaded {
  const loaded = none(tables.threads.byCustomer(input.assetId, input.address));
  if (!loaded.entry) return loaded;
  const messages = tables.messages.withoutStatus(loaded.entry.n, input.status, input.at, REACHED_MAX);
  loaded.facts.sent = reachedBy(messages, tables.ledger.sentOf(loaded.entry.n, messages), input);
  return loaded;
}

/** The message that an input names, by our id or by the channel's. */
function named(tables: Tables, input: Input, messageId: Id | undefined, now: number): Loaded['facts']['message'] {
  const own = messageId ? tables.messages.byId(messageId) : undefined;
  if (own !== undefined) return own;
  for (const hash of namedHashes(input)) {
    const id = tables.dedupe.find(hash, now);
    const message = id && tables.messages.byId(id);
    if (message) return message;
  }
  return null;
}

/** A remark is about a message of the same customer, wherever it stands; an echo belongs to the customer's thread. */
function ofNamed(tables: Tables, input: Extract<Input, { type: 'remark' | 'echo' }>, now: number): Loaded {
  const message = named(tables, input, input.type === 'echo' ? input.messageId : undefined, now);
  const loaded = none(tables.threads.byCustomer(input.assetId, input.address));
  if (input.type === 'remark' && message) {
    const found = ofThreadOf(tables, message);
    const of = found.entry?.state;
    return of && areTheirs(of, input.address, loaded.entry?.state) ? found : loaded;
  }
  loaded.facts.message = message;
  return told(tables, input.assetId, loaded);
}

/** With the send of the message, where it is in doubt. */
function told(tables: Tables, assetId: Id, loaded: Loaded): Loaded {
  const { message } = loaded.facts;
  const thread = message && tables.threads.byId(message.threadId);
  if (thread) loaded.facts.delivery = tables.ledger.heldOf(assetId, thread.n, message.id);
  return loaded;
}

function ofThreadOf(tables: Tables, message: Loaded['facts']['message']): Loaded {
  const loaded = none(message ? tables.threads.byId(message.threadId) : undefined);
  loaded.facts.message = message;
  return loaded;
}

function ofNote(tables: Tables, { threadId, conversationId }: Extract<Input, { type: 'note' }>): Loaded {
  const loaded = none(tables.threads.byId(threadId));
  loaded.facts.conversation = tables.conversations.byId(conversationId) ?? null;
  return loaded;
}

type Command = Extract<Input, { type: 'bot' | 'desk' }>['command'];

function ofCommand(tables: Tables, command: Command, now: number): Loaded {
  const conversation = tables.conversations.byId(command.conversationId) ?? null;
  const loaded = none(conversation ? tables.threads.byId(conversation.threadId) : undefined);
  loaded.facts.conversation = conversation;
  const key = keyOf(command);
  if (key !== undefined) loaded.facts.remembered = tables.dedupe.find(keyHash(key), now) ?? null;
  return loaded;
}

function ofAttempt(tables: Tables, input: Extract<Input, { type: 'attempt' }>, now: number): Loaded {
  const loaded = ofDelivery(tables, input.deliveryId, input.threadId);
  const before = keysOf(input).filter((key) => tables.dedupe.find(keyHash(key), now) !== undefined);
  if (before.length > 0) loaded.facts.said = new Set(before);
  return loaded;
}

function ofDelivery(tables: Tables, deliveryId: Id, threadId: Id): Loaded {
  const delivery = tables.ledger.byId(deliveryId) ?? null;
  const loaded = none(tables.threads.byId(delivery?.threadId ?? threadId));
  loaded.facts.delivery = delivery;
  if (delivery?.messageId) loaded.facts.message = tables.messages.byId(delivery.messageId) ?? null;
  return loaded;
}
