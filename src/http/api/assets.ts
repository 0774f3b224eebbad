// Assets: our addresses on channels. Create, read, change, delete, rotate their secrets.
// Not here: what a channel's `config` must look like (its adapter says), and hooks. The one thing to know: an asset
// belongs to one service at most, which is set from the service's side.
import { z } from '@hono/zod-openapi';
import type { ChannelField } from '../../engine/channel-port.ts';
import type { AssetConfig } from '../../engine/ports.ts';
import type { ConfigWrite } from '../../engine/store-port.ts';
import { created, done, ok } from '../answers.ts';
import type { Connections } from '../connections.ts';
import { instantOrNull, MAX_NAME, name, pageById, pageOf, paging, showPage, timeOf, timeOrNull } from '../fields.ts';
import type { Principal } from '../keys.ts';
import type { Site } from '../parts.ts';
import { malformed, type Refusal } from '../problems.ts';
import { type Route, route } from '../route.ts';
import { mask, newBearer, newSigningSecret, newToken, sealFirst, seesHooks } from '../secrets.ts';
import { rotationRoute } from './integration.ts';
import { goesElsewhere, readConfig, showConfig } from './provider-config.ts';
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
import { sealedConfig, secretsElsewhere } from './sealed-config.ts';

const PATH = '/api/v1/assets';
const section = 'Assets';
const config = z.record(z.string().max(100), z.unknown());
const onUnknown = z.enum(['hold', 'resend']).openapi({
  description: 'when it is not known whether a send took effect, on channels without idempotency keys',
});

const connection = z.object({
  handshake_at: instantOrNull.openapi({ description: 'when the provider proved the address' }),
  event_at: instantOrNull.openapi({ description: 'when the hook last took something' }),
  refused_at: instantOrNull,
  refused_reason: z.string().nullable(),
  verified_at: instantOrNull.openapi({ description: 'when a verification held' }),
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
    secret: shownOnce.openapi({
      description: 'masked, but in the answer that made it; null where the provider has its own',
    }),
    signing_secret: shownOnce,
    app_desk_id: z.string().nullable().openapi({
      description: "where humans may answer in the provider's own app: the desk that stands for them",
    }),
    connection: connection.openapi({ description: 'what its hook has seen since the server started; null: nothing' }),
    direct_line_secret: shownOnce.optional().openapi({ description: 'of a web chat; rotated as `secret`' }),
    identity_secret: shownOnce.optional().openapi({
      description: "of a web chat: signs customers' ids; rotated as `signing_secret`",
    }),
    script_tag: z.string().optional().openapi({ description: 'of a web chat: what goes into the page' }),
  })
  .openapi('Asset');

const assetHook = (site: Site, id: string): string => `${site.publicUrl()}/hooks/channels/${id}`;

function showAsset({ site, connections }: Tools, row: Row<'asset'>, principal: Principal): z.output<typeof asset> {
  const { data } = row;
  const opened: AssetConfig | undefined = site.directory.asset(row.id);
  const { handshakeAt, eventAt, refusedAt, refusedReason, verifiedAt } = connections.of(row.id);
  return {
    id: row.id,
    name: data.name,
    channel: data.channel,
    config: showConfig(fieldsOf(site, data.channel), data.config, opened?.config ?? {}, seesHooks(principal)),
    on_unknown: data.on_unknown,
    service_id: data.service_id,
    hook_url: data.channel === 'webchat' ? null : assetHook(site, row.id),
    ...secretsOf(data.channel, mask(opened?.secrets[0]), mask(opened?.signingSecrets[0])),
    app_desk_id: data.app_desk_id ?? null,
    connection: {
      handshake_at: timeOrNull(handshakeAt),
      event_at: timeOrNull(eventAt),
      refused_at: timeOrNull(refusedAt),
      refused_reason: refusedReason,
      verified_at: timeOrNull(verifiedAt),
    },
    ...(data.channel === 'webchat' ? { script_tag: scriptTag(site, row.id) } : {}),
    created_at: timeOf(row.createdAt),
    updated_at: timeOf(row.updatedAt),
  };
}

const fieldsOf = (site: Site, channel: string): ChannelField[] => site.adapters.channels.get(channel)?.fields ?? [];

/** The same two secrets go by the names of what they are for. */
const secretsOf = (channel: string, secret: string | null, signing: string | null) =>
  channel === 'webchat'
    ? { secret: null, signing_secret: null, direct_line_secret: secret, identity_secret: signing }
    : { secret, signing_secret: signing };

const scriptTag = (site: Site, id: string): string =>
  `<script async src="${site.publicUrl()}/widget.js" data-asset="${id}"></script>`;

type Tools = { site: Site; connections: Connections };

export function assetRoutes(site: Site, connections: Connections): Route[] {
  const tools = { site, connections };
  return [
    route({
      method: 'get',
      path: PATH,
      name: 'listAssets',
      section,
      summary: 'List assets',
      query: paging,
      answers: { 200: { description: 'A page, by id', schema: pageOf(asset) } },
      handle({ query, principal }) {
        const page = pageById(rowsOf(site, 'asset'), query);
        return ok(showPage(page, (row) => showAsset(tools, row, principal)));
      },
    }),
    createAsset(tools),
    route({
      method: 'get',
      path: `${PATH}/{id}`,
      name: 'getAsset',
      section,
      summary: 'Get an asset',
      answers: { 200: { description: 'The asset', schema: asset } },
      handle({ params, principal }) {
        const row = rowOf(site, 'asset', params.id);
        return row ? ok(showAsset(tools, row, principal)) : missing('asset', params.id);
      },
    }),
    changeAsset(tools),
    deleteAsset(site),
    rotationRoute(site, 'asset', ['secret', 'signing_secret', 'session_key'], () => ''),
  ];
}

function createAsset(tools: Tools): Route {
  const { site } = tools;
  return route({
    method: 'post',
    path: PATH,
    name: 'createAsset',
    section,
    summary: 'Create an asset',
    description:
      'For channel `http`, `config` is `{url}`: where messages to customers are posted. For `webchat`, everything in it may be left out: allowed_origins, title, subtitle, greeting, launcher_text, locale, position, theme, fallback_url, fallback_text, identity, uploads. For others, it has the `fields` that `GET /channels` names.',
    body: z.strictObject({ name, channel: z.string().min(1).max(64), config, on_unknown: onUnknown.optional() }),
    answers: { 201: { description: 'Created; its secrets in clear', schema: asset } },
    async handle({ body, principal }) {
      const adapter = site.adapters.channels.get(body.channel);
      if (!adapter) return noSuchChannel(site);
      const echoes = adapter.capabilities?.echoes === true;
      const full = whyNoMore(site, 'asset') ?? (echoes ? whyNoMore(site, 'desk') : null);
      if (full) return full;
      const read = readConfig(site, adapter, body.config);
      if ('refusal' in read) return read;
      const id = site.newId('ast');
      const desk = echoes ? appDesk(site, body.name) : null;
      const made = adapter.fields === undefined ? { secret: newBearer(), signing: newSigningSecret() } : null;
      const data: Row<'asset'>['data'] = {
        name: body.name,
        channel: body.channel,
        config: sealedConfig(site.vault, 'asset', id, adapter.fields ?? [], read.config),
        service_id: null,
        on_unknown: body.on_unknown ?? 'hold',
        ...(desk ? { app_desk_id: desk.id } : {}),
        secrets: made ? sealFirst(site.vault, 'asset', id, 'secrets', made.secret) : [],
        signing_secrets: made ? sealFirst(site.vault, 'asset', id, 'signing_secrets', made.signing) : [],
        ...(body.channel === 'webchat'
          ? { token_keys: sealFirst(site.vault, 'asset', id, 'token_keys', newToken()) }
          : {}),
      };
      const writes: ConfigWrite[] = [...(desk ? [desk] : []), { kind: 'asset', id, data }];
      await site.directory.change(writes, [audit(site, principal, 'create', 'asset', id)]);
      const shown = showAsset(tools, rowOf(site, 'asset', id) as Row<'asset'>, principal);
      const fields = adapter.fields ?? [];
      return created(`${PATH}/${id}`, {
        ...shown,
        config: showConfig(fields, data.config, read.config, true),
        ...(made ? secretsOf(body.channel, made.secret, made.signing) : {}),
      });
    },
  });
}

function noSuchChannel(site: Site): Refusal {
  const known = [...site.adapters.channels.keys()].join(', ');
  return malformed([{ pointer: '/channel', detail: `must be one of: ${known}` }]);
}

const IN_THE_APP = ', in the app';

/** Whoever answers in the provider's own app holds the line as a desk: one for each asset, made and ended with it. */
function appDesk(site: Site, assetName: string): ConfigWrite {
  const data: Row<'desk'>['data'] = {
    name: `${assetName.slice(0, MAX_NAME - IN_THE_APP.length)}${IN_THE_APP}`,
    kind: 'app',
    url: null,
    hook_tokens: [],
    secrets: [],
    signing_secrets: [],
    settings: {},
  };
  return { kind: 'desk', id: site.newId('desk'), data };
}

function changeAsset(tools: Tools): Route {
  const { site } = tools;
  return route({
    method: 'patch',
    path: `${PATH}/{id}`,
    name: 'changeAsset',
    section,
    summary: 'Change an asset',
    description:
      '`config` is replaced as a whole, but a secret that is left out, or sent back as it was shown, stays as it is; an empty one goes. Who may not see secrets enters them again with another address.',
    body: z.strictObject({ name: name.optional(), config: config.optional(), on_unknown: onUnknown.optional() }),
    answers: { 200: { description: 'The asset', schema: asset } },
    async handle({ params, body, principal }) {
      const row = rowOf(site, 'asset', params.id);
      if (!row) return missing('asset', params.id);
      const checked = body.config === undefined ? row.data : changedConfig(site, row, body.config, principal);
      if ('refusal' in checked) return checked;
      const data = {
        ...row.data,
        name: body.name ?? row.data.name,
        config: checked.config,
        on_unknown: body.on_unknown ?? row.data.on_unknown,
      };
      const entry = audit(site, principal, 'change', 'asset', row.id, { fields: Object.keys(body) });
      await site.directory.change([rewrite(row, data)], [entry]);
      return ok(showAsset(tools, rowOf(site, 'asset', row.id) as Row<'asset'>, principal));
    },
  });
}

function changedConfig(
  site: Site,
  { id, data }: Row<'asset'>,
  given: Record<string, unknown>,
  principal: Principal,
): { config: Record<string, unknown> } | Refusal {
  const adapter = site.adapters.channels.get(data.channel);
  if (!adapter) return noSuchChannel(site);
  const { fields = [] } = adapter;
  const known = site.directory.asset(id)?.config ?? {};
  const read = readConfig(site, adapter, given, known);
  if ('refusal' in read) return read;
  if (!seesHooks(principal) && goesElsewhere(fields, known, read.config)) {
    const errors = secretsElsewhere(fields, given, known);
    if (errors.length > 0) return malformed(errors);
  }
  return { config: sealedConfig(site.vault, 'asset', id, fields, read.config) };
}

function deleteAsset(site: Site): Route {
  return route({
    method: 'delete',
    path: `${PATH}/{id}`,
    name: 'deleteAsset',
    section,
    summary: 'Delete an asset',
    description:
      "Refused while a rule names it, or the desk that stands for its provider's app. Its hook stops at once; what was said on it stays readable.",
    answers: { 204: { description: 'Deleted' } },
    async handle({ params, principal }) {
      const row = rowOf(site, 'asset', params.id);
      if (!row) return missing('asset', params.id);
      const desk = row.data.app_desk_id === undefined ? undefined : rowOf(site, 'desk', row.data.app_desk_id);
      const rules = [row.id, ...(desk ? [desk.id] : [])].flatMap((id) => rulesNaming(site, id));
      if (rules.length > 0) return inUse(row.id, rules);
      const service = row.data.service_id === null ? undefined : rowOf(site, 'service', row.data.service_id);
      // What it holds is moved by the engine as for any desk that goes.
      if (desk) await site.engine.setStatus(desk.id, 'disabled', 'deleted');
      const unmapped = desk ? withoutDesk(site, desk.id) : [];
      const alone = service && unmapped.every(({ id }) => id !== service.id) ? [touch(service)] : [];
      const writes = [rewrite(row, null), ...(desk ? [rewrite(desk, null)] : []), ...unmapped, ...alone];
      await site.directory.change(writes, [audit(site, principal, 'delete', 'asset', row.id)]);
      return done;
    },
  });
}

const withoutDesk = (site: Site, id: string): ConfigWrite[] =>
  rowsOf(site, 'service')
    .filter(({ data }) => data.mapped.includes(id))
    .map((row) => rewrite(row, { ...row.data, mapped: row.data.mapped.filter((each) => each !== id) }));
