// What was said, as the API shows it: messages of a thread or a conversation, and what an agent may send.
// Not here: routes. The one thing to know: a customer's words are shown as they are kept; whoever may read threads may
// read them.
import { z } from '@hono/zod-openapi';
import type { MessageRow } from '../../engine/store-port.ts';
import type { Details, Media, Message, MessageType } from '../../routing/model.ts';
import { instant, timeOf } from '../fields.ts';

/** As on the wires: sixteen times what any channel takes. */
const MAX_TEXT = 65_536;
const MAX_MEDIA = 20;
const TYPES = [
  'text',
  'image',
  'video',
  'audio',
  'file',
  'location',
  'contact',
  'sticker',
] as const satisfies readonly MessageType[];

const httpUrl = z
  .string()
  .max(4096)
  .refine((value) => /^https?:\/\//i.test(value) && URL.canParse(value), 'must be an http or https URL');
const medium = z.strictObject({ url: httpUrl, type: z.string().min(1).max(128), name: z.string().max(256).optional() });

/** What an agent says. */
export const said = {
  type: z.enum(TYPES).optional(),
  text: z.string().max(MAX_TEXT).optional(),
  media: z.array(medium).max(MAX_MEDIA).optional(),
};

/** The message of a body with the fields of `said`; null when it says nothing. */
export function contentOf(body: {
  type?: MessageType | undefined;
  text?: string | undefined;
  media?: z.output<typeof medium>[] | undefined;
}) {
  const text = body.text ?? '';
  const media: Media[] = (body.media ?? []).map(({ url, type, name }) =>
    name === undefined ? { url, type } : { url, type, name },
  );
  if (text === '' && media.length === 0) return null;
  return { type: body.type ?? (text !== '' || media.length === 0 ? 'text' : typeOfMedium(media[0])), text, media };
}

const typeOfMedium = (first: Media | undefined): MessageType =>
  TYPES.find((type) => type === first?.type.split('/')[0]) ?? 'file';

export const message = z
  .object({
    id: z.string(),
    thread_id: z.string(),
    conversation_id: z.string().nullable(),
    seq: z.int(),
    kind: z.enum(['message', 'postback']),
    author: z.object({
      type: z.enum(['customer', 'agent', 'bot', 'system']),
      id: z.string().nullable(),
      name: z.string(),
    }),
    type: z.enum(TYPES),
    text: z.string(),
    media: z.array(z.object({ url: z.string(), type: z.string(), name: z.string().optional() })),
    quick_replies: z.array(z.object({ title: z.string(), payload: z.string().optional() })).nullable(),
    custom: z.record(z.string(), z.string()).nullable(),
    payload: z.string().nullable(),
    title: z.string().nullable(),
    external_id: z.string().nullable(),
    details: z
      .object({
        location: z
          .object({
            latitude: z.number(),
            longitude: z.number(),
            name: z.string().optional(),
            address: z.string().optional(),
          })
          .optional(),
        contacts: z
          .array(
            z.object({
              name: z.string(),
              phones: z.array(z.string()).optional(),
              emails: z.array(z.string()).optional(),
            }),
          )
          .optional(),
        sticker: z.object({ emoji: z.string().optional() }).optional(),
        reply_to: z.string().optional().describe('The channel’s id of the message that this one answers.'),
        unknown: z.string().optional().describe('What the channel calls a kind that is not known here.'),
      })
      .nullable()
      .describe('What it says beyond text and media.'),
    edited: z
      .object({ at: instant, original: z.string() })
      .nullable()
      .describe('The customer wrote it anew: when, and what it said first.'),
    deleted_at: instant.nullable().describe('The customer took it back: its words are gone.'),
    receipt: z.enum(['delivered', 'failed', 'read']).nullable(),
    at: instant,
  })
  .openapi('Message');

type Shown = NonNullable<z.output<typeof message>['details']>;
const showDetails = ({ replyTo, ...rest }: Details): Shown =>
  (replyTo === undefined ? rest : { ...rest, reply_to: replyTo }) as Shown;

export const showMessage = (row: Message & { receipt?: MessageRow['receipt'] }): z.output<typeof message> => ({
  id: row.id,
  thread_id: row.threadId,
  conversation_id: row.conversationId,
  seq: row.seq,
  kind: row.kind,
  author: row.author,
  type: row.type,
  text: row.text,
  media: row.media,
  quick_replies: row.quickReplies ?? null,
  custom: row.custom ?? null,
  payload: row.payload ?? null,
  title: row.title ?? null,
  external_id: row.externalId ?? null,
  details: row.details ? showDetails(row.details) : null,
  edited: row.edited ? { at: timeOf(row.edited.at), original: row.edited.original } : null,
  deleted_at: row.deletedAt === undefined ? null : timeOf(row.deletedAt),
  receipt: row.receipt ?? null,
  at: timeOf(row.at),
});
