// A call of the Bot API: the request, and what its answer says.
// Not here: which calls are made. The one thing to know: the token stands in the URL, so no URL is ever shown or
// logged, and everything that Telegram says goes through the mask before anybody sees it.
import type { AssetConfig, Exchange, ExchangeAnswer } from '../../engine/ports.ts';
import { connectionOf } from '../../wire/config.ts';
import { isObject, objectOf } from '../../wire/json.ts';
import { type Mask, maskFor } from '../../wire/mask.ts';
import { whole, words } from '../../wire/pick.ts';
import { settingsOf } from './fields.ts';

/** POST of a method's parameters as JSON. */
export function call(asset: AssetConfig, method: string, parameters: Record<string, unknown>): Exchange {
  const { base, token } = settingsOf(asset);
  return {
    url: `${base}/bot${token}/${method}`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(parameters),
    key: connectionOf(asset),
  };
}

/** Where a file of the Bot API lies; the token is in it. */
export function fileUrl(asset: AssetConfig, path: string): string {
  const { base, token } = settingsOf(asset);
  return `${base}/file/bot${token}/${path.split('/').map(encodeURIComponent).join('/')}`;
}

/** What Telegram answered: `{ok: true, result}` or `{ok: false, error_code, description, parameters}`; null: neither. */
export type Said =
  | { ok: true; result: unknown }
  | { ok: false; code: number; description: string; retryAfterS: number | undefined; movedTo: number | undefined };

export function saidIn(answer: ExchangeAnswer): Said | null {
  const value = objectOf(answer);
  if (value.ok === true) return { ok: true, result: value.result };
  if (value.ok !== false) return null;
  const parameters = isObject(value.parameters) ? value.parameters : {};
  return {
    ok: false,
    code: whole(value.error_code) ?? 0,
    description: words(value.description),
    retryAfterS: whole(parameters.retry_after),
    movedTo: whole(parameters.migrate_to_chat_id),
  };
}

export function maskOf(asset: AssetConfig): Mask {
  const { token, secretToken } = settingsOf(asset);
  return maskFor(asset, () => [token, secretToken, ...asset.secrets, ...asset.signingSecrets]);
}

/** Ids of messages count per chat: both make the key by which a message is known here. */
export const messageKey = (chat: number, message: number): string => `${chat}:${message}`;
