// Connecting an account: whose token it is, and that the account (or its Page) tells the app what happens.
// Not here: sending. The one thing to know: which webhook the app has is not told by Instagram, so that is advice.
import type { AssetConfig, Check, Send } from '../../engine/ports.ts';
import { textIn } from '../../wire/config.ts';
import { graphExchange } from '../../wire/meta.ts';
import { graphCheck, subscribeCheck } from '../../wire/meta-connect.ts';
import { key, object, line as oneLine } from '../../wire/pick.ts';
import type { Verdict } from '../../wire/verification.ts';
import { byPage, lineOf } from './api.ts';
import { PAGE_FIELDS, WEBHOOK_FIELDS } from './fields.ts';

export async function connect(asset: AssetConfig, send: Send, now: number): Promise<Check[]> {
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
