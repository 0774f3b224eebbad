// How often a customer, or everybody behind one network address, may do something in the web chat.
// Not here: limits on size, and on open streams. The one thing to know: each is a bucket that fills with time, kept for
// a limited number of words; whoever was not heard of longest is forgotten first, which only means: a full bucket.
import type { Clock } from '../../engine/ports.ts';

/** Buckets kept at once: some megabytes. */
const KEPT_MAX = 50_000;

/** `burst` at once, and then `perS` a second. */
export type Rate = { name: string; burst: number; perS: number };

/** Of one customer: faster than anybody types, with room for an outbox that was filled offline. */
export const OF_CUSTOMER = {
  messages: { name: 'messages', burst: 60, perS: 1 },
  uploads: { name: 'uploads', burst: 10, perS: 1 / 20 },
  streams: { name: 'streams', burst: 20, perS: 0.5 },
  other: { name: 'other', burst: 60, perS: 5 },
} as const satisfies Record<string, Rate>;

/** Of one network address, behind which there may be an office or a school. */
export const OF_CALLER = {
  sessions: { name: 'sessions', burst: 60, perS: 1 },
  messages: { name: 'messages', burst: 300, perS: 20 },
  streams: { name: 'streams', burst: 300, perS: 10 },
  uploadedBytes: { name: 'bytes', burst: 250 * 1024 * 1024, perS: 64 * 1024 },
} as const satisfies Record<string, Rate>;

/** Open streams of one network address: a fifth of what there are, and more than any office has open. */
export const STREAMS_OF_CALLER_MAX = 1_000;

/** Counts who is in; `enter` gives the way out, to be used once, or null when `max` of that word are in already. */
export function createPlaces(max: number): { enter(who: string): (() => void) | null } {
  const inside = new Map<string, number>();
  return {
    enter(who) {
      const before = inside.get(who) ?? 0;
      if (before >= max) return null;
      inside.set(who, before + 1);
      return () => {
        const left = (inside.get(who) ?? 1) - 1;
        if (left === 0) inside.delete(who);
        else inside.set(who, left);
      };
    },
  };
}

export type Rates = {
  /** takes `cost` if it is there; else how many seconds to wait, and nothing was taken */
  take(rate: Rate, who: string, cost?: number): number;
};

export function createRates(clock: Clock): Rates {
  const buckets = new Map<string, { level: number; at: number }>();
  return {
    take(rate, who, cost = 1) {
      const now = clock.now();
      const key = `${rate.name}\n${who}`;
      const before = buckets.get(key) ?? { level: rate.burst, at: now };
      const level = Math.min(rate.burst, before.level + (Math.max(0, now - before.at) / 1000) * rate.perS);
      const enough = level >= cost;
      buckets.delete(key);
      buckets.set(key, { level: enough ? level - cost : level, at: now });
      if (buckets.size > KEPT_MAX) buckets.delete(buckets.keys().next().value as string);
      return enough ? 0 : (cost - level) / rate.perS;
    },
  };
}
