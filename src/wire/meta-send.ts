// What goes out to Messenger and Instagram: the limits, the window, the parts of a message, and what Meta's errors mean.
// Not here: what only one of the two has (its adapter). The one thing to know: an attachment and a text are requests of
// their own, attachments first; when a later one fails nothing is sent again, since the first is with the customer.
import type { Capabilities, Heard } from '../engine/channel-port.ts';
import type { AssetConfig, AttemptFacts, Exchange, Send } from '../engine/ports.ts';
import type { LaneItem } from '../engine/store-port.ts';
import type { Outcome } from '../routing/inputs.ts';
import type { Media, Message } from '../routing/model.ts';
import { MAX_ID } from './fields.ts';
import { type Mask, maskFor } from './mask.ts';
import { appSecretProof, final, type GraphError, graphOutcome, graphUrl, parsed, type Ruling } from './meta.ts';
import { unsent, unsupported } from './outcome.ts';
import { key } from './pick.ts';

const HOUR_MS = 3_600_000;
/** Each is a request of its own, and a lane waits for all of them. */
const MAX_PARTS = 11;

/** Whose line it is at Graph: made of an asset's config by its adapter. */
export type MetaLine = {
  base: string;
  version: string;
  /** the page or account that speaks */
  id: string;
  token: string;
  /** null: not asked for there */
  proofSecret: string | null;
  mask: Mask;
};

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

/** What lies in an asset's config under this name; '' when nothing does. */
export const setting = (asset: AssetConfig, name: string): string => {
  const value = asset.config[name];
  return typeof value === 'string' ? value : '';
};

/** Removes an asset's secrets, and the proofs made of them. */
export function metaMask(asset: AssetConfig, secrets: readonly string[], proofs: readonly string[]): Mask {
  return maskFor(asset, () => [...secrets.map((name) => setting(asset, name)), ...proofs]);
}

/** A request to Graph in this line's name; the token is in a header, never in the URL. */
export function graphExchange(
  asset: AssetConfig,
  line: MetaLine,
  path: string[],
  what: { body: unknown } | { query: Record<string, string> },
): Exchange {
  const query = new URLSearchParams('query' in what ? what.query : {});
  if (line.proofSecret !== null) query.set('appsecret_proof', appSecretProof(line.token, line.proofSecret));
  const asked = query.size === 0 ? '' : `?${query}`;
  const url = graphUrl(line.base, line.version, ...path) + asked;
  const bearer = { authorization: `Bearer ${line.token}` };
  const to = { url, key: `${asset.id}:${asset.version}` };
  if ('query' in what) return { ...to, method: 'GET', headers: bearer, body: '' };
  return { ...to, headers: { ...bearer, 'content-type': 'application/json' }, body: JSON.stringify(what.body) };
}

/** Sends what is owed: every part in turn, until one fails. */
export async function sendMeta(
  speech: MetaSpeech,
  asset: AssetConfig,
  item: LaneItem,
  facts: AttemptFacts,
  send: Send,
  now: number,
): Promise<Outcome> {
  const { message } = item;
  if (item.delivery.kind !== 'message' || message === null) return unsupported(item.delivery.kind);
  const problem = tooMuch(speech, message);
  if (problem !== null) return problem;
  const window = windowOf(speech, asset, message, facts.heard, now);
  if (!window.open) return window.outcome;

  const line = speech.lineOf(asset);
  const address = item.thread?.sendTo ?? item.thread?.address ?? '';
  const parts = partsOf(speech, message);
  let outcome = unsent('empty', 'There is nothing in this message to send.');
  for (const [index, part] of parts.entries()) {
    const body = { recipient: { id: address }, ...speech.envelope, ...window.tag, message: part };
    speech.leaves?.(asset, address, message, now);
    const answer = await send(graphExchange(asset, line, [line.id, 'messages'], { body }));
    outcome = graphOutcome(answer, { mask: line.mask, now, ruling: metaRuling });
    if (outcome.result !== 'ok') return index === 0 ? outcome : partlySent(outcome, index, parts.length);
    const externalId = answer.ok ? key(parsed(answer.body)?.message_id, MAX_ID) : '';
    if (externalId !== '') outcome = { ...outcome, externalId };
  }
  return outcome;
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

/** What of a message is more than the network takes; null: all of it fits. */
function tooMuch({ title, capabilities }: MetaSpeech, message: Message): Outcome | null {
  const { sends, text, quickReplies } = capabilities;
  if (!sends.includes(message.type)) {
    return unsent('unsupported', `${title} takes no message of type ${message.type}: send one of ${sends.join(', ')}.`);
  }
  const length = text.unit === 'bytes' ? Buffer.byteLength(message.text) : [...message.text].length;
  if (length > text.max) {
    return unsent(
      'too_long',
      `The text has ${length} ${text.unit}; ${title} takes ${text.max}. Send it in several messages.`,
    );
  }
  if (message.media.length >= MAX_PARTS) {
    return unsent(
      'too_many_media',
      `The message has ${message.media.length} media; send at most ${MAX_PARTS - 1} at once.`,
    );
  }
  const given = message.quickReplies ?? [];
  if (quickReplies === null || given.length === 0) return null;
  const { max, titleMax, payloadMax } = quickReplies;
  if (given.length > max) {
    return unsent('too_many_quick_replies', `The message has ${given.length} quick replies; ${title} shows ${max}.`);
  }
  const long = given.findIndex(
    (reply) => [...reply.title].length > titleMax || [...(reply.payload ?? '')].length > payloadMax,
  );
  if (long === -1) return null;
  const limits = `a title of ${titleMax} characters and a payload of ${payloadMax}`;
  return unsent('too_long', `Quick reply ${long + 1} is too long: ${title} takes ${limits}.`);
}

const OPEN = { open: true, tag: {} } as const;

/** What the request says about the window; or why nothing may be sent now. Not looked up: Meta judges. */
function windowOf(
  speech: MetaSpeech,
  asset: AssetConfig,
  message: Message,
  heard: Heard | null | undefined,
  now: number,
): { open: true; tag: Record<string, string> } | { open: false; outcome: Outcome } {
  const closed = (detail: string) => ({ open: false as const, outcome: unsent('outside_window', detail) });
  if (heard === undefined) return OPEN;
  const { title } = speech;
  const { anybody, humans } = speech.capabilities.windowHours;
  if (heard === null) {
    return closed(`The customer has not written yet: on ${title} they must write first.`);
  }
  const hours = hoursSince(heard, now);
  if (hours < anybody) return OPEN;
  const ago = `The customer’s last word was ${Math.floor(hours)} hours ago`;
  if (message.author.type !== 'agent') {
    return closed(`${ago}; ${title} takes answers of bots within ${anybody} hours only.`);
  }
  if (hours >= humans) {
    return closed(`${ago}; ${title} takes answers of people within ${humans / 24} days only.`);
  }
  if (speech.humanAgentTag(asset)) {
    return { open: true, tag: { messaging_type: 'MESSAGE_TAG', tag: 'HUMAN_AGENT' } };
  }
  const how = 'an administrator can switch on the human agent tag of this channel, if Meta has granted it to the app';
  return closed(`${ago}; after ${anybody} hours people may answer only with Meta’s permission: ${how}.`);
}

const hoursSince = (heard: Heard, now: number): number => (now - heard.at) / HOUR_MS;

// ───────────────────────────── the parts ─────────────────────────────

/** Attachments in order, then the text; the quick replies stand below the last of them. */
function partsOf(speech: MetaSpeech, message: Message): Record<string, unknown>[] {
  const files = message.media.map((medium) => ({
    attachment: { type: familyOf(medium, message), payload: { url: medium.url, is_reusable: false } },
  }));
  const parts: Record<string, unknown>[] = message.text === '' ? files : [...files, { text: message.text }];
  const replies = (message.quickReplies ?? []).map(({ title, payload }) => ({
    content_type: 'text',
    title,
    payload: payload ?? title,
  }));
  return parts.map((part, index) => {
    const below = index === parts.length - 1 && replies.length > 0 ? { quick_replies: replies } : {};
    return { ...part, ...below, ...speech.metadata(message) };
  });
}

function familyOf(medium: Media, message: Message): string {
  const family = medium.type.split('/')[0]?.toLowerCase() ?? '';
  if (['image', 'video', 'audio'].includes(family)) return family;
  return message.type === 'text' || family === 'application' || family === 'text' ? 'file' : message.type;
}

/** Never again: what was sent would come twice. */
function partlySent(outcome: Outcome, sent: number, of: number): Outcome {
  const { retryAfterS, ...rest } = outcome;
  const which = sent === 1 ? 'The first part was' : `The first ${sent} parts were`;
  const next = outcome.result === 'unknown' ? 'perhaps not' : 'not';
  const detail = `${which} sent, the next of ${of} was ${next} (media go first, then the text): ${outcome.detail}`;
  return { ...rest, result: 'final', reason: 'partly_sent', detail };
}

// ───────────────────────────── what Meta's errors mean ─────────────────────────────

const OUTSIDE_WINDOW = final(
  'outside_window',
  'Meta does not take an answer now: too much time has passed since the customer wrote.',
);
const UNREACHABLE = final('unreachable', 'The customer cannot be reached: they may have blocked us, or left.');
const NOBODY = final('unreachable', 'Meta knows no such customer of this page or account.');
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
  '1200': { result: 'retry', reason: 'server_error', detail: 'Meta could not send it just now.' },
  '1/1357046': {
    result: 'unknown',
    reason: 'bad_answer',
    detail: 'Meta lost the answer; it may have sent the message.',
  },
};

function metaRuling({ code, subcode }: GraphError): Ruling | null {
  return RULINGS[`${code}/${subcode}`] ?? RULINGS[String(code)] ?? null;
}
