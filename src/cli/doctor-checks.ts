// The checks of `signalbox doctor`, each a question with a sentence for an answer.
// Not here: how they are shown (doctor.ts).
// The one thing to know: nothing here writes but one probe file in the data folder, which is removed again.
import { accessSync, constants, existsSync, readFileSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { ConfigKind } from '../engine/store-port.ts';
import type { DataFolder } from '../settings/data-folder.ts';
import { MASTER_KEY_FILE, parseRing } from '../settings/master-key.ts';
import { kidOf } from '../settings/secrets.ts';
import type { Settings } from '../settings/settings.ts';
import { checkPostgres } from '../store/postgres/check.ts';
import { openReader } from '../store/sqlite/connection.ts';
import { checkDatabase } from './database-check.ts';
import { findRunning } from './running.ts';
import { sealedTexts } from './sealed.ts';

export type Check = { name: string; state: 'ok' | 'warn' | 'bad'; detail: string };

const NODE_NEEDED = [20, 19] as const;
const GIB = 1024 ** 3;
/** Below the first a day's messages may not fit; below the second SQLite itself gets into trouble. */
const DISK_WARN_BYTES = 1 * GIB;
const DISK_BAD_BYTES = 0.1 * GIB;
const PROBE_TIMEOUT_MS = 2_000;
/** The day this was written: a clock before it is wrong. */
const CLOCK_FLOOR = Date.UTC(2025, 0, 1);
const CLOCK_AHEAD_MS = 60_000;

const ok = (name: string, detail: string): Check => ({ name, state: 'ok', detail });
const warn = (name: string, detail: string): Check => ({ name, state: 'warn', detail });
const bad = (name: string, detail: string): Check => ({ name, state: 'bad', detail });

export async function checks(settings: Settings, data: DataFolder): Promise<Check[]> {
  const folder = folderCheck(data);
  const usable = folder.state !== 'bad' && existsSync(data.folder);
  return [
    nodeCheck(process.versions.node),
    folder,
    ...(usable ? [diskCheck(data)] : []),
    keyCheck(settings, data),
    ...(settings.databaseUrl !== null ? [await postgresCheck(settings.databaseUrl)] : []),
    ...(usable && settings.databaseUrl === null ? [databaseCheck(data)] : []),
    ...(usable ? [clockCheck(data, Date.now())] : []),
    await portCheck(settings, data),
    allowCheck(settings),
  ];
}

export function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > NODE_NEEDED[0] || (major === NODE_NEEDED[0] && minor >= NODE_NEEDED[1]);
  return enough ? ok('node', version) : bad('node', `${version}; at least ${NODE_NEEDED.join('.')} is needed`);
}

function folderCheck(data: DataFolder): Check {
  const { folder } = data;
  if (!existsSync(folder)) return ok('data folder', `${folder} is made at the first start`);
  const probe = join(folder, `.doctor.${process.pid}`);
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    writeFileSync(probe, '', { flag: 'wx' });
    rmSync(probe);
  } catch (error) {
    return bad('data folder', `${folder} cannot be written (${(error as NodeJS.ErrnoException).code})`);
  }
  const open = process.platform !== 'win32' && (statSync(folder).mode & 0o077) !== 0;
  return open
    ? warn('data folder', `${folder} is open to other users; run: chmod 700 ${folder}`)
    : ok('data folder', folder);
}

function diskCheck(data: DataFolder): Check {
  const { bavail, bsize } = statfsSync(data.folder);
  const free = bavail * bsize;
  const detail = `${(free / GIB).toFixed(1)} GiB free`;
  if (free < DISK_BAD_BYTES) return bad('disk', detail);
  return free < DISK_WARN_BYTES ? warn('disk', detail) : ok('disk', detail);
}

function keyCheck(settings: Settings, data: DataFolder): Check {
  const path = join(data.folder, MASTER_KEY_FILE);
  const used = sealedKids(data);
  if (settings.masterKey === null && !existsSync(path)) {
    return existsSync(data.database)
      ? bad('master key', `${path} is missing, but there is a database whose secrets need it`)
      : ok('master key', 'is made at the first start');
  }
  let text = settings.masterKey;
  try {
    text ??= readFileSync(path, 'utf8');
  } catch (error) {
    return bad('master key', `${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  const ring = parseRing(text);
  if (ring === null) return bad('master key', `${path} does not hold a key`);
  const missing = [...used].filter((kid) => !ring.some((key) => key.kid === kid));
  if (missing.length > 0) return bad('master key', `secrets are sealed with ${missing.join(', ')}, which is not here`);
  const from = settings.masterKey === null ? path : 'SIGNALBOX_MASTER_KEY';
  const open = settings.masterKey === null && process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0;
  if (open) return warn('master key', `${path} can be read by others; run: chmod 600 ${path}`);
  return ok('master key', `${ring[0].kid} from ${from}`);
}

/** The names of the keys that sealed what is in the database. */
function sealedKids(data: DataFolder): Set<string> {
  const kids = new Set<string>();
  if (!existsSync(data.database)) return kids;
  try {
    const db = openReader(data.database);
    try {
      for (const row of db.prepare('SELECT kind, id, data FROM config').all()) {
        for (const each of sealedTexts(String(row.kind) as ConfigKind, String(row.id), JSON.parse(String(row.data))))
          kids.add(kidOf(each.sealed));
      }
    } finally {
      db.close();
    }
  } catch {
    // the check of the database tells what is wrong with it
  }
  return kids;
}

function databaseCheck(data: DataFolder): Check {
  if (!existsSync(data.database)) return ok('database', 'is made at the first start');
  const problem = checkDatabase(data.database);
  const size = `${(statSync(data.database).size / 1024 ** 2).toFixed(1)} MiB`;
  return problem === null ? ok('database', `sound, ${size}`) : bad('database', `${data.database}: ${problem}`);
}

async function postgresCheck(url: string): Promise<Check> {
  const { ok: sound, detail } = await checkPostgres(url);
  return sound ? ok('database', detail) : bad('database', detail);
}

/** Everything is ordered and dated by this clock. */
function clockCheck(data: DataFolder, now: number): Check {
  const shown = new Date(now).toISOString();
  if (now < CLOCK_FLOOR) return bad('clock', `${shown} is in the past`);
  const written = existsSync(data.database) ? statSync(data.database).mtimeMs : 0;
  return written > now + CLOCK_AHEAD_MS
    ? bad('clock', `${shown}, but the database was written at ${new Date(written).toISOString()}`)
    : ok('clock', shown);
}

async function portCheck(settings: Settings, data: DataFolder): Promise<Check> {
  const running = findRunning(data);
  if (running !== null) {
    const ready = await answers(`${running.url}/health/ready`);
    const who = `process ${running.pid} at ${running.url}`;
    return ready ? ok('server', `${who} is ready`) : bad('server', `${who} runs but is not ready`);
  }
  const where = `${settings.host}:${settings.port}`;
  const problem = await listenProblem(settings.host, settings.port);
  if (problem === null) return ok('port', `${where} is free`);
  if (problem !== 'EADDRINUSE') return bad('port', `${where} cannot be listened on (${problem})`);
  const signalbox = await answers(
    `http://${settings.host === '0.0.0.0' ? '127.0.0.1' : settings.host}:${settings.port}/health/live`,
  );
  return bad('port', `${where} is taken by ${signalbox ? 'a Signalbox with another data folder' : 'another program'}`);
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) })).ok;
  } catch {
    return false;
  }
}

/** Null: it can be listened on. Else the system's code. */
export function listenProblem(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, host, () => server.close(() => resolve(null)));
  });
}

function allowCheck(settings: Settings): Check {
  const count = settings.allowPrivate.entries.length;
  return ok(
    'allow-list',
    count === 0
      ? 'empty: only public addresses over https are reached'
      : `${count} entries may be reached although not public`,
  );
}
