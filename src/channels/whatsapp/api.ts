// The requests to the Cloud API, and what else is asked of it than sending: typing, seen, media, and the set-up itself.
// Not here: what is sent (send.ts) and what an error means (errors.ts). The one thing to know: the token goes into a header,
// never into a URL; the URL has a proof made of it and the app secret, which Meta may demand and nobody can turn back.
import type { Heard, MediumPlace } from '../../engine/channel-port.ts';
import type { AssetConfig, Check, Exchange, Send } from '../../engine/ports.ts';
import { textIn } from '../../wire/config.ts';
import { objectOf } from '../../wire/json.ts';
import { appSecretProof, graphExchange, graphOutcome, type MetaLine, metaMask } from '../../wire/meta.ts';
import { type Asking, graphCheck } from '../../wire/meta-connect.ts';
import { nowhere } from '../../wire/outcome.ts';
import { mediaType, words } from '../../wire/pick.ts';
import { notIn, ruled } from '../../wire/ruling.ts';
import { ruling } from './errors.ts';
import { settingsOf } from './fields.ts';

const SECRETS = ['access_token', 'app_secret', 'verify_token'];

export function lineOf(asset: AssetConfig): MetaLine {
  const token = textIn(asset.config, 'access_token');
  const secret = textIn(asset.config, 'app_secret');
  return {
    base: textIn(asset.config, 'api_url'),
    version: textIn(asset.config, 'api_version'),
    id: textIn(asset.config, 'phone_number_id'),
    token,
    proofSecret: secret,
    mask: metaMask(asset, SECRETS, [appSecretProof(token, secret)]),
  };
}

/** POST to the number's `messages`, where all is sent. */
export function messages(asset: AssetConfig, line: MetaLine, body: Record<string, unknown>): Exchange {
  return graphExchange(asset, line, [line.id, 'messages'], { body: { messaging_product: 'whatsapp', ...body } });
}

/** Shows that it was read and, if asked, three dots for up to 25 seconds: WhatsApp has no typing without a read. */
export async function markRead(asset: AssetConfig, heard: Heard, typing: boolean, send: Send): Promise<void> {
  if (heard.externalId === null) return;
  const body = { status: 'read', message_id: heard.externalId };
  const more = typing ? { typing_indicator: { type: 'text' } } : {};
  await send(messages(asset, lineOf(asset), { ...body, ...more }));
}

// ───────────────────────────── media ─────────────────────────────

/** Of a medium's id, its short-lived address; the file is given to the same token only. */
export async function locate(asset: AssetConfig, reference: string, send: Send, now: number): Promise<MediumPlace> {
  const line = lineOf(asset);
  const answer = await send(graphExchange(asset, line, [reference], { query: { phone_number_id: line.id } }));
  const outcome = graphOutcome(answer, { mask: line.mask, now, ruling });
  if (outcome.result !== 'ok') return nowhere(outcome);
  const { url, mime_type } = objectOf(answer);
  if (typeof url !== 'string' || !URL.canParse(url)) return nowhere(ruled(outcome, notIn('Meta')));
  // Meta's file servers answer a request without a user agent with an error page.
  const headers = { authorization: `Bearer ${line.token}`, 'user-agent': 'signalbox' };
  const type = mediaType(mime_type, '');
  return { ok: true, url, headers, ...(type === '' ? {} : { type }) };
}

// ───────────────────────────── the set-up ─────────────────────────────

/** Whose number it is; the account's subscription; our URL as the number's own callback. Each says what to mend. */
export async function connect(asset: AssetConfig, send: Send, now: number): Promise<Check[]> {
  const { wabaId, verifyToken } = settingsOf(asset);
  const line = lineOf(asset);
  const by: Asking = { send, now, line, ruling };
  const fields = 'display_phone_number,verified_name,quality_rating';
  const number = graphExchange(asset, line, [line.id], { query: { fields } });
  const credentials = await graphCheck('credentials', number, by, (found) => ({ ok: true, detail: whose(found) }));
  if (!credentials.ok) return [credentials];
  const checks = [credentials];
  if (wabaId !== '') {
    const subscribe = graphExchange(asset, line, [wabaId, 'subscribed_apps'], { body: {} });
    checks.push(await graphCheck('subscription', subscribe, by, () => ({ ok: true, detail: SUBSCRIBED })));
  }
  // A number may have a callback URL of its own, which goes before the app's: Meta asks it for the challenge at once.
  const webhook_configuration = { override_callback_uri: asset.hookUrl, verify_token: verifyToken };
  const set = graphExchange(asset, line, [line.id], { body: { webhook_configuration } });
  const webhook = await graphCheck('webhook', set, by, () => ({ ok: true, detail: CALLBACK }));
  return [...checks, webhook.ok ? webhook : { ...webhook, detail: `${webhook.detail} ${ELSE}` }, BY_HAND];
}

const SUBSCRIBED = 'Your app gets the webhooks of this business account.';
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
function whose({ display_phone_number: number, verified_name: name, quality_rating }: Record<string, unknown>): string {
  const quality = words(quality_rating, 100);
  return `It is ${words(number, 100)} (${words(name, 100)})${quality === '' ? '' : `, quality ${quality}`}.`;
}
