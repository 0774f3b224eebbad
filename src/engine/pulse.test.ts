// Percentiles of what passes: near enough to be believed, and of an interval, not of all times.
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../routing/inputs.ts';
import type { Delivery } from '../routing/model.ts';
import { between, Pulse, percentile } from './pulse.ts';

const to = (type: Delivery['target']['type'], kind: Delivery['kind'] = 'message') =>
  ({ target: { type, id: 'x' }, kind }) as Delivery;
const took = (totalMs: number, result: Outcome['result'] = 'ok') => ({ result, timing: { totalMs } }) as Outcome;

describe('a pulse', () => {
  it('counts what comes in, what goes out to customers and what fails', () => {
    const pulse = new Pulse();
    pulse.came();
    pulse.attempted(to('asset'), took(3));
    pulse.attempted(to('asset', 'receipt'), took(3));
    pulse.attempted(to('asset'), took(3, 'unknown'));
    pulse.attempted(to('desk'), took(3, 'retry'));
    pulse.attempted(to('bot'), took(5_000, 'retry'));
    expect(pulse.read()).toMatchObject({ in: 1, out: 1, failed: 3 });
    expect(pulse.read().bot.reduce((sum, n) => sum + n, 0)).toBe(1);
  });

  it.each([
    [[1], 0.5, 1, 1],
    [Array.from({ length: 100 }, (_, i) => i + 1), 0.5, 45, 60],
    [Array.from({ length: 100 }, (_, i) => i + 1), 0.95, 90, 115],
    [[2, 2, 2, 5_000], 0.5, 2, 2.5],
    [[2, 2, 2, 5_000], 0.95, 4_500, 6_000],
    [[60_000], 0.5, 5_000, 60_000],
    [[0], 0.95, 1, 1],
  ])('of %j knows the part %d to be from %d to %d ms', (times, part, low, high) => {
    const pulse = new Pulse();
    for (const ms of times) pulse.attempted(to('bot'), took(ms));
    const found = percentile(pulse.read(), part);
    expect(found).toBeGreaterThanOrEqual(low);
    expect(found).toBeLessThanOrEqual(high);
  });

  it('tells of an interval what happened in it', () => {
    const pulse = new Pulse();
    pulse.attempted(to('bot'), took(4_000));
    const from = pulse.read();
    expect(percentile(between(from, pulse.read()), 0.5)).toBeNull();
    pulse.came();
    pulse.attempted(to('bot'), took(10));
    const step = between(from, pulse.read());
    expect(step).toMatchObject({ in: 1, out: 0, failed: 0 });
    expect(percentile(step, 0.95)).toBeLessThan(13);
  });
});
