// What a bot says: events 1001 to 1008, from its own POST or from `events` in its answer.
// Not here: signatures and bodies (seed-bot.ts), and whether the bot may say it now (routing).
// The one thing to know: names are read without regard to case and underscores, because the seed itself spells them in
// two ways; where a body has a name twice in two spellings, the seed's own spelling counts.
import { z } from 'zod';
import type { FieldError } from '../engine/ports.ts';
import type { BotCommand } from '../routing/inputs.ts';
import {
  absent,
  epoch,
  id,
  isId,
  MAX_TEXT,
  MESSAGE_TYPES,
  maybe,
  mediaList,
  messageType,
  name,
  note,
  plainWords,
  quickReplies,
  storable,
  text,
} from '../wire/fields.ts';
import { check, isObject, type Read } from '../wire/json.ts';

/** Custom parameters become attributes of the thread and travel with every event: they must stay small. */
const MAX_CUSTOM = 100;
const MAX_CUSTOM_NAME = 128;
const MAX_CUSTOM_VALUE = 4096;

const EVENTS = {
  1001: 'message',
  1002: 'handover',
  1003: 'close',
  1004: 'custom',
  1005: 'milestone',
  1006: 'notify',
  1007: 'unhandled',
  1008: 'typing',
} as const;
type EventWord = BotCommand['type'];

/** The seed's spelling of a name, by the name in lower case without underscores. */
const SPELLINGS = new Map(
  [
    ...['eventid', 'event', 'event_type', 'conversation_id', 'message', 'Messagetype', 'Timestamp', 'media'],
    ...['quick_replies', 'epoch', 'messageid', 'desk_id', 'reason', 'name', 'on'],
  ].map((spelling) => [folded(spelling), spelling]),
);
const CUSTOM = 'customparam';
/** Our own ids: a bot that sends back the whole event it got does not mean the customer's message id as its own key. */
const OWN_MESSAGE_ID = /^msg_[0-9a-z]{26}$/;

/** In any case; empty counts as absent. */
const lowerType = z.preprocess(
  (value) => (typeof value === 'string' ? value.trim().toLowerCase() || undefined : value),
  maybe(z.enum(MESSAGE_TYPES)),
);
const head = { conversation_id: id(), epoch: maybe(epoch) };
export const shapes = {
  message: z.object({
    ...head,
    message: maybe(text(MAX_TEXT)),
    Messagetype: lowerType.optional(),
    media: maybe(mediaList),
    quick_replies: maybe(quickReplies),
    messageid: maybe(id()),
  }),
  handover: z.object({ ...head, desk_id: maybe(id()), reason: maybe(note) }),
  close: z.object({ ...head, reason: maybe(note) }),
  raise: z.object({ ...head, name: maybe(name) }),
  typing: z.object({ ...head, on: maybe(z.boolean()) }),
};

/**
 * Reads one event. Pointers in errors name the field as the bot wrote it.
 * @param conversationId taken when the event names none: that of the delivery being answered
 */
export function readCommand(given: unknown, conversationId?: string): Read<BotCommand> {
  if (!isObject(given)) return wrong('', 'must be an object');
  const { fields, custom, written } = fold(given);
  const event = eventWord(fields);
  if (!event.ok) return wrong(`/${escaped(written.get(event.field) ?? event.field)}`, event.detail);
  const params = readCustom(custom);
  const body = {
    ...fields,
    conversation_id: fields.conversation_id ?? conversationId,
    media: mediaOf(fields),
    quick_replies: lowerKeys(fields.quick_replies),
  };
  const result = readShape(event.word, body, params.values);
  if (result.ok && params.errors.length === 0) return result;
  const errors = result.ok ? [] : result.errors.map((error) => asWritten(error, written));
  return { ok: false, errors: [...errors, ...params.errors] };
}

function readShape(word: EventWord, body: Record<string, unknown>, custom: Record<string, string>): Read<BotCommand> {
  switch (word) {
    case 'message':
      return readMessage(body, custom);
    case 'handover':
      return then(
        check(shapes.handover, body),
        ({ conversation_id: conversationId, epoch, desk_id: deskId, reason }) => {
          return { type: 'handover', conversationId, epoch, deskId, reason, custom };
        },
      );
    case 'close':
      return then(check(shapes.close, body), ({ conversation_id: conversationId, epoch, reason }) => {
        return { type: 'close', conversationId, epoch, reason };
      });
    case 'typing':
      return then(check(shapes.typing, body), ({ conversation_id: conversationId, epoch, on }) => {
        return { type: 'typing', conversationId, epoch, on: on ?? true };
      });
    default:
      return then(check(shapes.raise, body), ({ conversation_id: conversationId, epoch, name }) => {
        return { type: word, conversationId, epoch, name, custom };
      });
  }
}

function readMessage(body: Record<string, unknown>, custom: Record<string, string>): Read<BotCommand> {
  const result = plainMessage(body) ?? check(shapes.message, body);
  if (!result.ok) return result;
  const {
    conversation_id: conversationId,
    epoch,
    message: words = '',
    media = [],
    messageid,
    quick_replies,
  } = result.value;
  if (words === '' && media.length === 0) return wrong('/message', 'is required unless there is media');
  const type = messageType(result.value.Messagetype, words, media);
  const key = messageid === undefined || OWN_MESSAGE_ID.test(messageid) ? undefined : messageid;
  const message = { type, text: words, media, ...(quick_replies === undefined ? {} : { quickReplies: quick_replies }) };
  return { ok: true, value: { type: 'message', conversationId, epoch, message, key, custom } };
}

/** A text and nothing else, as most are; undefined: ask the schema. */
export function plainMessage(body: Record<string, unknown>): Read<z.infer<typeof shapes.message>> | undefined {
  const { conversation_id, message, Messagetype, epoch, media, quick_replies, messageid } = body;
  if (!isId(conversation_id) || (Messagetype !== 'text' && !absent(Messagetype))) return undefined;
  if (!absent(epoch, media, quick_replies, messageid)) return undefined;
  const words = plainWords(message);
  if (words === undefined) return undefined;
  const none = { epoch: undefined, media: undefined, quick_replies: undefined, messageid: undefined };
  return { ok: true, value: { ...none, conversation_id, message: words, Messagetype: 'text' } };
}

type Folded = {
  /** by the seed's spelling */
  fields: Record<string, unknown>;
  custom: [name: string, value: unknown][];
  /** how the bot spelled each */
  written: Map<string, string>;
};

function fold(given: Record<string, unknown>): Folded {
  const fields: Record<string, unknown> = Object.create(null);
  const written = new Map<string, string>();
  const custom: [string, unknown][] = [];
  for (const [key, value] of Object.entries(given)) {
    const low = folded(key);
    const spelling = SPELLINGS.get(low);
    if (spelling !== undefined) {
      if (written.get(spelling) === spelling) continue;
      fields[spelling] = value;
      written.set(spelling, key);
    } else if (low.startsWith(CUSTOM)) custom.push([key, value]);
  }
  return { fields, custom, written };
}

type EventRead = { ok: true; word: EventWord } | { ok: false; field: string; detail: string };

/** A number or a word, in `eventid`, `event` or `event_type`. [seed: "event type as the key name", whichever suits] */
function eventWord(fields: Record<string, unknown>): EventRead {
  const field = ['eventid', 'event', 'event_type'].find((key) => fields[key] !== undefined && fields[key] !== null);
  if (field === undefined) return { ok: false, field: 'eventid', detail: 'is required: 1001 to 1008, or the word' };
  const value = fields[field];
  const text = typeof value === 'number' || typeof value === 'string' ? String(value).trim().toLowerCase() : '';
  const word = Object.hasOwn(EVENTS, text)
    ? EVENTS[Number(text) as keyof typeof EVENTS]
    : Object.values(EVENTS).find((known) => known === text);
  return word === undefined
    ? { ok: false, field, detail: 'is no event: 1001 to 1008, or the word' }
    : { ok: true, word };
}

/** `media` as a list. The seed's own `Media: ""`, sent back with the rest of an event, is none. */
function mediaOf({ media }: Record<string, unknown>): unknown {
  return media === '' ? undefined : lowerKeys(media);
}

/** Names inside of lists are read without regard to case too. */
function lowerKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowerKeys);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.toLowerCase(), inner]));
}

function readCustom(given: Folded['custom']): { values: Record<string, string>; errors: FieldError[] } {
  const values: Record<string, string> = {};
  const errors: FieldError[] = [];
  for (const [key, value] of given) {
    if (value === null) continue;
    const detail = whyNoParameter(key, value);
    if (detail !== null) errors.push({ pointer: `/${escaped(key)}`, detail });
    else values[CUSTOM + withoutPrefix(key)] = storable(String(value));
  }
  if (given.length > MAX_CUSTOM) {
    return { values, errors: [{ pointer: '', detail: `must not have more than ${MAX_CUSTOM} custom parameters` }] };
  }
  return { values, errors };
}

function whyNoParameter(key: string, value: unknown): string | null {
  if (key.length > MAX_CUSTOM_NAME) return `must not have a name longer than ${MAX_CUSTOM_NAME}`;
  if (!['string', 'number', 'boolean'].includes(typeof value)) return 'must be a string, a number or a boolean';
  return String(value).length > MAX_CUSTOM_VALUE ? `must not be longer than ${MAX_CUSTOM_VALUE}` : null;
}

/** What follows the prefix, as the bot wrote it, whatever the prefix's case and underscores. */
const withoutPrefix = (key: string): string => storable(key.replace(/^_*c_*u_*s_*t_*o_*m_*p_*a_*r_*a_*m_*/i, ''));

function folded(key: string): string {
  return key.toLowerCase().replaceAll('_', '');
}

const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

function asWritten(error: FieldError, written: Map<string, string>): FieldError {
  const [, first = '', ...rest] = error.pointer.split('/');
  return { ...error, pointer: ['', escaped(written.get(first) ?? first), ...rest].join('/') };
}

function wrong(pointer: string, detail: string): { ok: false; errors: FieldError[] } {
  return { ok: false, errors: [{ pointer, detail }] };
}

function then<T>(result: Read<T>, make: (value: T) => BotCommand): Read<BotCommand> {
  return result.ok ? { ok: true, value: make(result.value) } : result;
}
