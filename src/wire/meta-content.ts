// What a `message` of Messenger or Instagram says: text, media, places, stickers, shares, and what Meta could not show.
// Not here: who said it and what else may happen (meta-messaging.ts). The one thing to know: nothing that a customer
// sent is dropped without a word; a kind that has no form of ours is named in `details.unknown`.
import type { Details, Media, MessageType } from '../routing/model.ts';
import { MAX_ID, MAX_MEDIA, MAX_NAME } from './fields.ts';
import { isObject } from './json.ts';
import { MAX_FILE_URL, referenceTo } from './meta-media.ts';
import { key, line, objects, words } from './pick.ts';
import { placeOf, placeText } from './places.ts';

export type Said = { type: MessageType; text: string; media: Media[]; details?: Details };
type Loose = Record<string, unknown>;

const MAX_LINK = 2048;

/** Kinds that are a file, what ours is, and what is in it as far as the name tells; the file itself is looked at later. */
const FILES: Readonly<Record<string, { type: MessageType; media: string }>> = {
  image: { type: 'image', media: 'image/*' },
  video: { type: 'video', media: 'video/*' },
  audio: { type: 'audio', media: 'audio/*' },
  file: { type: 'file', media: 'application/octet-stream' },
  sticker: { type: 'sticker', media: 'image/*' },
  story_mention: { type: 'image', media: 'image/*' },
  share: { type: 'image', media: 'image/*' },
  post: { type: 'image', media: 'image/*' },
  ig_post: { type: 'image', media: 'image/*' },
  reel: { type: 'video', media: 'video/*' },
  ig_reel: { type: 'video', media: 'video/*' },
};
/** Files that are no more than files: the others' kind is told too. */
const PLAIN: readonly string[] = ['image', 'video', 'audio', 'file', 'sticker'];

/** What the parts of one message come to, one after the other. */
type Draft = { type: MessageType | null; text: string[]; media: Media[]; details: Details };

/** Reads `message` of an event; `mid` finds its files again when their URLs are too long to keep. */
export function contentOf(message: Loose, mid: string): Said {
  const draft: Draft = { type: null, text: [words(message.text)], media: [], details: repliedTo(message.reply_to) };
  const parts = objects(message.attachments, MAX_MEDIA);
  for (const [index, part] of parts.entries()) {
    if (!isStickerAgain(part, parts)) add(draft, part, kindOf(part, message), { mid, index });
  }
  const text = draft.text.filter((words) => words !== '').join('\n');
  const empty = text === '' && draft.media.length === 0 && draft.details.unknown === undefined;
  if (message.is_unsupported === true || empty) draft.details.unknown ??= 'unsupported';
  const details = Object.keys(draft.details).length === 0 ? {} : { details: draft.details };
  return { type: draft.type ?? 'text', text, media: draft.media, ...details };
}

function add(draft: Draft, part: Loose, kind: string, place: { mid: string; index: number }): void {
  const payload = isObject(part.payload) ? part.payload : {};
  const file = Object.hasOwn(FILES, kind) ? FILES[kind] : undefined;
  const url = words(payload.url, MAX_FILE_URL);
  if (file !== undefined) {
    const reference = referenceTo(url, place.mid, place.index);
    if (reference === null || !PLAIN.includes(kind)) draft.details.unknown = kind;
    if (!PLAIN.includes(kind)) tell(draft, line(payload.title));
    if (kind === 'sticker') draft.details.sticker = {};
    if (reference === null) return;
    draft.type ??= file.type;
    draft.media.push({ url: `remote:${reference}`, type: file.media, ...nameOf(kind, url) });
    return;
  }
  if (kind === 'location') addPlace(draft, part, payload);
  // A link that was shared; mostly it stands in the text already.
  else if (kind === 'fallback') {
    tell(draft, ...new Set([line(part.title ?? payload.title), words(part.url ?? payload.url, MAX_LINK)]));
  } else {
    draft.details.unknown = kind;
    const product = isObject(payload.product) ? payload.product : {};
    tell(draft, line(payload.title), ...objects(product.elements, 10).map((element) => line(element.title)));
  }
}

/** Words of an attachment are the message's when the customer wrote none. */
function tell(draft: Draft, ...lines: string[]): void {
  if (draft.text[0] === '') draft.text.push(...lines);
}

function addPlace(draft: Draft, part: Loose, payload: Loose): void {
  const at = isObject(payload.coordinates) ? payload.coordinates : {};
  const place = placeOf(at.lat, at.long, line(part.title));
  if (place === null) {
    draft.details.unknown = 'location';
    return;
  }
  draft.type ??= 'location';
  draft.details.location = place;
  tell(draft, placeText(place));
}

/** Until stickers had a kind of their own they were images with an id. */
function kindOf(part: Loose, message: Loose): string {
  const kind = words(part.type, 64) || 'unnamed';
  return kind === 'image' && (stickerId(part) !== '' || key(message.sticker_id, MAX_ID) !== '') ? 'sticker' : kind;
}

/** In a time of change a sticker comes as both (Messenger's changelog of 1 June 2026): the image is the same one again. */
function isStickerAgain(part: Loose, parts: Loose[]): boolean {
  return part.type === 'image' && stickerId(part) !== '' && parts.some(({ type }) => type === 'sticker');
}

const stickerId = (part: Loose): string => (isObject(part.payload) ? key(part.payload.sticker_id, MAX_ID) : '');

/** The message that was answered, or the story. */
function repliedTo(value: unknown): Details {
  if (!isObject(value)) return {};
  const mid = key(value.mid, MAX_ID);
  if (mid !== '') return { replyTo: mid };
  const story = isObject(value.story) ? key(value.story.id, MAX_ID) : '';
  return story === '' ? {} : { replyTo: `story:${story}` };
}

/** A file's name stands in its URL alone. */
function nameOf(kind: string, url: string): { name?: string } {
  if (kind !== 'file' || !URL.canParse(url)) return {};
  const last = new URL(url).pathname.split('/').at(-1) ?? '';
  try {
    const name = words(decodeURIComponent(last), MAX_NAME);
    return /\.\w{1,8}$/.test(name) ? { name } : {};
  } catch {
    return {};
  }
}
