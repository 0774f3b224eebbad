// What /metrics tells: requests by route, refusals by code, and gauges read from the engine and the store at each scrape.
// Not here: the process's own metrics (main.ts decides). The one thing to know: labels come from closed lists (routes,
// status classes, codes, kinds); no id, address or token ever becomes one.
import { Counter, Gauge, Histogram } from 'prom-client';
import { ENGINE_STATS } from './engine-stats.ts';
import type { HttpParts } from './parts.ts';

/** From a hook in a batch to a verification that takes its five seconds. */
const BUCKETS_S = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** How the engine names its counts of refusals, one for each code. */
const REFUSED = 'refused_';
/** A flow test finds these words. */
const UNTOLD = 'Not told of yet.';

export type Metrics = {
  /** one request answered: its row in the access table, its status, how long it took */
  observe(route: string, status: number, seconds: number): void;
  refused(code: string): void;
  text(): Promise<string>;
  contentType: string;
};

export function createMetrics(parts: HttpParts, readers: () => number): Metrics {
  const { registry } = parts;
  const registers = [registry];
  const requests = new Counter({
    name: 'signalbox_http_requests_total',
    help: 'Requests answered, by route and class of status.',
    labelNames: ['route', 'status'],
    registers,
  });
  const durations = new Histogram({
    name: 'signalbox_http_request_seconds',
    help: 'From the head of a request to the end of its answer.',
    labelNames: ['route'],
    buckets: BUCKETS_S,
    registers,
  });
  const refusals = new Counter({
    name: 'signalbox_http_refusals_total',
    help: 'Requests refused, by error code.',
    labelNames: ['code'],
    registers,
  });
  new Gauge({
    name: 'signalbox_event_streams',
    help: 'Live event streams open.',
    registers,
    collect() {
      this.set(readers());
    },
  });
  new Gauge({
    name: 'signalbox_chat_streams',
    help: 'Streams of web chat customers open.',
    registers,
    collect() {
      this.set(parts.webchat.streams());
    },
  });
  const refresh = gauges(parts);
  return {
    observe(route, status, seconds) {
      requests.inc({ route, status: `${Math.floor(status / 100)}xx` });
      durations.observe({ route }, seconds);
    },
    refused: (code) => refusals.inc({ code }),
    async text() {
      await refresh();
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}

/** Gauges of the store's counts and the engine's own numbers. When the store fails they keep their last values. */
function gauges(parts: HttpParts): () => Promise<void> {
  const { registry, engine, store, clock } = parts;
  const gauge = <L extends string>(name: string, help: string, labelNames: L[] = []): Gauge<L> =>
    new Gauge({ name: `signalbox_${name}`, help, labelNames, registers: [registry] });
  const threads = gauge('threads', 'Threads kept.');
  const waiting = gauge('threads_waiting', 'Threads in which a customer waits for an answer.');
  const limbo = gauge('limbo', 'Threads that nobody answers although somebody should. 0 is the goal.', ['kind']);
  const deliveries = gauge('deliveries', 'Deliveries kept, by status.', ['status']);
  const oldest = gauge('oldest_pending_seconds', 'Age of the oldest pending delivery to an active target.');
  const up = gauge('store_up', 'Whether the store could be asked.');
  const refused = gauge('commands_refused', 'What bots, desks and people asked for and were refused, by code.', [
    'code',
  ]);
  const own = new Map(
    Object.keys(engine.stats())
      .filter((stat) => !stat.startsWith(REFUSED))
      .map((stat) => [stat, gauge(`engine_${stat}`, ENGINE_STATS[stat] ?? UNTOLD)]),
  );

  return async () => {
    for (const [stat, value] of Object.entries(engine.stats())) {
      if (stat.startsWith(REFUSED)) {
        refused.set({ code: stat.slice(REFUSED.length) }, value);
        continue;
      }
      own.get(stat)?.set(value);
    }
    try {
      const counts = await store.counts();
      threads.set(counts.threads);
      waiting.set(counts.waiting);
      for (const [kind, count] of Object.entries(counts.limbo)) limbo.set({ kind }, count);
      for (const [status, count] of Object.entries(counts.deliveries)) deliveries.set({ status }, count);
      oldest.set(counts.oldestPendingAt === null ? 0 : Math.max(0, clock.now() - counts.oldestPendingAt) / 1000);
      up.set(1);
    } catch {
      up.set(0);
    }
  };
}
