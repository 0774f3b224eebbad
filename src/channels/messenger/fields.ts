// Messenger as the console, the API and docs/channels.md know it: what is asked for, what is done by hand, what it can do.
// Not here: what is read and sent (src/wire/meta-*.ts, shared with Instagram). The one thing to know: limits are those of
// the Send API (developers.facebook.com, Messenger Platform), whose version is a field, since Meta retires each in time.
import type { ChannelField, SetupStep } from '../../engine/channel-port.ts';
import { configOf } from '../../wire/config.ts';
import { API_URL, API_VERSION, HUMAN_AGENT_TAG, META_ID, VERIFY_TOKEN, VERSION } from '../../wire/meta-channel.ts';
import type { MetaSpeech } from '../../wire/meta-send.ts';

export const FIELDS: ChannelField[] = [
  {
    name: 'page_id',
    label: 'Page ID',
    kind: 'text',
    required: true,
    help: 'The number of your Facebook Page: on the Page under About, Page transparency, or in the App Dashboard under Messenger, beside the Page’s name.',
  },
  {
    name: 'page_access_token',
    label: 'Page access token',
    kind: 'secret',
    required: true,
    help: 'App Dashboard, Messenger, API setup, Generate access tokens. It needs the permissions pages_messaging and pages_manage_metadata.',
  },
  {
    name: 'app_id',
    label: 'App ID',
    kind: 'text',
    required: true,
    help: 'App Dashboard, at the top. It tells our own messages from those that people write in the Page’s inbox.',
  },
  {
    name: 'app_secret',
    label: 'App secret',
    kind: 'secret',
    required: true,
    help: 'App Dashboard, App settings, Basic. Meta signs every webhook with it; without it nobody could be believed.',
  },
  VERIFY_TOKEN,
  HUMAN_AGENT_TAG,
  API_URL,
  API_VERSION,
];

export const STEPS: SetupStep[] = [
  {
    title: 'Make an app',
    text: 'At developers.facebook.com create an app of type Business, and add the product Messenger to it. One app serves one channel here: an app has one callback URL for all its Pages.',
  },
  {
    title: 'Connect the Page',
    text: 'App Dashboard, Messenger, API setup: add your Page and generate its access token. Enter it here with the Page ID, the App ID and the app secret.',
  },
  {
    title: 'Enter the webhook',
    text: 'In the same place, Configure webhooks: enter this callback URL, and {verify_token} as verify token. Press Verify and save.',
    copy: '{hook_url}',
  },
  {
    title: 'Choose the fields',
    text: 'Under Webhook fields subscribe to messages, messaging_postbacks, messaging_optins, messaging_referrals, messaging_handovers, message_deliveries, message_reads, message_echoes, message_reactions, message_edits and standby. Then verify the channel here: it subscribes the Page to them, and shows what is missing.',
  },
  {
    title: 'Switch off other automatic answers',
    text: 'In Meta Business Suite, Inbox, Automations: what answers there by itself looks like a person to us, and takes the line from your bot.',
  },
  {
    title: 'Let the app speak',
    text: 'Until App Review has granted pages_messaging to the app, only people with a role in the app can write to it.',
  },
];

/** The webhook fields that carry what we read; without the first ones nobody could be answered. */
export const WEBHOOK_FIELDS = {
  first: ['messages', 'messaging_postbacks', 'message_deliveries', 'message_reads', 'message_echoes'],
  more: [
    'messaging_optins',
    'messaging_referrals',
    'messaging_handovers',
    'message_reactions',
    'message_edits',
    'standby',
  ],
} as const;

export const CAPABILITIES: MetaSpeech['capabilities'] = {
  receipts: { accepted: true, delivered: true, read: true, failed: false },
  sends: ['text', 'image', 'video', 'audio', 'file'],
  quickReplies: { max: 13, titleMax: 20, payloadMax: 1000 },
  text: { max: 2000, unit: 'characters' },
  typing: true,
  seen: true,
  windowHours: { anybody: 24, humans: 168 },
  idempotent: false,
  echoes: true,
};

export const checkConfig = configOf(FIELDS, { page_id: META_ID, app_id: META_ID, api_version: VERSION });
