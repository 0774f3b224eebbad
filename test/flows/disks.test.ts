// A disk that is full, read-only or broken at its n-th call: `npm run prove -- disk` and `disk-postgres` in short, with some of
// the calls.
// The one thing to know: the calls are found by watching the program work, close and start.
import { describe, expect, it } from 'vitest';
import { SEED } from '../parties/seed.ts';
import { failTheDisk } from '../prove/disk.ts';
import { failPostgresDisk } from '../prove/disk-postgres.ts';

const TIMES = 8;

describe(`When ${TIMES} calls to the disk fail, with the seed ${SEED}`, () => {
  it('what was acknowledged is kept and told once, the rest is refused by 503, and the database is whole', {
    timeout: 600_000,
  }, async () => {
    const { faults, cases, struck } = await failTheDisk({ times: TIMES, seed: SEED });
    expect(faults).toEqual([]);
    expect(cases).toBeGreaterThan(100);
    expect(struck).toBeGreaterThan(0);
  });

  it('and so it is where the disk is the one below PostgreSQL', { timeout: 600_000 }, async () => {
    const { faults, cases, struck } = await failPostgresDisk({ times: TIMES, seed: SEED });
    expect(faults).toEqual([]);
    expect(cases).toBeGreaterThan(20);
    expect(struck).toBeGreaterThan(0);
  });
});
