// What a browser posts, read: sessions, messages, receipts, typing. From JSON to checked values or named fields.
// Not here: who posts it (core.ts). The one thing to know: an unknown field is ignored, as on our other wires, and
// what a customer writes is limited here and nowhere else.
import { z } from 'zod';
import type { Media } from '../../routing/model.ts';
import { id, instant, maybe, text } from '../../wire/fields.ts';
import { check, type Read } from '../../wire/json.ts';
import { CLIENT_ID, MEDIA_MAX, MESSAGES_MAX, NAME_MAX, PAYLOAD_MAX, TEXT_MAX } from './protocol.ts';

/** One utterance, whichever face it came through. `media`: ids of uploads; `links`: files that lie elsewhere. */
export type Utterance = {
  clientId: string;
  kind: 'message' | 'postback';
  text: string;
  media: string[];
  links?: Media[] | undefined;
  payload?: string | undefined;
  title?: string | undefined;
  sentAt?: number | undefined;
};

const RECEIPTS_MAX = 100;

const clientId = z.string().regex(CLIENT_ID, 'must be 1 to 64 of A-Z a-z 0-9 . _ ~ : -');
const title = text(PAYLOAD_MAX);

const posted = z
  .discriminatedUnion('type', [
    z.object({
      type: z.literal('message'),
      id: clientId,
      text: maybe(text(TEXT_MAX)),
      media: maybe(z.array(id(64)).max(MEDIA_MAX)),
      sent_at: maybe(instant),
    }),
    z.object({
      type: z.literal('postback'),
      id: clientId,
      payload: text(PAYLOAD_MAX).pipe(z.string().min(1)),
      title: maybe(title),
      sent_at: maybe(instant),
    }),
  ])
  .transform((value, context): Utterance => {
    const common = { clientId: value.id, sentAt: value.sent_at };
    if (value.type === 'postback') {
      return { ...common, kind: 'postback', text: '', media: [], payload: value.payload, title: value.title };
    }
    const [words, media] = [value.text ?? '', value.media ?? []];
    if (words.trim() === '' && media.length === 0) {
      context.addIssue({ code: 'custom', path: ['text'], message: 'is required when there are no media' });
    }
    return { ...common, kind: 'message', text: words, media };
  });

const batch = z.array(posted).min(1).max(MESSAGES_MAX);

export const readUtterances = (value: unknown): Read<Utterance[]> => check(batch, value);

const name = maybe(text(NAME_MAX));
const session = z.object({
  token: maybe(z.string().max(4096)),
  identity: maybe(z.object({ id: z.string().max(256), name, hmac: z.string().max(128) })),
  name,
});
export type SessionRead = z.output<typeof session>;
export const readSession = (value: unknown): Read<SessionRead> => check(session, value);

const receipts = z.object({ message_ids: z.array(id(64)).max(RECEIPTS_MAX), status: z.enum(['delivered', 'read']) });
export const readReceipts = (value: unknown): Read<z.output<typeof receipts>> => check(receipts, value);

const typing = z.object({ on: z.boolean() });
export const readTyping = (value: unknown): Read<z.output<typeof typing>> => check(typing, value);
