// A PostgreSQL of the tests' own: a cluster in a folder, on a socket beside it and a free port, synced to disk as a real
// one, that can be stopped hard and started again. Not here: what is kept in it.
// The one thing to know: PostgreSQL refuses to run as root, so that then it runs as Debian's user `postgres`.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from './box.ts';

export type Postgres = {
  /** a database of its own, empty */
  database(): string;
  /** runs one statement in a database, as psql does */
  sql(url: string, statement: string): string;
  /** as a power cut to its processes: `pg_ctl stop -m immediate` */
  stopHard(): void;
  start(): void;
  /** stops it and removes its folder */
  remove(): void;
};

const USER = 'postgres';
const DEBIAN = '/usr/lib/postgresql';

/** The folder of initdb, pg_ctl and psql; undefined when there is none. SIGNALBOX_TEST_POSTGRES names another one. */
export function findPostgres(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const places = [
    process.env.SIGNALBOX_TEST_POSTGRES,
    ...versions.map((version) => join(DEBIAN, version, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ];
  return places.find((place) => place && existsSync(join(place, 'initdb')) && existsSync(join(place, 'pg_ctl')));
}

export async function startPostgres(): Promise<Postgres> {
  const bin = findPostgres();
  if (bin === undefined) throw new Error('no PostgreSQL found: apt-get install postgresql');
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-postgres-'));
  chmodSync(folder, 0o755);
  const asRoot = process.getuid?.() === 0;
  const run = (program: string, ...args: string[]): string => {
    const [command, given] = asRoot
      ? ['runuser', ['-u', USER, '--', join(bin, program), ...args]]
      : [join(bin, program), args];
    return execFileSync(command, given, { cwd: '/', encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  };
  if (asRoot) execFileSync('chown', [USER, folder]);
  const data = join(folder, 'data');
  const port = await freePort();
  run('initdb', '-D', data, '-U', USER, '-A', 'trust', '--locale=C', '--encoding=UTF8', '--no-sync');
  const settings = [
    `-c port=${port}`,
    '-c listen_addresses=127.0.0.1',
    `-c unix_socket_directories=${folder}`,
    '-c fsync=on',
    '-c synchronous_commit=on',
    '-c shared_buffers=64MB',
  ];
  // Its output goes to a file of its own: it outlives pg_ctl, which would else hold our pipe open.
  const control = (...args: string[]): string => run('pg_ctl', '-D', data, '-w', '-l', join(folder, 'log'), ...args);
  const start = (): void => void control('-o', settings.join(' '), 'start');
  const at = (name: string): string => `postgres://${USER}@127.0.0.1:${port}/${name}`;
  const sql = (url: string, statement: string): string => run('psql', '-X', '-A', '-t', '-q', '-c', statement, url);
  start();
  let made = 0;
  return {
    database: () => {
      made += 1;
      sql(at(USER), `CREATE DATABASE signalbox_${made}`);
      return at(`signalbox_${made}`);
    },
    sql,
    stopHard: () => void control('-m', 'immediate', 'stop'),
    start,
    remove: () => {
      try {
        control('-m', 'immediate', 'stop');
      } catch {
        // it was stopped by the test
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
