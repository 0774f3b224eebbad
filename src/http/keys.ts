// Who is calling with a key: API keys and the administrator's key of the settings.
// Not here: people with a session (session.ts), what a role may do (access.ts), how keys are made and listed
// (api/people.ts).
// The one thing to know: created keys have 256 random bits, so they are looked up by digest and always work; the key
// of the settings was chosen by a person, so guessing it is braked per address.
import { createHash, randomBytes } from 'node:crypto';
import type { Clock, ConfigDocs, Directory } from '../engine/ports.ts';
import { sameToken } from '../net/signature.ts';
import type { Id } from '../routing/model.ts';
import { ROLES, type Role } from './access.ts';
import { createBrake } from './brake.ts';
import { type Refusal, refuse } from './problems.ts';

const KEY_PREFIX = 'sk_';
const KEY_BYTES = 32;
/** Characters shown of a key, so that its owner finds it again. */
const SHOWN_START = KEY_PREFIX.length + 4;
const SHOWN_END = 4;
/** A longer word is no key; it would only be work to hash. */
const MAX_BEARER = 512;

/** Guesses per address before it has to wait; a person mistyping a key stays below. */
const GUESSES = { failures: 30, windowMs: 60_000 };

/** How old `last_used_at` may be: it is for finding forgotten keys, and each renewal is a write. */
const LAST_USED_STEP_MS = 3_600_000;

/** The id under which the settings' key stands in the audit trail. */
export const SETTINGS_KEY = 'key_settings';

/** `session`: it came with a cookie; undefined: with a key. */
export type Principal = { id: Id; name: string; role: Role; session?: Id };

export const digestOf = (key: string): string => createHash('sha256').update(key).digest('hex');

/** A new key, shown once, and what is kept of it. */
export function newKey(): { key: string; kept: Pick<ConfigDocs['key'], 'prefix' | 'last4' | 'sha256'> } {
  const key = KEY_PREFIX + randomBytes(KEY_BYTES).toString('base64url');
  return { key, kept: { prefix: key.slice(0, SHOWN_START), last4: key.slice(-SHOWN_END), sha256: digestOf(key) } };
}

export const roleOf = (name: unknown): Role => ROLES.find((role) => role === name) ?? 'viewer';

export type Doorkeeper = {
  /** who it is, or why not; `address` is the caller's, for the brake */
  identify(authorization: string | undefined, address: string): Principal | Refusal;
  /** whether a caller that was let in before still would be (a stream lives long) */
  stillValid(principal: Principal): boolean;
};

export function createDoorkeeper(directory: Directory, apiKey: string | null, clock: Clock): Doorkeeper {
  const brake = createBrake(clock, GUESSES);
  let byDigest = readKeys(directory);
  directory.onChange((changed) => {
    if (changed.some((each) => each.kind === 'key')) byDigest = readKeys(directory);
  });

  function stored(key: string): Principal | undefined {
    const id = byDigest.get(digestOf(key));
    const row = id === undefined ? undefined : directory.row('key', id);
    if (row === undefined) return undefined;
    noteUse(directory, row, clock.now());
    return { id: row.id, name: String(row.data.name), role: roleOf(row.data.role) };
  }

  return {
    identify(authorization, address) {
      const key = /^bearer +([^ ]+) *$/i.exec(authorization ?? '')?.[1];
      if (key === undefined)
        return refuse(
          'unauthorized',
          'The request has no Authorization: Bearer <key> header, and no session that is open.',
        );
      if (key.length <= MAX_BEARER) {
        const found = stored(key);
        if (found !== undefined) return found;
        const waitS = brake.waitS(address);
        if (waitS > 0) return refuse('too_many_attempts', undefined, { retryAfterS: waitS });
        if (apiKey !== null && sameToken(apiKey, key)) {
          return { id: SETTINGS_KEY, name: 'SIGNALBOX_API_KEY', role: 'owner' };
        }
      }
      brake.failed(address);
      return refuse('unauthorized', 'The API key is not valid.');
    },
    stillValid(principal) {
      if (principal.id === SETTINGS_KEY) return true;
      const row = directory.row('key', principal.id);
      return row !== undefined && roleOf(row.data.role) === principal.role;
    },
  };
}

const readKeys = (directory: Directory): Map<string, Id> =>
  new Map(directory.rows('key').map((row) => [String(row.data.sha256), row.id]));

/** Renews `last_used_at` when it is old; nobody waits for it, and a conflict means that somebody else did. */
function noteUse(directory: Directory, row: NonNullable<ReturnType<Directory['row']>>, now: number): void {
  const last = typeof row.data.last_used_at === 'string' ? Date.parse(row.data.last_used_at) : 0;
  if (now - last < LAST_USED_STEP_MS) return;
  const data = { ...row.data, last_used_at: new Date(now).toISOString() };
  directory.change([{ kind: 'key', id: row.id, data, expectVersion: row.version }], []).catch(() => undefined);
}
