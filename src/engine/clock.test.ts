// Clocks and alarms.
import { describe, expect, it } from 'vitest';
import { createAlarms } from './alarms.ts';
import { manualClock, realClock } from './clock.ts';
import { chance, sleep } from './fixtures/box.ts';

describe('the real clock', () => {
  it('rings once, never early, and not when it was cancelled', async () => {
    const clock = realClock();
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
