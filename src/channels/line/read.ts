// What LINE posts: the signature, then each event of the batch by itself.
// Not here: what a message says (message.ts). The one thing to know: a message is known by its own id, since customers
// quote and unsend it by that; all else by the event's id. Both stay the same when LINE sends an event again.
import { createHmac } from 'node:crypto';
import type { AssetConfig, RawRequest, ReadResult } from '../../engine/ports.ts';
import { sameSignature } from '../../net/signature.ts';
import type { Input } from '../../routing/inputs.ts';
import { MAX_ID, MAX_NAME, MAX_NOTE, MAX_PAYLOAD, storable } from '../../wire/fields.ts';
import { isObject, parseObject, type Refused, refused } from '../../wire/json.ts';
import { key, moment, words } from '../../wire/pick.ts';
import { settingsOf } from './fields.ts';
import { messageOf } from './message.ts';
import { rememberReadToken } from './read-tokens.ts';

const MAX_BODY_BYTES = 1_048_576;
/** LINE sends a handful; a batch is one transaction, and a long one would hold up everybody else's. */
const MAX_EVENTS = 1000;

type Event = Record<string, unknown>;
type Who = { assetId: string; address: string; externalId: string };

export function read(asset: AssetConfig, request: RawRequest): ReadResult<Input> {
  const refusal = checkSignature(request, settingsOf(asset).channelSecret);
  if (refusal !== null) return refusal;
  const parsed = parseObject(request.body, MAX_BODY_BYTES, 400);
  if (!parsed.ok) return parsed;
  // Console's “Verify” sends none.
  const events: unknown[] = Array.isArray(parsed.value.events) ? parsed.value.events : [];
  if (events.length > MAX_EVENTS) return refused(413, 'too_large', `A batch has at most ${MAX_EVENTS} events.`);
  const items: Input[] = [];
  let ignored = 0;
  for (const event of events) {
    const input = isObject(event) ? inputOf(asset.id, event) : null;
    if (input === null) ignored += 1;
    else items.push(input);
  }
  return { ok: true, items, ignored, batch: true };
}

/** `x-line-signature`: base64 of the HMAC-SHA256 of the raw body. */
function checkSignature(request: RawRequest, secret: string): Refused | null {
  const header = request.headers['x-line-signature'] ?? '';
  if (header === '') return refused(401, 'bad_signature', 'x-line-signature is missing.');
  // As text: Node's base64 overlooks what is none, and so would take more than one spelling.
  const expected = createHmac('sha256', secret).update(request.body).digest('base64');
  if (secret !== '' && sameSignature(expected, header)) return null;
  const detail = 'x-line-signature does not fit: compare the channel secret with the one in the Developers Console.';
  return refused(401, 'bad_signature', detail);
}

/** null: not of a customer's, or without an id by which it could be told apart from its repetition. */
function inputOf(assetId: string, event: Event): Input | null {
  const source = isObject(event.source) ? event.source : {};
  const address = source.type === 'user' ? key(source.userId, MAX_ID) : '';
  const externalId = key(event.webhookEventId, MAX_ID);
  const type = words(event.type, MAX_NAME);
  if (address === '' || externalId === '' || type === '') return null;
  const who: Who = { assetId, address, externalId };
  if (event.mode === 'standby' && type !== 'deactivated') return standby(who, type, event);
  if (type === 'message') return said(who, event);
  if (type === 'postback') return tapped(who, event);
  if (type === 'unsend') return unsent(who, event);
  if (type === 'follow') return follow(who, event);
  return sign(who, type, SIGNS.get(type) ?? `LINE told of an event of type ${type}.`);
}

const SIGNS: ReadonlyMap<string, string> = new Map([
  ['unfollow', 'The customer blocked the account: LINE takes messages to them, but does not bring them.'],
  ['activated', 'LINE gave this chat to us.'],
  ['deactivated', 'LINE gave this chat to another app.'],
  ['accountLink', 'The customer linked an account of theirs.'],
  ['videoPlayComplete', 'The customer watched a video to its end.'],
  ['beacon', 'The customer came near a beacon.'],
  ['membership', 'The customer’s membership changed.'],
]);

const sign = (who: Who, name: string, text: string): Input => ({ type: 'sign', ...who, name, text });

function said(who: Who, event: Event): Input {
  const message = isObject(event.message) ? event.message : {};
  const externalId = key(message.id, MAX_ID) || who.externalId;
  rememberReadToken(who.assetId, externalId, message.markAsReadToken);
  return { type: 'customer', ...who, externalId, kind: 'message', message: messageOf(message), ...sentAt(event) };
}

/** The button's words are not told, only its data; of a date picker, what was picked. */
function tapped(who: Who, event: Event): Input {
  const postback = isObject(event.postback) ? event.postback : {};
  const payload = words(postback.data, MAX_PAYLOAD);
  const params = isObject(postback.params) ? postback.params : {};
  const picked = ['datetime', 'date', 'time'].map((name) => words(params[name], MAX_NAME)).find(Boolean);
  // Whoever is told of a tap without its data could not tell which it was.
  if (payload === '' && picked === undefined) return sign(who, 'postback', 'LINE told of a button without its data.');
  return {
    type: 'customer',
    ...who,
    kind: 'postback',
    message: { type: 'text', text: picked ?? '', media: [] },
    payload: payload || (picked ?? ''),
    ...(picked === undefined ? {} : { title: picked }),
    ...sentAt(event),
  };
}

function unsent(who: Who, event: Event): Input | null {
  const about = isObject(event.unsend) ? key(event.unsend.messageId, MAX_ID) : '';
  return about === '' ? null : { type: 'remark', ...who, about, remark: { kind: 'delete' } };
}

function follow(who: Who, event: Event): Input {
  const again = isObject(event.follow) && event.follow.isUnblocked === true;
  return again
    ? sign(who, 'unblocked', 'The customer unblocked the account.')
    : sign(who, 'follow', 'The customer added the account as a friend.');
}

/**
 * Another app has the chat: its words are shown, but nobody here is asked to answer. LINE does not say to whom the chat
 * goes next, so no line is moved by it.
 */
function standby(who: Who, type: string, event: Event): Input {
  const message = type === 'message' && isObject(event.message) ? messageOf(event.message) : undefined;
  const what = message === undefined ? `an event of type ${type}` : message.text || `a message of type ${message.type}`;
  return sign(who, 'standby', storable(`While another app has the chat: ${what}`.slice(0, MAX_NOTE)));
}

function sentAt(event: Event): { sentAt?: number } {
  const at = moment(event.timestamp);
  return at === undefined ? {} : { sentAt: at };
}
