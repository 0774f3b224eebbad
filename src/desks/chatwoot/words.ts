// What is written into Chatwoot: the customer's words, and our private notes (the transcript, what went wrong, the end).
// Not here: where they are posted. The one thing to know: Chatwoot fills Liquid templates in notes, since they count as
// outgoing, and notifies whoever a `mention:` link names: a customer's words in a note must not do either.
import type { Media, Message } from '../../routing/model.ts';

/** Of a note: the newest is what an agent reads, and Chatwoot repeats the last message in each list of conversations. */
const MAX_TRANSCRIPT = 16_000;
/** Of one line in it. */
const MAX_LINE = 2_000;
const MAX_QUOTE = 300;
const MAX_ATTRIBUTES = 50;
/** Of a value beside it; Chatwoot's limit for short texts. */
const MAX_ATTRIBUTE = 255;

/** A customer's message as it is posted: the text, then what is no text. Never empty. */
export function saidBy(message: Message): string {
  const { text, media, kind, title, payload } = message;
  if (kind === 'postback') return text || title || payload || '(a button)';
  const lines = [text, ...media.map(linkTo), ...details(message)].filter((line) => line !== '');
  return lines.length > 0 ? lines.join('\n') : `(${message.type})`;
}

const linkTo = ({ url, name, type }: Media): string => `[${(name ?? type).replace(/[[\]()\\]/g, '_')}](${url})`;

function details({ details: more, type }: Message): string[] {
  if (more === undefined) return [];
  const lines: string[] = [];
  if (more.location) {
    const { latitude, longitude, name, address } = more.location;
    lines.push(`Location: ${[name, address, `${latitude}, ${longitude}`].filter(Boolean).join(', ')}`);
  }
  for (const { name, phones = [], emails = [] } of more.contacts ?? []) {
    lines.push(`Contact: ${[name, ...phones, ...emails].join(', ')}`);
  }
  if (type === 'sticker') lines.push(`Sticker ${more.sticker?.emoji ?? ''}`.trim());
  if (more.unknown) lines.push(`(${more.unknown})`);
  return lines;
}

export type Handed = { reason: string; channel: string; attributes: Record<string, string> };

/** A contact's name: Chatwoot refuses longer ones. */
export const nameOf = ({ name, address }: { name: string; address: string }): string =>
  shortened(name || address, MAX_ATTRIBUTE);

/** Everything so far, oldest first; what is too much is left out at the beginning, and it is said. */
export function transcriptNote(handed: Handed, messages: Message[], total: number): string {
  const lines: string[] = [];
  let length = 0;
  for (const message of messages.toReversed()) {
    const line = `${author(message)}: ${shortened(plain(saidBy(message)), MAX_LINE)}`;
    length += line.length;
    if (length > MAX_TRANSCRIPT) break;
    lines.unshift(line);
  }
  const omitted = Math.max(total, messages.length) - lines.length;
  const head = [
    '**Handed over by Signalbox**',
    ...(handed.reason ? [`Reason: ${plain(handed.reason)}`] : []),
    ...(handed.channel ? [`Channel: ${handed.channel}`] : []),
    ...Object.entries(handed.attributes).map(([name, value]) => `${plain(name)}: ${plain(value)}`),
  ];
  const before = omitted > 0 ? [`(${omitted} older left out)`] : [];
  return [head.join('\n'), ...(lines.length > 0 ? ['**So far**'] : []), ...before, ...lines].join('\n\n');
}

const author = ({ author: { type, name } }: Message): string =>
  type === 'customer' ? `**${plain(name) || 'Customer'}**` : `**${plain(name)}** (${type})`;

/** The bot's attributes, cut to what is sensible beside a conversation. */
export function attributesOf(given: unknown): Record<string, string> {
  if (typeof given !== 'object' || given === null) return {};
  const entries = Object.entries(given).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return Object.fromEntries(
    entries
      .slice(0, MAX_ATTRIBUTES)
      .map(([name, value]) => [shortened(name, MAX_ATTRIBUTE), shortened(value, MAX_ATTRIBUTE)]),
  );
}

export function undeliveredNote(message: Message | null, description: string): string {
  const quote = message ? `: “${shortened(plain(saidBy(message)), MAX_QUOTE)}”` : '.';
  return `**Not delivered to the customer**${quote}${description ? `\n\n${plain(description)}` : ''}`;
}

/** The customer reacted to something that was said, wrote it anew, or took it back. */
export function updatedNote(message: Message, { kind, emoji }: Record<string, unknown>): string {
  const quote = message.deletedAt === undefined ? `: “${shortened(plain(saidBy(message)), MAX_QUOTE)}”` : '.';
  if (kind === 'edit') return `**The customer wrote it anew**${quote}`;
  if (kind === 'delete') return `**The customer took a message back**${quote}`;
  const sign = typeof emoji === 'string' ? plain(emoji) : '';
  return sign === ''
    ? `**The customer took a reaction back**${quote}`
    : `**The customer reacted with ${sign}**${quote}`;
}

export function closedNote(reason: string): string {
  const why = reason ? ` (${plain(reason)})` : '';
  return `**This conversation is over**${why}. What is written here does not reach the customer any more; if they need a person again, a new conversation is made.`;
}

/** Foreign words for a note: no template, no link with a text of its own, so no mention. */
function plain(text: string): string {
  return text.replace(/\{(?=[{%])/g, '{ ').replaceAll('](', '] (');
}

/** Cut between characters. */
function shortened(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
