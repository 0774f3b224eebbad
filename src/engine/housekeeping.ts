// Removes what is past its age, in small steps by the clock.
// Not here: what is removed (the store's `retain`).
// The one thing to know: each step is one short call, and between two steps hooks have their turn. A clock that leaps is not
// believed at once: what it makes old would be gone for good when it leaps back.
import type { Clock } from './ports.ts';
import type { Limits, Log } from './settings.ts';
import type { Store } from './store-port.ts';

/** Not at once: a start has better things to do. */
const FIRST_MS = 60_000;
const EVERY_MS = 3_600_000;
/** Rows in a step, and the pause after one: together at most some ten thousand rows a second, in gaps of the traffic. */
const STEP = 500;
const PAUSE_MS = 50;
/** An alarm that comes so late tells of a leap of the clock, or of a machine that slept; nothing is removed for a day then. */
const LEAP_MS = 3_600_000;
const DOUBT_MS = 24 * 3_600_000;

export type Housekeeping = { start(): void; stop(): void; stats(): Record<string, number> };

export type HousekeepingParts = {
  store: Pick<Store, 'retain'>;
  clock: Clock;
  /** the machine's own time, which may have gone back since */
  wall(): number;
  limits: Pick<Limits, 'retentionDays' | 'attemptRetentionDays' | 'dedupeDays'>;
  log: Log;
  /** of several processes one does it */
  leads(): boolean;
};

export function createHousekeeping({ store, clock, wall, limits, log, leads }: HousekeepingParts): Housekeeping {
  const days = { messages: limits.retentionDays, attempts: limits.attemptRetentionDays, dedupe: limits.dedupeDays };
  let removed = 0;
  let cancel: (() => void) | null = null;
  let stopped = false;

  function after(ms: number): void {
    if (stopped) return;
    const at = clock.now() + ms;
    cancel = clock.at(at, () => void (clock.now() - at > LEAP_MS ? doubt(clock.now() - at) : step()));
  }

  function doubt(lateMs: number): void {
    const facts = { late_s: Math.round(lateMs / 1_000) };
    log.warn(facts, 'the clock leapt forward, or the machine slept; for a day nothing is removed by its age');
    after(DOUBT_MS);
  }

  async function step(): Promise<void> {
    try {
      const count = leads() ? await store.retain(Math.min(clock.now(), wall()), days, STEP) : 0;
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
