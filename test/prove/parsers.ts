// Proof: every reader of what strangers write, asked good things made hostile: it throws nothing, refuses in its own words, is
// done in 50 ms, leaves every prototype as it was, and what it takes keeps its own limits.
// Not here: the readers (parsers-table.ts, parsers-plain.ts), what is hostile (bend.ts). The one thing to know: an input follows
// from the seed and its number alone, so `--seed N --path NUMBER` asks that one again.
import { Bender } from './bend.ts';
import { chance } from './chance.ts';
import { PLAIN } from './parsers-plain.ts';
import type { Reader } from './parsers-reader.ts';
import { SPOKEN } from './parsers-table.ts';

export type Parsed = {
  readers: number;
  asked: number;
  taken: number;
  slowestMs: number;
  /** whose that was */
  slowest: string;
  faults: string[];
};

export const READERS: readonly Reader[] = [...SPOKEN, ...PLAIN];
/** For an input of this size; a larger one has as much more. */
const LIMIT = { ms: 50, bytes: 256 * 1024 };
/** A machine that does something else meanwhile does not do it each time. */
const TRIES = 4;
const FAULTS_TOLD = 3;
const SHOWN = 400;
const OTHER_SEED = 7_919;

const PROTOTYPES = [Object, Array, String, Number, Boolean, Function, Map, Set, Date, RegExp, Promise, Error, URL].map(
  ({ prototype }) => prototype as object,
);
const looks = (): unknown[] =>
  PROTOTYPES.flatMap((prototype) => [Reflect.ownKeys(prototype).length, Object.getPrototypeOf(prototype)]);
const BEFORE = looks();
const KNOWN: readonly unknown[] = [null, ...PROTOTYPES, URLSearchParams.prototype, Buffer.prototype];

const isWhole = (): boolean => looks().every((each, at) => each === BEFORE[at]);

/** An object anywhere in what came out that is of no kind of ours: something chose its prototype. */
function isChanged(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null || depth > 60) return false;
  return (
    !KNOWN.includes(Object.getPrototypeOf(value)) || Object.values(value).some((inner) => isChanged(inner, depth + 1))
  );
}

/** The result and the shortest time of several, where the first was long; a throw comes back as a fault. */
async function timed(read: () => unknown, limitMs: number): Promise<{ result: unknown; thrown: string; ms: number }> {
  let best = Number.POSITIVE_INFINITY;
  for (let tries = 1; ; tries += 1) {
    const from = performance.now();
    try {
      const given = read();
      const result = given instanceof Promise ? await given : given;
      best = Math.min(best, performance.now() - from);
      if (best <= limitMs / 5 || tries === TRIES) return { result, thrown: '', ms: best };
    } catch (error) {
      return {
        result: null,
        thrown: `threw ${error instanceof Error ? error.stack?.split('\n').slice(0, 3).join(' ') : error}`,
        ms: 0,
      };
    }
  }
}

class Asking {
  readonly found: Parsed;
  readonly #seed: number;
  readonly #readers: readonly Reader[];
  readonly #told = new Map<string, number>();

  constructor(seed: number, readers: readonly Reader[]) {
    this.#seed = seed;
    this.#readers = readers;
    this.found = { readers: readers.length, asked: 0, taken: 0, slowestMs: 0, slowest: '', faults: [] };
  }

  async ask(number: number): Promise<void> {
    const reader = this.#readers[number % this.#readers.length] as Reader;
    const bender = new Bender(chance((Math.imul(this.#seed, OTHER_SEED) + number) | 0));
    const good = bender.pick(reader.samples);
    const bytes = bender.bent(good, reader.form);
    const limitMs = LIMIT.ms * Math.max(1, bytes.length / LIMIT.bytes);
    const { result, thrown, ms } = await timed(reader.ask(bytes, bender, good), limitMs);
    this.found.asked += 1;
    if (ms > this.found.slowestMs)
      Object.assign(this.found, { slowestMs: ms, slowest: `${reader.name}, number ${number}` });
    const verdict = thrown === '' ? judged(reader, result, good) : { taken: false, fault: thrown };
    if (verdict.taken) this.found.taken += 1;
    if (verdict.fault !== '') this.#fault(reader, number, verdict.fault, bytes);
    if (ms > limitMs) this.#fault(reader, number, `took ${Math.round(ms)} ms`, bytes);
    if (!isWhole()) throw new Error(`${reader.name} changed a prototype: seed ${this.#seed}, number ${number}`);
  }

  /** Some of a kind are enough. */
  #fault({ name }: Reader, number: number, what: string, bytes: Buffer): void {
    const kind = `${name} ${what.slice(0, 40)}`;
    const told = (this.#told.get(kind) ?? 0) + 1;
    this.#told.set(kind, told);
    if (told > FAULTS_TOLD) return;
    const shown = bytes.toString('utf8').slice(0, SHOWN);
    this.found.faults.push(`${name}, --seed ${this.#seed} --path ${number}: ${what}; ${bytes.length} bytes: ${shown}`);
  }
}

function judged(reader: Reader, result: unknown, good: Buffer): { taken: boolean; fault: string } {
  try {
    if (isChanged(result)) return { taken: true, fault: 'an object of a prototype that somebody chose' };
    return reader.judge(result, good);
  } catch (error) {
    return { taken: true, fault: `what it gave cannot be judged: ${error instanceof Error ? error.message : error}` };
  }
}

/** `path`: only the input of this number. */
export async function askReaders(
  { times, seed, path }: { times: number; seed: number; path?: string | undefined },
  tell: (done: number) => void = () => undefined,
  readers: readonly Reader[] = READERS,
): Promise<Parsed> {
  const asking = new Asking(seed, readers);
  if (path !== undefined) {
    await asking.ask(Number(path));
    return asking.found;
  }
  for (let number = 0; number < times; number += 1) {
    await asking.ask(number);
    if (number % 500 === 499) tell(number + 1);
  }
  return asking.found;
}
