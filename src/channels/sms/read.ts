// What Twilio posts: a message that came in, or what became of one of ours. Both come to the same hook.
// Not here: whether it is Twilio's (signature.ts). The one thing to know: our message's id stands in the query of the
// status callback that we gave with the message; statuses that are no receipt (queued, sent …) are counted as ignored.
import type { AssetConfig, RawRequest, ReadResult } from '../../engine/ports.ts';
import type { Input } from '../../routing/inputs.ts';
import type { Details, Media, MessageType, ReceiptStatus } from '../../routing/model.ts';
import { isId, MAX_NAME, MAX_PAYLOAD, MAX_TEXT } from '../../wire/fields.ts';
import { mediaType, words } from '../../wire/pick.ts';
import { type Place, placeOf, placeText } from '../../wire/places.ts';
import { sentenceOf } from './errors.ts';
import { MAX_MEDIA } from './fields.ts';
import { referenceOf } from './media.ts';
import { authentic, type Parameters } from './signature.ts';

type Customer = Extract<Input, { type: 'customer' }>;

export function read(asset: AssetConfig, request: RawRequest): ReadResult<Input> {
  const result = authentic(asset, request);
  if (!result.ok) return result;
  const { parameters } = result;
  const status = statusOf(parameters);
  const items =
    status === undefined
      ? messageInputs(asset.id, parameters)
      : receiptInputs(asset.id, parameters, status, request.query.get('message'));
  return { ok: true, items, ignored: items.length === 0 ? 1 : 0, batch: false };
}

/** `MessageStatus` of a callback; a message that came in has `SmsStatus=received` only. */
function statusOf(parameters: Parameters): string | undefined {
  const status = parameters.get('MessageStatus') ?? parameters.get('SmsStatus');
  return status === undefined || status === 'received' || status === 'receiving' ? undefined : status;
}

// ───────────────────────────── what became of ours ─────────────────────────────

const RECEIPTS: ReadonlyMap<string, ReceiptStatus> = new Map([
  ['delivered', 'delivered'],
  ['read', 'read'],
  ['undelivered', 'failed'],
  ['failed', 'failed'],
  ['canceled', 'failed'],
]);

function receiptInputs(assetId: string, parameters: Parameters, said: string, ours: string | null): Input[] {
  const status = RECEIPTS.get(said);
  const sid = parameters.get('MessageSid');
  if (status === undefined || !(isId(ours) || isId(sid))) return [];
  const which = isId(ours) ? { messageId: ours } : { messageId: '', ...(isId(sid) ? { externalId: sid } : {}) };
  const why = status === 'failed' ? { description: sentenceOf(parameters.get('ErrorCode')) } : {};
  return [{ type: 'receipt', assetId, ...which, status, ...why }];
}

// ───────────────────────────── what customers say ─────────────────────────────

function messageInputs(assetId: string, parameters: Parameters): Input[] {
  const externalId = parameters.get('MessageSid') ?? parameters.get('SmsSid');
  const address = parameters.get('From');
  if (!isId(externalId) || !isId(address)) return [];
  const name = text(parameters, 'ProfileName', MAX_NAME);
  const who = { type: 'customer' as const, assetId, address, ...(name === '' ? {} : { name }), externalId };
  const said: Customer = { ...who, ...tapOf(parameters), message: messageOf(parameters) };
  const optOut = parameters.get('OptOutType');
  if (optOut === undefined) return [said];
  const sign: Input = {
    type: 'sign',
    assetId,
    address,
    externalId: `optout:${externalId}`.slice(0, MAX_NAME),
    name: 'opt_out',
    text: OPT_OUT.get(optOut) ?? 'Twilio took the message for a keyword.',
  };
  return [said, sign];
}

/** Twilio answers these words itself where Advanced Opt-Out is on, and tells which it took them for. */
const OPT_OUT: ReadonlyMap<string, string> = new Map([
  ['STOP', 'The customer opted out: Twilio sends nothing more to this number until START comes.'],
  ['START', 'The customer opted in again.'],
  ['HELP', 'The customer asked for help, and Twilio answered by itself.'],
]);

/** A tap on a WhatsApp button or on a row of a list is a postback. */
function tapOf(parameters: Parameters): Pick<Customer, 'kind' | 'payload' | 'title'> {
  const payload = text(parameters, 'ButtonPayload', MAX_PAYLOAD) || text(parameters, 'ListId', MAX_PAYLOAD);
  if (payload === '') return { kind: 'message' };
  const title = ['ButtonText', 'ListTitle', 'Body'].map((name) => text(parameters, name, MAX_NAME)).find(Boolean);
  return { kind: 'postback', payload, ...(title === undefined ? {} : { title }) };
}

function messageOf(parameters: Parameters): Customer['message'] {
  const replyTo = parameters.get('OriginalRepliedMessageSid');
  const reply: Details = isId(replyTo) ? { replyTo } : {};
  const location = placeIn(parameters);
  if (location !== null) {
    return { type: 'location', text: placeText(location), media: [], details: { ...reply, location } };
  }
  const said = text(parameters, 'Body', MAX_TEXT);
  const media = mediaOf(parameters);
  // Twilio says what it is in words of its own; without any words or media there is nothing else to show.
  const nothing = said === '' && media.length === 0 && (parameters.get('ButtonPayload') ?? '') === '';
  const unknown = nothing ? { unknown: text(parameters, 'MessageType', MAX_NAME) || 'empty' } : {};
  const details = { ...reply, ...unknown };
  return { type: typeOf(media), text: said, media, ...(Object.keys(details).length > 0 ? { details } : {}) };
}

function placeIn(parameters: Parameters): Place | null {
  const [label, address] = [text(parameters, 'Label', MAX_NAME), text(parameters, 'Address', MAX_NAME)];
  return placeOf(degrees(parameters.get('Latitude')), degrees(parameters.get('Longitude')), label, address);
}

const degrees = (value: string | undefined): number | undefined =>
  value !== undefined && /^[+-]?\d{1,3}(\.\d{1,20})?$/.test(value) ? Number(value) : undefined;

function mediaOf(parameters: Parameters): Media[] {
  const count = Math.min(Number.parseInt(parameters.get('NumMedia') ?? '0', 10) || 0, MAX_MEDIA);
  return Array.from({ length: Math.max(count, 0) }, (_, index): Media[] => {
    const reference = referenceOf(parameters.get(`MediaUrl${index}`) ?? '');
    if (reference === null) return [];
    const type = mediaType(parameters.get(`MediaContentType${index}`), 'application/octet-stream');
    return [{ url: `remote:${reference}`, type }];
  }).flat();
}

/** What the first medium is; a vCard is how WhatsApp's contacts come. */
function typeOf(media: Media[]): MessageType {
  const type = media[0]?.type;
  if (type === undefined) return 'text';
  if (type === 'text/vcard' || type === 'text/x-vcard') return 'contact';
  const family = type.split('/')[0];
  return family === 'image' || family === 'video' || family === 'audio' ? family : 'file';
}

const text = (parameters: Parameters, name: string, max: number): string => words(parameters.get(name), max);
