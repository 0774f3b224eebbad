// What becomes of a delivery after an attempt: delivered, retried, dead, held; and what that means for its thread.
// Not here: making the attempt (the engine), a bot's commands (bots.ts).
// The one thing to know: 1 first attempt and at most 4 retries inside an hour [seed]; an integration that became active
// again begins a fresh series (its generation grew), so nothing has to be rewritten when it trips.
import { botCommand } from './bots.ts';
import { receipt } from './customer.ts';
import { afterAttempt, noteHealth, party } from './health.ts';
import type { Context, Decision, Facts, Input, Outcome } from './inputs.ts';
import type { Attempt, Delivery, DeliveryChange } from './model.ts';
import { deliver, emptyDecision, finish, refuse, say, share, type Work, work } from './work.ts';

type AttemptInput = Extract<Input, { type: 'attempt' }>;

/** "Over the next one hour" [seed]: the last attempt starts inside it. */
const HOUR = 3_600_000;
/** Jitter is at most 5 %, and only ever earlier, so that the series stays inside its hour. */
const JITTER = 0.05;
/** Seconds between tries of a notify_url. [ours] */
const URL_SPACING = [5, 30, 120];
/** A reply is due this long after an acknowledged turn only where `reply_within_s` is on. */
const seconds = (n: number) => n * 1000;

export function decideAttempt(input: AttemptInput, facts: Facts, c: Context): Decision {
  const { delivery, thread } = facts;
  if (!delivery) return refuse('not_found', 'no such delivery');
  const d = thread ? null : emptyDecision({ ok: true });
  const w = thread ? work(thread, facts, c) : null;
  const decision = w ? w.d : (d as Decision);
  const owner =
    delivery.target.type === 'bot' || delivery.target.type === 'desk' ? party(c, delivery.target.id) : undefined;
  const generation = owner?.health.generation ?? 0;
  const number = (delivery.generation === generation ? delivery.attempts : 0) + 1;
  decision.attempt = attemptRow(input, delivery, number, c);
  const spacing = owner
    ? owner.settings.retry_spacing_s
    : delivery.target.type === 'asset'
      ? (c.world.assets.get(delivery.target.id)?.retrySpacingS ?? [])
      : URL_SPACING;
  const open = delivery.status === 'pending' || delivery.status === 'retrying';
  const last = number > spacing.length;
  if (owner) {
    const after = afterAttempt(owner.health, owner.settings, input.outcome, last, c.now);
    if (after) noteHealth(decision, c, owner.health, after);
  }
  if (input.outcome.result === 'ok') {
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
    decision.changes.push(failed(decision, input, delivery, { number, generation, spacing, last, tripped }, c));
    if (w && decision.changes[0]?.status === 'dead') gaveUp(w, delivery, input.outcome);
  }
  return w ? finish(w) : decision;
}

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

type Series = { number: number; generation: number; spacing: number[]; last: boolean; tripped: boolean };

function failed(d: Decision, input: AttemptInput, delivery: Delivery, series: Series, c: Context): DeliveryChange {
  const { outcome } = input;
  const { number, generation, spacing, last, tripped } = series;
  const seriesAt = number === 1 ? input.startedAt : (delivery.seriesAt ?? input.startedAt);
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
    return { ...base, status: 'retrying', notBefore: 0 };
  }
  if (outcome.result === 'final' || last) {
    tell('delivery.dead');
    return { ...base, status: 'dead', notBefore: 0 };
  }
  const notBefore = retryAt(outcome, (spacing[number - 1] ?? 0) * 1000, seriesAt, c);
  tell('delivery.failed', { next_at: notBefore });
  return { ...base, status: 'retrying', notBefore };
}

/** Counted from the end of the failed attempt, jitter included; `Retry-After` is respected inside the hour [ours]. */
export function retryAt(outcome: Outcome, spacing: number, seriesAt: number, c: Context): number {
  const planned = c.now + Math.round(spacing * (1 - JITTER * c.random()));
  if (outcome.retryAfterS === undefined) return planned;
  return Math.max(planned, Math.min(c.now + seconds(outcome.retryAfterS), seriesAt + HOUR - 1_000));
}

/** The target has it: watermarks move, limits restart, and what it answered at once is carried out. */
function acknowledged(w: Work, delivery: Delivery, input: AttemptInput): void {
  const { outcome } = input;
  if (outcome.externalId && delivery.messageId)
    w.d.externalIds.push({ messageId: delivery.messageId, externalId: outcome.externalId });
  const own = delivery.conversationId ? share(w, delivery.conversationId) : undefined;
  const sent = input.merged ?? delivery.merged.length;
  if (delivery.merged.length > sent) owedStill(w, delivery, sent);
  const complete = delivery.merged.length <= sent;
  if (own && delivery.turn !== null && complete) {
    own.acked = Math.max(own.acked, delivery.turn);
    if (own.merge?.deliveryId === delivery.id) own.merge = null;
    limits(w, own.botId, own.conversationId, input.next);
  }
  const desk = w.t.desk;
  if (desk && desk.conversationId === delivery.conversationId && delivery.turn !== null)
    desk.acked = Math.max(desk.acked, delivery.turn);
  for (const read of delivery.target.type === 'bot' ? (outcome.commands ?? []) : []) atOnce(w, delivery, input, read);
}

/** Messages that joined a merge window after the attempt had left: they go by themselves. */
function owedStill(w: Work, delivery: Delivery, sent: number): void {
  for (const messageId of delivery.merged.slice(sent)) {
    deliver(w, {
      target: delivery.target,
      kind: 'message',
      conversationId: delivery.conversationId,
      messageId,
      turn: delivery.turn,
    });
  }
}

function limits(w: Work, botId: string, conversationId: string, next: AttemptInput['next']): void {
  const own = share(w, conversationId);
  const settings = w.c.world.bots.get(botId)?.settings;
  if (!own || !settings || w.t.holder.type !== 'bot' || w.t.holder.conversationId !== conversationId) return;
  const waits = w.t.turn > w.t.answered;
  if (own.takeDue !== null)
    own.takeDue = own.acked >= own.given && !next ? null : (next?.at ?? w.c.now) + seconds(settings.take_within_s);
  if (own.takeDue !== null && !waits) own.takeDue = null;
  if (settings.reply_within_s > 0 && own.replyDue === null && own.acked > w.t.answered)
    own.replyDue = w.c.now + seconds(settings.reply_within_s);
}

/** The bot's reply in its answer: checked against the epoch that the attempt carried; a bad one is refused alone and shown. */
function atOnce(
  w: Work,
  delivery: Delivery,
  input: AttemptInput,
  read: NonNullable<Outcome['commands']>[number],
): void {
  const shown = (code: string, detail: string) =>
    say(w, 'message.refused', {
      code,
      detail,
      conversation_id: delivery.conversationId,
      delivery_id: delivery.id,
      at_once: true,
    });
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
  const epoch = command.epoch ?? input.epoch;
  // An earlier item of the same answer may have moved the line: the epoch that counts is the attempt's, so it is refused.
  const reply = botCommand(w, own, { ...command, epoch }, Math.max(own.acked, delivery.turn ?? 0));
  if (!reply.ok) shown(reply.code, reply.detail);
}

/** It will not arrive. A channel's message gets a failed receipt; a gap stays visible and the next one goes. */
function gaveUp(w: Work, delivery: Delivery, outcome: Outcome): void {
  const { message } = w.facts;
  if (delivery.target.type === 'asset' && message && delivery.kind === 'message')
    receipt(w, message, 'failed', outcome.detail);
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
    if (w)
      gaveUp(w, delivery, {
        result: 'final',
        status: null,
        reason: 'dropped',
        detail: 'dropped by hand',
        timing: { totalMs: 0 },
        answer: '',
      });
  }
  return w ? finish(w) : d;
}

/** A new delivery of the same at the lane's tail, marked as a replay. */
export function decideReplay(facts: Facts, c: Context): Decision {
  const { delivery } = facts;
  if (!delivery) return refuse('not_found', 'no such delivery');
  if (delivery.status === 'pending' || delivery.status === 'retrying')
    return refuse('conflict', 'the delivery is still on its way');
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
