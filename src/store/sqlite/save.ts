// Saves one decision and tells what came of it. Runs inside the batch's transaction.
// Not here: what was decided, and the transaction. The one thing to know: within a decision the journal's order is
// messages, events, deliveries; a conversation's stretch covers the whole decision that opens or closes it.
import type { Applied } from '../../engine/store-port.ts';
import type { Decision } from '../../routing/inputs.ts';
import type { Id, Message } from '../../routing/model.ts';
import { keyHash, sentHash } from '../rows/dedupe.ts';
import { laneItem } from '../rows/delivery.ts';
import { bare } from '../rows/message.ts';
import { isErased, sameView, viewOf } from '../rows/state.ts';
import type { Loaded } from './facts.ts';
import type { Tables } from './tables.ts';
import type { Entry } from './threads.ts';

export function saveDecision(tables: Tables, { facts, entry }: Loaded, decision: Decision, now: number): Applied {
  const from = tables.journal.last + 1;
  const after = decision.thread ? tables.threads.save(decision.thread, now) : entry;
  const thread = after?.n ?? null;

  saveWords(tables, after, decision, now);
  for (const event of decision.events) tables.journal.write(thread, now, event);

  // An answer that was under way when the customer was erased may quote them.
  if (decision.attempt && !(after && isErased(after.state))) tables.ledger.addAttempt(decision.attempt);
  const changes = decision.changes.flatMap((change) => {
    const delivery = tables.ledger.change(change);
    if (delivery === undefined) return [];
    const joined = change.join && lookUp(tables, change.join.messageId, decision, facts.unanswered);
    return [{ ...change, target: delivery.target, threadId: delivery.threadId, ...(joined && { joined }) }];
  });
  for (const { conversationId, reason } of decision.cancel) {
    changes.push(...cancel(tables, conversationId, reason));
  }

  const added = decision.deliveries.map((draft) =>
    tables.ledger.add(draft.threadId === after?.state.id ? thread : numberOf(tables, draft.threadId), draft, now),
  );
  const find = (id: Id): Message | null => lookUp(tables, id, decision, facts.unanswered) ?? null;
  // The view crosses threads once, and only when a lane needs it.
  const dueAt = after?.columns.dueAt ?? null;
  const moved = decision.thread !== null && dueAt !== (entry?.columns.dueAt ?? null);
  // A deadline is minded by its thread's id, which of all inputs that move one an attempt alone need not be told.
  const minded = moved && decision.attempt === null;
  const signals = decision.transients.length > 0;
  const news = minded || signals || !entry || (after && !sameView(entry.state, after.state));
  const view = after && (news || added.length > 0) ? viewOf(after.state) : null;
  const queued = added.map((delivery) => laneItem(delivery, find, null));

  const to = tables.journal.last;
  for (const conversation of decision.conversations) {
    const number = conversation.threadId === after?.state.id ? thread : numberOf(tables, conversation.threadId);
    if (number === null) throw new Error(`conversation ${conversation.id} names no thread`);
    tables.conversations.save(number, conversation, from, to);
  }
  if (decision.health) tables.health.save(decision.health);

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

function saveWords(tables: Tables, after: Entry | undefined, decision: Decision, now: number): void {
  for (const message of decision.messages) {
    if (after === undefined) throw new Error(`message ${message.id} without a thread`);
    tables.messages.add(after.n, message);
  }
  for (const { messageId, status } of decision.receipts) tables.messages.setReceipt(messageId, status);
  for (const { messageId, externalId, assetId } of decision.externalIds) {
    tables.messages.setExternalId(messageId, externalId);
    if (assetId !== undefined) tables.dedupe.add(sentHash(assetId, externalId), messageId, now);
  }
  for (const message of decision.rewritten ?? []) tables.messages.rewrite(message);
  if (after && decision.aliases) tables.threads.lead(after, decision.aliases);
  for (const { key, messageId } of decision.remember) tables.dedupe.add(keyHash(key), messageId, now);
}

/** Cancels what is still to be sent in a conversation. What this decision adds comes after, and stands. */
function cancel(tables: Tables, conversationId: Id, reason: string): Applied['changes'] {
  const stretch = tables.conversations.stretchOf(conversationId);
  if (stretch === undefined) return [];
  return tables.ledger.openOfConversation(stretch.thread, stretch.from, conversationId).map((delivery) => {
    const change = { id: delivery.id, status: 'cancelled' as const, reason };
    tables.ledger.change(change);
    return { ...change, target: delivery.target, threadId: delivery.threadId };
  });
}

const numberOf = (tables: Tables, threadId: Id): number | null => tables.threads.byId(threadId)?.n ?? null;

/** A message by id: new in this decision, just redelivered, or kept. */
function lookUp(tables: Tables, id: Id, decision: Decision, unanswered: Message[] | undefined): Message | undefined {
  const near =
    decision.messages.find((message) => message.id === id) ?? unanswered?.find((message) => message.id === id);
  if (near !== undefined) return near;
  const row = tables.messages.byId(id);
  return row && bare(row);
}
