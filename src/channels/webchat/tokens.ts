// Who a browser is: tokens that we sign, addresses that we mint, identities that a site's server signed.
// Not here: keys (the asset's, sealed in the database). The one thing to know: a token is good for one address on one
// asset, and is all that a browser ever proves itself with; an id that the browser chose proves nothing.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** 128 bits: nobody meets another's address by chance or by trying. */
const ADDRESS_BYTES = 16;
const MINTED = 'web-';
/** Beginnings that the engine and we give a meaning: no identity may have them. */
const RESERVED = /^(web-|sim-|erased)/i;
const TOKEN_MAX = 2048;
const PREFIX = 'wct_';

/** What a token says. `until` in ms since 1970. `more`: of another face of the same asset. */
export type Claims = {
  assetId: string;
  address: string;
  name: string;
  verified: boolean;
  until: number;
  more?: Record<string, string>;
};

export const mintAddress = (): string => MINTED + randomBytes(ADDRESS_BYTES).toString('base64url');

/** Why an id cannot be a customer's address, or null. */
export function unfitAddress(id: string): string | null {
  if (id === '' || id.length > 128 || /[\p{Cc}\p{Cs}]/u.test(id)) {
    return 'must be 1 to 128 characters without control characters';
  }
  // As a part of a URL's path, by which customers are erased, these two mean another path.
  if (id === '.' || id === '..') return 'must be more than dots';
  return RESERVED.test(id) ? 'must not begin with web-, sim- or erased: these are ours' : null;
}

const signature = (key: string, text: string): Buffer => createHmac('sha256', key).update(`session\n${text}`).digest();

export function signToken(keys: readonly string[], claims: Claims): string {
  const [key] = keys;
  if (key === undefined) throw new Error(`the asset ${claims.assetId} has no key for tokens`);
  const text = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `${PREFIX}${text}.${signature(key, text).toString('base64url')}`;
}

/** The claims of a token that one of these keys signed for this asset, and that is good now; else null. */
export function readToken(keys: readonly string[], assetId: string, token: string, now: number): Claims | null {
  const claims = openToken(keys, token);
  return claims !== null && claims.assetId === assetId && claims.until > now ? claims : null;
}

function openToken(keys: readonly string[], token: string): Claims | null {
  if (token.length > TOKEN_MAX || !token.startsWith(PREFIX)) return null;
  const [text = '', signed = '', ...rest] = token.slice(PREFIX.length).split('.');
  if (rest.length > 0) return null;
  const given = Buffer.from(signed, 'base64url');
  const good = keys.some((key) => {
    const want = signature(key, text);
    return want.length === given.length && timingSafeEqual(want, given);
  });
  return good ? (JSON.parse(Buffer.from(text, 'base64url').toString()) as Claims) : null;
}

/** Whether a site's server vouches for an id: HMAC-SHA256(identity secret, id), in hex. In constant time. */
export function isVouched(secrets: readonly string[], id: string, hmac: string): boolean {
  const given = Buffer.from(hmac.toLowerCase());
  const good = secrets.map((secret) => {
    const want = Buffer.from(createHmac('sha256', secret).update(id).digest('hex'));
    return want.length === given.length && timingSafeEqual(want, given);
  });
  return good.includes(true);
}
