// What is past its age, and a clock that leaps: nothing is removed by the word of a clock that may leap back.
import { describe, expect, it } from 'vitest';
import { createHousekeeping } from './housekeeping.ts';
import { LIMITS } from './settings.ts';

const HOUR_MS = 3_600_000;
const YEARS_MS = 3_650 * 24 * HOUR_MS;

function setUp() {
  const time = { program: 1_000_000, machine: 1_000_000 };
  let alarm = { at: 0, wake: (): void => {} };
  const asked: number[] = [];
  const warned: string[] = [];
  const housekeeping = createHousekeeping({
    store: { retain: async (now) => asked.push(now) * 0 },
    clock: {
      now: () => time.program,
      at: (at, wake) => {
        alarm = { at, wake };
        return () => {};
      },
    },
    wall: () => time.machine,
    limits: LIMITS,
    log: { info: () => {}, warn: (_facts, text) => warned.push(text), error: () => {} },
    leads: () => true,
  });
  housekeeping.start();
  /** the alarm rings, later than it was set for by so much */
  const ring = async (late = 0): Promise<void> => {
    time.program = alarm.at + late;
    time.machine = Math.max(time.machine, time.program);
    alarm.wake();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { time, asked, warned, ring, alarm: () => alarm };
}

describe('What is past its age', () => {
  it('is looked for each hour', async () => {
    const { asked, ring, time } = setUp();
    await ring();
    await ring();
    expect(asked).toEqual([time.program - HOUR_MS, time.program]);
  });

  it('is left for a day when the clock has leapt forward, and judged by the machine when that has leapt back', async () => {
    const { asked, warned, ring, time, alarm } = setUp();
    await ring(YEARS_MS);
    expect(asked).toEqual([]);
    expect(warned).toHaveLength(1);
    expect(alarm().at - time.program).toBe(24 * HOUR_MS);
    time.program = alarm().at;
    time.machine = 2_000_000;
    alarm().wake();
    await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toEqual([2_000_000]);
  });
});
