// Desks: software where humans answer, reached by webhook or in a vendor's way, or the console of this server.
// Not here: verification, rotation, deletion (integration.ts), what agents do (conversations.ts), who is online
// (presence.ts), a vendor's secrets (sealed-config.ts). The one thing to know: a console desk has no wire, so it is
// active from its birth.
import { z } from '@hono/zod-openapi';
import type { DeskAdapter, FieldError } from '../../engine/ports.ts';
import { created, ok } from '../answers.ts';
import { name, pageById, pageOf, paging, showPage, timeOf, url } from '../fields.ts';
import type { Principal } from '../keys.ts';
import type { Site } from '../parts.ts';
import type { Presence } from '../presence.ts';
import { malformed, type Refusal, refuse } from '../problems.ts';
import { type Route, route } from '../route.ts';
import { mask, newBearer, newSigningSecret, newToken, sealFirst, seesHooks } from '../secrets.ts';
import { presenceRoutes } from './desk-presence.ts';
import {
  checkedUrl,
  healthFields,
  remove,
  rotationRoute,
  servicesByIntegration,
  settings,
  settingsIn,
  settingsInput,
  showHealth,
  switchInput,
  verificationRoute,
  wantedStatus,
} from './integration.ts';
import { audit, missing, moved, type Row, rewrite, rowFields, rowOf, rowsOf, whyNoMore } from './rows.ts';
import { sealedConfig, secretsElsewhere, shownConfig, withKeptSecrets } from './sealed-config.ts';

const PATH = '/api/v1/desks';
const section = 'Desks';
const CONSOLE = 'console';
/** Stands for whoever answers in a provider's own app: made and deleted with its asset. */
const APP = 'app';
const isWired = (kind: string): boolean => kind !== CONSOLE && kind !== APP;

const config = z.record(z.string().max(100), z.unknown());

const newDesk = z.strictObject({
  name,
  kind: z.string().min(1).max(64),
  url: url.optional().openapi({ description: 'needed for kind webhook; for chatwoot the address of the Chatwoot' }),
  config: config.optional().openapi({ description: "a vendor's own values, needed for kind chatwoot" }),
  ...settingsInput,
});
const deskChange = z.strictObject({
  name: name.optional(),
  url: url.optional(),
  config: config.optional().openapi({
    description: 'replaced as a whole, but a secret that is left out or sent back masked stays',
  }),
  ...settingsInput,
  ...switchInput,
});

const desk = z
  .object({
    ...rowFields,
    name: z.string(),
    kind: z.string(),
    url: z.string().nullable(),
    config: z.record(z.string(), z.unknown()).openapi({ description: 'secrets masked; empty for kinds without any' }),
    ...healthFields,
    online: z.boolean().openapi({
      description:
        'whether an agent is there; always true for webhook desks, never for app desks, which are offered nothing',
    }),
    hook_url: z.string().nullable().openapi({ description: 'for owners and administrators; else null' }),
    secret: z.string().nullable().openapi({ description: 'masked, but in the answer that made it' }),
    signing_secret: z.string().nullable().openapi({ description: 'masked, but in the answer that made it' }),
    services: z.array(z.string()),
    ...settings,
  })
  .openapi('Desk');

export const deskHook = (site: Site, token: string): string => `${site.publicUrl()}/hooks/desks/${token}`;

function showDesk(
  site: Site,
  row: Row<'desk'>,
  principal: Principal,
  services = servicesByIntegration(site),
): Record<string, unknown> {
  const { data } = row;
  const opened = site.directory.desk(row.id);
  const view = site.directory.world().desks.get(row.id);
  const token = opened?.hookTokens[0];
  return {
    id: row.id,
    name: data.name,
    kind: data.kind,
    url: data.url,
    config: shownConfig(data.config ?? {}),
    ...showHealth(view?.health, row.createdAt),
    online: view?.online ?? false,
    hook_url: token !== undefined && seesHooks(principal) ? deskHook(site, token) : null,
    secret: mask(opened?.secrets[0]),
    signing_secret: mask(opened?.signingSecrets[0]),
    services: services.get(row.id) ?? [],
    ...(view?.settings ?? data.settings),
    created_at: timeOf(row.createdAt),
    updated_at: timeOf(row.updatedAt),
  };
}

export function deskRoutes(site: Site, presence: Presence): Route[] {
  return [
    route({
      method: 'get',
      path: PATH,
      name: 'listDesks',
      section,
      summary: 'List desks',
      query: paging,
      answers: { 200: { description: 'A page, by id', schema: pageOf(desk) } },
      handle({ query, principal }) {
        const services = servicesByIntegration(site);
        const page = pageById(rowsOf(site, 'desk'), query);
        return ok(showPage(page, (row) => showDesk(site, row, principal, services)));
      },
    }),
    createDesk(site),
    route({
      method: 'get',
      path: `${PATH}/{id}`,
      name: 'getDesk',
      section,
      summary: 'Get a desk',
      answers: { 200: { description: 'The desk', schema: desk } },
      handle({ params, principal }) {
        const row = rowOf(site, 'desk', params.id);
        return row ? ok(showDesk(site, row, principal)) : missing('desk', params.id);
      },
    }),
    changeDesk(site),
    route({
      method: 'delete',
      path: `${PATH}/{id}`,
      name: 'deleteDesk',
      section,
      summary: 'Delete a desk',
      description:
        'Refused while a rule uses it, or an asset whose provider’s app it stands for. It is unmapped from its services.',
      answers: { 204: { description: 'Deleted' } },
      handle: async ({ params, principal }) => {
        const asset = rowsOf(site, 'asset').find(({ data }) => data.app_desk_id === params.id);
        if (asset)
          return refuse('in_use', `${params.id} is used by: ${asset.data.name}. It is deleted with that asset.`);
        return remove(site, 'desk', params.id, principal);
      },
    }),
    verificationRoute(site, 'desk'),
    rotationRoute(site, 'desk', ['hook_url', 'secret', 'signing_secret'], (token) => deskHook(site, token)),
    ...presenceRoutes(site, presence),
  ];
}

function createDesk(site: Site): Route {
  return route({
    method: 'post',
    path: PATH,
    name: 'createDesk',
    section,
    summary: 'Create a desk',
    description:
      'Kind `webhook` needs `url` and is unverified until its verification holds; kind `chatwoot` needs `url` and `config: {account_id, inbox_id, api_token, webhook_secret?}`; kind `console` is active at once.',
    body: newDesk,
    answers: { 201: { description: 'Created; `hook_url`, `secret` and `signing_secret` in clear', schema: desk } },
    async handle({ body, principal }) {
      const full = whyNoMore(site, 'desk');
      if (full) return full;
      const errors = kindErrors(site, body);
      if (errors.length > 0) return malformed(errors);
      const verdict = body.url === undefined ? null : checkedUrl(site, body.url);
      if (verdict?.ok === false) return verdict.refusal;
      const own = ownConfig(site, body.kind, body.config ?? {}, {});
      if ('refusal' in own) return own;

      const id = site.newId('desk');
      const token = body.kind === CONSOLE ? null : newToken();
      // A vendor proves itself in its own way: by what is in the config.
      const ours = token === null || own.vendor ? null : { secret: newBearer(), signing: newSigningSecret() };
      const data: Row<'desk'>['data'] = {
        name: body.name,
        kind: body.kind,
        url: verdict?.url ?? null,
        ...own.sealed(id),
        hook_tokens: token === null ? [] : sealFirst(site.vault, 'desk', id, 'hook_tokens', token),
        secrets: ours ? sealFirst(site.vault, 'desk', id, 'secrets', ours.secret) : [],
        signing_secrets: ours ? sealFirst(site.vault, 'desk', id, 'signing_secrets', ours.signing) : [],
        settings: settingsIn(body),
      };
      await site.directory.change([{ kind: 'desk', id, data }], [audit(site, principal, 'create', 'desk', id)]);
      const shown = showDesk(site, rowOf(site, 'desk', id) as Row<'desk'>, principal);
      const hook = token === null ? {} : { hook_url: deskHook(site, token) };
      const once = ours ? { secret: ours.secret, signing_secret: ours.signing } : {};
      return created(`${PATH}/${id}`, { ...shown, ...hook, ...once });
    },
  });
}

export function kindErrors(
  site: Pick<Site, 'adapters'>,
  body: Pick<z.output<typeof newDesk>, 'kind' | 'url' | 'config'>,
): FieldError[] {
  if (!site.adapters.desks.has(body.kind) || body.kind === APP) {
    const known = [...site.adapters.desks.keys()].filter((kind) => kind !== APP).join(', ');
    return [{ pointer: '/kind', detail: `must be one of: ${known}` }];
  }
  if (body.config !== undefined && !adapterOf(site, body.kind)?.checkConfig) return [noConfig(body.kind)];
  if (body.kind === CONSOLE) return body.url === undefined ? [] : [noUrl(CONSOLE)];
  return body.url === undefined ? [{ pointer: '/url', detail: `is required for kind ${body.kind}` }] : [];
}

const adapterOf = (site: Pick<Site, 'adapters'>, kind: string): DeskAdapter | undefined =>
  site.adapters.desks.get(kind);

/** The adapter's word on a vendor's config; what of it goes into the document, sealed for the desk of that id. */
function ownConfig(
  site: Site,
  kind: string,
  given: Record<string, unknown>,
  opened: Record<string, unknown>,
): { vendor: boolean; sealed(id: string): { config?: Record<string, unknown> } } | Refusal {
  const { checkConfig, fields = [] } = adapterOf(site, kind) ?? {};
  if (!checkConfig) return { vendor: false, sealed: () => ({}) };
  const read = checkConfig(withKeptSecrets(fields, given, opened));
  if (!read.ok) return malformed(read.errors);
  return { vendor: true, sealed: (id) => ({ config: sealedConfig(site.vault, 'desk', id, fields, read.config) }) };
}

const fieldsOf = (site: Pick<Site, 'adapters'>, kind: string) => adapterOf(site, kind)?.fields ?? [];

const noConfig = (kind: string): FieldError => ({ pointer: '/config', detail: `is not used by kind ${kind}` });
const noUrl = (kind: string): FieldError => ({ pointer: '/url', detail: `is not used by kind ${kind}` });

function changeDesk(site: Site): Route {
  return route({
    method: 'patch',
    path: `${PATH}/{id}`,
    name: 'changeDesk',
    section,
    summary: 'Change a desk',
    description:
      'Another `url` or `config` makes it `unverified`; to change a `url` without a gap, use a verification with a draft.',
    body: deskChange,
    answers: { 200: { description: 'The desk', schema: desk } },
    async handle({ params, body, principal }) {
      const row = rowOf(site, 'desk', params.id);
      if (!row) return missing('desk', params.id);
      const { kind } = row.data;
      const wired = isWired(kind);
      if (!wired && body.url !== undefined) return malformed([noUrl(kind)]);
      if (body.config !== undefined && !adapterOf(site, kind)?.checkConfig) return malformed([noConfig(kind)]);
      const own = body.config && ownConfig(site, kind, body.config, site.directory.desk(row.id)?.config ?? {});
      if (own && 'refusal' in own) return own;
      const verdict = body.url === undefined ? null : checkedUrl(site, body.url);
      if (verdict?.ok === false) return verdict.refusal;
      const address = verdict?.url ?? row.data.url;
      if (address !== row.data.url && !seesHooks(principal)) {
        const errors = secretsElsewhere(
          fieldsOf(site, kind),
          body.config ?? {},
          site.directory.desk(row.id)?.config ?? {},
        );
        if (errors.length > 0) return malformed(errors);
      }

      const status = site.directory.world().desks.get(row.id)?.health.status;
      const wanted = wantedStatus(body, status);
      const moves = address !== row.data.url || own !== undefined;
      if (wanted === 'disabled') await site.engine.setStatus(row.id, 'disabled', `by ${principal.name}`);
      else if (wanted === 'unverified') await site.engine.setStatus(row.id, wired ? 'unverified' : 'active', null);
      else if (moves && status !== 'disabled') await site.engine.setStatus(row.id, 'unverified', null);

      const data = {
        ...row.data,
        name: body.name ?? row.data.name,
        url: address,
        ...own?.sealed(row.id),
        settings: { ...row.data.settings, ...settingsIn(body) },
      };
      const entry = audit(site, principal, 'change', 'desk', row.id, { fields: Object.keys(body) });
      // Whoever verified it in between verified what was there before.
      await site.directory.change([moves ? moved(row, data) : rewrite(row, data)], [entry]);
      return ok(showDesk(site, rowOf(site, 'desk', row.id) as Row<'desk'>, principal));
    },
  });
}
