// What one WhatsApp message says, whoever said it: its type, text, media and details, or the choice that was tapped.
// Not here: who said it and when (read.ts). The one thing to know: whatever does not look as Meta describes it is a message
// of an unknown kind, kept and shown, never an error.
import type { Details, Media, MessageType } from '../../routing/model.ts';
import { isId, MAX_NAME, MAX_NOTE, MAX_PAYLOAD, MAX_TEXT, storable } from '../../wire/fields.ts';
import { mediaType, object, objects, words } from '../../wire/pick.ts';
import { personText, placeOf, placeText } from '../../wire/places.ts';
import type { Loose } from './identity.ts';

export type Content = { type: MessageType; text: string; media: Media[]; details?: Details };
export type Said =
  | { kind: 'message'; message: Content }
  | { kind: 'postback'; message: Content; payload: string; title: string };

/** No use for more people in one message than fit on some screens. */
const MAX_CONTACTS = 20;
const MAX_ORDER_ITEMS = 50;
const MEDIA: Readonly<Record<string, { type: MessageType; family: string }>> = {
  image: { type: 'image', family: 'image/*' },
  video: { type: 'video', family: 'video/*' },
  audio: { type: 'audio', family: 'audio/*' },
  voice: { type: 'audio', family: 'audio/*' },
  document: { type: 'file', family: 'application/*' },
  sticker: { type: 'sticker', family: 'image/*' },
};

/** The field that has the name of the type, as in all of Meta's messages. */
export const bodyOf = (message: Loose): Loose => object(message[words(message.type, MAX_NAME)]);

export function said(message: Loose): Said {
  const kind = words(message.type, MAX_NAME);
  const body = bodyOf(message);
  const found = choice(kind, body) ?? { kind: 'message' as const, message: content(kind, body, message) };
  const replyTo = object(message.context).id;
  if (!isId(replyTo)) return found;
  return { ...found, message: { ...found.message, details: { ...found.message.details, replyTo } } };
}

/** A tap on one of our buttons or rows, on a template's button, or a form that was filled in. */
function choice(kind: string, body: Loose): Said | null {
  if (kind === 'button') return postback(body.payload, body.text);
  if (kind !== 'interactive') return null;
  if (body.type === 'button_reply' || body.type === 'list_reply') {
    const reply = object(body[body.type]);
    return postback(reply.id, reply.title);
  }
  if (body.type !== 'nfm_reply') return null;
  const reply = object(body.nfm_reply);
  return postback(reply.response_json, reply.body ?? reply.name);
}

function postback(payload: unknown, title: unknown): Said | null {
  if (typeof payload !== 'string' || payload === '' || payload.length > MAX_PAYLOAD) return null;
  const shown = words(title, MAX_NAME);
  return { kind: 'postback', message: plain(shown), payload: storable(payload), title: shown };
}

const plain = (text: string): Content => ({ type: 'text', text, media: [] });
const unknown = (kind: string, text = ''): Content => ({ ...plain(text), details: { unknown: kind || 'unknown' } });

function content(kind: string, body: Loose, message: Loose): Content {
  if (kind === 'text' && typeof body.body === 'string') return plain(words(body.body, MAX_TEXT));
  const family = Object.hasOwn(MEDIA, kind) ? MEDIA[kind] : undefined;
  if (family !== undefined) return mediaOf(kind, family, body);
  if (kind === 'location') return locationOf(body) ?? unknown(kind);
  if (kind === 'contacts') return contactsOf(objects(message.contacts, MAX_CONTACTS)) ?? unknown(kind);
  if (kind === 'order') return plain(orderOf(body));
  if (kind === 'interactive') {
    // A form's answer too long for a payload is still an answer.
    const form = words(object(body.nfm_reply).response_json, MAX_TEXT);
    return form === '' ? unknown(`interactive ${words(body.type, MAX_NAME)}`.trim()) : plain(form);
  }
  if (kind === 'unsupported') return unknown(words(object(body).type, MAX_NAME) || kind);
  return unknown(kind);
}

/** A business's own app shows media by an id of ours, a customer's by one of Meta's: both are asked for in the same way. */
function mediaOf(kind: string, { type, family }: { type: MessageType; family: string }, body: Loose): Content {
  if (!isMediaId(body.id)) return unknown(kind, words(body.caption, MAX_TEXT));
  const name = words(body.filename, MAX_NAME);
  const medium = {
    url: `remote:${body.id}`,
    type: mediaType(body.mime_type, family),
    ...(name === '' ? {} : { name }),
  };
  const details: Details | undefined = type === 'sticker' ? { sticker: {} } : undefined;
  return { type, text: words(body.caption, MAX_TEXT), media: [medium], ...(details ? { details } : {}) };
}

const isMediaId = (value: unknown): value is string => typeof value === 'string' && /^[\w.-]{1,256}$/.test(value);

function locationOf(body: Loose): Content | null {
  const [name, address] = [words(body.name, MAX_NAME), words(body.address, MAX_NOTE)];
  const location = placeOf(body.latitude, body.longitude, name, address);
  return location && { type: 'location', text: placeText(location), media: [], details: { location } };
}

function contactsOf(cards: Loose[]): Content | null {
  const contacts = cards.map((card) => {
    const phones = wordsOf(card.phones, 'phone');
    const emails = wordsOf(card.emails, 'email');
    const name = words(object(card.name).formatted_name, MAX_NAME) || (phones[0] ?? emails[0] ?? '');
    return { name, ...(phones.length > 0 ? { phones } : {}), ...(emails.length > 0 ? { emails } : {}) };
  });
  const named = contacts.filter(({ name }) => name !== '');
  if (named.length === 0) return null;
  const text = named.map(personText).join(', ');
  return { type: 'contact', text: storable(text.slice(0, MAX_TEXT)), media: [], details: { contacts: named } };
}

const wordsOf = (items: unknown, field: string): string[] =>
  objects(items, MAX_CONTACTS)
    .map((item) => words(item[field], MAX_NAME))
    .filter((word) => word !== '');

/** A basket of the business's catalogue, in words: one line for each product, then what the customer added. */
function orderOf(body: Loose): string {
  const lines = objects(body.product_items, MAX_ORDER_ITEMS).map((item) => {
    const price = `${numberOf(item.item_price)} ${words(item.currency, 8)}`.trim();
    return `${numberOf(item.quantity)} × ${words(item.product_retailer_id, MAX_NAME)}${price === '' ? '' : ` (${price})`}`;
  });
  return [...lines, words(body.text, MAX_NOTE)].filter((line) => line !== '').join('\n');
}

const numberOf = (value: unknown): string =>
  typeof value === 'number' || typeof value === 'string' ? words(`${value}`, 32) : '';
