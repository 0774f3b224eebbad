// SMS, MMS and WhatsApp by Twilio.
// Not here: what comes in (read.ts) and goes out (send.ts). The one thing to know: a sender of any of Twilio's networks
// is this channel, told by its customers' addresses (`+15550100`, `whatsapp:+15550100`), and its bots read `SMS`.
import type { ChannelAdapter } from '../../engine/channel-port.ts';
import { connect } from './connect.ts';
import { CAPABILITIES, checkConfig, FIELDS, STEPS } from './fields.ts';
import { locate } from './media.ts';
import { read } from './read.ts';
import { sendMessage } from './send.ts';

export const smsChannel: ChannelAdapter = {
  channel: 'sms',
  word: 'SMS',
  title: 'SMS (Twilio)',
  fields: FIELDS,
  steps: STEPS,
  capabilities: CAPABILITIES,
  checkConfig,
  read,
  /** No words of our own: what we say goes out by the API. */
  answer: { status: 200, type: 'text/xml', body: '<Response/>' },
  send: sendMessage,
  /** for WhatsApp's window */
  needsHeard: true,
  connect,
  locate,
};
