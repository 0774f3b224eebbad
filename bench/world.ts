// The world around a subject, a process of its own: customers who write, and the channel's API where answers arrive.
// Both in one process, so that a round trip is timed by one clock. The one thing to know: a customer never has two
// messages on the way, so that what is measured is the subject and not its queue for one customer.
import { type Client, client, response, serve } from './wire.ts';

export type WorldOrder = { cmd: 'subject'; urls: string[]; authorization: string } | LoadOrder;
export type LoadOrder = { cmd: 'load'; inFlight?: number; perSecond?: number; warmupMs: number; ms: number };
export type LoadResult = {
  /** that came back in all, warm-up and end too */
  trips: number;
  /** that came back while it was counted, whenever they began */
  perSecond: number;
  p50: number;
  p99: number;
  ackP50: number;
  ackP99: number;
  lost: number;
  repeated: number;
  refused: number;
  /** of the refused: how many by which status; 0: the connection broke */
  statuses: Record<number, number>;
};

const CUSTOMERS = 1_000;
const SOCKETS = 64;
/** What a chat message weighs with its envelope: about 300 bytes. */
const PADDING = 'x'.repeat(160);
/** After the last message was sent, what has not come back when nothing did for so long is lost; what is late is not. */
const SILENT_MS = 5_000;
const DRAIN_MS = 60_000;
const TICK_MS = 2;

type Trip = { customer: number; sentAt: number; ackedAt: number; counted: boolean };
const trips = new Map<string, Trip>();
const free = Array.from({ length: CUSTOMERS }, (_, index) => index);
let serial = 0;
/** One per process of the subject, used in turn. */
let hooks: Client[] = [];
let tally = {
  counting: false,
  trips: 0,
  done: 0,
  latencies: [] as number[],
  acks: [] as number[],
  repeated: 0,
  refused: 0,
  statuses: {} as Record<number, number>,
};
let again: (() => void) | undefined;

const ok = response('{}');
const { port } = await serve((_path, body) => {
  const id = /"text":"re:(\S+) /.exec(body)?.[1];
  if (id !== undefined) arrive(id);
  return ok;
});

function arrive(id: string): void {
  const trip = trips.get(id);
  if (trip === undefined) {
    tally.repeated += 1;
    return;
  }
  trips.delete(id);
  free.push(trip.customer);
  tally.trips += 1;
  if (tally.counting) tally.done += 1;
  if (trip.counted) {
    tally.latencies.push(performance.now() - trip.sentAt);
    if (trip.ackedAt > 0) tally.acks.push(trip.ackedAt - trip.sentAt);
  }
  again?.();
}

function speak(): void {
  const hook = hooks[serial % hooks.length];
  if (free.length === 0 || hook === undefined) return;
  const at = Math.floor(Math.random() * free.length);
  const customer = free[at] as number;
  free[at] = free[free.length - 1] as number;
  free.pop();
  const id = `m${process.pid}-${++serial}`;
  const trip: Trip = { customer, sentAt: performance.now(), ackedAt: 0, counted: tally.counting };
  trips.set(id, trip);
  const message = { type: 'text', text: `${id} ${PADDING}` };
  hook.post(JSON.stringify({ type: 'message', id, from: { address: `customer-${customer}` }, message }), (status) => {
    trip.ackedAt = performance.now();
    if (status === 202) return;
    tally.refused += 1;
    tally.statuses[status] = (tally.statuses[status] ?? 0) + 1;
    if (trips.delete(id)) free.push(customer);
    again?.();
  });
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
function percentile(values: number[], share: number): number {
  return values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;
}

/** Evenly spaced by the clock: a late tick catches up, and latency counts from the actual send. */
function pace(perSecond: number): NodeJS.Timeout {
  const from = performance.now();
  let spoken = 0;
  return setInterval(() => {
    const due = Math.floor(((performance.now() - from) / 1_000) * perSecond);
    while (spoken < due) {
      spoken += 1;
      speak();
    }
  }, TICK_MS);
}

async function load(order: LoadOrder): Promise<LoadResult> {
  tally = { counting: false, trips: 0, done: 0, latencies: [], acks: [], repeated: 0, refused: 0, statuses: {} };
  let ticking: NodeJS.Timeout | undefined;
  if (order.perSecond !== undefined) ticking = pace(order.perSecond);
  else {
    again = speak;
    for (let count = 0; count < (order.inFlight ?? 1); count++) speak();
  }
  await sleep(order.warmupMs);
  tally.counting = true;
  const from = performance.now();
  await sleep(order.ms);
  tally.counting = false;
  const seconds = (performance.now() - from) / 1_000;
  const { done } = tally;
  again = undefined;
  clearInterval(ticking);
  const end = performance.now() + DRAIN_MS;
  let [left, heardAt] = [trips.size, performance.now()];
  while (trips.size > 0 && performance.now() < Math.min(end, heardAt + SILENT_MS)) {
    await sleep(20);
    if (trips.size < left) [left, heardAt] = [trips.size, performance.now()];
  }
  const lost = trips.size;
  for (const trip of trips.values()) free.push(trip.customer);
  trips.clear();
  await sleep(200); // a late repetition still counts to this run
  const latencies = tally.latencies.toSorted((a, b) => a - b);
  const acks = tally.acks.toSorted((a, b) => a - b);
  return {
    trips: tally.trips,
    perSecond: done / seconds,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    ackP50: percentile(acks, 0.5),
    ackP99: percentile(acks, 0.99),
    lost,
    repeated: tally.repeated,
    refused: tally.refused,
    statuses: tally.statuses,
  };
}

process.on('message', async (order: WorldOrder) => {
  if (order.cmd === 'subject') {
    for (const each of hooks) each.close();
    const headers: Record<string, string> = order.authorization ? { authorization: order.authorization } : {};
    hooks = order.urls.map((url) => client(url, SOCKETS / order.urls.length, headers));
    process.send?.({ ok: true });
  } else process.send?.(await load(order));
});
process.on('disconnect', () => process.exit(0));
process.send?.({ port });
