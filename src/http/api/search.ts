// Search by whatever a person has in hand: any id or its beginning, a name, a customer's address, words that were said.
// Not here: how the store looks (its port). The one thing to know: an id leads to exactly what bears it, and nothing else
// is looked for then; words are looked for among the newest threads and messages only, and the answer says so.
import { z } from '@hono/zod-openapi';
import type { ConfigKind, Found, MessageRow, ThreadListed, ThreadRow } from '../../engine/store-port.ts';
import type { Id } from '../../routing/model.ts';
import { ok } from '../answers.ts';
import { instant, timeOf } from '../fields.ts';
import type { Principal } from '../keys.ts';
import type { HttpParts } from '../parts.ts';
import { type Route, route } from '../route.ts';
import { walk } from '../walk.ts';

const LIMIT_MAX = 50;
const LIMIT_DEFAULT = 20;
/** Customers are looked for among the newest 20,000, words among the newest 50,000 messages, for so long at most. */
const CUSTOMERS_FAR = { steps: 20, ms: 100 };
const MESSAGES_FAR = { steps: 50, ms: 120 };
/** The beginning of an address is looked for on so many assets: each is a look into an index. */
const ASSETS_LOOKED = 1_000;
/** Characters around the words that were found. */
const AROUND = 60;

const TYPES = [
  'thread',
  'conversation',
  'message',
  'delivery',
  'replay',
  'customer',
  'bot',
  'desk',
  'asset',
  'service',
  'rule',
  'user',
  'key',
] as const;
const found = z
  .object({
    type: z.enum(TYPES),
    id: z.string(),
    thread_id: z.string().nullable(),
    title: z.string(),
    detail: z.string(),
    at: instant,
  })
  .openapi('Found');
type Result = z.output<typeof found>;

/** Of the configuration, what ids and names lead to; users and keys only for those who may list them. */
const NAMED: readonly ConfigKind[] = ['bot', 'desk', 'asset', 'service', 'rule'];
const GUARDED: readonly ConfigKind[] = ['user', 'key'];
const kindsFor = ({ role }: Principal): readonly ConfigKind[] =>
  role === 'owner' || role === 'admin' ? [...NAMED, ...GUARDED] : NAMED;

export function searchRoutes(parts: HttpParts): Route[] {
  const limit = z
    .string()
    .regex(/^\d{1,4}$/, 'must be a whole number')
    .transform(Number)
    .refine((n) => n >= 1 && n <= LIMIT_MAX, `must be from 1 to ${LIMIT_MAX}`)
    .default(LIMIT_DEFAULT)
    .openapi({ type: 'integer', minimum: 1, maximum: LIMIT_MAX, default: LIMIT_DEFAULT });
  return [
    route({
      method: 'get',
      path: '/api/v1/search',
      name: 'search',
      section: 'Overview',
      summary: 'Find by id, name, address or words',
      description:
        'An id, or its beginning, leads to what bears it (an attempt to its delivery, an event to its thread). Anything else is looked for in names, in addresses, and in the words of the newest messages.',
      query: z.strictObject({
        q: z.string().trim().min(1).max(200).openapi({ description: 'several words must all be there' }),
        limit,
      }),
      answers: {
        200: {
          description: 'What was found; by kind, the newest first',
          schema: z.object({
            data: z.array(found),
            complete: z
              .boolean()
              .openapi({ description: 'false: there may be more, further back than was looked, or beyond the limit' }),
          }),
        },
      },
      async handle({ query: { q, limit: most }, principal }) {
        const byId = /^[a-z]{2,5}_/.test(q) ? await idsOf(parts, principal, q, most) : [];
        if (byId.length > 0) return ok({ data: byId.slice(0, most), complete: byId.length < most });
        return ok(await byWords(parts, principal, q, most));
      },
    }),
  ];
}

// ───────────────────────────── by id ─────────────────────────────

async function idsOf(parts: HttpParts, principal: Principal, q: string, limit: number): Promise<Result[]> {
  const rows = configured(parts, principal, (row) => row.id.startsWith(q));
  if (rows.length > 0) return rows.slice(0, limit);
  const event = q.startsWith('evt_') ? await eventOf(parts, q) : null;
  if (event !== null) return [event];
  const ids = await parts.store.findIds(q, limit);
  return (await Promise.all(ids.slice(0, limit).map((each) => load(parts, each)))).filter((each) => each !== null);
}

/** An event is its number in the feed; it leads to its thread. */
async function eventOf({ store }: HttpParts, q: string): Promise<Result | null> {
  const seq = Number(q.slice('evt_'.length));
  if (!Number.isSafeInteger(seq) || seq < 1) return null;
  const [event] = await store.events(seq - 1, 1);
  const thread = event?.seq === seq && event.threadId !== null ? await store.thread(event.threadId) : null;
  return event && thread ? { ...showThread(thread, thread.updatedAt), detail: event.type, at: timeOf(event.at) } : null;
}

async function load(parts: HttpParts, { type, id }: Found): Promise<Result | null> {
  const { store } = parts;
  switch (type) {
    case 'thread': {
      const row = await store.thread(id);
      return row && showThread(row, row.updatedAt);
    }
    case 'message': {
      const row = await store.message(id);
      return row && messageResult(parts, row, '');
    }
    case 'conversation': {
      const row = await store.conversation(id);
      if (row === null) return null;
      const thread = await store.thread(row.threadId);
      const title = thread ? whoOf(thread) : row.id;
      return {
        type,
        id,
        thread_id: row.threadId,
        title,
        detail: `${row.type}, ${row.status}`,
        at: timeOf(row.openedAt),
      };
    }
    case 'delivery': {
      const row = (await store.delivery(id))?.delivery;
      if (row === undefined) return null;
      const { kind, target, status, threadId, createdAt } = row;
      const title = `${kind} to ${nameOf(parts, target.id) ?? target.id}`;
      return { type, id, thread_id: threadId, title, detail: row.reason ?? status, at: timeOf(createdAt) };
    }
    case 'replay': {
      const row = await store.replay(id);
      if (row === null) return null;
      const title = `Replay of ${row.total} deliveries`;
      return { type, id, thread_id: null, title, detail: row.status, at: timeOf(row.createdAt) };
    }
  }
}

// ───────────────────────────── by words ─────────────────────────────

async function byWords(parts: HttpParts, principal: Principal, q: string, limit: number) {
  const { store } = parts;
  const words = q.toLowerCase();
  const names = configured(parts, principal, ({ name }) => name.toLowerCase().includes(words));
  const assets = parts.directory.rows('asset').map(({ id }) => id);
  const near = await store.threadsByAddress(assets.slice(0, ASSETS_LOOKED), q, limit);
  const far = await walk((ask) => store.listThreads({ ...ask, words: q }), { limit, ...CUSTOMERS_FAR });
  const customers = [...new Map([...near, ...far.data].map((row) => [row.id, row])).values()];
  const said = await walk((ask) => store.listMessages({ ...ask, words: q }), { limit, ...MESSAGES_FAR });

  const [named, met, heard] = shares(limit, [names.length, customers.length, said.data.length]);
  const messages = await Promise.all(said.data.slice(0, heard).map((row) => messageResult(parts, row, q)));
  const data = [...names.slice(0, named), ...customers.slice(0, met).map(customerResult), ...messages];
  const all = names.length + customers.length + said.data.length;
  return { data, complete: all === data.length && far.nextCursor === null && said.nextCursor === null };
}

/** So many of each kind that none hides the others: one in turn from each, until the limit. */
export function shares(limit: number, found: readonly number[]): number[] {
  const taken = found.map(() => 0);
  for (let left = limit; left > 0; ) {
    const open = found.flatMap((n, i) => ((taken[i] ?? 0) < n ? [i] : []));
    if (open.length === 0) break;
    for (const i of open.slice(0, left)) taken[i] = (taken[i] ?? 0) + 1;
    left -= Math.min(left, open.length);
  }
  return taken;
}

// ───────────────────────────── as results ─────────────────────────────

const whoOf = ({ name, address }: ThreadRow): string => name || address;

const showThread = (row: ThreadRow, at: number): Result => ({
  type: 'thread',
  id: row.id,
  thread_id: row.id,
  title: whoOf(row),
  detail: row.address,
  at: timeOf(at),
});

const customerResult = (row: ThreadListed): Result => ({
  type: 'customer',
  id: row.address,
  thread_id: row.id,
  title: whoOf(row),
  detail: row.last?.text.slice(0, 2 * AROUND) || row.address,
  at: timeOf(row.last?.at ?? row.updatedAt),
});

async function messageResult({ store }: HttpParts, row: MessageRow, q: string): Promise<Result> {
  const thread = await store.thread(row.threadId);
  const who = thread ? whoOf(thread) : row.threadId;
  const by = row.author.type === 'customer' ? who : `${row.author.name} to ${who}`;
  const title = excerpt(row.text || row.title || row.type, q);
  return { type: 'message', id: row.id, thread_id: row.threadId, title, detail: by, at: timeOf(row.at) };
}

/** What stands around the first of the words. */
export function excerpt(text: string, q: string): string {
  const [word = ''] = q.toLowerCase().split(/\s+/);
  const place = Math.max(0, text.toLowerCase().indexOf(word));
  const from = place <= AROUND ? 0 : place - AROUND;
  const to = place + word.length + AROUND;
  const shown = text.slice(from, to).replace(/\s+/g, ' ').trim();
  return `${from > 0 ? '…' : ''}${shown}${to < text.length ? '…' : ''}`;
}

const nameOf = ({ directory }: HttpParts, id: Id): string | null => {
  for (const kind of NAMED) {
    const name = directory.row(kind, id)?.data.name;
    if (typeof name === 'string') return name;
  }
  return null;
};

function configured(
  { directory }: HttpParts,
  principal: Principal,
  fits: (row: { id: Id; name: string }) => boolean,
): Result[] {
  return kindsFor(principal).flatMap((kind) =>
    directory.rows(kind).flatMap(({ id, data, updatedAt }): Result[] => {
      const name = typeof data.name === 'string' ? data.name : '';
      if (!fits({ id, name })) return [];
      return [
        { type: kind as Result['type'], id, thread_id: null, title: name || id, detail: kind, at: timeOf(updatedAt) },
      ];
    }),
  );
}
