// The data folder: what lies in it by name, and the small private files beside the database.
// Not here: the database itself (src/store) and the master key (master-key.ts).
// The one thing to know: whoever may read this folder may do everything; so it and its files are for the owner only.
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';

const OWNER_ONLY = 0o600;
const OWNER_FOLDER = 0o700;

export type DataFolder = {
  folder: string;
  database: string;
  /** what was uploaded, by its SHA-256 */
  media: string;
  /** where the running process is and how the command may speak to it */
  running: string;
  /** what `signalbox dev` made: ids and secrets of the demo parties */
  demo: string;
  /** copies of the database that were asked for over the API */
  backups: string;
};

/** Names only; nothing is made or read. */
export function dataFolder(path: string): DataFolder {
  const folder = resolve(path);
  return {
    folder,
    database: join(folder, 'signalbox.db'),
    media: join(folder, 'media'),
    running: join(folder, 'running.json'),
    demo: join(folder, 'dev.json'),
    backups: join(folder, 'backups'),
  };
}

/** Makes the folder, for its owner only. One that is there keeps its rights. Returns a sentence when it cannot. */
export function makeDataFolder(data: DataFolder): string | null {
  try {
    if (!existsSync(data.folder)) mkdirSync(data.folder, { recursive: true, mode: OWNER_FOLDER });
    return statSync(data.folder).isDirectory() ? null : `The data folder ${data.folder} is no folder.`;
  } catch (error) {
    return `The data folder ${data.folder} cannot be made (${(error as NodeJS.ErrnoException).code}).`;
  }
}

/** Writes JSON for the owner only, whole or not at all. */
export function writePrivateJson(path: string, value: unknown): void {
  const draft = `${path}.${process.pid}.tmp`;
  const handle = openSync(draft, 'w', OWNER_ONLY);
  try {
    writeSync(handle, `${JSON.stringify(value, null, 2)}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  chmodSync(draft, OWNER_ONLY); // a draft left by a crash keeps its old rights
  renameSync(draft, path);
}

/** Makes what was written to a file, or the names in a folder, survive a power cut. */
export function syncPath(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** The JSON object in a file, or null when there is none or it is damaged. */
export function readJson(path: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
