// Bundles the console by vite into a folder of its own beside the old one, and then puts it in its place.
// Not here: when it is needed (stamp.mjs). The one thing to know: a server that starts while we build reads the old
// files or the new ones, never half of each.
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Builds into `outdir`. Gives the files, as paths below it, with their sizes. */
export async function buildConsole({ root, outdir }) {
  const { build } = await import('vite');
  const draft = `${outdir}.${process.pid}.tmp`;
  const old = `${outdir}.${process.pid}.old`;
  try {
    await build({
      configFile: join(root, 'console', 'vite.config.ts'),
      mode: 'production',
      logLevel: 'warn',
      build: { outDir: draft },
    });
    if (existsSync(outdir)) renameSync(outdir, old);
    renameSync(draft, outdir);
  } finally {
    for (const folder of [draft, old]) rmSync(folder, { recursive: true, force: true });
  }
  return readdirSync(outdir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: path.slice(outdir.length + 1).replaceAll('\\', '/'), bytes: statSync(path).size }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}
