// Proof: the disk fails at its n-th call: full, read-only or broken, once or until it is mended; while words come in, while
// the program closes its data, and while it starts on them.
// Not here: a disk that is really full (test/flows/full-disk.test.ts), power cuts (power.ts). The one thing to know: which
// calls there are is watched first, for each scene by itself; then each of them fails in each way.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { openFile } from '../../src/store/sqlite/driver.ts';
import { type Box, startBox } from '../parties/box.ts';
import { call, until } from '../parties/call.ts';
import { chance } from './chance.ts';
import { type Broken, casesAt, kindOf, mixed, wasStruck } from './disk-cases.ts';
import { join, placesIn, type Tracer } from './points-inject.ts';
import { startTalk, type Talk, type Tally } from './points-talk.ts';

export type DiskFailed = Tally & {
  /** ways in which a call can fail, over all scenes */
  cases: number;
  /** how often a call was failed */
  struck: number;
  /** how often the program ended by itself, and said why */
  ended: number;
  /** by scene, call and error */
  kinds: Record<string, number>;
};

const WORDS = 2;
const ERRORS: Readonly<Record<string, string[]>> = {
  pwrite64: ['EIO', 'ENOSPC', 'EROFS'],
  fsync: ['EIO', 'ENOSPC'],
  fdatasync: ['EIO', 'ENOSPC'],
  ftruncate: ['EIO', 'EROFS'],
  pread64: ['EIO'],
  openat: ['EIO', 'EROFS', 'ENOSPC'],
};
const CALLS = Object.keys(ERRORS);
/** A lasting failure is looked at until the first refusal, at most so long. */
const REFUSED_WITHIN_MS = 5_000;

type Scene = 'working' | 'lasting' | 'closing' | 'starting';
type Case = Broken<Scene>;

type Stage = { box: Box; talk: Talk; trace: string; struck: number; ended: number };

/** Only what lies in the data folder: the program's own files are none of the store's. */
const dataOf = ({ data }: Box): string[] =>
  ['', '-wal', '-shm', '.lock', '.pid'].flatMap((end) => ['-P', path(data, `signalbox.db${end}`)]);
const failing = ({ call: name, error, when, scene }: Case): string[] => [
  ...['-e', `trace=${name}`, '-e', `inject=${name}:error=${error}:when=${when}${scene === 'lasting' ? '+' : ''}`],
];

async function watch(stage: Stage, act: (watching: string[]) => Promise<void>): Promise<Map<string, number>> {
  await act(['-e', `trace=${CALLS}`, ...dataOf(stage.box)]);
  const most = new Map<string, number>();
  for (const { call: name, which } of placesIn(stage.trace)) most.set(name, Math.max(which, most.get(name) ?? 0));
  return most;
}

async function working(stage: Stage, what: string[]): Promise<void> {
  const { box, talk, trace } = stage;
  const tracer = await join(box.pid(), what, trace);
  await talk.round(WORDS);
  await settled(stage, tracer);
}

/** The disk is well again; a program that has ended is started again, as a supervisor does. */
async function settled(stage: Stage, tracer: Tracer): Promise<void> {
  if (tracer.gone()) {
    stage.ended += 1;
    await stage.box.kill9();
    await stage.box.start();
  }
  await tracer.leave();
}

async function lasting(stage: Stage, what: string[]): Promise<void> {
  const { box, talk, trace } = stage;
  const tracer = await join(box.pid(), what, trace);
  const before = talk.tally.refusals;
  const round = talk.round(WORDS);
  const noticed = until('it is refused', () => talk.tally.refusals > before || tracer.gone(), REFUSED_WITHIN_MS);
  await Promise.race([round, noticed.catch(() => undefined)]);
  if (!tracer.gone()) {
    const live = await call('GET', `${box.base}/health/live`);
    if (live.status !== 200) talk.tally.faults.push(`with a broken disk /health/live gave ${live.status}`);
  }
  await settled(stage, tracer);
  await round;
}

async function closing({ box, talk, trace }: Stage, what: string[]): Promise<void> {
  await talk.round(WORDS);
  const tracer = await join(box.pid(), what, trace);
  const { code, ms } = await box.stop();
  if (code === null) talk.tally.faults.push(`a program that could not close its data had to be killed after ${ms} ms`);
  await tracer.leave();
  await box.start();
}

/** In a sentence, and not by where in the code it happened. */
const saysWhy = (log: string): boolean => /disk|database|data folder|file/.test(log) && !/^\s+at /m.test(log);

/** Started by the tracer on the same data, at another address: it takes them up, or it says why not and ends. */
async function starting(stage: Stage, what: string[]): Promise<void> {
  const { box, talk, trace } = stage;
  await box.stop();
  const through = ['strace', '-D', '-f', '-y', '-qq', '-o', trace, ...what];
  const other = await startBox({ data: box.data, through }).catch((error: Error) => error);
  if (other instanceof Error) {
    stage.ended += 1;
    if (!saysWhy(other.message)) talk.tally.faults.push(`it did not say why it ended: ${other.message}`);
  } else {
    await other.stop();
    await other.close();
  }
  await box.start();
}

const ACTS: Record<Scene, (stage: Stage, what: string[]) => Promise<void>> = { working, lasting, closing, starting };

async function casesOf(stage: Stage): Promise<Case[]> {
  const cases: Case[] = [];
  for (const scene of ['working', 'closing', 'starting'] as const) {
    const most = await watch(stage, (watching) => ACTS[scene](stage, watching));
    cases.push(...casesAt(scene, most, ERRORS));
    if (scene === 'working') cases.push(...casesAt('lasting' as const, most, ERRORS));
  }
  stage.ended = 0;
  return cases;
}

/** What SQLite itself finds wrong with the database, at rest. */
function damage(data: string): string[] {
  const db = openFile(path(data, 'signalbox.db'), { readOnly: true });
  const found = db.prepare('PRAGMA integrity_check').all().flatMap(Object.values).map(String);
  db.close();
  return found.filter((each) => each !== 'ok');
}

export async function failTheDisk(
  { times, seed }: { times: number; seed: number },
  tell: (done: number) => void = () => undefined,
): Promise<DiskFailed> {
  const random = chance(seed);
  const folder = mkdtempSync(path(tmpdir(), 'signalbox-disk-trace-'));
  const box = await startBox();
  try {
    const talk = await startTalk(box);
    const { tally } = talk;
    const stage: Stage = { box, talk, trace: path(folder, 'trace'), struck: 0, ended: 0 };
    await talk.round(WORDS);
    const cases = await casesOf(stage);
    const kinds: Record<string, number> = {};
    let left: Case[] = [];
    for (let done = 1; done <= times; done++) {
      if (left.length === 0) left = mixed(cases, random);
      const now = left.pop() as Case;
      await ACTS[now.scene](stage, [...failing(now), ...dataOf(box)]);
      if (wasStruck(stage.trace)) {
        stage.struck += 1;
        const kind = kindOf(now);
        kinds[kind] = (kinds[kind] ?? 0) + 1;
      }
      tell(done);
    }
    await talk.round(WORDS);
    const { code } = await box.stop();
    if (code !== 0) tally.faults.push(`it ended with ${code}`);
    tally.faults.push(...damage(box.data));
    if (tally.refusals > 0 && !/the store refuses writes/.test(box.logs()))
      tally.faults.push('the log does not say so');
    await box.start();
    await talk.round(WORDS);
    await talk.check();
    await talk.close();
    return { ...tally, cases: cases.length, struck: stage.struck, ended: stage.ended, kinds };
  } finally {
    await box.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
