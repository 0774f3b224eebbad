// What happens beside the conversation: agents' notes to each other, and the customer who is typing.
// Not here: what bots and desks type (bots.ts, desks.ts). The one thing to know: neither changes the thread; a note is
// an event, so it goes with the customer when they are erased, and typing is not kept at all.
import type { Context, Decision, Facts, Input } from './inputs.ts';
import { emptyDecision, holderOf, refuse } from './work.ts';

/** An agent's note: in the timeline, and never to the customer, a bot or a desk's software. */
export function decideNote(input: Extract<Input, { type: 'note' }>, facts: Facts): Decision {
  const { conversation, thread } = facts;
  if (!conversation || !thread || conversation.threadId !== thread.id)
    return refuse('not_found', 'no such conversation');
  if (conversation.closeReason === 'erased') return refuse('conversation_closed', 'the customer was erased');
  const { text, author } = input;
  const decision = emptyDecision({ ok: true, conversationId: conversation.id });
  decision.events.push({ type: 'note.added', data: { conversation_id: conversation.id, text, author } });
  return decision;
}

/** The customer is typing: for the desk that holds the line. Bots are not told; nobody's line is nobody's business. */
export function decideTyping(input: Extract<Input, { type: 'typing' }>, facts: Facts, c: Context): Decision {
  const { thread } = facts;
  const decision = emptyDecision({ ok: true });
  if (!thread || !c.world.assets.has(input.assetId)) return decision;
  const { type, id, conversation_id } = holderOf(thread.holder);
  if (type === 'none' || id === null) return decision;
  decision.transients.push({
    type: 'typing',
    to: { type, id },
    threadId: thread.id,
    conversationId: conversation_id,
    on: input.on,
    author: { type: 'customer', id: null, name: thread.name },
  });
  return decision;
}
