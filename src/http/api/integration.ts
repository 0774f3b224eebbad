// What bots and desks have in common as resources: their settings, status, verification, switching off, rotation and end.
// Not here: their own fields (bots.ts, desks.ts). The one thing to know: only verification makes an integration active;
// whatever changes where it is or how it proves itself makes it unverified before the change is written, and is
// not written while it is active.
import { z } from '@hono/zod-openapi';
import type { FieldError, SealedSecret } from '../../engine/ports.ts';
import type { ConfigWrite } from '../../engine/store-port.ts';
import type { Health, Id, IntegrationSettings, IntegrationStatus } from '../../routing/model.ts';
import { type Answer, done, ok } from '../answers.ts';
import { instant, instantOrNull, timeOf, timeOrNull, url } from '../fields.ts';
import type { Principal } from '../keys.ts';
import type { HttpParts, Site } from '../parts.ts';
import { malformed, type Refusal } from '../problems.ts';
import { type Route, route } from '../route.ts';
import { MAKERS, OVERLAP_S_DEFAULT, OVERLAP_S_MAX, rotated, type SecretList, seal, seesHooks } from '../secrets.ts';
import { actorOf, audit, inUse, missing, type Row, rewrite, rowOf, rowsOf, rulesNaming } from './rows.ts';
import { secretsElsewhere } from './sealed-config.ts';

export type Kind = 'bot' | 'desk';

/** The last retry must start within the hour [seed]. */
const SPACING_SUM_MAX = 3575;
const RETRIES_MAX = 4;
const DAY_S = 86_400;

/** Contract §3. Seconds and counts; 0 switches reply_within_s and merge_window_ms off. */
export const settings = {
  retry_spacing_s: z
    .array(z.int().min(1))
    .max(RETRIES_MAX)
    .refine((list) => list.reduce((sum, each) => sum + each, 0) <= SPACING_SUM_MAX, {
      error: `must not add up to more than ${SPACING_SUM_MAX} s`,
    })
    .openapi({ description: 'seconds between tries; at most four, 3575 together', example: [60, 300, 900, 2280] }),
  failure_threshold: z.int().min(1).max(1000),
  failure_scope: z.enum(['attempt', 'message']),
  take_within_s: z.int().min(1).max(DAY_S),
  reply_within_s: z.int().min(0).max(DAY_S),
  accept_within_s: z.int().min(1).max(DAY_S),
  queue_within_s: z.int().min(1).max(DAY_S),
  max_in_flight: z.int().min(1).max(1000),
  max_per_minute: z.int().min(1).max(10_000),
  merge_window_ms: z.int().min(0).max(10_000),
  recovery: z.enum(['manual', 'automatic']),
  extended_events: z.boolean(),
} satisfies Record<keyof IntegrationSettings, z.ZodType>;

const partialSettings = z.strictObject(settings).partial();
export const settingsInput = partialSettings.shape;

/** The settings among the fields of a body. */
export function settingsIn(body: Record<string, unknown>): Partial<IntegrationSettings> {
  return Object.fromEntries(
    Object.keys(settings).flatMap((key) => (body[key] === undefined ? [] : [[key, body[key]]])),
  );
}

export const STATUSES = ['unverified', 'active', 'inactive', 'disabled'] as const;

/** Switching off and on by hand; `active` comes from verification alone. */
export const switchInput = {
  enabled: z.boolean().optional().openapi({ description: 'false: disabled; true: unverified again' }),
  status: z
    .enum(['disabled', 'unverified'], {
      error: 'must be disabled or unverified; only a verification makes it active',
    })
    .optional(),
};

export const healthFields = {
  status: z.enum(STATUSES),
  inactive_reason: z.string().nullable(),
  since: instant.openapi({ description: 'when the status began' }),
  failures: z.int().openapi({ description: 'failures in a row' }),
};

export function showHealth(health: Health | undefined, createdAt: number): z.output<z.ZodObject<typeof healthFields>> {
  const { status = 'unverified', reason = null, since = createdAt, failures = 0 } = health ?? {};
  return { status, inactive_reason: status === 'active' ? null : reason, since: timeOf(since), failures };
}

/** Services that an integration is mapped to. */
const servicesOf = (parts: HttpParts, id: Id): Row<'service'>[] =>
  rowsOf(parts, 'service').filter((service) => service.data.mapped.includes(id));

/** The ids of the services that each integration is mapped to, read once for a whole list. */
export function servicesByIntegration(parts: HttpParts): Map<Id, Id[]> {
  const found = new Map<Id, Id[]>();
  for (const service of rowsOf(parts, 'service')) {
    for (const id of service.data.mapped) {
      const ids = found.get(id) ?? [];
      ids.push(service.id);
      found.set(id, ids);
    }
  }
  return found;
}

type Switch = { enabled?: boolean | undefined; status?: 'disabled' | 'unverified' | undefined };

/** What a PATCH wants the status to become; undefined: it stays. */
export function wantedStatus(
  body: Switch,
  status: IntegrationStatus | undefined,
): 'disabled' | 'unverified' | undefined {
  const wanted = body.enabled === false ? 'disabled' : body.enabled === true ? 'enabled' : body.status;
  if (wanted === 'enabled') return status === 'disabled' ? 'unverified' : undefined;
  return wanted === status ? undefined : wanted;
}

/** The guard's word on a URL: its normal form, or why it may not be reached. */
export function checkedUrl(
  parts: HttpParts,
  given: string,
  pointer = '/url',
): { ok: true; url: string } | { ok: false; refusal: Refusal } {
  const verdict = parts.checkUrl(given);
  return verdict.ok ? verdict : { ok: false, refusal: malformed([{ pointer, detail: verdict.detail }]) };
}

/** It goes into a header. */
export const accessToken = z.string().regex(/^[\x21-\x7e]{1,1000}$/, 'must be 1 to 1000 printable ASCII characters');
export const verificationToken = z
  .string()
  .min(1)
  .max(1000)
  .refine((token) => !/[\p{Cc}\ufffd]|^••••/u.test(token), 'must be the token itself, without control characters');

/** What may be tried before it is saved: as strict as what is saved by PATCH. */
const DRAFT = {
  bot: z.strictObject({
    url: url.optional(),
    verification_token: verificationToken.optional(),
    access_token: accessToken.optional(),
  }),
  desk: z.strictObject({ url: url.optional() }),
};

export const verification = z
  .object({
    verified: z.boolean(),
    status: z.enum(STATUSES),
    checks: z.array(
      z.object({
        name: z.string(),
        ok: z.boolean(),
        detail: z.string(),
        ms: z.number(),
        advice: z.string().optional().openapi({ description: 'what to mend although it holds' }),
      }),
    ),
  })
  .openapi('Verification');

export function verificationRoute(parts: HttpParts, kind: Kind): Route {
  return route({
    method: 'post',
    path: `/api/v1/${kind}s/{id}/verification`,
    name: kind === 'bot' ? 'verifyBot' : 'verifyDesk',
    section: kind === 'bot' ? 'Bots' : 'Desks',
    summary: `Verify a ${kind}`,
    description:
      'Sends one real request. With a draft, the draft is tried, and saved only if it holds, so that live traffic goes on meanwhile.',
    body: DRAFT[kind],
    bodyOptional: true,
    answers: { 200: { description: 'What was checked, whether it holds or not', schema: verification } },
    async handle({ params, body, principal }) {
      if (!rowOf(parts, kind, params.id)) return missing(kind, params.id);
      const given = { ...body };
      if (body.url !== undefined) {
        const verdict = checkedUrl(parts, body.url);
        if (!verdict.ok) return verdict.refusal;
        given.url = verdict.url;
        const errors = seesHooks(principal) ? [] : vendorSecrets(parts, kind, params.id, verdict.url);
        if (errors.length > 0) return malformed(errors);
      }
      const result = await parts.engine.verify(kind, params.id, given, actorOf(principal));
      // A draft that held was saved and audited by the engine; a check of what is there is a change of status.
      if (result.verified && Object.keys(given).length === 0) {
        await parts.directory.change([], [audit(parts, principal, 'verify', kind, params.id)]);
      }
      return ok(result);
    },
  });
}

/** The secrets of a vendor's desk that a draft of its address would send there. */
function vendorSecrets(parts: HttpParts, kind: Kind, id: string, url: string): FieldError[] {
  const desk = kind === 'desk' ? parts.directory.desk(id) : undefined;
  if (!desk || desk.url === url) return [];
  return secretsElsewhere(parts.adapters.desks.get(desk.kind)?.fields ?? [], {}, desk.config);
}

/** What can be rotated, and where it stands in the document. */
const WHAT: Record<string, SecretList> = {
  hook_url: 'hook_tokens',
  secret: 'secrets',
  signing_secret: 'signing_secrets',
  session_key: 'token_keys',
};
const overlap = z.int().min(0).max(OVERLAP_S_MAX).default(OVERLAP_S_DEFAULT);
const rotationAnswer = z
  .object({
    hook_url: z.string().optional(),
    secret: z.string().optional(),
    signing_secret: z.string().optional(),
    old_until: instantOrNull.openapi({ description: 'until when the old one is taken too; null: not any more' }),
  })
  .openapi('Rotation');

/** Gives a new hook URL or secret and keeps the old one for the overlap. The new one is shown in this answer only. */
export function rotationRoute(
  site: Site,
  kind: Kind | 'asset',
  what: [string, ...string[]],
  hookUrl: (token: string) => string,
): Route {
  const section = { bot: 'Bots', desk: 'Desks', asset: 'Assets' }[kind];
  return route({
    method: 'post',
    path: `/api/v1/${kind}s/{id}/rotation`,
    name: `rotate${section.slice(0, -1)}Secret`,
    section,
    summary: 'Replace a hook URL or a secret',
    description: `The old one is taken for \`overlap_s\` more seconds (default ${OVERLAP_S_DEFAULT}; 0: not at all).`,
    body: z.strictObject({ what: z.enum(what), overlap_s: overlap }),
    answers: { 200: { description: 'The new one, shown this once', schema: rotationAnswer } },
    async handle({ params, body, principal }) {
      const row = rowOf(site, kind, params.id);
      if (!row) return missing(kind, params.id);
      const field = WHAT[body.what] as SecretList;
      const data = row.data as Partial<Record<SecretList, SealedSecret[]>>;
      const list = data[field] ?? [];
      if (list.length === 0) return malformed([{ pointer: '/what', detail: `this ${kind} has none` }]);
      const plain = MAKERS[field]();
      const now = site.clock.now();
      const fresh = { sealed: seal(site.vault, kind, row.id, field, plain), until: null };
      const kept = { ...row.data, [field]: rotated(list, fresh, now, body.overlap_s) };
      const entry = audit(site, principal, 'rotate', kind, row.id, { what: body.what, overlap_s: body.overlap_s });
      await site.directory.change([rewrite(row as Row<Kind>, kept as Row<Kind>['data'])], [entry]);
      const old_until = timeOrNull(body.overlap_s === 0 ? null : now + body.overlap_s * 1000);
      // The key of sessions is nobody's to know: a new one signs all customers of a web chat out.
      if (field === 'token_keys') return ok({ old_until });
      return ok({ [body.what]: field === 'hook_tokens' ? hookUrl(plain) : plain, old_until });
    },
  });
}

/** Deletes a bot or a desk that no rule uses; it is unmapped in the same write. */
export async function remove(parts: HttpParts, kind: Kind, id: Id, principal: Principal): Promise<Answer> {
  const row = rowOf(parts, kind, id);
  if (!row) return missing(kind, id);
  const rules = rulesNaming(parts, id);
  if (rules.length > 0) return inUse(id, rules);
  // What it holds is moved by the engine as for any integration that goes; and nothing is sent to it from here on.
  if (parts.directory.world()[`${kind}s`].get(id)?.health.status !== 'disabled') {
    await parts.engine.setStatus(id, 'disabled', 'deleted');
  }
  const unmapped: ConfigWrite[] = servicesOf(parts, id).map((service) =>
    rewrite(service, { ...service.data, mapped: service.data.mapped.filter((each) => each !== id) }),
  );
  await parts.directory.change(
    [...unmapped, rewrite(row as Row<Kind>, null)],
    [audit(parts, principal, 'delete', kind, id)],
  );
  return done;
}
