// What needs a person, most urgent first: who waits, which integrations do not work, what could not be delivered.
// Not here: the numbers beside it (overview.ts). The one thing to know: each need says in words what is the matter and
// since when, and links to the place in the console where it is mended; `kind`, `name` and `count` are for consoles that
// say it in another language.
import { z } from '@hono/zod-openapi';
import type { Counts, DeliveryRow, ThreadListed } from '../../engine/store-port.ts';
import type { Health, Id, Target } from '../../routing/model.ts';
import { instant, timeOf } from '../fields.ts';
import type { HttpParts } from '../parts.ts';
import { rowsOf, rulesNaming } from './rows.ts';

/** Of each kind so many are named; the rest are counted in one line. */
const NAMED = 10;
/** Looked at to tell which targets are concerned; more of them change no sentence. */
const DELIVERIES_SEEN = 100;
const CONVERSATIONS_SEEN = 100;
const DAY_MS = 24 * 3_600_000;
const THREADS = '/console/threads';
const DELIVERIES = '/console/deliveries';

const KINDS = [
  'handover_waiting',
  'customer_overdue',
  'thread_needs_person',
  'thread_unrouted',
  'integration_inactive',
  'integration_unverified',
  'integration_disabled',
  'delivery_held',
  'delivery_dead',
] as const;
type Kind = (typeof KINDS)[number];

export const need = z
  .object({
    kind: z.enum(KINDS),
    id: z
      .string()
      .nullable()
      .openapi({ description: "a thread's, integration's, asset's or desk's; null: several more" }),
    name: z.string().openapi({ description: 'of whom or what' }),
    count: z.int().openapi({ description: 'how many customers, threads or deliveries it is about' }),
    title: z.string(),
    detail: z.string(),
    since: instant.nullable(),
    link: z.string().openapi({ description: 'a path of the console' }),
  })
  .openapi('Need');
export type Need = z.output<typeof need>;

export async function needsOf(parts: HttpParts, counts: Counts): Promise<Need[]> {
  const { store } = parts;
  const yesterday = parts.clock.now() - DAY_MS;
  const [handovers, threads, held, dead] = await Promise.all([
    waitingHandovers(parts),
    Promise.all(THREAD_NEEDS.map((each) => threadNeeds(parts, each, counts))),
    store.listDeliveries({ limit: DELIVERIES_SEEN, status: 'held' }),
    store.listDeliveries({ limit: DELIVERIES_SEEN, status: 'dead', since: yesterday }),
  ]);
  return [
    ...handovers,
    ...threads.flat(),
    ...(await idleIntegrations(parts, counts)),
    ...byTarget(parts, held.data, held.nextCursor !== null, HELD),
    ...byTarget(parts, dead.data, dead.nextCursor !== null, {
      ...DEAD,
      query: `status=dead&since=${timeOf(yesterday)}`,
    }),
  ];
}

const plural = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

// ───────────────────────────── customers ─────────────────────────────

/** Offers at console desks that nobody has accepted. */
async function waitingHandovers(parts: HttpParts): Promise<Need[]> {
  const desks = rowsOf(parts, 'desk').filter(({ data }) => data.kind === 'console');
  if (desks.length === 0) return [];
  const found = await parts.store.listConversations({
    limit: CONVERSATIONS_SEEN,
    statuses: ['offered', 'queued'],
    oldestFirst: true,
  });
  return desks.flatMap(({ id, data }): Need[] => {
    const waiting = found.data.filter(({ partyId }) => partyId === id);
    const [oldest] = waiting;
    if (oldest === undefined) return [];
    const count = waiting.length;
    return [
      {
        kind: 'handover_waiting',
        id,
        name: data.name,
        count,
        title: `${plural(count, 'customer waits', 'customers wait')} at the desk “${data.name}”`,
        detail: 'They were handed over, and nobody has accepted yet.',
        since: timeOf(oldest.openedAt),
        link: '/console/inbox',
      },
    ];
  });
}

type ThreadNeed = { kind: Kind; limbo: 'overdue' | 'needs_person' | 'unrouted'; says: string; detail: string };
const THREAD_NEEDS: ThreadNeed[] = [
  {
    kind: 'customer_overdue',
    limbo: 'overdue',
    says: 'waits beyond the deadline',
    detail: 'Whoever holds the conversation has not answered in time, and no rule moved it.',
  },
  {
    kind: 'thread_needs_person',
    limbo: 'needs_person',
    says: 'needs a person',
    detail: 'No desk accepted, and no bot can go on.',
  },
  {
    kind: 'thread_unrouted',
    limbo: 'unrouted',
    says: 'was not routed',
    detail: 'No rule matched the message; it is kept, and nobody was told.',
  },
];

async function threadNeeds(parts: HttpParts, what: ThreadNeed, counts: Counts): Promise<Need[]> {
  const total = counts.limbo[what.limbo];
  if (total === 0) return [];
  const { data } = await parts.store.listThreads({ limit: NAMED, limbo: what.limbo });
  const rest = total - data.length;
  const named = data.map((row) => threadNeed(row, what));
  if (rest <= 0) return named;
  return [
    ...named,
    {
      kind: what.kind,
      id: null,
      name: '',
      count: rest,
      title: `${plural(rest, 'more customer', 'more customers')}: ${what.says}`,
      detail: what.detail,
      since: null,
      link: `${THREADS}?state=${what.limbo}`,
    },
  ];
}

function threadNeed(row: ThreadListed, { kind, says, detail }: ThreadNeed): Need {
  const name = row.name || row.address;
  const title = `${name} ${says}`;
  const since = timeOf(row.waitingSince ?? row.holder.since);
  return { kind, id: row.id, name, count: 1, title, detail, since, link: `${THREADS}/${row.id}` };
}

// ───────────────────────────── integrations ─────────────────────────────

/** Bots and desks that rules use and that are not active. One that a person disabled counts when something waits for it. */
async function idleIntegrations(parts: HttpParts, counts: Counts): Promise<Need[]> {
  const { bots, desks } = parts.directory.world();
  const idle = [...bots.values(), ...desks.values()].filter(({ health }) => health.status !== 'active');
  const needs = await Promise.all(idle.map(({ id, name, health }) => idleNeed(parts, counts, id, name, health)));
  return needs.filter((each) => each !== null);
}

async function idleNeed(parts: HttpParts, counts: Counts, id: Id, name: string, health: Health): Promise<Need | null> {
  const rules = rulesNaming(parts, id).filter(({ data }) => data.enabled).length;
  const waiting = counts.waitingFor[id] ?? 0;
  if (rules === 0 && waiting === 0) return null;
  const parked = await parts.store.countDeliveries({ targetId: id, status: 'parked' });
  const { status } = health;
  if (status === 'active' || (status === 'disabled' && waiting === 0 && parked === 0)) return null;
  const facts = [
    ...(health.reason ? [health.reason.replace(/\.$/, '')] : []),
    `${plural(rules, 'rule')} in use ${rules === 1 ? 'leads' : 'lead'} to it`,
    ...(waiting > 0 ? [`${plural(waiting, 'customer waits', 'customers wait')} for it`] : []),
    ...(parked > 0 ? [`${plural(parked, 'delivery is', 'deliveries are')} kept for it`] : []),
  ];
  return {
    kind: `integration_${status}`,
    id,
    name,
    count: waiting,
    title: `“${name}” is ${status === 'unverified' ? 'not verified' : status}`,
    detail: `${facts.join('; ')}.`,
    since: timeOf(health.since),
    link: `/console/integrations/${id}`,
  };
}

// ───────────────────────────── deliveries ─────────────────────────────

type DeliveryNeed = { kind: Kind; says: string; detail: string; query: string };
const HELD: DeliveryNeed = {
  kind: 'delivery_held',
  says: 'may or may not have arrived at',
  detail: 'The connection broke after the request had left. Say whether it was sent, or send it again.',
  query: 'status=held',
};
const DEAD: DeliveryNeed = {
  kind: 'delivery_dead',
  says: 'could not be delivered to',
  detail: 'All attempts failed. Look at the reason, mend it, and replay.',
  query: 'status=dead',
};

/** One need for each target. `more`: these are only the newest. */
function byTarget(parts: HttpParts, rows: DeliveryRow[], more: boolean, what: DeliveryNeed): Need[] {
  const targets = new Map<Id, DeliveryRow[]>();
  for (const row of rows) targets.set(row.target.id, [...(targets.get(row.target.id) ?? []), row]);
  return [...targets].slice(0, NAMED).map(([id, of]) => {
    const name = nameOf(parts, (of[0] as DeliveryRow).target);
    const count = of.length;
    return {
      kind: what.kind,
      id,
      name,
      count,
      title: `${plural(count, 'delivery', 'deliveries')}${more ? ' or more' : ''} ${what.says} ${name}`,
      detail: what.detail,
      since: timeOf((of.at(-1) as DeliveryRow).createdAt),
      link: `${DELIVERIES}?${what.query}&target=${id}`,
    };
  });
}

/** A target's name in quotes; one that is gone has its id only. */
function nameOf({ directory }: HttpParts, { type, id }: Target): string {
  const row = directory.row(type === 'url' ? 'rule' : type, id);
  const name = row?.data.name;
  return typeof name === 'string' ? `“${name}”` : id;
}
