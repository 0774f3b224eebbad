// The kept sums, and the numbers of the home screen and of /metrics from them: no scan, however much there is.
// Not here: the keeping (book.ts). The one thing to know: `undeliverable` are the customers who wait for a bot or desk
// that is not active [ours]; deliveries shown as parked are open ones of such a target.
import type { Counts } from '../../engine/store-port.ts';
import type { StoredStatus, Target } from '../../routing/model.ts';
import { isOpen } from '../rows/delivery.ts';
import type { HealthView } from '../rows/health.ts';
import { counterKey } from './book.ts';
import type { Ask } from './reader.ts';

export type Sum = { target: Target; status: StoredStatus; n: number };

/** Deliveries per target and stored status. */
export async function sums(ask: Ask): Promise<Sum[]> {
  return deliverySums(await read(ask, 'delivery|'));
}

const read = async (ask: Ask, beginning: string): Promise<Map<string, number>> =>
  new Map(
    (await ask('SELECT key, n FROM counters WHERE n <> 0 AND starts_with(key, $1)', [beginning])).map((row) => [
      String(row.key),
      Number(row.n),
    ]),
  );

function under(all: Map<string, number>, first: string): { parts: string[]; n: number }[] {
  const prefix = `${first}|`;
  return [...all]
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, n]) => ({ parts: key.slice(prefix.length).split('|'), n }));
}

const deliverySums = (all: Map<string, number>): Sum[] =>
  under(all, 'delivery').map(({ parts, n }) => {
    const [type, status, ...id] = parts as [Target['type'], StoredStatus, ...string[]];
    return { target: { type, id: id.join('|') }, status, n };
  });

export async function counts(ask: Ask, health: HealthView): Promise<Counts> {
  const all = await read(ask, '');
  const waiting = under(all, 'waiting').map(({ parts, n }) => ({ holder: parts.join('|'), n }));
  const unreachable = waiting.filter(({ holder }) => holder !== '' && !health.isActive({ type: 'bot', id: holder }));
  const sum = (list: { n: number }[]): number => list.reduce((total, { n }) => total + n, 0);
  const limbo = (why: string): number => all.get(counterKey('limbo', why)) ?? 0;
  return {
    threads: all.get('threads') ?? 0,
    waiting: sum(waiting),
    waitingFor: Object.fromEntries(waiting.map(({ holder, n }) => [holder, n])),
    limbo: {
      unrouted: limbo('unrouted'),
      needs_person: limbo('needs_person'),
      overdue: limbo('overdue'),
      undeliverable: sum(unreachable),
    },
    ...(await countDeliveries(ask, deliverySums(all), health)),
  };
}

async function countDeliveries(
  ask: Ask,
  all: Sum[],
  health: HealthView,
): Promise<Pick<Counts, 'deliveries' | 'oldestPendingAt'>> {
  const deliveries: Counts['deliveries'] = {
    pending: 0,
    retrying: 0,
    parked: 0,
    delivered: 0,
    dead: 0,
    held: 0,
    cancelled: 0,
  };
  const reachable: Target[] = [];
  for (const { target, status, n } of all) {
    const parked = isOpen(status) && !health.isActive(target);
    deliveries[parked ? 'parked' : status] += n;
    if (isOpen(status) && !parked) reachable.push(target);
  }
  if (reachable.length === 0) return { deliveries, oldestPendingAt: null };
  const [row] = await ask(
    `SELECT min(d.created_at) AS at FROM unnest($1::text[], $2::text[]) AS k (type, id)
       CROSS JOIN unnest(ARRAY['main', 'receipt']) AS l (lane)
       CROSS JOIN LATERAL (SELECT created_at FROM deliveries WHERE target_type = k.type AND target_id = k.id
         AND lane = l.lane AND status IN ('pending', 'retrying') ORDER BY ord LIMIT 1) d`,
    [reachable.map(({ type }) => type), reachable.map(({ id }) => id)],
  );
  return { deliveries, oldestPendingAt: row?.at === null || row === undefined ? null : Number(row.at) };
}
