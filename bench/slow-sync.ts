// Syncs made slower, as on a disk without a write cache: slow-sync.c compiled and preloaded into SQLite's process, PostgreSQL
// and Redis alike, its delay changed while they run. The one thing to know: only Linux with a C compiler has it; elsewhere the
// bench says so and leaves these rounds out.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type SlowSync = {
  /** what a program that shall be slowed is started with */
  env: Record<string, string>;
  set(ms: number): void;
  remove(): void;
};

/** Undefined where it cannot be had. */
export function makeSlowSync(): SlowSync | undefined {
  if (process.platform !== 'linux') return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-slow-sync-'));
  // PostgreSQL runs as a user of its own.
  chmodSync(folder, 0o755);
  const [library, told] = [join(folder, 'slow-sync.so'), join(folder, 'microseconds')];
  try {
    const source = join(import.meta.dirname, 'slow-sync.c');
    execFileSync('cc', ['-O2', '-shared', '-fPIC', '-o', library, source, '-ldl'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  const set = (ms: number): void => writeFileSync(told, new Uint32Array([Math.round(ms * 1_000)]), { flag: 'r+' });
  writeFileSync(told, new Uint32Array([0]));
  return {
    env: { LD_PRELOAD: library, SLOW_SYNC_FILE: told },
    set,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
