// What tests by chance begin with. Not here: proofs, which draw a new seed each time (test/prove/run.ts).
// The one thing to know: it is the same each time, so that a test that breaks was broken by a change and not by its luck.
// `SIGNALBOX_TEST_SEED=123 npx vitest run …` tries another.
import fc from 'fast-check';

export const SEED = Number(process.env.SIGNALBOX_TEST_SEED || 1);
if (!Number.isSafeInteger(SEED)) throw new Error('SIGNALBOX_TEST_SEED: must be a whole number');

// Also the set-up of unit tests: their properties begin with it too.
fc.configureGlobal({ seed: SEED });
