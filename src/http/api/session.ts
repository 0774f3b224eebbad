// Signing in and out: by password, by one-time link; who I am; choosing another password.
// Not here: the cookie (sessions.ts), checking passwords (accounts.ts), making links (links.ts, people.ts).
// The one thing to know: these answers set a cookie, so they are never kept for an Idempotency-Key.

import type { IncomingMessage } from 'node:http';
import { z } from '@hono/zod-openapi';
import type { ConfigDocs } from '../../engine/ports.ts';
import type { ConfigWrite } from '../../engine/store-port.ts';
import { ROLES } from '../access.ts';
import { type Accounts, createAccounts, userByEmail } from '../accounts.ts';
import { type Answer, API_HEADERS, jsonResponse, ok } from '../answers.ts';
import { instant, name, timeOf } from '../fields.ts';
import { lastSeqInTime } from '../health.ts';
import { type Principal, roleOf } from '../keys.ts';
import { findLink, hasOwner, type Link, PURPOSES, withoutLinks } from '../links.ts';
import { sentFrom } from '../origin.ts';
import type { Site } from '../parts.ts';
import { PASSWORD_MAX, PASSWORD_MIN } from '../passwords.ts';
import { malformed, type Refusal, refuse } from '../problems.ts';
import { type Route, route } from '../route.ts';
import type { Sessions } from '../sessions.ts';
import { audit, type Row, rewrite, rowOf, rowsOf } from './rows.ts';

export const email = z.email({ error: 'must be an e-mail address' }).max(254);
const password = z.string().min(PASSWORD_MIN, `must have at least ${PASSWORD_MIN} characters`).max(PASSWORD_MAX);
/** Of a password that was chosen before: whatever the rules were then. */
const given = z.string().min(1).max(PASSWORD_MAX);
const token = z.string().min(1).max(128);

const me = z.object({ id: z.string(), name: z.string(), email: z.string().nullable(), role: z.enum(ROLES) });
const signedIn = z.object({ user: me.openapi('Me') }).openapi('SignedIn');
const session = z
  .object({
    user: me,
    instance: z.object({
      version: z.string(),
      public_url: z.string(),
      dev: z.boolean().openapi({ description: 'runs as `signalbox dev`' }),
    }),
    last_event_seq: z.int().nullable().openapi({
      description:
        'Of the last event as yet: a stream that begins after it tells all that what is read from now on does not show; null: the store does not answer',
    }),
  })
  .openapi('Session');
const link = z
  .object({
    purpose: z.enum(PURPOSES),
    name: z.string().nullable().openapi({ description: 'of the user that the link is for' }),
    email: z.string().nullable(),
    expires_at: instant,
  })
  .openapi('Link');

const SECTION = 'Session';
type UserRow = Row<'user'>;
type Tools = { site: Site; sessions: Sessions; accounts: Accounts };

export function sessionRoutes(site: Site, sessions: Sessions): Route[] {
  const tools = { site, sessions, accounts: createAccounts(site) };
  return [
    signInRoute(tools),
    whoRoute(tools),
    signOutRoute(tools),
    lookRoute(site),
    redeemRoute(tools),
    changeRoute(tools),
  ];
}

const showMe = (row: UserRow): z.output<typeof me> => ({
  id: row.id,
  name: row.data.name,
  email: row.data.email ?? null,
  role: roleOf(row.data.role),
});

const principalOf = ({ id, data }: UserRow): Principal => ({ id, name: data.name, role: roleOf(data.role) });

/** A page of another site may not sign its visitor in, as somebody it chose. */
const whyForeign = (site: Site, { headers }: IncomingMessage): Refusal | null =>
  sentFrom(headers, site.publicUrl()) === 'another' ? refuse('cross_site') : null;

const withCookie = (json: unknown, cookie: string): Answer =>
  jsonResponse(200, JSON.stringify(json), { 'set-cookie': cookie });
const emptyWithCookie = (cookie: string): Answer =>
  new Response(null, { status: 204, headers: { ...API_HEADERS, 'set-cookie': cookie } });

function signInRoute({ site, sessions, accounts }: Tools): Route {
  return route({
    method: 'post',
    path: '/api/v1/session',
    name: 'signIn',
    section: SECTION,
    summary: 'Sign in by e-mail address and password',
    description:
      'Sets the cookie of the session. Failures are counted per account and address: 429 says how long to wait.',
    body: z.strictObject({ email: z.string().min(1).max(254), password: given }),
    answers: { 200: { description: 'Signed in', schema: signedIn } },
    async handle({ body, incoming }) {
      const foreign = whyForeign(site, incoming);
      if (foreign) return foreign;
      const account = body.email.trim().toLowerCase();
      const user = userByEmail(rowsOf(site, 'user'), account);
      const refusal = await accounts.whyNot(user, account, body.password, incoming);
      if (refusal || user === undefined) return refusal ?? refuse('bad_credentials');
      const now = rowOf(site, 'user', user.id);
      // The check takes its time: meanwhile somebody may have taken the account away.
      if (now?.data.password !== user.data.password) return refuse('bad_credentials');
      return begin({ site, sessions }, now, []);
    },
  });
}

/** Opens a session for `user`, who is saved as given with `writes`, and answers with its cookie. */
async function begin(
  { site, sessions }: Pick<Tools, 'site' | 'sessions'>,
  user: UserRow,
  writes: ConfigWrite[],
  demo = false,
): Promise<Answer> {
  const opened = sessions.open(user.id, demo);
  const data = { ...user.data, last_seen_at: timeOf(site.clock.now()) };
  const entry = audit(site, principalOf(user), 'sign_in', 'user', user.id);
  await site.directory.change([rewrite(user, data), ...writes, ...opened.writes], [entry]);
  return withCookie({ user: showMe(user) }, opened.cookie);
}

function whoRoute({ site }: Tools): Route {
  return route({
    method: 'get',
    path: '/api/v1/session',
    name: 'getSession',
    section: SECTION,
    summary: 'Who I am, and where',
    description: 'Of a session its user; of an API key the key, with its id and role.',
    answers: { 200: { description: 'Whose session or key it is', schema: session } },
    async handle({ principal }) {
      const row = rowOf(site, 'user', principal.id);
      const { id, name: shown, role } = principal;
      const user = row ? showMe(row) : { id, name: shown, email: null, role };
      const { version, dev } = site.settings;
      // Who one is can be said without the store too: the console then shows what it has, and why there is no more.
      const last_event_seq = await lastSeqInTime(site.store);
      return ok({ user, instance: { version, public_url: site.publicUrl(), dev }, last_event_seq });
    },
  });
}

const noSession = refuse('conflict', 'An API key has no session and no password; delete the key instead.');

function signOutRoute({ site, sessions }: Tools): Route {
  return route({
    method: 'delete',
    path: '/api/v1/session',
    name: 'signOut',
    section: SECTION,
    summary: 'Sign out',
    answers: { 204: { description: 'Signed out; its streams end' } },
    async handle({ principal }) {
      if (principal.session === undefined) return noSession;
      const entry = audit(site, principal, 'sign_out', 'user', principal.id);
      await site.directory.change([sessions.end(principal.session)], [entry]);
      return emptyWithCookie(sessions.noCookie());
    },
  });
}

const gone = refuse('link_gone');

/** A link that may be used now: `dev`'s in `dev` only, the first owner's while there is none. */
function liveLink(site: Site, word: string): { link: Link; user: UserRow | undefined } | null {
  const found = findLink(site.directory, word, site.clock.now());
  if (found === null || (found.purpose === 'dev' && !site.settings.dev)) return null;
  if (found.purpose === 'first_owner') {
    return hasOwner(site.directory.rows('user')) ? null : { link: found, user: undefined };
  }
  const user = found.userId === null ? undefined : rowOf(site, 'user', found.userId);
  return user === undefined ? null : { link: found, user };
}

function lookRoute(site: Site): Route {
  return route({
    method: 'get',
    path: '/api/v1/session/link',
    name: 'getLink',
    section: SECTION,
    summary: 'What a one-time link is for',
    description: 'The token goes into `Authorization: Bearer …`: addresses end up in the logs of proxies.',
    answers: { 200: { description: 'It can be used', schema: link } },
    handle({ incoming }) {
      const found = liveLink(site, /^bearer +(\S+) *$/i.exec(incoming.headers.authorization ?? '')?.[1] ?? '');
      if (found === null) return gone;
      const { purpose, expiresAt } = found.link;
      const about = { name: found.user?.data.name ?? null, email: found.user?.data.email ?? null };
      return ok({ purpose, ...about, expires_at: timeOf(expiresAt) });
    },
  });
}

const redemption = z.strictObject({
  token,
  name: name.optional(),
  email: email.optional(),
  password: password.optional(),
});

function redeemRoute(tools: Tools): Route {
  const { site } = tools;
  return route({
    method: 'post',
    path: '/api/v1/session/link',
    name: 'useLink',
    section: SECTION,
    summary: 'Use a one-time link: sign in with it, once',
    description:
      'The link of `dev` needs nothing else. The first owner names `name`, `email` and `password`; who was invited `password`, and `email` where none was given; a password reset `password`, and signs out everywhere else.',
    body: redemption,
    answers: { 200: { description: 'Signed in', schema: signedIn } },
    async handle({ body, incoming }) {
      const foreign = whyForeign(site, incoming);
      if (foreign) return foreign;
      const found = liveLink(site, body.token);
      if (found === null) return gone;
      const used: ConfigWrite = { kind: 'link', id: found.link.id, data: null, expectVersion: found.link.version };
      if (found.link.purpose === 'dev' && found.user) return begin(tools, found.user, [used], true);
      return join(tools, found.user, body, used);
    },
  });
}

/** Gives a user, new or known, a password and a session. */
async function join(
  { site, sessions, accounts }: Tools,
  known: UserRow | undefined,
  body: z.output<typeof redemption>,
  used: ConfigWrite,
): Promise<Answer> {
  const id = known?.id ?? site.newId('usr');
  const address = known?.data.email ?? body.email;
  const called = body.name ?? known?.data.name;
  const { password: chosen } = body;
  if (called === undefined || typeof address !== 'string' || chosen === undefined) {
    const needed = { name: called, email: address, password: chosen };
    const errors = Object.entries(needed).filter(([, value]) => typeof value !== 'string');
    return malformed(errors.map(([field]) => ({ pointer: `/${field}`, detail: 'is required' })));
  }
  const other = userByEmail(rowsOf(site, 'user'), address);
  if (other !== undefined && other.id !== id) return refuse('email_taken');
  const made = await accounts.seal(id, chosen);
  if ('refusal' in made) return made;
  const role = known?.data.role ?? 'owner';
  const data: ConfigDocs['user'] = { name: called, email: address, role, password: made.sealed, last_seen_at: null };
  const user: UserRow = { ...(known ?? nobodyYet), id, data };
  const links = site.directory.rows('link');
  const older = withoutLinks(links, site.clock.now(), (each) => each.user_id === (known?.id ?? null));
  return begin({ site, sessions }, user, [used, ...older, ...sessions.endAll(id)]);
}

const nobodyYet = { kind: 'user', version: 0, createdAt: 0, updatedAt: 0 } as const;

function changeRoute({ site, sessions, accounts }: Tools): Route {
  return route({
    method: 'put',
    path: '/api/v1/session/password',
    name: 'changePassword',
    section: SECTION,
    summary: 'Choose another password; all other sessions end',
    body: z.strictObject({ current: given, password }),
    answers: { 204: { description: 'Changed; this browser has a new session' } },
    async handle({ body, principal, incoming }) {
      if (principal.session === undefined) return noSession;
      const before = sessions.stillValid(principal) ? rowOf(site, 'user', principal.id) : undefined;
      if (before === undefined) return refuse('unauthorized');
      const account = (before.data.email ?? before.id).toLowerCase();
      const refusal = await accounts.whyNot(before, account, body.current, incoming);
      if (refusal?.refusal === 'bad_credentials') return wrongCurrent;
      if (refusal) return refusal;
      const made = await accounts.seal(before.id, body.password);
      if ('refusal' in made) return made;
      // Both take their time: meanwhile somebody with the newer password may have signed this session out.
      const row = sessions.stillValid(principal) ? rowOf(site, 'user', before.id) : undefined;
      if (row === undefined) return refuse('unauthorized');
      const { writes, cookie } = sessions.open(row.id);
      const entry = audit(site, principal, 'change', 'user', row.id, { fields: ['password'] });
      const own = rewrite(row, { ...row.data, password: made.sealed });
      await site.directory.change([own, ...sessions.endAll(row.id), ...writes], [entry]);
      return emptyWithCookie(cookie);
    },
  });
}

const wrongCurrent = malformed([{ pointer: '/current', detail: 'is not your password' }]);
