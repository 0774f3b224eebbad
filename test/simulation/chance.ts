// Chance with a seed, as a run asks for it. Not here: the generator (test/prove/chance.ts).
// The one thing to know: every question takes the next number, so that the order of questions is part of the run.
import { chance } from '../prove/chance.ts';

export type Chance = {
  random(): number;
  /** true so often, from 0 to 1 */
  often(share: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** a whole number from `low` up to `high`, without it */
  between(low: number, high: number): number;
};

export function chanceOf(seed: number): Chance {
  const random = chance(Math.imul(seed, 0x9e3779b1));
  return {
    random,
    often: (share) => random() < share,
    pick: (list) => list[Math.floor(random() * list.length)] as (typeof list)[number],
    between: (low, high) => low + Math.floor(random() * (high - low)),
  };
}
