// The simulation as one module: the program's own source, with virtual time in the place of timers, and, if asked, with
// a fault planted in it. Not here: which faults (planted.ts). The one thing to know: a fault is a change of one place in
// one file of the source as it is bundled; the product has no switch for it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Verdict } from './simulate.ts';

export const ROOT = join(import.meta.dirname, '../..');

/** `find` stands once in `file`, and reads `put` instead. */
export type Fault = { name: string; file: string; find: string; put: string };
export type Simulation = { simulate(seed: number): Promise<Verdict> };

export async function simulationOf(fault?: Fault): Promise<Simulation> {
  const planted = fault && join(ROOT, fault.file);
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: ['test/simulation/simulate.ts'],
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
  const code = Buffer.from(file?.contents ?? '').toString('base64');
  return (await import(`data:text/javascript;base64,${code}`)) as Simulation;
}
