// Proof: `kill -9` once at every point of a round trip. A point lies before one call to the system: a word is read, its page
// is written to the journal, the journal is synced, the 202 leaves, the attempt leaves, its answer is read, and so on.
// Not here: random instants under load (kill.ts). The one thing to know: the points are those that a first round trip, only
// watched, has shown; the program holds no code for them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { type Box, startBox } from '../parties/box.ts';
import { until } from '../parties/call.ts';
import { chance } from './chance.ts';
import { CALLS, join, type Place, placesIn } from './points-inject.ts';
import { startTalk, type Talk, type Tally } from './points-talk.ts';

export type Killed = Tally & {
  /** points that the watched round trip has shown */
  points: number;
  /** how often the program was killed at one of them */
  kills: number;
  /** by the kind of call and what it was about */
  kinds: Record<string, number>;
};

const WORDS = 2;

async function watch(box: Box, talk: Talk, file: string): Promise<Place[]> {
  const tracer = await join(box.pid(), ['-e', `trace=${CALLS}`], file);
  await talk.round(WORDS);
  await tracer.leave();
  return placesIn(file);
}

/** False: the program went by another way, and was never there. */
async function killAt({ call, which }: Place, box: Box, talk: Talk): Promise<boolean> {
  const what = ['-e', `trace=${call}`, '-e', `inject=${call}:signal=SIGKILL:when=${which}`];
  const tracer = await join(box.pid(), what, '/dev/null');
  const round = talk.round(WORDS);
  await Promise.race([round, until('the program is killed', tracer.gone, 120_000)]);
  const killed = tracer.gone();
  await tracer.leave();
  await box.kill9();
  await box.start();
  await round;
  return killed;
}

/** Every point once while there are times left; then again, in another order. */
export async function killAtPoints(
  { times, seed, env = {} }: { times: number; seed: number; env?: Record<string, string> },
  tell: (done: number) => void = () => undefined,
): Promise<Killed> {
  const random = chance(seed);
  const folder = mkdtempSync(path(tmpdir(), 'signalbox-points-'));
  const box = await startBox({ env });
  try {
    const talk = await startTalk(box);
    await talk.round(WORDS);
    const places = await watch(box, talk, path(folder, 'trace'));
    const told = { points: places.length, kills: 0, kinds: {} as Record<string, number> };
    let left: Place[] = [];
    for (let done = 1; done <= times; done++) {
      if (left.length === 0) left = [...places];
      const [place] = left.splice(Math.floor(random() * left.length), 1) as [Place];
      if (await killAt(place, box, talk)) {
        const kind = `${place.call} ${place.file}`;
        told.kills += 1;
        told.kinds[kind] = (told.kinds[kind] ?? 0) + 1;
      }
      tell(done);
    }
    await talk.check();
    await talk.close();
    return { ...talk.tally, ...told };
  } finally {
    await box.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
