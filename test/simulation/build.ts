// The simulation as one module: the program's own source, with virtual time in the place of timers, and, if asked, with
// a fault planted in it. Not here: which faults (planted.ts). The one thing to know: a fault is a change of one place in
// one file of the source as it is bundled; the product has no switch for it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import type { Verdict } from './simulate.ts';

export const ROOT = join(import.meta.dirname, '../..');

/** `find` stands once in `file`, and reads `put` instead. */
export type Fault = { name: string; file: string; find: string; put: string };
export type Seeds = { from: number; times: number };

/** A thread runs a stretch of seeds; more of them use more cores. */
const THREADS = 2;
/** A fault may make the program go round for ever. */
const HANGS_MS = 120_000;

/** The simulation as code, with one fault planted in the program or none. */
export async function codeOf(fault?: Fault): Promise<URL> {
  const planted = fault && join(ROOT, fault.file);
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: ['test/simulation/worker.ts'],
    inject: ['test/simulation/virtual.ts'],
    ...{ bundle: true, platform: 'node', format: 'esm', target: 'node20.19', write: false, logLevel: 'warning' },
    // CommonJS inside still calls `require`; a module of data has no place of its own.
    banner: {
      js: `import { createRequire as bundled } from 'node:module'; const require = bundled('${import.meta.url}');`,
    },
    plugins: fault
      ? [
          {
            name: 'plant',
            setup({ onLoad }) {
              onLoad({ filter: /\.ts$/ }, async ({ path }) => {
                if (path !== planted) return undefined;
                const source = await readFile(path, 'utf8');
                if (source.split(fault.find).length !== 2) throw new Error(`not once in ${fault.file}: ${fault.find}`);
                return { contents: source.replace(fault.find, () => fault.put), loader: 'ts' };
              });
            },
          },
        ]
      : [],
  });
  const [file] = result.outputFiles ?? [];
  return new URL(`data:text/javascript;base64,${Buffer.from(file?.contents ?? '').toString('base64')}`);
}

/** Runs seeds in a thread of their own, until the first at which something was wrong. */
export function inThread(code: URL, seeds: Seeds, step: number, tell: (verdict: Verdict) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(code, { workerData: { simulation: { ...seeds, step } } });
    const hangs = (): NodeJS.Timeout =>
      setTimeout(() => {
        tell({ ...NONE, seed: seeds.from, wrong: ['it hangs'] });
        void worker.terminate();
      }, HANGS_MS);
    let timer = hangs();
    worker.on('message', (verdict: Verdict) => {
      clearTimeout(timer);
      timer = hangs();
      tell(verdict);
    });
    worker.on('error', reject);
    worker.on('exit', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

const NONE: Omit<Verdict, 'seed' | 'wrong'> = { events: 0, exchanges: 0, words: 0, deaths: 0, print: '' };

export type Runs = { runs: number; events: number; exchanges: number; words: number; deaths: number; wrong: Verdict[] };

/** Runs seeds on all cores. `untilWrong`: ends at the first at which something was wrong. */
export async function simulateAll(code: URL, { from, times }: Seeds, tell: (done: number) => void): Promise<Runs> {
  const all: Runs = { runs: 0, events: 0, exchanges: 0, words: 0, deaths: 0, wrong: [] };
  const count = (verdict: Verdict): void => {
    all.runs += 1;
    for (const what of ['events', 'exchanges', 'words', 'deaths'] as const) all[what] += verdict[what];
    if (verdict.wrong.length > 0) all.wrong.push(verdict);
    tell(all.runs);
  };
  const threads = Array.from({ length: THREADS }, (_, i) =>
    inThread(code, { from: from + i, times: Math.ceil((times - i) / THREADS) }, THREADS, count),
  );
  await Promise.all(threads);
  return all;
}
