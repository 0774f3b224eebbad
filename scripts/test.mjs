// `npm test`: installs what is missing, builds, runs every test and every check, and closes with one line that a
// machine can read: `N passed, N failed`. A skipped test is a failed one, and a run without tests is a failed run.
// `npm test -- NAME` passes its arguments to vitest and leaves the checks out, saying so.
import { join } from 'node:path';
import { findOrInstallChromium } from './browser.mjs';
import { CHECKS, runChecks } from './checks.mjs';
import { findOrInstallIproute } from './iproute.mjs';
import { findOrInstallPostgres } from './postgres.mjs';
import { install, runNode } from './run.mjs';
import { ROOT } from './stamp.mjs';
import { findOrInstallStrace } from './strace.mjs';
import { suite } from './suite.mjs';
import { fetchWebChatClient } from './web-chat-client.mjs';

const filters = process.argv.slice(2);
/** Who asks for tests by name has asked for the others to be skipped. */
const skipsAskedFor = filters.some((argument) => /^(-t|--testNamePattern)/.test(argument));

/** As in vitest.config.ts. Each is a step of its own, with the time that a step may take (run.mjs). */
const PROJECTS = ['unit', 'flows', 'postgres', 'witnesses', 'browser'];

async function tests() {
  if (filters.length > 0) return suite(filters, { skipsAskedFor });
  const all = { passed: 0, failed: 0, problems: [], flaky: [] };
  for (const project of PROJECTS) {
    const counts = await suite(['--project', project]);
    all.passed += counts.passed;
    all.failed += counts.failed;
    all.problems.push(...counts.problems);
    all.flaky.push(...counts.flaky);
  }
  return all;
}

async function checks() {
  if (filters.length > 0) {
    console.log('test: filtered run, so the checks are left out (`npm run check` runs them)');
    return { passed: 0, failed: 0, problems: [] };
  }
  const failed = await runChecks(CHECKS);
  return {
    passed: CHECKS.length - failed.length,
    failed: failed.length,
    problems: failed.map((name) => `failed: check ${name}`),
  };
}

/** What must be there before a test runs, in order. Each returns 0, or the run ends as failed. */
const PREPARATIONS = [
  { name: 'packages', run: () => install() },
  { name: 'witnesses', run: () => install(join(ROOT, 'test', 'witnesses')) },
  // Flows start the real program. Not strict: a missing entry point fails the build check, not every test.
  { name: 'build', run: () => runNode([join(ROOT, 'scripts', 'build.mjs'), '--if-stale']) },
  { name: 'browser', run: findOrInstallChromium },
  { name: 'web chat client', run: fetchWebChatClient },
  { name: 'postgresql', run: findOrInstallPostgres },
  { name: 'strace', run: findOrInstallStrace },
  { name: 'iproute2', run: findOrInstallIproute },
];

function close({ passed, failed, problems, flaky = [] }) {
  if (flaky.length > 0) console.log(`\n${flaky.join('\n')}`);
  if (problems.length > 0) console.log(`\n${problems.join('\n')}`);
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}

async function main() {
  for (const step of PREPARATIONS) {
    const code = await step.run();
    if (code !== 0) return close({ passed: 0, failed: 1, problems: [`failed: preparing ${step.name}`] });
  }
  const tested = await tests();
  const checked = await checks();
  close({
    passed: tested.passed + checked.passed,
    failed: tested.failed + checked.failed,
    problems: [...tested.problems, ...checked.problems],
    flaky: tested.flaky,
  });
}

await main();
