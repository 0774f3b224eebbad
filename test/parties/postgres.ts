// A PostgreSQL of the tests' own: a cluster in a folder, on a socket beside it and a free port, synced to disk as a real
// one, that can be stopped hard and started again. Not here: what is kept in it.
// The one thing to know: PostgreSQL refuses to run as root, so that then it runs as Debian's user `postgres`.
import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from './box.ts';
import { until } from './call.ts';

export type Postgres = {
  /** a database of its own, empty */
  database(): string;
  /** runs one statement in a database, as psql does */
  sql(url: string, statement: string): string;
  /** as a power cut to its processes: `pg_ctl stop -m immediate` */
  stopHard(): void;
  start(): void;
  /** of its processes, the one that keeps the others first; none: it has ended */
  pids(): number[];
  runs(): boolean;
  /** whether it lets somebody in */
  answers(): boolean;
  /** `kill -9` of all its processes at once, as when its machine is lost */
  kill9(): void;
  /** a second server that has all that this one acknowledges, from now on */
  standby(): Promise<Standby>;
  /** `pg_dump` of a database, and `pg_restore` of that into an empty one */
  copy(from: string, to: string): void;
  /** stops it and removes its folder */
  remove(): void;
};

export type Standby = {
  /** the URL of a database with both servers in it, the first one first */
  both(url: string): string;
  /** the URL of a database on this server */
  here(url: string): string;
  /** makes it the one that takes writes */
  promote(): void;
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

/** `alsoAt`: addresses of this machine at which it listens beside loopback, for whoever comes from their networks. */
export async function startPostgres(alsoAt: string[] = []): Promise<Postgres> {
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
  /** How a server of ours is run on a folder in ours. */
  const server = (name: string, port: number) => {
    const data = join(folder, name);
    const settings = [
      `-c port=${port}`,
      `-c listen_addresses=${['127.0.0.1', ...alsoAt].join()}`,
      `-c unix_socket_directories=${folder}`,
      '-c fsync=on',
      '-c synchronous_commit=on',
      '-c shared_buffers=64MB',
    ];
    // Its output goes to a file of its own: it outlives pg_ctl, which would else hold our pipe open.
    const control = (...args: string[]): string =>
      run('pg_ctl', '-D', data, '-w', '-l', join(folder, `${name}.log`), ...args);
    return {
      data,
      control,
      start: (): void => void control('-o', settings.join(' '), 'start'),
      end: (): void => {
        try {
          control('-m', 'immediate', 'stop');
        } catch {
          // it was stopped by the test
        }
      },
    };
  };
  const port = await freePort();
  const first = server('data', port);
  const servers = [first];
  run('initdb', '-D', first.data, '-U', USER, '-A', 'trust', '--locale=C', '--encoding=UTF8', '--no-sync');
  const at = (name: string): string => `postgres://${USER}@127.0.0.1:${port}/${name}`;
  const sql = (url: string, statement: string): string => run('psql', '-X', '-A', '-t', '-q', '-c', statement, url);
  for (const address of alsoAt) appendFileSync(join(first.data, 'pg_hba.conf'), `host all all ${address}/24 trust\n`);
  first.start();
  let made = 0;

  const standby = async (): Promise<Standby> => {
    const other = await freePort();
    const second = server('standby', other);
    const copied = ['-X', 'stream', '-c', 'fast', '-R', '--no-sync'];
    run('pg_basebackup', '-D', second.data, '-d', `${at(USER)}?application_name=standby`, ...copied);
    second.start();
    servers.push(second);
    sql(at(USER), "ALTER SYSTEM SET synchronous_standby_names = 'FIRST 1 (standby)'");
    sql(at(USER), 'SELECT pg_reload_conf()');
    const states = (): string => sql(at(USER), 'SELECT sync_state FROM pg_stat_replication').trim();
    await until('the standby is synchronous', () => states() === 'sync');
    return {
      both: (url) => url.replace(`:${port}/`, `:${port},127.0.0.1:${other}/`),
      here: (url) => url.replace(`:${port}/`, `:${other}/`),
      promote: () => void second.control('promote'),
    };
  };

  const pids = (): number[] => {
    const file = join(first.data, 'postmaster.pid');
    const head = existsSync(file) ? (readFileSync(file, 'utf8').split('\n')[0] ?? '') : '';
    if (head === '' || !existsSync(`/proc/${head}`)) return [];
    const all = execFileSync('ps', ['-e', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
    const children = all.map((line) => line.trim().split(/ +/)).filter(([, parent]) => parent === head);
    return [Number(head), ...children.map(([pid]) => Number(pid))];
  };
  return {
    database: () => {
      made += 1;
      sql(at(USER), `CREATE DATABASE signalbox_${made}`);
      return at(`signalbox_${made}`);
    },
    sql,
    stopHard: () => void first.control('-m', 'immediate', 'stop'),
    start: first.start,
    pids,
    runs: () => pids().length > 0,
    answers: () => {
      try {
        sql(at(USER), 'SELECT 1');
        return true;
      } catch {
        return false;
      }
    },
    kill9: () => {
      for (const pid of pids()) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // it ended with the others
        }
      }
    },
    standby,
    copy: (from, to) => {
      const file = join(folder, `copy-${made}.dump`);
      run('pg_dump', '--format=custom', `--file=${file}`, from);
      run('pg_restore', '--exit-on-error', '--no-owner', `--dbname=${to}`, file);
    },
    remove: () => {
      for (const each of servers) each.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
