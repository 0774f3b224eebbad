// Proof: a bot that is down for an hour of virtual time while 200 words a second are said to it: all are parked, and drain
// in order when it is verified again, while another bot is served beside it and new customers come. Not here: why a bot is
// taken out of service.
// The one thing to know: words come in batches, each with its part of the hour, on the program's movable clock; nothing that
// was heard is kept, so that the figures of memory are the program's own.
import { readFileSync } from 'node:fs';
import { type Box, startBox } from '../parties/box.ts';
import { type Loose, sleep, until } from '../parties/call.ts';
import type { Post } from '../parties/listener.ts';
import { makeWorld, type World } from '../parties/world.ts';

/** Of the hour. */
const PER_SECOND = 200;
/** One call of the channel, and so many at once: more would only stand in the program's queue, before everybody else's. */
const BATCH = 200;
const AT_ONCE = 2;
/** A new customer speaks so often: to the other bot, and to this one while it is told what it missed. */
const NEW_EVERY_MS = 100;
/** Nothing comes any more: longer than the first retry of an exchange that a stalled machine let run out. */
const STILL_MS = 90_000;

export type Outage = { times: number; customers?: number };
type Phase = 'before' | 'parking' | 'draining';
export type Drained = {
  said: number;
  parked: number;
  /** heard while it was out of service */
  early: number;
  lost: number;
  twice: number;
  disordered: number;
  repeated: number;
  virtualMinutes: number;
  perSecond: { parked: number; drained: number };
  /** resident memory of the program, at most: when all was parked, and in the end */
  rssMb: { parked: number; drained: number };
  /** what the other bot's words took, in each phase */
  otherMs: Record<Phase, number[]>;
  otherLost: number;
  /** and those of the bot's own customers who came first while it was told what it missed */
  newMs: number[];
  newLost: number;
};

export async function hourAway(
  { times: words, customers = 2_000 }: Outage,
  tell: (done: number) => void = () => undefined,
): Promise<Drained> {
  const box = await startBox();
  const [world, other] = [await makeWorld(box, { rule: 'bot' }), await makeWorld(box, { rule: 'bot' })];
  try {
    const beside = newcomersOf(other);
    other.bot.reply = ({ body }) => {
      other.bot.posts.length = 0;
      beside.heard(body);
      return other.bot.ok();
    };
    await sleep(2_000);
    const rounds = Math.ceil(words / customers);
    const said = rounds * customers;
    const addresses = Array.from({ length: customers }, () => world.newcomer());
    const ear = listenTo(world, addresses);
    world.bot.reply = () => ({ status: 503 });
    beside.phase = 'parking';
    const from = performance.now();
    for (let round = 1; round <= rounds; round++) {
      await sayAll(world, addresses, round);
      if (round === 1) await outOfService(world, ear);
      await box.advance((customers / PER_SECOND) * 1_000);
      tell(Math.floor((round * customers) / 2));
    }
    const parkedAfter = performance.now() - from;
    const { promises } = await box.must('GET', '/overview');
    const [early, rssParked] = [ear.heard, mostMemory(box)];
    beside.phase = 'draining';
    const drainedAfter = await drain(world, ear, said, tell);
    await Promise.all([beside.end(), ear.newcomers?.end()]);
    return {
      ...{ said, parked: promises.parked, early, lost: said - ear.heard },
      ...{ twice: ear.twice, disordered: ear.disordered, repeated: ear.repeated },
      virtualMinutes: said / PER_SECOND / 60,
      perSecond: { parked: (said / parkedAfter) * 1_000, drained: (said / drainedAfter) * 1_000 },
      ...{ rssMb: { parked: rssParked, drained: mostMemory(box) }, otherMs: beside.ms, otherLost: beside.missing() },
      ...{ newMs: ear.newcomers?.ms.draining ?? [], newLost: ear.newcomers?.missing() ?? 0 },
    };
  } finally {
    await Promise.all([world.close(), other.close()]);
    await box.close();
  }
}

type Ear = Record<'heard' | 'twice' | 'disordered' | 'repeated', number> & {
  hear(post: Post): void;
  /** whose words are counted apart */
  newcomers?: Newcomers;
};

/** Counts what the bot takes: of each customer the words come by number. */
function listenTo({ bot }: World, addresses: string[]): Ear {
  const last = new Map(addresses.map((address) => [address, { number: 0, key: '' }]));
  const ear: Ear = {
    ...{ heard: 0, twice: 0, disordered: 0, repeated: 0 },
    hear({ body, headers }) {
      bot.posts.length = 0;
      const before = last.get(body?.Signalbox?.User);
      if (before === undefined) ear.newcomers?.heard(body);
      if (before === undefined || body.Event !== 'Incoming message') return;
      const [number, key] = [Number(body.Message), headers['webhook-id'] ?? ''];
      if (key === before.key) {
        ear.repeated += 1;
        return;
      }
      if (number <= before.number) ear.twice += 1;
      else {
        if (number > before.number + 1) ear.disordered += 1;
        ear.heard += 1;
      }
      last.set(body.Signalbox.User, { number: Math.max(number, before.number), key });
    },
  };
  return ear;
}

/** Each customer says their next word. */
async function sayAll({ channel }: World, addresses: string[], round: number): Promise<void> {
  const batches: string[][] = [];
  for (let from = 0; from < addresses.length; from += BATCH) batches.push(addresses.slice(from, from + BATCH));
  const speak = async (): Promise<void> => {
    for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) {
      const message = { type: 'text', text: String(round) };
      const words = batch.map((address) => ({
        type: 'message',
        id: `${address} ${round}`,
        from: { address },
        message,
      }));
      const answer = await channel.post(words);
      if (answer.status !== 202) throw new Error(`words were not taken: ${answer.status} ${answer.text}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, speak));
}

/** It fails until it is taken out of service; what is heard from then on is heard too early. */
async function outOfService(world: World, ear: Ear): Promise<void> {
  await until('the bot is out of service', async () => (await world.botStatus()) === 'inactive');
  // The clock answers when no attempt is under way any more.
  await world.box.advance(0);
  world.bot.reply = (post) => {
    ear.hear(post);
    return world.bot.ok();
  };
}

/** Verified again: milliseconds until all was heard, or nothing came for long. */
async function drain(world: World, ear: Ear, said: number, tell: (done: number) => void): Promise<number> {
  const from = performance.now();
  const { verified } = await world.verifyBot();
  if (verified !== true) throw new Error('the bot could not be verified');
  ear.newcomers = newcomersOf(world, 'draining');
  for (let [heard, since] = [ear.heard, from]; ear.heard < said && performance.now() - since < STILL_MS; ) {
    await sleep(20);
    if (ear.heard === heard) continue;
    [heard, since] = [ear.heard, performance.now()];
    tell(Math.floor((said + heard) / 2));
  }
  return performance.now() - from;
}

type Newcomers = ReturnType<typeof newcomersOf>;

/** New customers at a steady pace, and how long the word of each took; each says one, so that none waits for one before. */
function newcomersOf({ channel, newcomer }: World, from: Phase = 'before') {
  const saidAt = new Map<string, number>();
  const address = newcomer();
  let over = false;
  const talk = async (): Promise<void> => {
    for (let count = 1; !over; count++) {
      saidAt.set(String(count), performance.now());
      await channel.says(`${address}-${count}`, String(count));
      await sleep(NEW_EVERY_MS);
    }
  };
  const talking = talk();
  const here = {
    phase: from,
    ms: { before: [], parking: [], draining: [] } as Record<Phase, number[]>,
    heard(body: Loose): void {
      const at = saidAt.get(body?.Message);
      if (at !== undefined && saidAt.delete(body.Message)) here.ms[here.phase].push(performance.now() - at);
    },
    missing: () => saidAt.size,
    end: async (): Promise<void> => {
      over = true;
      await talking;
      await until('all who are new are heard', () => saidAt.size === 0, STILL_MS).catch(() => undefined);
    },
  };
  return here;
}

const mostMemory = (box: Box): number =>
  Math.round(Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${box.pid()}/status`, 'utf8'))?.[1]) / 1_024);
