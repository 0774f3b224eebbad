// Places and contacts as text, the form in which all channels, bots and desks have them: written, and read back.
// Not here: a provider's own fields. The one thing to know: `<lat>,<long> name`, and `name phone, phone`; what was read
// with all its details keeps them in `details`, which win over the text.
import type { Details } from '../routing/model.ts';
import { MAX_NAME } from './fields.ts';

export type Place = NonNullable<Details['location']>;
export type Person = NonNullable<Details['contacts']>[number];

/** Six digits are a hand's breadth on the ground. */
const DIGITS = 6;
const rounded = (degrees: number): string => String(Number(degrees.toFixed(DIGITS)));

const PLACE = /^\s*([+-]?\d{1,3}(?:\.\d{1,20})?)\s*,\s*([+-]?\d{1,3}(?:\.\d{1,20})?)(?:\s+(\S.*))?\s*$/s;
/** A number as people write it at the end of a line: digits with spaces, dots, dashes and brackets between. */
const PHONE = /^\+?[\d(][\d ().-]{2,30}\d$/;

/** A point on the earth, or null. */
export function placeOf(latitude: unknown, longitude: unknown, name = '', address = ''): Place | null {
  if (typeof latitude !== 'number' || typeof longitude !== 'number') return null;
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) return null;
  return { latitude, longitude, ...(name === '' ? {} : { name }), ...(address === '' ? {} : { address }) };
}

export function placeText({ latitude, longitude, name }: Place): string {
  return `${rounded(latitude)},${rounded(longitude)}${name === undefined ? '' : ` ${name}`}`;
}

/** The place that a message of type `location` means, or null when it names none. */
export function placeIn(message: { text: string; details?: Details }): Place | null {
  if (message.details?.location) return message.details.location;
  const [, latitude, longitude, name] = PLACE.exec(message.text.slice(0, MAX_NAME * 2)) ?? [];
  return placeOf(Number(latitude), Number(longitude), name?.trim());
}

export function personText({ name, phones = [] }: Person): string {
  return [name, phones.join(', ')].filter((part) => part !== '').join(' ');
}

/** The contact that a message of type `contact` means: a name and at least one number; null when it has none. */
export function personIn(message: { text: string; details?: Details }): Person | null {
  const known = message.details?.contacts?.find(({ phones }) => (phones ?? []).length > 0);
  if (known) return known;
  const text = message.text.trim().slice(0, MAX_NAME * 2);
  const first = text.search(/(?<=^|\s)[+(\d]/);
  if (first < 0) return null;
  const phones = text.slice(first).split(/\s*[,;\n]\s*/);
  if (!phones.every((phone) => PHONE.test(phone))) return null;
  const name = text.slice(0, first).replace(/[\s,:;]+$/, '');
  return { name: name === '' ? (phones[0] ?? '') : name, phones };
}
