// Assets: our addresses on channels. Create, read, change, delete, rotate their secrets.
// Not here: what a channel's `config` must look like (its adapter says), and hooks. The one thing to know: an asset
// belongs to one service at most, which is set from the service's side.
import { z } from '@hono/zod-openapi';
import type { AssetConfig } from '../../engine/ports.ts';
import { created, done, ok } from '../answers.ts';
import { name, pageById, pageOf, paging, showPage, timeOf } from '../fields.ts';
import type { Site } from '../parts.ts';
import { malformed, type Refusal } from '../problems.ts';
import { type Route, route } from '../route.ts';
import { MASK, mask, newBearer, newSigningSecret, newToken, sealFirst } from '../secrets.ts';
import { checkedUrl, rotationRoute } from './integration.ts';
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

const PATH = '/api/v1/assets';
const section = 'Assets';
/** Named by the contract, spoken by a later version. */
const NOT_YET = ['messenger', 'instagram', 'whatsapp', 'sms', 'line'];

const config = z.record(z.string().max(100), z.unknown());
const onUnknown = z.enum(['hold', 'resend']).openapi({
  description: 'when it is not known whether a send took effect, on channels without idempotency keys',
});

const shownOnce = z.string().nullable().openapi({ description: 'masked, but in the answer that made it' });

const asset = z
  .object({
    ...rowFields,
    name: z.string(),
    channel: z.string(),
    config: z.record(z.string(), z.unknown()),
    on_unknown: onUnknown,
    service_id: z.string().nullable(),
    hook_url: z.string().nullable().openapi({ description: 'null for a web chat' }),
    secret: shownOnce,
    signing_secret: shownOnce,
    direct_line_secret: shownOnce.optional().openapi({ description: 'of a web chat; rotated as `secret`' }),
    identity_secret: shownOnce.optional().openapi({
      description: "of a web chat: signs customers' ids; rotated as `signing_secret`",
    }),
    script_tag: z.string().optional().openapi({ description: 'of a web chat: what goes into the page' }),
  })
  .openapi('Asset');

const assetHook = (site: Site, id: string): string => `${site.publicUrl()}/hooks/channels/${id}`;

function showAsset(site: Site, row: Row<'asset'>): z.output<typeof asset> {
  const { data } = row;
  const opened: AssetConfig | undefined = site.directory.asset(row.id);
  return {
    id: row.id,
    name: data.name,
    channel: data.channel,
    config: masked(data.config),
    on_unknown: data.on_unknown,
    service_id: data.service_id,
    hook_url: data.channel === 'webchat' ? null : assetHook(site, row.id),
    ...secretsOf(data.channel, mask(opened?.secrets[0]), mask(opened?.signingSecrets[0])),
    ...(data.channel === 'webchat' ? { script_tag: scriptTag(site, row.id) } : {}),
    created_at: timeOf(row.createdAt),
    updated_at: timeOf(row.updatedAt),
  };
}

/** The same two secrets go by the names of what they are for. */
const secretsOf = (channel: string, secret: string | null, signing: string | null) =>
  channel === 'webchat'
    ? { secret: null, signing_secret: null, direct_line_secret: secret, identity_secret: signing }
    : { secret, signing_secret: signing };

const scriptTag = (site: Site, id: string): string =>
  `<script async src="${site.publicUrl()}/widget.js" data-asset="${id}"></script>`;

/** A provider's tokens lie sealed in the config; they are not shown again. */
const masked = (config: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(config).map(([key, value]) => [key, isSealed(value) ? MASK : value]));

const isSealed = (value: unknown): boolean => typeof value === 'object' && value !== null && 'sealed' in value;

export function assetRoutes(site: Site): Route[] {
  return [
    route({
      method: 'get',
      path: PATH,
      name: 'listAssets',
      section,
      summary: 'List assets',
      query: paging,
      answers: { 200: { description: 'A page, by id', schema: pageOf(asset) } },
      handle: ({ query }) => ok(showPage(pageById(rowsOf(site, 'asset'), query), (row) => showAsset(site, row))),
    }),
    createAsset(site),
    route({
      method: 'get',
      path: `${PATH}/{id}`,
      name: 'getAsset',
      section,
      summary: 'Get an asset',
      answers: { 200: { description: 'The asset', schema: asset } },
      handle({ params }) {
        const row = rowOf(site, 'asset', params.id);
        return row ? ok(showAsset(site, row)) : missing('asset', params.id);
      },
    }),
    changeAsset(site),
    deleteAsset(site),
    rotationRoute(site, 'asset', ['secret', 'signing_secret', 'session_key'], () => ''),
  ];
}

function createAsset(site: Site): Route {
  return route({
    method: 'post',
    path: PATH,
    name: 'createAsset',
    section,
    summary: 'Create an asset',
    description:
      'For channel `http`, `config` is `{url}`: where messages to customers are posted. For `webchat`, everything in it may be left out: allowed_origins, title, subtitle, greeting, launcher_text, locale, position, theme, fallback_url, fallback_text, identity, uploads.',
    body: z.strictObject({ name, channel: z.string().min(1).max(64), config, on_unknown: onUnknown.optional() }),
    answers: { 201: { description: 'Created; its secrets in clear', schema: asset } },
    async handle({ body, principal }) {
      const full = whyNoMore(site, 'asset');
      if (full) return full;
      const checked = checkConfig(site, body.channel, body.config);
      if ('refusal' in checked) return checked;
      const id = site.newId('ast');
      const secret = newBearer();
      const signingSecret = newSigningSecret();
      const data: Row<'asset'>['data'] = {
        name: body.name,
        channel: body.channel,
        config: checked.config,
        service_id: null,
        on_unknown: body.on_unknown ?? 'hold',
        secrets: sealFirst(site.vault, 'asset', id, 'secrets', secret),
        signing_secrets: sealFirst(site.vault, 'asset', id, 'signing_secrets', signingSecret),
        ...(body.channel === 'webchat'
          ? { token_keys: sealFirst(site.vault, 'asset', id, 'token_keys', newToken()) }
          : {}),
      };
      await site.directory.change([{ kind: 'asset', id, data }], [audit(site, principal, 'create', 'asset', id)]);
      const shown = showAsset(site, rowOf(site, 'asset', id) as Row<'asset'>);
      return created(`${PATH}/${id}`, { ...shown, ...secretsOf(body.channel, secret, signingSecret) });
    },
  });
}

/** The adapter's word on the config, then the guard's on the URL in it. */
function checkConfig(site: Site, channel: string, given: unknown): { config: Record<string, unknown> } | Refusal {
  const adapter = site.adapters.channels.get(channel);
  if (!adapter) {
    const known = [...site.adapters.channels.keys()].join(', ');
    const detail = NOT_YET.includes(channel)
      ? `${channel} is not yet available; use ${known}`
      : `must be one of: ${known}`;
    return malformed([{ pointer: '/channel', detail }]);
  }
  const read = adapter.checkConfig(given);
  if (!read.ok) return malformed(read.errors.map((error) => ({ ...error, pointer: inConfig(error.pointer) })));
  if (typeof read.config.url !== 'string') return { config: read.config };
  const verdict = checkedUrl(site, read.config.url, '/config/url');
  return verdict.ok ? { config: { ...read.config, url: verdict.url } } : verdict.refusal;
}

const inConfig = (pointer: string): string => (pointer.startsWith('/config') ? pointer : `/config${pointer}`);

function changeAsset(site: Site): Route {
  return route({
    method: 'patch',
    path: `${PATH}/{id}`,
    name: 'changeAsset',
    section,
    summary: 'Change an asset',
    description: '`config` is replaced as a whole.',
    body: z.strictObject({ name: name.optional(), config: config.optional(), on_unknown: onUnknown.optional() }),
    answers: { 200: { description: 'The asset', schema: asset } },
    async handle({ params, body, principal }) {
      const row = rowOf(site, 'asset', params.id);
      if (!row) return missing('asset', params.id);
      const checked = body.config === undefined ? row.data : checkConfig(site, row.data.channel, body.config);
      if ('refusal' in checked) return checked;
      const data = {
        ...row.data,
        name: body.name ?? row.data.name,
        config: checked.config,
        on_unknown: body.on_unknown ?? row.data.on_unknown,
      };
      const entry = audit(site, principal, 'change', 'asset', row.id, { fields: Object.keys(body) });
      await site.directory.change([rewrite(row, data)], [entry]);
      return ok(showAsset(site, rowOf(site, 'asset', row.id) as Row<'asset'>));
    },
  });
}

function deleteAsset(site: Site): Route {
  return route({
    method: 'delete',
    path: `${PATH}/{id}`,
    name: 'deleteAsset',
    section,
    summary: 'Delete an asset',
    description: 'Refused while a rule names it. Its hook stops at once; what was said on it stays readable.',
    answers: { 204: { description: 'Deleted' } },
    async handle({ params, principal }) {
      const row = rowOf(site, 'asset', params.id);
      if (!row) return missing('asset', params.id);
      const rules = rulesNaming(site, row.id);
      if (rules.length > 0) return inUse(row.id, rules);
      const service = row.data.service_id === null ? undefined : rowOf(site, 'service', row.data.service_id);
      const writes = [rewrite(row, null), ...(service ? [touch(service)] : [])];
      await site.directory.change(writes, [audit(site, principal, 'delete', 'asset', row.id)]);
      return done;
    },
  });
}
