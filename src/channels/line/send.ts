// A message of ours as one push: up to five of LINE's messages that are taken together or not at all.
// Not here: what became of it (errors.ts). The one thing to know: always a push, never a reply, although replies are
// free: a reply's token is used up by the first try and takes no retry key, so a try without an answer could not be
// tried again.
import type { AssetConfig, Exchange } from '../../engine/ports.ts';
import type { Media, Message, QuickReply } from '../../routing/model.ts';
import { placeIn, placeText } from '../../wire/places.ts';
import { call, retryKeyOf } from './api.ts';
import { CAPABILITIES, MAX_LINK, MAX_MESSAGES, MAX_PLACE, MAX_TEXT } from './fields.ts';

type Refused = { reason: string; detail: string };
type LineMessage = { type: string } & Record<string, unknown>;

const no = (reason: string, detail: string): Refused => ({ reason, detail });

/** The request, or why LINE would not take it. */
export function pushOf(asset: AssetConfig, message: Message, to: string): Exchange | Refused {
  if (to === '') return no('no_recipient', 'The customer has no address.');
  const problem = problemWith(message);
  if (problem !== null) return problem;
  const messages = message.type === 'location' ? placeMessage(message) : plainMessages(message);
  if ('reason' in messages) return messages;
  if (messages.length === 0) return no('invalid', 'The message is empty.');
  if (messages.length > MAX_MESSAGES) {
    const detail = `LINE takes at most ${MAX_MESSAGES} pictures, files and texts at once; these are ${messages.length}. Send several messages.`;
    return no('unsupported', detail);
  }
  const replies = message.quickReplies ?? [];
  // They stand below the last one only.
  const last = messages.length - 1;
  const all =
    replies.length === 0 ? messages : messages.map((one, at) => (at === last ? withReplies(one, replies) : one));
  const headers = { 'x-line-retry-key': retryKeyOf(message.id) };
  return call(asset, '/bot/message/push', { to, messages: all }, { headers });
}

function problemWith({ type, text, media, quickReplies = [] }: Message): Refused | null {
  if (!CAPABILITIES.sends.includes(type))
    return no('unsupported', `LINE takes no messages of type ${type} from programs: write it as a text.`);
  if (text.length > MAX_TEXT)
    return no('too_long', `A text has at most ${MAX_TEXT} characters on LINE; this one has ${text.length}.`);
  if (type !== 'text' && type !== 'location' && media.length === 0)
    return no('invalid', `A message of type ${type} needs a file.`);
  const { max, titleMax, payloadMax } = CAPABILITIES.quickReplies ?? { max: 0, titleMax: 0, payloadMax: 0 };
  if (quickReplies.length > max)
    return no('unsupported', `LINE shows at most ${max} quick replies; these are ${quickReplies.length}.`);
  const wide = quickReplies.find(({ title }) => title.length > titleMax);
  if (wide !== undefined)
    return no(
      'too_long',
      `The title of a quick reply has at most ${titleMax} characters on LINE: “${wide.title.slice(0, 60)}” is longer.`,
    );
  const heavy = quickReplies.find(({ payload = '' }) => payload.length > payloadMax);
  if (heavy === undefined) return null;
  return no(
    'too_long',
    `The payload of a quick reply has at most ${payloadMax} characters on LINE; that of “${heavy.title}” has more.`,
  );
}

function placeMessage(message: Message): LineMessage[] | Refused {
  const place = placeIn(message);
  if (place === null)
    return no('invalid', 'A location is written as latitude,longitude and perhaps a name: 35.68,139.76 The station.');
  const { latitude, longitude, name, address } = place;
  // Both are required; without a name the numbers themselves are all there is.
  const title = name ?? placeText(place);
  const where = address ?? title;
  if (title.length > MAX_PLACE || where.length > MAX_PLACE)
    return no('too_long', `The name and address of a location have at most ${MAX_PLACE} characters on LINE.`);
  return [{ type: 'location', title, address: where, latitude, longitude }];
}

/** The words first, then what belongs to them. */
function plainMessages({ text, media }: Message): LineMessage[] {
  const first = text.trim() === '' ? [] : [{ type: 'text', text }];
  return [...first, ...media.map(mediumMessage)];
}

/** LINE shows JPEG and PNG by https; of anything else it is given the link (see STEPS). */
function mediumMessage({ url, type, name }: Media): LineMessage {
  const shown = /^image\/(jpe?g|png)$/i.test(type) && /^https:/i.test(url) && url.length <= MAX_LINK;
  if (shown) return { type: 'image', originalContentUrl: url, previewImageUrl: url };
  return { type: 'text', text: name === undefined ? url : `${name}\n${url}` };
}

function withReplies(message: LineMessage, replies: QuickReply[]): LineMessage {
  return { ...message, quickReply: { items: replies.map((reply) => ({ type: 'action', action: actionOf(reply) })) } };
}

/** With a payload it comes back as a postback; without, as the customer's own words. */
function actionOf({ title, payload }: QuickReply): Record<string, string> {
  if (payload === undefined || payload === '') return { type: 'message', label: title, text: title };
  return { type: 'postback', label: title, data: payload, displayText: title };
}
