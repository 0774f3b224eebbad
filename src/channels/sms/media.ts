// Where a customer's picture is: Twilio gives it to the account only, and sends us on to a place that is open for some
// time.
// Not here: the fetching itself. The one thing to know: credentials go to the configured API alone, whatever address a
// webhook names, so a reference is the three ids of Twilio's own resource; any other address is asked without
// credentials.
import type { MediumPlace } from '../../engine/channel-port.ts';
import type { AssetConfig, Send } from '../../engine/ports.ts';
import { isStorable, MAX_URL } from '../../wire/fields.ts';
import { nowhere } from '../../wire/outcome.ts';
import { exchangeOf, sendingAuth } from './api.ts';
import { outcomeOfCall } from './errors.ts';
import { settingsOf } from './fields.ts';

const SID = '[0-9a-fA-F]{32}';
const RESOURCE = new RegExp(`/Accounts/(AC${SID})/Messages/([MS]M${SID})/Media/(ME${SID})$`);
const REFERENCE = new RegExp(`^(AC${SID})/([MS]M${SID})/(ME${SID})$`);
/** What a reference may be long, as the store keeps it. */
const MAX_REFERENCE = 500;

/** The reference of a `MediaUrl`, or null when it is none. */
export function referenceOf(url: string): string | null {
  if (url.length > MAX_URL || !isStorable(url) || !URL.canParse(url)) return null;
  const { protocol, pathname } = new URL(url);
  const [, account, message, medium] = RESOURCE.exec(pathname) ?? [];
  if (account !== undefined) return `${account}/${message}/${medium}`;
  return /^https?:$/.test(protocol) && url.length <= MAX_REFERENCE && !/\s/.test(url) ? url : null;
}

/** Twilio redirects from the resource to a signed URL, where our credentials have no business. */
export async function locate(asset: AssetConfig, reference: string, send: Send, now: number): Promise<MediumPlace> {
  const [, account, message, medium] = REFERENCE.exec(reference) ?? [];
  if (account === undefined) return { ok: true, url: reference, headers: {} };
  const settings = settingsOf(asset);
  const url = `${settings.accounts}/${account}/Messages/${message}/Media/${medium}`;
  const authorization = sendingAuth(settings);
  const here: MediumPlace = { ok: true, url, headers: { authorization } };
  const answer = await send(exchangeOf(asset, url, authorization));
  // Here it lies, and it is larger than an answer may be.
  if (!answer.ok) return answer.reason === 'too_large' ? here : nowhere(outcomeOfCall(asset, answer, now));
  const { status } = answer;
  const location = answer.headers.location;
  if (status >= 300 && status < 400 && location !== undefined && URL.canParse(location, url)) {
    return { ok: true, url: new URL(location, url).href, headers: {} };
  }
  if (status >= 200 && status < 300) return here;
  if (status !== 404) return nowhere(outcomeOfCall(asset, answer, now));
  return { ok: false, again: false, detail: 'Twilio has no such file (404): it was deleted there, or never was.' };
}
