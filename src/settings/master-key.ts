// Where the master key comes from: SIGNALBOX_MASTER_KEY, or the file `master.key` in the data folder.
// Not here: sealing and opening (secrets.ts).
// The one thing to know: both hold a ring, newest first. The first key seals, all open, so that a rotation can be
// cut off at any moment: [new, old] is written first, then everything is sealed anew, then [new] is written.
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { syncPath } from './data-folder.ts';
import { type KeyRing, MASTER_KEY_BYTES, type MasterKey, masterKey } from './secrets.ts';

export const MASTER_KEY_FILE = 'master.key';
const OWNER_ONLY = 0o600;
/** Read or write for group or others. */
const FOR_OTHERS = 0o077;

export type RingRead =
  | { ok: true; ring: KeyRing; from: 'environment' | 'file'; created: boolean; warnings: string[] }
  | { ok: false; problem: string };

/** Keys as text: base64, base64url or hex of 32 bytes, separated by commas or white space. Null: not that. */
export function parseRing(text: string): KeyRing | null {
  const keys: MasterKey[] = [];
  for (const word of text.split(/[\s,]+/).filter((part) => part !== '')) {
    const bytes = /^[0-9a-f]{64}$/i.test(word) ? Buffer.from(word, 'hex') : Buffer.from(word, 'base64url');
    const whole = /^[0-9a-f]{64}$/i.test(word) || /^[\w+/-]{43}=?$/.test(word);
    if (!whole || bytes.length !== MASTER_KEY_BYTES) return null;
    keys.push(masterKey(bytes));
  }
  const [first, ...rest] = keys;
  return first === undefined ? null : [first, ...rest];
}

/** A key as it stands in the file. */
export const keyText = (key: MasterKey): string => key.bytes.toString('base64url');
export const freshKey = (): MasterKey => masterKey(randomBytes(MASTER_KEY_BYTES));

/** A whole, synced draft beside the key file; what follows puts it in place in one step. */
function writeDraft(folder: string, ring: readonly MasterKey[]): string {
  const draft = join(folder, `${MASTER_KEY_FILE}.${process.pid}.tmp`);
  rmSync(draft, { force: true });
  const handle = openSync(draft, 'wx', OWNER_ONLY);
  try {
    writeSync(handle, `${ring.map(keyText).join('\n')}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  return draft;
}

/** Makes the key file, unless there is one: of two processes that try, one wins and the other reads its key. */
function createRingFile(folder: string): void {
  const draft = writeDraft(folder, [freshKey()]);
  try {
    linkSync(draft, join(folder, MASTER_KEY_FILE));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  syncPath(folder);
}

/** Replaces the ring in the file, whole or not at all. */
export function replaceRingFile(folder: string, ring: KeyRing): void {
  renameSync(writeDraft(folder, ring), join(folder, MASTER_KEY_FILE));
  syncPath(folder);
}

/**
 * The ring to work with. `fromEnvironment` is the checked text of SIGNALBOX_MASTER_KEY or null; `hasData` tells that
 * the folder already has a database, whose secrets a fresh key could never open: then a missing file is a problem.
 */
export function loadRing(folder: string, fromEnvironment: string | null, hasData: boolean): RingRead {
  if (fromEnvironment !== null) {
    const ring = parseRing(fromEnvironment);
    return ring === null
      ? { ok: false, problem: 'SIGNALBOX_MASTER_KEY is not 32 bytes in base64 or hex' }
      : { ok: true, ring, from: 'environment', created: false, warnings: [] };
  }
  const path = join(folder, MASTER_KEY_FILE);
  const missing = !existsSync(path);
  if (missing && hasData) {
    return {
      ok: false,
      problem: `${path} is missing, but the data folder has a database: its secrets cannot be opened without it. Put the file back (or set SIGNALBOX_MASTER_KEY).`,
    };
  }
  if (missing) createRingFile(folder);
  const ring = parseRing(readFileSync(path, 'utf8'));
  if (ring === null) return { ok: false, problem: `${path} does not hold a master key (32 bytes in base64)` };
  return { ok: true, ring, from: 'file', created: missing, warnings: fileWarnings(path) };
}

/** What is unsafe about the key file's rights; Windows has none of this kind. */
function fileWarnings(path: string): string[] {
  if (process.platform === 'win32') return [];
  const mode = statSync(path).mode & 0o777;
  return (mode & FOR_OTHERS) === 0
    ? []
    : [`${path} can be read by others (mode ${mode.toString(8)}); run: chmod 600 ${path}`];
}
