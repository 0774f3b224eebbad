// The brake on guessing: counts failures per word (an address, an account) in windows of time.
// Not here: what counts as a failure. The one thing to know: it holds a limited number of words, and forgets first
// those that were there first.
import type { Clock } from '../engine/ports.ts';

/** Words remembered; more at once is an attack from everywhere, which other limits meet. */
const WORDS_MAX = 10_000;

export type Brake = {
  /** how long this word has to wait, in seconds; 0: not at all */
  waitS(word: string): number;
  failed(word: string): void;
  /** one failure less: it was none */
  forgive(word: string): void;
};

export function createBrake(clock: Clock, limit: { failures: number; windowMs: number }): Brake {
  const failures = new Map<string, { count: number; until: number }>();
  return {
    waitS(word) {
      const seen = failures.get(word);
      if (seen === undefined || seen.count < limit.failures) return 0;
      return Math.max(0, (seen.until - clock.now()) / 1000);
    },
    failed(word) {
      const now = clock.now();
      const seen = failures.get(word);
      if (seen !== undefined && seen.until > now) seen.count += 1;
      else {
        failures.delete(word);
        if (failures.size >= WORDS_MAX) failures.delete(failures.keys().next().value as string);
        failures.set(word, { count: 1, until: now + limit.windowMs });
      }
    },
    forgive(word) {
      const seen = failures.get(word);
      if (seen === undefined) return;
      seen.count -= 1;
      if (seen.count <= 0) failures.delete(word);
    },
  };
}
