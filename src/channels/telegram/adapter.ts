// Telegram: bots of the Bot API, whose customers are the people in their private chats.
// Not here: what comes in (read.ts) and goes out (send.ts). The one thing to know: Telegram tells bots of no delivery and
// no reading, so a message that it took is all that is ever known of it.
import type { ChannelAdapter } from '../../engine/channel-port.ts';
import { call } from './api.ts';
import { connect } from './connect.ts';
import { CAPABILITIES, checkConfig, FIELDS, STEPS } from './fields.ts';
import { locate } from './media.ts';
import { read } from './read.ts';
import { sendMessage } from './send.ts';

export const telegramChannel: ChannelAdapter = {
  channel: 'telegram',
  word: 'TELEGRAM',
  title: 'Telegram',
  fields: FIELDS,
  steps: STEPS,
  capabilities: CAPABILITIES,
  checkConfig,
  read,
  send: sendMessage,

  /** It is shown for five seconds, or until the next message; there is no way to end it. */
  async typing(asset, address, on, _author, send) {
    if (on) await send(call(asset, 'sendChatAction', { chat_id: Number(address), action: 'typing' }));
  },

  connect,
  locate,
};
