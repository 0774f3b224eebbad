// Proof: a healthy bot beside 99 that hang, and beside one with thousands of blocked conversations: how long its words take,
// alone and with each neighbour in turn, in one run. Not here: what the program does against it (src/engine/deliver.ts).
// The one thing to know: a word's time is from the customer's call to the bot's ear, both in this process; the neighbours
// have spoken before it is measured, so that it is the program that is crowded, and not its tester.
import type { Bot } from '../parties/bot.ts';
import { type Box, startBox } from '../parties/box.ts';
import { call, sleep, until } from '../parties/call.ts';
import { makeWorld, type World } from '../parties/world.ts';

export type Neighbours = {
  /** rounds of alone, beside the blocked, alone, beside the hanging */
  times: number;
  perSecond: number;
  /** how long it is measured each time */
  spanMs: number;
  hanging: { bots: number; each: number };
  blocked: number;
};
export type Beside = 'alone' | 'hanging' | 'blocked';
export type Felt = {
  /** of each word of the healthy bot, how long it took */
  ms: Record<Beside, number[]>;
  lost: number;
  /** attempts of the neighbours that were under way, or lanes that were blocked, when it was measured: the least */
  crowd: { hanging: number; blocked: number };
};

const CUSTOMERS = 40;
/** Of so many the blocked neighbour takes one; a bot that fails 1,000 times in a row is taken out of service. */
const ANSWERED = 250;
/** One event of a batch has some 150 bytes. */
const BATCH = 500;
const STEADY_MS = 500;
const TOO_LONG_MS = 120_000;
/** Of the hanging: again after a second, five times in all, so that each word of theirs hangs for half a minute. */
const SOON = { retry_spacing_s: [1, 1, 1, 1], failure_threshold: 1_000 };
/** Of the blocked: again after an hour. */
const LATE = { retry_spacing_s: [3_575], failure_threshold: 1_000 };

type Quarter = { box: Box; world: World; neighbours: Bot[] };

export async function besideNeighbours(
  { times, perSecond, spanMs, hanging, blocked }: Neighbours,
  tell: (done: number) => void = () => undefined,
): Promise<Felt> {
  const felt: Felt = { ms: { alone: [], hanging: [], blocked: [] }, lost: 0, crowd: { hanging: Infinity, blocked: 0 } };
  const quarters: Quarter[] = [];
  try {
    const noisy = await quarter(quarters, hanging.bots, SOON);
    const full = await quarter(quarters, 1, LATE);
    await block(full, blocked);
    felt.crowd.blocked = await stat(full.box, 'lanes_waiting');
    const measure = async (beside: Beside, { world }: Quarter): Promise<void> => {
      const { ms, lost } = await talk(world, perSecond, spanMs);
      felt.ms[beside].push(...ms);
      felt.lost += lost;
    };
    for (let round = 1; round <= times; round++) {
      await measure('alone', noisy);
      await measure('blocked', full);
      await measure('alone', noisy);
      felt.crowd.hanging = Math.min(felt.crowd.hanging, await hang(noisy, hanging.each, round));
      await measure('hanging', noisy);
      // The next round is alone again only when nothing of them is left to be tried.
      if (round < times)
        await until('the hanging are given up', async () => (await stat(noisy.box, 'lanes')) === 0, TOO_LONG_MS);
      tell(round);
    }
    return felt;
  } finally {
    for (const { box, world, neighbours } of quarters) {
      await Promise.all([world.close(), ...neighbours.map((bot) => bot.down())]);
      await box.close();
    }
  }
}

/** A program with a healthy bot and others; a word that begins with a neighbour's number is for that one. */
async function quarter(quarters: Quarter[], others: number, settings: Record<string, unknown>): Promise<Quarter> {
  const box = await startBox();
  const world = await makeWorld(box, { rule: 'none' });
  const made: Quarter = { box, world, neighbours: [] };
  quarters.push(made);
  const received = { event: 'message.received' };
  for (let number = 0; number < others; number++) {
    const bot = await world.addBot(settings);
    made.neighbours.push(bot);
    const conditions = { field: 'message.text', op: 'starts_with', value: `${number}:` };
    await world.addRule(received, { type: 'forward_to_bot', bot_id: bot.id }, { conditions });
  }
  await world.addRule(received, { type: 'forward_to_bot', bot_id: world.bot.id });
  return made;
}

/** New customers of all neighbours speak, in few calls. */
async function crowdIn({ world, neighbours }: Quarter, each: number, round: number): Promise<void> {
  const events = neighbours.flatMap((_, number) =>
    Array.from({ length: each }, (_, customer) => {
      const address = `n${round}-${number}-${customer}`;
      return { type: 'message', id: address, from: { address }, message: { type: 'text', text: `${number}: hello` } };
    }),
  );
  for (let from = 0; from < events.length; from += BATCH) {
    const answer = await world.channel.post(events.slice(from, from + BATCH));
    if (answer.status !== 202) throw new Error(`the neighbours' words were not taken: ${answer.status} ${answer.text}`);
  }
}

/** They hang, each with so many; attempts under way. */
async function hang(quarter: Quarter, each: number, round: number): Promise<number> {
  for (const bot of quarter.neighbours) bot.reply = () => ({ fault: 'hang' });
  await crowdIn(quarter, each, round);
  // How many hang at once depends on how fast the machine begins them: until it is no more than a moment ago.
  let [most, since] = [0, performance.now()];
  await until('they hang', async () => {
    const now = await stat(quarter.box, 'attempts_in_flight');
    if (now > most) [most, since] = [now, performance.now()];
    return most >= quarter.neighbours.length && performance.now() - since > STEADY_MS;
  });
  return most;
}

/** The neighbour refuses once, and all of its lanes wait for their second try. */
async function block(quarter: Quarter, count: number): Promise<void> {
  const bot = quarter.neighbours[0] as Bot;
  let asked = 0;
  // One of many is answered well, or the bot would be taken out of service, and would not be in anybody's way.
  bot.reply = () => (++asked % ANSWERED === 0 ? bot.ok() : { status: 503 });
  await crowdIn(quarter, count, 0);
  const wanted = count - Math.ceil(count / ANSWERED);
  await until('all are blocked', async () => (await stat(quarter.box, 'lanes_waiting')) >= wanted, TOO_LONG_MS);
  bot.posts.length = 0;
}

/** Customers of the healthy bot speak at a rate for a while; how long each word took, and how many it never heard. */
async function talk({ bot, channel, newcomer }: World, perSecond: number, spanMs: number) {
  const saidAt = new Map<string, number>();
  const ms: number[] = [];
  const answer = bot.reply;
  bot.reply = (post) => {
    const at = saidAt.get(post.body?.Message);
    if (at !== undefined && saidAt.delete(post.body.Message)) ms.push(performance.now() - at);
    return answer(post);
  };
  const customers = Array.from({ length: CUSTOMERS }, newcomer);
  const count = Math.round((perSecond * spanMs) / 1_000);
  const from = performance.now();
  const saying: Promise<unknown>[] = [];
  for (let index = 0; index < count; index++) {
    await sleep(Math.max(0, from + (index * 1_000) / perSecond - performance.now()));
    const address = customers[index % CUSTOMERS] as string;
    const text = `word ${address} ${index}`;
    saidAt.set(text, performance.now());
    saying.push(channel.says(address, text));
  }
  await Promise.all(saying);
  await until('the healthy bot hears all', () => ms.length === count, TOO_LONG_MS).catch(() => undefined);
  bot.reply = answer;
  bot.posts.length = 0;
  return { ms, lost: count - ms.length };
}

async function stat({ base, key }: Box, name: string): Promise<number> {
  const { text } = await call('GET', `${base}/metrics`, { headers: { authorization: `Bearer ${key}` } });
  return Number(new RegExp(`^signalbox_engine_${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
}
