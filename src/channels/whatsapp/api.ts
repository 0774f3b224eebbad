// The requests to the Cloud API, and what else is asked of it than sending: typing, seen, media, and the set-up itself.
// Not here: what is sent (send.ts) and what an error means (errors.ts). The one thing to know: the token goes into a header,
// never into a URL; the URL has a proof made of it and the app secret, which Meta may demand and nobody can turn back.
import type { Heard, MediumPlace } from '../../engine/channel-port.ts';
import type { AssetConfig, Check, Exchange, ExchangeAnswer, Send } from '../../engine/ports.ts';
import { type Mask, maskFor } from '../../wire/mask.ts';
import { appSecretProof, graphOutcome, graphUrl, parsed } from '../../wire/meta.ts';
import { ruling } from './errors.ts';
import { type Settings, secretsOf, settingsOf } from './fields.ts';

export const maskOf = (asset: AssetConfig): Mask => maskFor(asset, () => secretsOf(settingsOf(asset)));

/** A request to Graph about one node; without a body it is a GET. */
export function exchange(
  asset: AssetConfig,
  what: { path: string[]; query?: Record<string, string>; body?: unknown },
): Exchange {
  const { token, appSecret, apiUrl, apiVersion } = settingsOf(asset);
  const query = new URLSearchParams({ ...what.query, appsecret_proof: appSecretProof(token, appSecret) });
  const post = what.body !== undefined;
  return {
    url: `${graphUrl(apiUrl, apiVersion, ...what.path)}?${query}`,
    method: post ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${token}`, ...(post ? { 'content-type': 'application/json' } : {}) },
    body: post ? JSON.stringify(what.body) : '',
    key: `${asset.id}:${asset.version}`,
  };
}

/** Without an idempotency key, giving up early saves nothing: it only makes an outcome unknown that was on its way. */
const SEND_MS = 15_000;

/** POST to the number's `messages`, where all is sent. */
export function messages(asset: AssetConfig, body: Record<string, unknown>): Exchange {
  const path = [settingsOf(asset).phoneNumberId, 'messages'];
  return { ...exchange(asset, { path, body: { messaging_product: 'whatsapp', ...body } }), timeoutMs: SEND_MS };
}

/** Shows that it was read and, if asked, three dots for up to 25 seconds: WhatsApp has no typing without a read. */
export async function markRead(asset: AssetConfig, heard: Heard, typing: boolean, send: Send): Promise<void> {
  if (heard.externalId === null) return;
  const body = { status: 'read', message_id: heard.externalId };
  await send(messages(asset, typing ? { ...body, typing_indicator: { type: 'text' } } : body));
}

// ───────────────────────────── media ─────────────────────────────

/** Of a medium's id, its short-lived address; the file is given to the same token only. */
export async function locate(asset: AssetConfig, reference: string, send: Send, now: number): Promise<MediumPlace> {
  const settings = settingsOf(asset);
  const query = { phone_number_id: settings.phoneNumberId };
  const answer = await send(exchange(asset, { path: [reference], query }));
  const found = answer.ok && answer.status === 200 ? parsed(answer.body) : null;
  if (found !== null && typeof found.url === 'string' && URL.canParse(found.url)) {
    // Meta's file servers answer a request without a user agent with an error page.
    const headers = { authorization: `Bearer ${settings.token}`, 'user-agent': 'signalbox' };
    return {
      ok: true,
      url: found.url,
      headers,
      ...(typeof found.mime_type === 'string' ? { type: found.mime_type } : {}),
    };
  }
  const { result, detail } = judged(asset, answer, now);
  return { ok: false, again: result !== 'final' && result !== 'ok', detail };
}

// ───────────────────────────── the set-up ─────────────────────────────

/** Whose number it is; the account's subscription; our URL as the number's own callback. Each says what to mend. */
export async function connect(asset: AssetConfig, send: Send, now: number): Promise<Check[]> {
  const settings = settingsOf(asset);
  const fields = 'display_phone_number,verified_name,quality_rating';
  const checks = [
    await check('credentials', exchange(asset, { path: [settings.phoneNumberId], query: { fields } }), whose),
  ];
  if (checks[0]?.ok !== true) return checks;
  if (settings.wabaId !== '') {
    const subscribe = exchange(asset, { path: [settings.wabaId, 'subscribed_apps'], body: {} });
    checks.push(await check('subscription', subscribe, () => 'Your app gets the webhooks of this business account.'));
  }
  const callback = await check('callback', callbackOf(asset, settings), () => CALLBACK);
  checks.push(callback.ok ? callback : { ...callback, detail: `${callback.detail} ${ELSE}` }, BY_HAND);
  return checks;

  async function check(
    name: string,
    asked: Exchange,
    good: (found: Record<string, unknown>) => string,
  ): Promise<Check> {
    const answer = await send(asked);
    const { result, detail } = judged(asset, answer, now);
    const ms = answer.timing.totalMs;
    const found = answer.ok && result === 'ok' ? parsed(answer.body) : null;
    return found === null ? { name, ok: false, detail, ms } : { name, ok: true, detail: good(found), ms };
  }
}

/** A number may have a callback URL of its own, which goes before the app's: Meta asks it for the challenge at once. */
function callbackOf(asset: AssetConfig, settings: Settings): Exchange {
  const webhook_configuration = { override_callback_uri: asset.hookUrl, verify_token: settings.verifyToken };
  return exchange(asset, { path: [settings.phoneNumberId], body: { webhook_configuration } });
}

const CALLBACK = 'Meta asked this callback URL for its challenge, and sends this number’s events to it.';
const ELSE = 'Mend it, or enter the callback URL and the verify token by hand in your app → WhatsApp → Configuration.';
const BY_HAND: Check = {
  name: 'fields',
  ok: true,
  detail: 'Which events are sent is chosen by hand.',
  ms: 0,
  advice:
    'In your app → WhatsApp → Configuration → Webhook fields, “messages” must be subscribed. There is no way to look from here.',
};

/** The number as people know it, from Meta's answer. */
function whose(found: Record<string, unknown>): string {
  const word = (name: string): string => (typeof found[name] === 'string' ? found[name].slice(0, 100) : '');
  const quality = word('quality_rating');
  return `It is ${word('display_phone_number')} (${word('verified_name')})${quality === '' ? '' : `, quality ${quality}`}.`;
}

const judged = (asset: AssetConfig, answer: ExchangeAnswer, now: number) =>
  graphOutcome(answer, { mask: maskOf(asset), now, ruling });
