// Removes what is past its age, in small steps by the clock.
// Not here: what is removed (the store's `retain`).
// The one thing to know: each step is one short call, and between two steps hooks have their turn.
import type { Clock } from './ports.ts';
import type { Limits, Log } from './settings.ts';
import type { Store } from './store-port.ts';

/** Not at once: a start has better things to do. */
const FIRST_MS = 60_000;
const EVERY_MS = 3_600_000;
/** Rows in a step, and the pause after one: together at most some ten thousand rows a second, in gaps of the traffic. */
const STEP = 500;
const PAUSE_MS = 50;

export type Housekeeping = { start(): void; stop(): void; stats(): Record<string, number> };

export type HousekeepingParts = {
  store: Pick<Store, 'retain'>;
  clock: Clock;
  limits: Pick<Limits, 'retentionDays' | 'attemptRetentionDays' | 'dedupeDays'>;
  log: Log;
  /** of several processes one does it */
  leads(): boolean;
};

export function createHousekeeping({ store, clock, limits, log, leads }: HousekeepingParts): Housekeeping {
  const days = { messages: limits.retentionDays, attempts: limits.attemptRetentionDays, dedupe: limits.dedupeDays };
  let removed = 0;
  let cancel: (() => void) | null = null;
  let stopped = false;

  function after(ms: number): void {
    if (!stopped) cancel = clock.at(clock.now() + ms, () => void step());
  }

  async function step(): Promise<void> {
    try {
      const count = leads() ? await store.retain(clock.now(), days, STEP) : 0;
      removed += count;
      after(count > 0 ? PAUSE_MS : EVERY_MS);
    } catch (error) {
      log.warn({ err: error }, 'what is past its age could not be removed; trying again in an hour');
      after(EVERY_MS);
    }
  }

  return {
    start: () => after(FIRST_MS),
    stop() {
      stopped = true;
      cancel?.();
    },
    stats: () => ({ rows_past_age_removed: removed }),
  };
}
