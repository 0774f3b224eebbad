// Connecting a bot: whose token it is, our hook registered at Telegram, and how its updates have fared.
// Not here: the adapter's face. The one thing to know: three real calls, each a check of its own with a sentence that says
// what to change; updates that wait at Telegram are kept, for they are customers' words.
import type { AssetConfig, Check, ExchangeAnswer, Send } from '../../engine/ports.ts';
import { isObject } from '../../wire/json.ts';
import type { Mask } from '../../wire/mask.ts';
import { line, moment, whole, words } from '../../wire/pick.ts';
import { quoted } from '../../wire/ruling.ts';
import { checkOf } from '../../wire/verification.ts';
import { call, maskOf, type Said, saidIn } from './api.ts';
import { WRONG_TOKEN } from './errors.ts';
import { settingsOf } from './fields.ts';

/** What we read; Telegram sends nothing else then. */
export const UPDATES = ['message', 'edited_message', 'callback_query', 'message_reaction', 'my_chat_member'];
/** An older failure was mended since. */
const RECENT_MS = 3_600_000;

type Asked = { answer: ExchangeAnswer; said: Said | null };

export async function connect(asset: AssetConfig, send: Send, now: number): Promise<Check[]> {
  const mask = maskOf(asset);
  const ask = async (method: string, parameters: Record<string, unknown>): Promise<Asked> => {
    const answer = await send(call(asset, method, parameters));
    return { answer, said: saidIn(answer) };
  };
  const check = (name: string, { answer, said }: Asked, detail: (result: unknown) => string): Check => {
    const good = said?.ok ? { ok: true, detail: mask(detail(said.result)) } : null;
    return checkOf(name, answer, good ?? { ok: false, detail: whyNot(answer, said, mask) });
  };

  const me = await ask('getMe', {});
  const credentials = check('credentials', me, ownerOf);
  if (!credentials.ok) return [credentials];
  const { secretToken } = settingsOf(asset);
  if (secretToken === '') return [credentials, NO_SECRET];
  const set = await ask('setWebhook', { url: asset.hookUrl, secret_token: secretToken, allowed_updates: UPDATES });
  const webhook = check('webhook', set, () => `Telegram sends updates to ${asset.hookUrl}.`);
  if (!webhook.ok) return [credentials, webhook];
  return [credentials, webhook, updates(await ask('getWebhookInfo', {}))];

  function updates(info: Asked): Check {
    const plain = check('updates', info, waiting);
    const { result } = info.said?.ok ? info.said : { result: null };
    if (!plain.ok || !isObject(result)) return plain;
    if (result.url !== asset.hookUrl) {
      return {
        ...plain,
        ok: false,
        detail: 'Telegram has another webhook now: another program uses this bot too. Let it stop.',
      };
    }
    const trouble = quoted(mask, result.last_error_message);
    const at = moment(result.last_error_date) ?? 0;
    return trouble === '' || at < now - RECENT_MS ? plain : { ...plain, advice: troubled(trouble, at) };
  }
}

const NO_SECRET: Check = {
  name: 'webhook',
  ok: false,
  detail:
    'The channel has no secret token: without it nobody could tell that an update is from Telegram. Enter one, or save the channel again to have one made.',
  ms: 0,
};

function ownerOf(me: unknown): string {
  const bot = isObject(me) ? me : {};
  return `The token is good: it is that of @${words(bot.username, 64)} (${line(bot.first_name)}).`;
}

function waiting(info: unknown): string {
  const count = (isObject(info) ? whole(info.pending_update_count) : undefined) ?? 0;
  return count === 0 ? 'No update waits at Telegram.' : `${count} updates wait at Telegram and come now.`;
}

const troubled = (said: string, at: number): string =>
  `Telegram could not deliver at ${new Date(at).toISOString()}: ${said}. Look at this server's public address and certificate.`;

function whyNot(answer: ExchangeAnswer, said: Said | null, mask: Mask): string {
  if (!answer.ok) return mask(answer.detail);
  if (said === null || said.ok) {
    return `Answered ${answer.status}, but not in the words of Telegram. Look at the address of the Bot API server.`;
  }
  if (said.code === 401 || said.code === 404) return WRONG_TOKEN;
  const words = quoted(mask, said.description);
  if (/HTTPS|\bports?\b|resolve|IP address/i.test(said.description)) {
    return `Telegram does not take the webhook: ${words}. It must be reachable from the internet by https on port 443, 80, 88 or 8443: set SIGNALBOX_PUBLIC_URL.`;
  }
  if (said.code === 429) return `Telegram asks to wait ${said.retryAfterS ?? 'some'} seconds. Verify again then.`;
  return `Telegram refused: ${words}.`;
}
