// Flat lists of values, as batches cross between the threads: written in an order, read back in the same.
// Not here: the orders (packed-inputs.ts, packed-applied.ts). The one thing to know: names cost more on the wire than
// what they name, so common values stand without; what is seldom there travels whole, names and all.

/** False stands for "not there", 0 for "as known". */
export type Value = string | number | boolean | null | object;

export class Reader {
  readonly #values: Value[];
  #at = 0;

  constructor(text: string) {
    this.#values = JSON.parse(text) as Value[];
  }

  /** The next value. Whoever reads knows what was written. */
  next<T>(): T {
    return this.#values[this.#at++] as T;
  }

  /** The next value if it travels whole; else it stays. */
  whole<T extends object>(): T | undefined {
    const value = this.#values[this.#at];
    if (typeof value !== 'object' || value === null) return undefined;
    this.#at++;
    return value as T;
  }
}

/** Names of fields; the type asks for all of them, so that a field that is added to it is not forgotten here. */
export const namesOf = <T extends object>(names: Record<keyof T, true>): readonly (keyof T)[] =>
  Object.keys(names) as (keyof T)[];

/** What of these is there, or 0. */
export function restOf<T extends object>(from: T, names: readonly (keyof T)[]): Partial<T> | 0 {
  let rest: Partial<T> | 0 = 0;
  for (const name of names) {
    if (from[name] === undefined) continue;
    if (rest === 0) rest = {};
    rest[name] = from[name];
  }
  return rest;
}

/** Adds what `restOf` gave. */
export function addRest<T extends object>(to: T, rest: Partial<T> | 0): T {
  return rest === 0 ? to : Object.assign(to, rest);
}
