// A bot that is down while words come in for it at 200 a second, by the program's clock: all are parked, and drain in order
// when it is verified again, while another bot is served. Not here: the whole hour (`npm run prove -- outage`).
// The one thing to know: figures of time are the long form's; here only what was heard, and in which order, can fail.
import { expect, it } from 'vitest';
import { hourAway } from '../prove/outage.ts';

/** Of the hour's 720,000: what a busy machine bears. */
const WORDS = 8_000;
/** With few words most of this is the program itself; a queue in memory would show in the long form. */
const MEMORY_MB = 1_024;

it(`${WORDS} words for a bot that is down are parked, and drain in order and once when it is back`, {
  timeout: 600_000,
}, async () => {
  const told = await hourAway({ times: WORDS, customers: 400 });
  expect(told).toMatchObject({ said: WORDS, parked: WORDS, early: 0, lost: 0, twice: 0, disordered: 0 });
  expect(told).toMatchObject({ otherLost: 0, newLost: 0 });
  expect(told.rssMb.drained).toBeLessThan(MEMORY_MB);
  expect(told.otherMs.parking.length * told.otherMs.draining.length * told.newMs.length).toBeGreaterThan(0);
});
