// Facebook Messenger: a Page's conversations, by Meta's webhooks and the Send API.
// Not here: reading and sending themselves, which Instagram shares (src/wire/meta-*.ts). The one thing to know: our
// message's id travels in `metadata` and comes back in the echo; whatever else is echoed was said by somebody else.
import type { ChannelAdapter } from '../../engine/channel-port.ts';
import { textIn } from '../../wire/config.ts';
import { metaFace } from '../../wire/meta-channel.ts';
import { type MetaNetwork, metadataOf } from '../../wire/meta-messaging.ts';
import type { MetaSpeech } from '../../wire/meta-send.ts';
import { lineOf } from './api.ts';
import { connect } from './connect.ts';
import { CAPABILITIES, checkConfig, FIELDS, STEPS } from './fields.ts';

const NETWORK: MetaNetwork = {
  object: 'page',
  account: (config) => textIn(config, 'page_id'),
  appSecrets: (config) => [textIn(config, 'app_secret')],
  inApp: 'another app',
  delivered: true,
};

const SPEECH: MetaSpeech = {
  title: 'Messenger',
  capabilities: CAPABILITIES,
  lineOf,
  humanAgentTag: (asset) => asset.config.human_agent_tag === true,
  envelope: { messaging_type: 'RESPONSE' },
  metadata: (message) => ({ metadata: metadataOf(message.id) }),
};

export const messengerChannel: ChannelAdapter = {
  channel: 'messenger',
  word: 'FB',
  ...metaFace(NETWORK, SPEECH),
  fields: FIELDS,
  steps: STEPS,
  checkConfig,
  connect,
};
