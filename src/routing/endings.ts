// How a share of a thread ends: a desk's offer that fails, a desk or bot that closes, a desk that hands on.
// Not here: what the successor gets (ownership.ts), the commands that lead here (bots.ts, desks.ts), deadlines (clock.ts).
// The one thing to know: failed, rejected, replaced: the successor is owed every unanswered turn. Closed: what the closer
// had taken counts as answered, and only the rest is owed.
import type { BotShare, DeskShare, Id } from './model.ts';
import { belongs, giveToBot, giveToDesk, giveToNobody, leaveDesk, reroute } from './ownership.ts';
import { raise } from './raise.ts';
import { divertIfDown } from './stand-in.ts';
import {
  answered,
  botReady,
  cancel,
  holdingShare,
  noteConversation,
  setHolder,
  share,
  signal,
  type Work,
} from './work.ts';

/** The bot that gets the line back from a desk: the one it came from, else the latest other with an open conversation. */
function returnTo(w: Work, left: DeskShare, onlyReady: boolean): BotShare | undefined {
  const first = left.from ? share(w, left.from.conversationId) : undefined;
  const all = [...(first ? [first] : []), ...[...w.t.bots].reverse().filter((b) => b !== first)];
  return all.find((b) => belongs(w, b) && (!onlyReady || botReady(w, b.botId)));
}

/**
 * The desk did not take what it was offered: not in time, rejected, or not available. The first forward rule on
 * `desk.failed` runs; without one the line goes back to an active bot, else a person is needed [ours].
 * The desk is passed over by rules until the customer speaks again, or two that reject would play ball for ever.
 */
export function failDesk(w: Work, reason: string, byItself = false): void {
  const offer = w.t.desk;
  if (!offer) return;
  const { deskId, conversationId, from } = offer;
  leaveDesk(w, reason, byItself);
  w.t.failedDesks = [...(w.t.failedDesks ?? []).filter((id) => id !== deskId), deskId];
  const handed = from ? share(w, from.conversationId) : undefined;
  signal(w, handed, 'handover.failed', { reason, desk_conversation_id: conversationId });
  const failed = { event: 'desk.failed', deskId, fields: { 'event.reason': reason, 'desk.id': deskId } } as const;
  if (raise(w, failed, { from, failedDesk: true })) return;
  const back = returnTo(w, offer, true);
  if (back) {
    giveToBot(w, back.botId, { reason: `desk: ${reason}`, actor: 'signalbox', failedDesk: true });
    return;
  }
  giveToNobody(w, `desk: ${reason}`, 'signalbox');
  w.t.limbo = 'needs_person';
}

/** The desk's conversation is over by its agent: rules on `desk.closed`, else back to the bot with the same conversation id [seed]. */
export function closeDesk(w: Work, reason: string, note: string | undefined, seen: number, actor: string): void {
  const left = w.t.desk;
  if (!left) return;
  const { deskId, conversationId, from } = left;
  leaveDesk(w, reason, true);
  w.ended = { reason, note, desk_conversation_id: conversationId };
  answered(w, Math.max(left.acked, seen), conversationId);
  const closed = { event: 'desk.closed', deskId, fields: { 'event.reason': reason, 'desk.id': deskId } } as const;
  if (raise(w, closed, { from })) return;
  const back = returnTo(w, left, false);
  if (!back) {
    giveToNobody(w, reason, actor);
    reroute(w);
    return;
  }
  giveToBot(w, back.botId, { reason, actor });
  divertIfDown(w);
}

/** The desk hands the line to another desk, to a bot, or back. The successor is owed every unanswered turn. */
export function transfer(
  w: Work,
  to: { bot: Id } | { desk: Id } | 'back',
  reason: string,
  actor: string,
): Id | null | 'nobody' {
  const left = w.t.desk;
  if (!left) return 'nobody';
  const { deskId, from } = left;
  const target = to === 'back' ? returnTo(w, left, true)?.botId : 'bot' in to ? to.bot : null;
  if (target === undefined) return 'nobody';
  leaveDesk(w, `transferred: ${reason}`, true);
  w.ended = { reason, desk_conversation_id: left.conversationId };
  const passed = { event: 'desk.transferred', deskId, fields: { 'event.reason': reason, 'desk.id': deskId } } as const;
  raise(w, passed, { onlySide: true });
  if (target === null) return giveToDesk(w, (to as { desk: Id }).desk, { reason, actor, from });
  giveToBot(w, target, { reason, actor });
  return null;
}

/** A bot's conversation ends: by the bot (1003) or by a rule's `close`. What it never took is routed anew. */
export function closeBot(w: Work, closing: BotShare, reason: string, seen: number, actor: string): void {
  const held = holdingShare(w) === closing;
  const { botId, conversationId } = closing;
  w.t.bots = w.t.bots.filter((b) => b !== closing);
  noteConversation(w, closing, { status: 'closed', closedAt: w.c.now, closeReason: reason });
  cancel(w, conversationId, 'the conversation was closed');
  if (!held) return;
  answered(w, Math.max(closing.acked, seen), conversationId);
  setHolder(w, { type: 'none', since: w.c.now }, reason, actor);
  const closed = { event: 'bot.closed', botId, fields: { 'event.reason': reason, 'bot.id': botId } } as const;
  if (!raise(w, closed, {})) reroute(w);
}
