// What a rule may say: the shapes of trigger, conditions and action, and whether what it names is there and mapped.
// Not here: what rules do (routing), their routes and order (rules.ts). The one thing to know: every mistake is named
// by a JSON pointer, all at once, because a rule is written in a form with many fields.
import { z } from '@hono/zod-openapi';
import type { FieldError } from '../../engine/ports.ts';
import type { Action, Condition, Trigger, TriggerEvent } from '../../routing/model.ts';
import { checkCondition, FIELDS, OPERATORS } from '../../routing/rules.ts';
import { id, name, orNull, time, url } from '../fields.ts';
import type { HttpParts } from '../parts.ts';
import { type Row, rowOf } from './rows.ts';

type Scope = 'asset_id' | 'bot_id' | 'desk_id';
/** Which party an event is about: only that one may narrow the trigger. */
const SCOPE_OF: Readonly<Record<TriggerEvent, Scope>> = {
  'message.received': 'asset_id',
  'postback.received': 'asset_id',
  'channel.receipt': 'asset_id',
  'bot.handover': 'bot_id',
  'bot.custom': 'bot_id',
  'bot.milestone': 'bot_id',
  'bot.notify': 'bot_id',
  'bot.unhandled': 'bot_id',
  'bot.closed': 'bot_id',
  'bot.unavailable': 'bot_id',
  'bot.recovered': 'bot_id',
  'bot.silent': 'bot_id',
  'desk.accepted': 'desk_id',
  'desk.failed': 'desk_id',
  'desk.transferred': 'desk_id',
  'desk.idle': 'desk_id',
  'desk.closed': 'desk_id',
};
const EVENTS = Object.keys(SCOPE_OF) as [TriggerEvent, ...TriggerEvent[]];
const SCOPES: readonly Scope[] = ['asset_id', 'bot_id', 'desk_id'];

/** A text that a rule says to customers. */
const MAX_TEXT = 4096;
const spoken = z.string().trim().min(1).max(MAX_TEXT);

const trigger = z
  .strictObject({
    event: z.enum(EVENTS),
    asset_id: id.optional(),
    bot_id: id.optional(),
    desk_id: id.optional(),
  })
  .openapi('Trigger');

const fallback = z.strictObject({
  desk_id: id,
  on: z
    .array(z.enum(['unavailable', 'silent']))
    .min(1)
    .max(2),
  holding_text: spoken.optional(),
});

const action = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('forward_to_bot'), bot_id: id, fallback: fallback.optional() }),
    z.strictObject({ type: z.literal('forward_to_desk'), desk_id: id }),
    z.strictObject({
      type: z.literal('forward_to_bot_and_desk'),
      bot_id: id,
      desk_id: id,
      fallback: fallback.optional(),
    }),
    z.strictObject({ type: z.literal('send_message'), text: spoken }),
    z.strictObject({ type: z.literal('notify_url'), url }),
    z.strictObject({ type: z.literal('close') }),
  ])
  .openapi('Action');

const self = { $ref: '#/components/schemas/Condition' };
/** Checked by hand (checkCondition), for a schema of a tree names its mistakes badly. */
const condition = z.unknown().openapi('Condition', {
  description: 'A tree; at most 8 deep, 100 parts.',
  oneOf: [
    { type: 'object', required: ['all'], properties: { all: { type: 'array', items: self } } },
    { type: 'object', required: ['any'], properties: { any: { type: 'array', items: self } } },
    { type: 'object', required: ['not'], properties: { not: self } },
    {
      type: 'object',
      required: ['field', 'op', 'value'],
      properties: {
        field: { type: 'string', description: `${FIELDS.join(', ')}, attributes.NAME` },
        op: { type: 'string', enum: [...OPERATORS] },
        value: {},
      },
    },
  ],
});

/** Far beyond any number of rules, so that gaps can be left and pushing back never overflows. */
const POSITION_MAX = 1_000_000;
const position = z.int().min(0).max(POSITION_MAX).openapi({
  description: 'place in the order, lowest first; gaps are kept; whoever stands there already moves back by one',
});

const fields = {
  name,
  trigger,
  conditions: orNull(condition).optional(),
  action,
  position: position.optional(),
  enabled: z.boolean().optional(),
  starts_at: time.nullable().optional(),
  ends_at: time.nullable().optional(),
};
export const newRule = z.strictObject(fields);
export const ruleChange = newRule.partial();

export const ruleAnswer = {
  name: z.string(),
  position: z.int(),
  enabled: z.boolean(),
  trigger,
  conditions: orNull(condition),
  action,
  starts_at: z.string().nullable(),
  ends_at: z.string().nullable(),
};

export type Draft = {
  trigger: Trigger;
  conditions: Condition | null;
  action: Action;
  starts_at: string | null;
  ends_at: string | null;
};

/** Every mistake in a rule of a service; empty when it is sound. An asset of another service is not told here. */
export function ruleErrors(parts: HttpParts, service: Row<'service'>, draft: Draft): FieldError[] {
  return [
    ...triggerErrors(parts, service, draft.trigger),
    ...conditionErrors(draft.conditions),
    ...actionErrors(parts, service, draft.action),
    ...spanErrors(draft.starts_at, draft.ends_at),
  ];
}

function triggerErrors(parts: HttpParts, service: Row<'service'>, given: Trigger): FieldError[] {
  const scope = SCOPE_OF[given.event];
  return SCOPES.flatMap((field) => {
    const named = given[field];
    if (named === undefined) return [];
    const pointer = `/trigger/${field}`;
    if (field !== scope) return [{ pointer, detail: `does not narrow ${given.event}; only ${scope} does` }];
    if (field === 'asset_id')
      return rowOf(parts, 'asset', named) ? [] : [{ pointer, detail: 'there is no such asset' }];
    return partyErrors(parts, service, field === 'bot_id' ? 'bot' : 'desk', named, pointer);
  });
}

function partyErrors(
  parts: HttpParts,
  service: Row<'service'>,
  kind: 'bot' | 'desk',
  named: string,
  pointer: string,
): FieldError[] {
  if (!rowOf(parts, kind, named)) return [{ pointer, detail: `there is no such ${kind}` }];
  if (service.data.mapped.includes(named)) return [];
  return [{ pointer, detail: `the ${kind} is not mapped to the service` }];
}

const conditionErrors = (tree: Condition | null): FieldError[] =>
  tree === null
    ? []
    : checkCondition(tree).map(({ pointer, detail }) => ({ pointer: `/conditions${pointer}`, detail }));

function actionErrors(parts: HttpParts, service: Row<'service'>, given: Action): FieldError[] {
  const errors: FieldError[] = [];
  if ('bot_id' in given) errors.push(...partyErrors(parts, service, 'bot', given.bot_id, '/action/bot_id'));
  if ('desk_id' in given) errors.push(...partyErrors(parts, service, 'desk', given.desk_id, '/action/desk_id'));
  if ('fallback' in given && given.fallback) {
    errors.push(...partyErrors(parts, service, 'desk', given.fallback.desk_id, '/action/fallback/desk_id'));
  }
  if (given.type === 'notify_url') {
    const verdict = parts.checkUrl(given.url);
    if (!verdict.ok) errors.push({ pointer: '/action/url', detail: verdict.detail });
  }
  return errors;
}

const spanErrors = (starts: string | null, ends: string | null): FieldError[] =>
  starts !== null && ends !== null && Date.parse(ends) <= Date.parse(starts)
    ? [{ pointer: '/ends_at', detail: 'must be after starts_at' }]
    : [];
