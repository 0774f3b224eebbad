// Proof: the seed's numbers in the real program: bots that fail by chance write down every try by the moved clock, and
// what they saw must keep to the contract: five tries, one hour, inactive at the fifth failure in a row, nothing then.
// Not here: the same over many histories, on a clock of their own (numbers.ts). The one thing to know: each bot has one
// customer, so its tries come one after the other, and the fifth failure in a row is the fifth that it saw.
import { type Box, startBox } from '../parties/box.ts';
import { until } from '../parties/call.ts';
import type { Post } from '../parties/listener.ts';
import { makeWorld, type World } from '../parties/world.ts';
import { chance } from './chance.ts';
import { SEED_PROMISES } from './numbers-bot.ts';

const STEP_MS = 30_000;
const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
/** An hour and some steps more. */
const STEPS = 126;
const WORDS_MAX = 4;
const { retry_spacing_s: SPACING, failure_threshold: THRESHOLD } = SEED_PROMISES;
/** A jitter that is earlier by 5 %; later is what the clock is moved by, and what a busy machine takes meanwhile. */
const EARLIER = 0.95;
const LATER_MS = 2 * STEP_MS + 60_000;

type Try = { key: string; words: string; at: number; ok: boolean };
type Seen = { world: World; address: string; said: string[]; tries: Try[]; failing: number; broken: string[] };
export type Lived = { bots: number; tries: number; inactive: number; longestS: number; broken: string[] };

async function begin(box: Box, random: () => number): Promise<Seen> {
  const world = await makeWorld(box, { rule: 'bot' });
  const failing = [0.4, 0.7, 0.9, 1][Math.floor(random() * 4)] as number;
  const seen: Seen = { world, address: world.newcomer(), said: [], tries: [], failing, broken: [] };
  world.bot.reply = ({ body, headers }: Post) => {
    if (body.Event === 'Verification') return seen.failing === 0 ? world.bot.ok() : { status: 500 };
    const ok = random() >= seen.failing;
    if (isInactive(seen)) seen.broken.push(`${body.Message} came while it was inactive`);
    // The test knows of a step of the clock when it is over; what the request says of its time is exact to a second.
    const at = Number(headers['webhook-timestamp']) * 1_000;
    if (seen.failing > 0 && Math.abs(at - box.now()) > LATER_MS)
      seen.broken.push(`it says ${at}, and it is ${box.now()}`);
    seen.tries.push({ key: headers['webhook-id'] ?? '', words: body.Message, at, ok });
    return ok ? world.bot.ok() : { status: 500 };
  };
  return seen;
}

/** Failures in a row, as the bot counts them since it was last verified. */
const inARow = ({ tries }: Seen): number => tries.length - 1 - tries.findLastIndex(({ ok }) => ok);
const isInactive = (seen: Seen): boolean => seen.failing > 0 && inARow(seen) >= THRESHOLD;

async function speaks(seen: Seen): Promise<void> {
  const words = `word ${seen.said.length + 1}`;
  seen.said.push(words);
  await seen.world.says(seen.address, words);
}

/** What the program shows of each bot is what the bot saw. */
async function compare(box: Box, all: Seen[]): Promise<void> {
  for (const seen of all) {
    const expects = isInactive(seen) ? 'inactive' : 'active';
    const { status } = await box.must('GET', `/bots/${seen.world.bot.id}`);
    if (status !== expects) seen.broken.push(`${status} after ${inARow(seen)} failures in a row`);
  }
}

/** The tries of one word before the bot was verified again. */
function series(seen: Seen, tries: Try[]): number {
  const [first, last] = [tries[0] as Try, tries.at(-1) as Try];
  if (tries.length > SPACING.length + 1) seen.broken.push(`${first.words} was tried ${tries.length} times`);
  if (last.at - first.at >= HOUR_MS) seen.broken.push(`${first.words} was tried for ${last.at - first.at} ms`);
  for (const [index, { at }] of tries.slice(1).entries()) {
    const [gap, planned] = [at - (tries[index] as Try).at, (SPACING[index] as number) * 1_000];
    if (gap < planned * EARLIER - SECOND_MS || gap > planned + LATER_MS)
      seen.broken.push(`${first.words} again after ${gap} ms`);
  }
  return (last.at - first.at) / 1_000;
}

/** The bot is well, and is verified: what was parked comes, once, in the order in which it was said. */
async function drains(seen: Seen): Promise<void> {
  const { world, said } = seen;
  const before = seen.tries.filter(({ ok }) => ok).map(({ words }) => words);
  await world.verifyBot();
  const taken = (): string[] => seen.tries.filter(({ ok }) => ok).map(({ words }) => words);
  await until('all that was parked comes', async () => {
    const open = await Promise.all(
      ['pending', 'retrying', 'parked'].map((status) => world.deliveries(`target=${world.bot.id}&status=${status}`)),
    );
    if (open.flat().length === 0) return true;
    await world.box.advance(HOUR_MS);
    return false;
  });
  if (taken().join() !== said.join()) seen.broken.push(`took ${taken()} of ${said}, ${before} of it before`);
}

export async function livesOfBots({ times, seed }: { times: number; seed: number }): Promise<Lived> {
  const random = chance(seed);
  const box = await startBox();
  const all: Seen[] = [];
  try {
    while (all.length < times) all.push(await begin(box, random));
    for (const seen of all) await speaks(seen);
    let longestS = 0;
    for (let step = 0; step < STEPS; step++) {
      await box.advance(STEP_MS);
      for (const seen of all) if (seen.said.length < WORDS_MAX && random() < 0.05) await speaks(seen);
      if (step % 6 === 0) {
        await box.advance(0);
        await compare(box, all);
      }
    }
    await box.advance(0);
    await compare(box, all);
    for (const seen of all) {
      const keys = [...new Set(seen.tries.map(({ key }) => key))];
      for (const key of keys)
        longestS = Math.max(
          longestS,
          series(
            seen,
            seen.tries.filter((each) => each.key === key),
          ),
        );
    }
    const inactive = all.filter(isInactive).length;
    for (const seen of all) seen.failing = 0;
    for (const seen of all) await drains(seen);
    const broken = all.flatMap((seen) => seen.broken.map((what) => `${seen.address}: ${what}`));
    return {
      bots: all.length,
      tries: all.reduce((sum, { tries }) => sum + tries.length, 0),
      inactive,
      longestS,
      broken,
    };
  } finally {
    for (const { world } of all) await world.close();
    await box.close();
  }
}
