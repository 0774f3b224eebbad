// What a desk says through its hook: `{type, data}` or the same fields beside `type` (contract §5).
// Not here: whether the desk may say it now (routing). The one thing to know: what is marked optional or is only a
// reason may be missing; an agent's name may not, for an agent is always a human, known by name.
import { z } from 'zod';
import type { DeskConfig, RawRequest, ReadResult } from '../../engine/ports.ts';
import type { DeskCommand } from '../../routing/inputs.ts';
import { checkBearerOrSignature } from '../../wire/auth.ts';
import { epoch, id, looseContent, MAX_NAME, maybe, note } from '../../wire/fields.ts';
import { check, isObject, malformed, parseObject } from '../../wire/json.ts';

/** As for bots: contract §3, 413 over 256 KiB. */
export const MAX_BODY_BYTES = 262_144;
/** A wait longer than a day is not a queue. */
const MAX_WAIT_S = 86_400;

const agentName = id(MAX_NAME);
/** The agent's name, or an object with it. */
const agent = z.preprocess((value) => (isObject(value) ? value.name : value), agentName);
const reason = maybe(note).transform((value) => value ?? '');
const head = { conversation_id: id(), epoch: maybe(epoch) };

const said = z.discriminatedUnion('type', [
  z.object({ type: z.literal('conversation.queued'), ...head, wait_s: maybe(z.number().min(0).max(MAX_WAIT_S)) }),
  z.object({ type: z.literal('conversation.accepted'), ...head, agent }),
  z.object({ type: z.literal('message.sent'), ...head, id: maybe(id()), agent, message: looseContent }),
  z.object({ type: z.literal('typing'), ...head, on: maybe(z.boolean()) }),
  z.object({ type: z.literal('conversation.transferred'), ...head, to: id(), reason }),
  z.object({ type: z.literal('conversation.closed'), ...head, reason, note: maybe(note) }),
  z.object({ type: z.literal('conversation.rejected'), ...head, reason }),
]);
type Said = z.infer<typeof said>;

/** Reads a request of a desk: 401, 413 or 422, else one command. */
export function read(desk: DeskConfig, request: RawRequest): ReadResult<DeskCommand> {
  const refusal = checkBearerOrSignature(request, desk);
  if (refusal !== null) return refusal;
  const parsed = parseObject(request.body, MAX_BODY_BYTES, 422);
  if (!parsed.ok) return parsed;
  const given = parsed.value;
  const wrapped = isObject(given.data);
  const result = check(said, wrapped ? { ...(given.data as object), type: given.type } : given);
  if (result.ok) return { ok: true, items: [commandOf(result.value)], ignored: 0, batch: false };
  const place = (pointer: string): string => (wrapped && pointer !== '/type' ? `/data${pointer}` : pointer);
  return malformed(result.errors.map((error) => ({ ...error, pointer: place(error.pointer) })));
}

function commandOf(value: Said): DeskCommand {
  const { conversation_id: conversationId, epoch } = value;
  const where = { conversationId, epoch };
  switch (value.type) {
    case 'conversation.queued':
      return { type: 'queued', ...where, waitS: value.wait_s };
    case 'conversation.accepted':
      return { type: 'accepted', ...where, agent: value.agent };
    case 'message.sent': {
      const { quickReplies, ...message } = value.message;
      const full = quickReplies === undefined ? message : { ...message, quickReplies };
      return { type: 'message', ...where, agent: value.agent, message: full, key: value.id };
    }
    case 'typing':
      return { type: 'typing', ...where, on: value.on ?? true };
    case 'conversation.transferred':
      return { type: 'transfer', ...where, to: value.to, reason: value.reason };
    case 'conversation.closed':
      return { type: 'close', ...where, reason: value.reason, note: value.note };
    case 'conversation.rejected':
      return { type: 'reject', ...where, reason: value.reason };
  }
}
