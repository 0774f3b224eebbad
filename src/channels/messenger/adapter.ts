// Facebook Messenger: a Page's conversations, by Meta's webhooks and the Send API.
// Not here: reading and sending themselves, which Instagram shares (src/wire/meta-*.ts). The one thing to know: our
// message's id travels in `metadata` and comes back in the echo; whatever else is echoed was said by somebody else.
import type { AssetConfig, ChannelAdapter, Check, Send } from '../../engine/ports.ts';
import { textIn } from '../../wire/config.ts';
import { appSecretProof, graphExchange, type MetaLine, metaMask } from '../../wire/meta.ts';
import { metaFace } from '../../wire/meta-channel.ts';
import { graphCheck, registered, subscribeCheck, subscribed } from '../../wire/meta-connect.ts';
import { type MetaNetwork, metadataOf } from '../../wire/meta-messaging.ts';
import type { MetaSpeech } from '../../wire/meta-send.ts';
import { key, line as oneLine } from '../../wire/pick.ts';
import { CAPABILITIES, checkConfig, FIELDS, STEPS, WEBHOOK_FIELDS } from './fields.ts';

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

const ALL_FIELDS: readonly string[] = [...WEBHOOK_FIELDS.first, ...WEBHOOK_FIELDS.more];
const SECRETS = ['page_access_token', 'app_secret', 'verify_token'];
/** How the app speaks for itself. */
const appToken = (asset: AssetConfig): string =>
  `${textIn(asset.config, 'app_id')}|${textIn(asset.config, 'app_secret')}`;

function lineOf(asset: AssetConfig): MetaLine {
  const token = textIn(asset.config, 'page_access_token');
  const secret = textIn(asset.config, 'app_secret');
  return {
    base: textIn(asset.config, 'api_url'),
    version: textIn(asset.config, 'api_version'),
    id: textIn(asset.config, 'page_id'),
    token,
    proofSecret: secret,
    mask: metaMask(asset, SECRETS, [appSecretProof(token, secret), appSecretProof(appToken(asset), secret)]),
  };
}

export const messengerChannel: ChannelAdapter = {
  channel: 'messenger',
  word: 'FB',
  ...metaFace(NETWORK, SPEECH),
  fields: FIELDS,
  steps: STEPS,
  checkConfig,
  connect,
};

/** Whose token it is, what the Page's app is told of, and whether the app's webhook is ours. */
async function connect(asset: AssetConfig, send: Send, now: number): Promise<Check[]> {
  const line = lineOf(asset);
  const by = { send, now, line };
  const app = textIn(asset.config, 'app_id');
  const page = await graphCheck(
    'credentials',
    graphExchange(asset, line, ['me'], { query: { fields: 'id,name' } }),
    by,
    (body) => {
      const id = key(body.id, 64);
      const whose = `The token is of “${oneLine(body.name)}” (${id}).`;
      return id === line.id
        ? { ok: true, detail: whose }
        : { ok: false, detail: `${whose} The Page ID is ${line.id}: take that Page’s token.` };
    },
  );
  if (!page.ok) return [page];
  const subscription = await subscribeCheck(asset, WEBHOOK_FIELDS, by);
  if (!subscription.ok) return [page, subscription];
  const list = graphExchange(asset, line, [line.id, 'subscribed_apps'], { query: {} });
  const fields = await graphCheck('fields', list, by, (body) => subscribed(body, app, ALL_FIELDS));
  const ofApp: MetaLine = { ...line, token: appToken(asset) };
  const hooks = graphExchange(asset, ofApp, [app, 'subscriptions'], { query: {} });
  const webhook = await graphCheck('webhook', hooks, by, (body) => registered(body, asset, 'page', ALL_FIELDS));
  return [page, subscription, fields, webhook];
}
