// `npm run prove`: the long form of what the tests show in short. Each proof prints its figures and the seed that
// repeats it; it ends with 1 when a promise was broken.
// The one thing to know: the same code runs in `npm test`, with smaller numbers (test/flows/proofs.test.ts).
import { parseArgs } from 'node:util';
import { startPostgres } from '../parties/postgres.ts';
import { PLANTED } from '../simulation/planted.ts';
import { accessMatrix } from './access.ts';
import { stepTheClock } from './clocks.ts';
import type { Counted } from './crowd.ts';
import { cutApart } from './cuts.ts';
import { databaseAway } from './database.ts';
import { failTheDisk } from './disk.ts';
import { failPostgresDisk } from './disk-postgres.ts';
import { fuzzRoutes } from './fuzz.ts';
import { kill9 } from './kill.ts';
import { modelled } from './model.ts';
import { besideNeighbours } from './neighbours.ts';
import { seedsNumbers } from './numbers.ts';
import { livesOfBots } from './numbers-live.ts';
import { hourAway } from './outage.ts';
import { askReaders } from './parsers.ts';
import { killAtPoints } from './points.ts';
import { powerCuts } from './power.ts';
import { everyOrder, SCHEDULES } from './races.ts';
import { planted, simulated, told } from './simulation.ts';
import { everyAnswerAfterItsSync } from './trace.ts';
import { knockEverywhere } from './urls.ts';
import { flipNames } from './urls-flips.ts';
import { walkTheZoo } from './zoo.ts';

const HELP = `npm run prove -- [NAME ...] [--times N] [--seed N] [--per-second N]

  kill           kill -9 at random instants, SQLite             (1,000 times)
  kill-postgres  the same on PostgreSQL                          (1,000 times)
  database       PostgreSQL stopped hard, its connections killed (100 times)
  cuts           one of two processes killed, frozen or cut off  (300 times)
  neighbours     99 bots that hang, 10,000 blocked conversations (5 rounds)
  outage         an hour's words for a bot that is down         (720,000 words)
  trace          by system calls: each 202 after its sync        (200 words)
  power          power cuts: what was not synced is lost or torn  (200 cuts)
  points         kill -9 before each call of a round trip       (200 times)
  points-postgres the same on PostgreSQL                        (200 times)
  disk           full, read-only, broken at the n-th call       (1,300 times)
  disk-postgres  the same below PostgreSQL                      (500 times)
  clocks         the wall clock set by minutes, a day, 10 years (60 steps)
  races          any six of eight events, in every order        (60,480 orders)
  simulation     the engine on virtual time, one seed is one run (1,000,000 seeds)
  planted        faults planted in it: each must be caught      (12,000 seeds each)
  fuzz           every route of the API, right and hostile       (1,000,000 requests)
  parsers        every reader of strangers' words, hostile words (1,000,000 inputs)
  access         every route, caller and foreign id             (once)
  zoo            every bad behaviour of a bot                   (1,000 times each)
  urls           hostile URLs at every door; a name that flips  (10,000 flips)
  numbers        the seed's numbers, as a bot sees them         (100,000 histories)
  numbers-live   the same in the real program, its clock moved  (100 bots)
  model          sequences of acts, beside a model of the line  (20,000 sequences)
  model-postgres the same on PostgreSQL                          (20,000 sequences)

Without a name: all of them. --times makes a shorter run. What model and numbers printed of a
failure is done again by --seed N --path P, of model also --replay-path R; so is that of parsers, by its number.`;

type Replay = { path?: string | undefined; replayPath?: string | undefined };
type Sizes = { times: number; seed: number; perSecond: number; env?: Record<string, string> } & Replay;
type Told = { figures: Record<string, number | string>; broken: string[] };
/** Those without chance have no seed, and those without load no words a second. */
type Proof = {
  times: number;
  seeded?: false;
  paced?: true;
  run(sizes: Sizes, tell: (done: number) => void): Promise<Told>;
};

const at = (values: number[], share: number): number =>
  Math.round(values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0);

/** What may never be: the same for every proof under load. */
function brokenOf({ said, lost, twice, disordered, refused }: Counted): string[] {
  return [
    ...(said === 0 ? ['nothing was said'] : []),
    ...(lost > 0 ? [`${lost} lost`] : []),
    ...(twice > 0 ? [`${twice} twice`] : []),
    ...(disordered > 0 ? [`${disordered} out of order`] : []),
    ...refused.slice(0, 5),
  ];
}
const figuresOf = ({ said, lost, twice, disordered, repeated }: Counted) => ({
  ...{ said, lost, twice, 'out of order': disordered, 'repeated under its key': repeated },
});

async function kill(sizes: Sizes, tell: (done: number) => void): Promise<Told> {
  const told = await kill9(sizes, tell);
  const { firstDeliveryMs: first } = told;
  const spread = { 'first delivery p50 ms': at(first, 0.5), 'p99 ms': at(first, 0.99), 'max ms': at(first, 1) };
  const late = at(first, 1) > 2_000 ? ['first delivery later than 2 s after the start'] : [];
  return { figures: { kills: told.kills, ...figuresOf(told), ...spread }, broken: [...brokenOf(told), ...late] };
}

async function points(sizes: Sizes, tell: (done: number) => void): Promise<Told> {
  const { kinds, faults, ...figures } = await killAtPoints(sizes, tell);
  const blind = figures.kills === 0 ? ['nothing was killed'] : [];
  return { figures: { ...figures, faults: faults.length, ...kinds }, broken: [...faults.slice(0, 5), ...blind] };
}

/** The same proof with a PostgreSQL of its own. */
const onPostgres =
  (run: Proof['run']): Proof['run'] =>
  async (sizes, tell) => {
    const postgres = await startPostgres();
    try {
      return await run({ ...sizes, env: { SIGNALBOX_DATABASE_URL: postgres.database() } }, tell);
    } finally {
      postgres.remove();
    }
  };

async function model(sizes: Sizes, tell: (done: number) => void): Promise<Told> {
  const { sequences, acts, kills, broken } = await modelled(sizes, tell);
  const done = Object.values(acts).reduce((sum, count) => sum + count, 0);
  return { figures: { sequences, acts: done, kills }, broken };
}

const PROOFS: Record<string, Proof> = {
  kill: { times: 1_000, paced: true, run: kill },
  'kill-postgres': { times: 1_000, paced: true, run: onPostgres(kill) },
  database: {
    paced: true,
    times: 100,
    async run(sizes, tell) {
      const told = await databaseAway(sizes, tell);
      const stayed = told.pid.before === told.pid.after;
      const figures = { strikes: told.strikes, ...figuresOf(told), 'back p50 ms': at(told.backMs, 0.5) };
      return {
        figures: { ...figures, 'max ms': at(told.backMs, 1) },
        broken: [
          ...brokenOf(told),
          ...(stayed ? [] : ['the program ended']),
          ...(at(told.backMs, 1) > 5_000 ? ['back later than 5 s'] : []),
        ],
      };
    },
  },
  cuts: {
    paced: true,
    times: 300,
    async run(sizes, tell) {
      const told = await cutApart(sizes, tell);
      const { strikes, takenOverMs, backMs, refusals } = told;
      const slow = [at(takenOverMs, 1) > 10_000 ? 'taken over late' : '', at(backMs.cut, 1) > 5_000 ? 'back late' : ''];
      const silent = refusals.seen < refusals.due ? ['503 with Retry-After was missed'] : [];
      const stale = told.staleWrites > 0 ? [`${told.staleWrites} writes of a stale owner`] : [];
      const blind = told.witnessSees ? [] : ['the witness saw nothing where it should'];
      return {
        figures: {
          ...{ ...strikes, ...figuresOf(told), 'stale, refused': told.staleRefused, 'stale, kept': told.staleWrites },
          ...{ 'taken over': takenOverMs.length, 'p50 ms': at(takenOverMs, 0.5), 'max ms': at(takenOverMs, 1) },
          ...{ 'all heard again p50 ms': at(told.heardMs, 0.5), 'heard max ms': at(told.heardMs, 1) },
          ...{ 'back after a cut p50 ms': at(backMs.cut, 0.5), 'cut max ms': at(backMs.cut, 1) },
          ...{ 'awake again p50 ms': at(backMs.frozen, 0.5), 'awake max ms': at(backMs.frozen, 1) },
          '503 with Retry-After': `${refusals.seen} of ${refusals.due}`,
        },
        broken: [...brokenOf(told), ...slow.filter(Boolean), ...silent, ...stale, ...blind],
      };
    },
  },
  neighbours: {
    seeded: false,
    times: 5,
    async run({ times }, tell) {
      const sizes = { perSecond: 50, spanMs: 15_000, hanging: { bots: 99, each: 20 }, blocked: 10_000 };
      const { ms, lost, crowd } = await besideNeighbours({ ...sizes, times }, tell);
      const alone = at(ms.alone, 0.99);
      const spread = { 'alone p50 ms': at(ms.alone, 0.5), 'alone p99 ms': alone };
      const p99 = { 'hanging p99 ms': at(ms.hanging, 0.99), 'blocked p99 ms': at(ms.blocked, 0.99) };
      const slow = Object.entries(p99).filter(([, value]) => value > alone * 1.25);
      return {
        figures: { words: ms.alone.length * 2, ...spread, ...p99, lost, ...crowd },
        broken: [...slow.map(([name]) => `${name}: more than +25 %`), ...(lost > 0 ? [`${lost} lost`] : [])],
      };
    },
  },
  outage: {
    seeded: false,
    times: 720_000,
    async run(sizes, tell) {
      const { perSecond, otherMs, newMs, rssMb, ...told } = await hourAway(sizes, tell);
      const { said, parked, early, lost, twice, disordered, otherLost, newLost } = told;
      const never = { early, lost, twice, disordered, otherLost, newLost, 'not parked': said - parked };
      const faults = Object.entries(never).filter(([, count]) => count > 0);
      const others = Object.entries(otherMs).map(([phase, ms]) => [`other bot's p99 ms, ${phase}`, at(ms, 0.99)]);
      return {
        figures: {
          ...{ ...told, 'MB when parked': rssMb.parked, 'MB at most': rssMb.drained },
          'parked/s': Math.round(perSecond.parked),
          'drained/s': Math.round(perSecond.drained),
          ...Object.fromEntries(others),
          ...{ "new customers' p50 ms, draining": at(newMs, 0.5), "new customers' p99 ms, draining": at(newMs, 0.99) },
        },
        broken: [
          ...faults.map(([name, count]) => `${count} ${name}`),
          ...(rssMb.drained > 512 ? [`${rssMb.drained} MB`] : []),
        ],
      };
    },
  },
  trace: {
    seeded: false,
    times: 200,
    async run({ times }) {
      const { followed, early, earlyWithoutSyncs, syncs } = await everyAnswerAfterItsSync({ times });
      const blind = earlyWithoutSyncs < followed ? ['the proof would not have seen it'] : [];
      return { figures: { followed, early: early.length, syncs }, broken: [...early.slice(0, 5), ...blind] };
    },
  },
  power: {
    times: 200,
    async run(sizes, tell) {
      const { cuts, promised, lost, dropped } = await powerCuts(sizes, tell);
      const blind = promised === 0 || dropped === 0 ? ['nothing was at stake'] : [];
      const figures = { cuts, 'acknowledged before': promised, 'writes lost or torn': dropped, lost: lost.length };
      return { figures, broken: [...lost.slice(0, 5), ...blind] };
    },
  },
  points: { times: 200, run: points },
  'points-postgres': { times: 200, run: onPostgres(points) },
  disk: {
    times: 1_300,
    async run(sizes, tell) {
      const { kinds, faults, ...figures } = await failTheDisk(sizes, tell);
      const blind = figures.struck === 0 ? ['no call was failed'] : [];
      return { figures: { ...figures, faults: faults.length, ...kinds }, broken: [...faults.slice(0, 5), ...blind] };
    },
  },
  'disk-postgres': {
    times: 500,
    async run(sizes, tell) {
      const { kinds, faults, ...figures } = await failPostgresDisk(sizes, tell);
      const blind = figures.struck === 0 ? ['no call was failed'] : [];
      return { figures: { ...figures, faults: faults.length, ...kinds }, broken: [...faults.slice(0, 5), ...blind] };
    },
  },
  clocks: {
    times: 60,
    async run(sizes, tell) {
      const { waitedMs, faults, ...figures } = await stepTheClock(sizes, tell);
      const waited = { 'waited p50 ms': at(waitedMs, 0.5), 'max ms': at(waitedMs, 1) };
      return { figures: { ...figures, faults: faults.length, ...waited }, broken: faults.slice(0, 5) };
    },
  },
  races: {
    seeded: false,
    times: SCHEDULES,
    async run(sizes, tell) {
      const { wrong, ...figures } = await everyOrder(sizes, tell);
      return { figures: { ...figures, wrong: wrong.length }, broken: wrong.slice(0, 20) };
    },
  },
  simulation: {
    times: 1_000_000,
    async run(sizes, tell) {
      const all = await simulated(sizes, tell);
      const { wrong, ...figures } = all;
      return { figures: { ...figures, wrong: wrong.length }, broken: told(all) };
    },
  },
  planted: {
    seeded: false,
    times: 12_000,
    async run({ times }, tell) {
      const all = await planted(PLANTED, { from: 1, times }, tell);
      const missed = all.filter(({ seed }) => seed === null).map(({ name }) => `not caught: ${name}`);
      const shown = all.map(({ name, seed, what }) => [name, `seed ${seed}: ${what}`]);
      return {
        figures: { planted: all.length, caught: all.length - missed.length, ...Object.fromEntries(shown) },
        broken: missed,
      };
    },
  },
  fuzz: {
    times: 1_000_000,
    async run(sizes, tell) {
      const { asked, routes, statuses, slowestMs, slowest, doors, read, faults } = await fuzzRoutes(sizes, tell);
      const slow = { 'slowest ms': Math.round(slowestMs), 'that was': slowest };
      const behind = Object.entries(doors).map(([name, at]) => [name, `${at.taken} of ${at.asked} taken`]);
      const figures = {
        ...{ asked, routes, ...statuses, ...Object.fromEntries(behind), 'read after a restart': read },
        ...{ ...slow, faults: faults.length },
      };
      return { figures, broken: [...faults.slice(0, 10), ...(slowestMs > 1_000 ? ['slower than 1 s'] : [])] };
    },
  },
  parsers: {
    times: 1_000_000,
    async run(sizes, tell) {
      const { faults, slowest, slowestMs, ...figures } = await askReaders(sizes, tell);
      const slow = { 'slowest ms': Math.round(slowestMs), 'that was': slowest };
      return { figures: { ...figures, ...slow, faults: faults.length }, broken: faults.slice(0, 20) };
    },
  },
  access: {
    seeded: false,
    times: 1,
    async run() {
      const { faults, letIn, ...figures } = await accessMatrix();
      return { figures: { ...figures, 'let in': letIn }, broken: faults.slice(0, 10) };
    },
  },
  zoo: {
    times: 1_000,
    async run(sizes, tell) {
      const { faults, longestMs, ...figures } = await walkTheZoo(sizes, tell);
      return { figures: { ...figures, 'longest ms': Math.round(longestMs), faults: faults.length }, broken: faults };
    },
  },
  numbers: {
    times: 100_000,
    async run(sizes, tell) {
      const { broken, longestS, ...figures } = seedsNumbers(sizes, tell);
      return { figures: { ...figures, 'longest series s': Math.round(longestS) }, broken };
    },
  },
  'numbers-live': {
    times: 100,
    async run(sizes) {
      const { broken, longestS, ...figures } = await livesOfBots(sizes);
      return { figures: { ...figures, 'longest series s': Math.round(longestS) }, broken: broken.slice(0, 10) };
    },
  },
  urls: {
    times: 10_000,
    async run(sizes, tell) {
      const { refused, faults, ...figures } = await knockEverywhere(sizes);
      const { flips, reached, dials, faults: strays } = await flipNames(sizes, tell);
      const least = Math.min(...Object.values(refused));
      return {
        figures: { ...figures, 'refused at least': least, flips, 'of them reached': reached, dials },
        broken: [...faults, ...strays].slice(0, 20),
      };
    },
  },
  model: { times: 20_000, run: model },
  'model-postgres': { times: 20_000, run: onPostgres(model) },
};

async function main(): Promise<void> {
  const options = { times: { type: 'string' }, seed: { type: 'string' }, 'per-second': { type: 'string' } } as const;
  const replay = { path: { type: 'string' }, 'replay-path': { type: 'string' } } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { ...options, ...replay, help: { type: 'boolean' } },
  });
  const names = positionals.length > 0 ? positionals : Object.keys(PROOFS);
  const unknown = names.filter((name) => !Object.hasOwn(PROOFS, name));
  if (values.help || unknown.length > 0) {
    console.log(unknown.length > 0 ? `no such proof: ${unknown.join(', ')}\n\n${HELP}` : HELP);
    process.exitCode = unknown.length > 0 ? 2 : 0;
    return;
  }
  const seed = Number(values.seed ?? Date.now() % 1_000_000);
  for (const name of names) {
    const proof = PROOFS[name] as Proof;
    const sizes = {
      times: Number(values.times ?? proof.times),
      seed,
      perSecond: Number(values['per-second'] ?? 300),
      path: values.path,
      replayPath: values['replay-path'],
    };
    const pace = proof.paced ? ` at ${sizes.perSecond}/s each way` : '';
    console.log(`\n${name}: ${sizes.times} times${pace}${proof.seeded === false ? '' : `, seed ${seed}`}`);
    const from = Date.now();
    const { figures, broken } = await proof.run(sizes, (done) => {
      if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${sizes.times} `);
      else if (done % Math.max(1, Math.floor(sizes.times / 20)) === 0) console.log(`  ${done} of ${sizes.times}`);
    });
    for (const [what, value] of Object.entries(figures)) console.log(`  ${what.padEnd(24)} ${value}`);
    console.log(`  ${'minutes'.padEnd(24)} ${((Date.now() - from) / 60_000).toFixed(1)}`);
    console.log(broken.length === 0 ? '  held' : `  BROKEN: ${broken.join('; ')}`);
    if (broken.length > 0) process.exitCode = 1;
  }
}

await main();
