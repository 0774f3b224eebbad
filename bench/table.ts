// The table: each subject in its turn under the same load, a few times over, and the medians of that.
// Not here: the load itself (world.ts) and what is expected of the numbers (goals.ts).
// The one thing to know: who is first changes from run to run, so that nobody always has the warmer machine.
import { sleep } from '../test/parties/call.ts';
import type { Entrant, Name } from './lineup.ts';
import { cpuSeconds, cpuTimes, load, median, stolenPercent } from './machine.ts';
import type { Mock } from './mocks.ts';
import type { LoadResult } from './world.ts';

export type Row = LoadResult & { subject: string; cpuUs: number; serversUs: number; load: number; steal: number };
/** The medians of each subject, under one load. */
export type Medians = Partial<Record<Name, Row>>;
export type Sizes = { runs: number; seconds: number };

const WARMUP_MS = 1_000;
/** After another subject was told of: connections open. */
const PAUSE_MS = 150;

export const shown = (value: number, digits = 1): string => (Number.isFinite(value) ? value.toFixed(digits) : '-');
const line = (cells: string[]): string =>
  cells.map((cell, index) => (index === 0 ? cell.padEnd(18) : cell.padStart(9))).join(' ');

const TIMES = ['RT/s', 'p50 ms', 'p99 ms', 'ack p50', 'ack p99', 'CPU µs', 'servers'];
const HEAD = line(['', ...TIMES, 'lost', 'repeated', 'refused', 'loadavg', 'steal %']);
const cells = (name: string, row: Row): string[] => [
  name,
  shown(row.perSecond, 0),
  ...[row.p50, row.p99, row.ackP50, row.ackP99].map((value) => shown(value, 2)),
  ...[row.cpuUs, row.serversUs].map((value) => shown(value, 0)),
  ...[row.lost, row.repeated, row.refused].map(String),
  shown(row.load, 2),
  shown(row.steal),
];

async function measure(world: Mock, { subject, servers }: Entrant, seconds: number, order: object): Promise<Row> {
  await world.ask({ cmd: 'subject', urls: subject.urls, authorization: subject.authorization });
  await sleep(PAUSE_MS);
  const used = () => ({
    own: subject.pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0),
    servers: servers.reduce((sum, server) => sum + server.cpuSeconds(), 0),
  });
  const [times, before] = [cpuTimes(), used()];
  const result = await world.ask<LoadResult>({ cmd: 'load', warmupMs: WARMUP_MS, ms: seconds * 1_000, ...order });
  const after = used();
  const trips = Math.max(1, result.trips);
  const cpuUs = ((after.own - before.own) * 1e6) / trips;
  const serversUs = ((after.servers - before.servers) * 1e6) / trips;
  return { ...result, subject: subject.name, cpuUs, serversUs, load: load(), steal: stolenPercent(times) };
}

export async function rounds(
  title: string,
  world: Mock,
  entrants: Entrant[],
  { runs, seconds }: Sizes,
  order: object,
): Promise<Medians> {
  console.log(`\n${title}: ${runs} runs each, interleaved, ${seconds} s after ${WARMUP_MS / 1_000} s of warm-up`);
  console.log(HEAD);
  const rows: Row[] = [];
  for (let run = 1; run <= runs; run++) {
    for (const entrant of run % 2 === 1 ? entrants : entrants.toReversed()) {
      const row = await measure(world, entrant, seconds, order);
      rows.push(row);
      console.log(line(cells(`${row.subject} ${run}`, row)));
      if (row.refused > 0) console.log(`  refused by status: ${JSON.stringify(row.statuses)}`);
    }
  }
  console.log(`${line(['medians', ...TIMES])}`);
  const all = entrants.map(({ subject }) => medians(rows, subject.name));
  for (const row of all) console.log(line(cells(row.subject, row)));
  return Object.fromEntries(all.map((row) => [row.subject, row]));
}

function medians(rows: Row[], subject: string): Row {
  const mine = rows.filter((row) => row.subject === subject);
  const of = (key: Exclude<keyof Row, 'subject' | 'statuses'>): number => median(mine.map((row) => row[key]));
  const sum = (key: 'lost' | 'repeated' | 'refused'): number => mine.reduce((total, row) => total + row[key], 0);
  return {
    ...{ subject, trips: of('trips'), perSecond: of('perSecond'), p50: of('p50'), p99: of('p99') },
    ...{ ackP50: of('ackP50'), ackP99: of('ackP99'), cpuUs: of('cpuUs'), serversUs: of('serversUs') },
    ...{ statuses: {}, lost: sum('lost'), repeated: sum('repeated'), refused: sum('refused') },
    ...{ load: of('load'), steal: of('steal') },
  };
}
