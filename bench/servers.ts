// The servers behind the subjects: a PostgreSQL as the tests have it, and a Redis that syncs each write; both in folders of
// their own, on free ports, gone afterwards. The one thing to know: what they use of the processors is counted too, for one
// that forwards by a database works mostly there.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../test/parties/box.ts';
import { until } from '../test/parties/call.ts';
import { type Postgres, startPostgres } from '../test/parties/postgres.ts';
import { cpuSeconds, cpuSecondsOfGone } from './machine.ts';
import { end } from './mocks.ts';

export type Server = { cpuSeconds(): number; stop(): Promise<void> };
export type Databases = Server & Pick<Postgres, 'database' | 'sql'>;
export type Redis = Server & { url: string };

/** With the children that it has now. */
function withChildren(pid: number): number[] {
  const parent = (each: string): number => {
    try {
      return Number(readFileSync(`/proc/${each}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]);
    } catch {
      return 0;
    }
  };
  return [
    pid,
    ...readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && parent(name) === pid)
      .map(Number),
  ];
}

/** `env`: what its programs are started with besides. */
export async function startDatabases(env: Record<string, string>): Promise<Databases> {
  // The tests' PostgreSQL is started with the environment of who starts it.
  Object.assign(process.env, env);
  try {
    const postgres = await startPostgres();
    const folder = postgres.sql(postgres.database(), 'SHOW data_directory').trim();
    const head = Number(readFileSync(join(folder, 'postmaster.pid'), 'utf8').split('\n')[0]);
    return {
      database: () => postgres.database(),
      sql: (url, statement) => postgres.sql(url, statement),
      cpuSeconds: () => withChildren(head).reduce((sum, pid) => sum + (cpuSeconds(pid) || 0), cpuSecondsOfGone(head)),
      stop: async () => postgres.remove(),
    };
  } finally {
    for (const name of Object.keys(env)) delete process.env[name];
  }
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (said) => {
      socket.destroy();
      resolve(said.toString().startsWith('+PONG'));
    });
    socket.once('error', () => resolve(false));
  });

export async function startRedis(env: Record<string, string>): Promise<Redis> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-redis-'));
  const port = await freePort();
  const settings = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const child = spawn('redis-server', [...settings, '--appendonly', 'yes', '--appendfsync', 'always'], {
    env: { ...process.env, ...env },
    stdio: 'ignore',
  });
  const url = `redis://127.0.0.1:${port}`;
  await until('Redis answers', () => answers(port));
  return {
    url,
    cpuSeconds: () => cpuSeconds(child.pid ?? 0),
    stop: async () => {
      await end(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
