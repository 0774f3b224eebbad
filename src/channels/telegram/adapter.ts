// Telegram: bots of the Bot API, whose customers are the people in their private chats.
// Not here: what is read (read.ts), what is sent (send.ts) and how it ended (errors.ts). The one thing to know: Telegram
// tells bots of no delivery and no reading, so a message that it took is all that is ever known of it.
import type { MediumPlace } from '../../engine/channel-port.ts';
import type { AssetConfig, ChannelAdapter, Send } from '../../engine/ports.ts';
import { MAX_URL } from '../../wire/fields.ts';
import { isObject } from '../../wire/json.ts';
import { nowhere, SEND_MS, unsupported } from '../../wire/outcome.ts';
import { words } from '../../wire/pick.ts';
import { final, quoted, ruled, sourceOf } from '../../wire/ruling.ts';
import { call, fileUrl, maskOf, saidIn } from './api.ts';
import { connect } from './connect.ts';
import { outcomeOfCall } from './errors.ts';
import { CAPABILITIES, checkConfig, FIELDS, STEPS } from './fields.ts';
import { read } from './read.ts';
import { callFor } from './send.ts';

export const telegramChannel: ChannelAdapter = {
  channel: 'telegram',
  word: 'TELEGRAM',
  title: 'Telegram',
  fields: FIELDS,
  steps: STEPS,
  capabilities: CAPABILITIES,
  checkConfig,
  read,

  async send(asset, item, _facts, send, now) {
    const { message } = item;
    if (item.delivery.kind !== 'message' || message === null) return unsupported(item.delivery.kind);
    const made = callFor(message, item.thread?.address ?? '');
    if ('reason' in made) return made;
    const exchange = { ...call(asset, made.method, made.parameters), timeoutMs: SEND_MS };
    return outcomeOfCall(asset, await send(exchange), now);
  },

  /** It is shown for five seconds, or until the next message; there is no way to end it. */
  async typing(asset, address, on, _author, send) {
    if (on) await send(call(asset, 'sendChatAction', { chat_id: Number(address), action: 'typing' }));
  },

  connect,
  locate,
};

async function locate(asset: AssetConfig, reference: string, send: Send, now: number): Promise<MediumPlace> {
  const answer = await send(call(asset, 'getFile', { file_id: reference }));
  const said = saidIn(answer);
  if (said?.ok !== true) {
    const outcome = outcomeOfCall(asset, answer, now);
    if (said === null || outcome.result !== 'final') return nowhere(outcome);
    const source = sourceOf('Telegram', null, quoted(maskOf(asset), said.description));
    return nowhere(ruled(outcome, final('rejected', 'Telegram does not give the file.'), { source }));
  }
  const path = isObject(said.result) ? words(said.result.file_path, MAX_URL) : '';
  // A server of one's own may name a place on its own disk, which is not told over HTTP.
  if (!/^[\w.-]+(\/[\w.-]+)*$/.test(path) || path.split('/').includes('..')) {
    const detail = 'The Bot API server names no file that can be fetched. Run it without --local.';
    return { ok: false, again: false, detail };
  }
  return { ok: true, url: fileUrl(asset, path), headers: {} };
}
