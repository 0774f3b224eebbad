// What a WhatsApp asset is made of: the values of Meta's own pages, the steps there, and what the Cloud API can do.
// Not here: the requests (api.ts) and the words (read.ts, send.ts). The one thing to know: one asset is one business phone
// number; several numbers of one WhatsApp Business Account are several assets.
import type { Capabilities, ChannelField, SetupStep } from '../../engine/channel-port.ts';
import type { AssetConfig } from '../../engine/ports.ts';
import { configOf, textIn } from '../../wire/config.ts';
import type { Limits } from '../../wire/fits.ts';
import { API_URL, API_VERSION, META_ID, VERIFY_TOKEN, VERSION } from '../../wire/meta-channel.ts';

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
  VERIFY_TOKEN,
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
  API_URL,
  API_VERSION,
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
const MAX_TEXT = 4096;
export const MAX_CAPTION = 1024;
/** Each is a request of its own, and a lane waits for all of them. */
const MAX_MEDIA = 10;
export const BUTTONS = { max: 3, titleMax: 20, payloadMax: 256, text: 1024 } as const;
export const LIST = { max: 10, titleMax: 24, payloadMax: 200, text: 4096 } as const;
export const WINDOW_HOURS = 24;

export const CAPABILITIES: Capabilities = {
  receipts: { accepted: true, delivered: true, read: true, failed: true },
  sends: ['text', 'image', 'video', 'audio', 'file', 'location', 'contact', 'sticker'],
  quickReplies: { max: LIST.max, titleMax: LIST.titleMax, payloadMax: LIST.payloadMax },
  text: { max: MAX_TEXT, unit: 'characters' },
  typing: true,
  seen: true,
  windowHours: { anybody: WINDOW_HOURS, humans: WINDOW_HOURS },
  idempotent: false,
  echoes: true,
};

/** What is looked at before a message leaves; captions, buttons and lists have less room (compose.ts). */
export const LIMITS: Limits = { ...CAPABILITIES, title: 'WhatsApp', media: MAX_MEDIA };

export const checkConfig = configOf(FIELDS, {
  phone_number_id: META_ID,
  waba_id: META_ID,
  list_button: /^.{1,20}$/su,
  api_version: VERSION,
});

export type Settings = {
  phoneNumberId: string;
  wabaId: string;
  appSecret: string;
  verifyToken: string;
  listButton: string;
  sharedNumber: boolean;
};

export function settingsOf({ config }: AssetConfig): Settings {
  return {
    phoneNumberId: textIn(config, 'phone_number_id'),
    wabaId: textIn(config, 'waba_id'),
    appSecret: textIn(config, 'app_secret'),
    verifyToken: textIn(config, 'verify_token'),
    listButton: textIn(config, 'list_button'),
    sharedNumber: config.shared_number === true,
  };
}
