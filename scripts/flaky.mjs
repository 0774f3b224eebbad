// A reporter for vitest: names the tests that passed at their second attempt, at once and in the file that
// SIGNALBOX_FLAKY_FILE names. Such a test, or what it tests, has a fault; it is shown until it is mended.
import { appendFileSync } from 'node:fs';

export default class Flaky {
  onTestCaseResult(test) {
    if (!test.diagnostic()?.flaky) return;
    const sentence = `flaky: ${test.module.relativeModuleId} > ${test.fullName} passed only at its second attempt`;
    console.log(sentence);
    if (process.env.SIGNALBOX_FLAKY_FILE) appendFileSync(process.env.SIGNALBOX_FLAKY_FILE, `${sentence}\n`);
  }
}
