// How LINE's API is asked: a bearer token and JSON.
// Not here: what is asked and answered. The one thing to know: the retry key of a push is made of our message's id, so
// that the same message has the same key in every try, after a restart too.
import { createHash } from 'node:crypto';
import type { AssetConfig, Exchange } from '../../engine/ports.ts';
import { connectionOf } from '../../wire/config.ts';
import { type Mask, maskFor } from '../../wire/mask.ts';
import { settingsOf } from './fields.ts';

export function bearer(asset: AssetConfig): { authorization: string } {
  return { authorization: `Bearer ${settingsOf(asset).token}` };
}

export function get(asset: AssetConfig, url: string): Exchange {
  return { url, method: 'GET', headers: bearer(asset), body: '', key: connectionOf(asset) };
}

/** `path` begins below the version, e.g. `/bot/info`. */
export function call(
  asset: AssetConfig,
  path: string,
  payload: unknown,
  more: { method?: 'POST' | 'PUT'; headers?: Record<string, string> } = {},
): Exchange {
  return {
    url: `${settingsOf(asset).api}${path}`,
    method: more.method ?? 'POST',
    headers: { ...bearer(asset), 'content-type': 'application/json', ...more.headers },
    body: JSON.stringify(payload),
    key: connectionOf(asset),
  };
}

/** Ours alone, of no meaning: names made in it are nobody else's. */
const NAMESPACE = Buffer.from('6f2b7a0d4c1e4f6f9a35d8b1c07e52ab', 'hex');

/** A UUID made of a name (version 5, RFC 9562): LINE takes any UUID. */
export function retryKeyOf(messageId: string): string {
  const bytes = createHash('sha1').update(NAMESPACE).update(messageId).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

export function maskOf(asset: AssetConfig): Mask {
  return maskFor(asset, () => {
    const { channelSecret, token } = settingsOf(asset);
    return [channelSecret, token];
  });
}
