// Runs vitest and counts by file. A file that failed is run once more, whole and from its start: what real processes and a
// browser do depends on a machine that others may use, and a test that begins in the middle of its own story cannot pass.
// What passes only then is named to the end of the output, because it has a fault all the same.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { local } from './run.mjs';
import { ROOT } from './stamp.mjs';

/** When more files than this failed, something is broken, and a second run would only take longer to say so. */
const FILES_RUN_AGAIN = 8;

/**
 * One run of vitest: `files` by path, each with its count and its sentences, and `loose`, the sentences that belong to
 * no file. A skipped test is a failed one, unless `skipsAskedFor`.
 */
async function run(args, skipsAskedFor) {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-test-'));
  const reportFile = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  const exitCode = await local('vitest', ['run', ...reporters, ...args]);
  try {
    return countTests(JSON.parse(readFileSync(reportFile, 'utf8')), exitCode, skipsAskedFor);
  } catch {
    return { files: new Map(), loose: ['vitest left no report: it crashed or found no test'] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function countTests(report, exitCode, skipsAskedFor) {
  const files = new Map();
  for (const file of report.testResults) {
    const path = file.name.replace(`${ROOT}/`, '');
    const counted = file.assertionResults.filter((test) => !(skipsAskedFor && test.status === 'skipped'));
    const bad = counted.filter((test) => test.status !== 'passed');
    const problems = bad.map((test) => `${test.status}: ${path} > ${test.fullName}`);
    // A file that cannot be loaded, or whose hooks fail, has a failure without a failed test.
    if (file.status !== 'passed' && bad.length === 0) problems.push(`failed: ${path} (could not run)`);
    files.set(path, { passed: counted.length - bad.length, problems });
  }
  const quiet = [...files.values()].every((file) => file.problems.length === 0);
  return { files, loose: exitCode !== 0 && quiet ? ['vitest failed outside of any test; see its output above'] : [] };
}

/** Runs vitest with these arguments: how many passed, what failed, and what passed only when it was run again. */
export async function suite(args, { skipsAskedFor = false } = {}) {
  const { files, loose } = await run(args, skipsAskedFor);
  const flaky = [];
  const failed = [...files].filter(([, file]) => file.problems.length > 0);
  if (failed.length > 0 && failed.length <= FILES_RUN_AGAIN) {
    const paths = failed.map(([path]) => path);
    console.log(`test: run once more, from their start: ${paths.join(', ')}`);
    const again = await run([...args, ...paths], skipsAskedFor);
    loose.push(...again.loose);
    for (const [path, first] of failed) {
      const second = again.files.get(path);
      if (second === undefined) continue;
      files.set(path, second);
      if (second.problems.length === 0)
        flaky.push(...first.problems.map((each) => `flaky, passed when run again: ${each}`));
    }
  }
  const problems = [...[...files.values()].flatMap((file) => file.problems), ...loose];
  const passed = [...files.values()].reduce((sum, file) => sum + file.passed, 0);
  if (passed === 0 && problems.length === 0) problems.push('no test ran');
  return { passed, failed: problems.length, problems, flaky };
}
