// Instagram Direct: a professional account's conversations, by Meta's webhooks and one of two APIs.
// Not here: reading and sending themselves, which Messenger shares (src/wire/meta-*.ts). The one thing to know: nothing
// tells what was delivered, and no id of ours comes back: our own echoes are known by Meta's id, or by what just left.
import type { ChannelAdapter } from '../../engine/channel-port.ts';
import { textIn } from '../../wire/config.ts';
import { metaFace } from '../../wire/meta-channel.ts';
import type { MetaNetwork } from '../../wire/meta-messaging.ts';
import type { MetaSpeech } from '../../wire/meta-send.ts';
import { lineOf } from './api.ts';
import { connect } from './connect.ts';
import { CAPABILITIES, checkConfig, FIELDS, STEPS } from './fields.ts';
import { Sent } from './sent.ts';

const sent = new Sent();

const NETWORK: MetaNetwork = {
  object: 'instagram',
  account: (config) => textIn(config, 'account_id'),
  appSecrets: (config) => [textIn(config, 'app_secret'), textIn(config, 'meta_app_secret')],
  inApp: 'Instagram app',
  delivered: false,
  ownEcho: (asset, address, said, now) => sent.find(asset.id, address, said, now),
};

const SPEECH: MetaSpeech = {
  title: 'Instagram',
  capabilities: CAPABILITIES,
  lineOf,
  humanAgentTag: (asset) => asset.config.human_agent_tag === true,
  envelope: {},
  // No page of Meta's says that Instagram takes `metadata`, and Graph refuses what it does not know.
  metadata: () => ({}),
  leaves: (asset, address, message, now) => sent.note(asset.id, address, message, now),
};

export const instagramChannel: ChannelAdapter = {
  channel: 'instagram',
  word: 'INSTAGRAM',
  ...metaFace(NETWORK, SPEECH),
  fields: FIELDS,
  steps: STEPS,
  checkConfig,
  connect,
};
