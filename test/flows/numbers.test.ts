// Contract §3, numbers [seed]: what a bot sees of tries, hours and failures in a row, whatever happens to it.
// Not here: single cases (bot-retries, bot-health). The long form is `npm run prove -- numbers --times N --seed N`.
import { describe, expect, it } from 'vitest';
import { SEED } from '../parties/seed.ts';
import { type Fault, seedsNumbers } from '../prove/numbers.ts';
import { livesOfBots } from '../prove/numbers-live.ts';

const HISTORIES = 5_000;
const BOTS = 24;
const FAULTS: [Fault, RegExp][] = [
  ['six tries', /at most \d tries|it is dead then|failures in a row/],
  ['one failure more', /failures in a row it is inactive/],
  ['one failure less', /failures in a row it is active/],
  ['sends while inactive', /not active/],
  ['too early', /not before its time/],
  ['no order', /goes before/],
];
const LONG_MS = 600_000;

describe(`Seen from a bot, with the seed ${SEED}`, () => {
  it(`${HISTORIES} histories keep to the seed's numbers`, { timeout: LONG_MS }, () => {
    const { histories, tries, trips, dead, most, longestS, broken } = seedsNumbers({ times: HISTORIES, seed: SEED });
    console.log(
      `numbers: ${histories} histories, ${tries} tries, ${trips} times inactive, ${dead} dead, most ${most} in ${longestS} s`,
    );
    expect(broken).toEqual([]);
    expect(histories).toBe(HISTORIES);
    expect(trips).toBeGreaterThan(HISTORIES / 10);
    expect(most).toBe(5);
  });

  it.each(FAULTS)('a program that makes the mistake "%s" is found out', { timeout: LONG_MS }, (fault, sentence) => {
    expect(seedsNumbers({ times: HISTORIES, seed: SEED, fault }).broken).toEqual([expect.stringMatching(sentence)]);
  });

  it(`${BOTS} bots of the real program see them too`, { timeout: LONG_MS }, async () => {
    const { bots, tries, inactive, longestS, broken } = await livesOfBots({ times: BOTS, seed: SEED });
    console.log(`numbers: ${bots} bots, ${tries} tries in up to ${longestS} s, ${inactive} became inactive`);
    expect(broken).toEqual([]);
    expect(inactive).toBeGreaterThan(0);
    expect(inactive).toBeLessThan(BOTS);
  });
});
