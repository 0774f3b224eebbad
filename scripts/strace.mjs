// The tracer that shows what the program asks of the system (test/prove/trace.ts).
// The one thing to know: it is Linux alone; elsewhere that proof cannot be made, and the step says so.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findOrInstall } from './debian.mjs';

const findStrace = () => (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'strace')));

/** A step of `npm test`: 0 when there is a tracer. */
export const findOrInstallStrace = () =>
  findOrInstall({ find: findStrace, package: 'strace', otherwise: 'run the tests on Linux with strace in PATH' });
