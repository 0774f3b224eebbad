// LINE: an Official Account, by the Messaging API.
// Not here: what comes in (read.ts) and goes out (send.ts). The one thing to know: LINE takes a retry key with every
// push, so a message is never sent twice and never unknown; and it tells nothing of what became of it.
import type { ChannelAdapter } from '../../engine/channel-port.ts';
import { call } from './api.ts';
import { connect } from './connect.ts';
import { CAPABILITIES, checkConfig, FIELDS, STEPS } from './fields.ts';
import { locate } from './media.ts';
import { read } from './read.ts';
import { takeReadToken } from './read-tokens.ts';
import { sendMessage } from './send.ts';

/** The dots are shown for so long, or until the next message; 5 to 60, in steps of 5. */
const TYPING_S = 20;

export const lineChannel: ChannelAdapter = {
  channel: 'line',
  word: 'LINE',
  title: 'LINE',
  fields: FIELDS,
  steps: STEPS,
  capabilities: CAPABILITIES,
  checkConfig,
  read,
  answer: { status: 200, type: 'application/json', body: '{}' },
  send: sendMessage,

  async typing(asset, address, on, _author, send) {
    if (on) await send(call(asset, '/bot/chat/loading/start', { chatId: address, loadingSeconds: TYPING_S }));
  },

  async seen(asset, _address, heard, send) {
    const token = heard.externalId === null ? undefined : takeReadToken(asset.id, heard.externalId);
    if (token !== undefined) await send(call(asset, '/bot/chat/markAsRead', { markAsReadToken: token }));
  },

  connect,
  locate,
};
