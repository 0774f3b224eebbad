// What we ask for of a Chatwoot: the account, its API inbox, a token, and the secret it signs with.
// Not here: its address, which is the desk's `url`. The one thing to know: the token acts as a user of Chatwoot, so our
// notes there have that user's name; a user of its own, called Signalbox, is best.
import type { ChannelField, SetupStep } from '../../engine/channel-port.ts';
import type { DeskConfig } from '../../engine/ports.ts';
import { configOf, textIn } from '../../wire/config.ts';

export const FIELDS: ChannelField[] = [
  {
    name: 'account_id',
    label: 'Account ID',
    kind: 'text',
    required: true,
    help: 'The number behind /app/accounts/ in the browser’s address when you are in Chatwoot.',
  },
  {
    name: 'inbox_id',
    label: 'Inbox ID',
    kind: 'text',
    required: true,
    help: 'Of an inbox of type API: the number at the end of the browser’s address in Settings → Inboxes → its settings.',
  },
  {
    name: 'api_token',
    label: 'Access Token',
    kind: 'secret',
    required: true,
    help: 'Profile Settings → Access Token, of an administrator: then the webhook is set by itself. An agent of the inbox can do the rest.',
  },
  {
    name: 'webhook_secret',
    label: 'Webhook secret',
    kind: 'secret',
    required: false,
    help: 'In the inbox’s settings, from Chatwoot 4.13 on. When it is here, what is not signed with it is refused. Leave it empty for older versions, which do not sign.',
  },
];

export const STEPS: SetupStep[] = [
  {
    title: 'Make an inbox',
    text: 'In Chatwoot: Settings → Inboxes → Add Inbox → API. Leave the webhook URL empty; the verification sets it. Add the agents, and leave “Lock to single conversation” off.',
  },
  {
    title: 'Take the token',
    text: 'Sign in to Chatwoot as the user whose name our notes shall have, and copy Profile Settings → Access Token.',
  },
  {
    title: 'Where its events go',
    text: 'If the token is not an administrator’s, put this into the inbox’s webhook URL yourself.',
    copy: '{hook_url}',
  },
];

const ID = /^\d{1,18}$/;
export const checkConfig = configOf(FIELDS, { account_id: ID, inbox_id: ID });

/** A desk's settings, as the wire needs them. */
export type Chatwoot = { base: string; account: string; inbox: string; token: string; secret: string | null };

export function settingsOf({ url, config }: DeskConfig): Chatwoot {
  return {
    base: (url ?? '').replace(/\/+$/, ''),
    account: textIn(config, 'account_id'),
    inbox: textIn(config, 'inbox_id'),
    token: textIn(config, 'api_token'),
    secret: textIn(config, 'webhook_secret') || null,
  };
}

/** What must never be shown of what Chatwoot says. */
export function secretsOf(desk: DeskConfig): (string | null)[] {
  const { token, secret } = settingsOf(desk);
  return [token, secret, ...desk.hookTokens, ...desk.secrets, ...desk.signingSecrets];
}
