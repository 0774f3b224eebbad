// What the world does to the program by chance: a store that refuses or is slow, a network that is cut, for a while each.
// Not here: what parties do (parties.ts) and deaths (house.ts). The one thing to know: once `calm`, nothing of it happens
// any more; `roughUntil` tells the checks when anything may still be late because of it.
import type { Time } from './virtual.ts';

/** What was late because of bad weather has caught up by then. */
const CATCH_UP_MS = 12_000;

export class Weather {
  calm = false;
  roughUntil = 0;
  /** when something may have been late, in the order of beginning */
  readonly #spells: { from: number; until: number }[] = [];
  #refusingUntil = 0;
  #slowUntil = 0;
  #cutUntil = 0;
  readonly #time: Time;
  readonly #random: () => number;

  constructor(time: Time, random: () => number) {
    this.#time = time;
    this.#random = random;
  }

  /** Something may be late until then. */
  rough(ms: number): number {
    const until = this.#time.now + ms;
    this.roughUntil = Math.max(this.roughUntil, until + CATCH_UP_MS);
    this.#spells.push({ from: this.#time.now, until: until + CATCH_UP_MS });
    return until;
  }

  /** How much of a time was bad weather; what two spells share counts once. */
  roughIn(from: number, to: number): number {
    let sum = 0;
    let counted = from;
    for (const spell of this.#spells) {
      const end = Math.min(spell.until, to);
      sum += Math.max(0, end - Math.max(spell.from, counted));
      counted = Math.max(counted, end);
    }
    return sum;
  }

  storeRefuses(ms: number): void {
    this.#refusingUntil = this.rough(ms);
  }
  storeIsSlow(ms: number): void {
    this.#slowUntil = this.rough(ms);
  }
  networkIsCut(ms: number): void {
    this.#cutUntil = this.rough(ms);
  }

  refuses(): boolean {
    return !this.calm && this.#time.now < this.#refusingUntil;
  }

  /** How long the store takes for one step. */
  latency(): number {
    const random = this.#random();
    if (this.calm || this.#time.now >= this.#slowUntil) return random < 0.7 ? 0 : Math.floor(random * 4);
    return random < 0.05 ? 6_000 : Math.floor(random * 400);
  }

  /** One way through the network; null: it does not get through. */
  way(): number | null {
    if (!this.calm && this.#time.now < this.#cutUntil && this.#random() < 0.7) return null;
    return 1 + Math.floor(this.#random() * 40);
  }
}
