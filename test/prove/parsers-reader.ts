// What a row of the tables of readers is, and how its samples are made.
// Not here: the rows (parsers-table.ts, parsers-answers.ts, parsers-plain.ts).
// The one thing to know: `ask` makes the request first and gives back the reading alone, which is what is timed.
import { readdirSync, readFileSync } from 'node:fs';
import type { Bender, Form } from './bend.ts';

/** '' is a reading as it should be. `taken` false: it was refused, or said nothing. */
export type Verdict = { taken: boolean; fault: string };
export type Reader = {
  name: string;
  form: Form;
  samples: readonly Buffer[];
  /** `good`: the sample that the bytes were made of */
  ask(bytes: Buffer, bender: Bender, good: Buffer): () => unknown;
  // biome-ignore lint/suspicious/noExplicitAny: each row knows what its own reader gives back
  judge(result: any, good: Buffer): Verdict;
};

const SRC = `${import.meta.dirname}/../../src`;
export const jsonOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
export const textsOf = (...texts: string[]): Buffer[] => texts.map((text) => Buffer.from(text));
export const recorded = (folder: string, which: RegExp): Buffer[] =>
  readdirSync(`${SRC}/${folder}`)
    .filter((file) => which.test(file) && file.endsWith('.json'))
    .map((file) => readFileSync(`${SRC}/${folder}/${file}`));

export const held = (taken: boolean, fault = ''): Verdict => ({ taken, fault });
