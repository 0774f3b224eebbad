// The limits that a reader's own schema promises, asked again of what it took, without that schema; and what a refusal is.
// The one thing to know: a field has one limit wherever it stands, so a value is walked and each name looked up.
import {
  MAX_ID,
  MAX_MEDIA,
  MAX_NOTE,
  MAX_PAYLOAD,
  MAX_QUICK_REPLIES,
  MAX_TEXT,
  MAX_URL,
  MESSAGE_TYPES,
} from '../../src/wire/fields.ts';

const UNSTORABLE = /\\u0000|\\ud[89a-f][0-9a-f]{2}/;
const STATUSES = [400, 401, 413, 415, 422];
const ERRORS_MAX = 50;
const LAST_INSTANT = 8.64e15;

/** As the schemas count them. */
export const charactersIn = (text: string): number => [...text].length;

type Holds = (value: unknown) => boolean;
const words =
  (max: number): Holds =>
  (value) =>
    typeof value === 'string' && charactersIn(value) <= max;
const key: Holds = (value) => words(MAX_ID)(value) && value !== '' && !/[\p{Cc}\p{Cs}]/u.test(value as string);
const list =
  (max: number): Holds =>
  (value) =>
    Array.isArray(value) && value.length <= max;
const link: Holds = (value) =>
  words(MAX_URL)(value) && /^https?:\/\//i.test(value as string) && URL.canParse(value as string);

const LIMITS: Readonly<Record<string, Holds>> = {
  ...{ conversationId: key, address: key, externalId: key, key, agent: key, to: key, deskId: key },
  ...{
    text: words(MAX_TEXT),
    reason: words(MAX_NOTE),
    note: words(MAX_NOTE),
    payload: words(MAX_PAYLOAD),
    title: words(MAX_PAYLOAD),
    name: words(MAX_NOTE),
  },
  ...{ media: list(MAX_MEDIA), links: list(MAX_MEDIA), quickReplies: list(MAX_QUICK_REPLIES), message_ids: list(100) },
  ...{ url: link, contentUrl: link },
  epoch: (value) => Number.isInteger(value) && (value as number) >= 0,
  sentAt: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= LAST_INSTANT,
  waitS: (value) => typeof value === 'number' && value >= 0 && value <= 86_400,
  on: (value) => typeof value === 'boolean',
  custom: (value) => Object.entries(value as object).every(([name, each]) => name.length <= 256 && words(4_096)(each)),
};

/** '' when all of it can be stored and keeps its limits. */
export function valueFault(value: unknown): string {
  return UNSTORABLE.test(JSON.stringify(value) ?? '') ? 'a text that no store can hold' : beyond(value, '');
}

function beyond(value: unknown, path: string): string {
  if (typeof value !== 'object' || value === null) return '';
  for (const [name, inner] of Object.entries(value)) {
    if (inner === undefined || inner === null) continue;
    const limit =
      Array.isArray(value) || path.endsWith('/custom') || !Object.hasOwn(LIMITS, name) ? undefined : LIMITS[name];
    if (limit?.(inner) === false) return `${path}/${name} is beyond its limit: ${JSON.stringify(inner)?.slice(0, 80)}`;
    const deeper = beyond(inner, `${path}/${name}`);
    if (deeper !== '') return deeper;
  }
  return '';
}

type Said = { type: string; conversationId?: unknown; message?: { type: string; text: string; media: unknown[] } };

/** Of a command of a bot or desk. */
export function commandFault(command: Said): string {
  if (command.conversationId === undefined) return 'of no conversation';
  const { message } = command;
  if (message !== undefined && message.text === '' && message.media.length === 0) return 'a message that says nothing';
  if (message !== undefined && !(MESSAGE_TYPES as readonly string[]).includes(message.type))
    return `of type ${message.type}`;
  return valueFault(command);
}

type Refused = { status?: number; code?: unknown; detail?: unknown; errors?: { pointer: unknown; detail: unknown }[] };

/** Of a refusal: in its own words, the fields by name, and not too many. */
export function refusalFault({ status, code, errors = [] }: Refused): string {
  if (status !== undefined && !STATUSES.includes(status)) return `refused with ${status}`;
  if (status !== undefined && typeof code !== 'string') return 'refused without a code';
  if (errors.length > ERRORS_MAX) return `${errors.length} errors at once`;
  if (status === 422 && errors.length === 0) return 'nothing is named that is wrong';
  return errors.every(
    ({ pointer, detail }) => typeof pointer === 'string' && typeof detail === 'string' && detail !== '',
  )
    ? ''
    : 'an error that says nothing';
}
