// Clocks and alarms.
import { describe, expect, it } from 'vitest';
import { createAlarms } from './alarms.ts';
import { evenTime, machineClock, manualClock, programClock } from './clock.ts';
import { chance, sleep } from './fixtures/box.ts';

describe.each([
  ['program', programClock],
  ['machine', machineClock],
])('the clock of the %s', (_name, make) => {
  it('rings once, never early, and not when it was cancelled', async () => {
    const clock = make();
    const rung: number[] = [];
    const at = clock.now() + 15;
    clock.at(at, () => rung.push(clock.now()));
    clock.at(clock.now() - 5, () => rung.push(0));
    clock.at(at, () => rung.push(-1))();
    expect(rung).toEqual([]);
    await sleep(60);
    expect(rung).toHaveLength(2);
    expect(rung[0]).toBe(0);
    expect(rung[1]).toBeGreaterThanOrEqual(at);
  });
});

const DAY_MS = 86_400_000;
const YEARS_MS = 3_650 * DAY_MS;

describe('the time of the program', () => {
  const setUp = () => {
    const at = { wall: 1_000_000, steady: 0 };
    const now = evenTime(
      () => at.wall,
      () => at.steady,
    );
    /** `ms` pass, and the wall clock is set by `step` */
    const pass = (ms: number, step = 0): number => {
      at.steady += ms;
      at.wall += ms + step;
      return now();
    };
    return { at, now, pass };
  };

  it('follows the wall clock forward at once', () => {
    const { at, pass } = setUp();
    expect(pass(10)).toBe(at.wall);
    expect(pass(10, DAY_MS)).toBe(at.wall);
    expect(pass(10, YEARS_MS)).toBe(at.wall);
  });

  it.each([300_000, DAY_MS, YEARS_MS])(
    'goes on when the wall clock goes back by %i ms, and never back itself',
    (step) => {
      const { now, pass } = setUp();
      const before = now();
      const stepped = pass(0, -step);
      expect(stepped).toBe(before);
      let last = stepped;
      for (let second = 0; second < 60; second++) {
        const next = pass(1_000);
        expect(next).toBeGreaterThan(last);
        last = next;
      }
      expect(last - before).toBeGreaterThan(55_000);
      expect(last - before).toBeLessThanOrEqual(60_000);
    },
  );

  it('is the wall clock again when that has caught up, or was set right', () => {
    const { at, pass } = setUp();
    pass(0, -1_000);
    for (let second = 0; second < 30; second++) pass(1_000);
    expect(pass(1)).toBe(at.wall);
    pass(0, -YEARS_MS);
    pass(5_000);
    expect(pass(0, YEARS_MS)).toBe(at.wall);
  });
});

describe('the manual clock', () => {
  it('rings what is due in order, each at its own time, what was set meanwhile too', () => {
    const clock = manualClock(1_000);
    const rung: [string, number][] = [];
    clock.at(1_300, () => rung.push(['b', clock.now()]));
    clock.at(1_100, () => {
      rung.push(['a', clock.now()]);
      clock.at(1_200, () => rung.push(['c', clock.now()]));
    });
    clock.advance(250);
    expect(rung).toEqual([
      ['a', 1_100],
      ['c', 1_200],
    ]);
    expect(clock.now()).toBe(1_250);
    clock.advance(50);
    expect(rung).toHaveLength(3);
  });
});

describe('alarms', () => {
  it('hold one time for each key, by chance, as a simple list would', () => {
    const random = chance(5);
    const clock = manualClock(0);
    const wanted = new Map<number, number>();
    const alarms = createAlarms<number>(clock, (keys) => {
      for (const key of keys) {
        expect(wanted.get(key)).toBeLessThanOrEqual(clock.now());
        wanted.delete(key);
      }
    });
    for (let i = 0; i < 2_000; i++) {
      const key = Math.floor(random() * 50);
      const what = random();
      if (what < 0.6) {
        const at = clock.now() + Math.floor(random() * 400);
        wanted.set(key, at);
        alarms.set(key, at);
      } else if (what < 0.8) {
        wanted.delete(key);
        alarms.clear(key);
      } else clock.advance(Math.floor(random() * 20));
      expect(Math.min(...wanted.values())).toBeGreaterThanOrEqual(clock.now());
      expect(alarms.size()).toBe(wanted.size);
    }
    clock.advance(1_000);
    expect(wanted.size).toBe(0);
  });

  it('ring no more when stopped', () => {
    const clock = manualClock(0);
    let rung = 0;
    const alarms = createAlarms<string>(clock, () => rung++);
    alarms.set('a', 10);
    alarms.stop();
    clock.advance(20);
    expect(rung).toBe(0);
  });
});
