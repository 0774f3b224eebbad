// Deliveries and replays: looking at what is owed, sending it again, settling what is not known.
// Not here: their shape (delivery-shape.ts) and the sending (engine). The one thing to know: a replay is a new delivery
// at the lane's tail; nothing that was tried is ever changed.
import { z } from '@hono/zod-openapi';
import type { ReplayTask } from '../../engine/store-port.ts';
import type { Input } from '../../routing/inputs.ts';
import { accepted, ok } from '../answers.ts';
import { instant, orNull, pageOf, paging, showPage, timeOf } from '../fields.ts';
import type { Principal } from '../keys.ts';
import type { HttpParts } from '../parts.ts';
import { refuse, refusedReply } from '../problems.ts';
import { type Route, route } from '../route.ts';
import {
  attempt,
  delivery,
  filterFields,
  readFilter,
  showAttempt,
  showDelivery,
  showFilter,
} from './delivery-shape.ts';
import { message, showMessage } from './messages.ts';
import { actorOf, audit, missing } from './rows.ts';

const PATH = '/api/v1/deliveries';
const REPLAYS = '/api/v1/replays';
const section = 'Deliveries';

const whole = delivery.extend({ attempts: z.array(attempt), message: orNull(message) }).openapi('DeliveryWithAttempts');

export function deliveryRoutes(parts: HttpParts): Route[] {
  const { store } = parts;
  return [
    route({
      method: 'get',
      path: PATH,
      name: 'listDeliveries',
      section,
      summary: 'List deliveries, newest first',
      query: paging.extend(filterFields),
      answers: { 200: { description: 'A page', schema: pageOf(delivery) } },
      async handle({ query }) {
        const { limit, after, ...filter } = query;
        return ok(showPage(await store.listDeliveries({ limit, after, ...readFilter(filter) }), showDelivery));
      },
    }),
    route({
      method: 'get',
      path: `${PATH}/{id}`,
      name: 'getDelivery',
      section,
      summary: 'Get a delivery with its attempts',
      answers: { 200: { description: 'The delivery', schema: whole } },
      async handle({ params }) {
        const found = await store.delivery(params.id);
        if (!found) return missing('delivery', params.id);
        return ok({
          ...showDelivery(found.delivery),
          attempts: found.attempts.map(showAttempt),
          message: found.message ? showMessage(found.message) : null,
        });
      },
    }),
    route({
      method: 'post',
      path: `${PATH}/{id}/replay`,
      name: 'replayDelivery',
      section,
      summary: 'Send a delivery again',
      body: z.strictObject({}),
      bodyOptional: true,
      answers: {
        202: {
          description: "A new delivery at the lane's tail, marked as a replay",
          schema: z.object({ delivery_id: z.string().nullable() }).openapi('Replayed'),
        },
      },
      handle: ({ params, principal }) =>
        settle(parts, params.id, principal, 'replay', (threadId) => ({
          type: 'replay',
          threadId,
          deliveryId: params.id,
        })),
    }),
    route({
      method: 'post',
      path: `${PATH}/{id}/resolution`,
      name: 'resolveDelivery',
      section,
      summary: 'Settle a held delivery',
      description: 'It was not known whether the customer got it: `sent` (they did), `resend` or `drop`.',
      body: z.strictObject({ outcome: z.enum(['sent', 'resend', 'drop']) }),
      answers: {
        202: {
          description: 'Settled; the new delivery when it is sent again',
          schema: z.object({ delivery_id: z.string().nullable() }).openapi('Resolved'),
        },
      },
      handle: ({ params, body, principal }) =>
        settle(parts, params.id, principal, body.outcome, (threadId) => ({
          type: 'resolution',
          threadId,
          deliveryId: params.id,
          outcome: body.outcome,
        })),
    }),
    ...replayRoutes(parts),
  ];
}

/** One input about one delivery, by a person. */
async function settle(
  parts: HttpParts,
  deliveryId: string,
  principal: Principal,
  action: string,
  inputOf: (threadId: string) => Input,
) {
  const found = await parts.store.delivery(deliveryId);
  if (!found) return missing('delivery', deliveryId);
  const [applied] = await parts.engine.submit([inputOf(found.delivery.threadId)]);
  if (applied === undefined) return refuse('internal');
  if (!applied.reply.ok) return refusedReply(applied.reply);
  await parts.directory.change([], [audit(parts, principal, action, 'delivery', deliveryId)]);
  return accepted({ delivery_id: applied.reply.deliveryId ?? null });
}

const replay = z
  .object({
    id: z.string(),
    status: z.enum(['running', 'paused', 'done', 'cancelled']),
    filter: z.object(filterFields),
    total: z.int(),
    done: z.int(),
    failed: z.int(),
    failures: z.array(z.object({ delivery_id: z.string(), detail: z.string() })),
    actor: z.string(),
    created_at: instant,
    updated_at: instant,
  })
  .openapi('Replay');

const showReplay = (task: ReplayTask): z.output<typeof replay> => ({
  id: task.id,
  status: task.status,
  filter: showFilter(task.filter),
  total: task.total,
  done: task.done,
  failed: task.failed,
  failures: task.failures.map((each) => ({ delivery_id: each.deliveryId, detail: each.detail })),
  actor: task.actor,
  created_at: timeOf(task.createdAt),
  updated_at: timeOf(task.updatedAt),
});

function replayRoutes(parts: HttpParts): Route[] {
  const { engine, store, directory } = parts;
  const filter = z
    .strictObject(filterFields)
    .refine(
      (given) => Object.keys(given).length > 0,
      'must name at least one of its fields: all deliveries is too many',
    );
  return [
    route({
      method: 'get',
      path: REPLAYS,
      name: 'listReplays',
      section,
      summary: 'List replays of many deliveries',
      query: paging,
      answers: { 200: { description: 'A page', schema: pageOf(replay) } },
      handle: async ({ query }) => ok(showPage(await store.listReplays(query), showReplay)),
    }),
    route({
      method: 'post',
      path: REPLAYS,
      name: 'startReplay',
      section,
      summary: 'Send many deliveries again',
      description: 'A task with progress that survives a restart.',
      body: z.strictObject({ filter }),
      answers: { 202: { description: 'Begun', schema: replay } },
      async handle({ body, principal }) {
        const task = await engine.startReplay(readFilter(body.filter), actorOf(principal));
        await directory.change([], [audit(parts, principal, 'start', 'replay', task.id, { filter: body.filter })]);
        return accepted(showReplay(task));
      },
    }),
    route({
      method: 'get',
      path: `${REPLAYS}/{id}`,
      name: 'getReplay',
      section,
      summary: 'How far a replay is',
      answers: { 200: { description: 'The replay', schema: replay } },
      async handle({ params }) {
        const task = await store.replay(params.id);
        return task ? ok(showReplay(task)) : missing('replay', params.id);
      },
    }),
    route({
      method: 'patch',
      path: `${REPLAYS}/{id}`,
      name: 'changeReplay',
      section,
      summary: 'Pause, resume or cancel a replay',
      body: z.strictObject({ status: z.enum(['running', 'paused', 'cancelled']) }),
      answers: { 200: { description: 'The replay', schema: replay } },
      async handle({ params, body, principal }) {
        const before = await store.replay(params.id);
        if (!before) return missing('replay', params.id);
        if (before.status === 'done' || before.status === 'cancelled') {
          return refuse('conflict', `The replay is ${before.status}; it does not change any more.`);
        }
        const task = await engine.changeReplay(params.id, body.status);
        if (!task) return missing('replay', params.id);
        await directory.change([], [audit(parts, principal, body.status, 'replay', task.id)]);
        return ok(showReplay(task));
      },
    }),
  ];
}
