// Real requests that show whether the credentials are good, and that point the number at our hook where it is the
// account's.
// Not here: sending. The one thing to know: the auth token is checked even when an API key sends, since webhooks are
// signed with it; what Twilio has no such request for (WhatsApp senders, Messaging Services) is said as advice, and
// done by hand.
import type { AssetConfig, Check, ExchangeAnswer, Send } from '../../engine/ports.ts';
import { isObject, objectOf } from '../../wire/json.ts';
import { words } from '../../wire/pick.ts';
import { quoted } from '../../wire/ruling.ts';
import { checkOf, isGood, type Verdict } from '../../wire/verification.ts';
import { accountAuth, exchangeOf, maskOf, sendingAuth } from './api.ts';
import { OVERRIDES, settingsOf } from './fields.ts';

export async function connect(asset: AssetConfig, send: Send): Promise<Check[]> {
  const settings = settingsOf(asset);
  const account = await send(exchangeOf(asset, `${settings.account}.json`, accountAuth(settings)));
  const checks = [checkOf('credentials', account, ofAccount(asset, account))];
  if (settings.apiKey !== null) {
    // Standard keys may not look at the account itself; all of them may look at messages.
    const url = `${settings.account}/Messages.json?PageSize=1`;
    const answer = await send(exchangeOf(asset, url, sendingAuth(settings)));
    const good: Verdict = { ok: true, detail: 'The API key may use messages.' };
    checks.push(checkOf('api key', answer, isGood(answer) ? good : refusal(asset, answer, 'make a new API key')));
  }
  if (checks.some(({ ok }) => !ok)) return checks;
  return [...checks, ...(await checkSender(asset, send))];
}

function ofAccount(asset: AssetConfig, answer: ExchangeAnswer): Verdict {
  if (!isGood(answer))
    return refusal(asset, answer, 'copy the Account SID and auth token again from the first page of the Console');
  const { friendly_name: name, status, type } = objectOf(answer);
  const who = `The account “${words(name, 100)}”`;
  if (status !== 'active')
    return { ok: false, detail: `${who} is ${words(status, 30) || 'not active'}: Twilio sends nothing for it.` };
  const advice =
    type === 'Trial' ? { advice: 'A trial account sends only to numbers that were verified at Twilio.' } : {};
  return { ok: true, detail: `${who} is active.`, ...advice };
}

/** The sender's own checks; a number of this account gets our hook as the place where its messages go. */
async function checkSender(asset: AssetConfig, send: Send): Promise<Check[]> {
  const { from, messagingServiceSid, account, apiKey } = settingsOf(asset);
  const byHand = (what: string): Check[] => [
    { name: 'webhook', ok: true, detail: `${what} is set up by hand.`, advice: paste(asset), ms: 0 },
  ];
  if (messagingServiceSid !== null) return byHand('A Messaging Service');
  if (from === null || !from.startsWith('+'))
    return byHand(from?.startsWith('whatsapp:') ? 'A WhatsApp sender' : 'A short code');
  const auth = apiKey === null ? accountAuth(settingsOf(asset)) : sendingAuth(settingsOf(asset));
  const list = await send(
    exchangeOf(asset, `${account}/IncomingPhoneNumbers.json?PhoneNumber=${encodeURIComponent(from)}`, auth),
  );
  if (!isGood(list)) return [checkOf('number', list, refusal(asset, list, 'check the number'))];
  const numbers = objectOf(list).incoming_phone_numbers;
  const number = (Array.isArray(numbers) ? numbers : []).filter(isObject).find((each) => each.phone_number === from);
  const sid = words(number?.sid, 64);
  if (number === undefined || !/^PN[0-9a-fA-F]{32}$/.test(sid)) {
    return [checkOf('number', list, { ok: false, detail: `${from} is no number of this account: check From.` })];
  }
  const can = isObject(number.capabilities) && number.capabilities.sms === true;
  const found = checkOf(
    'number',
    list,
    can
      ? { ok: true, detail: `${from} can send and receive SMS.` }
      : { ok: false, detail: `${from} has no SMS: choose another number.` },
  );
  if (!can) return [found];
  const form = new URLSearchParams({ SmsUrl: `${asset.hookUrl}${OVERRIDES}`, SmsMethod: 'POST' });
  const set = await send(exchangeOf(asset, `${account}/IncomingPhoneNumbers/${sid}.json`, auth, form));
  return [found, checkOf('webhook', set, ofWebhook(asset, set, words(number.sms_url, 500)))];
}

function ofWebhook(asset: AssetConfig, answer: ExchangeAnswer, before: string): Verdict {
  if (!isGood(answer))
    return refusal(asset, answer, 'look at the public URL of this server, which Twilio must be able to reach');
  const moved = before === '' || before.split('#')[0] === asset.hookUrl ? '' : ' It went to another address before.';
  const detail = `Twilio brings the number’s messages to this asset now.${moved}`;
  const application = words(objectOf(answer).sms_application_sid, 64);
  if (application === '') return { ok: true, detail };
  return {
    ok: true,
    detail,
    advice:
      'A TwiML App is set for this number and wins over the webhook: take it away at Twilio, or put the hook URL into the app.',
  };
}

const paste = (asset: AssetConfig): string =>
  `Paste this address at Twilio as the webhook for incoming messages, HTTP POST: ${asset.hookUrl}${OVERRIDES}`;

function refusal(asset: AssetConfig, answer: ExchangeAnswer, remedy: string): Verdict {
  if (!answer.ok) return { ok: false, detail: answer.detail };
  if (answer.status === 401) return { ok: false, detail: `Twilio does not accept them (401): ${remedy}.` };
  const said = quoted(maskOf(asset), objectOf(answer).message);
  return { ok: false, detail: `Twilio answered ${answer.status}${said === '' ? '' : `: ${said}`} – ${remedy}.` };
}
