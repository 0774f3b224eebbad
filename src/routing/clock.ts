// Deadlines that have passed, and changes of the line by hand or because an integration went down or came back.
// Not here: when the clock is looked at (the engine's deadlines).
// The one thing to know: a deadline that fires is cleared in the same decision, so that it is raised once.
import { closeDesk, failDesk } from './endings.ts';
import type { Context, Decision, Facts, Input } from './inputs.ts';
import { giveToBot, giveToDesk, reroute } from './ownership.ts';
import { raise } from './raise.ts';
import { divert, divertIfDown } from './stand-in.ts';
import {
  bot,
  botReady,
  desk,
  deskReady,
  emptyDecision,
  finish,
  holdingShare,
  refuse,
  remember,
  service,
  type Work,
  work,
} from './work.ts';

/** The clocks of two machines differ; a deadline that another process has just set is not one of a clock that has gone back. */
const SKEW_MS = 60_000;

/** A deadline further away than its limit allows was set by a clock that has gone back since: it has passed, too. */
const passed = (due: number | null | undefined, withinS: number | undefined, { now }: Context): boolean =>
  Boolean(due) && ((due as number) <= now || (due as number) > now + (withinS ?? Infinity) * 1000 + SKEW_MS);

export function decideClock(facts: Facts, c: Context): Decision {
  if (!facts.thread) return refuse('not_found', 'no such thread');
  const w = work(facts.thread, facts, c);
  const holding = holdingShare(w);
  const limits = holding && bot(w, holding.botId)?.settings;
  if (holding && passed(holding.takeDue, limits?.take_within_s, c)) {
    holding.takeDue = null;
    silent(w, 'undelivered');
  } else if (holding && passed(holding.replyDue, limits?.reply_within_s, c)) {
    holding.replyDue = null;
    silent(w, 'unanswered');
  }
  const offer = w.t.desk;
  const patience = offer && desk(w, offer.deskId)?.settings;
  const limit = offer?.phase === 'queued' ? 'queue_within_s' : 'accept_within_s';
  if (offer && passed(offer.acceptDue, patience?.[limit], c) && offer.phase !== 'accepted') {
    failDesk(w, `not accepted within ${limit} (${patience?.[limit] ?? 0} s)`);
  } else if (offer && passed(offer.replyDue, patience?.reply_within_s, c)) {
    offer.replyDue = null;
    raise(w, { event: 'desk.idle', deskId: offer.deskId, fields: { 'desk.id': offer.deskId } }, { onlySide: true });
    if (offer.elsewhere && w.t.desk === offer) closeDesk(w, 'idle', undefined, 0, 'signalbox');
    else if (w.t.turn > w.t.answered) w.t.limbo = 'overdue';
  }
  return finish(w);
}

/** `bot.silent`: raised for one thread. Nobody named to take over: the thread is overdue, and counted. [ours] */
function silent(w: Work, cause: 'undelivered' | 'unanswered'): void {
  if (w.t.turn <= w.t.answered) return;
  if (!divert(w, 'silent', { 'event.cause': cause })) w.t.limbo = 'overdue';
}

/** By hand: hand over, take over or give back. The successor is owed every unanswered turn. */
export function decideHolder(input: Extract<Input, { type: 'holder' }>, facts: Facts, c: Context): Decision {
  if (!facts.thread) return refuse('not_found', 'no such thread');
  const w = work(facts.thread, facts, c);
  w.t.serviceId = c.world.assets.get(w.t.assetId)?.serviceId ?? w.t.serviceId;
  const toBot = bot(w, input.to);
  const toDesk = desk(w, input.to);
  if ((!toBot && !toDesk) || !service(w)?.mapped.has(input.to))
    return refuse('invalid', 'to: must be the id of a bot or desk that is mapped to the thread’s service');
  if (w.t.holder.type !== 'none' && w.t.holder.id === input.to) return emptyDecision({ ok: true });
  if (toBot && !botReady(w, input.to)) return refuse('conflict', 'that bot is not active: verify it first');
  if (toDesk && !deskReady(w, input.to))
    return refuse('conflict', 'that desk is not available: it is not active, or nobody is online');
  if (input.attributes) remember(w, input.attributes);
  if (toBot) giveToBot(w, input.to, { reason: input.reason, actor: input.actor });
  else {
    const id = giveToDesk(w, input.to, {
      reason: input.reason,
      actor: input.actor,
      ...(input.attributes ? { attributes: input.attributes } : {}),
    });
    w.d.reply = { ok: true, deskConversationId: id };
  }
  return finish(w);
}

/** The bot or desk that holds this thread is not active: move it if somebody waits. Threads that a desk has accepted are untouched. */
export function decideUnavailable(input: Extract<Input, { type: 'unavailable' }>, facts: Facts, c: Context): Decision {
  if (!facts.thread) return refuse('not_found', 'no such thread');
  const w = work(facts.thread, facts, c);
  const { holder } = w.t;
  if (holder.type === 'none' || holder.id !== input.integrationId) return emptyDecision({ ok: true });
  if (holder.type === 'bot') return divertIfDown(w) ? finish(w) : emptyDecision({ ok: true });
  if (deskReady(w, holder.id)) return emptyDecision({ ok: true });
  if (w.t.desk?.phase !== 'accepted') failDesk(w, 'the desk is not available');
  return finish(w);
}

/** A bot is active again: a thread that needs a person and whose rules lead to that bot goes there. [ours] */
export function decideRecovered(input: Extract<Input, { type: 'recovered' }>, facts: Facts, c: Context): Decision {
  if (!facts.thread) return refuse('not_found', 'no such thread');
  const w = work(facts.thread, facts, c);
  return reroute(w, input.integrationId) ? finish(w) : emptyDecision({ ok: true });
}
