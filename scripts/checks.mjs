// The checks that are no tests: what `npm run check` runs, and what `npm test` counts beside its tests.
// Every check runs even if one before it failed, so that one round shows all there is to mend.
import { join } from 'node:path';
import { local, runNode } from './run.mjs';
import { ROOT } from './stamp.mjs';

/** A log file wants no colours, whatever the tool thinks of its pipe. */
const plain = process.stdout.isTTY ? [] : ['--colors=off'];

export const CHECKS = [
  { name: 'format', fix: 'npm run fix', run: () => local('biome', ['check', '--linter-enabled=false', ...plain]) },
  { name: 'lint', fix: 'npm run fix', run: () => local('biome', ['lint', '--error-on-warnings', ...plain]) },
  { name: 'types', run: () => local('tsc', ['--project', 'tsconfig.json']) },
  { name: "console's types", run: () => local('tsc', ['--project', 'console/tsconfig.json']) },
  { name: "web chat's types", run: () => local('tsc', ['--project', 'widget/tsconfig.json']) },
  { name: "demo shop's types", run: () => local('tsc', ['--project', 'src/demo/page/tsconfig.json']) },
  { name: "browser tests' types", run: () => local('tsc', ['--project', 'test/browser/tsconfig.json']) },
  { name: 'build', run: () => runNode([join(ROOT, 'scripts', 'build.mjs'), '--strict']) },
];

/** The tidy rules are a test file; `npm test` meets it among the others, so it stands apart from CHECKS. */
export const TIDY = { name: 'tidy', run: () => local('vitest', ['run', '--project', 'unit', 'test/tidy.test.ts']) };

/** Runs the checks in order and returns the names of those that failed. */
export async function runChecks(checks) {
  const failed = [];
  for (const check of checks) {
    const startedAt = performance.now();
    const ok = (await check.run()) === 0;
    const took = `${Math.round(performance.now() - startedAt)} ms`;
    const hint = !ok && check.fix ? ` (\`${check.fix}\` mends what can be mended)` : '';
    console.log(`check: ${check.name} ${ok ? 'passed' : 'FAILED'} in ${took}${hint}`);
    if (!ok) failed.push(check.name);
  }
  return failed;
}
