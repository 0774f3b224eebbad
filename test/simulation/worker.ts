// A thread that runs seeds, one after the other, until something is wrong, and tells each verdict.
// Not here: what a run is (simulate.ts). The one thing to know: it is bundled with the program (build.ts); virtual time
// stands in the place of timers in all of it.
import { parentPort, workerData } from 'node:worker_threads';
import { simulate } from './simulate.ts';

type Given = { from: number; times: number; step: number };

async function run({ from, times, step }: Given): Promise<void> {
  for (let i = 0; i < times; i++) {
    const verdict = await simulate(from + i * step);
    parentPort?.postMessage(verdict);
    if (verdict.wrong.length > 0) return;
  }
}

await run((workerData as { simulation: Given }).simulation);
