// The machine's clock is set forward and back while words come in and things wait: `npm run prove -- clocks` in short.
// The one thing to know: the steps follow on each other, so that the clock ends where it began.
import { describe, expect, it } from 'vitest';
import { SEED } from '../parties/seed.ts';
import { STEPS_MS, stepTheClock } from '../prove/clocks.ts';

describe(`When the wall clock is set by five minutes, a day and ten years, with the seed ${SEED}`, () => {
  it('nothing is lost, told twice or out of order, and retries, limits and windows end in their time', {
    timeout: 600_000,
  }, async () => {
    const { faults, steps, words, waitedMs } = await stepTheClock({ times: STEPS_MS.length, seed: SEED });
    expect(faults).toEqual([]);
    expect(waitedMs).toHaveLength(steps);
    expect(words).toBeGreaterThan(0);
  });
});
