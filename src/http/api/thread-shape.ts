// A thread as the API shows it: alone, in a list, with who held it; and the items of its timeline.
// Not here: routes (threads.ts). The one thing to know: what a list shows is enough for a row of the console; the rest
// is asked for with the thread.
import { z } from '@hono/zod-openapi';
import type { FeedEvent, MessageRow, ThreadListed, ThreadRow, TimelineItem } from '../../engine/store-port.ts';
import { instant, instantOrNull, orNull, timeOf, timeOrNull } from '../fields.ts';
import { conversation } from './conversation-shape.ts';
import { attempt, delivery, showAttempt, showDelivery } from './delivery-shape.ts';
import { event, showEvent } from './event-shape.ts';
import { message, showMessage } from './messages.ts';

export const LIMBO = ['unrouted', 'needs_person', 'overdue'] as const;
/** A row of a list shows the beginning of what was said. */
const PREVIEW_LENGTH = 160;

const PHASES = ['offered', 'queued', 'accepted'] as const;

const holder = z.object({
  type: z.enum(['bot', 'desk', 'none']),
  id: z.string().nullable(),
  conversation_id: z.string().nullable(),
  since: instant,
  phase: z.enum(PHASES).nullable().openapi({ description: 'how far a desk is; null of anyone else' }),
  agent: z.string().nullable().openapi({ description: "who accepted at the desk: a person's name" }),
});

export const threadFields = {
  id: z.string(),
  asset_id: z.string(),
  address: z.string().openapi({ description: "the customer's address on the asset" }),
  name: z.string(),
  service_id: z.string().nullable(),
  holder,
  epoch: z.int(),
  waiting_since: instantOrNull.openapi({ description: 'since when the customer has had no answer' }),
  limbo: z.enum(LIMBO).nullable().openapi({ description: 'why nobody answers although somebody should' }),
  due_at: instantOrNull,
  attributes: z.record(z.string(), z.string()),
  messages: z.int(),
  created_at: instant,
  updated_at: instant,
};
const base = z.object(threadFields);

export function showThread(row: ThreadRow): z.output<typeof base> {
  const held = row.holder.type === 'none' ? null : row.holder;
  const atDesk = row.holder.type === 'desk' ? row.desk : null;
  return {
    id: row.id,
    asset_id: row.assetId,
    address: row.address,
    name: row.name,
    service_id: row.serviceId,
    holder: {
      type: row.holder.type,
      id: held?.id ?? null,
      conversation_id: held?.conversationId ?? null,
      since: timeOf(row.holder.since),
      phase: atDesk?.phase ?? null,
      agent: atDesk?.agent ?? null,
    },
    epoch: row.epoch,
    waiting_since: timeOrNull(row.waitingSince),
    limbo: row.limbo === '' ? null : row.limbo,
    due_at: timeOrNull(row.dueAt),
    attributes: row.attributes,
    messages: row.seq,
    created_at: timeOf(row.createdAt),
    updated_at: timeOf(row.updatedAt),
  };
}

const preview = z
  .object({
    id: z.string(),
    kind: z.enum(['message', 'postback']),
    author: message.shape.author,
    type: message.shape.type,
    text: z.string().openapi({ description: `its first ${PREVIEW_LENGTH} characters; of a postback its title` }),
    receipt: message.shape.receipt,
    at: instant,
  })
  .openapi('MessagePreview');

const showPreview = (row: MessageRow): z.output<typeof preview> => ({
  id: row.id,
  kind: row.kind,
  author: row.author,
  type: row.type,
  text: [...(row.text || row.title || row.payload || '').slice(0, 2 * PREVIEW_LENGTH)]
    .slice(0, PREVIEW_LENGTH)
    .join(''),
  receipt: row.receipt,
  at: timeOf(row.at),
});

export const summary = base.extend({ last_message: orNull(preview) }).openapi('ThreadSummary');
export const showSummary = (row: ThreadListed): z.output<typeof summary> => ({
  ...showThread(row),
  last_message: row.last ? showPreview(row.last) : null,
});

const party = z.object({
  type: z.enum(['bot', 'desk', 'none']),
  id: z.string().nullable(),
  conversation_id: z.string().nullable(),
});
const holderChange = z
  .object({
    at: instant,
    epoch: z.int().openapi({ description: 'the one that began, or in which a desk went on' }),
    from: party,
    to: party.openapi({ description: 'as `from` when a desk queued or accepted what it holds' }),
    phase: z.enum(PHASES).nullable().openapi({ description: 'how far a desk is from then on; null of anyone else' }),
    agent: z.string().nullable().openapi({ description: 'who accepted' }),
    reason: z.string(),
    actor: z.string().openapi({ description: 'a rule (`rule rul_…`), a bot or desk, a person, or `signalbox`' }),
  })
  .openapi('HolderChange');
type Change = z.output<typeof holderChange>;

const NOBODY: z.output<typeof party> = { type: 'none', id: null, conversation_id: null };
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Who held a thread, from its events: each lasts until the next. */
export function showHolders(events: readonly FeedEvent[]): Change[] {
  const changes: Change[] = [];
  for (const { at, type, data } of events) {
    const before = changes.at(-1);
    if (type === 'holder.changed') {
      const to = party.catch(NOBODY).parse(data.to);
      changes.push({
        at: timeOf(at),
        epoch: Number(data.epoch ?? 0),
        from: party.catch(NOBODY).parse(data.from),
        to,
        phase: to.type === 'desk' ? 'offered' : null,
        agent: null,
        reason: text(data.reason),
        actor: text(data.actor),
      });
    } else if (before && before.to.conversation_id === data.conversation_id) {
      const phase = data.status === 'accepted' ? 'accepted' : 'queued';
      const agent = text(data.agent) || null;
      const { to, epoch } = before;
      changes.push({ at: timeOf(at), epoch, from: to, to, phase, agent, reason: phase, actor: agent ?? to.id ?? '' });
    }
  }
  return changes;
}

export const whole = base
  .extend({
    conversations: z.array(conversation),
    holders: z.array(holderChange).openapi({ description: 'who got the line when, by whom and why; oldest first' }),
  })
  .openapi('Thread');

/** What was answered to a try is shown with the delivery; a timeline would be megabytes. */
const tried = attempt.omit({ answer: true }).openapi('AttemptInTimeline');

export const timelineItem = z
  .object({ at: instant, type: z.enum(['message', 'event', 'delivery']) })
  .extend({
    message: message.optional(),
    event: event.optional(),
    delivery: delivery.optional(),
    attempts: z.array(tried).optional().openapi({ description: "a delivery's, first to last" }),
  })
  .openapi('TimelineItem');

export function showItem(item: TimelineItem): z.output<typeof timelineItem> {
  const at = timeOf(item.at);
  if (item.type === 'message') return { at, type: 'message', message: showMessage(item.message) };
  if (item.type === 'event') return { at, type: 'event', event: showEvent(item.event) };
  const attempts = item.attempts.map((row) => {
    const { answer: _, ...rest } = showAttempt(row);
    return rest;
  });
  return { at, type: 'delivery', delivery: showDelivery(item.delivery), attempts };
}
