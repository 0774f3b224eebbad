// Two programs on one PostgreSQL, of which one is killed, frozen past its lease, or cut off from the database by a network
// that takes everything and delivers nothing. Not here: longer runs (`npm run prove -- cuts`), two programs that only talk
// (two-processes.test.ts). The one thing to know: it takes root and Linux, and fails where it cannot be made.
import { describe, expect, it } from 'vitest';
import { SEED } from '../parties/seed.ts';
import { cutApart } from '../prove/cuts.ts';

/** Past the lease of 6 s, and long enough to be told by a busy machine that one should come again, which takes 5 s. */
const AWAY_MS = 12_000;
/** Promised are 10 s and 5 s; a busy machine may be five times slower. */
const BOUNDS_MS = { takenOver: 50_000, back: 25_000 };

describe(`Of two programs, with the seed ${SEED}`, () => {
  it('one is killed, frozen and cut off, and nothing is lost, doubled, out of order or written by it too late', {
    timeout: 600_000,
  }, async () => {
    const away = { freezeMs: AWAY_MS, cutMs: AWAY_MS, kinds: ['kill', 'freeze', 'silent'] as const };
    const told = await cutApart({ times: 3, seed: SEED, perSecond: 40, ...away });
    expect(told.refused).toEqual([]);
    expect(told.said).toBeGreaterThan(40);
    expect(told).toMatchObject({ lost: 0, twice: 0, disordered: 0, staleWrites: 0, witnessSees: true });
    expect(told.refusals).toEqual({ due: 1, seen: 1 });
    expect(Math.max(...told.takenOverMs)).toBeLessThan(BOUNDS_MS.takenOver);
    expect(Math.max(...told.backMs.cut)).toBeLessThan(BOUNDS_MS.back);
  });
});
