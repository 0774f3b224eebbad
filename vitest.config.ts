// Five projects: `unit` (beside the code and in test/), `flows` (whole promises against the real program), `postgres` (the same
// flows, unchanged, with PostgreSQL as the store), `witnesses` (the same, asked of programs that others wrote) and `browser`
// (in a real Chromium). All but the first start processes: longer timeouts, and no more at once than two cores bear.
import { defineConfig } from 'vitest/config';

/** Real passwords and properties take seconds where a machine is busy; a timing never fails a test. */
const UNIT_TIMEOUT_MS = 30_000;
/** A flow waits for conditions, each for a minute and a half at most (test/parties/call.ts): this is for what hangs. */
const FLOW_TIMEOUT_MS = 240_000;
const FLOW_FILES_AT_ONCE = 2;
const BROWSER_TIMEOUT_MS = 120_000;
/** Flows that say themselves what they keep things in; what is there on PostgreSQL is asked of it in `flows` already. */
const OWN_STORES = [
  ...['command-line', 'full-disk', 'one-command'], // the embedded store's file
  ...['move', 'postgres', 'postgres-failover', 'two-processes'], // a PostgreSQL of their own
  ...['access-matrix', 'clocks', 'crash-points', 'cuts', 'disks', 'model', 'neighbours', 'numbers'], // proofs
  ...['outage', 'parsers', 'proofs', 'simulation', 'urls', 'zoo'], // proofs
];
/** One keeps more than one of two cores busy; two at once take less time than one after the other. */
const BROWSER_FILES_AT_ONCE = 2;

export default defineConfig({
  test: {
    allowOnly: false,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'console/src/**/*.test.ts', 'widget/src/**/*.test.ts', 'test/*.test.ts'],
          setupFiles: ['test/parties/seed.ts'],
          pool: 'threads',
          maxWorkers: 2,
          testTimeout: UNIT_TIMEOUT_MS,
          hookTimeout: UNIT_TIMEOUT_MS,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'flows',
          include: ['test/flows/**/*.test.ts'],
          pool: 'forks',
          maxWorkers: FLOW_FILES_AT_ONCE,
          testTimeout: FLOW_TIMEOUT_MS,
          hookTimeout: FLOW_TIMEOUT_MS,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'postgres',
          include: ['test/flows/**/*.test.ts'],
          exclude: OWN_STORES.map((name) => `test/flows/${name}.test.ts`),
          globalSetup: ['test/parties/on-postgres.ts'],
          setupFiles: ['test/parties/server.ts'],
          pool: 'forks',
          maxWorkers: FLOW_FILES_AT_ONCE,
          testTimeout: FLOW_TIMEOUT_MS,
          hookTimeout: FLOW_TIMEOUT_MS,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'witnesses',
          include: ['test/witnesses/*.test.ts'],
          pool: 'forks',
          maxWorkers: FLOW_FILES_AT_ONCE,
          testTimeout: FLOW_TIMEOUT_MS,
          hookTimeout: FLOW_TIMEOUT_MS,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          pool: 'forks',
          maxWorkers: BROWSER_FILES_AT_ONCE,
          testTimeout: BROWSER_TIMEOUT_MS,
          hookTimeout: BROWSER_TIMEOUT_MS,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
