// Who holds the line: giving it to a bot, a desk or nobody, and routing what nobody has taken.
// Not here: conversations that end (endings.ts), bots that cannot (stand-in.ts), what made the line change (customer.ts,
// commands, clock) and what rules say about it (raise.ts).
// The one thing to know: every change of holder goes through `giveToBot`, `openDesk` or `giveToNobody`. The successor
// is owed every unanswered turn; who closes has counted what he took as answered before he goes (endings.ts).
import { failDesk } from './endings.ts';
import type { BotShare, DeskShare, ForwardAction, Id, Message, Rule } from './model.ts';
import { openShare, owe, tellDesk } from './owed.ts';
import { isForward, type Looked, matchUtterance, type Occasion } from './rules.ts';
import { divertIfDown } from './stand-in.ts';
import {
  bot,
  cancel,
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
  signal,
  turnsAfter,
  type Work,
} from './work.ts';

const seconds = (n: number) => n * 1000;

export type GiveToBot = {
  reason: string;
  actor: string;
  ruleId?: Id | null;
  standInFor?: Id | null;
  /** the line comes back from a desk that did not take it: turns that came back to this bot before are not owed again */
  failedDesk?: boolean;
};

/** The bot gets the line, and is owed every unanswered turn: each once, oldest first. */
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
  if (w.ended) signal(w, to, 'conversation.returned', { ...w.ended, upto_seq: w.t.seq });
  w.ended = null;
  const after = Math.max(w.t.answered, (give.failedDesk && to.returned) || 0);
  if (give.failedDesk) to.returned = w.t.turn;
  owe(w, to, turnsAfter(w, after));
  if (after > w.t.answered) w.t.limbo = 'overdue';
  return to;
}

export type GiveToDesk = {
  reason: string;
  actor: string;
  attributes?: Record<string, string>;
  from?: DeskShare['from'];
};

/** A desk gets the line in a new conversation [seed], which it is offered and has not accepted. */
export function openDesk(w: Work, deskId: Id, give: GiveToDesk): DeskShare {
  const from = give.from === undefined ? lineFrom(w) : give.from;
  leaveDesk(w, give.reason);
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
  return offer;
}

/** Offers the line to a desk. An unavailable desk fails the offer at once. */
export function giveToDesk(w: Work, deskId: Id, give: GiveToDesk): Id {
  const offer = openDesk(w, deskId, give);
  const { conversationId, from } = offer;
  if (!deskReady(w, deskId)) {
    const absent = desk(w, deskId)?.online === false;
    failDesk(w, absent ? 'nobody is online at the desk' : 'the desk is not available');
    return conversationId;
  }
  deliver(w, {
    target: { type: 'desk', id: deskId },
    kind: 'started',
    conversationId,
    data: {
      reason: give.reason,
      attributes: { ...w.t.attributes, ...give.attributes },
      upto_seq: w.t.seq,
      bot_conversation_id: from?.conversationId ?? null,
    },
  });
  for (const message of turnsAfter(w, w.t.answered)) tellDesk(w, offer, message);
  return conversationId;
}

/** The bot conversation that the line comes from, to which it goes back. */
function lineFrom(w: Work): DeskShare['from'] {
  const holding = holdingShare(w);
  return holding ? { botId: holding.botId, conversationId: holding.conversationId } : (w.t.desk?.from ?? null);
}

export function giveToNobody(w: Work, reason: string, actor: string): void {
  leaveDesk(w, reason);
  if (w.t.holder.type !== 'none') setHolder(w, { type: 'none', since: w.c.now }, reason, actor);
}

/** Ends the desk conversation of the line, if there is one, and tells the desk, unless it ended it itself or never knew. */
export function leaveDesk(w: Work, reason: string, byItself = false): void {
  const left = w.t.desk;
  if (!left) return;
  w.t.desk = null;
  if (left.phase === 'accepted') w.ended = { reason, desk_conversation_id: left.conversationId };
  noteConversation(w, left, { status: 'closed', closedAt: w.c.now, closeReason: reason });
  cancel(w, left.conversationId, left.phase === 'accepted' ? 'the conversation was closed' : 'the offer ended');
  const known = w.facts.thread?.desk?.conversationId === left.conversationId;
  if (byItself || !known || !desk(w, left.deskId)) return;
  deliver(w, {
    target: { type: 'desk', id: left.deskId },
    kind: 'closed',
    conversationId: left.conversationId,
    data: { reason },
  });
}

export type Forward = Pick<GiveToBot, 'reason' | 'standInFor' | 'failedDesk'> & Pick<GiveToDesk, 'from'>;

/** Gives the line by a forward action. Returns what happened, in words. */
export function forward(w: Work, by: Rule, action: ForwardAction, give: Forward): string {
  const actor = `rule ${by.id}`;
  if (action.type === 'forward_to_desk') {
    giveToDesk(w, action.desk_id, { ...give, actor });
    return `to desk ${action.desk_id}`;
  }
  giveToBot(w, action.bot_id, { ...give, actor, ruleId: by.id });
  return `to bot ${action.bot_id}`;
}

export type Routes = { occasion: Occasion; matched: Rule[]; looked: Looked[] };

/** The rules for an utterance in this thread. */
export function routes(w: Work, message: Message, free: boolean): Routes {
  const event = message.kind === 'postback' ? 'postback.received' : 'message.received';
  const occasion: Occasion = { event, assetId: w.t.assetId, fields: fields(w, {}, message) };
  return { occasion, ...matchUtterance(service(w), occasion, w.c.now, free) };
}

/** Turns that nobody took, with nobody holding the line: routed as if they had just come. `only`: if that leads to this bot. */
export function reroute(w: Work, only?: Id): boolean {
  if (w.t.holder.type !== 'none' || w.t.turn <= w.t.answered) return false;
  const last = turnsAfter(w, w.t.answered).at(-1);
  if (!last) return false;
  const { occasion, matched, looked } = routes(w, last, true);
  const winner = matched.find((r) => isForward(r.action));
  const action = winner?.action;
  if (only && !(action && 'bot_id' in action && action.bot_id === only)) return false;
  const { event } = occasion;
  say(w, 'rule.raised', { event, looked, winner: winner?.id ?? null, why: 'routed again: nobody had taken it' });
  if (!winner || !action || !isForward(action)) return false;
  forward(w, winner, action, { reason: `rule “${winner.name}”` });
  divertIfDown(w);
  return true;
}

/** A bot may hold the line while it exists and is mapped to the service that routes the thread. */
export function belongs(w: Work, to: BotShare): boolean {
  return bot(w, to.botId) !== undefined && to.serviceId === w.t.serviceId && service(w)?.mapped.has(to.botId) === true;
}

/** The rule that routed the thread to a bot: the one that gave it the line, else the first on messages that would. */
export function routedBy(w: Work, botId: Id, ruleId: Id | null): Rule | undefined {
  const forwards = ({ trigger, action }: Rule) =>
    (trigger.event === 'message.received' || trigger.event === 'postback.received') &&
    'bot_id' in action &&
    action.bot_id === botId;
  const gave = rule(w, ruleId);
  if (gave && forwards(gave)) return gave;
  const here = (r: Rule) => r.enabled && (r.trigger.asset_id ?? w.t.assetId) === w.t.assetId;
  return service(w)?.rules.find((r) => here(r) && forwards(r));
}
