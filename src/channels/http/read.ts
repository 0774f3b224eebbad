// What comes in on the HTTP channel: one object or a batch of them, each a message, a postback or a receipt.
// Not here: what goes out (adapter.ts). The one thing to know: a batch is taken as a whole or refused as a whole, with
// every malformed field named by its JSON pointer, so that nobody has to find out which half arrived.
import { z } from 'zod';
import type { AssetConfig, FieldError, RawRequest, ReadResult } from '../../engine/ports.ts';
import type { Input } from '../../routing/inputs.ts';
import { checkBearerOrSignature } from '../../wire/auth.ts';
import {
  absent,
  content,
  id,
  instant,
  isId,
  MAX_PAYLOAD,
  maybe,
  name,
  note,
  plainWords,
  text,
} from '../../wire/fields.ts';
import { check, isObject, malformed, parseJson, type Read } from '../../wire/json.ts';

/** Room for a batch of ordinary messages; whoever has more sends another batch. */
export const MAX_BODY_BYTES = 1_048_576;
/** One batch is one transaction: long ones would hold up everybody else's. */
export const MAX_BATCH = 1000;
/** No use in naming more broken fields than a person reads. */
const ENOUGH_ERRORS = 50;

/** The simulator's customers, to whom nothing is sent: nobody outside may be one. Decisions refuse them too. */
const SIMULATED = 'sim-';
const address = id().refine(
  (text) => !text.startsWith(SIMULATED),
  `must not begin with “${SIMULATED}”: such customers are the simulator's`,
);

const from = z.object({ address, name: maybe(name) });
export const item = z.discriminatedUnion('type', [
  z.object({ type: z.literal('message'), id: id(), from, message: content, timestamp: maybe(instant) }),
  z.object({
    type: z.literal('postback'),
    id: id(),
    from,
    payload: z.string().min(1).max(MAX_PAYLOAD).pipe(text(MAX_PAYLOAD)),
    title: maybe(name),
    timestamp: maybe(instant),
  }),
  z.object({
    type: z.literal('receipt'),
    message_id: id(),
    status: z.enum(['delivered', 'failed', 'read']),
    description: maybe(note),
  }),
]);
type Item = z.infer<typeof item>;

/** Reads a request of the HTTP channel: 401, 413, 400 (no JSON) or 422 (malformed), else inputs in the order given. */
export function read(asset: AssetConfig, request: RawRequest): ReadResult<Input> {
  const refusal = checkBearerOrSignature(request, asset);
  if (refusal !== null) return refusal;
  const parsed = parseJson(request.body, MAX_BODY_BYTES, 400);
  if (!parsed.ok) return parsed;
  const batch = Array.isArray(parsed.value);
  const given: unknown[] = batch ? (parsed.value as unknown[]) : [parsed.value];
  if (given.length > MAX_BATCH) {
    return malformed([{ pointer: '', detail: `must not be a batch of more than ${MAX_BATCH} items` }]);
  }
  const items: Input[] = [];
  const errors: FieldError[] = [];
  for (const [index, value] of given.entries()) {
    const pointer = batch ? `/${index}` : '';
    const result = isObject(value) ? readItem(value, pointer) : notAnObject(pointer);
    if (result.ok) items.push(inputOf(asset.id, result.value));
    else errors.push(...result.errors);
    if (errors.length >= ENOUGH_ERRORS) break;
  }
  return errors.length > 0 ? malformed(errors) : { ok: true, items, ignored: 0, batch };
}

function readItem(value: Record<string, unknown>, pointer: string): Read<Item> {
  const plain = plainItem(value);
  return plain === undefined ? check(item, value, pointer) : { ok: true, value: plain };
}

/** A text and nothing else, as most are; undefined: ask the schema. */
export function plainItem({ type, id, from, message, timestamp }: Record<string, unknown>): Item | undefined {
  if (type !== 'message' || !isId(id) || !isObject(from) || !isId(from.address)) return undefined;
  if (from.address.startsWith(SIMULATED)) return undefined;
  if (!isObject(message) || message.type !== 'text') return undefined;
  if (!absent(timestamp, from.name, message.media, message.quick_replies)) return undefined;
  const text = plainWords(message.text);
  if (text === undefined) return undefined;
  const { address } = from;
  return {
    type,
    id,
    from: { address, name: undefined },
    message: { type: 'text', text, media: [], quickReplies: undefined },
    timestamp: undefined,
  };
}

function notAnObject(pointer: string): { ok: false; errors: FieldError[] } {
  return { ok: false, errors: [{ pointer, detail: 'must be an object' }] };
}

function inputOf(assetId: string, value: Item): Input {
  if (value.type === 'receipt') {
    const { message_id: messageId, status, description } = value;
    return { type: 'receipt', assetId, messageId, status, ...(description === undefined ? {} : { description }) };
  }
  const who = {
    type: 'customer' as const,
    assetId,
    address: value.from.address,
    ...(value.from.name === undefined ? {} : { name: value.from.name }),
    externalId: value.id,
    ...(value.timestamp === undefined ? {} : { sentAt: value.timestamp }),
  };
  if (value.type === 'message') {
    const { type, text, media } = value.message;
    return { ...who, kind: 'message', message: { type, text, media } };
  }
  return {
    ...who,
    kind: 'postback',
    message: { type: 'text', text: '', media: [] },
    payload: value.payload,
    ...(value.title === undefined ? {} : { title: value.title }),
  };
}
