// `npm run bench`: the whole product against a plain in-memory forwarder and what a user would build instead, interleaved, in
// one run: message in → on disk → signed POST to the bot → token checked → reply in → on disk → out to the channel.
// `npm run bench -- growth` and `-- parked` ask what much data costs (growth.ts, parked.ts).
// The one thing to know: trust the ratios and the medians; single numbers depend on the machine and its neighbours.
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../test/parties/box.ts';
import { sleep } from '../test/parties/call.ts';
import { goalsOf, idleGoals, type Measured, tell } from './goals.ts';
import { growth } from './growth.ts';
import { available, type Lineup, lineUp, NAMES, type Name } from './lineup.ts';
import { load, rss, syncCost } from './machine.ts';
import { type Mock, startMock } from './mocks.ts';
import { parked } from './parked.ts';
import { makeSlowSync, type SlowSync } from './slow-sync.ts';
import { rounds, type Sizes, shown } from './table.ts';

const IN_FLIGHT = 128;
const PER_SECOND = 300;
/** Before anything is counted: a program that runs for weeks is not measured while it is being compiled. */
const WARM_FIRST_MS = 10_000;

const HELP = `npm run bench                  one table; subjects: ${NAMES.join(', ')}
npm run bench -- growth        what a message costs when many are stored
npm run bench -- parked        what a million parked deliveries cost

  --only NAME,...   these subjects only
  --runs N          runs of each (5)
  --seconds N       of each run (4)
  --sync-ms 1,5     the same again with each sync to the disk that much slower
  --messages N      growth: so many messages stored (1000000); with --only postgres: there`;

type Flags = Sizes & { names: Name[]; syncs: number[] };

async function table({ names: asked, syncs, ...sizes }: Flags): Promise<number> {
  const slow: SlowSync | undefined = syncs.length > 0 ? makeSlowSync() : undefined;
  if (syncs.length > 0 && slow === undefined)
    console.log('syncs are not slowed: that takes Linux and a C compiler (cc)');
  const names = await available(asked);
  const [bot, world] = await Promise.all([startMock('bot.ts'), startMock('world.ts')]);
  let lineup: Lineup | undefined;
  const stop = async (): Promise<void> => {
    slow?.set(0);
    await lineup?.stop();
    for (const { child } of [bot, world]) if (child.connected) child.disconnect();
    slow?.remove();
  };
  // A run that is given up leaves no servers behind.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => stop().finally(() => process.exit(1)));
  try {
    lineup = await lineUp(names, bot, world, slow?.env ?? {});
    return tell(await compare(lineup, bot, world, sizes, slow === undefined ? [] : syncs, slow));
  } finally {
    await stop();
  }
}

async function compare(lineup: Lineup, bot: Mock, world: Mock, sizes: Sizes, syncs: number[], slow?: SlowSync) {
  const { entrants, idle } = lineup;
  const refusals = new Map<number, number>();
  bot.child.on('message', ({ refused }: { refused: number }) =>
    refusals.set(refused, (refusals.get(refused) ?? 0) + 1),
  );
  await sleep(300);
  console.log(`\nwarming each up for ${WARM_FIRST_MS / 1_000} s`);
  for (const { subject } of entrants) {
    await world.ask({ cmd: 'subject', urls: subject.urls, authorization: subject.authorization });
    await world.ask({ cmd: 'load', warmupMs: 0, ms: WARM_FIRST_MS, inFlight: IN_FLIGHT });
  }
  const closed = (title: string) =>
    rounds(`closed loop, ${IN_FLIGHT} in flight${title}`, world, entrants, sizes, { inFlight: IN_FLIGHT });
  const measured: Measured[] = [{ syncMs: 0, closed: await closed('') }];
  const open = { perSecond: PER_SECOND };
  for (const each of measured)
    each.open = await rounds(`open loop, ${PER_SECOND} per second`, world, entrants, sizes, open);
  for (const syncMs of syncs) {
    slow?.set(syncMs);
    measured.push({ syncMs, closed: await closed(`, syncs slowed by ${syncMs} ms`) });
  }
  for (const { subject } of entrants) {
    const held = subject.pids.map((pid) => `${shown(rss(pid), 0)} MB`);
    console.log(`${subject.name.padEnd(18)} memory after the load: ${held.join(' and ')}`);
  }
  if (refusals.size > 0)
    console.log(`replies of the bot that were refused, by status: ${JSON.stringify([...refusals])}`);
  return [...measured.flatMap(goalsOf), ...(idle === undefined ? [] : idleGoals(idle))];
}

const limited = (given: string | undefined, otherwise: number, most: number): number =>
  Math.min(most, Math.max(1, Number(given ?? otherwise)));

async function main(): Promise<number> {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { only: text, runs: text, seconds: text, 'sync-ms': text, messages: text, help: { type: 'boolean' } },
  });
  const listed = (given: string | undefined): string[] => (given ?? '').split(',').filter((each) => each !== '');
  const only = listed(values.only);
  const unknown = [
    ...positionals.filter((each) => !['growth', 'parked'].includes(each)),
    ...only.filter((each) => !NAMES.some((name) => name === each)),
  ];
  const syncs = listed(values['sync-ms']).map(Number);
  if (values.help || unknown.length > 0 || !syncs.every((ms) => ms > 0 && ms <= 1_000)) {
    console.log(unknown.length > 0 ? `not known: ${unknown.join(', ')}\n\n${HELP}` : HELP);
    return values.help ? 0 : 2;
  }
  const sync = syncCost();
  const disk = `synced 4 KiB write p50 ${shown(sync.p50, 2)} ms p99 ${shown(sync.p99, 2)} ms`;
  console.log(`node ${process.version}, ${cpus().length} processors, load ${shown(load(), 2)}, ${disk}`);
  if (positionals.includes('growth'))
    return tell(await growth(limited(values.messages, 1_000_000, 100_000_000), only.includes('postgres')));
  execFileSync(process.execPath, [join(ROOT, 'scripts', 'build.mjs'), '--if-stale'], { stdio: 'inherit' });
  if (positionals.includes('parked')) return tell(await parked());
  const names = NAMES.filter((name) => only.length === 0 || only.includes(name));
  return table({ names, syncs, runs: limited(values.runs, 5, 20), seconds: limited(values.seconds, 4, 60) });
}

process.exitCode = await main();
