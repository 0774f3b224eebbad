// The key that signs links to media: made once for an instance, sealed in its database.
// Not here: the signing (media.ts). The one thing to know: with another key every link that is out there ends, and that
// is all that happens; messages name media by id.
import { randomBytes } from 'node:crypto';
import { secretPlace } from '../engine/opened.ts';
import type { Directory, Vault } from '../engine/ports.ts';

const ID = 'media';
const PLACE = secretPlace('instance', ID, 'key');

export async function mediaKey(directory: Directory, vault: Vault): Promise<Buffer> {
  const known = directory.row('instance', ID)?.data.key;
  if (typeof known === 'string') return Buffer.from(vault.open(known, PLACE), 'base64url');
  const fresh = randomBytes(32).toString('base64url');
  await directory.change([{ kind: 'instance', id: ID, data: { key: vault.seal(fresh, PLACE) } }], []);
  return Buffer.from(fresh, 'base64url');
}
