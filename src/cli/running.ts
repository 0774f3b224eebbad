// Where the running Signalbox of a data folder is: running.json, written at the start, removed at the stop.
// Not here: the lock that keeps two processes apart (src/store/sqlite/lock.ts).
// The one thing to know: the file holds an administrator's key for this run, when the settings have none of their
// own. Whoever may read the data folder has the master key anyway; the file is for its owner only (0600).
import { rmSync } from 'node:fs';
import { z } from 'zod';
import { type DataFolder, readJson, writePrivateJson } from '../settings/data-folder.ts';
import type { Mode, Settings } from '../settings/settings.ts';
import { type Api, apiClient } from './api.ts';
import { EXIT, Stop } from './exit.ts';

const runningFile = z.object({
  pid: z.int(),
  url: z.string(),
  mode: z.enum(['dev', 'start']),
  started_at: z.string(),
  /** null: the administrator's key is SIGNALBOX_API_KEY, which is not written anywhere */
  key: z.string().nullable(),
});
export type Running = { pid: number; url: string; mode: Mode; started_at: string; key: string | null };

export const noteRunning = (data: DataFolder, running: Running): void => writePrivateJson(data.running, running);
export const forgetRunning = (data: DataFolder): void => rmSync(data.running, { force: true });

/** The process that runs on this folder, or null. A file that a crash left is told by its dead process. */
export function findRunning(data: DataFolder): Running | null {
  const read = runningFile.safeParse(readJson(data.running));
  if (!read.success || !isAlive(read.data.pid)) return null;
  return read.data;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The API of the running process, as administrator. */
export function apiOf(running: Running, settings: Settings): Api {
  const key = settings.apiKey ?? running.key;
  if (key === null) {
    throw new Stop(EXIT.unavailable, 'The running Signalbox has its own SIGNALBOX_API_KEY; set the same one here.');
  }
  return apiClient(running.url, key);
}
