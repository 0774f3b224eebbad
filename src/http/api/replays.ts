// Replays of many deliveries by a filter: counting what it would be, starting, watching, pausing and cancelling.
// Not here: the replay of one delivery (deliveries.ts) and the task itself (engine). The one thing to know: `done` counts
// what was put at the end of its lane; how each went from there is told by the new deliveries.
import { z } from '@hono/zod-openapi';
import type { ReplayTask } from '../../engine/store-port.ts';
import { accepted, ok } from '../answers.ts';
import { instant, pageOf, paging, showPage, timeOf } from '../fields.ts';
import type { HttpParts } from '../parts.ts';
import { refuse } from '../problems.ts';
import { type Route, route } from '../route.ts';
import { filterFields, readFilter, showFilter } from './delivery-shape.ts';
import { actorOf, audit, missing } from './rows.ts';

const REPLAYS = '/api/v1/replays';
const section = 'Deliveries';

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
    rate_per_s: z
      .number()
      .nullable()
      .openapi({ description: 'while it worked, pauses not counted; null: not known yet' }),
    remaining_s: z.number().nullable().openapi({ description: 'at that rate; null: not known, or nothing remains' }),
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
  ...paceOf(task),
  created_at: timeOf(task.createdAt),
  updated_at: timeOf(task.updatedAt),
});

/** How fast it goes and how long it will still take. */
export function paceOf({ done, total, workedMs = 0, status }: ReplayTask) {
  const rate = done > 0 && workedMs > 0 ? (done * 1000) / workedMs : null;
  const goesOn = status === 'running' || status === 'paused';
  return {
    rate_per_s: rate === null ? null : Math.round(rate * 10) / 10,
    remaining_s: rate === null || !goesOn ? null : Math.ceil(Math.max(0, total - done) / rate),
  };
}

export function replayRoutes(parts: HttpParts): Route[] {
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
      description:
        'A task with progress that survives a restart. `dry_run` begins nothing, and says how many it would be.',
      body: z.strictObject({ filter, dry_run: z.boolean().default(false) }),
      answers: {
        200: { description: 'What a dry run found', schema: z.object({ count: z.int() }).openapi('ReplayCount') },
        202: { description: 'Begun', schema: replay },
      },
      async handle({ body, principal }) {
        if (body.dry_run) return ok({ count: await store.countDeliveries(readFilter(body.filter)) });
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
