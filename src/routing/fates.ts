// What became of a message of ours: a channel's receipts, one by one or up to a moment, and our own giving up.
// Not here: attempts (delivery.ts). The one thing to know: a status is told once, to the sender only, and never gets worse.
import type { Context, Decision, Facts, Input } from './inputs.ts';
import { raise } from './raise.ts';
import { deliver, emptyDecision, finish, say, type Work, work } from './work.ts';

/** A failure is what we know until something better is known: providers tell late, and out of order. */
const RANK = { failed: 1, delivered: 2, read: 3 } as const;

/** A channel's word about a message of ours: monotonic, once each, to its sender only. */
export function decideReceipt(input: Extract<Input, { type: 'receipt' }>, facts: Facts, c: Context): Decision {
  const { message, thread } = facts;
  if (!message || !thread || thread.assetId !== input.assetId || message.author.type === 'customer') {
    return emptyDecision({ ok: true, ignored: true });
  }
  const w = work(thread, facts, c);
  const settled = settlesSend(w.d, facts);
  if (!receipt(w, message, input.status, input.description) && !settled)
    return emptyDecision({ ok: true, duplicate: true, messageId: message.id });
  w.d.reply = { ok: true, messageId: message.id };
  return finish(w);
}

/** Whoever tells what became of a message has it: then its send is no doubtful one any more, and nobody sends it again. */
export function settlesSend(d: Decision, { delivery, message }: Facts): boolean {
  if (delivery?.status !== 'held') return false;
  d.changes.push({ id: delivery.id, status: 'delivered', reason: 'the provider told of it' });
  const { id, target, kind } = delivery;
  const data = { delivery_id: id, target, kind, message_id: message?.id ?? null, by_provider: true };
  d.events.push({ type: 'delivery.delivered', data });
  return true;
}

/** All that reached the customer by then has this status. What had failed did not reach them: that takes a receipt of its own. */
export function decideWatermark(input: Extract<Input, { type: 'watermark' }>, facts: Facts, c: Context): Decision {
  const { thread, sent = [] } = facts;
  if (!thread) return emptyDecision({ ok: true, ignored: true });
  const w = work(thread, facts, c);
  const told = sent.filter((message) => message.receipt !== 'failed' && receipt(w, message, input.status));
  return told.length > 0 ? finish(w) : emptyDecision({ ok: true, ignored: true });
}

/** Records a fate and owes it to the sender. False when it says nothing new: repeated, or older than what is known. */
export function receipt(
  w: Work,
  message: NonNullable<Facts['message']>,
  status: 'delivered' | 'failed' | 'read',
  description?: string,
): boolean {
  const known = message.receipt ? RANK[message.receipt] : 0;
  if (known >= RANK[status]) return false;
  w.d.receipts.push({ messageId: message.id, status });
  say(w, 'message.receipt', { message_id: message.id, status, description });
  const { author } = message;
  const target = author.type === 'bot' ? 'bot' : author.type === 'agent' ? 'desk' : null;
  if (target && author.id && message.conversationId) {
    deliver(w, {
      target: { type: target, id: author.id },
      kind: 'receipt',
      conversationId: message.conversationId,
      messageId: message.id,
      data: { status, ...(description && status === 'failed' ? { description } : {}), at: w.c.now },
    });
  }
  const told = { 'event.status': status, 'event.reason': description };
  // Not for what a rule said itself: its receipts would make it speak again, for ever.
  if (author.type !== 'system') raise(w, { event: 'channel.receipt', fields: told }, { onlySide: true });
  return true;
}
