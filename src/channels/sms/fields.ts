// What Twilio's console shows and we ask for, what is to be done there by hand, and what the channel can do.
// Not here: any request. The one thing to know: one asset is one sender, a number or a WhatsApp sender (`whatsapp:+…`)
// or a Messaging Service; all of them are this channel, and `SMS` to bots.
import type { Capabilities, ChannelAdapter, ChannelField, SetupStep } from '../../engine/channel-port.ts';
import type { AssetConfig } from '../../engine/ports.ts';
import { baseIn, configOf, textIn } from '../../wire/config.ts';
import type { Limits } from '../../wire/fits.ts';

/** `Body` of Twilio's Messages resource. */
const MAX_BODY = 1600;
/** `MediaUrl` may be given so often for an MMS; WhatsApp takes one. */
export const MAX_MEDIA = 10;
/** WhatsApp: free text goes out so long after the customer's last word. */
export const WINDOW_HOURS = 24;
/**
 * Twilio tries a webhook again when these stand behind `#` in its address (connection overrides): five times, whatever
 * went wrong. By default it tries once more, and only when it could not connect.
 */
export const OVERRIDES = '#rc=5&rp=all';

export const FIELDS: ChannelField[] = [
  {
    name: 'account_sid',
    label: 'Account SID',
    kind: 'text',
    required: true,
    help: 'On the first page of the Twilio Console, under Account Info. It begins with AC.',
  },
  {
    name: 'auth_token',
    label: 'Auth Token',
    kind: 'secret',
    required: true,
    help: 'Below the Account SID. Twilio signs its webhooks with it, so it is needed even when an API key is given.',
  },
  {
    name: 'api_key_sid',
    label: 'API key SID',
    kind: 'text',
    required: false,
    help: 'Console → Account → API keys & tokens. With a key, messages are sent with it instead of the auth token.',
  },
  {
    name: 'api_key_secret',
    label: 'API key secret',
    kind: 'secret',
    required: false,
    help: 'Twilio shows it once, when the key is made.',
  },
  {
    name: 'from',
    label: 'From',
    kind: 'text',
    required: false,
    help: 'The sender: a number in E.164 (+15550100), a short code, or a WhatsApp sender as whatsapp:+15550100.',
  },
  {
    name: 'messaging_service_sid',
    label: 'Messaging Service SID',
    kind: 'text',
    required: false,
    help: 'In place of From, or with it: the service that chooses the sender. It begins with MG.',
  },
  {
    name: 'api_url',
    label: 'API base URL',
    kind: 'url',
    required: false,
    help: 'Another one only for a Twilio region of your own, or a stand-in.',
    default: 'https://api.twilio.com',
  },
  {
    name: 'api_version',
    label: 'API version',
    kind: 'text',
    required: false,
    help: 'The version in the path of each request.',
    default: '2010-04-01',
  },
];

export const STEPS: SetupStep[] = [
  {
    title: 'A number of your own',
    text: 'Console → Phone Numbers → Manage → Active numbers → your number → Messaging configuration. “A message comes in”: Webhook, this URL, HTTP POST. The part behind # makes Twilio try again when this server was away. A number of this account is set up by the connection check itself.',
    copy: `{hook_url}${OVERRIDES}`,
  },
  {
    title: 'A Messaging Service',
    text: 'Console → Messaging → Services → your service → Integration → “Send a webhook”. Request URL: this URL, HTTP POST. Leave the delivery status callback empty: each message brings its own.',
    copy: `{hook_url}${OVERRIDES}`,
  },
  {
    title: 'A WhatsApp sender',
    text: 'Console → Messaging → Senders → WhatsApp senders → your sender → “Webhook URL for incoming messages”: this URL, HTTP POST. For the sandbox: Messaging → Try it out → Send a WhatsApp message → Sandbox settings.',
    copy: `{hook_url}${OVERRIDES}`,
  },
];

/** `read` is told of WhatsApp and RCS only. Quick replies do not exist: their titles are written below the text. */
export const CAPABILITIES: Capabilities = {
  receipts: { accepted: true, delivered: true, read: true, failed: true },
  sends: ['text', 'image', 'video', 'audio', 'file'],
  quickReplies: null,
  // A character outside the basic plane takes two in the alphabet that SMS then uses.
  text: { max: MAX_BODY, unit: 'utf16' },
  typing: false,
  seen: false,
  // Of SMS there is none; WhatsApp's 24 hours are looked at when the customer's address is a WhatsApp one.
  windowHours: null,
  idempotent: false,
  echoes: false,
};

/** What is looked at before a message leaves. */
export const LIMITS: Limits = { ...CAPABILITIES, title: 'Twilio', media: MAX_MEDIA };

const SHAPES: Readonly<Record<string, RegExp>> = {
  account_sid: /^AC[0-9a-fA-F]{32}$/,
  api_key_sid: /^SK[0-9a-fA-F]{32}$/,
  messaging_service_sid: /^MG[0-9a-fA-F]{32}$/,
  // Alphanumeric senders are not taken: nobody can answer to one.
  from: /^((whatsapp:)?\+[1-9]\d{4,14}|\d{3,8})$/,
  api_version: /^[A-Za-z0-9-]{1,32}$/,
};

const checkFields = configOf(FIELDS, SHAPES);

/** Each field by itself, then what they need of each other. */
export const checkConfig: ChannelAdapter['checkConfig'] = (given) => {
  const result = checkFields(given);
  if (!result.ok) return result;
  const { from, messaging_service_sid: service, api_key_sid: key, api_key_secret: secret } = result.config;
  if (from === undefined && service === undefined) {
    return refuse('from', 'is required when there is no messaging_service_sid: a message needs a sender');
  }
  if (key !== undefined && secret === undefined) return refuse('api_key_secret', 'is required with api_key_sid');
  if (key === undefined && secret !== undefined) return refuse('api_key_sid', 'is required with api_key_secret');
  return result;
};

const refuse = (name: string, detail: string) => ({
  ok: false as const,
  errors: [{ pointer: `/config/${name}`, detail }],
});

export type Settings = {
  accountSid: string;
  authToken: string;
  apiKey: { sid: string; secret: string } | null;
  from: string | null;
  messagingServiceSid: string | null;
  /** where the account's resources are, without a slash at the end */
  account: string;
  /** where all accounts are */
  accounts: string;
};

export function settingsOf({ config }: AssetConfig): Settings {
  const text = (name: string): string => textIn(config, name);
  const base = `${baseIn(config, 'api_url')}/${text('api_version')}/Accounts`;
  return {
    accountSid: text('account_sid'),
    authToken: text('auth_token'),
    apiKey: text('api_key_sid') === '' ? null : { sid: text('api_key_sid'), secret: text('api_key_secret') },
    from: text('from') || null,
    messagingServiceSid: text('messaging_service_sid') || null,
    account: `${base}/${text('account_sid')}`,
    accounts: base,
  };
}
