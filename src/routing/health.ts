// The health of a bot or desk: failures in a row, what makes it inactive, and what is raised when it changes.
// Not here: the threads it holds; the engine sends an `unavailable` input for each of them.
// The one thing to know: `bot.unavailable` and `bot.recovered` are raised once per service, not per thread.

import type { Context, Decision, Facts, Input, Outcome } from './inputs.ts';
import type { BotView, DeskView, Health, Id, IntegrationSettings } from './model.ts';
import { notification } from './raise.ts';
import { match, timeFields } from './rules.ts';
import { emptyDecision, refuse } from './work.ts';

export type Party = BotView | DeskView;

export function party(c: Context, id: Id): Party | undefined {
  return c.world.bots.get(id) ?? c.world.desks.get(id);
}

/** Health after one attempt: any success resets the count; 410 makes it inactive at once; so does the threshold. */
export function afterAttempt(
  health: Health,
  settings: IntegrationSettings,
  outcome: Outcome,
  lastOfMessage: boolean,
  now: number,
): Health | null {
  if (outcome.result === 'ok') return health.failures === 0 ? null : { ...health, failures: 0 };
  if (health.status !== 'active') return null;
  if (outcome.gone)
    return {
      ...health,
      status: 'inactive',
      failures: health.failures + 1,
      reason: 'it answered 410: it wants nothing any more',
      since: now,
    };
  if (settings.failure_scope === 'message' && !lastOfMessage) return null;
  const failures = health.failures + 1;
  if (failures < settings.failure_threshold) return { ...health, failures };
  const what = settings.failure_scope === 'message' ? 'messages' : 'attempts';
  return {
    ...health,
    status: 'inactive',
    failures,
    reason: `${failures} failed ${what} in a row; the last: ${outcome.detail}`,
    since: now,
  };
}

/** Puts a change of health into a decision, with its event, and raises it to the services if the bot left or became active. */
export function noteHealth(d: Decision, c: Context, before: Health, after: Health): void {
  d.health = after;
  if (before.status === after.status) return;
  d.events.push({
    type: 'integration.status',
    data: { id: after.id, from: before.status, to: after.status, reason: after.reason },
  });
  if (!c.world.bots.has(after.id)) return;
  if (before.status === 'active') raiseToServices(d, c, after.id, 'bot.unavailable', after.reason);
  else if (after.status === 'active' && after.generation > 1) raiseToServices(d, c, after.id, 'bot.recovered', null);
}

function raiseToServices(
  d: Decision,
  c: Context,
  botId: Id,
  event: 'bot.unavailable' | 'bot.recovered',
  reason: string | null,
): void {
  for (const service of c.world.services.values()) {
    if (!service.mapped.has(botId)) continue;
    const fields = { ...timeFields(c.now), 'event.name': event, 'event.reason': reason ?? undefined, 'bot.id': botId };
    const occasion = { event, botId, fields } as const;
    const { matched, looked } = match(service, occasion, c.now);
    d.events.push({
      type: 'rule.raised',
      data: { event, service_id: service.id, bot_id: botId, looked, winner: null },
    });
    for (const rule of matched) {
      if (rule.action.type !== 'notify_url') continue;
      d.deliveries.push({
        id: c.newId('dlv'),
        lane: 'main',
        messageId: null,
        turn: null,
        merged: [],
        notBefore: 0,
        replay: false,
        ...notification(rule, rule.action.url, service.id, occasion, {}),
      });
    }
  }
}

/** Verification, a person, or an edit changes an integration's status; what was verified of a document, while it is that one. */
export function decideIntegration(input: Extract<Input, { type: 'integration' }>, facts: Facts, c: Context): Decision {
  const before = party(c, input.id)?.health;
  if (!before) return refuse('not_found', 'no such bot or desk');
  if (input.version !== undefined && input.version !== facts.version) {
    return refuse('conflict', facts.version === null ? 'it was deleted meanwhile' : 'it was edited meanwhile');
  }
  const d = emptyDecision({ ok: true });
  if (before.status === input.status && before.failures === 0) return d;
  const becomes = input.status === 'active' && before.status !== 'active';
  const after: Health = {
    id: input.id,
    status: input.status,
    failures: 0,
    generation: before.generation + (becomes ? 1 : 0),
    reason: input.reason,
    since: before.status === input.status ? before.since : c.now,
  };
  noteHealth(d, c, before, after);
  return d;
}
