// Deliveries: looking at what is owed, sending one again, settling what is not known.
// Not here: their shape (delivery-shape.ts), many at once (replays.ts) and the sending (engine). The one thing to know: a
// replay is a new delivery at the lane's tail; nothing that was tried is ever changed.
import { z } from '@hono/zod-openapi';
import type { Input } from '../../routing/inputs.ts';
import { accepted, ok } from '../answers.ts';
import { orNull, pageOf, paging, showPage } from '../fields.ts';
import type { Principal } from '../keys.ts';
import type { HttpParts } from '../parts.ts';
import { refuse, refusedReply } from '../problems.ts';
import { type Route, route } from '../route.ts';
import { attempt, delivery, filterFields, readFilter, showAttempt, showDelivery } from './delivery-shape.ts';
import { message, showMessage } from './messages.ts';
import { audit, missing } from './rows.ts';

const PATH = '/api/v1/deliveries';
const section = 'Deliveries';

const request = z
  .object({
    method: z.enum(['GET', 'POST', 'PUT']),
    url: z.string(),
    headers: z.record(z.string(), z.string()),
    body: z.string(),
    cut: z.boolean().openapi({ description: 'the body is longer than what is shown' }),
  })
  .openapi('RequestPreview', {
    description: 'As it would be sent now, secrets masked; not as it was sent. The first, where there are several.',
  });

const whole = delivery
  .extend({
    attempts: z.array(attempt),
    message: orNull(message),
    request: orNull(request).openapi({ description: 'null: no request is made of it' }),
  })
  .openapi('DeliveryWithAttempts');

export const deliveryRoutes = (parts: HttpParts): Route[] => [...readingRoutes(parts), ...handRoutes(parts)];

function readingRoutes(parts: HttpParts): Route[] {
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
          request: await parts.preview(params.id),
        });
      },
    }),
  ];
}

/** What a person does about a delivery. */
function handRoutes(parts: HttpParts): Route[] {
  return [
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
      path: `${PATH}/{id}/retry`,
      name: 'retryDelivery',
      section,
      summary: 'Try a delivery now that waits for its next attempt',
      description: 'The same attempt of the same series, earlier; while its target is not active it stays parked.',
      body: z.strictObject({}),
      bodyOptional: true,
      answers: {
        202: {
          description: 'It is tried now',
          schema: z.object({ delivery_id: z.string().nullable() }).openapi('Retried'),
        },
      },
      handle: ({ params, principal }) =>
        settle(parts, params.id, principal, 'retry', (threadId) => ({
          type: 'retry',
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
