// Bundles the program into dist/: one file per entry point, dependencies inside, because that starts fastest.
// Only the SQLite driver stays outside: it finds its native part beside its own files.
// `--strict` makes a missing entry point an error; `--if-stale` does nothing when dist/ matches the sources.
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { install } from './run.mjs';
import { buildIsFresh, DIST, ROOT, sourceHash } from './stamp.mjs';

const ENTRIES = [
  { out: 'signalbox', in: 'src/cli/main.ts' },
  { out: 'worker', in: 'src/worker.ts' },
  { out: 'demo-bot', in: 'src/demo/bot.ts' },
  { out: 'demo-desk', in: 'src/demo/desk.ts' },
];

/** CommonJS packages inside an ES module bundle still call `require` and read `__dirname`. */
const COMMONJS_BRIDGE = [
  "import { createRequire as bundleCreateRequire } from 'node:module';",
  'const require = bundleCreateRequire(import.meta.url);',
].join('\n');

/** A process that starts while we build must never read half a file. */
function writeWhole(path, contents) {
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, contents);
  renameSync(draft, path);
}

const strict = process.argv.includes('--strict');
if (process.argv.includes('--if-stale') && buildIsFresh()) process.exit(0);
if ((await install()) !== 0) process.exit(1);
const { build } = await import('esbuild'); // only now is it sure to be there

const startedAt = performance.now();
const missing = ENTRIES.filter((entry) => !existsSync(join(ROOT, entry.in)));
for (const entry of missing) console.error(`build: ${entry.in} does not exist${strict ? '' : ' yet, left out'}`);
if (strict && missing.length > 0) process.exit(1);

// Taken before reading the sources: an edit during the build leaves a stale stamp, never a false fresh one.
const hash = sourceHash();
const present = ENTRIES.filter((entry) => !missing.includes(entry));
const result = await build({
  absWorkingDir: ROOT,
  entryPoints: present,
  outdir: DIST,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  external: ['@photostructure/sqlite'],
  banner: { js: COMMONJS_BRIDGE },
  define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' },
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'external',
  write: false,
  logLevel: 'warning',
}).catch(() => process.exit(1)); // esbuild has already shown the errors, with their lines

mkdirSync(DIST, { recursive: true });
for (const file of result.outputFiles) writeWhole(file.path, file.contents);
const files = result.outputFiles.map((file) => basename(file.path)).sort();
const stamp = { hash, files, missing: missing.map((entry) => entry.in), builtAt: new Date().toISOString() };
writeWhole(join(DIST, 'stamp.json'), `${JSON.stringify(stamp, null, 2)}\n`);

const bundles = result.outputFiles.filter((file) => file.path.endsWith('.mjs'));
const sizes = bundles.map((file) => `${basename(file.path)} ${Math.round(file.contents.length / 1024)} kB`);
console.log(`build: ${sizes.join(', ')} in ${Math.round(performance.now() - startedAt)} ms`);
