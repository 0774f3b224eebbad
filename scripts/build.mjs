// Builds everything into dist/: the program, one file per entry point with its dependencies inside, because that starts
// fastest (only the SQLite driver stays outside: it finds its native part beside its own files); the console; the web chat.
// `--strict` makes a missing entry point an error; `--if-stale` does nothing when dist/ matches the sources. The console
// and the web chat are left as they are when theirs did not change.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { buildConsole } from './build-console.mjs';
import { buildWidget } from './build-widget.mjs';
import { install } from './run.mjs';
import { buildIsFresh, DIST, PARTS, partIsFresh, ROOT, readStamp, sourceHash } from './stamp.mjs';

const ENTRIES = [
  { out: 'signalbox', in: 'src/cli/main.ts' },
  { out: 'worker', in: 'src/worker.ts' },
  { out: 'demo-bot', in: 'src/demo/bot.ts' },
  { out: 'demo-desk', in: 'src/demo/desk.ts' },
];

const WIDGET = { out: 'widget', in: 'widget/src/main.ts' };

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
const esbuild = await import('esbuild'); // only now is it sure to be there

const startedAt = performance.now();
const missing = [...ENTRIES, WIDGET].filter((entry) => !existsSync(join(ROOT, entry.in)));
for (const entry of missing) console.error(`build: ${entry.in} does not exist${strict ? '' : ' yet, left out'}`);
if (strict && missing.length > 0) process.exit(1);
const kB = (bytes) => `${Math.round(bytes / 1024)} kB`;

async function program() {
  const result = await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: ENTRIES.filter((entry) => !missing.includes(entry)),
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
  });
  for (const file of result.outputFiles) writeWhole(file.path, file.contents);
  const bundles = result.outputFiles.filter((file) => file.path.endsWith('.mjs'));
  const said = bundles.map((file) => `${basename(file.path)} ${kB(file.contents.length)}`).join(', ');
  return { files: result.outputFiles.map((file) => basename(file.path)).sort(), said };
}

async function consolePart() {
  const files = await buildConsole({ root: ROOT, outdir: join(DIST, 'console') });
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return { files: files.map((file) => `console/${file.path}`), said: `console ${kB(bytes)}` };
}

async function widget() {
  if (missing.includes(WIDGET)) return { files: [], said: 'no web chat' };
  const outdir = join(DIST, 'widget');
  const built = await buildWidget({ esbuild, root: ROOT, outdir });
  mkdirSync(outdir, { recursive: true });
  for (const file of built) writeWhole(file.path, file.contents);
  const files = built.map((file) => basename(file.path));
  for (const name of readdirSync(outdir)) if (!files.includes(name)) rmSync(join(outdir, name), { force: true });
  const bytes = built.reduce((sum, file) => sum + file.contents.length, 0);
  return { files: files.map((name) => `widget/${name}`), said: `web chat ${kB(bytes)}` };
}

/** The page of `dev`'s shop: a script, a style sheet, and what is served as it is. */
async function demo() {
  const page = join(ROOT, 'src', 'demo', 'page');
  const result = await esbuild.build({
    absWorkingDir: page,
    entryPoints: ['shop.ts', 'shop.css'],
    outdir: join(DIST, 'demo'),
    bundle: true,
    minify: true,
    target: ['chrome111', 'firefox113', 'safari16.4'],
    write: false,
    logLevel: 'warning',
  });
  mkdirSync(join(DIST, 'demo'), { recursive: true });
  for (const file of result.outputFiles) writeWhole(file.path, file.contents);
  for (const name of ['index.html', 'shop.svg']) writeWhole(join(DIST, 'demo', name), readFileSync(join(page, name)));
  const files = [...result.outputFiles.map((file) => basename(file.path)), 'index.html', 'shop.svg'];
  return { files: files.map((name) => `demo/${name}`), said: 'demo shop' };
}

const BUILDERS = { program, console: consolePart, demo, widget };

mkdirSync(DIST, { recursive: true });
const stamp = { parts: {}, missing: missing.map((entry) => entry.in), builtAt: new Date().toISOString() };
const before = readStamp();
const said = [];
for (const part of PARTS) {
  // The program is built anew in any case: it takes a fifth of a second.
  if (part !== 'program' && before !== undefined && partIsFresh(part, before)) {
    stamp.parts[part] = before.parts[part];
    continue;
  }
  // Taken before reading the sources: an edit during the build leaves a stale stamp, never a false fresh one.
  const hash = sourceHash(part);
  const built = await BUILDERS[part]().catch((error) => {
    // esbuild has already shown errors in the sources, with their lines
    console.error(
      `build: ${part} failed${part === 'console' || error.errors === undefined ? `: ${error.message}` : ''}`,
    );
    process.exitCode = 1;
  });
  if (built === undefined) continue;
  stamp.parts[part] = { hash, files: built.files };
  said.push(built.said);
}
writeWhole(join(DIST, 'stamp.json'), `${JSON.stringify(stamp, null, 2)}\n`);
console.log(`build: ${said.join(', ')} in ${Math.round(performance.now() - startedAt)} ms`);
