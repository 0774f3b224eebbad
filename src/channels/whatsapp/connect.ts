// Connecting a number: whose it is, the business account's subscription, and our URL as the number's own callback.
// Not here: sending. The one thing to know: Meta asks the callback for its challenge at once, so that a good answer shows that
// our hook can be reached and that the verify token is right.
import type { AssetConfig, Check, Send } from '../../engine/ports.ts';
import { graphExchange } from '../../wire/meta.ts';
import { type Asking, graphCheck } from '../../wire/meta-connect.ts';
import { words } from '../../wire/pick.ts';
import { lineOf } from './api.ts';
import { ruling } from './errors.ts';
import { settingsOf } from './fields.ts';

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
