// Messenger and Instagram as adapters: all of the face that is the same, and the fields that Meta's pages share.
// Not here: what each of the two is called, asks for and connects (its folder). The one thing to know: one app at Meta has
// one callback URL, so the verify token and the app secret are of the app, and every asset of it has the same.
import type { ChannelAdapter, ChannelField } from '../engine/channel-port.ts';
import { EVENT_RECEIVED, hubHandshake } from './meta.ts';
import { locateMeta } from './meta-media.ts';
import { type MetaNetwork, readMeta } from './meta-messaging.ts';
import { type MetaSpeech, metaAction, sendMeta } from './meta-send.ts';

type Face =
  | 'title'
  | 'capabilities'
  | 'needsHeard'
  | 'answer'
  | 'handshake'
  | 'read'
  | 'send'
  | 'typing'
  | 'seen'
  | 'locate';

export const metaFace = (network: MetaNetwork, speech: MetaSpeech): Pick<ChannelAdapter, Face> => ({
  title: speech.title,
  capabilities: speech.capabilities,
  needsHeard: true,
  answer: EVENT_RECEIVED,
  handshake: (asset, request) => hubHandshake(request, asset.config.verify_token),
  read: (asset, request) => readMeta(network, asset, request),
  send: (asset, item, facts, send, now) => sendMeta(speech, asset, item, facts, send, now),
  typing: (asset, address, on, _author, send, now, heard) =>
    metaAction(speech, asset, address, on ? 'typing_on' : 'typing_off', heard, send, now),
  seen: (asset, address, heard, send, now) => metaAction(speech, asset, address, 'mark_seen', heard, send, now),
  locate: (asset, reference, send, now) => locateMeta(asset, speech.lineOf(asset), reference, send, now),
});

export const VERIFY_TOKEN: ChannelField = {
  name: 'verify_token',
  label: 'Verify token',
  kind: 'secret',
  required: false,
  generated: true,
  help: 'Leave it empty: one is made. Paste it in the App Dashboard beside the callback URL.',
};
export const HUMAN_AGENT_TAG: ChannelField = {
  name: 'human_agent_tag',
  label: 'Human agent tag',
  kind: 'switch',
  required: false,
  default: false,
  help: 'Lets people answer up to 7 days after the customer’s last word, not only 24 hours. Switch it on when App Review has granted the Human Agent feature to your app.',
};
export const API_URL: ChannelField = {
  name: 'api_url',
  label: 'Graph API address',
  kind: 'url',
  required: false,
  default: 'https://graph.facebook.com',
  help: 'Change it only if your requests go through a proxy of your own.',
};
export const API_VERSION: ChannelField = {
  name: 'api_version',
  label: 'Graph API version',
  kind: 'text',
  required: false,
  default: 'v25.0',
  help: 'Meta ends each version after about two years; enter a newer one then.',
};

/** Ids stand in paths, and all are numbers at Meta. */
export const META_ID = /^\d{1,32}$/;
export const VERSION = /^v\d{1,3}\.\d{1,2}$/;
