// The bot zoo: the real adapter of a bot, over the real way out, visits every animal as often as is asked; each must end
// in its class and in time, and nothing of it may be left. Not here: the animals (test/parties/zoo.ts).
// The one thing to know: time in which this process stood still is taken off, because it says nothing of the client; and
// what an exchange may take begins with its first byte, while looking up and connecting have a limit of their own.
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { otherBot } from '../../src/bots/other/adapter.ts';
import type { ExchangeAnswer, Send } from '../../src/engine/ports.ts';
import type { LookupFn } from '../../src/net/client.ts';
import { wayOutTo } from '../../src/net/fixtures/way-out.ts';
import type { Outcome } from '../../src/routing/inputs.ts';
import { bot, facts, item, message, NOW } from '../../src/wire/fixtures/samples.ts';
import { sleep } from '../parties/call.ts';
import { type Animal, type Expected, openZoo, ZOO } from '../parties/zoo.ts';
import { chance } from './chance.ts';

/** The seed's 5 s, and a quarter for whoever reads the clock. */
const LIMIT_MS = 5_250;
/** With one animal. */
const LANES = 4;
/** More would only measure how this process waits for itself. */
const SLOW_AT_ONCE = 300;
const QUICK_AT_ONCE = 12;
/** Rounds after which all begin anew together. */
const BATCH = 120;
const TICK_MS = 10;
/** Idle connections are given up after 4 s; a busy machine has all the time it wants. */
const SETTLED_WITHIN_MS = 30_000;
/** A visit in which this process stood still for so long says nothing if it failed: it is made again, so often. */
const SAYS_NOTHING_MS = 1_000;
const AGAIN_MAX = 5;
/** Below it a heap is only breathing. */
const HEAP_GROWTH_MAX = 16 * 1024 * 1024;

export type Walk = {
  /** visits to each animal */
  times: number;
  seed: number;
  /** beyond the limit, for machines that are shared */
  graceMs?: number;
  animals?: readonly Animal[];
  /** in place of the way out: to see that this proof condemns another client */
  send?: Send;
  /** how long idle connections have to go away */
  settleWithinMs?: number;
};
export type Walked = {
  animals: number;
  visits: number;
  /** visits that said nothing, because this process stood still */
  again: number;
  faults: string[];
  longestMs: number;
  stoodStillMs: number;
  socketsLeft: number;
  heapGrowth: number;
  rssMb: number;
};

type Watch = { stoodStill(): number; stop(): void };

export async function walkTheZoo(walk: Walk, tell: (done: number) => void = () => {}): Promise<Walked> {
  const animals = walk.animals ?? ZOO;
  const keeper = await openZoo();
  const wayOut = wayOutTo({ lookup: lookupOf(animals) });
  const watch = watchTheTime();
  const faults: string[] = [];
  const before = { sockets: sockets(), heap: 0 };
  const random = chance(walk.seed);
  const limitMs = LIMIT_MS + (walk.graceMs ?? 0);
  let [visits, longestMs, rounds, again] = [0, 0, 0, 0];
  const visit = async (animal: Animal, round: number): Promise<void> => {
    const port = keeper.ports[ZOO.indexOf(animal)] ?? 0;
    for (let more = AGAIN_MAX; ; more -= 1) {
      const from = watch.stoodStill();
      const seen = await visited(animal, port, `${walk.seed}-${round}-${more}`, walk.send ?? wayOut.send, watch);
      const late = ({ ms }: Seen) => (ms > limitMs ? `took ${Math.round(ms)} ms` : '');
      const said = seen.map((each) => each.fault || late(each)).filter(Boolean);
      visits += seen.length;
      longestMs = Math.max(longestMs, ...seen.map(({ rawMs }) => rawMs));
      if (said.length === 0) return;
      if (more > 0 && watch.stoodStill() - from > SAYS_NOTHING_MS) again += 1;
      else return void faults.push(...said.map((fault) => `A bot that ${animal.name}: ${fault}`));
    }
  };
  try {
    // The first rounds warm what is kept on purpose: code, pools, TLS sessions.
    const warm = Math.ceil(walk.times / 10);
    for (; rounds < walk.times; tell(rounds)) {
      const more = rounds === 0 ? warm : Math.min(BATCH, walk.times - rounds);
      await inPool(animals, more, rounds, random, visit);
      if (rounds === 0) before.heap = heap();
      rounds += more;
    }
    const left = await settled(before.sockets, walk.settleWithinMs ?? SETTLED_WITHIN_MS);
    const baited = await keeper.baited();
    if (baited > 0) faults.push(`a redirect was followed ${baited} times`);
    const heapGrowth = heap() - before.heap;
    await wayOut.close();
    if (left > 0) faults.push(`${left} sockets are left`);
    if (heapGrowth > HEAP_GROWTH_MAX) faults.push(`the heap has grown by ${heapGrowth} bytes`);
    const rssMb = Math.round(process.memoryUsage().rss / 1_048_576);
    const stoodStillMs = Math.round(watch.stoodStill());
    return {
      animals: animals.length,
      visits,
      again,
      faults,
      longestMs,
      stoodStillMs,
      socketsLeft: left,
      heapGrowth,
      rssMb,
    };
  } finally {
    watch.stop();
    await keeper.close();
  }
}

/** Each animal so often, in an order of chance: those that take their time many at once, the others a few. */
async function inPool(
  animals: readonly Animal[],
  times: number,
  from: number,
  random: () => number,
  visit: (animal: Animal, round: number) => Promise<void>,
): Promise<void> {
  const walked = async (some: readonly Animal[], atOnce: number): Promise<void> => {
    const lanes = some.flatMap((animal) => {
      const count = Math.min(times, animal.atOnce ?? LANES);
      return Array.from({ length: count }, (_, first) => ({ animal, first, count, at: random() }));
    });
    const queue = lanes.sort((a, b) => a.at - b.at).values();
    const walker = async (): Promise<void> => {
      for (const { animal, first, count } of queue) {
        for (let round = first; round < times; round += count) await visit(animal, from + round);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, walker));
  };
  await Promise.all([walked(animals.filter(isSlow), SLOW_AT_ONCE), walked(animals.filter(not(isSlow)), QUICK_AT_ONCE)]);
}

const isSlow = ({ expected, names }: Animal): boolean =>
  names?.afterMs !== undefined || expected.some(({ reason }) => /timeout/.test(String(reason)));
const not =
  <T>(is: (thing: T) => boolean) =>
  (thing: T): boolean =>
    !is(thing);

/** `ms`: without the time in which this process stood still. */
type Seen = { fault: string; ms: number; rawMs: number };

/** As many POSTs in a row as the animal expects; those in a row share connections that nobody else uses. */
async function visited(animal: Animal, port: number, round: string, send: Send, watch: Watch): Promise<Seen[]> {
  const host = animal.host?.replace('*', `${round.replaceAll('-', '')}`) ?? '127.0.0.1';
  const url = `${host === 'bot.test' ? 'https' : 'http'}://${host}:${port}/`;
  const own = animal.expected.length > 1 ? `_${round}` : '';
  const to = bot({ id: `bot_${animal.name}${own}`, url });
  const owed = item({ message: message({ text: 'x'.repeat(animal.textBytes ?? 20) }) });
  const seen: Seen[] = [];
  for (const expected of animal.expected) {
    const answers: ExchangeAnswer[] = [];
    const recorded: Send = async (exchange) => {
      const answer = await send(exchange);
      answers.push(answer);
      return answer;
    };
    const [stood, from] = [watch.stoodStill(), performance.now()];
    let outcome: Outcome;
    try {
      outcome = await otherBot.send(to, owed, facts(), recorded, NOW);
    } catch (error) {
      seen.push({ fault: `threw ${error}`, ms: 0, rawMs: 0 });
      break;
    }
    const rawMs = longestPart(performance.now() - from, outcome);
    const ms = rawMs - (watch.stoodStill() - stood);
    seen.push({ fault: faultOf(expected, outcome, answers), ms, rawMs });
  }
  return seen;
}

/** Looking up and connecting, or from the first byte to the end: each has the limit for itself. */
function longestPart(ms: number, { timing }: Outcome): number {
  const connecting = (timing.dnsMs ?? 0) + (timing.connectMs ?? 0);
  return Math.max(connecting, ms - connecting);
}

function faultOf(expected: Expected, outcome: Outcome, [answer, ...more]: ExchangeAnswer[]): string {
  const { result, reason, retryAfterS = null, gone, commands = [] } = outcome;
  const reasons = [expected.reason].flat();
  const says = (what: string, is: unknown, due: unknown): string => (is === due ? '' : `${what} ${is}, not ${due}; `);
  const good = commands.filter(({ ok }) => ok).length;
  const sent = answer === undefined || answer.ok ? 'maybe' : answer.sent;
  return [
    says('exchanges', 1 + more.length, 1),
    says('result', result, expected.result),
    reasons.includes(reason) ? '' : `reason ${reason}, not ${reasons.join(' or ')}; `,
    expected.sent === undefined ? '' : says('sent', sent, expected.sent),
    expected.retryAfterS === undefined ? '' : says('wait', retryAfterS, expected.retryAfterS),
    says('gone', gone === true, expected.gone === true),
    expected.events === undefined
      ? ''
      : says('events', `${good}, ${commands.length - good}`, expected.events.join(', ')),
    /\S/.test(outcome.detail) ? '' : 'no word for the operator',
  ].join('');
}

function lookupOf(animals: readonly Animal[]): LookupFn {
  const byHost = new Map(animals.map((animal) => [animal.host, animal.names]));
  return async (host) => {
    const said = byHost.get(host.replace(/^\d+\./, '*.')) ?? { code: 'ENOTFOUND' };
    if (said.afterMs !== undefined) await sleepUnheld(said.afterMs);
    if (said.code !== undefined) throw Object.assign(new Error('the name server says no'), { code: said.code });
    return (said.addresses ?? []).map((address) => ({ address }));
  };
}

/** A name server that never answers must not keep this process. */
const sleepUnheld = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref());

/** How long this process could not have noticed anything, all in all. */
function watchTheTime(): Watch {
  let [last, stood] = [performance.now(), 0];
  const timer = setInterval(() => {
    const now = performance.now();
    stood += Math.max(0, now - last - TICK_MS);
    last = now;
  }, TICK_MS);
  return {
    stoodStill: () => stood + Math.max(0, performance.now() - last - TICK_MS),
    stop: () => clearInterval(timer),
  };
}

/** Open sockets of this process, as the system knows them; where it does not say, as Node does. */
function sockets(): number {
  if (existsSync(OWN_FILES)) return readdirSync(OWN_FILES).filter(isSocket).length;
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
}

const OWN_FILES = '/proc/self/fd';
function isSocket(fd: string): boolean {
  try {
    return readlinkSync(`${OWN_FILES}/${fd}`).startsWith('socket:');
  } catch {
    return false;
  }
}

async function settled(before: number, withinMs: number): Promise<number> {
  const deadline = performance.now() + withinMs;
  while (sockets() > before && performance.now() < deadline) await sleep(50);
  return Math.max(0, sockets() - before);
}

function heap(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
}
