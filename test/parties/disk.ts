// A disk that can be filled and freed while the program runs: a small tmpfs where we may mount one, else a limit on the
// size of files that is lowered and lifted for the running process.
// The one thing to know: both make the same write fail (ENOSPC or EFBIG), and both are undone by `remove`.
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Disk = {
  kind: 'tmpfs' | 'file size limit';
  folder: string;
  /** from now on every write of the process that needs more room fails */
  fill(pid: number): void;
  free(pid: number): void;
  remove(): void;
};

const SIZE_MB = 24;
const quietly = { stdio: 'ignore' as const };

function mounted(folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MB}m`, 'tmpfs', folder], quietly);
    return true;
  } catch {
    return false;
  }
}

/** Writes until there is no room for one byte more. */
function writeBallast(path: string): void {
  const file = openSync(path, 'w');
  for (let size = 1024 * 1024; size >= 1; ) {
    try {
      if (writeSync(file, Buffer.alloc(size, 1)) < size) size = size >> 1;
    } catch {
      size = size >> 1;
    }
  }
  closeSync(file);
}

export function smallDisk(): Disk {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-disk-'));
  const ballast = join(folder, 'ballast');
  if (mounted(folder)) {
    return {
      kind: 'tmpfs',
      folder,
      fill: () => writeBallast(ballast),
      free: () => rmSync(ballast),
      remove: () => {
        execFileSync('umount', ['-l', folder], quietly);
        rmSync(folder, { recursive: true, force: true });
      },
    };
  }
  const limit = (pid: number, size: string): void => {
    execFileSync('prlimit', ['--pid', String(pid), `--fsize=${size}:unlimited`], quietly);
  };
  return {
    kind: 'file size limit',
    folder,
    fill: (pid) => limit(pid, '4096'),
    free: (pid) => limit(pid, 'unlimited'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
