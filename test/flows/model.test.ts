// Contract §3 and §4 as a model: whatever sequence of acts, the program says of its threads, conversations and deliveries
// what the model says, on both stores. Not here: deadlines and races. The long forms are `npm run prove -- model` and
// `model-postgres`.
import { expect, it } from 'vitest';
import { startPostgres } from '../parties/postgres.ts';
import { SEED } from '../parties/seed.ts';
import { modelled } from '../prove/model.ts';
import type { Fault } from '../prove/model-real.ts';

const SEQUENCES = 300;
/** Every act is some requests: a machine that many share takes minutes for what takes seconds alone. */
const LONG_MS = 900_000;

it(`${SEQUENCES} sequences of acts go as the model goes, with the seed ${SEED}`, { timeout: LONG_MS }, async () => {
  const { sequences, acts, kills, broken } = await modelled({ times: SEQUENCES, seed: SEED });
  console.log(`model: ${sequences} sequences, ${kills} kills, ${JSON.stringify(acts)}`);
  expect(broken).toEqual([]);
  expect(sequences).toBe(SEQUENCES);
});

it('and so they go on PostgreSQL', { timeout: LONG_MS }, async () => {
  const postgres = await startPostgres();
  try {
    const env = { SIGNALBOX_DATABASE_URL: postgres.database() };
    const { sequences, broken } = await modelled({ times: SEQUENCES, seed: SEED, env });
    expect(broken).toEqual([]);
    expect(sequences).toBe(SEQUENCES);
  } finally {
    postgres.remove();
  }
});

it.each([
  ['one failure more', /bot is .*"failures":3.* not .*"inactive"/],
  ['no desk for the bot', /the bot hands over .*: answered 409/],
] as [Fault, RegExp][])('a program with the fault "%s" is found out', { timeout: LONG_MS }, async (fault, sentence) => {
  const { broken } = await modelled({ times: SEQUENCES, seed: SEED, fault });
  expect(broken[0]).toMatch(sentence);
});
