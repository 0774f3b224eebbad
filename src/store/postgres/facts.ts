// What is known when an input is decided, taken from what was loaded for its batch.
// Not here: the loading (load.ts), and the customer's unanswered turns, which are loaded only when a decision asks.
// The one thing to know: earlier inputs of the batch have changed the book already.
import type { Facts, Input } from '../../routing/inputs.ts';
import type { Id } from '../../routing/model.ts';
import { addressesOf, keyHash, keyOf, keysOf, namedHashes } from '../rows/dedupe.ts';
import { areTheirs } from '../rows/remarked.ts';
import type { Book, Entry } from './book.ts';

/** The facts, and the thread's entry that they came from. */
export type Known = { facts: Facts; entry: Entry | undefined };

const none = (entry: Entry | undefined): Known => ({
  entry,
  facts: { thread: entry?.state ?? null, conversation: null, message: null, delivery: null, remembered: null },
});

export function factsFor(book: Book, input: Input): Known {
  switch (input.type) {
    case 'customer':
    case 'alias':
      return none(book.eldest(input.assetId, addressesOf(input)));
    case 'typing':
    case 'watermark':
    case 'sign':
    case 'control':
      return none(book.customer(input.assetId, input.address));
    case 'note': {
      const known = none(book.thread(input.threadId));
      known.facts.conversation = book.conversations.get(input.conversationId) ?? null;
      return known;
    }
    case 'receipt':
      return told(book, ofThreadOf(book, named(book, input, input.messageId)));
    case 'remark':
    case 'echo':
      return ofNamed(book, input);
    case 'bot':
    case 'desk':
      return ofCommand(book, input.command);
    case 'attempt': {
      const known = ofDelivery(book, input.deliveryId, input.threadId);
      const before = keysOf(input).filter((key) => seen(book, key) !== undefined);
      if (before.length > 0) known.facts.said = new Set(before);
      return known;
    }
    case 'begin':
    case 'replay':
    case 'retry':
    case 'resolution':
      return ofDelivery(book, input.deliveryId, input.threadId);
    case 'integration': {
      const known = none(undefined);
      if (input.version !== undefined) known.facts.version = book.versions.get(input.id) ?? null;
      return known;
    }
    default:
      return none(book.thread(input.threadId));
  }
}

/** The message that an input names, by our id or by the channel's. */
function named(book: Book, input: Input, messageId: Id | undefined): Known['facts']['message'] {
  const own = messageId ? book.messages.get(messageId) : undefined;
  if (own) return own;
  for (const hash of namedHashes(input)) {
    const id = book.dedupe.get(hash);
    const message = id && book.messages.get(id);
    if (message) return message;
  }
  return null;
}

/** A remark is about a message of the same customer, wherever it stands; an echo belongs to the customer's thread. */
function ofNamed(book: Book, input: Extract<Input, { type: 'remark' | 'echo' }>): Known {
  const message = named(book, input, input.type === 'echo' ? input.messageId : undefined);
  const known = none(book.customer(input.assetId, input.address));
  if (input.type === 'remark' && message) {
    const found = ofThreadOf(book, message);
    const of = found.entry?.state;
    return of && areTheirs(of, input.address, known.entry?.state) ? found : known;
  }
  known.facts.message = message;
  return told(book, known);
}

/** With the send of the message, where it is in doubt. */
function told(book: Book, known: Known): Known {
  const id = book.held.get(known.facts.message?.id ?? '');
  known.facts.delivery = (id && book.deliveries.get(id)) || null;
  return known;
}

function ofThreadOf(book: Book, message: Known['facts']['message']): Known {
  const known = none(message ? book.thread(message.threadId) : undefined);
  known.facts.message = message;
  return known;
}

/** undefined: never seen; else the message it became, null if it became none. */
function seen(book: Book, key: string): Id | null | undefined {
  const found = book.dedupe.get(keyHash(key));
  return found === false ? undefined : found;
}

function ofCommand(book: Book, command: Extract<Input, { type: 'bot' | 'desk' }>['command']): Known {
  const conversation = book.conversations.get(command.conversationId) ?? null;
  const known = none(conversation ? book.thread(conversation.threadId) : undefined);
  known.facts.conversation = conversation;
  const key = keyOf(command);
  if (key !== undefined) known.facts.remembered = seen(book, key) ?? null;
  return known;
}

function ofDelivery(book: Book, deliveryId: Id, threadId: Id): Known {
  const delivery = book.deliveries.get(deliveryId) ?? null;
  const known = none(book.thread(delivery?.threadId ?? threadId));
  known.facts.delivery = delivery;
  if (delivery?.messageId) known.facts.message = book.messages.get(delivery.messageId) ?? null;
  return known;
}
