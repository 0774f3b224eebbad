// What the LINE Developers Console shows and we ask for, what is to be done there by hand, and what the channel can do.
// Not here: any request. The one thing to know: a customer is a user of LINE in a chat of two with the Official
// Account; groups are no customers and are left alone.
import type { Capabilities, ChannelField, SetupStep } from '../../engine/channel-port.ts';
import type { AssetConfig } from '../../engine/ports.ts';
import { baseIn, configOf, textIn } from '../../wire/config.ts';
import type { Limits } from '../../wire/fits.ts';

/** LINE counts UTF-16 units. */
const MAX_TEXT = 5000;
/** One push has at most so many messages. */
export const MAX_MESSAGES = 5;
/** Of a place's title and address. */
export const MAX_PLACE = 100;
/** Of a link to a picture. */
export const MAX_LINK = 2000;

export const FIELDS: ChannelField[] = [
  {
    name: 'channel_secret',
    label: 'Channel secret',
    kind: 'secret',
    required: true,
    help: 'LINE Developers Console → your provider → your Messaging API channel → Basic settings. LINE signs its webhooks with it.',
  },
  {
    name: 'channel_access_token',
    label: 'Channel access token (long-lived)',
    kind: 'secret',
    required: true,
    help: 'The same channel → Messaging API, at the bottom: Issue.',
  },
  {
    name: 'api_url',
    label: 'API base URL',
    kind: 'url',
    required: false,
    help: 'With the version. Another one only for a stand-in.',
    default: 'https://api.line.me/v2',
  },
  {
    name: 'data_url',
    label: 'Data API base URL',
    kind: 'url',
    required: false,
    help: 'Where customers’ pictures and files are fetched. Another one only for a stand-in.',
    default: 'https://api-data.line.me/v2',
  },
];

export const STEPS: SetupStep[] = [
  {
    title: 'The webhook',
    text: 'The connection check enters this URL at LINE by itself and has LINE try it. By hand: Developers Console → your channel → Messaging API → Webhook URL → Edit.',
    copy: '{hook_url}',
  },
  {
    title: 'Use webhook, and redelivery',
    text: 'On the same page switch on “Use webhook”, which no program may do, and “Webhook redelivery”: then LINE sends again what did not get through; what comes twice is taken once.',
  },
  {
    title: 'Greetings and automatic answers',
    text: 'Official Account Manager → Settings → Response settings: switch off greeting and auto-response messages, or customers are answered twice. With “Chat” on, customers see when their words were read by an agent or bot; what people write in LINE’s own chat is not told to us.',
  },
  {
    title: 'What LINE cannot do',
    text: 'Pictures (JPEG, PNG) are shown. Videos, sound and other files go out as links: LINE wants a preview picture or a length that nobody here knows, and takes no files at all from programs. Each message counts against the monthly quota of the account’s plan.',
  },
];

export const CAPABILITIES: Capabilities = {
  // LINE accepts a message even for somebody who blocked the account, and never says what became of it.
  receipts: { accepted: true, delivered: false, read: false, failed: false },
  sends: ['text', 'image', 'video', 'audio', 'file', 'location'],
  quickReplies: { max: 13, titleMax: 20, payloadMax: 300 },
  text: { max: MAX_TEXT, unit: 'utf16' },
  typing: true,
  seen: true,
  windowHours: null,
  idempotent: true,
  echoes: false,
};

/** What is looked at before a message leaves. */
export const LIMITS: Limits = { ...CAPABILITIES, title: 'LINE', media: MAX_MESSAGES };

export const checkConfig = configOf(FIELDS);

export type Settings = { channelSecret: string; token: string; api: string; data: string };

export function settingsOf({ config }: AssetConfig): Settings {
  return {
    channelSecret: textIn(config, 'channel_secret'),
    token: textIn(config, 'channel_access_token'),
    api: baseIn(config, 'api_url'),
    data: baseIn(config, 'data_url'),
  };
}
