// Who holds the line: giving it to a bot or a desk, a desk's offer that fails, a conversation that closes, a bot that cannot.
// Not here: what made it change (customer.ts, commands, clock), and what rules say about it (raise.ts).
// The one thing to know: every change of holder goes through `giveToBot`, `giveToDesk` or `giveToNobody`; each decides
// what the successor is owed. Replaced, failed or rejected: every unanswered turn. Closed: only what was not acknowledged.
import type { BotShare, DeskShare, ForwardAction, Id, Rule } from './model.ts';
import { openShare, startTakeLimit, tellBot, tellDesk } from './owed.ts';
import { raise } from './raise.ts';
import { isForward, match } from './rules.ts';
import {
  answered,
  botReady,
  deliver,
  desk,
  deskReady,
  fields,
  holdingShare,
  noteConversation,
  openConversation,
  rule,
  say,
  service,
  setHolder,
  share,
  signal,
  speak,
  turnsAfter,
  type Work,
} from './work.ts';

const seconds = (n: number) => n * 1000;

type Owe = 'unanswered' | 'unacknowledged';

export type GiveToBot = {
  reason: string;
  actor: string;
  ruleId?: Id | null;
  standInFor?: Id | null;
  owe?: Owe;
  ackedBefore?: number;
};

/**
 * The bot gets the line, and what it is owed: each turn once, oldest first. Turns that its lane still has go as `BOT`
 * by themselves; turns it got as a copy are owed anew, with a new webhook-id and the same Messageid [ours].
 */
export function giveToBot(w: Work, botId: Id, give: GiveToBot): BotShare {
  leaveDesk(w, give.reason);
  const to = openShare(w, botId);
  setHolder(
    w,
    {
      type: 'bot',
      id: botId,
      conversationId: to.conversationId,
      since: w.c.now,
      ruleId: give.ruleId ?? null,
      standInFor: give.standInFor ?? null,
    },
    give.reason,
    give.actor,
  );
  const after = give.owe === 'unacknowledged' ? Math.max(w.t.answered, give.ackedBefore ?? 0) : w.t.answered;
  const turns = turnsAfter(w, after);
  const again = turns.some((m) => (m.turn ?? 0) <= to.acked);
  if (again) to.drain = Math.max(to.drain, to.given);
  for (const message of turns) {
    const known = (message.turn ?? 0) <= to.given;
    if (!known) tellBot(w, to, message, !w.fresh.includes(message));
    else if (again) tellBot(w, to, message, true);
  }
  if (turns.length > 0) startTakeLimit(w, to, true);
  return to;
}

export type GiveToDesk = {
  reason: string;
  actor: string;
  attributes?: Record<string, string>;
  from?: { botId: Id; conversationId: Id } | null;
};

/** Offers the line to a desk: a new desk conversation each time [seed]. An unavailable desk fails the offer at once. */
export function giveToDesk(w: Work, deskId: Id, give: GiveToDesk): Id {
  const holding = holdingShare(w);
  const from =
    give.from !== undefined
      ? give.from
      : holding
        ? { botId: holding.botId, conversationId: holding.conversationId }
        : (w.t.desk?.from ?? null);
  leaveDesk(w, give.reason);
  w.tried.add(deskId);
  const conversation = openConversation(w, 'desk', deskId, w.t.serviceId ?? '');
  const offer: DeskShare = {
    conversationId: conversation.id,
    deskId,
    serviceId: w.t.serviceId ?? '',
    phase: 'offered',
    agent: null,
    offeredAt: w.c.now,
    acceptDue: w.c.now + seconds(desk(w, deskId)?.settings.accept_within_s ?? 60),
    replyDue: null,
    from,
    acked: w.t.answered,
    given: w.t.answered,
  };
  w.t.desk = offer;
  setHolder(w, { type: 'desk', id: deskId, conversationId: conversation.id, since: w.c.now }, give.reason, give.actor);
  if (!deskReady(w, deskId)) {
    failDesk(
      w,
      desk(w, deskId)?.online === false ? 'nobody is online at the desk' : 'the desk is not available',
      'desk',
    );
    return conversation.id;
  }
  deliver(w, {
    target: { type: 'desk', id: deskId },
    kind: 'started',
    conversationId: conversation.id,
    data: {
      reason: give.reason,
      attributes: { ...w.t.attributes, ...give.attributes },
      uptoSeq: w.t.seq,
      botConversationId: from?.conversationId ?? null,
    },
  });
  for (const message of turnsAfter(w, w.t.answered)) tellDesk(w, offer, message);
  return conversation.id;
}

export function giveToNobody(w: Work, reason: string, actor: string): void {
  leaveDesk(w, reason);
  if (w.t.holder.type !== 'none') setHolder(w, { type: 'none', since: w.c.now }, reason, actor);
}

/** Ends the desk conversation of the line, if there is one, and tells the desk unless it ended it itself. */
function leaveDesk(w: Work, reason: string, tell = true): DeskShare | null {
  const left = w.t.desk;
  if (!left) return null;
  w.t.desk = null;
  noteConversation(w, left, { status: 'closed', closedAt: w.c.now, closeReason: reason });
  if (tell) {
    if (left.phase !== 'accepted') w.d.cancel.push({ conversationId: left.conversationId, reason: 'the offer ended' });
    deliver(w, {
      target: { type: 'desk', id: left.deskId },
      kind: 'closed',
      conversationId: left.conversationId,
      data: { reason },
    });
  }
  return left;
}

/** The bot that gets the line back from a desk: the one it came from, else any other with an open conversation. */
function returnTo(w: Work, left: DeskShare | null, onlyReady: boolean): BotShare | undefined {
  const first = left?.from ? share(w, left.from.conversationId) : undefined;
  const all = [...(first ? [first] : []), ...[...w.t.bots].reverse().filter((b) => b !== first)];
  return all.find((b) => !onlyReady || botReady(w, b.botId)) ?? undefined;
}

/**
 * The desk did not take what it was offered: not in time, rejected, or not available. The first forward rule on
 * `desk.failed` runs; without one the line goes back to an active bot, else a person is needed [ours].
 */
export function failDesk(w: Work, reason: string, actor: string): void {
  const offer = w.t.desk;
  if (!offer) return;
  const byItself = actor === 'desk' && reason.startsWith('rejected');
  const from = offer.from ? share(w, offer.from.conversationId) : undefined;
  leaveDesk(w, reason, !byItself && deskReady(w, offer.deskId));
  if (byItself || !deskReady(w, offer.deskId))
    w.d.cancel.push({ conversationId: offer.conversationId, reason: 'the offer ended' });
  signal(w, from, 'handover.failed', { reason, desk_conversation_id: offer.conversationId });
  const moved = raise(
    w,
    { event: 'desk.failed', deskId: offer.deskId, fields: { 'event.reason': reason, 'desk.id': offer.deskId } },
    { from: offer.from },
  );
  if (moved) return;
  const back = returnTo(w, offer, true);
  if (back && !returnedBefore(w, back)) {
    giveToBot(w, back.botId, { reason: `desk: ${reason}`, actor: 'signalbox' });
    back.returned = w.t.turn;
    return;
  }
  if (back) {
    giveToBot(w, back.botId, {
      reason: `desk: ${reason}`,
      actor: 'signalbox',
      owe: 'unacknowledged',
      ackedBefore: w.t.turn,
    });
    w.t.limbo = 'overdue';
    return;
  }
  giveToNobody(w, `desk: ${reason}`, 'signalbox');
  w.t.limbo = 'needs_person';
}

/** Whether every unanswered turn came back to this bot from a failed desk before: it would only hand over again, for ever. */
function returnedBefore(w: Work, to: BotShare): boolean {
  return w.t.turn > w.t.answered && (to.returned ?? 0) >= w.t.turn;
}

/** The desk's conversation is over by its agent: rules on `desk.closed`, else back to the bot with the same conversation id [seed]. */
export function closeDesk(w: Work, reason: string, note: string | undefined, handed: number, actor: string): void {
  const left = w.t.desk;
  if (!left) return;
  const acked = Math.max(left.acked, handed);
  const conversationId = left.conversationId;
  leaveDesk(w, reason, false);
  answered(w, acked, conversationId);
  const moved = raise(
    w,
    { event: 'desk.closed', deskId: left.deskId, fields: { 'event.reason': reason, 'desk.id': left.deskId } },
    { from: left.from },
  );
  if (moved) return;
  const back = returnTo(w, left, false);
  if (!back) {
    giveToNobody(w, reason, actor);
    reroute(w);
    return;
  }
  giveToBot(w, back.botId, { reason, actor, ruleId: null, owe: 'unacknowledged' });
  signal(w, back, 'conversation.returned', { reason, note, desk_conversation_id: conversationId, uptoSeq: w.t.seq });
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
  const target = to === 'back' ? returnTo(w, left, true)?.botId : 'bot' in to ? to.bot : null;
  if (to === 'back' && !target) return 'nobody';
  const from = left.from;
  leaveDesk(w, `transferred: ${reason}`, false);
  raise(
    w,
    { event: 'desk.transferred', deskId: left.deskId, fields: { 'event.reason': reason, 'desk.id': left.deskId } },
    { onlySide: true },
  );
  if (target) {
    const got = giveToBot(w, target, { reason, actor });
    signal(w, got, 'conversation.returned', { reason, desk_conversation_id: left.conversationId, uptoSeq: w.t.seq });
    return null;
  }
  return giveToDesk(w, (to as { desk: Id }).desk, { reason, actor, from });
}

/** A bot's conversation ends: by the bot (1003) or by a rule's `close`. What it never acknowledged is routed anew. */
export function closeBot(w: Work, closing: BotShare, reason: string, handed: number, actor: string): void {
  const held = holdingShare(w) === closing;
  w.t.bots = w.t.bots.filter((b) => b !== closing);
  noteConversation(w, closing, { status: 'closed', closedAt: w.c.now, closeReason: reason });
  w.d.cancel.push({ conversationId: closing.conversationId, reason: 'the conversation was closed' });
  if (!held) return;
  answered(w, Math.max(closing.acked, handed), closing.conversationId);
  setHolder(w, { type: 'none', since: w.c.now }, reason, actor);
  const moved = raise(
    w,
    { event: 'bot.closed', botId: closing.botId, fields: { 'event.reason': reason, 'bot.id': closing.botId } },
    {},
  );
  if (!moved) reroute(w);
}

/** Gives the line by a forward action. Returns what happened, in words. */
export function forward(
  w: Work,
  by: Rule,
  action: ForwardAction,
  options: { reason: string; standInFor?: Id | null; from?: DeskShare['from'] },
): string {
  if (action.type === 'forward_to_desk') {
    giveToDesk(w, action.desk_id, {
      reason: options.reason,
      actor: `rule ${by.id}`,
      ...(options.from !== undefined ? { from: options.from } : {}),
    });
    return `to desk ${action.desk_id}`;
  }
  giveToBot(w, action.bot_id, {
    reason: options.reason,
    actor: `rule ${by.id}`,
    ruleId: by.id,
    standInFor: options.standInFor ?? null,
  });
  return `to bot ${action.bot_id}`;
}

/** Turns that nobody took, with nobody holding the line: routed as if they had just come. */
export function reroute(w: Work): void {
  if (w.t.holder.type !== 'none' || w.t.turn <= w.t.answered) return;
  const last = turnsAfter(w, w.t.answered).at(-1);
  const looked = match(
    service(w),
    { event: 'message.received', assetId: w.t.assetId, fields: fields(w, {}, last) },
    w.c.now,
  );
  const winner = looked.matched.find((r) => isForward(r.action));
  say(w, 'rule.raised', {
    event: 'message.received',
    looked: looked.looked,
    winner: winner?.id ?? null,
    why: 'routed again: nobody had taken it',
  });
  if (!winner || !isForward(winner.action)) return;
  forward(w, winner, winner.action, { reason: `rule “${winner.name}”` });
  divertIfDown(w);
}

/** While the holding bot is not active: its service's rules on `bot.unavailable`, then its rule's fallback, stand in [ours]. */
export function divertIfDown(w: Work): boolean {
  const holder = w.t.holder;
  if (holder.type !== 'bot' || botReady(w, holder.id) || w.t.turn <= w.t.answered) return false;
  return divert(w, 'unavailable', {});
}

/** Moves the line away from the bot that holds it, because it is down or silent. False: nobody else was named. */
export function divert(w: Work, why: 'unavailable' | 'silent', more: Record<string, string>): boolean {
  const holder = w.t.holder;
  if (holder.type !== 'bot' || w.depth > 4) return false;
  const botId = holder.id;
  const given = rule(w, holder.ruleId) ?? rule(w, routedBy(w, botId));
  const moved = raise(
    w,
    { event: `bot.${why}`, botId, fields: { 'bot.id': botId, ...more } },
    { standInFor: botId, quiet: why === 'unavailable' },
  );
  if (moved) return true;
  const action = given?.action;
  const fallback = action && isForward(action) && action.type !== 'forward_to_desk' ? action.fallback : undefined;
  if (!fallback?.on.includes(why) || w.tried.has(fallback.desk_id)) return false;
  if (fallback.holding_text) {
    speak(w, { type: 'system', id: null, name: 'system' }, null, {
      type: 'text',
      text: fallback.holding_text,
      media: [],
    });
  }
  giveToDesk(w, fallback.desk_id, {
    reason: why === 'silent' ? `the bot is silent (${more['event.cause'] ?? ''})` : 'the bot is not available',
    actor: 'fallback',
  });
  return true;
}

/** A bot that got the line back or by hand has no rule of its own: the first rule that forwards to it speaks for it. */
function routedBy(w: Work, botId: Id): Id | null {
  const found = service(w)?.rules.find(
    (r) => r.enabled && isForward(r.action) && r.action.type !== 'forward_to_desk' && r.action.bot_id === botId,
  );
  return found?.id ?? null;
}

/** The desk that a handover goes to when neither the bot nor a rule on `bot.handover` names one. */
export function deskOfRule(w: Work, botId: Id, ruleId: Id | null): Id | null {
  const action = (rule(w, ruleId) ?? rule(w, routedBy(w, botId)))?.action;
  return action?.type === 'forward_to_bot_and_desk' ? action.desk_id : null;
}
