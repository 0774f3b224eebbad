// One run: a seed makes a house, parties, weather and a life, lets it happen on virtual time, and judges it.
// Not here: how many runs, and with which faults in the program (build.ts, planted.ts). The one thing to know: a seed is
// one run, the same each time; nothing in it is real but the program.
import { callerOf } from './calls.ts';
import { chanceOf } from './chance.ts';
import { Disk } from './disk.ts';
import { House } from './house.ts';
import { Life } from './life.ts';
import { Parties } from './parties.ts';
import { furnish } from './setup.ts';
import { judge } from './verdict.ts';
import { begin } from './virtual.ts';
import { Weather } from './weather.ts';
import { Witness } from './witness.ts';

export type Verdict = {
  seed: number;
  wrong: string[];
  events: number;
  exchanges: number;
  words: number;
  deaths: number;
  /** the same for the same seed */
  print: string;
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const LOOK_MS = 5 * MINUTE;

export async function simulate(seed: number): Promise<Verdict> {
  const found: string[] = [];
  const wrong = (what: string, facts?: unknown): void => {
    if (found.length < 5) found.push(facts === undefined ? what : `${what}: ${told(facts)}`);
  };
  const time = begin();
  const chance = chanceOf(seed);
  const weather = new Weather(time, chance.random);
  const disk = new Disk();
  disk.random = chance.random;
  disk.now = time.now;
  const several = chance.pick([1, 1, 1, 1, 2, 3]);
  const limits = furnish(disk, chance, time.now);
  const witness = new Witness({ time, weather, disk, several, wrong });
  const house = new House({
    ...{ time, weather, disk, witness, limits, wrong, several, random: chance.random },
    peerOf: (url) => parties.peerOf(url),
  });
  const call = callerOf({ time, weather, house, chance, wrong });
  const parties = new Parties(time, chance, call);
  const life = new Life({ time, chance, weather, house, parties, disk, several, call, wrong });
  const over = (): boolean => found.length > 0;
  const pass = async (ms: number): Promise<void> => {
    for (const end = time.now + ms; time.now < end && !over(); ) {
      await time.run(Math.min(end, time.now + LOOK_MS), over);
      if (!over()) witness.look();
    }
  };
  try {
    for (let i = 0; i < several; i++) house.start();
    await pass(1_000);
    const span = chance.pick(several > 1 ? [10_000, MINUTE] : [20_000, 3 * MINUTE, 30 * MINUTE, 2 * HOUR]);
    life.plan(span);
    await pass(span);
    life.calm();
    await pass(2 * HOUR);
    if (chance.often(0.7)) {
      life.mend();
      await pass(2 * HOUR);
    }
    if (!over()) judge(disk, parties, wrong);
  } catch (error) {
    wrong('it broke', error);
  }
  const print = `${time.events} ${disk.deliveries.length} ${disk.kept.length} ${parties.got.length} ${parties.shown.length}`;
  return {
    seed,
    wrong: found,
    events: time.events,
    exchanges: witness.exchanges,
    words: parties.words.length,
    deaths: house.deaths,
    print,
  };
}

function told(facts: unknown): string {
  if (facts instanceof Error) return facts.stack ?? facts.message;
  return JSON.stringify(facts)?.slice(0, 2_000) ?? String(facts);
}
