// API keys and users: who may do what here.
// Not here: checking a key (keys.ts). The one thing to know: nobody gives, changes or takes away a role above their own;
// a key is shown once, when it is made, and kept as a digest.
import { z } from '@hono/zod-openapi';
import { mayGrant, ROLES, type Role } from '../access.ts';
import { created, done, ok } from '../answers.ts';
import { instantOrNull, name, pageById, pageOf, paging, showPage, timeOf } from '../fields.ts';
import { newKey, type Principal, roleOf } from '../keys.ts';
import type { HttpParts } from '../parts.ts';
import { type Refusal, refuse } from '../problems.ts';
import { type Route, route } from '../route.ts';
import { audit, missing, type Row, rewrite, rowFields, rowOf, rowsOf, whyNoMore } from './rows.ts';

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

const user = z.object({ ...rowFields, name: z.string(), email: z.string().nullable(), role }).openapi('User');

const showUser = (row: UserRow): z.output<typeof user> => ({
  id: row.id,
  name: String(row.data.name),
  email: typeof row.data.email === 'string' ? row.data.email : null,
  role: roleOf(row.data.role),
  created_at: timeOf(row.createdAt),
  updated_at: timeOf(row.updatedAt),
});

const email = z.email({ error: 'must be an e-mail address' }).max(254).nullable();

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
  input: z.strictObject({ name, role, email: email.optional() }),
  change: z.strictObject({ name: name.optional(), role: role.optional(), email: email.optional() }),
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
  if (about.kind === 'user') return { data: { email: null, ...body }, once: {} };
  const { key: plain, kept } = newKey();
  return { data: { name: body.name, role: body.role, ...kept, last_used_at: null }, once: { key: plain } };
}

export const peopleRoutes = (parts: HttpParts): Route[] => [...routesOf(parts, KEYS), ...routesOf(parts, USERS)];

const findRow = (parts: HttpParts, kind: About['kind'], id: string): KeyRow | UserRow | undefined =>
  rowOf<'key' | 'user'>(parts, kind, id) as KeyRow | undefined;

function routesOf(parts: HttpParts, about: About): Route[] {
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
        const refusal = whyNoMore(parts, kind) ?? whyAbove(principal, body.role);
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

function changeRoute(parts: HttpParts, { kind, path, section, noun, shape, change }: About): Route {
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
      if (above) return above;
      const entry = audit(parts, principal, 'change', kind, row.id, { fields: Object.keys(body) });
      await parts.directory.change([rewrite(row as KeyRow, { ...row.data, ...body } as KeyRow['data'])], [entry]);
      return ok(show(findRow(parts, kind, row.id) as KeyRow | UserRow));
    },
  });
}

function deleteRoute(parts: HttpParts, { kind, path, section, noun }: About): Route {
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
      await parts.directory.change([rewrite(row as KeyRow, null)], [audit(parts, principal, 'delete', kind, row.id)]);
      return done;
    },
  });
}
