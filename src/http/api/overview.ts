// The home screen: the promises as numbers, what needs a person, the first steps, and how the last hours went.
// Not here: the single needs (needs.ts) and the sampling (../series.ts). The one thing to know: everything is derived from
// what is there when it is asked for; no flag says that a step was done.
import { z } from '@hono/zod-openapi';
import type { Counts } from '../../engine/store-port.ts';
import type { AuthorType } from '../../routing/model.ts';
import { ok } from '../answers.ts';
import { instant, instantOrNull, timeOf, timeOrNull } from '../fields.ts';
import type { HttpParts } from '../parts.ts';
import { type Route, route } from '../route.ts';
import { MINUTES_KEPT, type Point, type Series, STEP_S } from '../series.ts';
import { need, needsOf } from './needs.ts';
import { rowsOf } from './rows.ts';
import { TOUR_STEPS } from './tour-steps.ts';

const PATH = '/api/v1/overview';
const section = 'Overview';
/** Who has spoken is looked for among so many of the oldest and of the newest messages. */
const VOICES_ROWS = 500;

const STEPS = [
  'asset',
  'bot_verified',
  'rule',
  'message_received',
  'bot_answered',
  'person_answered',
  'second_user',
] as const;

const count = z.int();
const promises = z.object({
  limbo: count.openapi({ description: 'all kinds of it together; one thread may count as two. 0 is the goal' }),
  unrouted: count,
  needs_person: count,
  overdue: count.openapi({ description: 'customers who wait beyond a deadline, and nobody else can be asked' }),
  undeliverable: count.openapi({ description: 'customers who wait for a bot or desk that is not active' }),
  stale_refused: count.openapi({ description: 'what was refused since `since`, because another held the line' }),
  waiting: count.openapi({ description: 'customers without an answer' }),
  parked: count.openapi({ description: 'deliveries kept for bots and desks that are not active' }),
  unknown_outcomes: count.openapi({ description: 'sends of which nobody knows whether they arrived' }),
});
const deliveries = z.object({
  pending: count,
  retrying: count,
  parked: count,
  delivered: count,
  dead: count,
  held: count,
  cancelled: count,
});
const now = z.object({
  messages_per_minute: count.openapi({ description: 'in and out' }),
  bot_p50_ms: z.number().nullable(),
  bot_p95_ms: z.number().nullable(),
});
const overview = z
  .object({
    promises,
    threads: count,
    deliveries,
    oldest_pending_at: instantOrNull,
    needs: z.array(need).openapi({ description: 'most urgent first' }),
    checklist: z
      .array(z.object({ key: z.enum([...STEPS, ...TOUR_STEPS]), done: z.boolean() }))
      .openapi({ description: 'in a good order; in `dev` the tour through its demo, until that is done' }),
    now,
    since: instant.openapi({ description: 'when this process began to count' }),
  })
  .openapi('Overview');

const point = z.object({
  at: instant.openapi({ description: 'the end of the step' }),
  in: count.openapi({ description: "customers' messages" }),
  out: count.openapi({ description: 'messages sent to customers' }),
  failed: count.openapi({ description: 'attempts' }),
  bot_p50_ms: z.number().nullable().openapi({ description: 'half of the attempts to bots took no longer' }),
  bot_p95_ms: z.number().nullable(),
});
const series = z
  .object({ step_s: z.number(), since: instant, points: z.array(point) })
  .openapi('Series', { description: 'Of this process, since it began. The last point is the step under way.' });

export function overviewRoutes(parts: HttpParts, counted: Series): Route[] {
  const steps = checklist(parts);
  const minutes = z
    .string()
    .regex(/^\d{1,4}$/, 'must be a whole number')
    .transform(Number)
    .refine((n) => n >= 1 && n <= MINUTES_KEPT, `must be from 1 to ${MINUTES_KEPT}`)
    .default(60)
    .openapi({ type: 'integer', minimum: 1, maximum: MINUTES_KEPT, default: 60 });
  return [
    route({
      method: 'get',
      path: PATH,
      name: 'getOverview',
      section,
      summary: 'How things stand, and what needs a person',
      answers: { 200: { description: 'As of now', schema: overview } },
      async handle() {
        const counts = await parts.store.counts();
        const [needs, tour] = await Promise.all([needsOf(parts, counts), parts.demo?.steps() ?? null]);
        return ok({
          promises: promisesOf(parts, counts),
          threads: counts.threads,
          deliveries: counts.deliveries,
          oldest_pending_at: timeOrNull(counts.oldestPendingAt),
          needs,
          checklist: tour ?? (await steps(counts)),
          now: counted.now(),
          since: timeOf(counted.since),
        });
      },
    }),
    route({
      method: 'get',
      path: `${PATH}/series`,
      name: 'getSeries',
      section,
      summary: 'What passed through, step by step',
      query: z.strictObject({ minutes }),
      answers: { 200: { description: 'Oldest first', schema: series } },
      handle: ({ query }) =>
        ok({ step_s: STEP_S, since: timeOf(counted.since), points: counted.points(query.minutes).map(showPoint) }),
    }),
  ];
}

const showPoint = (each: Point) => ({ ...each, at: timeOf(each.at) });

function promisesOf({ engine }: HttpParts, { limbo, waiting, deliveries: owed }: Counts): z.output<typeof promises> {
  const { refused_stale_epoch: stale = 0, refused_not_holder: others = 0 } = engine.stats();
  return {
    ...limbo,
    limbo: limbo.unrouted + limbo.needs_person + limbo.overdue + limbo.undeliverable,
    stale_refused: stale + others,
    waiting,
    parked: owed.parked,
    unknown_outcomes: owed.held,
  };
}

/** The first steps. Who has spoken once has spoken: that is remembered, so that a busy house is not searched for it. */
function checklist(parts: HttpParts) {
  const heard = new Set<AuthorType>();
  return async (counts: Counts): Promise<z.output<typeof overview>['checklist']> => {
    if (counts.threads > 0 && !(heard.has('bot') && heard.has('agent'))) {
      for (const voice of await parts.store.voices(VOICES_ROWS)) heard.add(voice);
    }
    const { bots } = parts.directory.world();
    const done: Record<(typeof STEPS)[number], boolean> = {
      asset: rowsOf(parts, 'asset').length > 0,
      bot_verified: [...bots.values()].some(({ health }) => health.generation > 0),
      rule: rowsOf(parts, 'rule').length > 0,
      message_received: counts.threads > 0,
      bot_answered: heard.has('bot'),
      person_answered: heard.has('agent'),
      second_user: rowsOf(parts, 'user').length > 1,
    };
    return STEPS.map((key) => ({ key, done: done[key] }));
  };
}
