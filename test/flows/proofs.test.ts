// The proofs of `npm run prove` in short: what happens under load, and that nothing is lost, twice or out of order.
// The one thing to know: the seed is in the test's name; `npm run prove -- NAME --seed N` runs the same again, and longer.
import { describe, expect, it } from 'vitest';
import { startPostgres } from '../parties/postgres.ts';
import { SEED } from '../parties/seed.ts';
import type { Counted } from '../prove/crowd.ts';
import { databaseAway } from '../prove/database.ts';
import { fuzzRoutes } from '../prove/fuzz.ts';
import { kill9 } from '../prove/kill.ts';
import { powerCuts } from '../prove/power.ts';
import { everyAnswerAfterItsSync } from '../prove/trace.ts';

const KILLS = 20;
const KILLS_ON_POSTGRES = 5;
const STRIKES = 5;
const TRACED = 25;
const POWER_CUTS = 5;
const REQUESTS = 20_000;
/** Sixteen hooks and chats, and people who sign in. */
const DOORS = 17;
/** Both ways; the tests' own parties share the machine with the program. */
const PER_SECOND = 100;
const LONG_MS = 600_000;

function expectWhole(counted: Counted): void {
  expect(counted.refused).toEqual([]);
  expect(counted.said).toBeGreaterThan(PER_SECOND);
  expect(counted).toMatchObject({ lost: 0, twice: 0, disordered: 0 });
}

describe(`Under load, with the seed ${SEED}`, () => {
  it(`${KILLS} times kill -9 lose nothing, tell nothing twice and keep the order`, { timeout: LONG_MS }, async () => {
    expectWhole(await kill9({ times: KILLS, seed: SEED, perSecond: PER_SECOND }));
  });

  it('so it is on PostgreSQL', { timeout: LONG_MS }, async () => {
    const postgres = await startPostgres();
    try {
      const env = { SIGNALBOX_DATABASE_URL: postgres.database() };
      expectWhole(await kill9({ times: KILLS_ON_POSTGRES, seed: SEED, perSecond: PER_SECOND, env }));
    } finally {
      postgres.remove();
    }
  });

  it('a PostgreSQL that goes and comes back costs nothing, and the program stays up', {
    timeout: LONG_MS,
  }, async () => {
    const struck = await databaseAway({ times: STRIKES, seed: SEED, perSecond: PER_SECOND });
    expectWhole(struck);
    expect(struck.pid.after).toBe(struck.pid.before);
  });
});

describe(`Through power cuts, with the seed ${SEED}`, () => {
  it(`${POWER_CUTS} times what was not synced is lost or torn, and nothing that was acknowledged`, {
    timeout: LONG_MS,
  }, async () => {
    const { promised, lost, dropped } = await powerCuts({ times: POWER_CUTS, seed: SEED });
    expect(lost).toEqual([]);
    expect(promised).toBeGreaterThan(0);
    expect(dropped).toBeGreaterThan(0);
  });
});

describe('By what the program asks of the system', () => {
  it('every word was synced to the disk before the first byte of its 202 left', { timeout: LONG_MS }, async () => {
    const { followed, early, earlyWithoutSyncs } = await everyAnswerAfterItsSync({ times: TRACED });
    expect(early).toEqual([]);
    expect(followed).toBe(2 * TRACED);
    expect(earlyWithoutSyncs).toBe(followed);
  });
});

describe(`By chance, with the seed ${SEED}`, () => {
  it(`${REQUESTS} requests to every route and, with its secret, every door are answered, and never with a 5xx`, {
    timeout: LONG_MS,
  }, async () => {
    const { asked, routes, statuses, doors, read, faults } = await fuzzRoutes({ times: REQUESTS, seed: SEED });
    expect(faults).toEqual([]);
    const shut = Object.entries(doors).filter(([, { taken }]) => taken === 0);
    expect(shut).toEqual([]);
    expect(Object.keys(doors)).toHaveLength(DOORS);
    expect(read).toBeGreaterThan(100);
    expect(asked).toBe(REQUESTS);
    expect(routes).toBeGreaterThan(100);
    expect(statuses['2xx']).toBeGreaterThan(REQUESTS / 10);
  });
});
