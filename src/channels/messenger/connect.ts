// Connecting a Page: whose token it is, what the Page tells the app, and whether the app's webhook is ours.
// Not here: sending. The one thing to know: the webhook itself is entered by hand, for Meta lets no program do that; what is
// missing there is told by name.
import type { AssetConfig, Check, Send } from '../../engine/ports.ts';
import { textIn } from '../../wire/config.ts';
import { graphExchange, type MetaLine } from '../../wire/meta.ts';
import { graphCheck, registered, subscribeCheck, subscribed } from '../../wire/meta-connect.ts';
import { key, line as oneLine } from '../../wire/pick.ts';
import { appToken, lineOf } from './api.ts';
import { WEBHOOK_FIELDS } from './fields.ts';

const ALL_FIELDS: readonly string[] = [...WEBHOOK_FIELDS.first, ...WEBHOOK_FIELDS.more];

export async function connect(asset: AssetConfig, send: Send, now: number): Promise<Check[]> {
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
