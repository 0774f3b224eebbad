// A customer's message of LINE's, as ours; and where the bytes of its medium are.
// Not here: the event around it (read.ts). The one thing to know: a reference is the kind and LINE's id of the message,
// or the address of a file that another company keeps (`contentProvider: external`), which is asked without our token.
import type { MediumPlace } from '../../engine/channel-port.ts';
import type { AssetConfig, Send } from '../../engine/ports.ts';
import type { Input } from '../../routing/inputs.ts';
import type { Details, Media } from '../../routing/model.ts';
import { MAX_ID, MAX_NAME } from '../../wire/fields.ts';
import { isObject, objectOf } from '../../wire/json.ts';
import { nowhere } from '../../wire/outcome.ts';
import { key, words } from '../../wire/pick.ts';
import { placeOf, placeText } from '../../wire/places.ts';
import { notIn, ruled } from '../../wire/ruling.ts';
import { bearer, get } from './api.ts';
import { outcomeOfCall } from './errors.ts';
import { settingsOf } from './fields.ts';

type Said = Extract<Input, { type: 'customer' }>['message'];
type Raw = Record<string, unknown>;
type Family = 'image' | 'video' | 'audio' | 'file';

/** What LINE's own apps send; a file may be anything. */
const TYPES: Readonly<Record<Family, string>> = {
  image: 'image/*',
  video: 'video/*',
  audio: 'audio/*',
  file: 'application/*',
};
const isFamily = (type: unknown): type is Family => typeof type === 'string' && Object.hasOwn(TYPES, type);

export function messageOf(raw: Raw): Said {
  const replyTo = key(raw.quotedMessageId, MAX_ID);
  const reply: Details = replyTo === '' ? {} : { replyTo };
  const { type } = raw;
  if (type === 'text') return withDetails({ type, text: words(raw.text), media: [] }, reply);
  if (type === 'location') return ofPlace(raw, reply);
  if (type === 'sticker') return withDetails(ofSticker(raw), { ...reply, sticker: {} });
  const media = isFamily(type) ? mediaOf(type, raw) : [];
  if (isFamily(type) && media.length > 0) return withDetails({ type, text: '', media }, reply);
  return unknown(words(type, MAX_NAME), reply);
}

const withDetails = (message: Said, details: Details): Said =>
  Object.keys(details).length === 0 ? message : { ...message, details };

const unknown = (type: string, reply: Details): Said => ({
  type: 'text',
  text: '',
  media: [],
  details: { ...reply, unknown: type === '' ? 'message' : type },
});

function ofPlace(raw: Raw, reply: Details): Said {
  const [title, address] = [words(raw.title, MAX_NAME), words(raw.address, MAX_NAME)];
  const location = placeOf(raw.latitude, raw.longitude, title, address);
  if (location === null) return unknown('location', reply);
  return { type: 'location', text: placeText(location), media: [], details: { ...reply, location } };
}

/** LINE gives no picture of it: the customer's own words on it, or the words that LINE finds for it. */
function ofSticker(raw: Raw): Said {
  const keywords = Array.isArray(raw.keywords) ? raw.keywords.slice(0, 3).map((word) => words(word, 50)) : [];
  const text = words(raw.text, MAX_NAME) || keywords.filter((word) => word !== '').join(', ');
  return { type: 'sticker', text, media: [] };
}

function mediaOf(type: Family, raw: Raw): Media[] {
  const provider = isObject(raw.contentProvider) ? raw.contentProvider : {};
  const outside = provider.type === 'external' ? key(provider.originalContentUrl, MAX_REFERENCE) : '';
  const id = key(raw.id, MAX_ID);
  const reference = /^https:\/\//i.test(outside) ? outside : ID.test(id) ? `${type}/${id}` : '';
  const name = words(raw.fileName, MAX_NAME);
  return reference === '' ? [] : [{ url: `remote:${reference}`, type: TYPES[type], ...(name === '' ? {} : { name }) }];
}

/** As the store keeps references. */
const MAX_REFERENCE = 500;
const ID = /^[\w-]+$/;
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
