// Sessions: people who signed in with a browser, and the cookie that says so.
// Not here: signing in (api/session.ts) and which role may do what (access.ts). The one thing to know: a session is a
// configuration document with the digest of its token, so it survives restarts and reaches every process as all
// configuration does; who it stands for, and with which role, is read from the user at each request.
import { randomBytes } from 'node:crypto';
import type { Clock, ConfigDocs, Directory } from '../engine/ports.ts';
import type { ConfigWrite } from '../engine/store-port.ts';
import type { Id, NewId } from '../routing/model.ts';
import { digestOf, type Principal, roleOf } from './keys.ts';

const TOKEN_BYTES = 32;
/** A night, a weekend day: whoever comes back daily stays signed in. */
export const IDLE_MS = 24 * 3_600_000;
/** However busy: the password is asked for again after two weeks. */
export const LIFE_MS = 14 * 24 * 3_600_000;
/** Browsers of one person; the oldest is signed out when there are more. */
export const SESSIONS_PER_USER = 20;
/** All are in memory. */
const SESSIONS_MAX = 5_000;
/** How old `seen_at` on disk may be: each renewal is a write. */
const SEEN_STEP_MS = 3_600_000;
/** A renewal that failed is not tried again at every request. */
const SEEN_RETRY_MS = 60_000;
/** A token of ours. */
const WORD = /^[\w-]{43}$/;

type Live = { id: Id; userId: Id; expiresAt: number; seenAt: number; demo: boolean };

export type Sessions = {
  /** who the Cookie header stands for; null: nobody, or nobody any more */
  identify(cookie: string | undefined): Principal | null;
  /** whether a session that was let in before still would be, in the same role */
  stillValid(principal: Principal): boolean;
  /** a new session: what to save for it (with those that are over), and its cookie */
  open(userId: Id, demo?: boolean): { writes: ConfigWrite[]; cookie: string };
  /** the end of all sessions of a user */
  endAll(userId: Id): ConfigWrite[];
  end(id: Id): ConfigWrite;
  /** takes the cookie away */
  noCookie(): string;
  cookieName(): string;
};

type Parts = {
  directory: Directory;
  clock: Clock;
  newId: NewId;
  publicUrl(): string;
  settings: { dev: boolean };
};

export function createSessions(parts: Parts): Sessions {
  const { directory, clock } = parts;
  /** by digest of their tokens, and by id: streams ask at each event whether theirs still is */
  let live = readSessions(directory, new Map());
  let byId = idsOf(live);
  directory.onChange((changed) => {
    if (!changed.some((each) => each.kind === 'session')) return;
    live = readSessions(directory, live);
    byId = idsOf(live);
  });

  const isOver = (each: Live): boolean => {
    const now = clock.now();
    return now >= each.expiresAt || now >= each.seenAt + IDLE_MS || (each.demo && !parts.settings.dev);
  };
  const standsFor = (each: Live | undefined): Principal | null => {
    const user = each === undefined || isOver(each) ? undefined : directory.row('user', each.userId);
    if (each === undefined || user === undefined) return null;
    return { id: user.id, name: String(user.data.name), role: roleOf(user.data.role), session: each.id };
  };
  const all = (): Live[] => [...live.values()];

  return {
    identify(cookie) {
      // Over plain http another server of the same machine may have set one of this name; it must not sign anybody out.
      const given = tokensIn(cookie, cookieName(parts.publicUrl())).map((token) => live.get(digestOf(token)));
      const found = given.find((each) => each !== undefined && standsFor(each) !== null);
      const principal = standsFor(found);
      if (found !== undefined && principal !== null) noteSeen(directory, found, clock.now());
      return principal;
    },
    stillValid(principal) {
      const now = standsFor(byId.get(principal.session ?? ''));
      return now !== null && now.role === principal.role;
    },
    open(userId, demo = false) {
      const token = randomBytes(TOKEN_BYTES).toString('base64url');
      const now = clock.now();
      const data: ConfigDocs['session'] = {
        user_id: userId,
        sha256: digestOf(token),
        expires_at: new Date(now + LIFE_MS).toISOString(),
        seen_at: new Date(now).toISOString(),
        demo,
      };
      const gone = tooMany(all(), isOver, userId);
      const writes: ConfigWrite[] = [{ kind: 'session', id: parts.newId('ses'), data }, ...gone.map(dropped)];
      return { writes, cookie: cookieOf(parts.publicUrl(), token, LIFE_MS / 1000) };
    },
    endAll: (userId) =>
      all()
        .filter((each) => each.userId === userId)
        .map(dropped),
    end: (id) => dropped({ id }),
    noCookie: () => cookieOf(parts.publicUrl(), '', 0),
    cookieName: () => cookieName(parts.publicUrl()),
  };
}

const dropped = ({ id }: { id: Id }): ConfigWrite => ({ kind: 'session', id, data: null });

const idsOf = (live: Map<string, Live>): Map<Id, Live> => new Map([...live.values()].map((each) => [each.id, each]));

/** By digest. What is known here of when each was last used is newer than what is on disk. */
function readSessions(directory: Directory, before: ReadonlyMap<string, Live>): Map<string, Live> {
  const rows = directory.rows('session').map((row): [string, Live] => {
    const data = row.data as ConfigDocs['session'];
    const seenAt = Math.max(Date.parse(data.seen_at), before.get(data.sha256)?.seenAt ?? 0);
    const times = { expiresAt: Date.parse(data.expires_at), seenAt };
    return [data.sha256, { id: row.id, userId: data.user_id, demo: data.demo === true, ...times }];
  });
  return new Map(rows);
}

/** Those that are over, and the oldest where one more would be too many. */
function tooMany(all: Live[], isOver: (each: Live) => boolean, userId: Id): Live[] {
  const oldestFirst = all.filter((each) => !isOver(each)).sort((a, b) => a.expiresAt - b.expiresAt);
  const own = oldestFirst.filter((each) => each.userId === userId);
  const others = oldestFirst.filter((each) => each.userId !== userId);
  const ownOver = own.slice(0, Math.max(0, own.length + 1 - SESSIONS_PER_USER));
  const left = all.length + 1 - SESSIONS_MAX;
  return [...all.filter(isOver), ...ownOver, ...others.slice(0, Math.max(0, left))];
}

const askedAt = new WeakMap<Live, number>();

/** Notes the use, on disk to the hour; nobody waits for it, and a conflict means that somebody else did. */
function noteSeen(directory: Directory, each: Live, now: number): void {
  const row = directory.row('session', each.id);
  each.seenAt = Math.max(each.seenAt, now);
  if (row === undefined || now - Date.parse(String(row.data.seen_at)) < SEEN_STEP_MS) return;
  if (now - (askedAt.get(each) ?? 0) < SEEN_RETRY_MS) return;
  askedAt.set(each, now);
  const at = new Date(now).toISOString();
  const user = directory.row('user', each.userId);
  const writes: ConfigWrite[] = [
    { kind: 'session', id: row.id, data: { ...row.data, seen_at: at }, expectVersion: row.version },
  ];
  if (user !== undefined) {
    writes.push({ kind: 'user', id: user.id, data: { ...user.data, last_seen_at: at }, expectVersion: user.version });
  }
  directory.change(writes, []).catch(() => undefined);
}

/**
 * Decided by the public URL. Over https the name begins with `__Host-`: the browser then lets no other host, path or
 * plain connection set it. Over plain http (this machine, a try) browsers would refuse that; the port in the name
 * keeps two servers of one machine apart, for cookies know no ports.
 */
export function cookieName(publicUrl: string): string {
  if (isHttps(publicUrl)) return '__Host-signalbox';
  return `signalbox-${URL.canParse(publicUrl) ? new URL(publicUrl).port || '80' : '80'}`;
}

const isHttps = (publicUrl: string): boolean => /^https:/i.test(publicUrl);

export function cookieOf(publicUrl: string, token: string, maxAgeS: number): string {
  const secure = isHttps(publicUrl) ? '; Secure' : '';
  return `${cookieName(publicUrl)}=${token}; Path=/; Max-Age=${maxAgeS}; HttpOnly; SameSite=Lax${secure}`;
}

function tokensIn(cookie: string | undefined, name: string): string[] {
  const pairs = (cookie?.split(';') ?? []).map((pair) => pair.trim());
  const values = pairs.filter((pair) => pair.startsWith(`${name}=`)).map((pair) => pair.slice(name.length + 1));
  return values.filter((value) => WORD.test(value));
}
