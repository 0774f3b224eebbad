// Where a customer's file is: at LINE's data API, by the id of the message, for our token alone.
// Not here: the fetching itself (done once, for all channels), and how a reference is made (message.ts). The one thing to know:
// LINE prepares videos and sound for a while, and says whether it is done.
import type { MediumPlace } from '../../engine/channel-port.ts';
import type { AssetConfig, Send } from '../../engine/ports.ts';
import { objectOf } from '../../wire/json.ts';
import { nowhere } from '../../wire/outcome.ts';
import { notIn, ruled } from '../../wire/ruling.ts';
import { bearer, get } from './api.ts';
import { outcomeOfCall } from './errors.ts';
import { settingsOf } from './fields.ts';

const REFERENCE = /^(image|video|audio|file)\/([\w-]+)$/;

/** LINE prepares videos and sound for a while; until then their content is not there. */
export async function locate(asset: AssetConfig, reference: string, send: Send, now: number): Promise<MediumPlace> {
  const [, type, id] = REFERENCE.exec(reference) ?? [];
  if (id === undefined) return { ok: true, url: reference, headers: {} };
  const url = `${settingsOf(asset).data}/bot/message/${id}/content`;
  const place: MediumPlace = { ok: true, url, headers: bearer(asset) };
  if (type !== 'video' && type !== 'audio') return place;
  const answer = await send(get(asset, `${url}/transcoding`));
  const outcome = outcomeOfCall(asset, answer, now);
  if (outcome.result !== 'ok') return nowhere(outcome);
  const { status } = objectOf(answer);
  if (status === 'succeeded') return place;
  if (status === 'processing') return { ok: false, again: true, detail: 'LINE is still preparing it.' };
  if (status === 'failed') return { ok: false, again: false, detail: 'LINE could not prepare it.' };
  return nowhere(ruled(outcome, notIn('LINE')));
}
