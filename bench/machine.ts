// What the machine tells about itself while we measure: load, stolen time, a process's memory and CPU, the disk's sync.
// Only Linux has these files; elsewhere the numbers are NaN and shown as "-".
import { closeSync, fdatasyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';

const TICKS_PER_SECOND = 100;
const SYNCS = 150;

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** jiffies of all CPUs: everything, and what the host took from us */
export function cpuTimes(): { total: number; steal: number } {
  const fields = (read('/proc/stat').split('\n')[0] ?? '').split(/\s+/).slice(1).map(Number);
  return { total: fields.slice(0, 8).reduce((sum, value) => sum + value, 0), steal: fields[7] ?? Number.NaN };
}

export function stolenPercent(before: { total: number; steal: number }): number {
  const now = cpuTimes();
  return (100 * (now.steal - before.steal)) / Math.max(1, now.total - before.total);
}

export const load = (): number => loadavg()[0] ?? Number.NaN;

/** MB that a process holds in memory */
export function rss(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`))?.[1] ?? Number.NaN) / 1024;
}

/** from its stat, counted after the name: 11 and 12 are a process's own ticks, 13 and 14 those of its children that ended */
function ticks(pid: number, first: number): number {
  const fields = read(`/proc/${pid}/stat`).split(') ')[1]?.split(' ') ?? [];
  return Number(fields[first]) + Number(fields[first + 1]);
}

/** seconds of CPU that a process has used, all threads */
export const cpuSeconds = (pid: number): number => ticks(pid, 11) / TICKS_PER_SECOND;
/** the same of its children that have ended */
export const cpuSecondsOfGone = (pid: number): number => ticks(pid, 13) / TICKS_PER_SECOND;

/** What one synced 4 KiB write costs on the disk that the data folder lies on: median and 99th percentile, ms. */
export function syncCost(): { p50: number; p99: number } {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-sync-'));
  const file = openSync(join(folder, 'probe'), 'w');
  const page = Buffer.alloc(4096, 7);
  const times: number[] = [];
  for (let count = 0; count < SYNCS; count++) {
    const from = performance.now();
    writeSync(file, page);
    fdatasyncSync(file);
    times.push(performance.now() - from);
  }
  closeSync(file);
  rmSync(folder, { recursive: true, force: true });
  times.sort((a, b) => a - b);
  return { p50: times[Math.floor(SYNCS / 2)] ?? 0, p99: times[Math.floor(SYNCS * 0.99)] ?? 0 };
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[half] ?? Number.NaN) : ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2;
}
