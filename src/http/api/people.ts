// API keys and users: who may do what here, and the links by which users get in.
// Not here: checking a key (keys.ts), using a link (session.ts). The one thing to know: nobody gives, changes or takes
// away a role above their own; who loses a role or the account is signed out everywhere in the same change.
import { z } from '@hono/zod-openapi';
import type { ConfigWrite } from '../../engine/store-port.ts';
import type { Id } from '../../routing/model.ts';
import { mayGrant, ROLES, type Role } from '../access.ts';
import { userByEmail } from '../accounts.ts';
import { created, done, ok } from '../answers.ts';
import { instant, instantOrNull, name, pageById, pageOf, paging, showPage, timeOf } from '../fields.ts';
import { newKey, type Principal, roleOf } from '../keys.ts';
import { hasOwner, LINKS_MAX, linkUrl, newLink, withoutLinks } from '../links.ts';
import type { HttpParts, Site } from '../parts.ts';
import { type Refusal, refuse } from '../problems.ts';
import { type Route, route } from '../route.ts';
import type { Sessions } from '../sessions.ts';
import { audit, missing, type Row, rewrite, rowFields, rowOf, rowsOf, touch, whyNoMore } from './rows.ts';
import { email } from './session.ts';

const role = z.enum(ROLES);

/** 403 when a role is involved that the caller may not touch. */
function whyAbove(principal: Principal, ...roles: (Role | undefined)[]): Refusal | null {
  const above = roles.find((each) => each !== undefined && !mayGrant(principal.role, each));
  return above === undefined
    ? null
    : refuse('forbidden', `The role ${principal.role} may not touch the role ${above}.`);
}

type KeyRow = Row<'key'>;
type UserRow = Row<'user'>;

const keyFields = {
  ...rowFields,
  name: z.string(),
  role,
  prefix: z.string(),
  last4: z.string(),
  last_used_at: instantOrNull.openapi({ description: 'to the hour' }),
};
const key = z.object(keyFields).openapi('Key');
const freshKey = z
  .object({ ...keyFields, key: z.string().openapi({ description: 'shown this once' }) })
  .openapi('NewKey');

const showKey = (row: KeyRow): z.output<typeof key> => ({
  id: row.id,
  name: row.data.name,
  role: roleOf(row.data.role),
  prefix: row.data.prefix,
  last4: row.data.last4,
  last_used_at: row.data.last_used_at,
  created_at: timeOf(row.createdAt),
  updated_at: timeOf(row.updatedAt),
});

const user = z
  .object({
    ...rowFields,
    name: z.string(),
    email: z.string().nullable(),
    role,
    has_password: z.boolean().openapi({ description: 'false: was invited, and has not signed in yet' }),
    last_seen_at: instantOrNull.openapi({ description: 'to the hour' }),
  })
  .openapi('User');

const showUser = (row: UserRow): z.output<typeof user> => ({
  id: row.id,
  name: row.data.name,
  email: row.data.email ?? null,
  role: roleOf(row.data.role),
  has_password: typeof row.data.password === 'string',
  last_seen_at: row.data.last_seen_at ?? null,
  created_at: timeOf(row.createdAt),
  updated_at: timeOf(row.updatedAt),
});

const emailOrNull = email.nullable();

/** What differs between the two; the routes are the same. */
const KEYS = {
  kind: 'key',
  path: '/api/v1/keys',
  section: 'Keys',
  noun: 'Key',
  shape: key,
  fresh: freshKey,
  input: z.strictObject({ name, role }),
  change: z.strictObject({ name: name.optional(), role: role.optional() }),
  prefix: 'key',
} as const;
const USERS = {
  kind: 'user',
  path: '/api/v1/users',
  section: 'Users',
  noun: 'User',
  shape: user,
  fresh: user,
  input: z.strictObject({ name, role, email: emailOrNull.optional() }),
  change: z.strictObject({ name: name.optional(), role: role.optional(), email: emailOrNull.optional() }),
  prefix: 'usr',
} as const;
type About = typeof KEYS | typeof USERS;

const show = (row: KeyRow | UserRow): Record<string, unknown> =>
  row.kind === 'key' ? showKey(row as KeyRow) : showUser(row as UserRow);

/** A new row's data, and what is shown of it once. */
function begin(
  about: About,
  body: { name: string; role: Role },
): { data: KeyRow['data'] | UserRow['data']; once: object } {
  if (about.kind === 'user') {
    return { data: { email: null, password: null, last_seen_at: null, ...body }, once: {} };
  }
  const { key: plain, kept } = newKey();
  return { data: { name: body.name, role: body.role, ...kept, last_used_at: null }, once: { key: plain } };
}

type People = HttpParts & { sessions: Sessions; publicUrl(): string };

export const peopleRoutes = (site: Site, sessions: Sessions): Route[] => {
  const parts = { ...site, sessions };
  return [...routesOf(parts, KEYS), ...routesOf(parts, USERS), invitationRoute(parts)];
};

/** 409 when another user has the e-mail address: it is what people sign in with. */
function whyTaken(parts: HttpParts, body: object, id: Id | null): Refusal | null {
  if (!('email' in body) || typeof body.email !== 'string') return null;
  const other = userByEmail(rowsOf(parts, 'user'), body.email);
  return other === undefined || other.id === id ? null : refuse('email_taken');
}

/**
 * 409 when nobody could sign in as an owner any more; `next` is the user's role then, null: none. Else the owner who
 * stays is written too, so that two who are taken away at once cannot both have been the other's reason.
 */
function ownersStay(parts: HttpParts, row: KeyRow | UserRow, next: Role | null): ConfigWrite[] | Refusal {
  if (row.kind !== 'user' || next === 'owner' || !hasOwner([row])) return [];
  const other = rowsOf(parts, 'user').find((each) => each.id !== row.id && hasOwner([each]));
  return other === undefined ? refuse('last_owner') : [touch(other)];
}

/** The end of a user's sessions and links. */
function waysIn(parts: People, row: KeyRow | UserRow): ConfigWrite[] {
  if (row.kind !== 'user') return [];
  const links = withoutLinks(parts.directory.rows('link'), parts.clock.now(), (each) => each.user_id === row.id);
  return [...parts.sessions.endAll(row.id), ...links];
}

const findRow = (parts: HttpParts, kind: About['kind'], id: string): KeyRow | UserRow | undefined =>
  rowOf<'key' | 'user'>(parts, kind, id) as KeyRow | undefined;

function routesOf(parts: People, about: About): Route[] {
  const { kind, path, section, noun } = about;
  const lower = noun.toLowerCase();
  return [
    route({
      method: 'get',
      path,
      name: `list${noun}s`,
      section,
      summary: `List ${lower}s`,
      query: paging,
      answers: { 200: { description: 'A page, by id', schema: pageOf(about.shape) } },
      handle({ query }) {
        const rows = rowsOf<'key' | 'user'>(parts, kind) as (KeyRow | UserRow)[];
        return ok(showPage(pageById(rows, query), show));
      },
    }),
    route({
      method: 'post',
      path,
      name: `create${noun}`,
      section,
      summary: `Create a ${lower}`,
      body: about.input,
      answers: { 201: { description: 'Created', schema: about.fresh } },
      async handle({ body, principal }) {
        const refusal = whyNoMore(parts, kind) ?? whyAbove(principal, body.role) ?? whyTaken(parts, body, null);
        if (refusal) return refusal;
        const id = parts.newId(about.prefix);
        const { data, once } = begin(about, body);
        const entry = audit(parts, principal, 'create', kind, id, { name: body.name, role: body.role });
        await parts.directory.change([{ kind, id, data }], [entry]);
        return created(`${path}/${id}`, { ...show(findRow(parts, kind, id) as KeyRow | UserRow), ...once });
      },
    }),
    route({
      method: 'get',
      path: `${path}/{id}`,
      name: `get${noun}`,
      section,
      summary: `Get a ${lower}`,
      answers: { 200: { description: `The ${lower}`, schema: about.shape } },
      handle({ params }) {
        const row = findRow(parts, kind, params.id);
        return row ? ok(show(row)) : missing(kind, params.id);
      },
    }),
    changeRoute(parts, about),
    deleteRoute(parts, about),
  ];
}

function changeRoute(parts: People, { kind, path, section, noun, shape, change }: About): Route {
  return route({
    method: 'patch',
    path: `${path}/{id}`,
    name: `change${noun}`,
    section,
    summary: `Change a ${noun.toLowerCase()}`,
    body: change,
    answers: { 200: { description: `The ${noun.toLowerCase()}`, schema: shape } },
    async handle({ params, body, principal }) {
      const row = findRow(parts, kind, params.id);
      if (!row) return missing(kind, params.id);
      const above = whyAbove(principal, roleOf(row.data.role), body.role);
      const refusal = above ?? whyTaken(parts, body, row.id);
      if (refusal) return refusal;
      const owner = ownersStay(parts, row, body.role ?? roleOf(row.data.role));
      if ('refusal' in owner) return owner;
      const entry = audit(parts, principal, 'change', kind, row.id, { fields: Object.keys(body) });
      const own = rewrite(row as KeyRow, { ...row.data, ...body } as KeyRow['data']);
      const demoted = body.role !== undefined && body.role !== row.data.role;
      await parts.directory.change([own, ...owner, ...(demoted ? waysIn(parts, row) : [])], [entry]);
      return ok(show(findRow(parts, kind, row.id) as KeyRow | UserRow));
    },
  });
}

function deleteRoute(parts: People, { kind, path, section, noun }: About): Route {
  return route({
    method: 'delete',
    path: `${path}/{id}`,
    name: `delete${noun}`,
    section,
    summary: `Delete a ${noun.toLowerCase()}; it stops working at once`,
    answers: { 204: { description: 'Deleted' } },
    async handle({ params, principal }) {
      const row = findRow(parts, kind, params.id);
      if (!row) return missing(kind, params.id);
      const above = whyAbove(principal, roleOf(row.data.role));
      if (above) return above;
      const owner = ownersStay(parts, row, null);
      if ('refusal' in owner) return owner;
      const entry = audit(parts, principal, 'delete', kind, row.id);
      await parts.directory.change([rewrite(row as KeyRow, null), ...owner, ...waysIn(parts, row)], [entry]);
      return done;
    },
  });
}

const invitation = z
  .object({ url: z.string().openapi({ description: 'shown this once' }), expires_at: instant })
  .openapi('Invitation');

function invitationRoute(parts: People): Route {
  return route({
    method: 'post',
    path: '/api/v1/users/{id}/invitation',
    name: 'inviteUser',
    section: 'Users',
    summary: 'Make a one-time link for a user',
    description:
      'With it the user chooses a password and is signed in: 7 days for whoever has none yet, 24 hours to replace one. It replaces the older links of the same user.',
    answers: { 201: { description: 'To be handed over by a way that only the user reads', schema: invitation } },
    async handle({ params, principal }) {
      const row = rowOf(parts, 'user', params.id);
      if (!row) return missing('user', params.id);
      const above = whyAbove(principal, roleOf(row.data.role));
      if (above) return above;
      const rows = parts.directory.rows('link');
      const now = parts.clock.now();
      const older = withoutLinks(rows, now, (each) => each.user_id === row.id);
      if (rows.length - older.length >= LINKS_MAX) return refuse('limit_reached', `${LINKS_MAX} links are open.`);
      const purpose = typeof row.data.password === 'string' ? 'password_reset' : 'invitation';
      const made = newLink(purpose, row.id, now, parts.newId);
      const entry = audit(parts, principal, 'invite', 'user', row.id, { purpose });
      await parts.directory.change([touch(row), made.write, ...older], [entry]);
      return { status: 201, json: { url: linkUrl(parts.publicUrl(), made.token), expires_at: timeOf(made.expiresAt) } };
    },
  });
}
