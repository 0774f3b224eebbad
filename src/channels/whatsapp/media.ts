// Where a customer's file is: Graph names a short-lived address by its id.
// Not here: the fetching itself (done once, for all channels). The one thing to know: the file is given to the same token only.
import type { MediumPlace } from '../../engine/channel-port.ts';
import type { AssetConfig, Send } from '../../engine/ports.ts';
import { objectOf } from '../../wire/json.ts';
import { graphExchange, graphOutcome } from '../../wire/meta.ts';
import { nowhere } from '../../wire/outcome.ts';
import { mediaType } from '../../wire/pick.ts';
import { notIn, ruled } from '../../wire/ruling.ts';
import { lineOf } from './api.ts';
import { ruling } from './errors.ts';

/** Of a medium's id, its short-lived address; the file is given to the same token only. */
export async function locate(asset: AssetConfig, reference: string, send: Send, now: number): Promise<MediumPlace> {
  const line = lineOf(asset);
  const answer = await send(graphExchange(asset, line, [reference], { query: { phone_number_id: line.id } }));
  const outcome = graphOutcome(answer, { mask: line.mask, now, ruling });
  if (outcome.result !== 'ok') return nowhere(outcome);
  const { url, mime_type } = objectOf(answer);
  if (typeof url !== 'string' || !URL.canParse(url)) return nowhere(ruled(outcome, notIn('Meta')));
  // Meta's file servers answer a request without a user agent with an error page.
  const headers = { authorization: `Bearer ${line.token}`, 'user-agent': 'signalbox' };
  const type = mediaType(mime_type, '');
  return { ok: true, url, headers, ...(type === '' ? {} : { type }) };
}
