// Loads what a whole batch may need, in one round trip: the threads first, locked in the order of their ids, then what
// hangs on them. Not here: what of it an input is told (facts.ts).
// The one thing to know: the locks come first, so that what is read after them cannot change until the commit.
import type { MessageRow } from '../../engine/store-port.ts';
import type { Input } from '../../routing/inputs.ts';
import type { Delivery, Id, Message, ThreadState } from '../../routing/model.ts';
import { readConversation } from '../rows/conversation.ts';
import { addressesOf, GENERATION_MS, keyHash, keyOf, keysOf, namedHashes, onceHash } from '../rows/dedupe.ts';
import { isOpen, readDelivery } from '../rows/delivery.ts';
import { bare, readMessage } from '../rows/message.ts';
import { REACHED_MAX, reachedBy } from '../rows/reached.ts';
import type { Row } from '../rows/row.ts';
import { type Book, customerKey, type Entry } from './book.ts';
import { plain } from './bulk.ts';
import { CONVERSATION_FIELDS, DELIVERY_FIELDS, MESSAGE_FIELDS, THREAD_FIELDS } from './fields.ts';
import type { Transaction } from './writer.ts';

export type Wanted = {
  threads: Set<Id>;
  customers: Map<string, [assetId: Id, address: string]>;
  conversations: Set<Id>;
  deliveries: Set<Id>;
  messages: Set<Id>;
  /** bots and desks of whose document the version is asked */
  documents: Set<Id>;
  hashes: Set<string>;
  /** of messages that are named by the channel's id: looked up before all else, for their threads are locked with the others */
  named: Set<string>;
};

const LOCK = {
  name: 'lock threads',
  text: `SELECT ${THREAD_FIELDS} FROM threads WHERE id IN (
      SELECT unnest($1::text[])
      UNION SELECT thread_id FROM conversations WHERE id = ANY($2::text[])
      UNION SELECT thread_id FROM deliveries WHERE id = ANY($3::text[])
      UNION SELECT thread_id FROM messages WHERE id = ANY($4::text[])
      UNION SELECT t.id FROM unnest($5::text[], $6::text[]) AS k (asset_id, address)
        JOIN threads t ON t.asset_id = k.asset_id AND t.address = k.address)
    ORDER BY id FOR UPDATE`,
};
const CONVERSATIONS = {
  name: 'load conversations',
  text: `SELECT ${CONVERSATION_FIELDS} FROM conversations c WHERE c.id = ANY($1::text[])`,
};
const DELIVERIES = {
  name: 'load deliveries',
  text: `SELECT ${DELIVERY_FIELDS} FROM deliveries d WHERE d.id = ANY($1::text[])`,
};
const MESSAGES = {
  name: 'load messages',
  text: `SELECT ${MESSAGE_FIELDS} FROM messages m WHERE m.id IN (SELECT unnest($1::text[])
    UNION SELECT message_id FROM deliveries WHERE id = ANY($2::text[]) AND message_id IS NOT NULL)`,
};
const VERSIONS = {
  name: 'load versions',
  text: "SELECT id, version FROM config WHERE kind IN ('bot', 'desk') AND id = ANY($1::text[])",
};
const HELD = {
  name: 'load held',
  text: `SELECT ${DELIVERY_FIELDS} FROM deliveries d WHERE d.status = 'held' AND d.target_type = 'asset'
    AND d.message_id = ANY($1::text[])`,
};
const DEDUPE = {
  name: 'load dedupe',
  // Generation by generation, so that each hash is one look at the index and not a reading of all of a generation: the one
  // of now, the last, and, where the clock has leapt, the next that there are on both sides.
  text: `SELECT hash, message_id FROM dedupe WHERE generation = $1 AND hash = ANY($3::text[])
    UNION ALL SELECT hash, message_id FROM dedupe WHERE generation = $2 AND hash = ANY($3::text[])
    UNION ALL SELECT hash, message_id FROM dedupe
      WHERE generation = (SELECT max(generation) FROM dedupe WHERE generation < $2) AND hash = ANY($3::text[])
    UNION ALL SELECT hash, message_id FROM dedupe
      WHERE generation = (SELECT min(generation) FROM dedupe WHERE generation > $1) AND hash = ANY($3::text[])`,
};
const ALIASES = {
  name: 'load aliases',
  text: `SELECT a.asset_id, a.address, a.thread_id FROM unnest($1::text[], $2::text[]) AS k (asset_id, address)
    JOIN aliases a ON a.asset_id = k.asset_id AND a.address = k.address`,
};
const UNSENT = {
  name: 'load without status',
  text: `SELECT * FROM (
      SELECT ${MESSAGE_FIELDS} FROM messages m WHERE m.thread_id = $1 AND m.turn IS NULL AND m.at <= $2
      ORDER BY m.ord DESC LIMIT ${REACHED_MAX}) o
    WHERE receipt IS NULL OR (receipt = 'delivered' AND $3 = 'read') ORDER BY ord`,
};
const SENT = {
  name: 'load sent',
  text: `SELECT ${DELIVERY_FIELDS},
      (SELECT max(started_at) FROM attempts a WHERE a.thread_id = $1 AND a.delivery_id = d.id) AS tried_at
    FROM deliveries d WHERE d.thread_id = $1 AND d.ord > $2 AND d.target_type = 'asset' AND d.message_id = ANY($3::text[])`,
};
const UNANSWERED = {
  name: 'load unanswered',
  text: `SELECT ${MESSAGE_FIELDS} FROM messages m WHERE m.thread_id = $1 AND m.turn > $2 ORDER BY m.ord`,
};
const OWED = {
  name: 'load owed',
  text: `SELECT ${DELIVERY_FIELDS} FROM deliveries d
    WHERE d.thread_id = $1 AND d.ord >= (SELECT coalesce(min(opened_ord), 0) FROM conversations WHERE id = $2)
      AND d.status IN ('pending', 'retrying') AND d.conversation_id = $2 AND d.target_type IN ('bot', 'desk')
      AND d.lane = 'main' ORDER BY d.ord`,
};

const nothing = (): Wanted => ({
  threads: new Set(),
  customers: new Map(),
  conversations: new Set(),
  deliveries: new Set(),
  messages: new Set(),
  documents: new Set(),
  hashes: new Set(),
  named: new Set(),
});

/** What must be known to decide these inputs. */
export function wantedBy(inputs: readonly Input[]): Wanted {
  const wanted = nothing();
  for (const input of inputs) want(wanted, input);
  return wanted;
}

function want(wanted: Wanted, input: Input): void {
  if ('threadId' in input) wanted.threads.add(input.threadId);
  if ('deliveryId' in input) wanted.deliveries.add(input.deliveryId);
  const once = onceHash(input);
  if (once !== undefined) wanted.hashes.add(once);
  for (const hash of namedHashes(input)) wanted.named.add(hash);
  if ('address' in input) {
    for (const address of addressesOf(input))
      wanted.customers.set(customerKey(input.assetId, address), [input.assetId, address]);
  }
  switch (input.type) {
    case 'note':
      wanted.conversations.add(input.conversationId);
      break;
    case 'echo':
      if (input.messageId !== undefined) wanted.messages.add(input.messageId);
      break;
    case 'receipt':
      if (input.messageId !== '') wanted.messages.add(input.messageId);
      break;
    case 'bot':
    case 'desk': {
      wanted.conversations.add(input.command.conversationId);
      const key = keyOf(input.command);
      if (key !== undefined) wanted.hashes.add(keyHash(key));
      break;
    }
    case 'integration':
      if (input.version !== undefined) wanted.documents.add(input.id);
      break;
    case 'attempt':
      for (const key of keysOf(input)) wanted.hashes.add(keyHash(key));
      break;
  }
}

/** Reads and locks what is wanted into the book. */
export async function load(
  tx: Transaction,
  book: Book,
  wanted: Wanted,
  now: number,
  /** whether any customer has a further address: while none has, nobody pays for it */
  aliases: boolean,
): Promise<void> {
  const { conversations, deliveries, messages, documents, hashes } = wanted;
  await findNamed(tx, book, wanted, now);
  if (aliases) await findAliases(tx, book, wanted);
  const lists = [conversations, deliveries, messages].map((set) => [...set]);
  const customers = [...wanted.customers.values()];
  const some = lists.some((list) => list.length > 0) || wanted.threads.size > 0 || customers.length > 0;
  const threads =
    some &&
    tx.send(LOCK, [
      [...wanted.threads],
      ...lists,
      customers.map(([assetId]) => assetId),
      customers.map(([, address]) => plain(address)),
    ]);
  const generation = Math.floor(now / GENERATION_MS);
  const talks = conversations.size > 0 && tx.send(CONVERSATIONS, [lists[0]]);
  const owed = deliveries.size > 0 && tx.send(DELIVERIES, [lists[1]]);
  const words = deliveries.size + messages.size > 0 && tx.send(MESSAGES, [lists[2], lists[1]]);
  const held = messages.size > 0 && tx.send(HELD, [lists[2]]);
  const versions = documents.size > 0 && tx.send(VERSIONS, [[...documents]]);
  const taken = hashes.size > 0 && tx.send(DEDUPE, [generation, generation - 1, [...hashes]]);
  await tx.settle();
  for (const id of wanted.threads) book.threads.set(id, null);
  for (const key of wanted.customers.keys()) book.customers.set(key, null);
  for (const id of conversations) book.conversations.set(id, null);
  for (const id of deliveries) book.deliveries.set(id, null);
  for (const id of messages) book.messages.set(id, null);
  for (const hash of hashes) book.dedupe.set(hash, false);
  for (const row of await rowsOf(threads)) enterThread(book, row);
  for (const row of await rowsOf(talks)) book.conversations.set(String(row.id), readConversation(row));
  for (const row of await rowsOf(owed)) book.deliveries.set(String(row.id), readDelivery(row));
  for (const delivery of (await rowsOf(held)).map(readDelivery)) {
    book.deliveries.set(delivery.id, delivery);
    book.held.set(delivery.messageId ?? '', delivery.id);
  }
  for (const row of await rowsOf(versions)) book.versions.set(String(row.id), Number(row.version));
  for (const row of await rowsOf(words)) book.messages.set(String(row.id), readMessage(row));
  for (const row of await rowsOf(taken)) book.dedupe.set(String(row.hash), row.message_id as Id | null);
}

/** The messages that are named by the channel's id. What this batch itself brings in is in the book by then. */
async function findNamed(tx: Transaction, book: Book, { named, messages }: Wanted, now: number): Promise<void> {
  if (named.size === 0) return;
  const generation = Math.floor(now / GENERATION_MS);
  const { rows } = await tx.query(DEDUPE, [generation, generation - 1, [...named]]);
  for (const hash of named) book.dedupe.set(hash, false);
  for (const row of rows) {
    const id = row.message_id as Id | null;
    book.dedupe.set(String(row.hash), id);
    if (id !== null) messages.add(id);
  }
}

async function findAliases(tx: Transaction, book: Book, { customers, threads }: Wanted): Promise<void> {
  if (customers.size === 0) return;
  const keys = [...customers.values()];
  const { rows } = await tx.query(ALIASES, [keys.map(([id]) => id), keys.map(([, address]) => plain(address))]);
  for (const row of rows) {
    const id = String(row.thread_id);
    book.aliases.set(customerKey(String(row.asset_id), String(row.address)), id);
    threads.add(id);
  }
}

const rowsOf = async (sent: false | Promise<{ rows: Row[] }>): Promise<Row[]> => (sent ? (await sent).rows : []);

export function readEntry(row: Row): Entry {
  return {
    state: JSON.parse(String(row.state)) as ThreadState,
    columns: {
      dueAt: row.due_at as number | null,
      holderId: row.holder_id as string | null,
      waiting: row.waiting === true ? 1 : 0,
      offeredTo: row.offered_to as string | null,
      limbo: String(row.limbo),
    },
    owner: Number(row.owner),
    touched: row.touched === true,
    stays: row.stays === true,
  };
}

function enterThread(book: Book, row: Row): void {
  const entry = readEntry(row);
  book.threads.set(entry.state.id, entry);
  book.customers.set(customerKey(entry.state.assetId, entry.state.address), entry.state.id);
}

// What is asked for seldom is loaded when it is asked for: the thread is locked by then.

export async function deliveryOf(tx: Transaction, book: Book, id: Id): Promise<Delivery | undefined> {
  if (book.deliveries.get(id) === undefined) {
    const { rows } = await tx.query(DELIVERIES, [[id]]);
    book.deliveries.set(id, rows[0] ? readDelivery(rows[0]) : null);
  }
  return book.deliveries.get(id) ?? undefined;
}

export async function messageOf(tx: Transaction, book: Book, id: Id): Promise<Message | undefined> {
  if (book.messages.get(id) === undefined) {
    const { rows } = await tx.query(MESSAGES, [[id], []]);
    book.messages.set(id, rows[0] ? readMessage(rows[0]) : null);
  }
  const row = book.messages.get(id);
  return row ? bare(row) : undefined;
}

/** The customer's utterances with a turn above `answered`, oldest first. */
export async function unansweredOf(tx: Transaction, book: Book, state: ThreadState): Promise<Message[]> {
  const { rows } = await tx.query(UNANSWERED, [state.id, state.answered]);
  const kept = rows.map((row) => bare(readMessage(row)));
  const added = book.write.messages
    .map(({ value }) => value)
    .filter(({ threadId, turn }) => threadId === state.id && turn !== null && turn > state.answered);
  return [...kept, ...added];
}

/** What had reached the customer by a moment and may yet get this status. What the batch changed so far counts, and what it changes counts later. */
export async function reachedIn(
  tx: Transaction,
  book: Book,
  threadId: Id,
  input: Extract<Input, { type: 'watermark' }>,
): Promise<MessageRow[]> {
  const { rows } = await tx.query(UNSENT, [threadId, input.at, input.status]);
  const first = rows[0];
  if (first === undefined) return [];
  const messages = rows.map((row) => book.known(readMessage(row)));
  const { rows: sent } = await tx.query(SENT, [threadId, first.ord, messages.map(({ id }) => id)]);
  const tried = new Map(book.write.attempts.map(({ value }) => [value.deliveryId, value.startedAt]));
  const deliveries = sent.map((row) => {
    const kept = readDelivery(row);
    const { id, status: now } = book.deliveries.get(kept.id) ?? kept;
    const begun = tried.get(id) ?? Number(row.tried_at ?? row.created_at);
    return { messageId: kept.messageId ?? '', status: now, at: begun };
  });
  return reachedBy(messages, deliveries, input);
}

/** What its bot or desk is still owed in a conversation, in order; what was said in it to the customer is not that. */
export async function owedIn(tx: Transaction, book: Book, threadId: Id, conversationId: Id): Promise<Delivery[]> {
  const { rows } = await tx.query(OWED, [threadId, conversationId]);
  const now = (delivery: Delivery): Delivery => {
    const known = book.deliveries.get(delivery.id);
    if (!known) book.deliveries.set(delivery.id, delivery);
    return known ?? delivery;
  };
  const kept = rows.map((row) => now(readDelivery(row)));
  const added = [...book.write.newDeliveries.keys()].flatMap((id) => book.deliveries.get(id) ?? []);
  return [...kept, ...added].filter(
    ({ conversationId: in_, lane, target, status }) =>
      in_ === conversationId && lane === 'main' && isOpen(status) && (target.type === 'bot' || target.type === 'desk'),
  );
}

export async function conversationThread(tx: Transaction, book: Book, id: Id): Promise<Id | undefined> {
  if (book.conversations.get(id) === undefined) {
    const { rows } = await tx.query(CONVERSATIONS, [[id]]);
    book.conversations.set(id, rows[0] ? readConversation(rows[0]) : null);
  }
  return book.conversations.get(id)?.threadId;
}
