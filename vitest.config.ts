// Two projects: `unit` (beside the code and in test/) and `flows` (whole promises against the real program).
// Flows start processes and wait on real sockets: longer timeouts, and no more files at once than two cores bear.
import { defineConfig } from 'vitest/config';

const FLOW_TIMEOUT_MS = 60_000;
const FLOW_FILES_AT_ONCE = 2;

export default defineConfig({
  test: {
    allowOnly: false,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'test/*.test.ts'],
          pool: 'threads',
          maxWorkers: 2,
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
    ],
  },
});
