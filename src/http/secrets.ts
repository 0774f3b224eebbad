// Secrets of integrations and assets: making them, sealing them into documents, masking them, rotating them.
// Not here: opening them for use (the directory) and comparing them (adapters). The one thing to know: a secret is
// shown in clear exactly once, in the answer to the request that made it.
import { randomBytes } from 'node:crypto';
import { secretPlace } from '../engine/opened.ts';
import type { SealedSecret, Vault } from '../engine/ports.ts';
import type { ConfigKind } from '../engine/store-port.ts';
import { newSecret } from '../net/signature.ts';
import type { Id } from '../routing/model.ts';
import { mayUse } from './access.ts';
import type { Principal } from './keys.ts';

/** 256 bits: nobody finds a hook or a bearer token by trying. */
const TOKEN_BYTES = 32;
/** Several rotations within one overlap; more would be a list that grows. */
const KEPT_MAX = 3;
/** A secret this long can afford to show its end; of a shorter one that would be too much. */
const SHOW_END_FROM = 16;
const SHOWN_END = 4;
export const MASK = '••••';

export const OVERLAP_S_DEFAULT = 86_400;
export const OVERLAP_S_MAX = 7 * 86_400;

export const newToken = (): string => randomBytes(TOKEN_BYTES).toString('base64url');
export const newBearer = (): string => `sec_${newToken()}`;
export { newSecret as newSigningSecret } from '../net/signature.ts';

export const MAKERS = {
  hook_tokens: newToken,
  secrets: newBearer,
  signing_secrets: newSecret,
  token_keys: newToken,
} as const;
export type SecretList = keyof typeof MAKERS;

export const seal = (vault: Vault, kind: ConfigKind, id: Id, field: string, plain: string): string =>
  vault.seal(plain, secretPlace(kind, id, field));

export const sealFirst = (vault: Vault, kind: ConfigKind, id: Id, field: SecretList, plain: string): SealedSecret[] => [
  { sealed: seal(vault, kind, id, field, plain), until: null },
];

/** The new one first; the others end with the overlap, or when they were to end anyway. */
export function rotated(
  list: readonly SealedSecret[],
  fresh: SealedSecret,
  now: number,
  overlapS: number,
): SealedSecret[] {
  const end = now + overlapS * 1000;
  const old = list
    .map((each) => ({ sealed: each.sealed, until: Math.min(each.until ?? end, end) }))
    .filter((each) => each.until > now);
  return [fresh, ...old].slice(0, KEPT_MAX);
}

/** A secret as GET shows it: its end, if that gives nothing away; null when there is none. */
export function mask(secret: string | null | undefined): string | null {
  if (secret === null || secret === undefined) return null;
  return secret.length >= SHOW_END_FROM ? `${MASK}${secret.slice(-SHOWN_END)}` : MASK;
}

/** Who is told hooks and the secrets that we chose, and may send what is kept to another address. */
export const seesHooks = (principal: Principal): boolean => mayUse(['owner', 'admin'], principal.role);
