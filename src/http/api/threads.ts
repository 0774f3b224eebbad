// Threads: all that happens between one customer address and one asset; who holds it, and moving it by hand.
// Not here: conversations, and how a thread is shown (thread-shape.ts). The one thing to know: the timeline explains;
// it has messages, decisions (which rules were looked at for a message, and why) and deliveries in their order.
import { z } from '@hono/zod-openapi';
import type { ThreadFilter } from '../../engine/store-port.ts';
import type { Id } from '../../routing/model.ts';
import { ok } from '../answers.ts';
import { flag, id, note, pageOf, paging, showPage } from '../fields.ts';
import type { HttpParts } from '../parts.ts';
import { refuse, refusedReply } from '../problems.ts';
import { type Route, route } from '../route.ts';
import { walk } from '../walk.ts';
import { showConversation } from './conversation-shape.ts';
import { actorOf, audit, missing, rowsOf } from './rows.ts';
import {
  LIMBO,
  showHolders,
  showItem,
  showSummary,
  showThread,
  summary,
  whole as thread,
  timelineItem,
} from './thread-shape.ts';

const PATH = '/api/v1/threads';
const section = 'Threads';
/** Shown with a thread; older ones are under /conversations?thread_id=. */
const CONVERSATIONS_SHOWN = 50;
/** Changes of the holder shown with a thread; older ones are in its timeline. */
const HOLDERS_SHOWN = 100;
/** Attributes travel with every event of the thread. */
const ATTRIBUTES_MAX = 100;
/** How far one request looks for words: 20,000 threads, a fraction of a second. The next page goes on from there. */
const WORDS_FAR = { steps: 20, ms: 250 };

const STATES = ['bot', 'desk', 'nobody', 'offered', 'waiting', 'limbo', ...LIMBO] as const;

const filter = paging.extend({
  q: z.string().trim().min(1).max(200).optional().openapi({
    description: "words of the customer's address or name; a page may be short although more follows",
  }),
  state: z.enum(STATES).optional().openapi({
    description:
      'who holds it (`bot`, `desk`, `nobody`, or it is `offered` to a desk), or what it lacks (`waiting` for an answer, `limbo` for any reason, or one)',
  }),
  holder_id: id.optional(),
  asset_id: id.optional(),
  channel: id.optional(),
  service_id: id.optional().openapi({ description: 'on an asset of this service' }),
  limbo: z.enum(LIMBO).optional(),
  waiting: flag.optional().openapi({ description: 'whether a customer waits for an answer' }),
});

function readFilter(parts: HttpParts, asked: Omit<z.output<typeof filter>, 'limit' | 'after'>): ThreadFilter {
  const { q, state, holder_id, asset_id, limbo, waiting } = asked;
  const found: ThreadFilter = {};
  if (q !== undefined) found.words = q;
  if (holder_id !== undefined) found.holderId = holder_id;
  const assets = assetsOf(parts, asked);
  if (assets !== undefined) found.assetIds = assets;
  else if (asset_id !== undefined) found.assetId = asset_id;
  if (state === 'bot' || state === 'desk' || state === 'offered' || state === 'limbo') found.standing = state;
  if (state === 'nobody') found.standing = 'none';
  const lacks = limbo ?? LIMBO.find((each) => each === state);
  if (lacks !== undefined) found.limbo = lacks;
  const waits = state === 'waiting' ? true : waiting;
  if (waits !== undefined) found.waiting = waits;
  return found;
}

/** The assets that a filter by channel or service means; undefined: it has neither. */
function assetsOf(
  parts: HttpParts,
  { asset_id, channel, service_id }: Pick<z.output<typeof filter>, 'asset_id' | 'channel' | 'service_id'>,
): Id[] | undefined {
  if (channel === undefined && service_id === undefined) return undefined;
  return rowsOf(parts, 'asset')
    .filter(
      (row) =>
        (asset_id ?? row.id) === row.id &&
        (channel ?? row.data.channel) === row.data.channel &&
        (service_id ?? row.data.service_id) === row.data.service_id,
    )
    .map((row) => row.id);
}

export function threadRoutes(parts: HttpParts): Route[] {
  const { store } = parts;
  return [
    route({
      method: 'get',
      path: PATH,
      name: 'listThreads',
      section,
      summary: 'List threads, newest first',
      query: filter,
      answers: { 200: { description: 'A page', schema: pageOf(summary) } },
      async handle({ query }) {
        const { limit, after, ...asked } = query;
        const wanted = readFilter(parts, asked);
        const far = { limit, after, ...WORDS_FAR };
        const read = (ask: { limit: number; after?: string }) => store.listThreads({ ...ask, ...wanted });
        const page = wanted.words === undefined ? await walk(read, { ...far, steps: 1 }) : await walk(read, far);
        return ok(showPage(page, showSummary));
      },
    }),
    route({
      method: 'get',
      path: `${PATH}/{id}`,
      name: 'getThread',
      section,
      summary: 'Get a thread',
      answers: {
        200: {
          description: `The thread with its newest ${CONVERSATIONS_SHOWN} conversations and ${HOLDERS_SHOWN} holders`,
          schema: thread,
        },
      },
      handle: ({ params }) => whole(parts, params.id),
    }),
    route({
      method: 'get',
      path: `${PATH}/{id}/timeline`,
      name: 'getTimeline',
      section,
      summary: 'What happened in a thread, in order',
      description:
        'The event `message.received` explains where a message went: `data.decision` has the rules that were looked at, which won, and why.',
      query: paging.extend({
        order: z.enum(['asc', 'desc']).default('asc').openapi({ description: '`desc`: the newest first' }),
      }),
      answers: { 200: { description: 'A page', schema: pageOf(timelineItem) } },
      async handle({ params, query }) {
        if (!(await store.thread(params.id))) return missing('thread', params.id);
        const { order, ...ask } = query;
        return ok(showPage(await store.timeline(params.id, { ...ask, newestFirst: order === 'desc' }), showItem));
      },
    }),
    moveByHand(parts),
  ];
}

async function whole(parts: HttpParts, threadId: string) {
  const row = await parts.store.thread(threadId);
  if (!row) return missing('thread', threadId);
  const { data } = await parts.store.listConversations({ threadId, limit: CONVERSATIONS_SHOWN });
  const holders = await parts.store.holderChanges(threadId, HOLDERS_SHOWN);
  return ok({
    ...showThread(row),
    conversations: data.map(showConversation),
    holders: showHolders(holders),
  });
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
