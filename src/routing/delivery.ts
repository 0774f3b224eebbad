// What becomes of a delivery after an attempt: delivered, retried, dead, held; and what that means for its thread.
// Not here: making the attempt (the engine), a bot's commands (bots.ts).
// The one thing to know: 1 first attempt and at most 4 retries inside an hour [seed]; an integration that became active
// again begins a fresh series (its generation grew), so nothing has to be rewritten when it trips.
import { botCommand } from './bots.ts';
import { receipt } from './fates.ts';
import { afterAttempt, noteHealth, party } from './health.ts';
import type { Context, Decision, Facts, Input, Outcome, RefusalCode } from './inputs.ts';
import type { Attempt, BotShare, Delivery, DeliveryChange, Id } from './model.ts';
import { owe } from './owed.ts';
import {
  deliver,
  emptyDecision,
  finish,
  holdingShare,
  refuse,
  say,
  share,
  turnsAfter,
  type Work,
  work,
} from './work.ts';

/** Ours know our ids. A provider tells what became of a message by the id that it gave to it. */
const namesByItsId = (channel: string | undefined): boolean => channel !== 'http' && channel !== 'webchat';

type AttemptInput = Extract<Input, { type: 'attempt' }>;

/** "Over the next one hour" [seed]: the last attempt starts inside it. */
const HOUR = 3_600_000;
/**
 * The last attempt is planned for this much before the hour ends. One that waits for a slot of its target waits for an
 * exchange, which takes 5 s at most; and the longest spacing, 3575 s, with four exchanges before its last ends here.
 */
const MARGIN = 5_000;
/**
 * What is parked begins afresh as soon as its target is active again, whatever its time. Until then it has one, for a process
 * on the same database that has not heard yet that the target is inactive must not go on trying.
 */
const UNHEARD_MS = 60_000;
/** Jitter is at most 5 %, and only ever earlier, so that the series stays inside its hour. */
const JITTER = 0.05;
/** Seconds between tries of a notify_url. [ours] */
const URL_SPACING = [5, 30, 120];
const seconds = (n: number) => n * 1000;

/** What must be known of a thread to say whether a bot is asked or only told: its `ThreadView` has it. */
export type LineView = {
  epoch: number;
  holder: { id: Id | null; conversationId: Id | null };
  drain: Record<Id, number>;
};

/**
 * `ConversationType` of an attempt that begins now [seed: BOT, an answer is expected; CCSP, a copy]. `BOT` if this bot
 * holds the line in this conversation and nobody else answered the turn, or it was owed to it when it got the line in
 * this epoch. Receipts follow the holder; an agent's words and extended events are copies. [ours]
 */
export function conversationType(
  view: LineView | null,
  { target, kind, conversationId, turn, data }: Pick<Delivery, 'target' | 'kind' | 'conversationId' | 'turn' | 'data'>,
): 'BOT' | 'CCSP' {
  if (view === null || target.type !== 'bot' || conversationId === null) return 'CCSP';
  if (view.holder.id !== target.id || view.holder.conversationId !== conversationId) return 'CCSP';
  if (kind === 'receipt') return 'BOT';
  if (turn === null) return 'CCSP';
  return turn > (view.drain[conversationId] ?? 0) || data?.owed === view.epoch ? 'BOT' : 'CCSP';
}

export function decideAttempt(input: AttemptInput, facts: Facts, c: Context): Decision {
  const { delivery, thread } = facts;
  if (!delivery) return refuse('not_found', 'no such delivery');
  const d = thread ? null : emptyDecision({ ok: true });
  const w = thread ? work(thread, facts, c) : null;
  const decision = w ? w.d : (d as Decision);
  const tried = w?.t.bots.find((each) => each.merge?.deliveryId === delivery.id);
  // What is tried again must be the same under the same webhook-id: nothing joins it any more.
  if (tried) tried.merge = null;
  const told = delivery.target.type === 'bot' || delivery.target.type === 'desk';
  const owner = told ? party(c, delivery.target.id) : undefined;
  const generation = owner?.health.generation ?? 0;
  const number = (delivery.generation === generation ? delivery.attempts : 0) + 1;
  decision.attempt = attemptRow(input, delivery, number, c);
  const spacing = owner
    ? owner.settings.retry_spacing_s
    : delivery.target.type === 'asset'
      ? (c.world.assets.get(delivery.target.id)?.retrySpacingS ?? [])
      : URL_SPACING;
  const open = delivery.status === 'pending' || delivery.status === 'retrying';
  const seriesAt = seriesStart(input, delivery, number, c.now);
  const last = input.outcome.result === 'final' || number > spacing.length || c.now >= seriesAt + HOUR - MARGIN;
  if (owner && !input.outcome.simulated) {
    const after = afterAttempt(owner.health, owner.settings, input.outcome, last, c.now);
    if (after) noteHealth(decision, c, owner.health, after);
  }
  if ((input.outcome.result === 'ok' || toldOf(input, facts)) && delivery.status !== 'delivered') {
    decision.changes.push({
      id: delivery.id,
      status: 'delivered',
      attempts: number,
      generation,
      notBefore: 0,
      reason: null,
    });
    decision.events.push({ type: 'delivery.delivered', data: ids(delivery) });
    if (w) acknowledged(w, delivery, input);
  } else if (open) {
    const tripped = owner !== undefined && (decision.health ?? owner.health).status !== 'active';
    const change = failed(decision, input, delivery, { number, generation, seriesAt, spacing, last, tripped }, c);
    decision.changes.push(change);
    if (w && change.status === 'dead') gaveUp(w, delivery, input.outcome);
  }
  // What the channel took leaves the thread as it was: most attempts need not save it.
  return w && (told || decision.receipts.length > 0) ? finish(w) : decision;
}

/** Nobody answered the send, but the channel told meanwhile that the message is there. */
const toldOf = ({ outcome }: AttemptInput, { delivery, message }: Facts): boolean =>
  outcome.result === 'unknown' &&
  delivery?.target.type === 'asset' &&
  (message?.receipt === 'delivered' || message?.receipt === 'read');

const ids = (delivery: Delivery) => ({
  delivery_id: delivery.id,
  target: delivery.target,
  kind: delivery.kind,
  message_id: delivery.messageId,
});

function attemptRow(input: AttemptInput, delivery: Delivery, number: number, c: Context): Attempt {
  const { outcome } = input;
  return {
    id: c.newId('att'),
    deliveryId: delivery.id,
    threadId: delivery.threadId,
    number,
    startedAt: input.startedAt,
    ok: outcome.result === 'ok',
    status: outcome.status,
    reason: outcome.reason,
    detail: outcome.detail,
    timing: outcome.timing,
    answer: outcome.answer,
    epoch: input.epoch,
  };
}

type Series = {
  number: number;
  generation: number;
  seriesAt: number;
  spacing: number[];
  last: boolean;
  tripped: boolean;
};

/**
 * When the hour of a series began. It is moved by what does not count [ours]: an attempt began later than planned
 * because the process was down, or its result had to wait for the store. That its target was busy with others counts.
 */
function seriesStart(input: AttemptInput, delivery: Delivery, number: number, now: number): number {
  const waited = Math.max(0, now - input.startedAt - input.outcome.timing.totalMs);
  if (number === 1 || delivery.seriesAt === null) return input.startedAt + waited;
  return delivery.seriesAt + waited + Math.max(0, input.startedAt - delivery.notBefore - (input.inLineMs ?? 0));
}

function failed(d: Decision, input: AttemptInput, delivery: Delivery, series: Series, c: Context): DeliveryChange {
  const { outcome } = input;
  const { number, generation, seriesAt, spacing, last, tripped } = series;
  const base = { id: delivery.id, attempts: number, generation, seriesAt, reason: outcome.detail };
  const tell = (type: 'delivery.failed' | 'delivery.dead' | 'delivery.held', more: Record<string, unknown> = {}) =>
    d.events.push({
      type,
      data: { ...ids(delivery), reason: outcome.reason, detail: outcome.detail, attempt: number, ...more },
    });
  if (
    outcome.result === 'unknown' &&
    delivery.target.type === 'asset' &&
    c.world.assets.get(delivery.target.id)?.onUnknown !== 'resend'
  ) {
    tell('delivery.held');
    return { ...base, status: 'held', notBefore: 0 };
  }
  if (tripped) {
    tell('delivery.failed', { parked: true });
    return { ...base, status: 'retrying', notBefore: c.now + UNHEARD_MS };
  }
  if (last) {
    tell('delivery.dead');
    return { ...base, status: 'dead', notBefore: 0 };
  }
  const notBefore = retryAt(outcome, (spacing[number - 1] ?? 0) * 1000, seriesAt, c);
  tell('delivery.failed', { next_at: notBefore });
  return { ...base, status: 'retrying', notBefore };
}

/**
 * When the next attempt begins: counted from the end of the failed one, jitter only ever earlier; `Retry-After` is
 * respected inside the hour of the series, and nothing begins after it [ours]. `spacing` in ms.
 */
export function retryAt(outcome: Outcome, spacing: number, seriesAt: number, c: Context): number {
  const planned = c.now + Math.round(spacing * (1 - JITTER * c.random()));
  const asked = c.now + seconds(outcome.retryAfterS ?? 0);
  return Math.min(Math.max(planned, asked), seriesAt + HOUR - MARGIN);
}

/** The target has it: watermarks move, limits restart, and what it answered at once is carried out. */
function acknowledged(w: Work, delivery: Delivery, input: AttemptInput): void {
  const { outcome } = input;
  if (outcome.externalId && delivery.messageId) {
    const { type, id } = delivery.target;
    const asked = type === 'asset' && namesByItsId(w.c.world.assets.get(id)?.channel);
    const externalIds = { messageId: delivery.messageId, externalId: outcome.externalId };
    w.d.externalIds.push(asked ? { ...externalIds, assetId: id } : externalIds);
  }
  const own = delivery.conversationId ? share(w, delivery.conversationId) : undefined;
  const turn = turnSent(delivery, input);
  if (own && turn !== null) {
    owedStill(w, delivery, input);
    own.acked = Math.max(own.acked, turn);
    limits(w, own, input.next);
  }
  const desk = w.t.desk;
  if (desk && desk.conversationId === delivery.conversationId && turn !== null) desk.acked = Math.max(desk.acked, turn);
  const epoch = w.t.epoch;
  for (const read of delivery.target.type === 'bot' ? (outcome.commands ?? []) : [])
    atOnce(w, delivery, input, read, turn ?? 0);
  if (own && turn !== null && input.epoch !== epoch) owedAsAnswer(w, own, turn);
}

/** The last turn that the attempt carried. A merge window's turns follow on each other; some may have joined later. */
function turnSent(delivery: Delivery, input: AttemptInput): number | null {
  const later = delivery.merged.length - (input.merged ?? delivery.merged.length);
  return delivery.turn === null ? null : delivery.turn - Math.max(0, later);
}

/** Messages that joined a merge window after the attempt had left, for the clock was set back: they go by themselves. */
function owedStill(w: Work, delivery: Delivery, input: AttemptInput): void {
  const { target, conversationId, merged, turn } = delivery;
  const sent = input.merged ?? merged.length;
  for (const [i, messageId] of merged.entries()) {
    if (i < sent || turn === null) continue;
    deliver(w, { target, kind: 'message', conversationId, messageId, turn: turn - merged.length + i + 1 });
  }
}

/**
 * The attempt left before the bot got the line, so it may have said `CCSP`, and the bot holds the line now: what nobody
 * has answered is owed as `BOT` [ours]. What drains as a copy anyway was owed anew when the line changed.
 */
function owedAsAnswer(w: Work, own: BotShare, turn: number): void {
  if (holdingShare(w) !== own || turn <= w.t.answered || turn <= own.drain) return;
  owe(w, own, turnsAfter(w, w.t.answered));
}

/** After an acknowledgement: the limit for taking what is next, and the limit for the answer. */
function limits(w: Work, own: BotShare, next: AttemptInput['next']): void {
  const settings = w.c.world.bots.get(own.botId)?.settings;
  if (!settings || holdingShare(w) !== own) return;
  if (own.takeDue !== null)
    own.takeDue = own.acked >= own.given && !next ? null : (next?.at ?? w.c.now) + seconds(settings.take_within_s);
  if (settings.reply_within_s > 0 && own.replyDue === null && own.acked > w.t.answered)
    own.replyDue = w.c.now + seconds(settings.reply_within_s);
}

/** The bot's reply in its answer: checked against the epoch that the attempt carried; a bad one is refused alone and shown. */
function atOnce(
  w: Work,
  delivery: Delivery,
  input: AttemptInput,
  read: NonNullable<Outcome['commands']>[number],
  seen: number,
): void {
  const shown = (code: RefusalCode, detail: string) => {
    if (w.d.reply.ok) w.d.reply.refused = [...(w.d.reply.refused ?? []), code];
    say(w, 'message.refused', {
      code,
      detail,
      conversation_id: delivery.conversationId,
      delivery_id: delivery.id,
      at_once: true,
    });
  };
  if (!read.ok) {
    shown('invalid', read.detail);
    return;
  }
  const { command } = read;
  const own = share(w, command.conversationId);
  if (!own || own.botId !== delivery.target.id) {
    shown('not_found', 'no open conversation of this bot');
    return;
  }
  if (command.type === 'message' && command.key && saidBefore(w, `${own.conversationId}:${command.key}`)) return;
  const epoch = command.epoch ?? input.epoch;
  // An earlier item of the same answer may have moved the line: the epoch that counts is the attempt's, so it is refused.
  const reply = botCommand(w, own, { ...command, epoch }, Math.max(own.acked, seen));
  if (!reply.ok) shown(reply.code, reply.detail);
}

/** The bot's own id makes a message the same, whether it comes by the hook or at once, and in whichever answer. */
function saidBefore(w: Work, key: string): boolean {
  return w.facts.said?.has(key) === true || w.d.remember.some((each) => each.key === key);
}

/**
 * It will not arrive: a gap stays visible, and the next one goes. A channel's message gets a failed receipt. A turn that
 * the holder never got is overdue; it counts as taken, so that it is owed anew when the line comes back.
 */
function gaveUp(w: Work, { target, kind, conversationId, turn }: Delivery, outcome: Pick<Outcome, 'detail'>): void {
  const { message } = w.facts;
  if (target.type === 'asset' && message && kind === 'message') receipt(w, message, 'failed', outcome.detail);
  if (turn === null || conversationId === null) return;
  const own = share(w, conversationId);
  if (own) own.acked = Math.max(own.acked, turn);
  const holds = w.t.holder.type !== 'none' && w.t.holder.conversationId === conversationId;
  if (holds && turn > w.t.answered) w.t.limbo = 'overdue';
}

/** By hand: what became of a send whose outcome is not known. */
export function decideResolution(input: Extract<Input, { type: 'resolution' }>, facts: Facts, c: Context): Decision {
  const { delivery, thread } = facts;
  if (!delivery) return refuse('not_found', 'no such delivery');
  if (delivery.status !== 'held') return refuse('conflict', `the delivery is ${delivery.status}, not held`);
  const w = thread ? work(thread, facts, c) : null;
  const d = w ? w.d : emptyDecision({ ok: true, deliveryId: delivery.id });
  d.reply = { ok: true, deliveryId: delivery.id };
  if (input.outcome === 'sent') {
    d.changes.push({ id: delivery.id, status: 'delivered', reason: 'resolved by hand: sent' });
    d.events.push({ type: 'delivery.delivered', data: { ...ids(delivery), by_hand: true } });
  } else if (input.outcome === 'resend') {
    d.changes.push({
      id: delivery.id,
      status: 'pending',
      attempts: 0,
      seriesAt: null,
      notBefore: 0,
      reason: 'resolved by hand: sent again',
    });
  } else {
    d.changes.push({ id: delivery.id, status: 'dead', reason: 'resolved by hand: dropped' });
    d.events.push({ type: 'delivery.dead', data: { ...ids(delivery), by_hand: true } });
    if (w) gaveUp(w, delivery, { detail: 'dropped by hand' });
  }
  return w ? finish(w) : d;
}

/** A new delivery of the same at the lane's tail, marked as a replay. */
export function decideReplay(facts: Facts, c: Context): Decision {
  const { delivery } = facts;
  if (!delivery) return refuse('not_found', 'no such delivery');
  if (delivery.status === 'pending' || delivery.status === 'retrying')
    return refuse('conflict', 'the delivery is still on its way');
  if (delivery.status === 'held')
    return refuse('conflict', 'it is not known whether the delivery took effect: resolve it first');
  const d = emptyDecision({ ok: true });
  const {
    ord: _ord,
    status: _status,
    attempts: _attempts,
    generation: _generation,
    seriesAt: _seriesAt,
    reason: _reason,
    createdAt: _createdAt,
    ...same
  } = delivery;
  const id = c.newId('dlv');
  d.deliveries.push({ ...same, id, notBefore: 0, replay: true });
  d.events.push({ type: 'delivery.replayed', data: { ...ids(delivery), replay_id: id } });
  d.reply = { ok: true, deliveryId: id };
  return d;
}

/** By hand: the next attempt of one that waits for its time begins now, as the same attempt of the same series. */
export function decideRetry(facts: Facts, c: Context): Decision {
  const { delivery } = facts;
  if (!delivery) return refuse('not_found', 'no such delivery');
  if (delivery.status !== 'retrying') return refuse('conflict', `the delivery is ${delivery.status}, not retrying`);
  const d = emptyDecision({ ok: true, deliveryId: delivery.id });
  d.changes.push({ id: delivery.id, notBefore: Math.min(delivery.notBefore, c.now) });
  return d;
}
