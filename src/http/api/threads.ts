// Threads: all that happens between one customer address and one asset; who holds it, and moving it by hand.
// Not here: conversations. The one thing to know: the timeline explains; it has messages, decisions and deliveries in
// the order in which they came to be.
import { z } from '@hono/zod-openapi';
import type { ThreadRow, TimelineItem } from '../../engine/store-port.ts';
import { ok } from '../answers.ts';
import { flag, id, instant, instantOrNull, note, pageOf, paging, showPage, timeOf, timeOrNull } from '../fields.ts';
import type { HttpParts } from '../parts.ts';
import { refuse, refusedReply } from '../problems.ts';
import { type Route, route } from '../route.ts';
import { conversation, showConversation } from './conversations.ts';
import { delivery, showDelivery } from './delivery-shape.ts';
import { event, showEvent } from './event-shape.ts';
import { message, showMessage } from './messages.ts';
import { actorOf, audit, missing } from './rows.ts';

const PATH = '/api/v1/threads';
const section = 'Threads';
/** Shown with a thread; older ones are under /conversations?thread_id=. */
const CONVERSATIONS_SHOWN = 50;
/** Attributes travel with every event of the thread. */
const ATTRIBUTES_MAX = 100;

const LIMBO = ['unrouted', 'needs_person', 'overdue'] as const;

const holder = z.object({
  type: z.enum(['bot', 'desk', 'none']),
  id: z.string().nullable(),
  conversation_id: z.string().nullable(),
  since: instant,
});
const threadFields = {
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
const summary = z.object(threadFields).openapi('ThreadSummary');
const thread = z.object({ ...threadFields, conversations: z.array(conversation) }).openapi('Thread');

function showThread(row: ThreadRow): z.output<typeof summary> {
  const held = row.holder.type === 'none' ? null : row.holder;
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

const timelineItem = z
  .object({ at: instant, type: z.enum(['message', 'event', 'delivery']) })
  .extend({ message: message.optional(), event: event.optional(), delivery: delivery.optional() })
  .openapi('TimelineItem');

function showItem(item: TimelineItem): z.output<typeof timelineItem> {
  const at = timeOf(item.at);
  if (item.type === 'message') return { at, type: 'message', message: showMessage(item.message) };
  if (item.type === 'event') return { at, type: 'event', event: showEvent(item.event) };
  return { at, type: 'delivery', delivery: showDelivery(item.delivery) };
}

export function threadRoutes(parts: HttpParts): Route[] {
  const { store } = parts;
  return [
    route({
      method: 'get',
      path: PATH,
      name: 'listThreads',
      section,
      summary: 'List threads',
      query: paging.extend({
        holder_id: id.optional(),
        asset_id: id.optional(),
        limbo: z.enum(LIMBO).optional(),
        waiting: flag.optional().openapi({ description: 'whether a customer waits for an answer' }),
      }),
      answers: { 200: { description: 'A page', schema: pageOf(summary) } },
      async handle({ query }) {
        const { holder_id, asset_id, ...ask } = query;
        const page = await store.listThreads({ ...ask, holderId: holder_id, assetId: asset_id });
        return ok(showPage(page, showThread));
      },
    }),
    route({
      method: 'get',
      path: `${PATH}/{id}`,
      name: 'getThread',
      section,
      summary: 'Get a thread',
      answers: {
        200: { description: `The thread with its newest ${CONVERSATIONS_SHOWN} conversations`, schema: thread },
      },
      handle: ({ params }) => whole(parts, params.id),
    }),
    route({
      method: 'get',
      path: `${PATH}/{id}/timeline`,
      name: 'getTimeline',
      section,
      summary: 'What happened in a thread, in order',
      query: paging,
      answers: { 200: { description: 'A page, oldest first', schema: pageOf(timelineItem) } },
      async handle({ params, query }) {
        if (!(await store.thread(params.id))) return missing('thread', params.id);
        return ok(showPage(await store.timeline(params.id, query), showItem));
      },
    }),
    moveByHand(parts),
  ];
}

async function whole(parts: HttpParts, threadId: string) {
  const row = await parts.store.thread(threadId);
  if (!row) return missing('thread', threadId);
  const { data } = await parts.store.listConversations({ threadId, limit: CONVERSATIONS_SHOWN });
  return ok({ ...showThread(row), conversations: data.map(showConversation) });
}

function moveByHand(parts: HttpParts): Route {
  const attributes = z
    .record(id, z.string().max(4096))
    .refine((map) => Object.keys(map).length <= ATTRIBUTES_MAX, `must not have more than ${ATTRIBUTES_MAX} entries`);
  return route({
    method: 'post',
    path: `${PATH}/{id}/holder`,
    name: 'moveThread',
    section,
    summary: 'Hand over, take over or give back by hand',
    body: z.strictObject({
      to: id.openapi({ description: "a bot's or desk's id" }),
      reason: note.default(''),
      attributes: attributes.optional(),
    }),
    answers: { 200: { description: 'The thread as it is now', schema: thread } },
    async handle({ params, body, principal }) {
      if (!(await parts.store.thread(params.id))) return missing('thread', params.id);
      const { to, reason } = body;
      const more = body.attributes === undefined ? {} : { attributes: body.attributes };
      const [applied] = await parts.engine.submit([
        { type: 'holder', threadId: params.id, to, reason, actor: actorOf(principal), ...more },
      ]);
      if (applied === undefined) return refuse('internal');
      if (!applied.reply.ok) return refusedReply(applied.reply);
      await parts.directory.change([], [audit(parts, principal, 'move', 'thread', params.id, { to })]);
      return whole(parts, params.id);
    },
  });
}
