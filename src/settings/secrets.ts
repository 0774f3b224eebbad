// The vault: seals secrets of configuration documents with AES-256-GCM, and opens them.
// Not here: where the master key comes from and is kept (master-key.ts), and which fields are secret (the directory).
// The one thing to know: a sealed text is bound to its place (kind/id/field); moved elsewhere it does not open.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import type { Vault } from '../engine/ports.ts';

export const MASTER_KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = 'v1';

/** A master key with its name, `kid`: the first 8 hex digits of its SHA-256. */
export type MasterKey = { kid: string; bytes: Buffer };

/** Newest first: the first seals, all open. Never empty. */
export type KeyRing = readonly [MasterKey, ...MasterKey[]];

/** A sealed text could not be opened. Says why, never what. */
export class VaultError extends Error {}

export function masterKey(bytes: Buffer): MasterKey {
  if (bytes.length !== MASTER_KEY_BYTES) throw new VaultError(`a master key has ${MASTER_KEY_BYTES} bytes`);
  return { kid: createHash('sha256').update(bytes).digest('hex').slice(0, 8), bytes };
}

/** Whether a text looks like one of ours: `v1.kid.iv.ct.tag`, the last three in base64url. */
export const isSealed = (text: string): boolean => /^v1\.[0-9a-f]{8}\.[\w-]{16}\.[\w-]*\.[\w-]{22}$/.test(text);

/** The name of the key that a sealed text needs. */
export const kidOf = (sealed: string): string => sealed.split('.')[1] ?? '';

export function createVault(ring: KeyRing): Vault {
  const current = ring[0];
  return {
    seal(plain, place) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', current.bytes, iv, { authTagLength: TAG_BYTES });
      cipher.setAAD(Buffer.from(place));
      const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      const parts = [iv, text, cipher.getAuthTag()].map((part) => part.toString('base64url'));
      return [VERSION, current.kid, ...parts].join('.');
    },
    open(sealed, place) {
      if (!isSealed(sealed)) throw new VaultError(`the secret at ${place} is not a sealed text`);
      const [, kid, iv, text, tag] = sealed.split('.') as [string, string, string, string, string];
      const key = ring.find((each) => each.kid === kid);
      if (key === undefined)
        throw new VaultError(`the secret at ${place} was sealed with master key ${kid}, which is not here`);
      try {
        const decipher = createDecipheriv('aes-256-gcm', key.bytes, Buffer.from(iv, 'base64url'), {
          authTagLength: TAG_BYTES,
        });
        decipher.setAAD(Buffer.from(place));
        decipher.setAuthTag(Buffer.from(tag, 'base64url'));
        return decipher.update(Buffer.from(text, 'base64url'), undefined, 'utf8') + decipher.final('utf8');
      } catch {
        throw new VaultError(`the secret at ${place} was changed, or belongs to another place`);
      }
    },
  };
}
