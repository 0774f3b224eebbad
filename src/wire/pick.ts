// Picks pieces out of what a provider posted, when a wrong piece must not cost the whole: each pick has a limit and an end.
// Not here: whole bodies that are refused when malformed (json.ts, fields.ts). The one thing to know: what is not of the
// expected kind is absent, and text comes out as something every store can hold.
import { MAX_NAME, MAX_TEXT, sinceEpoch, storable } from './fields.ts';
import { isObject } from './json.ts';

/** The text, cut to a length; '' when it is none. */
export function words(value: unknown, max = MAX_TEXT): string {
  return typeof value === 'string' ? storable(value.slice(0, max)) : '';
}

/** The parts that are texts and not empty, in one line: a person's first and last name. */
export function line(...values: unknown[]): string {
  const parts = values.map((value) => words(value, MAX_NAME).trim()).filter((word) => word !== '');
  return words(parts.join(' '), MAX_NAME);
}

/** A key of a provider's: a text, or a whole number as a text; '' when it is neither, too long, or has control characters. */
export function key(value: unknown, max: number): string {
  const text = Number.isSafeInteger(value) ? String(value) : value;
  return typeof text === 'string' && text.length <= max && !/[\p{Cc}\p{Cs}]/u.test(text) ? text : '';
}

/** A whole number that a double holds exactly. */
export function whole(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}

/** The object; an empty one when it is none. */
export const object = (value: unknown): Record<string, unknown> => (isObject(value) ? value : {});

/** The objects in a list, at most `max`, or as many as the body had room for; none when it is no list. */
export function objects(value: unknown, max = Number.POSITIVE_INFINITY): Record<string, unknown>[] {
  return Array.isArray(value) ? value.slice(0, max).filter(isObject) : [];
}

/** Seconds or milliseconds since 1970, as a number or as its digits → ms. */
export function moment(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && number > 0 ? (sinceEpoch(number) ?? undefined) : undefined;
}

const MIME = /^[\w.+-]{1,60}\/[\w.+-]{1,60}$/;

/** A media type without its parameters; `guess` when it is none. */
export function mediaType(value: unknown, guess: string): string {
  const bare = words(value, 200).split(';')[0]?.trim().toLowerCase() ?? '';
  return MIME.test(bare) ? bare : guess;
}
