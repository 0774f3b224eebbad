// Instagram Direct: a professional account's conversations, by Meta's webhooks and one of two APIs.
// Not here: reading and sending themselves, which Messenger shares (src/wire/meta-*.ts). The one thing to know: nothing
// tells what was delivered, and no id of ours comes back: our own echoes are known by Meta's id, or by what just left.
import type { AssetConfig, ChannelAdapter, Check, Send } from '../../engine/ports.ts';
import { textIn } from '../../wire/config.ts';
import { appSecretProof, graphExchange, type MetaLine, metaMask } from '../../wire/meta.ts';
import { metaFace } from '../../wire/meta-channel.ts';
import { graphCheck, subscribeCheck, type Verdict } from '../../wire/meta-connect.ts';
import type { MetaNetwork } from '../../wire/meta-messaging.ts';
import type { MetaSpeech } from '../../wire/meta-send.ts';
import { key, object, line as oneLine } from '../../wire/pick.ts';
import { CAPABILITIES, checkConfig, FIELDS, PAGE_FIELDS, STEPS, WEBHOOK_FIELDS } from './fields.ts';
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

const byPage = (asset: AssetConfig): boolean => textIn(asset.config, 'login') === 'facebook';
const SECRETS = ['access_token', 'app_secret', 'meta_app_secret', 'verify_token'];

function lineOf(asset: AssetConfig): MetaLine {
  const token = textIn(asset.config, 'access_token');
  const secret = textIn(asset.config, 'app_secret');
  const page = byPage(asset);
  return {
    base: textIn(asset.config, 'api_url') || (page ? 'https://graph.facebook.com' : 'https://graph.instagram.com'),
    version: textIn(asset.config, 'api_version'),
    id: textIn(asset.config, page ? 'page_id' : 'account_id'),
    token,
    // The proof is documented for graph.facebook.com alone.
    proofSecret: page ? secret : null,
    mask: metaMask(asset, SECRETS, [appSecretProof(token, secret)]),
  };
}

export const instagramChannel: ChannelAdapter = {
  channel: 'instagram',
  word: 'INSTAGRAM',
  ...metaFace(NETWORK, SPEECH),
  fields: FIELDS,
  steps: STEPS,
  checkConfig,
  connect,
};

/** Whose token it is, and that the account (or its Page) tells the app what happens. */
async function connect(asset: AssetConfig, send: Send, now: number): Promise<Check[]> {
  const line = lineOf(asset);
  const by = { send, now, line };
  const page = byPage(asset);
  const fields = page ? 'id,name,instagram_business_account{id,username}' : 'user_id,username';
  const whose = page ? line.id : 'me';
  const asked = graphExchange(asset, line, [whose], { query: { fields } });
  const account = await graphCheck('credentials', asked, by, (body) => accountOf(asset, body));
  if (!account.ok) return [account];
  const subscription = await subscribeCheck(asset, page ? PAGE_FIELDS : WEBHOOK_FIELDS, by);
  return [account, subscription.ok ? { advice: WEBHOOK_BY_HAND, ...subscription } : subscription];
}

const WEBHOOK_BY_HAND =
  'Meta does not say which webhook the app has: it is right when it was verified there, and a message arrives here.';

/** With Instagram login the account itself answers, with Facebook login the Page that it is linked to. */
function accountOf(asset: AssetConfig, body: Record<string, unknown>): Verdict {
  const linked = object(body.instagram_business_account);
  const [id, name] = byPage(asset) ? [key(linked.id, 64), linked.username] : [key(body.user_id, 64), body.username];
  if (id === '') return { ok: false, detail: 'No professional Instagram account is linked to this Page.' };
  const whose = `The token is of @${oneLine(name)} (${id}).`;
  const ours = textIn(asset.config, 'account_id');
  if (id === ours) return { ok: true, detail: whose };
  return {
    ok: false,
    detail: `${whose} The Instagram account ID is ${ours}: webhooks will name ${id}, so enter that.`,
  };
}
