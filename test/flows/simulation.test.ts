// The simulation in short: the real engine through lives by chance, on virtual time; and some planted faults are caught.
// The one thing to know: `npm run prove -- simulation --times 1 --seed N` runs one seed again, `-- planted` all faults.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SEED as WHICH } from '../parties/seed.ts';
import { planted, sample, simulated, told } from '../prove/simulation.ts';
import { codeOf, inThread, ROOT } from '../simulation/build.ts';
import { PLANTED } from '../simulation/planted.ts';

/** Always the same lives: what others show is for `npm run prove`. */
const SEED = 1;
const RUNS = 2_000;
const FAULTS = 6;
/** Each fault is shown by one of the first of these seeds. */
const SHOWN_WITHIN = 12_000;
const LONG_MS = 900_000;

describe(`The engine in a simulated world, from seed ${SEED} on`, () => {
  it(`breaks no promise in ${RUNS} lives with deaths, cuts, refusals and misbehaving parties`, {
    timeout: LONG_MS,
  }, async () => {
    const runs = await simulated({ times: RUNS, seed: SEED });
    expect(told(runs)).toEqual([]);
    expect(runs.runs).toBe(RUNS);
    expect(runs.deaths).toBeGreaterThan(RUNS / 4);
    expect(runs.exchanges).toBeGreaterThan(RUNS * 5);
  });

  it('lives the same life again by the same seed', { timeout: LONG_MS }, async () => {
    const code = await codeOf();
    const prints = async (): Promise<string[]> => {
      const all: string[] = [];
      await inThread(code, { from: SEED, times: 20 }, 1, ({ print }) => all.push(print));
      return all;
    };
    expect(await prints()).toEqual(await prints());
  });
});

describe('A fault planted in the engine', () => {
  it('is a change of one place that is there: so are all of them', () => {
    for (const { name, file, find } of PLANTED) {
      const found = readFileSync(join(ROOT, file), 'utf8').split(find).length - 1;
      expect({ name, found }).toEqual({ name, found: 1 });
    }
    expect(PLANTED.length).toBeGreaterThanOrEqual(30);
  });

  it(`is caught: ${FAULTS} of them, by the seed ${WHICH}`, { timeout: LONG_MS }, async () => {
    const caught = await planted(sample(FAULTS, WHICH), { from: 1, times: SHOWN_WITHIN });
    expect(caught.filter(({ seed }) => seed === null)).toEqual([]);
  });
});
