// A rule as the API shows it: with its sentence, and with the earlier rule that leaves it nothing to do.
// Not here: routes and the order (rules.ts). The one thing to know: who shadows whom is worked out once per state of the
// configuration, for a list of two hundred rules compares each with each.
import { z } from '@hono/zod-openapi';
import type { ConfigDocs } from '../../engine/ports.ts';
import type { Id, Rule, ServiceView } from '../../routing/model.ts';
import { sentence } from '../../routing/sentence.ts';
import { shadows } from '../../routing/shadow.ts';
import { timeOf } from '../fields.ts';
import type { HttpParts } from '../parts.ts';
import { type Row, rowFields, rowOf, rowsOf } from './rows.ts';
import { ruleAnswer } from './rule-check.ts';

export const rule = z
  .object({
    ...rowFields,
    service_id: z.string(),
    ...ruleAnswer,
    sentence: z.string().openapi({ description: 'the rule in plain English' }),
    shadowed_by: z.string().nullable().openapi({
      description:
        'an earlier rule that takes whatever this one would, so that it never has a turn; as far as can be seen',
    }),
  })
  .openapi('Rule');

const known = new WeakMap<ServiceView, Map<Id, Id>>();

function shadowOf(parts: HttpParts, row: Row<'rule'>): Id | null {
  const service = parts.directory.world().services.get(row.data.service_id);
  if (!service) return null;
  let found = known.get(service);
  if (!found) {
    found = shadows(service.rules);
    known.set(service, found);
  }
  return found.get(row.id) ?? null;
}

/** The name of an asset, a bot or a desk; of one that is gone its id. */
const nameOf =
  (parts: HttpParts) =>
  (id: Id): string =>
    (['asset', 'bot', 'desk'] as const).map((kind) => rowOf(parts, kind, id)?.data.name).find((name) => name) ?? id;

export const instantIn = (text: string | null | undefined): number | null => (text ? Date.parse(text) : null);

/** A rule's document as decisions see it. */
export function asRule(id: Id, data: ConfigDocs['rule']): Rule {
  const { service_id: serviceId, starts_at, ends_at, ...same } = data;
  return { id, serviceId, ...same, startsAt: instantIn(starts_at), endsAt: instantIn(ends_at) };
}

export const showRule =
  (parts: HttpParts) =>
  (row: Row<'rule'>): z.output<typeof rule> => ({
    id: row.id,
    service_id: row.data.service_id,
    name: row.data.name,
    position: row.data.position,
    enabled: row.data.enabled,
    trigger: row.data.trigger,
    conditions: row.data.conditions,
    action: row.data.action,
    starts_at: row.data.starts_at,
    ends_at: row.data.ends_at,
    sentence: sentence(asRule(row.id, row.data), nameOf(parts)),
    shadowed_by: shadowOf(parts, row),
    created_at: timeOf(row.createdAt),
    updated_at: timeOf(row.updatedAt),
  });

/** In the order in which they are tried. */
export const rulesOf = (parts: HttpParts, serviceId: Id): Row<'rule'>[] =>
  rowsOf(parts, 'rule')
    .filter((row) => row.data.service_id === serviceId)
    .sort((a, b) => a.data.position - b.data.position || (a.id < b.id ? -1 : 1));
