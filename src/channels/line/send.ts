// A message of ours as one push: up to five of LINE's messages that are taken together or not at all.
// Not here: what became of it (errors.ts). The one thing to know: always a push, never a reply, although replies are
// free: a reply's token is used up by the first try and takes no retry key, so a try without an answer could not be
// tried again.
import type { AssetConfig, AttemptFacts, Exchange, Send } from '../../engine/ports.ts';
import type { LaneItem } from '../../engine/store-port.ts';
import type { Outcome } from '../../routing/inputs.ts';
import type { Media, Message, QuickReply } from '../../routing/model.ts';
import { misfit, NO_PLACE, owed, tooLong } from '../../wire/fits.ts';
import { SEND_MS, unsent } from '../../wire/outcome.ts';
import { placeIn, placeText } from '../../wire/places.ts';
import { call, retryKeyOf } from './api.ts';
import { outcomeOfCall } from './errors.ts';
import { LIMITS, MAX_LINK, MAX_MESSAGES, MAX_PLACE } from './fields.ts';

type LineMessage = { type: string } & Record<string, unknown>;

export async function sendMessage(
  asset: AssetConfig,
  item: LaneItem,
  _facts: AttemptFacts,
  send: Send,
  now: number,
): Promise<Outcome> {
  const wanted = owed(item);
  if ('reason' in wanted) return wanted;
  const push = pushOf(asset, wanted.message, wanted.to);
  return 'reason' in push ? push : outcomeOfCall(asset, await send(push), now);
}

/** The request, or why LINE would not take it. */
function pushOf(asset: AssetConfig, message: Message, to: string): Exchange | Outcome {
  const problem = misfit(message, LIMITS);
  if (problem !== null) return problem;
  const messages = message.type === 'location' ? placeMessage(message) : plainMessages(message);
  if ('reason' in messages) return messages;
  if (messages.length > MAX_MESSAGES) {
    const detail = `LINE takes at most ${MAX_MESSAGES} texts and media at once; these are ${messages.length}. Send several messages.`;
    return unsent('too_many', detail);
  }
  const replies = message.quickReplies ?? [];
  // They stand below the last one only.
  const last = messages.length - 1;
  const all =
    replies.length === 0 ? messages : messages.map((one, at) => (at === last ? withReplies(one, replies) : one));
  const headers = { 'x-line-retry-key': retryKeyOf(message.id) };
  return { ...call(asset, '/bot/message/push', { to, messages: all }, { headers }), timeoutMs: SEND_MS };
}

function placeMessage(message: Message): LineMessage[] | Outcome {
  const place = placeIn(message);
  if (place === null) return NO_PLACE;
  const { latitude, longitude, name, address } = place;
  // Both are required; without a name the numbers themselves are all there is.
  const title = name ?? placeText(place);
  const where = address ?? title;
  const of = { title: LIMITS.title, unit: 'utf16' } as const;
  const long =
    tooLong('The name of the place', title, MAX_PLACE, of) ?? tooLong('The address of the place', where, MAX_PLACE, of);
  return long ?? [{ type: 'location', title, address: where, latitude, longitude }];
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
