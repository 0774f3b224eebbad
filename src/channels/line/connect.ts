// Connecting an Official Account: whose token it is, our hook entered at LINE, switched on, and tried by LINE itself.
// Not here: sending. The one thing to know: LINE's own try is signed with the channel secret and comes to our hook, so
// it shows that the secret is right as well, which no other request could.
import type { AssetConfig, Check, ExchangeAnswer, Send } from '../../engine/ports.ts';
import { objectOf } from '../../wire/json.ts';
import type { Mask } from '../../wire/mask.ts';
import { whole, words } from '../../wire/pick.ts';
import { quoted } from '../../wire/ruling.ts';
import { checkOf, isGood, type Verdict } from '../../wire/verification.ts';
import { call, get, maskOf } from './api.ts';
import { WRONG_TOKEN } from './errors.ts';
import { settingsOf } from './fields.ts';

type Object = Record<string, unknown>;

export async function connect(asset: AssetConfig, send: Send): Promise<Check[]> {
  const { api } = settingsOf(asset);
  const check = (name: string, answer: ExchangeAnswer, say: (said: Object) => Verdict): Check => {
    const refused = { ok: false, detail: whyNot(answer, maskOf(asset)) };
    return checkOf(name, answer, isGood(answer) ? say(objectOf(answer)) : refused);
  };

  const credentials = check('credentials', await send(get(asset, `${api}/bot/info`)), ofAccount);
  if (!credentials.ok) return [credentials];
  const endpoint = { endpoint: asset.hookUrl };
  const put = await send(call(asset, '/bot/channel/webhook/endpoint', endpoint, { method: 'PUT' }));
  const webhook = check('webhook', put, () => ({ ok: true, detail: `LINE sends events to ${asset.hookUrl}.` }));
  if (!webhook.ok) return [credentials, webhook];
  const active = check('use webhook', await send(get(asset, `${api}/bot/channel/webhook/endpoint`)), ofSwitch);
  const tried = check('webhook test', await send(call(asset, '/bot/channel/webhook/test', endpoint)), ofTest);
  return [credentials, webhook, active, tried];
}

function ofAccount(said: Object): Verdict {
  const detail = `The token is good: it is that of ${words(said.displayName, 100)} (${words(said.basicId, 64)}).`;
  if (said.chatMode !== 'chat') return { ok: true, detail };
  const advice = 'Chat is on in the Official Account Manager: what people write there is not told to us.';
  return { ok: true, detail, advice };
}

function ofSwitch(said: Object): Verdict {
  if (said.active === true) return { ok: true, detail: 'Webhooks are switched on.' };
  const detail = 'Webhooks are switched off: switch on “Use webhook” in the Developers Console under Messaging API.';
  return { ok: false, detail };
}

function ofTest(said: Object): Verdict {
  if (said.success === true) return { ok: true, detail: 'LINE tried the webhook, and it answered well.' };
  const status = whole(said.statusCode) ?? 0;
  if (status === 401) {
    const detail =
      'LINE’s signature did not fit: copy the channel secret again from Basic settings in the Developers Console.';
    return { ok: false, detail };
  }
  const why = [words(said.reason, 100), words(said.detail, 200)].filter((part) => part !== '').join(': ');
  const detail = `LINE could not reach the webhook (${why}). It must be reachable from the internet by https: set SIGNALBOX_PUBLIC_URL.`;
  return { ok: false, detail };
}

function whyNot(answer: ExchangeAnswer, mask: Mask): string {
  if (!answer.ok) return mask(answer.detail);
  if (answer.status === 401) return WRONG_TOKEN;
  const said = quoted(mask, objectOf(answer).message);
  const why = said === '' ? '' : `: ${said}`;
  if (answer.status === 400) return `LINE does not take the address${why}. It must be https: set SIGNALBOX_PUBLIC_URL.`;
  if (answer.status === 429) return `LINE was asked too often${why}. Verify again in a minute.`;
  return `LINE answered ${answer.status}${why}.`;
}
