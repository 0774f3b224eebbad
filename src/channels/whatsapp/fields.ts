// What a WhatsApp asset is made of: the values of Meta's own pages, the steps there, and what the Cloud API can do.
// Not here: the requests (api.ts) and the words (read.ts, send.ts). The one thing to know: one asset is one business phone
// number; several numbers of one WhatsApp Business Account are several assets.
import type { Capabilities, ChannelField, SetupStep } from '../../engine/channel-port.ts';
import type { AssetConfig } from '../../engine/ports.ts';
import { configOf } from '../../wire/config.ts';

export const FIELDS: ChannelField[] = [
  {
    name: 'phone_number_id',
    label: 'Phone number ID',
    kind: 'text',
    required: true,
    help: 'developers.facebook.com → your app → WhatsApp → API Setup, below the number. It is not the number itself.',
  },
  {
    name: 'waba_id',
    label: 'WhatsApp Business Account ID',
    kind: 'text',
    required: false,
    help: 'On the same page. With it, Signalbox subscribes your app to the account’s webhooks itself.',
  },
  {
    name: 'access_token',
    label: 'Access token',
    kind: 'secret',
    required: true,
    help: 'A system user’s permanent token with whatsapp_business_messaging and whatsapp_business_management. The temporary token of API Setup ends after a day.',
  },
  {
    name: 'app_secret',
    label: 'App secret',
    kind: 'secret',
    required: true,
    help: 'Your app → App settings → Basic. Every webhook is signed with it; what is not is refused.',
  },
  {
    name: 'verify_token',
    label: 'Verify token',
    kind: 'secret',
    required: true,
    generated: true,
    help: 'A word of ours: Meta shows it when it asks whether the callback URL is really yours. Made for you when left empty.',
  },
  {
    name: 'list_button',
    label: 'Label of the list',
    kind: 'text',
    required: false,
    default: 'Choose',
    help: 'With more than three quick replies WhatsApp shows a list, opened by a button with this label (at most 20 characters).',
  },
  {
    name: 'shared_number',
    label: 'Other apps answer on this number too',
    kind: 'switch',
    required: false,
    default: false,
    help: 'Switch on if conversation routing, or a Meta Business Agent, is set up for the number: then a customer’s message that Meta sends to us alone gives us the conversation back.',
  },
  {
    name: 'api_url',
    label: 'API address',
    kind: 'url',
    required: false,
    default: 'https://graph.facebook.com',
    help: 'Leave it as it is, unless your requests go through a proxy of yours.',
  },
  {
    name: 'api_version',
    label: 'API version',
    kind: 'text',
    required: false,
    default: 'v23.0',
    help: 'Meta keeps a version for about two years.',
  },
];

export const STEPS: SetupStep[] = [
  {
    title: 'Make an app with WhatsApp',
    text: 'At developers.facebook.com make an app of the type Business, add the product WhatsApp, and choose your phone number under API Setup.',
  },
  {
    title: 'Enter the callback URL',
    text: 'Your app → WhatsApp → Configuration → Webhook → Edit: this is the callback URL.',
    copy: '{hook_url}',
  },
  {
    title: 'Enter the verify token',
    text: 'In the same window. Meta asks at once whether it is right.',
    copy: '{verify_token}',
  },
  {
    title: 'Subscribe to the fields',
    text: 'Below it, under Webhook fields: messages. With the WhatsApp Business app on the same number also smb_message_echoes; with other apps on it message_echoes, standby and messaging_handovers; and user_id_update.',
  },
];

/** Meta's limits (Cloud API: text, interactive reply buttons, interactive lists). */
export const MAX_TEXT = 4096;
export const MAX_CAPTION = 1024;
export const BUTTONS = { max: 3, title: 20, id: 256, text: 1024 } as const;
export const LIST = { max: 10, title: 24, id: 200, text: 4096, label: 20 } as const;
export const WINDOW_HOURS = 24;

export const CAPABILITIES: Capabilities = {
  receipts: { accepted: true, delivered: true, read: true, failed: true },
  sends: ['text', 'image', 'video', 'audio', 'file', 'location', 'contact', 'sticker'],
  quickReplies: { max: LIST.max, titleMax: LIST.title, payloadMax: LIST.id },
  text: { max: MAX_TEXT, unit: 'characters' },
  typing: true,
  seen: true,
  windowHours: { anybody: WINDOW_HOURS, humans: WINDOW_HOURS },
  idempotent: false,
  echoes: true,
};

export const checkConfig = configOf(FIELDS, {
  phone_number_id: /^\d{5,32}$/,
  waba_id: /^\d{5,32}$/,
  list_button: /^.{1,20}$/su,
  api_version: /^v\d{1,3}\.\d{1,2}$/,
});

export type Settings = {
  phoneNumberId: string;
  wabaId: string;
  token: string;
  appSecret: string;
  verifyToken: string;
  listButton: string;
  sharedNumber: boolean;
  apiUrl: string;
  apiVersion: string;
};

/** The configuration as it was checked; what an older one has not is its default. */
export function settingsOf(asset: AssetConfig): Settings {
  const { config } = asset;
  const word = (name: string): string => {
    const value = config[name] ?? FIELDS.find((field) => field.name === name)?.default;
    return typeof value === 'string' ? value : '';
  };
  return {
    phoneNumberId: word('phone_number_id'),
    wabaId: word('waba_id'),
    token: word('access_token'),
    appSecret: word('app_secret'),
    verifyToken: word('verify_token'),
    listButton: word('list_button'),
    sharedNumber: config.shared_number === true,
    apiUrl: word('api_url'),
    apiVersion: word('api_version'),
  };
}

/** What must never be shown of an asset. */
export const secretsOf = ({ token, appSecret, verifyToken }: Settings): string[] => [token, appSecret, verifyToken];
