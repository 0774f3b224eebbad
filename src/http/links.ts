// One-time links: the ways into the console for those who have no password yet, or forgot it.
// Not here: what happens when one is used (api/session.ts). The one thing to know: the token stands in the fragment of
// the URL, which browsers never send, and is kept as a digest; using a link deletes it with the version that was read,
// so of two that use it at once one comes too late.
import { randomBytes } from 'node:crypto';
import type { Clock, ConfigDocs, Directory } from '../engine/ports.ts';
import type { AuditEntry, ConfigRow, ConfigWrite } from '../engine/store-port.ts';
import type { Id, NewId } from '../routing/model.ts';
import { digestOf } from './keys.ts';

export const PURPOSES = ['dev', 'first_owner', 'invitation', 'password_reset'] as const;
export type Purpose = (typeof PURPOSES)[number];

const MINUTE = 60_000;
/** As short as their way allows: from the terminal to the browser beside it, or by mail to somebody on holiday. */
export const LINK_MS: Readonly<Record<Purpose, number>> = {
  dev: 30 * MINUTE,
  first_owner: 60 * MINUTE,
  invitation: 7 * 24 * 60 * MINUTE,
  password_reset: 24 * 60 * MINUTE,
};
/** Links at once; more are not asked for by people. */
export const LINKS_MAX = 1_000;
const TOKEN = /^[\w-]{43}$/;

export type Link = { id: Id; purpose: Purpose; userId: Id | null; expiresAt: number; version: number };

/** A new link: its token, which is shown once, and what to save. */
export function newLink(purpose: Purpose, userId: Id | null, now: number, newId: NewId) {
  const token = randomBytes(32).toString('base64url');
  const expiresAt = now + LINK_MS[purpose];
  const expires_at = new Date(expiresAt).toISOString();
  const data: ConfigDocs['link'] = { purpose, user_id: userId, sha256: digestOf(token), expires_at };
  const write: ConfigWrite = { kind: 'link', id: newId('lnk'), data };
  return { token, expiresAt, write };
}

export const linkUrl = (publicUrl: string, token: string): string => `${publicUrl}/console/welcome#token=${token}`;

type Rows = Pick<Directory, 'rows'>;

export function findLink(directory: Rows, token: string, now: number): Link | null {
  if (!TOKEN.test(token)) return null;
  const digest = digestOf(token);
  const row = directory.rows('link').find((each) => each.data.sha256 === digest);
  const link = row === undefined ? null : readLink(row);
  return link !== null && now < link.expiresAt ? link : null;
}

function readLink({ id, data, version }: ConfigRow): Link | null {
  const { purpose, user_id, expires_at } = data as ConfigDocs['link'];
  const known = PURPOSES.find((each) => each === purpose);
  return known === undefined
    ? null
    : { id, purpose: known, userId: user_id, expiresAt: Date.parse(expires_at), version };
}

/** The deletion of links that are over, and of those that `also` says: a new link replaces the older ones. */
export function withoutLinks(
  rows: ConfigRow[],
  now: number,
  also: (data: ConfigDocs['link']) => boolean,
): ConfigWrite[] {
  return rows
    .filter(({ data }) => Date.parse(String(data.expires_at)) <= now || also(data as ConfigDocs['link']))
    .map(({ id }) => ({ kind: 'link', id, data: null }));
}

/** Whether an owner can sign in; else the first one is still to come. */
export const hasOwner = (users: readonly { data: { role?: unknown; password?: unknown } }[]): boolean =>
  users.some(({ data }) => data.role === 'owner' && typeof data.password === 'string');

type Site = {
  directory: Directory;
  clock: Clock;
  newId: NewId;
  publicUrl(): string;
  settings: { dev: boolean };
};

const ACTOR = 'signalbox (start)';

/**
 * The way into the console after a start, whose older one stops working: in `dev` as its owner, else for the first
 * owner while there is none. null: people sign in by password.
 */
export async function firstLink(site: Site): Promise<string | null> {
  const { directory, clock, newId } = site;
  const users = directory.rows('user');
  const purpose: Purpose = site.settings.dev ? 'dev' : 'first_owner';
  if (purpose === 'first_owner' && hasOwner(users)) return null;
  const owner = users.find(({ data }) => data.role === 'owner');
  const ownerId = owner?.id ?? newId('usr');
  const { token, write } = newLink(purpose, purpose === 'dev' ? ownerId : null, clock.now(), newId);
  const older = withoutLinks(directory.rows('link'), clock.now(), (each) => each.purpose === purpose);
  const writes = [write, ...older];
  const audit: AuditEntry[] = [];
  if (purpose === 'dev' && owner === undefined) {
    const data: ConfigDocs['user'] = { name: 'Owner', email: null, role: 'owner', password: null, last_seen_at: null };
    writes.push({ kind: 'user', id: ownerId, data, expectVersion: 0 });
    const detail = { name: data.name, role: data.role };
    audit.push({
      id: newId('aud'),
      at: clock.now(),
      actor: ACTOR,
      action: 'create',
      kind: 'user',
      target: ownerId,
      detail,
    });
  }
  await directory.change(writes, audit);
  return linkUrl(site.publicUrl(), token);
}
