// `npm run check`: format, lint, types, tidy and a strict build. Quick enough to run before every commit.
// Nothing is changed; `npm run fix` does that.
import { CHECKS, runChecks, TIDY } from './checks.mjs';
import { install } from './run.mjs';

if ((await install()) !== 0) process.exit(1);
const failed = await runChecks([...CHECKS, TIDY]);
if (failed.length > 0) console.error(`check: failed: ${failed.join(', ')}`);
process.exit(failed.length > 0 ? 1 : 0);
