// What Chatwoot posts to our hook, as a desk's commands: agents' words, assignments, typing, resolved.
// Not here: whether the desk may say it now (routing). The one thing to know: only what a human of Chatwoot says to the
// customer is said; private notes, agent bots, automations, greetings and what is none of ours are ignored with a 2xx,
// for Chatwoot shows the agent every other answer to a message as a failure.
import { z } from 'zod';
import type { DeskConfig, RawRequest, ReadResult } from '../../engine/ports.ts';
import type { DeskCommand } from '../../routing/inputs.ts';
import type { Media } from '../../routing/model.ts';
import { httpUrl, id, MAX_MEDIA, MAX_NAME, MAX_TEXT, maybe, messageType, name, text } from '../../wire/fields.ts';
import { check, isObject, malformed, parseJson } from '../../wire/json.ts';
import { OURS } from './conversations.ts';
import { settingsOf } from './fields.ts';
import { checkSignature } from './signature.ts';

/** As for all desks: contract §3, 413 over 256 KiB. */
export const MAX_BODY_BYTES = 262_144;

const head = z.object({ event: id(64) });
const person = z.object({ name: maybe(name), type: maybe(z.string().max(64)) });
const attachment = z.object({
  file_type: maybe(z.string().max(32)),
  extension: maybe(z.string().max(32)),
  data_url: maybe(z.string()),
});
const message = z.object({
  id: z.int().min(0),
  content: maybe(text(MAX_TEXT)),
  attachments: maybe(z.array(attachment).max(MAX_MEDIA)),
  sender: person,
});
const assigned = z.object({ meta: z.object({ assignee: person }) });
const typing = z.object({ user: person });

type Result = ReadResult<DeskCommand>;
const nothing: Result = { ok: true, items: [], ignored: 1, batch: false };
const one = (command: DeskCommand): Result => ({ ok: true, items: [command], ignored: 0, batch: false });

/** Reads a webhook: 401, 413 or 422, else one command or none. */
export function read(desk: DeskConfig, request: RawRequest): Result {
  const { secret } = settingsOf(desk);
  const refusal = secret === null ? null : checkSignature(request, secret);
  if (refusal !== null) return refusal;
  const parsed = parseJson(request.body, MAX_BODY_BYTES, 422);
  if (!parsed.ok) return parsed;
  const event = check(head, parsed.value);
  if (!event.ok) return malformed(event.errors);
  const body = parsed.value as Record<string, unknown>;
  switch (event.value.event) {
    case 'message_created':
      return said(body);
    case 'conversation_created':
      return withConversation(
        body,
        (conversationId) => agentOf(body, conversationId) ?? { type: 'queued', conversationId },
      );
    case 'conversation_updated':
      return withConversation(body, (conversationId) =>
        changed(body, 'assignee_id') && !isOver(body) ? agentOf(body, conversationId) : null,
      );
    case 'conversation_status_changed':
      return withConversation(body, (conversationId) =>
        body.status === 'resolved' ? { type: 'close', conversationId, reason: 'resolved in Chatwoot' } : null,
      );
    case 'conversation_typing_on':
    case 'conversation_typing_off':
      return types(body, event.value.event === 'conversation_typing_on');
    default:
      return nothing;
  }
}

function said(body: Record<string, unknown>): Result {
  const conversationId = oursIn(body.conversation);
  const human = isObject(body.sender) && body.sender.type === 'user';
  // `private` must say no: a note that reached the customer could not be taken back.
  if (conversationId === null || !human || body.message_type !== 'outgoing' || body.private !== false) return nothing;
  if (isObject(body.content_attributes) && body.content_attributes.deleted === true) return nothing;
  const read = check(message, body);
  if (!read.ok) return malformed(read.errors);
  const { sender, content = '', attachments = [] } = read.value;
  const media = attachments.map(mediumOf).filter((medium) => medium !== null);
  if (content === '' && media.length === 0) {
    return malformed([{ pointer: '/content', detail: 'or an attachment with a URL is needed' }]);
  }
  const type = messageType(undefined, media.length > 0 ? '' : content, media);
  const agent = agentName(sender.name);
  return one({
    type: 'message',
    conversationId,
    agent,
    message: { type, text: content, media },
    key: `chatwoot-${read.value.id}`,
  });
}

function types(body: Record<string, unknown>, on: boolean): Result {
  const conversationId = oursIn(body.conversation);
  const read = check(typing, body);
  if (conversationId === null || !read.ok || read.value.user.type !== 'user') return nothing;
  if (body.is_private === true || isOver(body.conversation)) return nothing;
  return one({ type: 'typing', conversationId, on });
}

/** For events that are a conversation themselves. */
function withConversation(
  body: Record<string, unknown>,
  command: (conversationId: string) => DeskCommand | null,
): Result {
  const conversationId = oursIn(body);
  const made = conversationId === null ? null : command(conversationId);
  return made === null ? nothing : one(made);
}

/** Accepted by whom it is assigned to, if that is a human. */
function agentOf(body: Record<string, unknown>, conversationId: string): DeskCommand | null {
  const read = check(assigned, body);
  if (!read.ok) return null;
  const { name, type = 'user' } = read.value.meta.assignee;
  return type === 'user' ? { type: 'accepted', conversationId, agent: agentName(name) } : null;
}

/** What agents tidy up after the end is not worth a refusal; what they say there is. */
const isOver = (conversation: unknown): boolean => isObject(conversation) && conversation.status === 'resolved';

/** Whether an attribute is among what changed; some versions do not tell what did. */
function changed({ changed_attributes }: Record<string, unknown>, attribute: string): boolean {
  if (!Array.isArray(changed_attributes)) return true;
  return changed_attributes.some((change) => isObject(change) && Object.hasOwn(change, attribute));
}

/** Our conversation's id, which Chatwoot brings back; null: none of ours. */
function oursIn(conversation: unknown): string | null {
  const attributes = isObject(conversation) ? conversation.additional_attributes : null;
  const given = isObject(attributes) ? check(id(), attributes[OURS]) : null;
  return given?.ok ? given.value : null;
}

function mediumOf({ data_url, file_type, extension }: z.infer<typeof attachment>): Media | null {
  const url = httpUrl.safeParse(data_url);
  if (!url.success) return null;
  const file = fileName(url.data);
  const ending = (extension ?? file.split('.').at(-1) ?? '').toLowerCase();
  const type = Object.hasOwn(TYPES, ending) ? TYPES[ending] : undefined;
  return { url: url.data, type: type ?? file_type ?? 'file', ...(file ? { name: file } : {}) };
}

/** Its last part, as Chatwoot's links to files end with their names. */
function fileName(url: string): string {
  const last = new URL(url).pathname.split('/').at(-1) ?? '';
  try {
    const read = name.safeParse(decodeURIComponent(last));
    return read.success ? read.data : '';
  } catch {
    return '';
  }
}

/** An agent is always a human, known by name: one without is told as what they are. */
const agentName = (given: string | undefined): string => {
  const read = id(MAX_NAME).safeParse(given?.trim());
  return read.success ? read.data : 'Agent';
};

/** What agents attach, by the ending of its name: Chatwoot tells no media type. */
const TYPES: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  webp: 'image/webp',
  mp3: 'audio/mpeg',
  ogg: 'audio/ogg',
  m4a: 'audio/mp4',
  wav: 'audio/wav',
  mp4: 'video/mp4',
  webm: 'video/webm',
  mov: 'video/quicktime',
  pdf: 'application/pdf',
  txt: 'text/plain',
  csv: 'text/csv',
  zip: 'application/zip',
};
