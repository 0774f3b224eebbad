// What is looked at before a message leaves: whether it fits the channel, and whether the customer may be written to now.
// Not here: the limits themselves (each channel's fields.ts). The one thing to know: what is too much is refused with a
// sentence for whoever wrote it, and nothing is ever cut or left out silently.
import type { Capabilities, Heard } from '../engine/channel-port.ts';
import type { LaneItem } from '../engine/store-port.ts';
import type { Outcome } from '../routing/inputs.ts';
import type { Message, QuickReply } from '../routing/model.ts';
import { NEEDS_MEDIA } from './fields.ts';
import { unsent, unsupported } from './outcome.ts';

type Unit = Capabilities['text']['unit'];
export type Limits = Pick<Capabilities, 'sends' | 'text' | 'quickReplies'> & {
  /** as people know the channel */
  title: string;
  /** how many media go in one message */
  media: number;
  /** of payloads, where they are counted otherwise than titles */
  payloadUnit?: Unit;
};

/** Length as the provider counts: an emoji is one character, two UTF-16 units, four bytes. */
export function lengthOf(text: string, unit: Unit): number {
  if (unit === 'bytes') return Buffer.byteLength(text);
  return unit === 'utf16' ? text.length : [...text].length;
}

/** `5000 characters`: what people call the unit. */
export const counted = (length: number, unit: Unit): string => `${length} ${unit === 'bytes' ? 'bytes' : 'characters'}`;

/** What comes back when a quick reply is tapped. */
export const payloadOf = ({ title, payload }: QuickReply): string => payload || title;

/** Why this is more, less or something else than the channel takes; null: it fits. */
export function misfit(message: Message, limits: Limits): Outcome | null {
  const { type, text, media, quickReplies = [] } = message;
  const { title, sends } = limits;
  if (!sends.includes(type)) {
    return unsent('unsupported', `${title} takes no message of type ${type}: send one of ${sends.join(', ')}.`);
  }
  if (NEEDS_MEDIA.includes(type) && media.length === 0) {
    return unsent('invalid', `A message of type ${type} needs a file.`);
  }
  if (text.trim() === '' && media.length === 0) return unsent('invalid', 'There is nothing in this message to send.');
  return (
    tooLong('The text', text, limits.text.max, { title, unit: limits.text.unit }) ??
    (media.length > limits.media ? tooMany(`${media.length} media`, `takes ${limits.media} at once`, title) : null) ??
    misfitOfReplies(quickReplies, limits)
  );
}

function misfitOfReplies(replies: QuickReply[], { title, text, quickReplies, payloadUnit }: Limits): Outcome | null {
  if (quickReplies === null || replies.length === 0) return null;
  const { max, titleMax, payloadMax } = quickReplies;
  if (replies.length > max) return tooMany(`${replies.length} quick replies`, `shows ${max}`, title);
  // Who counts UTF-16 units counts them everywhere; bytes are counted of long texts only.
  const unit = text.unit === 'utf16' ? 'utf16' : 'characters';
  for (const [index, reply] of replies.entries()) {
    const of = `of quick reply ${index + 1}`;
    const long =
      tooLong(`The title ${of}`, reply.title, titleMax, { title, unit }) ??
      tooLong(`The payload ${of}`, payloadOf(reply), payloadMax, { title, unit: payloadUnit ?? unit });
    if (long !== null) return long;
  }
  return null;
}

/** The refusal of a text that is longer than the channel takes; null: it is not. */
export function tooLong(what: string, text: string, max: number, of: { title: string; unit: Unit }): Outcome | null {
  const length = lengthOf(text, of.unit);
  if (length <= max) return null;
  return unsent('too_long', `${what} has ${counted(length, of.unit)}; ${of.title} takes ${max}.`);
}

const tooMany = (has: string, takes: string, title: string): Outcome =>
  unsent('too_many', `The message has ${has}; ${title} ${takes}. Send several messages.`);

export const NO_RECIPIENT = unsent('no_recipient', 'The customer has no address that could be written to.');

/** What is owed to whom, for channels that send messages and nothing else; or why nothing can be sent. */
export function owed({ delivery, message, thread }: LaneItem): { message: Message; to: string } | Outcome {
  if (delivery.kind !== 'message' || message === null) return unsupported(delivery.kind);
  const to = thread?.address ?? '';
  return to === '' ? NO_RECIPIENT : { message, to };
}

export const NO_PLACE = unsent(
  'invalid',
  'A location is written as latitude,longitude and perhaps a name: 52.52,13.405 Berlin.',
);
export const NO_PERSON = unsent(
  'invalid',
  'A contact is written as a name and a telephone number: Front desk +1 555 0100.',
);

// ───────────────────────────── the window ─────────────────────────────

const HOUR_MS = 3_600_000;

/** Since the customer's last word; undefined: nobody looked, and the provider judges. */
export const hoursSince = (heard: Heard, now: number): number => (now - heard.at) / HOUR_MS;

/**
 * The refusal once the window is shut, or was never open; null: it is open. `what` goes only within it, as in
 * `answers of bots`.
 */
export function outsideWindow(
  heard: Heard | null | undefined,
  now: number,
  of: { title: string; hours: number; what: string },
): Outcome | null {
  if (heard === undefined) return null;
  if (heard === null) {
    return unsent('outside_window', `The customer has not written yet: on ${of.title} they must write first.`);
  }
  const hours = hoursSince(heard, now);
  if (hours < of.hours) return null;
  const within = of.hours > 48 ? `${of.hours / 24} days` : `${of.hours} hours`;
  return unsent('outside_window', `${lastWord(hours)}; ${of.title} takes ${of.what} within ${within} only.`);
}

export const lastWord = (hours: number): string => `The customer’s last word was ${Math.floor(hours)} hours ago`;
