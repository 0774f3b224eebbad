// A delivery and its attempts, as the API shows them; and the filter that lists and replays share.
// Not here: routes (deliveries.ts, replays.ts). The one thing to know: `parked` is derived: pending or retrying while
// the target is not active.
import { z } from '@hono/zod-openapi';
import type { DeliveryFilter, DeliveryRow } from '../../engine/store-port.ts';
import type { Attempt, DeliveryStatus } from '../../routing/model.ts';
import { id, instant, instantOrNull, time, timeOf, timeOrNull } from '../fields.ts';

const STATUSES = [
  'pending',
  'retrying',
  'parked',
  'delivered',
  'dead',
  'held',
  'cancelled',
] as const satisfies readonly DeliveryStatus[];
const TARGETS = ['bot', 'desk', 'asset', 'url'] as const;

export const delivery = z
  .object({
    id: z.string(),
    status: z.enum(STATUSES),
    kind: z.enum(['message', 'postback', 'receipt', 'started', 'closed', 'signal', 'notify']),
    target: z.object({ type: z.enum(TARGETS), id: z.string() }),
    thread_id: z.string(),
    conversation_id: z.string().nullable(),
    message_id: z.string().nullable(),
    merged_message_ids: z.array(z.string()),
    attempt_count: z.int().openapi({ description: 'in the current series' }),
    next_attempt_at: instantOrNull.openapi({ description: 'not before; null: at once, or never again' }),
    reason: z.string().nullable(),
    replay: z.boolean(),
    data: z.record(z.string(), z.unknown()).nullable(),
    created_at: instant,
  })
  .openapi('Delivery');

export function showDelivery(row: DeliveryRow): z.output<typeof delivery> {
  const waits = row.status === 'pending' || row.status === 'retrying';
  return {
    id: row.id,
    status: row.status,
    kind: row.kind,
    target: row.target,
    thread_id: row.threadId,
    conversation_id: row.conversationId,
    message_id: row.messageId,
    merged_message_ids: row.merged,
    attempt_count: row.attempts,
    next_attempt_at: waits && row.notBefore > 0 ? timeOrNull(row.notBefore) : null,
    reason: row.reason,
    replay: row.replay,
    data: row.data && (typeof row.data.at === 'number' ? { ...row.data, at: timeOf(row.data.at) } : row.data),
    created_at: timeOf(row.createdAt),
  };
}

export const attempt = z
  .object({
    id: z.string(),
    number: z.int(),
    started_at: instant,
    ok: z.boolean(),
    status: z.int().nullable().openapi({ description: 'HTTP status; null: there was none' }),
    reason: z.string(),
    detail: z.string(),
    timing: z.object({
      dns_ms: z.number().nullable(),
      connect_ms: z.number().nullable(),
      first_byte_ms: z.number().nullable(),
      total_ms: z.number(),
    }),
    answer: z.string().openapi({ description: 'its first 16 KiB, secrets masked' }),
    epoch: z.int(),
  })
  .openapi('Attempt');

export const showAttempt = (row: Attempt): z.output<typeof attempt> => ({
  id: row.id,
  number: row.number,
  started_at: timeOf(row.startedAt),
  ok: row.ok,
  status: row.status,
  reason: row.reason,
  detail: row.detail,
  timing: {
    dns_ms: row.timing.dnsMs ?? null,
    connect_ms: row.timing.connectMs ?? null,
    first_byte_ms: row.timing.firstByteMs ?? null,
    total_ms: row.timing.totalMs,
  },
  answer: row.answer,
  epoch: row.epoch,
});

/** The names by which deliveries are chosen, in a list's query and in a replay's body. */
export const filterFields = {
  status: z.enum(STATUSES).optional(),
  target: id.optional().openapi({ description: "a bot's, desk's or asset's id" }),
  target_type: z.enum(TARGETS).optional(),
  conversation_id: id.optional(),
  thread_id: id.optional(),
  message_id: id.optional(),
  since: time.optional().openapi({ description: 'created at or after' }),
  until: time.optional().openapi({ description: 'created at or before' }),
};
type Filter = z.output<z.ZodObject<typeof filterFields>>;

export const readFilter = (given: Filter): DeliveryFilter =>
  defined({
    status: given.status,
    targetId: given.target,
    targetType: given.target_type,
    conversationId: given.conversation_id,
    threadId: given.thread_id,
    messageId: given.message_id,
    since: given.since === undefined ? undefined : Date.parse(given.since),
    until: given.until === undefined ? undefined : Date.parse(given.until),
  });

export const showFilter = (filter: DeliveryFilter): Filter =>
  defined({
    status: filter.status,
    target: filter.targetId,
    target_type: filter.targetType,
    conversation_id: filter.conversationId,
    thread_id: filter.threadId,
    message_id: filter.messageId,
    since: filter.since === undefined ? undefined : timeOf(filter.since),
    until: filter.until === undefined ? undefined : timeOf(filter.until),
  });

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };
const defined = <T extends object>(given: T): Defined<T> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Defined<T>;
