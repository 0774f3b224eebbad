// Where sealed secrets stand in configuration documents, and sealing them anew.
// Not here: the sealing itself (src/settings/secrets.ts).
// The one thing to know: a secret's place is kind/id/field (src/engine/opened.ts); the field is the document's
// own top field, however deep the secret stands, and inside `config` it is `config.NAME`.

import { secretPlace } from '../engine/opened.ts';
import type { Vault } from '../engine/ports.ts';
import type { ConfigKind } from '../engine/store-port.ts';
import { isSealed } from '../settings/secrets.ts';

export type SealedText = { sealed: string; place: string };

/** Every sealed text of a document. */
export function sealedTexts(kind: ConfigKind, id: string, data: Record<string, unknown>): SealedText[] {
  const found: SealedText[] = [];
  mapSealed(kind, id, data, (each) => {
    found.push(each);
    return each.sealed;
  });
  return found;
}

/** The document with every secret sealed anew: opened with `vault`, which seals with its newest key. */
export function resealed(
  kind: ConfigKind,
  id: string,
  data: Record<string, unknown>,
  vault: Vault,
): Record<string, unknown> {
  return mapSealed(kind, id, data, ({ sealed, place }) => vault.seal(vault.open(sealed, place), place));
}

function mapSealed(
  kind: ConfigKind,
  id: string,
  data: Record<string, unknown>,
  change: (each: SealedText) => string,
): Record<string, unknown> {
  const walk = (value: unknown, place: string): unknown => {
    if (typeof value === 'string') return isSealed(value) ? change({ sealed: value, place }) : value;
    if (Array.isArray(value)) return value.map((item) => walk(item, place));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, walk(item, place)]));
  };
  const fields = (of: object, prefix: string): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(of).map(([field, value]) => {
        const nested = prefix === '' && field === 'config' && typeof value === 'object' && value !== null;
        return [field, nested ? fields(value, 'config.') : walk(value, secretPlace(kind, id, prefix + field))];
      }),
    );
  return fields(data, '');
}
