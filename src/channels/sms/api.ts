// How Twilio's API is asked: Basic authentication and forms.
// Not here: what is asked and answered. The one thing to know: the auth token signs webhooks and opens the whole
// account; where an API key is given, messages go with that, and the token is used for nothing but looking at the
// account.
import type { AssetConfig, Exchange } from '../../engine/ports.ts';
import { connectionOf } from '../../wire/config.ts';
import { type Mask, maskFor } from '../../wire/mask.ts';
import { type Settings, settingsOf } from './fields.ts';

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** By the API key where there is one. */
export const sendingAuth = ({ apiKey, accountSid, authToken }: Settings): string =>
  apiKey === null ? basic(accountSid, authToken) : basic(apiKey.sid, apiKey.secret);

/** By the auth token: only so an account shows itself. */
export const accountAuth = ({ accountSid, authToken }: Settings): string => basic(accountSid, authToken);

/** A form is posted; without one it is a GET. */
export function exchangeOf(asset: AssetConfig, url: string, authorization: string, form?: URLSearchParams): Exchange {
  const headers = { authorization, accept: 'application/json' };
  if (form === undefined) return { url, method: 'GET', headers, body: '', key: connectionOf(asset) };
  const typed = { ...headers, 'content-type': 'application/x-www-form-urlencoded' };
  return { url, headers: typed, body: form.toString(), key: connectionOf(asset) };
}

export function maskOf(asset: AssetConfig): Mask {
  return maskFor(asset, () => {
    const settings = settingsOf(asset);
    const pairs = [sendingAuth(settings), accountAuth(settings)].map((header) => header.slice('Basic '.length));
    return [settings.authToken, settings.apiKey?.secret ?? null, ...pairs];
  });
}
