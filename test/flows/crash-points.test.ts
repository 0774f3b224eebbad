// `kill -9` right before single calls of a round trip: `npm run prove -- points` in short, at some of the points, on both stores.
// The one thing to know: the points are found by watching one round trip, so that they follow the program as it changes.
import { describe, expect, it } from 'vitest';
import { startPostgres } from '../parties/postgres.ts';
import { SEED } from '../parties/seed.ts';
import { killAtPoints } from '../prove/points.ts';

const TIMES = 6;
const LIMIT = { timeout: 600_000 };

async function killed(env: Record<string, string>): Promise<void> {
  const { faults, points, kills } = await killAtPoints({ times: TIMES, seed: SEED, env });
  expect(faults).toEqual([]);
  expect(points).toBeGreaterThan(20);
  expect(kills).toBeGreaterThan(0);
}

describe(`At ${TIMES} of the points of a round trip, with the seed ${SEED}`, () => {
  it('kill -9 loses nothing, tells nothing twice and keeps the order', LIMIT, () => killed({}));

  it('nor does it on PostgreSQL', LIMIT, async () => {
    const postgres = await startPostgres();
    try {
      await killed({ SIGNALBOX_DATABASE_URL: postgres.database() });
    } finally {
      postgres.remove();
    }
  });
});
