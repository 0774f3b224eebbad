// `npm run bench`: the whole product against a plain in-memory forwarder, interleaved, in one run: message in → on disk
// → signed POST to the bot → token checked → reply in → on disk → out to the channel.
// The one thing to know: trust the ratio and the medians; single numbers depend on the machine and its neighbours.
import { parseArgs } from 'node:util';
import { sleep } from '../test/parties/call.ts';
import { cpuSeconds, cpuTimes, load, median, rss, stolenPercent, syncCost } from './machine.ts';
import {
  introduce,
  type Mock,
  type Started,
  type Subject,
  startForwarder,
  startMock,
  startSignalbox,
} from './subjects.ts';
import { TOKEN } from './token.ts';
import type { LoadResult } from './world.ts';

const IN_FLIGHT = 128;
const PER_SECOND = 300;
const WARMUP_MS = 1_000;
/** Before anything is counted: a program that runs for weeks is not measured while it is being compiled. */
const WARM_FIRST_MS = 10_000;
const IDLE_MS = 2_500;
const STARTS = 3;

type Row = LoadResult & { subject: string; cpuUs: number; load: number; steal: number };
type Goal = { name: string; value: number; unit: string; goal: string; met: boolean };

const { values: flags } = parseArgs({ options: { runs: { type: 'string' }, seconds: { type: 'string' } } });
const RUNS = Math.min(20, Math.max(1, Number(flags.runs ?? 5)));
const SECONDS = Math.min(60, Math.max(1, Number(flags.seconds ?? 4)));

const shown = (value: number, digits = 1): string => (Number.isFinite(value) ? value.toFixed(digits) : '-');
const line = (cells: string[]): string =>
  cells.map((cell, index) => (index === 0 ? cell.padEnd(22) : cell.padStart(9))).join(' ');

async function measure(world: Mock, subject: Subject, order: object): Promise<Row> {
  await world.ask({ cmd: 'subject', url: subject.url, authorization: subject.authorization });
  await sleep(150);
  const [times, cpu] = [cpuTimes(), cpuSeconds(subject.pid)];
  const result = await world.ask<LoadResult>({ cmd: 'load', warmupMs: WARMUP_MS, ms: SECONDS * 1_000, ...order });
  // The warm-up's round trips used CPU too.
  const trips = result.done * (1 + WARMUP_MS / (SECONDS * 1_000));
  const cpuUs = ((cpuSeconds(subject.pid) - cpu) * 1e6) / Math.max(1, trips);
  return { ...result, subject: subject.name, cpuUs, load: load(), steal: stolenPercent(times) };
}

const HEAD = [
  '',
  'RT/s',
  'p50 ms',
  'p99 ms',
  'ack p50',
  'ack p99',
  'CPU µs',
  'lost',
  'repeated',
  'refused',
  'loadavg',
  'steal %',
];
const cells = (name: string, row: Row): string[] => [
  name,
  shown(row.perSecond, 0),
  ...[row.p50, row.p99, row.ackP50, row.ackP99].map((value) => shown(value, 2)),
  shown(row.cpuUs, 0),
  ...[row.lost, row.repeated, row.refused].map(String),
  shown(row.load, 2),
  shown(row.steal),
];

async function rounds(title: string, world: Mock, subjects: Subject[], order: object): Promise<Row[]> {
  console.log(`\n${title}: ${RUNS} runs each, interleaved, ${SECONDS} s after ${WARMUP_MS / 1_000} s of warm-up`);
  console.log(line(HEAD));
  const rows: Row[] = [];
  for (let run = 1; run <= RUNS; run++) {
    // Who is first changes, so that neither always has the warmer machine.
    for (const subject of run % 2 === 1 ? subjects : subjects.toReversed()) {
      const row = await measure(world, subject, order);
      rows.push(row);
      console.log(line(cells(`${subject.name} ${run}`, row)));
      if (row.refused > 0) console.log(`  refused by status: ${JSON.stringify(row.statuses)}`);
    }
  }
  for (const { name } of subjects) console.log(line(cells(`${name} median`, medians(rows, name))));
  return rows;
}

function medians(rows: Row[], subject: string): Row {
  const mine = rows.filter((row) => row.subject === subject);
  const of = (key: Exclude<keyof Row, 'subject' | 'statuses'>): number => median(mine.map((row) => row[key]));
  const sum = (key: 'lost' | 'repeated' | 'refused'): number => mine.reduce((total, row) => total + row[key], 0);
  return {
    ...{ subject, done: of('done'), perSecond: of('perSecond'), p50: of('p50'), p99: of('p99') },
    ...{ ackP50: of('ackP50'), ackP99: of('ackP99'), cpuUs: of('cpuUs'), load: of('load'), steal: of('steal') },
    ...{ statuses: {}, lost: sum('lost'), repeated: sum('repeated'), refused: sum('refused') },
  };
}

/** Ready time as the median of a few starts, memory of the last after it has been idle; it stays for what follows. */
async function startIdle(): Promise<{ started: Started; readyMs: number; idleMb: number }> {
  const ready: number[] = [];
  for (let count = 1; ; count++) {
    const started = await startSignalbox();
    ready.push(started.readyMs);
    if (count === STARTS) {
      await sleep(IDLE_MS);
      return { started, readyMs: median(ready), idleMb: rss(started.subject.pid) };
    }
    await started.subject.stop();
  }
}

function conclude(closed: Row[], open: Row[], readyMs: number, idleMb: number): Goal[] {
  const [box, plain] = [medians(closed, 'signalbox'), medians(closed, 'forwarder')];
  const [slowBox, slowPlain] = [medians(open, 'signalbox'), medians(open, 'forwarder')];
  const ratio = box.perSecond / plain.perSecond;
  const added = { p50: slowBox.p50 - slowPlain.p50, p99: slowBox.p99 - slowPlain.p99 };
  return [
    {
      name: `throughput ratio at ${IN_FLIGHT} in flight`,
      value: ratio,
      unit: '',
      goal: '>= 0.5, aim 0.8',
      met: ratio >= 0.5,
    },
    { name: `added p50 at ${PER_SECOND}/s`, value: added.p50, unit: 'ms', goal: '<= 3 ms', met: added.p50 <= 3 },
    { name: `added p99 at ${PER_SECOND}/s`, value: added.p99, unit: 'ms', goal: '<= 25 ms', met: added.p99 <= 25 },
    { name: 'memory when idle', value: idleMb, unit: 'MB', goal: '< 120 MB', met: idleMb < 120 },
    {
      name: `ready after (median of ${STARTS})`,
      value: readyMs / 1_000,
      unit: 's',
      goal: '< 1 s',
      met: readyMs < 1_000,
    },
    ...(['lost', 'refused'] as const).map((key) => {
      const value = [...closed, ...open]
        .filter((row) => row.subject === 'signalbox')
        .reduce((sum, row) => sum + row[key], 0);
      return { name: `${key} by signalbox`, value, unit: '', goal: '0', met: value === 0 };
    }),
  ];
}

async function main(): Promise<void> {
  const sync = syncCost();
  console.log(`node ${process.version}, synced 4 KiB write p50 ${shown(sync.p50, 2)} ms p99 ${shown(sync.p99, 2)} ms`);
  const { started, readyMs, idleMb } = await startIdle();
  const [bot, world] = await Promise.all([startMock('bot.ts'), startMock('world.ts')]);
  const refusals = new Map<number, number>();
  bot.child.on('message', ({ refused }: { refused: number }) =>
    refusals.set(refused, (refusals.get(refused) ?? 0) + 1),
  );
  const channel = `http://127.0.0.1:${world.port}/out`;
  const botUrl = (path: string): string => `http://127.0.0.1:${bot.port}${path}`;
  const forwarder = await startForwarder(botUrl('/forwarder'), channel);
  const hook = await introduce(started, botUrl('/signalbox'), { channel: 'http', config: { url: channel } }, TOKEN);
  bot.child.send({ cmd: 'hook', path: '/forwarder', url: forwarder.hook });
  bot.child.send({ cmd: 'hook', path: '/signalbox', url: hook });
  await sleep(300);

  const subjects = [forwarder, started.subject];
  try {
    console.log(`\nwarming each up for ${WARM_FIRST_MS / 1_000} s`);
    for (const { url, authorization } of subjects) {
      await world.ask({ cmd: 'subject', url, authorization });
      await world.ask({ cmd: 'load', warmupMs: 0, ms: WARM_FIRST_MS, inFlight: IN_FLIGHT });
    }
    const closed = await rounds(`closed loop, ${IN_FLIGHT} in flight`, world, subjects, { inFlight: IN_FLIGHT });
    const open = await rounds(`open loop, ${PER_SECOND} per second`, world, subjects, { perSecond: PER_SECOND });
    const goals = conclude(closed, open, readyMs, idleMb);
    console.log(`\nmemory after the load: ${shown(rss(started.subject.pid), 0)} MB`);
    if (refusals.size > 0)
      console.log(`replies of the bot that were refused, by status: ${JSON.stringify([...refusals])}`);
    for (const { name, value, unit, goal, met } of goals) {
      console.log(
        `${name.padEnd(36)} ${`${shown(value, 2)} ${unit}`.padStart(12)}   goal ${goal.padEnd(16)} ${met ? 'met' : 'MISSED'}`,
      );
    }
    process.exitCode = goals.every((goal) => goal.met) ? 0 : 1;
  } finally {
    await Promise.all(subjects.map((subject) => subject.stop()));
    bot.child.disconnect();
    world.child.disconnect();
  }
}

await main();
