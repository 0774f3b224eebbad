// Trying a line to Messenger or Instagram: one request of Graph as one check, and the webhook as Meta has it.
// Not here: which requests there are (each adapter). The one thing to know: a check that fails says what to change, in
// words that stand on Meta's own pages.
import type { AssetConfig, Check, Exchange, Send } from '../engine/ports.ts';
import { MAX_ID } from './fields.ts';
import { objectOf } from './json.ts';
import { type GraphClassing, graphExchange, graphOutcome, type MetaLine } from './meta.ts';
import { key, objects, words } from './pick.ts';
import { checkOf, type Verdict } from './verification.ts';

/** In whose name it is asked; `ruling`: a channel's own codes. */
export type Asking = { send: Send; now: number; line: MetaLine; ruling?: GraphClassing['ruling'] };

/** One request, and what its answer shows; an error of Graph is told as it would be of a message. */
export async function graphCheck(
  name: string,
  exchange: Exchange,
  by: Asking,
  judge: (body: Record<string, unknown>) => Verdict,
): Promise<Check> {
  const answer = await by.send(exchange);
  const { mask } = by.line;
  const outcome = graphOutcome(answer, { mask, now: by.now, ruling: by.ruling ?? (() => null) });
  const good = outcome.result === 'ok';
  return checkOf(name, answer, good ? judge(objectOf(answer)) : { ok: false, detail: mask(outcome.detail) });
}

/**
 * Has the app told of all `fields`. Meta refuses the whole list for one name that this app or version does not have: then
 * at least the first ones, without which nothing works.
 */
export async function subscribeCheck(
  asset: AssetConfig,
  fields: { first: readonly string[]; more: readonly string[] },
  by: Asking,
): Promise<Check> {
  const ask = (names: readonly string[]): Promise<Check> => {
    const body = { subscribed_fields: names.join(',') };
    const exchange = graphExchange(asset, by.line, [by.line.id, 'subscribed_apps'], { body });
    return graphCheck('subscription', exchange, by, ({ success }) =>
      success === true
        ? { ok: true, detail: 'Meta tells the app what happens.' }
        : { ok: false, detail: 'Meta did not subscribe the app.' },
    );
  };
  const all = await ask([...fields.first, ...fields.more]);
  if (all.ok || fields.more.length === 0) return all;
  const some = await ask(fields.first);
  return some.ok
    ? { ...some, advice: `Without ${fields.more.join(', ')}, which Meta did not take: ${all.detail}` }
    : all;
}

/** What lacks among the fields that the app is told of; `data` is what `subscribed_apps` answers. */
export function subscribed(body: Record<string, unknown>, app: string, fields: readonly string[]): Verdict {
  const ours = objects(body.data, 100).find(({ id }) => key(id, MAX_ID) === app);
  if (ours === undefined) {
    return {
      ok: false,
      detail: 'Another app than this App ID is subscribed: the token is of another app, or the App ID is wrong.',
    };
  }
  const has = Array.isArray(ours.subscribed_fields) ? ours.subscribed_fields : [];
  const missing = fields.filter((field) => !has.includes(field));
  if (missing.length === 0) return { ok: true, detail: 'The app is told of everything that is needed.' };
  return {
    ok: false,
    detail: `The app is not told of ${missing.join(', ')}: give it the permissions, then try again.`,
  };
}

/** Whether the app's webhook at Meta is ours, with all fields; `data` is what `{app}/subscriptions` answers. */
export function registered(
  body: Record<string, unknown>,
  asset: AssetConfig,
  object: string,
  fields: readonly string[],
): Verdict {
  const hook = objects(body.data, 100).find((each) => each.object === object);
  const paste = `In the App Dashboard enter the callback URL ${asset.hookUrl} and the verify token.`;
  if (hook === undefined) return { ok: false, detail: `The app has no webhook yet. ${paste}` };
  if (hook.callback_url !== asset.hookUrl) {
    return { ok: false, detail: `The app’s webhook is another: ${words(hook.callback_url, 200)}. ${paste}` };
  }
  const has = objects(hook.fields, 200).map(({ name }) => name);
  const missing = fields.filter((field) => !has.includes(field));
  if (missing.length === 0) return { ok: true, detail: 'The app’s webhook is ours, with every field that is needed.' };
  return {
    ok: false,
    detail: `The webhook is ours, but these fields are not subscribed there: ${missing.join(', ')}.`,
  };
}
