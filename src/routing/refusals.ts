// How a command of a bot or desk begins and how it is refused: the conversation it names, the words, the count.
// Not here: what each command does (bots.ts, desks.ts).
// The one thing to know: a refusal changes nothing but one event, by which it is shown and counted.
import type { BotCommand, Context, Decision, DeskCommand, Facts, Reply } from './inputs.ts';
import type { Conversation, Id } from './model.ts';
import { emptyDecision, holderOf, refuse, type Work, work } from './work.ts';

type Command = BotCommand | DeskCommand;

/** The conversation that a party's command names, and work begun on its thread; or the decision, if that settles it. */
export function find(
  type: Conversation['type'],
  partyId: Id,
  command: Command,
  facts: Facts,
  c: Context,
): Decision | { conversation: Conversation; w: Work } {
  const { conversation, thread } = facts;
  if (!conversation || !thread || conversation.type !== type || conversation.partyId !== partyId) {
    return refuse('not_found', `no such conversation of this ${type}`);
  }
  if (command.type === 'message' && facts.remembered) {
    return emptyDecision({ ok: true, duplicate: true, messageId: facts.remembered, conversationId: conversation.id });
  }
  return { conversation, w: work(thread, facts, c) };
}

/** A refusal leaves the thread as it was; it is kept as an event, and counted. */
export function counted(command: Command, reply: Reply): Decision {
  const decision = emptyDecision(reply);
  if (!reply.ok) {
    decision.events.push({
      type: 'message.refused',
      data: { code: reply.code, command: command.type, conversation_id: command.conversationId },
    });
  }
  return decision;
}

/** A refusal that tells who holds the thread, and its epoch. */
export function refusal(
  w: Work,
  code: 'not_holder' | 'stale_epoch' | 'conversation_closed' | 'no_desk' | 'claimed' | 'conflict' | 'invalid',
  detail: string,
  agent?: { id: Id; name: string },
): Reply {
  const { type, id } = holderOf(w.t.holder);
  return { ok: false, code, detail, holder: { type, id }, epoch: w.t.epoch, ...(agent && { agent }) };
}
