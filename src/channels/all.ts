// Every channel that this program speaks: one line each.
// Not here: anything about a channel, which is in its folder. The one thing to know: what stands here is offered by the
// API and the console, and is held to the contract test of all channels (contract.test.ts).
import type { ChannelAdapter } from '../engine/ports.ts';
import { httpChannel } from './http/adapter.ts';
import { instagramChannel } from './instagram/adapter.ts';
import { lineChannel } from './line/adapter.ts';
import { messengerChannel } from './messenger/adapter.ts';
import { smsChannel } from './sms/adapter.ts';
import { telegramChannel } from './telegram/adapter.ts';
import { webchatChannel } from './webchat/adapter.ts';
import { whatsappChannel } from './whatsapp/adapter.ts';

export const CHANNELS: readonly ChannelAdapter[] = [
  httpChannel,
  webchatChannel,
  telegramChannel,
  messengerChannel,
  instagramChannel,
  smsChannel,
  whatsappChannel,
  lineChannel,
];
