// WhatsApp by Meta's Cloud API: one business phone number.
// Not here: what comes in (read.ts) and goes out (send.ts, compose.ts).
// The one thing to know: Meta repeats what was not answered 200 for up to seven days; the ids of messages make it harmless.
import type { ChannelAdapter } from '../../engine/channel-port.ts';
import { EVENT_RECEIVED, hubHandshake } from '../../wire/meta.ts';
import { markRead } from './api.ts';
import { connect } from './connect.ts';
import { CAPABILITIES, checkConfig, FIELDS, STEPS, settingsOf } from './fields.ts';
import { locate } from './media.ts';
import { read } from './read.ts';
import { sendMessage } from './send.ts';

export const whatsappChannel: ChannelAdapter = {
  channel: 'whatsapp',
  word: 'WHATSAPP',
  title: 'WhatsApp (Cloud API)',
  fields: FIELDS,
  steps: STEPS,
  capabilities: CAPABILITIES,
  checkConfig,
  handshake: (asset, request) => hubHandshake(request, settingsOf(asset).verifyToken),
  read,
  answer: EVENT_RECEIVED,
  send: sendMessage,
  needsHeard: true,

  // WhatsApp ends the dots itself, after 25 seconds or with our message.
  async typing(asset, _address, on, _author, send, _now, heard) {
    if (on && heard) await markRead(asset, heard, true, send);
  },

  async seen(asset, _address, heard, send) {
    await markRead(asset, heard, false, send);
  },

  connect,
  locate,
};
