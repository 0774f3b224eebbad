// `npm test`: installs what is missing, builds, runs every test and every check, and closes with one line that a
// machine can read: `N passed, N failed`. A skipped test is a failed one, and a run without tests is a failed run.
// `npm test -- NAME` passes its arguments to vitest and leaves the checks out, saying so.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOrInstallChromium } from './browser.mjs';
import { CHECKS, runChecks } from './checks.mjs';
import { findOrInstallIproute } from './iproute.mjs';
import { findOrInstallPostgres } from './postgres.mjs';
import { install, local, runNode } from './run.mjs';
import { ROOT } from './stamp.mjs';
import { findOrInstallStrace } from './strace.mjs';
import { fetchWebChatClient } from './web-chat-client.mjs';

const filters = process.argv.slice(2);
/** Who asks for tests by name has asked for the others to be skipped. */
const skipsAskedFor = filters.some((argument) => /^(-t|--testNamePattern)/.test(argument));

/** Tests that needed a second attempt (flaky.mjs): named again at the end. */
const FLAKY_FILE = join(mkdtempSync(join(tmpdir(), 'signalbox-flaky-')), 'tests.txt');
process.env.SIGNALBOX_FLAKY_FILE = FLAKY_FILE;

/** As in vitest.config.ts. Each is a step of its own, with the time that a step may take (run.mjs). */
const PROJECTS = ['unit', 'flows', 'witnesses', 'browser'];

/** Counts of one vitest run from its JSON report; `problems` are the sentences to show again at the end. */
function countTests(reportFile, exitCode) {
  let report;
  try {
    report = JSON.parse(readFileSync(reportFile, 'utf8'));
  } catch {
    return { passed: 0, failed: 1, problems: ['vitest left no report: it crashed or found no test'] };
  }
  let passed = 0;
  const problems = [];
  for (const file of report.testResults) {
    const path = file.name.replace(`${ROOT}/`, '');
    const counted = file.assertionResults.filter((test) => !(skipsAskedFor && test.status === 'skipped'));
    const bad = counted.filter((test) => test.status !== 'passed');
    passed += counted.length - bad.length;
    for (const test of bad) problems.push(`${test.status}: ${path} > ${test.fullName}`);
    // A file that cannot be loaded, or whose hooks fail, has a failure without a failed test.
    if (file.status !== 'passed' && bad.length === 0) problems.push(`failed: ${path} (could not run)`);
  }
  if (exitCode !== 0 && problems.length === 0) problems.push('vitest failed outside of any test; see its output above');
  if (passed === 0 && problems.length === 0) problems.push('no test ran');
  return { passed, failed: problems.length, problems };
}

async function vitest(...args) {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-test-'));
  const reportFile = join(folder, 'report.json');
  const reporters = ['default', 'json', join(ROOT, 'scripts', 'flaky.mjs')].map((name) => `--reporter=${name}`);
  reporters.push(`--outputFile.json=${reportFile}`);
  const exitCode = await local('vitest', ['run', ...reporters, ...args]);
  const counts = countTests(reportFile, exitCode);
  rmSync(folder, { recursive: true, force: true });
  return counts;
}

async function tests() {
  if (filters.length > 0) return vitest(...filters);
  const all = { passed: 0, failed: 0, problems: [] };
  for (const project of PROJECTS) {
    const counts = await vitest('--project', project);
    all.passed += counts.passed;
    all.failed += counts.failed;
    all.problems.push(...counts.problems);
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

function close({ passed, failed, problems }) {
  const flaky = existsSync(FLAKY_FILE) ? readFileSync(FLAKY_FILE, 'utf8').trimEnd() : '';
  if (flaky) console.log(`\n${flaky}`);
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
  });
}

await main();
