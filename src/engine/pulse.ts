// Counts of what passes through, for the charts of the home screen: messages in and out, failed attempts, and how long
// bots take. Not here: the sampling over time (src/http/series.ts) and what must be exact (the store counts that).
// The one thing to know: this stands on the hot road: a few additions for each message, no memory taken, no clock read.
import type { Outcome } from '../routing/inputs.ts';
import type { Delivery } from '../routing/model.ts';

/** Times lie in buckets that grow by a fifth: 50 of them reach from 1 ms to 9 s, and tell a percentile within 10 %. */
const BUCKETS = 50;
const GROWTH = 1.2;
const GROWTH_LOG = Math.log(GROWTH);

/** Since the process began; only grows. `bot`: attempts by how long they took, one number for each bucket. */
export type PulseReading = { in: number; out: number; failed: number; bot: number[] };

export class Pulse {
  #in = 0;
  #out = 0;
  #failed = 0;
  readonly #bot = new Float64Array(BUCKETS);

  /** A customer's message was taken. */
  came(): void {
    this.#in += 1;
  }

  attempted({ target, kind }: Delivery, { result, timing, simulated }: Outcome): void {
    if (simulated) return;
    if (result !== 'ok') this.#failed += 1;
    else if (target.type === 'asset' && kind === 'message') this.#out += 1;
    if (target.type !== 'bot') return;
    const bucket = timing.totalMs <= 1 ? 0 : Math.ceil(Math.log(timing.totalMs) / GROWTH_LOG);
    const last = Math.min(bucket, BUCKETS - 1);
    this.#bot[last] = (this.#bot[last] ?? 0) + 1;
  }

  read(): PulseReading {
    return { in: this.#in, out: this.#out, failed: this.#failed, bot: [...this.#bot] };
  }
}

/** What lies between two readings. */
export const between = (from: PulseReading, to: PulseReading): PulseReading => ({
  in: to.in - from.in,
  out: to.out - from.out,
  failed: to.failed - from.failed,
  bot: to.bot.map((n, i) => n - (from.bot[i] ?? 0)),
});

/** The time, in ms, within which this part of the attempts ended; null when there were none. */
export function percentile({ bot }: PulseReading, part: number): number | null {
  const total = bot.reduce((sum, n) => sum + n, 0);
  if (total === 0) return null;
  let seen = 0;
  const bucket = bot.findIndex((n) => {
    seen += n;
    return seen >= total * part;
  });
  return Math.round(10 * GROWTH ** bucket) / 10;
}
