// Services: a name, the integrations mapped to it, the assets that belong to it.
// Not here: its rules (rules.ts). The one thing to know: mapping, unmapping and every change of a rule write the
// service's row too, so that a rule cannot come to use what is unmapped at the same moment.
import { z } from '@hono/zod-openapi';
import { created, done, ok } from '../answers.ts';
import { name, pageById, pageOf, paging, showPage, timeOf } from '../fields.ts';
import type { HttpParts } from '../parts.ts';
import { type Refusal, refuse } from '../problems.ts';
import { type Route, route } from '../route.ts';
import {
  audit,
  inUse,
  missing,
  type Row,
  rewrite,
  rowFields,
  rowOf,
  rowsOf,
  rulesNaming,
  touch,
  whyNoMore,
} from './rows.ts';

const PATH = '/api/v1/services';
const section = 'Services';

/** A service is a handful of integrations; hundreds would be a mistake. */
const MAX_MAPPED = 200;

const service = z
  .object({
    ...rowFields,
    name: z.string(),
    integrations: z.array(z.string()).openapi({ description: 'ids of the bots and desks mapped to it' }),
    assets: z.array(z.string()),
  })
  .openapi('Service');

/** @param assets ids by service, read once for a whole list */
function showService(row: Row<'service'>, assets: Map<string, string[]>): z.output<typeof service> {
  return {
    id: row.id,
    name: row.data.name,
    integrations: row.data.mapped,
    assets: assets.get(row.id) ?? [],
    created_at: timeOf(row.createdAt),
    updated_at: timeOf(row.updatedAt),
  };
}

function assetsByService(parts: HttpParts): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { id, data } of rowsOf(parts, 'asset')) {
    if (data.service_id === null) continue;
    const ids = found.get(data.service_id) ?? [];
    ids.push(id);
    found.set(data.service_id, ids);
  }
  return found;
}

const shown = (parts: HttpParts, id: string): z.output<typeof service> =>
  showService(rowOf(parts, 'service', id) as Row<'service'>, assetsByService(parts));

const assetsOf = (parts: HttpParts, serviceId: string): Row<'asset'>[] =>
  rowsOf(parts, 'asset').filter((asset) => asset.data.service_id === serviceId);

export function serviceRoutes(parts: HttpParts): Route[] {
  const { directory } = parts;
  return [
    route({
      method: 'get',
      path: PATH,
      name: 'listServices',
      section,
      summary: 'List services',
      query: paging,
      answers: { 200: { description: 'A page, by id', schema: pageOf(service) } },
      handle({ query }) {
        const assets = assetsByService(parts);
        return ok(showPage(pageById(rowsOf(parts, 'service'), query), (row) => showService(row, assets)));
      },
    }),
    route({
      method: 'post',
      path: PATH,
      name: 'createService',
      section,
      summary: 'Create a service',
      body: z.strictObject({ name }),
      answers: { 201: { description: 'Created', schema: service } },
      async handle({ body, principal }) {
        const full = whyNoMore(parts, 'service');
        if (full) return full;
        const id = parts.newId('svc');
        const data = { name: body.name, mapped: [] };
        await directory.change([{ kind: 'service', id, data }], [audit(parts, principal, 'create', 'service', id)]);
        return created(`${PATH}/${id}`, shown(parts, id));
      },
    }),
    route({
      method: 'get',
      path: `${PATH}/{id}`,
      name: 'getService',
      section,
      summary: 'Get a service',
      answers: { 200: { description: 'The service', schema: service } },
      handle({ params }) {
        const row = rowOf(parts, 'service', params.id);
        return row ? ok(shown(parts, row.id)) : missing('service', params.id);
      },
    }),
    route({
      method: 'patch',
      path: `${PATH}/{id}`,
      name: 'changeService',
      section,
      summary: 'Rename a service',
      body: z.strictObject({ name: name.optional() }),
      answers: { 200: { description: 'The service', schema: service } },
      async handle({ params, body, principal }) {
        const row = rowOf(parts, 'service', params.id);
        if (!row) return missing('service', params.id);
        const entry = audit(parts, principal, 'change', 'service', row.id, { fields: Object.keys(body) });
        await directory.change([rewrite(row, { ...row.data, name: body.name ?? row.data.name })], [entry]);
        return ok(shown(parts, row.id));
      },
    }),
    deleteService(parts),
    ...mappingRoutes(parts),
    ...assetRoutes(parts),
  ];
}

function deleteService(parts: HttpParts): Route {
  return route({
    method: 'delete',
    path: `${PATH}/{id}`,
    name: 'deleteService',
    section,
    summary: 'Delete a service',
    description: 'Refused while it has assets or rules: deleting those is a decision of its own.',
    answers: { 204: { description: 'Deleted' } },
    async handle({ params, principal }) {
      const row = rowOf(parts, 'service', params.id);
      if (!row) return missing('service', params.id);
      const rules = rowsOf(parts, 'rule').filter((rule) => rule.data.service_id === row.id);
      if (rules.length > 0) return inUse(row.id, rules);
      const assets = assetsOf(parts, row.id);
      if (assets.length > 0) {
        const names = assets.map((asset) => asset.data.name).join(', ');
        return refuse('in_use', `Assets belong to it: ${names}.`, { members: { assets: assets.map(({ id }) => id) } });
      }
      await parts.directory.change([rewrite(row, null)], [audit(parts, principal, 'delete', 'service', row.id)]);
      return done;
    },
  });
}

function mappingRoutes(parts: HttpParts): Route[] {
  const path = `${PATH}/{id}/integrations/{integration_id}` as const;
  return [
    route({
      method: 'put',
      path,
      name: 'mapIntegration',
      section,
      summary: 'Map a bot or desk to a service',
      answers: { 204: { description: 'Mapped' } },
      async handle({ params, principal }) {
        const row = rowOf(parts, 'service', params.id);
        if (!row) return missing('service', params.id);
        const integration = rowOf(parts, 'bot', params.integration_id) ?? rowOf(parts, 'desk', params.integration_id);
        if (!integration) return missing('bot or desk', params.integration_id);
        if (row.data.mapped.includes(integration.id)) return done;
        if (row.data.mapped.length >= MAX_MAPPED) {
          return refuse('limit_reached', `At most ${MAX_MAPPED} integrations may be mapped to a service.`);
        }
        const entry = audit(parts, principal, 'map', 'service', row.id, { integration_id: integration.id });
        const data = { ...row.data, mapped: [...row.data.mapped, integration.id] };
        // The integration's row is written too: it may be about to be deleted.
        await parts.directory.change([rewrite(row, data), touch<'bot' | 'desk'>(integration)], [entry]);
        return done;
      },
    }),
    route({
      method: 'delete',
      path,
      name: 'unmapIntegration',
      section,
      summary: 'Unmap a bot or desk',
      description: 'Refused while a rule of the service uses it.',
      answers: { 204: { description: 'Unmapped' } },
      async handle({ params, principal }) {
        const row = rowOf(parts, 'service', params.id);
        if (!row) return missing('service', params.id);
        const gone = params.integration_id;
        if (!row.data.mapped.includes(gone)) return missing('mapping of', gone);
        const rules = rulesNaming(parts, gone, row.id);
        if (rules.length > 0) return inUse(gone, rules);
        const entry = audit(parts, principal, 'unmap', 'service', row.id, { integration_id: gone });
        const data = { ...row.data, mapped: row.data.mapped.filter((id) => id !== gone) };
        await parts.directory.change([rewrite(row, data)], [entry]);
        return done;
      },
    }),
  ];
}

/** 409 when an asset belongs to another service. [ours] */
export function whyTaken(asset: Row<'asset'>, serviceId: string): Refusal | null {
  const owner = asset.data.service_id;
  if (owner === null || owner === serviceId) return null;
  return refuse('asset_taken', `The asset ${asset.id} belongs to the service ${owner}.`, {
    members: { service_id: owner },
  });
}

function assetRoutes(parts: HttpParts): Route[] {
  const path = `${PATH}/{id}/assets/{asset_id}` as const;
  return [
    route({
      method: 'put',
      path,
      name: 'addAsset',
      section,
      summary: 'Add an asset to a service',
      description: 'An asset belongs to one service; 409 `asset_taken` if it is in another.',
      answers: { 204: { description: 'Added' } },
      async handle({ params, principal }) {
        const row = rowOf(parts, 'service', params.id);
        if (!row) return missing('service', params.id);
        const asset = rowOf(parts, 'asset', params.asset_id);
        if (!asset) return missing('asset', params.asset_id);
        const taken = whyTaken(asset, row.id);
        if (taken) return taken;
        if (asset.data.service_id === row.id) return done;
        const entry = audit(parts, principal, 'add_asset', 'service', row.id, { asset_id: asset.id });
        await parts.directory.change([rewrite(asset, { ...asset.data, service_id: row.id }), touch(row)], [entry]);
        return done;
      },
    }),
    route({
      method: 'delete',
      path,
      name: 'removeAsset',
      section,
      summary: 'Remove an asset from a service',
      description: 'Refused while a rule of the service names it.',
      answers: { 204: { description: 'Removed' } },
      async handle({ params, principal }) {
        const row = rowOf(parts, 'service', params.id);
        if (!row) return missing('service', params.id);
        const asset = rowOf(parts, 'asset', params.asset_id);
        if (asset?.data.service_id !== row.id) return missing('asset of this service', params.asset_id);
        const rules = rulesNaming(parts, asset.id, row.id);
        if (rules.length > 0) return inUse(asset.id, rules);
        const entry = audit(parts, principal, 'remove_asset', 'service', row.id, { asset_id: asset.id });
        await parts.directory.change([rewrite(asset, { ...asset.data, service_id: null }), touch(row)], [entry]);
        return done;
      },
    }),
  ];
}
