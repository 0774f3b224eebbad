// Telegram as the console, the API and docs/channels.md know it: what is asked for, what is done by hand, what it can do.
// Not here: what is read (read.ts) and sent (send.ts). The one thing to know: limits are the Bot API's own
// (core.telegram.org/bots/api, version 10.1); the server may be another, for whoever runs their own.
import type { Capabilities, ChannelField, SetupStep } from '../../engine/channel-port.ts';
import type { AssetConfig } from '../../engine/ports.ts';
import { baseIn, configOf, textIn } from '../../wire/config.ts';
import type { Limits } from '../../wire/fits.ts';

export const FIELDS: ChannelField[] = [
  {
    name: 'token',
    label: 'Bot token',
    kind: 'secret',
    required: true,
    help: '@BotFather shows it when you create the bot, and again under /mybots, API Token. It looks like 123456789:AAB….',
  },
  {
    name: 'secret_token',
    label: 'Secret token',
    kind: 'secret',
    required: false,
    generated: true,
    help: 'Telegram sends it with every update, which proves that the update is from Telegram. Leave it empty: one is made, and told to Telegram for you.',
  },
  {
    name: 'api_url',
    label: 'Bot API server',
    kind: 'url',
    required: false,
    default: 'https://api.telegram.org',
    help: 'Change it only if you run a Bot API server of your own.',
  },
];

export const STEPS: SetupStep[] = [
  {
    title: 'Create the bot',
    text: 'Write /newbot to @BotFather in Telegram, and give the bot a name and a user name. Copy the token that it answers with.',
    copy: '/newbot',
  },
  {
    title: 'Keep it out of groups',
    text: 'Only private chats are read. Write /setjoingroups to @BotFather, choose the bot, then Disable.',
    copy: '/setjoingroups',
  },
  {
    title: 'Connect',
    text: 'Enter the token and verify the channel: the webhook {hook_url} is registered at Telegram for you. A bot has one webhook only; another program that used this bot gets nothing any more.',
  },
  {
    title: 'Try it',
    text: 'Open the bot in Telegram, press Start and write something.',
  },
];

const TEXT_MAX = 4096;
export const CAPTION_MAX = 1024;
/** Bytes of a button's `callback_data`. */
const PAYLOAD_BYTES_MAX = 64;
/** Media of one album. */
const ALBUM_MAX = 10;
/** Telegram names no limit for a button's words; longer ones are cut by its apps. */
const TITLE_MAX = 256;
/** Of one message's keyboard. */
const BUTTONS_MAX = 100;

export const CAPABILITIES: Capabilities = {
  receipts: { accepted: true, delivered: false, read: false, failed: false },
  sends: ['text', 'image', 'video', 'audio', 'file', 'location', 'contact', 'sticker'],
  quickReplies: { max: BUTTONS_MAX, titleMax: TITLE_MAX, payloadMax: PAYLOAD_BYTES_MAX },
  text: { max: TEXT_MAX, unit: 'utf16' },
  typing: true,
  seen: false,
  windowHours: null,
  idempotent: false,
  echoes: false,
};

/** What is looked at before a message leaves. */
export const LIMITS: Limits = { ...CAPABILITIES, title: 'Telegram', media: ALBUM_MAX, payloadUnit: 'bytes' };

/** The token stands in a path, and Telegram takes no other secret tokens. */
export const checkConfig = configOf(FIELDS, {
  token: /^\d{1,20}:[A-Za-z0-9_-]{1,200}$/,
  secret_token: /^[A-Za-z0-9_-]{1,256}$/,
});

export type Settings = { token: string; secretToken: string; base: string };

export function settingsOf({ config }: AssetConfig): Settings {
  return {
    token: textIn(config, 'token'),
    secretToken: textIn(config, 'secret_token'),
    base: baseIn(config, 'api_url'),
  };
}
