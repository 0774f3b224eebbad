// Trying a draft of a rule on what customers said lately: which it would have matched, and who would have won.
// Not here: how that is judged (src/routing/trying.ts). The one thing to know: nothing is saved and nothing is sent, so
// a draft may be tried as often as it is typed.
import { z } from '@hono/zod-openapi';
import type { ConfigDocs } from '../../engine/ports.ts';
import type { MessageRow, ThreadRow } from '../../engine/store-port.ts';
import type { Action, Condition, Rule, Trigger } from '../../routing/model.ts';
import { DRAFT, tryOn, withDraft } from '../../routing/trying.ts';
import { ok } from '../answers.ts';
import { id, instant, timeOf } from '../fields.ts';
import type { HttpParts } from '../parts.ts';
import { malformed, refuse } from '../problems.ts';
import { type Route, route } from '../route.ts';
import { missing, type Row, rowOf, rowsOf } from './rows.ts';
import { newRule, ruleErrors } from './rule-check.ts';
import { asRule } from './rule-shape.ts';

/** Enough to see what a rule does; a person reads no more. */
const TRIED_DEFAULT = 50;
const TRIED_MAX = 200;
/** Patterns on long texts are slow, and nobody else is served meanwhile: what was tried until then is shown. */
const TRY_MS = 500;
/** Characters of each text that are shown. */
const SHOWN = 500;

const draft = newRule.extend({
  name: newRule.shape.name.optional(),
  id: id.optional().openapi({ description: 'of the rule that the draft is to replace' }),
});

const tried = z
  .object({
    tried: z.int().openapi({ description: 'how many were looked at' }),
    matched: z.int(),
    data: z.array(
      z.object({
        message_id: z.string(),
        thread_id: z.string(),
        asset_id: z.string(),
        customer: z.object({ address: z.string(), name: z.string() }),
        kind: z.enum(['message', 'postback']),
        text: z.string(),
        at: instant,
        matches: z.boolean(),
        why: z.string(),
        winner: z
          .object({ rule_id: z.string().nullable(), name: z.string(), draft: z.boolean() })
          .nullable()
          .openapi({ description: 'whose forward action wins with the draft; `rule_id` null: a new draft' }),
      }),
    ),
  })
  .openapi('RuleTried');

export function tryRoute(parts: HttpParts): Route {
  return route({
    method: 'post',
    path: '/api/v1/services/{id}/rules/try',
    name: 'tryRule',
    section: 'Rules',
    summary: 'Try a draft of a rule on what customers said lately',
    description:
      'On the newest utterances on the assets of the service (or on the asset that the draft names), as if nobody held the line then, with the names and attributes of today. The draft counts as enabled and in its time. Nothing is saved.',
    body: z.strictObject({ rule: draft, limit: z.int().min(1).max(TRIED_MAX).default(TRIED_DEFAULT) }),
    answers: { 200: { description: 'Newest first', schema: tried } },
    async handle({ params, body }) {
      const row = rowOf(parts, 'service', params.id);
      const service = parts.directory.world().services.get(params.id);
      if (!row || !service) return missing('service', params.id);
      const replaced = body.rule.id === undefined ? undefined : rowOf(parts, 'rule', body.rule.id);
      if (body.rule.id !== undefined && replaced?.data.service_id !== row.id)
        return malformed([{ pointer: '/rule/id', detail: 'is no rule of this service' }]);
      const data = documentOf(row, body.rule, replaced);
      const { event } = data.trigger;
      if (event !== 'message.received' && event !== 'postback.received')
        return refuse('invalid', 'Only rules on what customers say can be tried.', {
          errors: [{ pointer: '/rule/trigger/event', detail: 'must be message.received or postback.received' }],
        });
      const errors = ruleErrors(parts, row, data).map((each) => ({ ...each, pointer: `/rule${each.pointer}` }));
      if (errors.length > 0) return malformed(errors);
      const said = await parts.store.utterances(assetsOf(parts, row.id, data.trigger), body.limit);
      return ok(outcome(parts, asRule(body.rule.id ?? DRAFT, data), said));
    },
  });
}

function documentOf(
  service: Row<'service'>,
  given: z.output<typeof draft>,
  replaced: Row<'rule'> | undefined,
): ConfigDocs['rule'] {
  return {
    service_id: service.id,
    name: given.name ?? replaced?.data.name ?? 'draft',
    position: given.position ?? replaced?.data.position ?? Number.MAX_SAFE_INTEGER,
    enabled: true,
    trigger: given.trigger as Trigger,
    conditions: (given.conditions ?? null) as Condition | null,
    action: given.action as Action,
    starts_at: given.starts_at ?? null,
    ends_at: given.ends_at ?? null,
  };
}

const assetsOf = (parts: HttpParts, serviceId: string, { asset_id }: Trigger): string[] =>
  asset_id !== undefined
    ? [asset_id]
    : rowsOf(parts, 'asset')
        .filter(({ data }) => data.service_id === serviceId)
        .map((asset) => asset.id);

function outcome(
  parts: HttpParts,
  rule: Rule,
  said: { message: MessageRow; thread: ThreadRow }[],
): z.output<typeof tried> {
  const { services, assets } = parts.directory.world();
  const service = services.get(rule.serviceId);
  const data: z.output<typeof tried>['data'] = [];
  const began = performance.now();
  if (service) {
    const drafted = withDraft(service, rule);
    for (const { message, thread } of said) {
      if (performance.now() - began > TRY_MS) break;
      const { matches, why, winner } = tryOn(drafted, rule.id, { message, thread }, assets.get(thread.assetId));
      data.push({
        message_id: message.id,
        thread_id: thread.id,
        asset_id: thread.assetId,
        customer: { address: thread.address, name: thread.name },
        kind: message.kind,
        text: (message.kind === 'postback' ? (message.title ?? message.payload ?? '') : message.text).slice(0, SHOWN),
        at: timeOf(message.at),
        matches,
        why,
        winner: winner && {
          rule_id: winner.ruleId === DRAFT ? null : winner.ruleId,
          name: winner.name,
          draft: winner.ruleId === rule.id,
        },
      });
    }
  }
  return { tried: data.length, matched: data.filter(({ matches }) => matches).length, data };
}
