// Runs one child program from the repository's root and says how it ended. No shell, no hidden output.
// `local` names a tool of node_modules; packages are installed by npm itself, the one that called us if any.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { installNeeded, ROOT } from './stamp.mjs';

/** A step that takes this long hangs: the longest, the browser's tests, takes a quarter of an hour on two busy cores. */
const STEP_LIMIT_MS = 40 * 60_000;

/** Resolves to the exit code; a program that a signal ended, or that could not start, counts as 1. */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const env = process.stdout.isTTY ? process.env : { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined };
    const child = spawn(command, args, { cwd: ROOT, env, stdio: 'inherit', timeout: STEP_LIMIT_MS, ...options });
    child.on('error', (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(1);
    });
    child.on('close', (code, signal) => {
      if (signal !== null) console.error(`${command} ${args[0] ?? ''} was ended by ${signal}`);
      resolve(code ?? 1);
    });
  });
}

export const runNode = (args, options) => run(process.execPath, args, options);

const LOCAL_TOOLS = {
  biome: 'node_modules/@biomejs/biome/bin/biome',
  tsc: 'node_modules/typescript/bin/tsc',
  vitest: 'node_modules/vitest/vitest.mjs',
};

/** Runs a tool of node_modules by its file, so that no PATH and no shell is involved. */
export const local = (tool, args, options) => runNode([join(ROOT, LOCAL_TOOLS[tool]), ...args], options);

/** Stops with one sentence on a Node that is too old; the newer parts of the scripts come after this. */
function requireNode() {
  const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const [major, minor] = engines.node.match(/\d+/g).map(Number);
  const [haveMajor, haveMinor] = process.versions.node.split('.').map(Number);
  if (haveMajor > major || (haveMajor === major && haveMinor >= minor)) return;
  console.error(`signalbox needs Node.js ${major}.${minor} or newer; this is ${process.version}.`);
  process.exit(1);
}

/** Installs a folder's packages if they differ from its lockfile. Returns npm's exit code, 0 if nothing was to do. */
export async function install(folder = ROOT) {
  requireNode();
  const reason = installNeeded(folder);
  if (reason === undefined) return 0;
  console.log(`signalbox: installing packages${folder === ROOT ? '' : ` of ${relative(ROOT, folder)}`} (${reason})`);
  // NODE_ENV=production would leave out the tools that build us.
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--include=dev'];
  const npm = process.env.npm_execpath;
  if (npm?.endsWith('.js')) return runNode([npm, ...args], { cwd: folder });
  return run('npm', args, { cwd: folder, shell: process.platform === 'win32' });
}
