// Proof: the disk below PostgreSQL fails at its n-th call: full, read-only or broken, once or until it is mended, in whichever
// of the server's processes comes there; the server refuses, crashes or ends by that, and Signalbox stays up.
// Not here: the embedded store's disk (disk.ts), a server that is stopped (database.ts). The one thing to know: calls are
// counted for each process of the server by itself, so that a number that one reaches seldom is one that another reaches often.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { type Box, startBox } from '../parties/box.ts';
import { call, sleep, until } from '../parties/call.ts';
import { type Postgres, startPostgres } from '../parties/postgres.ts';
import { chance } from './chance.ts';
import { type Broken, casesAt, mixed, wasStruck } from './disk-cases.ts';
import { join, placesIn, type Tracer } from './points-inject.ts';
import { startTalk, type Talk } from './points-talk.ts';

const WORDS = 2;
const ERRORS: Readonly<Record<string, string[]>> = {
  pwrite64: ['EIO', 'ENOSPC', 'EROFS'],
  pwritev: ['EIO', 'ENOSPC'],
  fsync: ['EIO'],
  fdatasync: ['EIO', 'ENOSPC'],
  fallocate: ['ENOSPC'],
  openat: ['EIO', 'ENOSPC', 'EROFS'],
  pread64: ['EIO'],
};
const CALLS = Object.keys(ERRORS);
/** A failure is looked for until it came, and a lasting one until the first refusal, at most so long. */
const STRUCK_WITHIN_MS = 4_000;
/** A lasting failure lasts so long after it came. */
const LASTS_MS = 1_500;

type Scene = 'once' | 'lasting';
type Stage = { postgres: Postgres; box: Box; talk: Talk; trace: string; struck: number; ended: number };

/** A tracer on the server and all of its processes; those that it begins later are followed. */
function onServer({ postgres, trace }: Stage, what: string[]): Promise<Tracer> {
  const [head, ...children] = postgres.pids();
  return join(head as number, [...children.flatMap((pid) => ['-p', String(pid)]), ...what], trace);
}

async function fail(stage: Stage, { scene, call: name, error, when }: Broken<Scene>): Promise<void> {
  const { postgres, box, talk, trace } = stage;
  const injected = `inject=${name}:error=${error}:when=${when}${scene === 'lasting' ? '+' : ''}`;
  const tracer = await onServer(stage, ['-e', `trace=${name}`, '-e', injected]);
  const round = talk.round(WORDS);
  const struck = (): boolean => wasStruck(trace) || tracer.gone();
  await until('a call fails', struck, STRUCK_WITHIN_MS).catch(() => undefined);
  if (scene === 'lasting' && struck()) {
    await sleep(LASTS_MS);
    const live = await call('GET', `${box.base}/health/live`);
    if (live.status !== 200) talk.tally.faults.push(`with a broken disk /health/live gave ${live.status}`);
  }
  await tracer.leave();
  if (wasStruck(trace)) stage.struck += 1;
  // It ends by itself when it cannot recover; a supervisor starts it again.
  await until('the server works or has ended', () => !postgres.runs() || postgres.answers());
  if (!postgres.runs()) {
    stage.ended += 1;
    postgres.start();
  }
  await round;
}

/** Which calls there are: those of a round, and of the beginning of a connection. */
async function casesOf(stage: Stage): Promise<Broken<Scene>[]> {
  const tracer = await onServer(stage, ['-e', `trace=${CALLS}`]);
  await stage.talk.round(WORDS);
  await tracer.leave();
  const most = new Map<string, number>();
  for (const { call: name, which } of placesIn(stage.trace)) most.set(name, Math.max(which, most.get(name) ?? 0));
  return (['once', 'lasting'] as const).flatMap((scene) => casesAt(scene, most, ERRORS));
}

export async function failPostgresDisk(
  { times, seed }: { times: number; seed: number },
  tell: (done: number) => void = () => undefined,
) {
  const random = chance(seed);
  const folder = mkdtempSync(path(tmpdir(), 'signalbox-disk-trace-'));
  const postgres = await startPostgres();
  try {
    const url = postgres.database();
    const box = await startBox({ env: { SIGNALBOX_DATABASE_URL: url } });
    try {
      const talk = await startTalk(box);
      const { tally } = talk;
      const stage: Stage = { postgres, box, talk, trace: path(folder, 'trace'), struck: 0, ended: 0 };
      const pid = box.pid();
      await talk.round(WORDS);
      const cases = await casesOf(stage);
      const kinds: Record<string, number> = {};
      let left: Broken<Scene>[] = [];
      for (let done = 1; done <= times; done++) {
        if (left.length === 0) left = mixed(cases, random);
        const now = left.pop() as Broken<Scene>;
        const before = stage.struck;
        await fail(stage, now);
        const kind = `${now.scene} ${now.call} ${now.error}`;
        if (stage.struck > before) kinds[kind] = (kinds[kind] ?? 0) + 1;
        tell(done);
      }
      await talk.round(WORDS);
      await talk.check();
      if (box.pid() !== pid) tally.faults.push('the program ended');
      await talk.close();
      // Reads every table from its beginning to its end.
      postgres.copy(url, postgres.database());
      return { ...tally, cases: cases.length, struck: stage.struck, ended: stage.ended, kinds };
    } finally {
      await box.close();
    }
  } finally {
    postgres.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}
