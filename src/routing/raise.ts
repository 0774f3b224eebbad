// Raising an event to the rules of a thread's service, and running the actions of those that match.
// Not here: how a rule matches (rules.ts) and what giving the line means (ownership.ts).
// The one thing to know: all side actions of matching rules run, in order; of the forward actions exactly one, the first.
import { closeBot } from './endings.ts';
import type { Id, NewDelivery, Rule } from './model.ts';
import { type Forward, forward, giveToNobody } from './ownership.ts';
import { isForward, match, type Occasion } from './rules.ts';
import { answered, botReady, deliver, fields, holdingShare, say, service, speak, type Work } from './work.ts';

/** How deep events may raise events in one decision: a rule on `bot.closed` that closes must come to an end. [ours] */
const MAX_DEPTH = 4;

/** With what the next holder gets besides the reason (ownership.ts). */
export type RaiseOptions = Omit<Forward, 'reason'> & {
  /** only side actions: the line is not to be moved by this event */
  onlySide?: boolean;
  /** texts only if the line moves: the event is told once per service, not per thread */
  quiet?: boolean;
};

/** Raises an event; true when a forward action moved the line. */
export function raise(w: Work, occasion: Occasion, options: RaiseOptions): boolean {
  if (w.depth >= MAX_DEPTH) return false;
  const all = fields(w, { 'event.name': occasion.event, ...occasion.fields });
  const { matched, looked } = match(service(w), { assetId: w.t.assetId, ...occasion, fields: all }, w.c.now);
  if (looked.length === 0 && occasion.event !== 'bot.silent') return false;
  w.depth += 1;
  const { onlySide, quiet, ...give } = options;
  const winner = onlySide ? undefined : matched.find((r) => usable(w, r));
  say(w, 'rule.raised', { event: occasion.event, looked, winner: winner?.id ?? null, ...occasion.fields });
  for (const rule of matched) {
    if (rule === winner && isForward(rule.action)) {
      forward(w, rule, rule.action, { ...give, reason: `rule “${rule.name}” on ${occasion.event}` });
    } else if (!isForward(rule.action)) act(w, rule, occasion, quiet === true && winner === undefined);
  }
  w.depth -= 1;
  return winner !== undefined;
}

/** Not usable: a desk that lost an offer since the customer last spoke, a bot that is not active or holds the line. */
function usable(w: Work, { action }: Rule): boolean {
  if (!isForward(action)) return false;
  if (action.type === 'forward_to_desk') return !w.t.failedDesks?.includes(action.desk_id);
  return botReady(w, action.bot_id) && !(w.t.holder.type === 'bot' && w.t.holder.id === action.bot_id);
}

/** Runs one side action. `send_message` speaks as system, never while a desk has accepted [vendor, ours]. */
export function act(w: Work, rule: Rule, occasion: Occasion, quiet = false): void {
  const action = rule.action;
  if (action.type === 'send_message') {
    if (quiet || w.t.desk?.phase === 'accepted') return;
    speak(w, { type: 'system', id: null, name: 'system' }, null, { type: 'text', text: action.text, media: [] });
  } else if (action.type === 'notify_url') {
    if (occasion.event === 'bot.unavailable' || occasion.event === 'bot.recovered') return;
    deliver(
      w,
      notification(rule, action.url, w.t.id, occasion, {
        thread_id: w.t.id,
        customer: w.t.address,
        asset_id: w.t.assetId,
      }),
    );
  } else if (action.type === 'close') closeHolder(w, `rule “${rule.name}”`, `rule ${rule.id}`);
}

/** What a rule's notify_url is sent. It is owed like everything else: kept, retried, shown. */
export function notification(
  rule: Rule,
  url: string,
  threadId: Id,
  occasion: Occasion,
  more: Record<string, unknown>,
): Pick<NewDelivery, 'target' | 'kind' | 'conversationId' | 'data' | 'threadId'> {
  return {
    threadId,
    target: { type: 'url', id: rule.id },
    kind: 'notify',
    conversationId: null,
    data: {
      url,
      event: occasion.event,
      rule_id: rule.id,
      rule: rule.name,
      service_id: rule.serviceId,
      ...more,
      ...occasion.fields,
    },
  };
}

/** The rule action `close`: the conversation that has the line ends, answered; the next message is routed as a first one. */
function closeHolder(w: Work, reason: string, actor: string): void {
  const holding = holdingShare(w);
  if (holding) closeBot(w, holding, reason, w.t.turn, actor);
  else if (w.t.desk) {
    answered(w, w.t.turn, w.t.desk.conversationId);
    giveToNobody(w, reason, actor);
  }
}
