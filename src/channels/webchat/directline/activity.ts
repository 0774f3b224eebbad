// An activity that a Direct Line client posts, read: what its customer says, or that they type, or what means nothing here.
// Not here: who the customer is (core.ts), files (the upload's parts). The one thing to know: `from` proves nothing by
// itself, and what a client sends beyond what we know is ignored.
import { z } from 'zod';
import type { Media } from '../../../routing/model.ts';
import { isStorable, storable, text } from '../../../wire/fields.ts';
import { check, isObject, type Read } from '../../../wire/json.ts';
import { NAME_MAX, PAYLOAD_MAX, TEXT_MAX } from '../protocol.ts';
import type { Utterance } from '../said.ts';
import { ATTACHMENTS_MAX, CLIENT_ACTIVITY_MAX, URL_MAX, USER_ID_MAX } from './protocol.ts';

export type From = { id: string | null; name: string | null };
export type Act =
  /** `clientId` null: the client gave none */
  | { kind: 'say'; words: Omit<Utterance, 'clientId' | 'media'> & { clientId: string | null; links: Media[] } }
  | { kind: 'typing' }
  | { kind: 'nothing' };
export type ActivityRead = { act: Act; from: From };

/** Taken and without effect: nobody here has an answer to them. */
const WITHOUT_EFFECT = ['event', 'conversationUpdate', 'contactRelationUpdate', 'endOfConversation', 'messageReaction'];
const OTHERS = ['invoke', 'trace', 'handoff', 'suggestion', 'installationUpdate', 'command', 'commandResult'];
const NOTHING: ReadonlySet<string> = new Set([...WITHOUT_EFFECT, ...OTHERS]);

const attachment = z.object({
  contentType: text(255).nullish(),
  contentUrl: z.string().nullish(),
  name: text(255).nullish(),
});
const activity = z.object({
  type: z.string().max(64),
  from: z.object({ id: text(USER_ID_MAX).nullish(), name: text(URL_MAX).nullish() }).nullish(),
  text: text(TEXT_MAX).nullish(),
  value: z.unknown().optional(),
  attachments: z.array(attachment).max(ATTACHMENTS_MAX).nullish(),
  channelData: z.unknown().optional(),
});
type Given = z.output<typeof activity>;

/** `files`: how many come along with it in an upload. */
export function readActivity(value: unknown, files = 0): Read<ActivityRead> {
  const read = check(activity, value);
  if (!read.ok) return read;
  const given = read.value;
  const from = { id: given.from?.id || null, name: cut(given.from?.name ?? '', NAME_MAX) || null };
  if (given.type === 'typing') return { ok: true, value: { act: { kind: 'typing' }, from } };
  if (NOTHING.has(given.type)) return { ok: true, value: { act: { kind: 'nothing' }, from } };
  if (given.type !== 'message') {
    return invalid('/type', 'is no type of activity that is taken here; use message, typing or event');
  }
  const words = wordsOf(given, files);
  return 'pointer' in words ? invalid(words.pointer, words.detail) : { ok: true, value: { act: words, from } };
}

/** An end that halves a character is no whole text. */
const cut = (words: string, max: number): string => storable(words.slice(0, max));

type Wrong = { pointer: string; detail: string };
const invalid = (pointer: string, detail: string): Read<never> => ({ ok: false, errors: [{ pointer, detail }] });

function wordsOf(given: Given, files: number): Act | Wrong {
  const words = given.text ?? '';
  const data = isObject(given.channelData) ? given.channelData : {};
  const clientId = clientIdOf(data.clientActivityID ?? data.clientActivityId);
  const postback = files > 0 ? null : postbackOf(given, data);
  if (postback === 'too_deep') return { pointer: '/value', detail: 'is nested too deeply' };
  if (postback !== null) {
    if (postback.payload.length > PAYLOAD_MAX)
      return { pointer: '/value', detail: `is over ${PAYLOAD_MAX} characters` };
    return { kind: 'say', words: { ...postback, kind: 'postback', text: '', clientId, links: [] } };
  }
  // In an upload the activity names its files without an address; they come beside it.
  const named = (given.attachments ?? []).filter(({ contentUrl }) => files === 0 || contentUrl);
  const links: Media[] = [];
  for (const [index, { contentType, contentUrl, name }] of named.entries()) {
    if (!isLink(contentUrl)) {
      const pointer = `/attachments/${index}/contentUrl`;
      return { pointer, detail: 'must be an http or https URL; send a file to /upload' };
    }
    links.push({ url: contentUrl, type: contentType || 'application/octet-stream', ...(name ? { name } : {}) });
  }
  if (words.trim() === '' && links.length + files === 0) {
    return { pointer: '/text', detail: 'is required when there are no attachments and no value' };
  }
  return { kind: 'say', words: { kind: 'message', text: words, clientId, links } };
}

/** What a button said: `value` in any message, and the text of one that is marked. */
function postbackOf(
  { text: said, value }: Given,
  data: Record<string, unknown>,
): { payload: string; title?: string } | 'too_deep' | null {
  const words = said ?? '';
  const marked = data.postBack === true || isObject(data.messageBack);
  const payload = value === undefined || value === null ? (marked ? words : '') : textOf(value);
  if (payload === null) return 'too_deep';
  if (payload === '') return null;
  const shown = isObject(data.messageBack) ? data.messageBack.displayText : undefined;
  const title = typeof shown === 'string' && shown !== '' ? storable(shown) : words === payload ? '' : words;
  return title === '' ? { payload } : { payload, title: cut(title, PAYLOAD_MAX) };
}

/** null: it is nested deeper than can be written, which no client means. */
function textOf(value: unknown): string | null {
  if (typeof value === 'string') return storable(value);
  try {
    return JSON.stringify(value);
  } catch {
    return null;
  }
}

/** Given back with the activity, so that the client knows its own. One that we cannot keep is not kept. */
function clientIdOf(id: unknown): string | null {
  const fit =
    typeof id === 'string' && id.length <= CLIENT_ACTIVITY_MAX && /^[^~|\p{Cc}\p{Cs}][^|\p{Cc}\p{Cs}]*$/u.test(id);
  return fit ? id : null;
}

const isLink = (url: string | null | undefined): url is string =>
  typeof url === 'string' && url.length <= URL_MAX && isStorable(url) && /^https?:\/\//i.test(url) && URL.canParse(url);

/** Begins the ids that we give where a client gave none; no client's id that is kept does. */
export const OWN_ID = '~';
