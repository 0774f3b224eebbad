// Bots: programs reached over HTTPS. Create, read, change, delete; their tokens sealed and masked.
// Not here: verification, rotation, deletion (integration.ts) and what bots send (hooks.ts). The one thing to know:
// where a bot is and how it proves itself may change by PATCH, but then it is unverified before anything is written, and nothing
// is written while it is active.
import { z } from '@hono/zod-openapi';
import type { FieldError } from '../../engine/ports.ts';
import { created, ok } from '../answers.ts';
import { name, pageById, pageOf, paging, showPage, timeOf, url } from '../fields.ts';
import type { Principal } from '../keys.ts';
import type { HttpParts, Site } from '../parts.ts';
import { malformed } from '../problems.ts';
import { type Route, route } from '../route.ts';
import { mask, newSigningSecret, newToken, seal, sealFirst, seesHooks } from '../secrets.ts';
import {
  accessToken,
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
  verificationToken,
  wantedStatus,
} from './integration.ts';
import { audit, missing, moved, type Row, rewrite, rowFields, rowOf, rowsOf, whyNoMore } from './rows.ts';

const PATH = '/api/v1/bots';
const section = 'Bots';
const TOKENS = ['verification_token', 'access_token'] as const;
type TokenField = (typeof TOKENS)[number];
/** The proof of identity that a platform uses [seed]; platforms not named here may have either. */
const TOKEN_OF: Readonly<Record<string, TokenField>> = { imi: 'access_token', other: 'verification_token' };

const changeable = {
  name,
  url,
  access_token: accessToken.optional(),
  verification_token: verificationToken.optional(),
  require_signature: z.boolean().optional().openapi({ description: 'refuse what the bot sends unsigned' }),
  ...settingsInput,
};
const newBot = z.strictObject({ ...changeable, platform: z.string().min(1).max(64) });
const botChange = z.strictObject({ ...changeable, name: name.optional(), url: url.optional(), ...switchInput });

const bot = z
  .object({
    ...rowFields,
    name: z.string(),
    platform: z.string(),
    url: z.string(),
    ...healthFields,
    hook_url: z.string().nullable().openapi({ description: 'for owners and administrators; else null' }),
    verification_token: z.string().nullable().openapi({ description: 'masked' }),
    access_token: z.string().nullable().openapi({ description: 'masked' }),
    signing_secret: z.string().nullable().openapi({ description: 'masked, but in the answer that made it' }),
    require_signature: z.boolean(),
    services: z.array(z.string()),
    ...settings,
  })
  .openapi('Bot');

export const botHook = (site: Site, token: string): string => `${site.publicUrl()}/hooks/bots/${token}`;

function showBot(
  site: Site,
  row: Row<'bot'>,
  principal: Principal,
  services = servicesByIntegration(site),
): Record<string, unknown> {
  const { data } = row;
  const opened = site.directory.bot(row.id);
  const view = site.directory.world().bots.get(row.id);
  const token = opened?.hookTokens[0];
  return {
    id: row.id,
    name: data.name,
    platform: data.platform,
    url: data.url,
    ...showHealth(view?.health, row.createdAt),
    hook_url: token !== undefined && seesHooks(principal) ? botHook(site, token) : null,
    verification_token: mask(opened?.verificationToken),
    access_token: mask(opened?.accessToken),
    signing_secret: mask(opened?.signingSecrets[0]),
    require_signature: data.require_signature,
    services: services.get(row.id) ?? [],
    ...(view?.settings ?? data.settings),
    created_at: timeOf(row.createdAt),
    updated_at: timeOf(row.updatedAt),
  };
}

export function botRoutes(site: Site): Route[] {
  return [
    route({
      method: 'get',
      path: PATH,
      name: 'listBots',
      section,
      summary: 'List bots',
      query: paging,
      answers: { 200: { description: 'A page, by id', schema: pageOf(bot) } },
      handle({ query, principal }) {
        const services = servicesByIntegration(site);
        const page = pageById(rowsOf(site, 'bot'), query);
        return ok(showPage(page, (row) => showBot(site, row, principal, services)));
      },
    }),
    createBot(site),
    route({
      method: 'get',
      path: `${PATH}/{id}`,
      name: 'getBot',
      section,
      summary: 'Get a bot',
      answers: { 200: { description: 'The bot', schema: bot } },
      handle({ params, principal }) {
        const row = rowOf(site, 'bot', params.id);
        return row ? ok(showBot(site, row, principal)) : missing('bot', params.id);
      },
    }),
    changeBot(site),
    route({
      method: 'delete',
      path: `${PATH}/{id}`,
      name: 'deleteBot',
      section,
      summary: 'Delete a bot',
      description: 'Refused while a rule uses it. It is unmapped from its services.',
      answers: { 204: { description: 'Deleted' } },
      handle: ({ params, principal }) => remove(site, 'bot', params.id, principal),
    }),
    verificationRoute(site, 'bot'),
    rotationRoute(site, 'bot', ['hook_url', 'signing_secret'], (token) => botHook(site, token)),
  ];
}

function createBot(site: Site): Route {
  return route({
    method: 'post',
    path: PATH,
    name: 'createBot',
    section,
    summary: 'Create a bot',
    description:
      'Platform `imi` needs `access_token`, which goes with every request to it; `other` needs `verification_token`, which every answer of the bot must carry. The bot is unverified until its verification holds.',
    body: newBot,
    answers: { 201: { description: 'Created; `signing_secret` and `hook_url` in clear', schema: bot } },
    async handle({ body, principal }) {
      const full = whyNoMore(site, 'bot');
      if (full) return full;
      const errors = platformErrors(site, body);
      if (errors.length > 0) return malformed(errors);
      const verdict = checkedUrl(site, body.url);
      if (!verdict.ok) return verdict.refusal;

      const id = site.newId('bot');
      const token = newToken();
      const signingSecret = newSigningSecret();
      const data: Row<'bot'>['data'] = {
        name: body.name,
        platform: body.platform,
        url: verdict.url,
        verification_token: sealed(site, id, 'verification_token', body.verification_token),
        access_token: sealed(site, id, 'access_token', body.access_token),
        hook_tokens: sealFirst(site.vault, 'bot', id, 'hook_tokens', token),
        signing_secrets: sealFirst(site.vault, 'bot', id, 'signing_secrets', signingSecret),
        require_signature: body.require_signature ?? false,
        settings: settingsIn(body),
      };
      await site.directory.change([{ kind: 'bot', id, data }], [audit(site, principal, 'create', 'bot', id)]);
      const shown = showBot(site, rowOf(site, 'bot', id) as Row<'bot'>, principal);
      return created(`${PATH}/${id}`, { ...shown, hook_url: botHook(site, token), signing_secret: signingSecret });
    },
  });
}

type Proof = { platform: string } & { [field in TokenField]?: string | undefined };

/** What is wrong with the platform and how the bot proves itself. */
export function platformErrors(site: HttpParts, body: Proof): FieldError[] {
  if (!site.adapters.bots.has(body.platform)) {
    const known = [...site.adapters.bots.keys()].join(', ');
    return [{ pointer: '/platform', detail: `must be one of: ${known}` }];
  }
  const needed = TOKEN_OF[body.platform];
  if (needed === undefined) return [];
  return TOKENS.flatMap((field) => {
    if (field === needed && body[field] === undefined) {
      return [{ pointer: `/${field}`, detail: `is required for platform ${body.platform}` }];
    }
    return field === needed ? [] : whyForeign(body.platform, field, body[field]);
  });
}

const whyForeign = (platform: string, field: TokenField, value: string | undefined): FieldError[] =>
  value === undefined ? [] : [{ pointer: `/${field}`, detail: `is not used by platform ${platform}` }];

const sealed = (site: HttpParts, id: string, field: TokenField, plain: string | undefined): string | null =>
  plain === undefined ? null : seal(site.vault, 'bot', id, field, plain);

function changeBot(site: Site): Route {
  return route({
    method: 'patch',
    path: `${PATH}/{id}`,
    name: 'changeBot',
    section,
    summary: 'Change a bot',
    description:
      'Another `url` or token makes it `unverified`; to change them without a gap, use a verification with a draft.',
    body: botChange,
    answers: { 200: { description: 'The bot', schema: bot } },
    async handle({ params, body, principal }) {
      const row = rowOf(site, 'bot', params.id);
      if (!row) return missing('bot', params.id);
      const errors = TOKENS.flatMap((field) =>
        (TOKEN_OF[row.data.platform] ?? field) === field ? [] : whyForeign(row.data.platform, field, body[field]),
      );
      if (errors.length > 0) return malformed(errors);
      const verdict = checkedUrl(site, body.url ?? row.data.url);
      if (!verdict.ok && body.url !== undefined) return verdict.refusal;
      const address = verdict.ok ? verdict.url : row.data.url;

      const status = site.directory.world().bots.get(row.id)?.health.status;
      const wanted = wantedStatus(body, status);
      const moves = movesAway(site, row, body, address);
      if (wanted === 'disabled') await site.engine.setStatus(row.id, 'disabled', `by ${principal.name}`);
      else if (wanted === 'unverified' || (moves && status !== 'disabled')) {
        await site.engine.setStatus(row.id, 'unverified', null);
      }
      const data: Row<'bot'>['data'] = {
        ...row.data,
        name: body.name ?? row.data.name,
        url: address,
        verification_token:
          sealed(site, row.id, 'verification_token', body.verification_token) ?? row.data.verification_token,
        access_token: sealed(site, row.id, 'access_token', body.access_token) ?? row.data.access_token,
        require_signature: body.require_signature ?? row.data.require_signature,
        settings: { ...row.data.settings, ...settingsIn(body) },
      };
      const entry = audit(site, principal, 'change', 'bot', row.id, { fields: Object.keys(body) });
      // Whoever verified it in between verified what was there before.
      await site.directory.change([moves ? moved(row, data) : rewrite(row, data)], [entry]);
      return ok(showBot(site, rowOf(site, 'bot', row.id) as Row<'bot'>, principal));
    },
  });
}

/** Whether the bot would be at another place, or prove itself otherwise, than what was verified. */
function movesAway(site: Site, row: Row<'bot'>, body: z.output<typeof botChange>, address: string): boolean {
  const opened = site.directory.bot(row.id);
  return (
    address !== row.data.url ||
    (body.verification_token ?? opened?.verificationToken) !== opened?.verificationToken ||
    (body.access_token ?? opened?.accessToken) !== opened?.accessToken
  );
}
