// A customer's message of LINE's, as ours.
// Not here: the event around it (read.ts), and the bytes of its medium (media.ts). The one thing to know: a reference is the kind and LINE's id of the message,
// or the address of a file that another company keeps (`contentProvider: external`), which is asked without our token.
import type { Input } from '../../routing/inputs.ts';
import type { Details, Media } from '../../routing/model.ts';
import { MAX_ID, MAX_NAME } from '../../wire/fields.ts';
import { isObject } from '../../wire/json.ts';
import { key, words } from '../../wire/pick.ts';
import { placeOf, placeText } from '../../wire/places.ts';

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
