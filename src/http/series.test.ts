// The ring behind the charts: what a step holds, what "now" means, and that it does not grow.
import { describe, expect, it } from 'vitest';
import { Pulse } from '../engine/pulse.ts';
import type { Outcome } from '../routing/inputs.ts';
import type { Delivery } from '../routing/model.ts';
import { createSeries, MINUTES_KEPT, STEP_S } from './series.ts';

function ground() {
  const pulse = new Pulse();
  let at = 1_000_000;
  const series = createSeries({ engine: { pulse: () => pulse.read() }, clock: { now: () => at } });
  const pass = (messages: number): void => {
    for (let i = 0; i < messages; i++) pulse.came();
  };
  const step = (): void => {
    at += STEP_S * 1_000;
    series.step();
  };
  return { pulse, series, pass, step, later: (ms: number) => (at += ms) };
}

describe('the series', () => {
  it('has a point for each step, and one for the step under way', () => {
    const { series, pass, step } = ground();
    pass(2);
    step();
    pass(3);
    expect(series.points(60).map((point) => point.in)).toEqual([2, 3]);
    expect(series.points(60).at(-1)).toMatchObject({ out: 0, failed: 0, bot_p50_ms: null, bot_p95_ms: null });
    series.stop();
  });

  it('means by "now" the last minute', () => {
    const { pulse, series, pass, step } = ground();
    pass(100);
    for (let i = 0; i < 6; i++) step();
    expect(series.now().messages_per_minute).toBe(0);
    pass(5);
    const bot = { target: { type: 'bot', id: 'bot_1' }, kind: 'message' } as Delivery;
    pulse.attempted(bot, { result: 'ok', timing: { totalMs: 100 } } as Outcome);
    expect(series.now()).toMatchObject({ messages_per_minute: 5, bot_p50_ms: expect.closeTo(100, -2) });
    series.stop();
  });

  it('gives as many minutes as are asked for, and keeps no more than it says', () => {
    const { series, step } = ground();
    for (let i = 0; i < (MINUTES_KEPT * 60) / STEP_S + 50; i++) step();
    expect(series.points(1)).toHaveLength(60 / STEP_S + 1);
    expect(series.points(10 * MINUTES_KEPT)).toHaveLength((MINUTES_KEPT * 60) / STEP_S + 1);
    series.stop();
  });
});
