// What is installed and what is built, told by content and not by file times (a clone sets those at random).
// Knows the folders and the stamp file; runs nothing itself. `start`, `test` and `build` ask here.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
export const DIST = join(ROOT, 'dist');
const STAMP_FILE = join(DIST, 'stamp.json');

/** What each part of a build reads. A part whose sources did not change is not built again. */
const SOURCES = {
  program: ['src', 'package.json', 'package-lock.json', 'scripts/build.mjs'],
  console: ['console', 'package-lock.json', 'scripts/build-console.mjs'],
  demo: ['src/demo/page', 'package-lock.json', 'scripts/build.mjs'],
  widget: ['widget', 'src/channels/webchat/protocol.ts', 'package-lock.json', 'scripts/build-widget.mjs'],
};
export const PARTS = Object.keys(SOURCES);

/** Files under `folder` that end up in a bundle, sorted, as paths relative to the root with `/`; a file is itself. */
function sourceFiles(folder) {
  if (/\.\w+$/.test(folder)) return existsSync(join(ROOT, folder)) ? [folder] : [];
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(test\.tsx?|md)$/.test(entry.name))
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(ROOT.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort();
}

/** One hash over everything that one part of a build reads. */
export function sourceHash(part) {
  const hash = createHash('sha256');
  for (const path of SOURCES[part].flatMap(sourceFiles)) {
    const bytes = readFileSync(join(ROOT, path));
    hash.update(`${path}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

/** The stamp that the last build left, or undefined: `{parts: {program: {hash, files}, …}, missing, builtAt}`. */
export function readStamp() {
  try {
    return JSON.parse(readFileSync(STAMP_FILE, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Whether what was built of a part is there and matches its sources. */
export function partIsFresh(part, stamp = readStamp()) {
  const built = stamp?.parts?.[part];
  return built?.hash === sourceHash(part) && built.files.every((file) => existsSync(join(DIST, file)));
}

export const buildIsFresh = () => PARTS.every((part) => partIsFresh(part));

/**
 * Why `npm ci` is needed, or undefined. Compares the lockfile with npm's own record of what it installed;
 * optional packages (other platforms' binaries) may be absent.
 */
export function installNeeded(folder = ROOT) {
  const record = join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return 'packages are not installed yet';
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages;
  const wanted = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')).packages;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '') continue;
    const have = installed[path];
    if (have === undefined ? !entry.optional : have.version !== entry.version)
      return `${path} differs from the lockfile`;
  }
  return undefined;
}
