// Saves one decision in the batch's book and tells what came of it.
// Not here: what was decided, and the writing (flush.ts). The one thing to know: within a decision the order of places is
// messages, events, deliveries; a conversation's stretch covers the whole decision that opens or closes it.
import type { Applied, LaneItem } from '../../engine/store-port.ts';
import type { Decision } from '../../routing/inputs.ts';
import type { Id, Message } from '../../routing/model.ts';
import { keyHash, sentHash } from '../rows/dedupe.ts';
import { laneItem } from '../rows/delivery.ts';
import { isErased, sameView, viewOf } from '../rows/state.ts';
import type { Book, Entry } from './book.ts';
import type { Known } from './facts.ts';
import { conversationThread, deliveryOf, messageOf, owedIn } from './load.ts';
import type { Transaction } from './writer.ts';

export async function saveDecision(
  tx: Transaction,
  book: Book,
  { facts, entry }: Known,
  decision: Decision,
  now: number,
): Promise<Applied> {
  const from = book.used + 1;
  const after = decision.thread ? book.saveThread(decision.thread, now) : entry;
  const threadId = after?.state.id ?? null;

  saveWords(book, after, decision);
  for (const event of decision.events) book.addEvent(threadId, now, event);
  // An answer that was under way when the customer was erased may quote them.
  if (decision.attempt && !(after && isErased(after.state))) await saveAttempt(tx, book, decision.attempt);
  const find = finder(tx, book, decision, facts.unanswered);
  const changes: Applied['changes'] = [];
  for (const change of decision.changes) {
    const before = await deliveryOf(tx, book, change.id);
    if (before === undefined) continue;
    const { target, threadId: of } = book.changeDelivery(before, change);
    const joined = change.join && (await find(change.join.messageId));
    changes.push({ ...change, target, threadId: of, ...(joined && { joined }) });
  }
  for (const each of decision.cancel) changes.push(...(await cancel(tx, book, each)));

  const queued: LaneItem[] = [];
  for (const draft of decision.deliveries) {
    const delivery = book.addDelivery(draft, now);
    queued.push(await itemOf(delivery, find));
  }
  const dueAt = after?.columns.dueAt ?? null;
  const moved = decision.thread !== null && dueAt !== (entry?.columns.dueAt ?? null);
  // A deadline is minded by its thread's id, which of all inputs that move one an attempt alone need not be told.
  const minded = moved && decision.attempt === null;
  const signals = decision.transients.length > 0;
  const news = minded || signals || !entry || (after && !sameView(entry.state, after.state));
  const view = after && (news || queued.length > 0) ? viewOf(after.state) : null;

  const to = book.used;
  for (const conversation of decision.conversations) book.saveConversation(conversation, from, to);
  if (decision.health) book.write.health.set(decision.health.id, decision.health);

  return {
    reply: decision.reply,
    thread: view,
    dueAt: moved ? dueAt : undefined,
    queued,
    changes,
    health: decision.health,
    transients: decision.transients,
  };
}

function saveWords(book: Book, after: Entry | undefined, decision: Decision): void {
  for (const message of decision.messages) {
    if (after === undefined) throw new Error(`message ${message.id} without a thread`);
    book.addMessage(message);
  }
  for (const { messageId, status } of decision.receipts) book.setReceipt(messageId, status);
  for (const { messageId, externalId, assetId } of decision.externalIds) {
    book.setExternalId(messageId, externalId);
    if (assetId !== undefined) book.remember(sentHash(assetId, externalId), messageId);
  }
  for (const message of decision.rewritten ?? []) book.rewrite(message);
  if (after && decision.aliases) book.lead(after.state, decision.aliases);
  for (const { key, messageId } of decision.remember) book.remember(keyHash(key), messageId);
}

/** Keeps a try; one of a delivery that is gone is dropped. */
async function saveAttempt(tx: Transaction, book: Book, attempt: NonNullable<Decision['attempt']>): Promise<void> {
  if ((await deliveryOf(tx, book, attempt.deliveryId)) !== undefined) book.addAttempt(attempt);
}

/** Cancels what is still to be sent in a conversation. What this decision adds comes after, and stands. */
async function cancel(
  tx: Transaction,
  book: Book,
  { conversationId, reason }: Decision['cancel'][number],
): Promise<Applied['changes']> {
  const threadId = await conversationThread(tx, book, conversationId);
  if (threadId === undefined) return [];
  const owed = await owedIn(tx, book, threadId, conversationId);
  return owed.map((delivery) => {
    const change = { id: delivery.id, status: 'cancelled' as const, reason };
    book.changeDelivery(delivery, change);
    return { ...change, target: delivery.target, threadId: delivery.threadId };
  });
}

type Find = (id: Id) => Promise<Message | undefined>;

/** A message by id: new in this decision, just redelivered, or kept. */
function finder(tx: Transaction, book: Book, { messages }: Decision, unanswered: Message[] | undefined): Find {
  return async (id) =>
    messages.find((message) => message.id === id) ??
    unanswered?.find((message) => message.id === id) ??
    messageOf(tx, book, id);
}

async function itemOf(delivery: LaneItem['delivery'], find: Find): Promise<LaneItem> {
  const found = new Map<Id, Message>();
  for (const id of [delivery.messageId, ...delivery.merged]) {
    const message = id === null ? undefined : await find(id);
    if (message !== undefined) found.set(message.id, message);
  }
  return laneItem(delivery, (id) => found.get(id) ?? null, null);
}
