// A healthy bot beside 99 that hang, and beside one with hundreds of blocked conversations, gets everything, and nothing of
// it waits for a neighbour's time-out. Not here: by how much it is slower (`npm run prove -- neighbours`).
// The one thing to know: a neighbour's exchange ends after 5 s, so that whoever waited for one took longer than that.
import { expect, it } from 'vitest';
import { besideNeighbours } from '../prove/neighbours.ts';

const TIME_OUT_MS = 5_000;

it('a healthy bot gets everything, and waits for no neighbour that hangs or is blocked', {
  timeout: 600_000,
}, async () => {
  const sizes = { times: 1, perSecond: 40, spanMs: 2_000, hanging: { bots: 99, each: 4 }, blocked: 1_000 };
  const { ms, lost, crowd } = await besideNeighbours(sizes);
  expect(lost).toBe(0);
  expect(crowd.hanging).toBeGreaterThanOrEqual(99);
  expect(crowd.blocked).toBeGreaterThan(900);
  for (const felt of Object.values(ms)) expect(Math.max(...felt)).toBeLessThan(TIME_OUT_MS);
});
