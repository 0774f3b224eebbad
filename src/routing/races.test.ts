// Handover races in the test: six events of each kind of beginning, in every order (fixtures/races.ts). The long form, any six
// of eight, is `npm run prove -- races`.
import { describe, expect, it } from 'vitest';
import { ordersOf, RACES, race, sixesOf } from './fixtures/races.ts';

describe('in every order of', () => {
  it.each(RACES)('six events while $name', (of) => {
    for (const order of ordersOf(of.events)) race(of, order);
  });

  it('the long form has any six of eight', () => {
    const sixes = [...sixesOf([1, 2, 3, 4, 5, 6, 7, 8])].map((each) => each.join(''));
    expect([sixes.length, new Set(sixes).size, sixes[0], sixes.at(-1)]).toEqual([28, 28, '123456', '345678']);
  });
});
