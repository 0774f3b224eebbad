// How buckets empty, fill and are forgotten.
import { describe, expect, it } from 'vitest';
import { manualClock } from '../../engine/clock.ts';
import { createPlaces, createRates } from './rates.ts';

const RATE = { name: 'test', burst: 3, perS: 0.5 };

describe('a rate', () => {
  it('gives a burst, then what time brings, and says how long to wait', () => {
    const clock = manualClock(0);
    const rates = createRates(clock);
    expect([1, 2, 3].map(() => rates.take(RATE, 'a'))).toEqual([0, 0, 0]);
    expect(rates.take(RATE, 'a')).toBe(2);
    expect(rates.take(RATE, 'b')).toBe(0);
    clock.advance(2_000);
    expect(rates.take(RATE, 'a')).toBe(0);
    expect(rates.take(RATE, 'a')).toBe(2);
  });

  it('takes nothing when there is not enough for all of it', () => {
    const rates = createRates(manualClock(0));
    expect(rates.take(RATE, 'a', 4)).toBe(2);
    expect(rates.take(RATE, 'a', 3)).toBe(0);
  });

  it('never fills above its burst', () => {
    const clock = manualClock(0);
    const rates = createRates(clock);
    rates.take(RATE, 'a');
    clock.advance(3_600_000);
    expect(rates.take(RATE, 'a', 4)).toBeGreaterThan(0);
  });
});

describe('places', () => {
  it('are for so many of one word, whoever else is in, and free again when somebody leaves', () => {
    const places = createPlaces(2);
    const [first] = [places.enter('a'), places.enter('a')];
    expect(places.enter('a')).toBeNull();
    expect(places.enter('b')).not.toBeNull();
    first?.();
    expect(places.enter('a')).not.toBeNull();
    expect(places.enter('a')).toBeNull();
  });
});
