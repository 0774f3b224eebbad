// Rules of a service: their routes and their order.
// Not here: what a rule may say (rule-check.ts), how it is shown (rule-shape.ts), what it does (routing). The one thing to know: a rule
// keeps the position it was given, gaps and all; one that takes a place pushes back whoever stands there, in the same write.
import { z } from '@hono/zod-openapi';
import type { ConfigDocs, FieldError } from '../../engine/ports.ts';
import type { ConfigWrite } from '../../engine/store-port.ts';
import type { Action, Condition, Id, Trigger } from '../../routing/model.ts';
import { type Answer, created, done, ok } from '../answers.ts';
import { id, pageById, pageOf, paging, showPage } from '../fields.ts';
import type { Principal } from '../keys.ts';
import type { HttpParts } from '../parts.ts';
import { malformed, type Refusal, refuse } from '../problems.ts';
import { type Route, route } from '../route.ts';
import { audit, MAX_RULES_PER_SERVICE, missing, type Row, rewrite, rowOf, rowsOf, touch } from './rows.ts';
import { newRule, ruleChange, ruleErrors } from './rule-check.ts';
import { rule, rulesOf, showRule } from './rule-shape.ts';
import { tryRoute } from './rule-try.ts';
import { whyTaken } from './services.ts';

const section = 'Rules';
const PATH = '/api/v1/rules';
const IN_SERVICE = '/api/v1/services/{id}/rules';

type RuleDoc = ConfigDocs['rule'];

export function ruleRoutes(parts: HttpParts): Route[] {
  return [
    listAll(parts),
    listInService(parts),
    createRule(parts),
    orderRules(parts),
    tryRoute(parts),
    ...oneRule(parts),
  ];
}

function listAll(parts: HttpParts): Route {
  return route({
    method: 'get',
    path: PATH,
    name: 'listRules',
    section,
    summary: 'List rules of all services',
    query: paging.extend({ service_id: id.optional() }),
    answers: { 200: { description: 'A page, by id', schema: pageOf(rule) } },
    handle({ query }) {
      const rows = rowsOf(parts, 'rule').filter(
        (row) => query.service_id === undefined || row.data.service_id === query.service_id,
      );
      return ok(showPage(pageById(rows, query), showRule(parts)));
    },
  });
}

function listInService(parts: HttpParts): Route {
  return route({
    method: 'get',
    path: IN_SERVICE,
    name: 'listServiceRules',
    section,
    summary: 'List the rules of a service, in their order',
    query: paging,
    answers: { 200: { description: 'A page, by position', schema: pageOf(rule) } },
    handle({ params, query }) {
      if (!rowOf(parts, 'service', params.id)) return missing('service', params.id);
      const rows = rulesOf(parts, params.id);
      const from = query.after === undefined ? 0 : rows.findIndex((row) => row.id === query.after) + 1;
      const data = rows.slice(from, from + query.limit);
      const more = rows.length > from + query.limit;
      return ok(showPage({ data, nextCursor: more ? (data.at(-1)?.id ?? null) : null }, showRule(parts)));
    },
  });
}

function createRule(parts: HttpParts): Route {
  return route({
    method: 'post',
    path: IN_SERVICE,
    name: 'createRule',
    section,
    summary: 'Create a rule',
    description:
      'At the end of the order unless `position` says where. A rule that names an asset adds it to the service.',
    body: newRule,
    answers: { 201: { description: 'Created', schema: rule } },
    async handle({ params, body, principal }) {
      const service = rowOf(parts, 'service', params.id);
      if (!service) return missing('service', params.id);
      const rules = rulesOf(parts, service.id);
      if (rules.length >= MAX_RULES_PER_SERVICE) {
        return refuse('limit_reached', `A service may have at most ${MAX_RULES_PER_SERVICE} rules.`);
      }
      const data: RuleDoc = {
        service_id: service.id,
        name: body.name,
        position: body.position ?? (rules.at(-1)?.data.position ?? 0) + 1,
        enabled: body.enabled ?? true,
        trigger: body.trigger as Trigger,
        conditions: (body.conditions ?? null) as Condition | null,
        action: body.action as Action,
        starts_at: body.starts_at ?? null,
        ends_at: body.ends_at ?? null,
      };
      const asset = assetWrites(parts, service, data);
      if ('refusal' in asset) return asset;
      const ruleId = parts.newId('rul');
      const writes = [
        { kind: 'rule' as const, id: ruleId, data },
        touch(service),
        ...asset.writes,
        ...makeRoom(rules, data.position),
      ];
      await parts.directory.change(writes, [
        audit(parts, principal, 'create', 'rule', ruleId, { service_id: service.id }),
      ]);
      return created(`${PATH}/${ruleId}`, showRule(parts)(rowOf(parts, 'rule', ruleId) as Row<'rule'>));
    },
  });
}

function orderRules(parts: HttpParts): Route {
  return route({
    method: 'put',
    path: `${IN_SERVICE}/order`,
    name: 'orderRules',
    section,
    summary: 'Put the rules of a service into an order',
    description: 'All of them, each once; their positions are then 1, 2, 3 …',
    body: z.strictObject({ rule_ids: z.array(id).max(MAX_RULES_PER_SERVICE) }),
    answers: { 200: { description: 'The rules in their new order', schema: pageOf(rule) } },
    async handle({ params, body, principal }) {
      const service = rowOf(parts, 'service', params.id);
      if (!service) return missing('service', params.id);
      const rules = rulesOf(parts, service.id);
      const errors = orderErrors(rules, body.rule_ids);
      if (errors.length > 0) return malformed(errors);
      const moved = rules.flatMap((row) => {
        const place = body.rule_ids.indexOf(row.id) + 1;
        return row.data.position === place ? [] : [rewrite(row, { ...row.data, position: place })];
      });
      const entry = audit(parts, principal, 'order', 'service', service.id, { rule_ids: body.rule_ids });
      if (moved.length > 0) await parts.directory.change([touch(service), ...moved], [entry]);
      return ok(showPage({ data: rulesOf(parts, service.id), nextCursor: null }, showRule(parts)));
    },
  });
}

function orderErrors(rules: Row<'rule'>[], ids: Id[]): FieldError[] {
  const known = new Set(rules.map((row) => row.id));
  const errors = ids.flatMap((each, i) => {
    if (!known.has(each)) return [{ pointer: `/rule_ids/${i}`, detail: 'is no rule of this service' }];
    return ids.indexOf(each) < i ? [{ pointer: `/rule_ids/${i}`, detail: 'is there already' }] : [];
  });
  const left = rules.filter((row) => !ids.includes(row.id)).map((row) => row.id);
  return left.length === 0
    ? errors
    : [...errors, { pointer: '/rule_ids', detail: `must also have ${left.join(', ')}` }];
}

/** The writes that free a position: its rule moves back by one, and so do those that stand right behind it. */
function makeRoom(others: Row<'rule'>[], position: number): ConfigWrite[] {
  const writes: ConfigWrite[] = [];
  let taken = position;
  for (const row of others) {
    if (row.data.position !== taken) continue;
    taken += 1;
    writes.push(rewrite(row, { ...row.data, position: taken }));
  }
  return writes;
}

/** Whether the rule is sound; and the write that adds its asset to the service. */
function assetWrites(parts: HttpParts, service: Row<'service'>, data: RuleDoc): { writes: ConfigWrite[] } | Refusal {
  const errors = ruleErrors(parts, service, data);
  if (errors.length > 0) return malformed(errors);
  const assetId = data.trigger.asset_id;
  const asset = assetId === undefined ? undefined : rowOf(parts, 'asset', assetId);
  if (!asset) return { writes: [] };
  const taken = whyTaken(asset, service.id);
  if (taken) return { ...taken, errors: [{ pointer: '/trigger/asset_id', detail: 'belongs to another service' }] };
  if (asset.data.service_id === service.id) return { writes: [] };
  return { writes: [rewrite(asset, { ...asset.data, service_id: service.id })] };
}

/** The same three routes under two addresses. */
function oneRule(parts: HttpParts): Route[] {
  const find = (ruleId: Id, serviceId?: Id): Row<'rule'> | undefined => {
    const row = rowOf(parts, 'rule', ruleId);
    return row && (serviceId === undefined || row.data.service_id === serviceId) ? row : undefined;
  };
  const inService = `${IN_SERVICE}/{rule_id}` as const;
  const direct = `${PATH}/{id}` as const;
  const get = { method: 'get' as const, section, summary: 'Get a rule' };
  const patch = { method: 'patch' as const, section, summary: 'Change or move a rule', body: ruleChange };
  const del = { method: 'delete' as const, section, summary: 'Delete a rule' };
  const shown = { 200: { description: 'The rule', schema: rule } };
  const gone = { 204: { description: 'Deleted; a thread whose bot had the line by this rule is free then' } };
  const show = (row: Row<'rule'> | undefined, ruleId: Id): Answer =>
    row ? ok(showRule(parts)(row)) : missing('rule', ruleId);
  return [
    route({
      ...get,
      path: direct,
      name: 'getRule',
      answers: shown,
      handle: ({ params }) => show(find(params.id), params.id),
    }),
    route({
      ...get,
      path: inService,
      name: 'getServiceRule',
      answers: shown,
      handle: ({ params }) => show(find(params.rule_id, params.id), params.rule_id),
    }),
    route({
      ...patch,
      path: direct,
      name: 'changeRule',
      answers: shown,
      handle: ({ params, body, principal }) => change(parts, find(params.id), params.id, body, principal),
    }),
    route({
      ...patch,
      path: inService,
      name: 'changeServiceRule',
      answers: shown,
      handle: ({ params, body, principal }) =>
        change(parts, find(params.rule_id, params.id), params.rule_id, body, principal),
    }),
    route({
      ...del,
      path: direct,
      name: 'deleteRule',
      answers: gone,
      handle: ({ params, principal }) => remove(parts, find(params.id), params.id, principal),
    }),
    route({
      ...del,
      path: inService,
      name: 'deleteServiceRule',
      answers: gone,
      handle: ({ params, principal }) => remove(parts, find(params.rule_id, params.id), params.rule_id, principal),
    }),
  ];
}

const MEANING = ['trigger', 'conditions', 'action', 'starts_at', 'ends_at'] as const;

async function change(
  parts: HttpParts,
  row: Row<'rule'> | undefined,
  ruleId: Id,
  body: z.output<typeof ruleChange>,
  principal: Principal,
): Promise<Answer> {
  const service = row && rowOf(parts, 'service', row.data.service_id);
  if (!row || !service) return missing('rule', ruleId);
  const others = rulesOf(parts, service.id).filter((each) => each.id !== row.id);
  const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as Partial<RuleDoc>;
  const data: RuleDoc = { ...row.data, ...given };
  // A rule that went stale (its URL is not allowed any more, say) can still be renamed, moved and switched off.
  const meansTheSame = MEANING.every((field) => body[field] === undefined);
  const asset = meansTheSame ? { writes: [] } : assetWrites(parts, service, data);
  if ('refusal' in asset) return asset;
  const writes = [rewrite(row, data), touch(service), ...asset.writes, ...makeRoom(others, data.position)];
  const entry = audit(parts, principal, 'change', 'rule', row.id, { fields: Object.keys(body) });
  await parts.directory.change(writes, [entry]);
  return ok(showRule(parts)(rowOf(parts, 'rule', row.id) as Row<'rule'>));
}

async function remove(
  parts: HttpParts,
  row: Row<'rule'> | undefined,
  ruleId: Id,
  principal: Principal,
): Promise<Answer> {
  const service = row && rowOf(parts, 'service', row.data.service_id);
  if (!row || !service) return missing('rule', ruleId);
  const writes = [rewrite(row, null), touch(service)];
  await parts.directory.change(writes, [audit(parts, principal, 'delete', 'rule', row.id, { service_id: service.id })]);
  return done;
}
