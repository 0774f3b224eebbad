// What goes out to Messenger and Instagram: the limits, the window, the parts of a message, and what Meta's errors mean.
// Not here: what only one of the two has (its adapter). The one thing to know: an attachment and a text are requests of
// their own, attachments first; when a later one fails nothing is sent again, since the first is with the customer.
import type { Capabilities, Heard } from '../engine/channel-port.ts';
import type { AssetConfig, AttemptFacts, Send } from '../engine/ports.ts';
import type { LaneItem } from '../engine/store-port.ts';
import type { Outcome } from '../routing/inputs.ts';
import type { Media, Message } from '../routing/model.ts';
import { MAX_ID } from './fields.ts';
import { hoursSince, lastWord, misfit, outsideWindow, owed, payloadOf } from './fits.ts';
import { type GraphError, graphExchange, graphSent, type MetaLine } from './meta.ts';
import { unsent } from './outcome.ts';
import { sendParts } from './parts.ts';
import { key } from './pick.ts';
import { again, final, type Ruling } from './ruling.ts';

/** Each is a request of its own, and a lane waits for all of them. */
const MAX_MEDIA = 10;

/** How one of the two networks speaks. */
export type MetaSpeech = {
  /** as its users call it */
  title: string;
  capabilities: Capabilities & { windowHours: { anybody: number; humans: number } };
  lineOf(asset: AssetConfig): MetaLine;
  /** whether Meta lets our people answer later than bots: an app needs a permission for it */
  humanAgentTag(asset: AssetConfig): boolean;
  /** what every request has beside recipient and message */
  envelope: Record<string, unknown>;
  /** our id, carried by the message itself and given back in its echo, where the network takes it */
  metadata(message: Message): Record<string, unknown>;
  /** told before a part leaves: its echo may be quicker than its answer */
  leaves?(asset: AssetConfig, address: string, message: Message, now: number): void;
};

/** Sends what is owed: every part in turn, until one fails. */
export async function sendMeta(
  speech: MetaSpeech,
  asset: AssetConfig,
  item: LaneItem,
  facts: AttemptFacts,
  send: Send,
  now: number,
): Promise<Outcome> {
  const wanted = owed(item);
  if ('reason' in wanted) return wanted;
  const { message, to } = wanted;
  const problem = misfit(message, { ...speech.capabilities, title: speech.title, media: MAX_MEDIA });
  if (problem !== null) return problem;
  const allowed = tagOf(speech, asset, message, facts.heard, now);
  if (!('tag' in allowed)) return allowed;

  const line = speech.lineOf(asset);
  const parts = partsOf(speech, message).map(({ what, part }) => {
    const body = { recipient: { id: to }, ...speech.envelope, ...allowed.tag, message: part };
    return { what, exchange: graphExchange(asset, line, [line.id, 'messages'], { body }) };
  });
  speech.leaves?.(asset, to, message, now);
  const by = { mask: line.mask, now, ruling: metaRuling };
  return sendParts(parts, send, (answer) => graphSent(answer, by, (said) => key(said.message_id, MAX_ID)));
}

/** `typing_on`, `typing_off` or `mark_seen`: best effort, and only where an answer would be taken too. */
export async function metaAction(
  speech: MetaSpeech,
  asset: AssetConfig,
  address: string,
  action: 'typing_on' | 'typing_off' | 'mark_seen',
  heard: Heard | null | undefined,
  send: Send,
  now: number,
): Promise<void> {
  if (heard === null || (heard && hoursSince(heard, now) >= speech.capabilities.windowHours.anybody)) return;
  const line = speech.lineOf(asset);
  const body = { recipient: { id: address }, sender_action: action };
  await send(graphExchange(asset, line, [line.id, 'messages'], { body }));
}

// ───────────────────────────── before sending ─────────────────────────────

/** What the request says about the window; or why nothing may be sent now. Not looked up: Meta judges. */
function tagOf(
  { title, capabilities, humanAgentTag }: MetaSpeech,
  asset: AssetConfig,
  message: Message,
  heard: Heard | null | undefined,
  now: number,
): { tag: Record<string, string> } | Outcome {
  const { anybody, humans } = capabilities.windowHours;
  const human = message.author.type === 'agent';
  const what = human ? 'answers of people' : 'answers of bots';
  const shut = outsideWindow(heard, now, { title, hours: human ? humans : anybody, what });
  if (shut !== null) return shut;
  const hours = heard ? hoursSince(heard, now) : 0;
  if (hours < anybody) return { tag: {} };
  if (humanAgentTag(asset)) return { tag: { messaging_type: 'MESSAGE_TAG', tag: 'HUMAN_AGENT' } };
  const how = 'an administrator can switch on the human agent tag of this channel, if Meta has granted it to the app';
  const why = `after ${anybody} hours people may answer only with Meta’s permission: ${how}`;
  return unsent('outside_window', `${lastWord(hours)}; ${why}.`);
}

// ───────────────────────────── the parts ─────────────────────────────

/** Attachments in order, then the text; the quick replies stand below the last of them. */
function partsOf(speech: MetaSpeech, message: Message): { what: string; part: Record<string, unknown> }[] {
  const files = message.media.map((medium) => {
    const type = familyOf(medium, message);
    return { what: type, part: { attachment: { type, payload: { url: medium.url, is_reusable: false } } } };
  });
  const text = message.text.trim() === '' ? [] : [{ what: 'text', part: { text: message.text } }];
  const quick_replies = (message.quickReplies ?? []).map((reply) => ({
    content_type: 'text',
    title: reply.title,
    payload: payloadOf(reply),
  }));
  const parts: { what: string; part: Record<string, unknown> }[] = [...files, ...text];
  return parts.map(({ what, part }, index) => {
    const below = index === parts.length - 1 && quick_replies.length > 0 ? { quick_replies } : {};
    return { what, part: { ...part, ...below, ...speech.metadata(message) } };
  });
}

function familyOf(medium: Media, message: Message): string {
  const family = medium.type.split('/')[0]?.toLowerCase() ?? '';
  if (['image', 'video', 'audio'].includes(family)) return family;
  return message.type === 'text' || family === 'application' || family === 'text' ? 'file' : message.type;
}

// ───────────────────────────── what Meta's errors mean ─────────────────────────────

const OUTSIDE_WINDOW = final(
  'outside_window',
  'Meta does not take an answer now: too much time has passed since the customer wrote.',
);
const UNREACHABLE = final('unreachable', 'The customer cannot be reached: they may have blocked us, or left.');
const NOBODY = final('no_recipient', 'Meta knows no such customer of this page or account.');
const NO_FILE = final('media_refused', 'Meta could not fetch the file, or does not take one of its kind or size.');

/** By `code/subcode`, or the code alone (Messenger Platform, Common Error Codes, and what its users report of subcodes). */
const RULINGS: Readonly<Record<string, Ruling>> = {
  '10/2018278': OUTSIDE_WINDOW,
  '10/2018065': OUTSIDE_WINDOW,
  '10/2534022': OUTSIDE_WINDOW,
  '10/2018300': final(
    'other_app',
    'Another app has this conversation at Meta now, such as the page’s inbox: it must pass it back first.',
  ),
  '10/1893063': final('restricted', 'Meta has restricted this page for now: look at Page Quality there.'),
  '551': UNREACHABLE,
  '200/1545041': UNREACHABLE,
  '230': UNREACHABLE,
  '100/2018001': NOBODY,
  '100/2534014': NOBODY,
  '100/2018008': NO_FILE,
  '100/2018047': NO_FILE,
  '100/2018109': NO_FILE,
  '1200': again('Meta could not send it just now.'),
  '1/1357046': {
    result: 'unknown',
    reason: 'bad_answer',
    detail: 'Meta lost the answer; it may have sent the message.',
  },
};

function metaRuling({ code, subcode }: GraphError): Ruling | null {
  return RULINGS[`${code}/${subcode}`] ?? RULINGS[String(code)] ?? null;
}
