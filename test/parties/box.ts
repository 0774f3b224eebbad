// The program itself, as a user starts it: `bin/signalbox start` on a folder of its own, its logs, its end, its clock.
// Not here: what is configured in it (world.ts). The one thing to know: after a restart the clock begins where it
// was, though it lives in the process.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type Answer, call, type Loose, sleep } from './call.ts';

export const ROOT = join(import.meta.dirname, '..', '..');
export const COMMAND = join(ROOT, 'bin', 'signalbox');
/** It takes half a second; a machine that others use too may take a minute. */
const READY_WITHIN_MS = 60_000;
/** The clock answers when all is at rest that it has woken. */
const CLOCK_WITHIN_MS = 120_000;
/** A program that runs ours may keep a pipe open for longer. */
const HEARD_OUT_WITHIN_MS = 2_000;

export type Box = {
  base: string;
  key: string;
  data: string;
  pid(): number;
  /** what its commands are started with, so that they find the same store */
  env: Record<string, string>;
  /** the program's time */
  now(): number;
  api(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** like api, but anything else than a 2xx is an error that says what was answered */
  must(method: string, path: string, body?: unknown): Promise<Loose>;
  /** moves the program's clock */
  advance(ms: number): Promise<void>;
  kill9(): Promise<void>;
  /** SIGTERM; how it ended and how long that took */
  stop(): Promise<{ code: number | null; ms: number }>;
  start(env?: Record<string, string>): Promise<void>;
  restart(env?: Record<string, string>): Promise<void>;
  logs(): string;
  /** ends it and removes its folder */
  close(): Promise<void>;
};

export type BoxOptions = {
  env?: Record<string, string>;
  data?: string;
  /** a program that runs ours, with its arguments (a tracer, say) */
  through?: string[];
  /** where it listens, if not on loopback */
  host?: string;
  /** on the embedded store wherever the other flows run: what it is asked is about its file */
  embedded?: boolean;
};

/** Below the ports that systems hand out by themselves, so that no fake party that asks for any port is given this one. */
const PORTS = { from: 20_000, to: 32_000 };

/** A port that nobody listens on now; it stays the box's own over its restarts. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(PORTS.from, PORTS.to);
    const free = await new Promise<boolean>((resolve) => {
      const probe = createServer();
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
    });
    if (free) return port;
  }
}

/** Nothing of the tester's own settings reaches the program. */
export function cleanEnv(extra: Record<string, string>): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name, value]) => value !== undefined && !/^(SIGNALBOX_|NODE_|VITEST|npm_|TEST$|DEV$|PROD$)/.test(name),
  );
  return { ...(Object.fromEntries(kept) as Record<string, string>), ...extra };
}

const ended = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;
const end = (child: ChildProcess): Promise<void> =>
  ended(child) ? Promise.resolve() : new Promise((resolve) => child.once('exit', () => resolve()));

/** What it said last may still be in its pipes. */
async function hearOut({ stdout, stderr }: ChildProcess): Promise<void> {
  const over = [stdout, stderr].map((pipe) => (pipe === null || pipe.closed ? undefined : once(pipe, 'close')));
  await Promise.race([Promise.all(over), sleep(HEARD_OUT_WITHIN_MS)]);
}

async function awaitReady(child: ChildProcess, base: string, logs: () => string): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    if (ended(child)) {
      await hearOut(child);
      throw new Error(`the program ended before it was ready:\n${logs()}`);
    }
    const status = await call('GET', `${base}/health/ready`, { timeoutMs: 2_000 }).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200) return;
    if (Date.now() > deadline) throw new Error(`not ready after ${READY_WITHIN_MS} ms:\n${logs()}`);
    await sleep(15);
  }
}

function moveClock(child: ChildProcess, ms: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('the test clock did not answer')), CLOCK_WITHIN_MS);
    child.once('message', (message: Loose) => {
      clearTimeout(late);
      if (message?.ok === true && typeof message.now === 'number') resolve(message.now);
      else reject(new Error(`the test clock answered ${JSON.stringify(message)}`));
    });
    child.send({ cmd: 'advance', ms }, (error) => (error ? reject(error) : undefined));
  });
}

/** With SIGNALBOX_TEST_SERVER, the URL of a PostgreSQL, flows run on it: each box in a database of its own. */
async function freshDatabase(): Promise<Record<string, string>> {
  const server = process.env.SIGNALBOX_TEST_SERVER;
  if (server === undefined) return {};
  const client = new pg.Client(server);
  await client.connect();
  const name = `flow_${randomBytes(6).toString('hex')}`;
  await client.query(`CREATE DATABASE ${name} ENCODING 'UTF8' TEMPLATE template0`);
  await client.end();
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { SIGNALBOX_DATABASE_URL: url.href };
}

export async function startBox(options: BoxOptions = {}): Promise<Box> {
  if (!existsSync(join(ROOT, 'dist', 'signalbox.mjs'))) throw new Error('not built: run `npm run build` first');
  const port = await freePort();
  const host = options.host ?? '127.0.0.1';
  const base = `http://${host}:${port}`;
  const key = `sk_${randomBytes(32).toString('base64url')}`;
  const data = options.data ?? mkdtempSync(join(tmpdir(), 'signalbox-flow-'));
  const database = options.embedded ? {} : await freshDatabase();
  let child: ChildProcess;
  let log = '';
  let moved = 0;
  let ahead = 0;

  const spawnOne = async (env: Record<string, string>): Promise<void> => {
    const [program, ...args] = [...(options.through ?? []), process.execPath, COMMAND, 'start'];
    child = spawn(program as string, args, {
      cwd: data,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: cleanEnv({
        SIGNALBOX_DATA: data,
        SIGNALBOX_HOST: host,
        SIGNALBOX_PORT: String(port),
        SIGNALBOX_PUBLIC_URL: base,
        SIGNALBOX_API_KEY: key,
        SIGNALBOX_ALLOW_PRIVATE: '127.0.0.1/32',
        SIGNALBOX_TEST_CLOCK: String(1 + moved),
        ...database,
        ...options.env,
        ...env,
      }),
    });
    child.stdout?.on('data', (chunk) => (log += chunk));
    child.stderr?.on('data', (chunk) => (log += chunk));
    await awaitReady(child, base, () => log);
    ahead = 0;
    if (moved > 0) ahead = (await moveClock(child, 0)) - Date.now();
  };

  const box: Box = {
    base,
    key,
    data,
    env: cleanEnv(database),
    pid: () => child.pid ?? 0,
    now: () => Date.now() + ahead,
    api: (method, path, body, headers) =>
      call(method, `${base}/api/v1${path}`, { body, headers: { authorization: `Bearer ${key}`, ...headers } }),
    must: async (method, path, body) => {
      const answer = await box.api(method, path, body);
      if (answer.status >= 300) throw new Error(`${method} ${path} → ${answer.status} ${answer.text}`);
      return answer.body;
    },
    advance: async (ms) => {
      moved += ms;
      ahead = (await moveClock(child, ms)) - Date.now();
    },
    kill9: async () => {
      child.kill('SIGKILL');
      await end(child);
    },
    stop: async () => {
      const from = performance.now();
      child.kill('SIGTERM');
      await end(child);
      return { code: child.exitCode, ms: performance.now() - from };
    },
    start: (env = {}) => spawnOne(env),
    restart: async (env = {}) => {
      await box.stop();
      await spawnOne(env);
    },
    logs: () => log,
    close: async () => {
      child.kill('SIGKILL');
      await end(child);
      if (options.data === undefined) rmSync(data, { recursive: true, force: true });
    },
  };
  await spawnOne({});
  return box;
}
