// Direct Line's tokens: JWTs that we sign for ourselves, each for one conversation of one asset.
// Not here: the widget's tokens (../tokens.ts), which are none of these and never taken here. The one thing to know:
// clients look into a token for `user` and use it; so it stands there when the site's server chose it, and only then.
import { createHmac, timingSafeEqual } from 'node:crypto';

/** A conversation's token, or one for a stream's address. Times in seconds since 1970. */
export type Claims = {
  /** the asset */
  aud: string;
  conv: string;
  /** the customer's address */
  sub: string;
  /** the same, where a server named it */
  user?: string;
  name?: string;
  /** the place from which on the conversation shows the thread */
  after: number;
  /** origins that the server trusts with it; none: those of the asset */
  origins?: string[];
  /** good for a stream only */
  use?: 'stream';
  exp: number;
};

const HEADER = encode({ alg: 'HS256', typ: 'JWT' });
const TOKEN_MAX = 8_192;

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** The key is the asset's, which signs the widget's tokens too: the label keeps the two apart. */
const keyOf = (key: string): Buffer => createHmac('sha256', key).update('directline').digest();
const signature = (key: string, text: string): Buffer => createHmac('sha256', keyOf(key)).update(text).digest();

export function signToken(keys: readonly string[], claims: Claims): string {
  const [key] = keys;
  if (key === undefined) throw new Error(`the asset ${claims.aud} has no key for tokens`);
  const text = `${HEADER}.${encode(claims)}`;
  return `${text}.${signature(key, text).toString('base64url')}`;
}

/** Which asset a token says it is for: nothing is proved yet. null: it is no token of ours. */
export function assetOf(token: string): string | null {
  const [header, body, , ...rest] = token.length > TOKEN_MAX ? [] : token.split('.');
  if (header !== HEADER || body === undefined || rest.length > 0) return null;
  try {
    const { aud } = JSON.parse(Buffer.from(body, 'base64url').toString()) as { aud?: unknown };
    return typeof aud === 'string' ? aud : null;
  } catch {
    return null;
  }
}

/** The claims, if one of these keys signed them, whether the token has ended or not. */
export function readToken(keys: readonly string[], token: string): Claims | null {
  if (assetOf(token) === null) return null;
  const end = token.lastIndexOf('.');
  const given = Buffer.from(token.slice(end + 1), 'base64url');
  const good = keys.map((key) => {
    const want = signature(key, token.slice(0, end));
    return want.length === given.length && timingSafeEqual(want, given);
  });
  if (!good.includes(true)) return null;
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Claims;
}
