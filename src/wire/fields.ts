// The fields that all our JSON wires share, as schemas with their limits: ids, text, media, quick replies, times.
// Not here: a wire's own spelling. The one thing to know: null counts as absent, unknown fields are ignored, and a text
// comes out as something every store can hold (no NUL, no half of a surrogate pair).
import { z } from 'zod';
import type { Media, MessageType } from '../routing/model.ts';

export const MESSAGE_TYPES = [
  'text',
  'image',
  'video',
  'audio',
  'file',
  'location',
  'contact',
  'sticker',
] as const satisfies readonly MessageType[];
/** Types that say nothing without a medium. */
export const NEEDS_MEDIA: readonly MessageType[] = ['image', 'video', 'audio', 'file'];

/** Ids and addresses are keys: longer ones bloat every index they stand in. */
export const MAX_ID = 256;
/** Names, titles: what fits on a screen. */
export const MAX_NAME = 256;
/** Reasons, notes, descriptions: some sentences. */
export const MAX_NOTE = 4096;
/** Text of one message, in characters (an emoji is one): sixteen times what any channel takes. */
export const MAX_TEXT = 65_536;
/** Signed object-storage links are long; nothing sensible is longer than this. */
export const MAX_URL = 4096;
export const MAX_MEDIA = 20;
/** Messenger's limit, the widest of the channels. */
export const MAX_QUICK_REPLIES = 13;
export const MAX_PAYLOAD = 4096;
const MAX_MEDIA_TYPE = 128;
/** The last instant a Date can tell, in ms. */
const LAST_INSTANT = 8.64e15;
/** Numbers below are seconds, others milliseconds: as ms this is 1973, as seconds the year 5138. */
const SECONDS_BELOW = 1e11;

const CONTROL = /[\p{Cc}\p{Cs}]/u;
const CONTROLS = /[\p{Cc}\p{Cs}]/gu;
/** Control characters that a store can hold: all but NUL. */
const KEEPS = /[^\0\p{Cs}]/u;

/** Optional in the schema, null counts as absent. */
export function maybe<T extends z.ZodType>(schema: T) {
  return schema.nullish().transform((value) => value ?? undefined);
}

/** Free text up to a length; NUL and halves of surrogate pairs become U+FFFD, as in a decoded broken byte. */
export function text(max: number) {
  return z.string().max(max).transform(storable);
}

/** The text with NUL and halves of surrogate pairs as U+FFFD. */
export function storable(value: string): string {
  return CONTROL.test(value) ? value.replace(CONTROLS, (char) => (KEEPS.test(char) ? char : '\ufffd')) : value;
}

/** Whether it has neither NUL nor half of a surrogate pair. */
export const isStorable = (value: string): boolean => storable(value) === value;

/** A key: not empty, limited, without control characters. */
export function id(max = MAX_ID) {
  return z
    .string()
    .min(1)
    .max(max)
    .refine((value) => !CONTROL.test(value), 'must not have control characters');
}

// The commonest words of all, a plain text, are read without a schema: it would cost as much as the JSON around it.
// What these two do not know at a glance goes to the schemas, which alone refuse and explain.

/** What `id()` takes. */
export const isId = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= MAX_ID && !CONTROL.test(value);

/** Words that `text(MAX_TEXT)` takes and that are enough for a message, as it gives them; else undefined. */
export const plainWords = (value: unknown): string | undefined =>
  typeof value === 'string' && value.length > 0 && value.length <= MAX_TEXT ? storable(value) : undefined;

/** Whether none of these is there, as `maybe` understands it. */
export const absent = (...values: unknown[]): boolean => values.every((value) => value === undefined || value === null);

export const name = text(MAX_NAME);
export const note = text(MAX_NOTE);

/** An absolute http or https URL. Whether it may be reached is the guarded client's question. */
export const httpUrl = z
  .string()
  .max(MAX_URL)
  .refine(
    (value) => isStorable(value) && /^https?:\/\//i.test(value) && URL.canParse(value),
    'must be an http or https URL',
  );

export const medium = z
  .object({ url: httpUrl, type: id(MAX_MEDIA_TYPE), name: maybe(name) })
  .transform(
    (value): Media =>
      value.name === undefined ? { url: value.url, type: value.type } : { ...value, name: value.name },
  );
export const mediaList = z.array(medium).max(MAX_MEDIA);

/** `{title, payload?}` or just the title. */
export const quickReplies = z
  .array(
    z.union(
      [
        id(MAX_NAME).transform((title) => ({ title })),
        z.object({ title: id(MAX_NAME), payload: maybe(text(MAX_PAYLOAD)) }),
      ],
      'must be a title, or an object with title and payload',
    ),
  )
  .max(MAX_QUICK_REPLIES);

/** How often the holder had changed when the sender last looked. */
export const epoch = z.int().min(0);

const NO_INSTANT = 'must be ISO 8601, or seconds or milliseconds since 1970';

/** ISO 8601 with date and time (UTC when it names no offset), or a number of seconds or milliseconds since 1970 → ms. */
export const instant = z.union([z.string().max(64), z.number()], NO_INSTANT).transform((value, context) => {
  const at = typeof value === 'number' ? sinceEpoch(value) : fromIso(value);
  if (at !== null) return at;
  context.addIssue({ code: 'custom', message: NO_INSTANT });
  return z.NEVER;
});

/** Seconds or milliseconds since 1970 → ms. */
export function sinceEpoch(value: number): number | null {
  const at = Math.round(value < SECONDS_BELOW ? value * 1000 : value);
  return at >= 0 && at <= LAST_INSTANT ? at : null;
}

function fromIso(value: string): number | null {
  const shape = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?$/i.exec(value);
  if (shape === null) return null;
  const at = Date.parse(value.replace(' ', 'T') + (shape[3] === undefined ? 'Z' : ''));
  return Number.isNaN(at) ? null : at;
}

/** `type` may be left out: it is `text` when there is text, else what the first medium is. [ours] */
export function messageType(given: MessageType | undefined, words: string, media: Media[]): MessageType {
  if (given !== undefined) return given;
  const first = media[0];
  if (words !== '' || first === undefined) return 'text';
  const kind = first.type.split('/')[0]?.toLowerCase();
  return MESSAGE_TYPES.find((type) => type === kind) ?? 'file';
}

/** `{type, text, media, quick_replies}` as channels write it; text needs text, an image an image. */
export const content = contentWith(z.enum(MESSAGE_TYPES));
/** The same as desks write it: `type` may be left out. */
export const looseContent = contentWith(maybe(z.enum(MESSAGE_TYPES)));

function contentWith(type: z.ZodType<MessageType | undefined>) {
  const shape = { type, text: maybe(text(MAX_TEXT)), media: maybe(mediaList), quick_replies: maybe(quickReplies) };
  return z.object(shape).transform((value, context) => {
    const words = value.text ?? '';
    const media = value.media ?? [];
    const type = messageType(value.type, words, media);
    const lack = whatLacks(type, words, media);
    if (lack !== null) {
      context.addIssue({ code: 'custom', path: [lack], message: `is required in a message of type ${type}` });
    }
    return { type, text: words, media, quickReplies: value.quick_replies };
  });
}

function whatLacks(type: MessageType, words: string, media: Media[]): 'text' | 'media' | null {
  if (NEEDS_MEDIA.includes(type)) return media.length === 0 ? 'media' : null;
  if (type === 'text') return words === '' ? 'text' : null;
  return words === '' && media.length === 0 ? 'text' : null;
}
