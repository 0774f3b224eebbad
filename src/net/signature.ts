// Standard Webhooks 1.0: signing what goes out, checking what comes in, making secrets; and comparing tokens.
// Not here: where secrets are kept, and providers' own signature schemes (they live with their channel).
// The one thing to know: every comparison of something secret takes the same time wherever it differs.
import { createHmac, createSecretKey, hash, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';

export type SignatureHeaders = { 'webhook-id': string; 'webhook-timestamp': string; 'webhook-signature': string };
export type WhyInvalid = 'missing_header' | 'bad_timestamp' | 'too_old' | 'too_new' | 'no_match';
export type SignatureVerdict = { ok: true } | { ok: false; why: WhyInvalid };

const PREFIX = 'whsec_';
const SECRET_BYTES = 32;
/** The standard says 24 to 64; a shorter one is a mistake, and an empty one would verify anything. */
const SECRET_BYTES_MIN = 16;
export const TOLERANCE_S = 300;
/** A list of a hundred signatures is an attempt to have us compute, not a rotation. */
const SIGNATURES_READ_MAX = 16;
const HMAC_BYTES = 32;
const KEYS_KEPT_MAX = 10_000;

/** A new signing secret: `whsec_` and 32 random bytes in base64. */
export function newSecret(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString('base64');
}

/**
 * The three headers for a body. `timestamp` is in seconds since 1970; the body must be sent byte for byte as signed.
 * With several secrets, as during a rotation's overlap, the receiver may check with any of them. Throws on a secret
 * that is none, for secrets are made here.
 */
export function sign(what: {
  id: string;
  timestamp: number;
  body: string | Buffer;
  secrets: readonly string[];
}): SignatureHeaders {
  const start = `${what.id}.${what.timestamp}.`;
  const signatures = what.secrets.map((secret) => {
    const key = keys.of(secret);
    if (key === null) throw new Error('a signing secret is not whsec_ and at least 16 bytes of base64');
    return `v1,${createHmac('sha256', key).update(start).update(what.body).digest('base64')}`;
  });
  return {
    'webhook-id': what.id,
    'webhook-timestamp': String(what.timestamp),
    'webhook-signature': signatures.join(' '),
  };
}

/**
 * Checks a request's three headers (names in lower case) against its body's bytes as they came. One match of any
 * signature with any secret is enough. `now` is in ms since 1970, `toleranceS` counts to both sides.
 */
export function verify(what: {
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Buffer;
  secrets: readonly string[];
  now: number;
  toleranceS?: number;
}): SignatureVerdict {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': list } = what.headers;
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof list !== 'string')
    return invalid('missing_header');
  if (id === '' || timestamp === '' || list === '') return invalid('missing_header');
  if (!/^\d{1,12}$/.test(timestamp)) return invalid('bad_timestamp');
  const age = Math.floor(what.now / 1000) - Number(timestamp);
  const tolerance = what.toleranceS ?? TOLERANCE_S;
  if (age > tolerance) return invalid('too_old');
  if (age < -tolerance) return invalid('too_new');
  const given = list.split(' ', SIGNATURES_READ_MAX).flatMap(readSignature);
  const start = `${id}.${timestamp}.`;
  let matches = false;
  for (const secret of what.secrets) {
    const key = keys.of(secret);
    if (key === null) continue;
    const expected = createHmac('sha256', key).update(start).update(what.body).digest();
    for (const signature of given) if (timingSafeEqual(signature, expected)) matches = true;
  }
  return matches ? { ok: true } : invalid('no_match');
}

/**
 * Whether a token is the one expected, in a time that tells nothing about either. An empty token equals nothing.
 * @param expected one of the few that were configured: its digest is kept
 */
export function sameToken(expected: string, given: string): boolean {
  const same = timingSafeEqual(digests.of(expected), hash('sha256', given, 'buffer'));
  return same && expected !== '' && given !== '';
}

/** The same for what was made for this one comparison, such as a signature: nothing of it is kept. */
export function sameSignature(expected: string, given: string): boolean {
  return timingSafeEqual(hash('sha256', expected, 'buffer'), hash('sha256', given, 'buffer'));
}

function invalid(why: WhyInvalid): SignatureVerdict {
  return { ok: false, why };
}

function readSignature(text: string): Buffer[] {
  if (!text.startsWith('v1,')) return [];
  const bytes = Buffer.from(text.slice(3), 'base64');
  return bytes.length === HMAC_BYTES ? [bytes] : [];
}

/** What follows from a secret, kept, with an end to how many: making it each time costs a sixth of a signature. */
class Kept<T> {
  readonly #values = new Map<string, T>();
  readonly #make: (secret: string) => T;

  constructor(make: (secret: string) => T) {
    this.#make = make;
  }

  of(secret: string): T {
    let value = this.#values.get(secret);
    if (value === undefined) {
      if (this.#values.size >= KEYS_KEPT_MAX) this.#values.clear();
      value = this.#make(secret);
      this.#values.set(secret, value);
    }
    return value;
  }
}

const keys = new Kept(decode);
const digests = new Kept((token) => hash('sha256', token, 'buffer'));

function decode(secret: string): KeyObject | null {
  const text = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret;
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return null;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length < SECRET_BYTES_MIN ? null : createSecretKey(bytes);
}
