// Instagram as the console, the API and docs/channels.md know it: what is asked for, what is done by hand, what it can do.
// Not here: what is read and sent (src/wire/meta-*.ts, shared with Messenger). The one thing to know: there are two ways
// in, with a token of the Instagram account itself or with that of the Facebook Page it is linked to; ids differ by way.
import type { ChannelField, SetupStep } from '../../engine/channel-port.ts';
import { configOf } from '../../wire/config.ts';
import { API_URL, API_VERSION, HUMAN_AGENT_TAG, META_ID, VERIFY_TOKEN, VERSION } from '../../wire/meta-channel.ts';
import type { MetaSpeech } from '../../wire/meta-send.ts';

export const FIELDS: ChannelField[] = [
  {
    name: 'login',
    label: 'Login',
    kind: 'choice',
    required: false,
    default: 'instagram',
    choices: [
      { value: 'instagram', label: 'Instagram login: the account’s own token' },
      { value: 'facebook', label: 'Facebook login: the token of the linked Page' },
    ],
    help: 'How the app was set up: App Dashboard, Instagram, API setup with Instagram login, or with Facebook login.',
  },
  {
    name: 'account_id',
    label: 'Instagram account ID',
    kind: 'text',
    required: true,
    help: 'The number of the professional account, beginning with 1784: API setup shows it beside the account’s name. Webhooks name the account by it.',
  },
  {
    name: 'page_id',
    label: 'Page ID',
    kind: 'text',
    required: false,
    help: 'With Facebook login only: the number of the Page that the account is linked to.',
  },
  {
    name: 'access_token',
    label: 'Access token',
    kind: 'secret',
    required: true,
    help: 'API setup, Generate access tokens. With Instagram login it needs instagram_business_manage_messages; with Facebook login it is the Page’s token with instagram_manage_messages. Instagram’s own tokens end after 60 days: enter a new one in time.',
  },
  {
    name: 'app_id',
    label: 'App ID',
    kind: 'text',
    required: true,
    help: 'App Dashboard, at the top; with Instagram login the Instagram app ID of API setup. It tells our own messages from those that people write in the Instagram app.',
  },
  {
    name: 'app_secret',
    label: 'App secret',
    kind: 'secret',
    required: true,
    help: 'App Dashboard, App settings, Basic; with Instagram login the Instagram app secret of API setup. Meta signs every webhook with it.',
  },
  {
    name: 'meta_app_secret',
    label: 'Meta app secret',
    kind: 'secret',
    required: false,
    help: 'With Instagram login only: the secret under App settings, Basic. Webhooks may be signed with either of the two, and both are taken then.',
  },
  VERIFY_TOKEN,
  HUMAN_AGENT_TAG,
  {
    name: 'api_url',
    label: API_URL.label,
    kind: 'url',
    required: false,
    help: `Empty: https://graph.instagram.com with Instagram login, https://graph.facebook.com with Facebook login. ${API_URL.help}`,
  },
  API_VERSION,
];

export const STEPS: SetupStep[] = [
  {
    title: 'Make an app',
    text: 'At developers.facebook.com create an app of type Business, and add the product Instagram to it. One app serves one channel here: an app has one callback URL for all its accounts.',
  },
  {
    title: 'Connect the account',
    text: 'App Dashboard, Instagram, API setup: add your professional account and generate its access token. In the Instagram app, Settings, Messages, Connected tools, allow access to messages.',
  },
  {
    title: 'Enter the webhook',
    text: 'In the same place, Configure webhooks: enter this callback URL, and {verify_token} as verify token. Press Verify and save.',
    copy: '{hook_url}',
  },
  {
    title: 'Choose the fields',
    text: 'Subscribe to messages, messaging_postbacks, messaging_referral, messaging_seen, messaging_handover, message_reactions, message_edit and standby, as far as they are offered. Then verify the channel here.',
  },
  {
    title: 'Switch off other automatic answers',
    text: 'In Meta Business Suite, Inbox, Automations, and in the Instagram app under saved and automatic replies: what answers there by itself looks like a person to us, and takes the line from your bot.',
  },
  {
    title: 'Let the app speak',
    text: 'Until App Review has granted the permission, only people with a role in the app can write to it.',
  },
];

/** What the account is subscribed to with Instagram login; without the first ones nobody could be answered. */
export const WEBHOOK_FIELDS = {
  first: ['messages', 'messaging_postbacks', 'messaging_seen'],
  more: ['messaging_referral', 'messaging_handover', 'message_reactions', 'standby'],
} as const;
/** With Facebook login any field of the Page switches on what the app has subscribed to. */
export const PAGE_FIELDS = { first: ['messages'], more: [] } as const;

export const CAPABILITIES: MetaSpeech['capabilities'] = {
  receipts: { accepted: true, delivered: false, read: true, failed: false },
  sends: ['text', 'image', 'video', 'audio', 'file'],
  quickReplies: { max: 13, titleMax: 20, payloadMax: 1000 },
  text: { max: 1000, unit: 'bytes' },
  typing: true,
  seen: true,
  windowHours: { anybody: 24, humans: 168 },
  idempotent: false,
  echoes: true,
};

const byFields = configOf(FIELDS, { account_id: META_ID, page_id: META_ID, app_id: META_ID, api_version: VERSION });

/** With Facebook login the Page speaks, so that its id is needed. */
export const checkConfig: typeof byFields = (given) => {
  const checked = byFields(given);
  if (!checked.ok || checked.config.login !== 'facebook' || checked.config.page_id !== undefined) return checked;
  return { ok: false, errors: [{ pointer: '/config/page_id', detail: 'is required with Facebook login' }] };
};
