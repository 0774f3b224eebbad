// Proof: the machine's clock is set forward and back by minutes, a day and ten years while words come in, and while four
// things wait: a retry, a limit for taking, a limit for accepting, a merge window. Each still happens, once, in its time.
// Not here: the clock that flows move to save time (test/parties/box.ts); this is the real one, under a `Date` that lies
// (clocks-wall.mjs). The one thing to know: a step may come while the program is dead, too.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Box, startBox } from '../parties/box.ts';
import { sleep, until } from '../parties/call.ts';
import { makeWorld, type World } from '../parties/world.ts';
import { chance } from './chance.ts';
import { startTalk, type Tally } from './points-talk.ts';

export type Stepped = Tally & {
  steps: number;
  /** how long after a step the last of what waited was done, by real time */
  waitedMs: number[];
};

const DAY_MS = 86_400_000;
export const STEPS_MS = [300_000, DAY_MS, 3_650 * DAY_MS].flatMap((ms) => [ms, -ms]);
/** Longer than anything that waits here and than the first retry of an exchange, and shorter than any step. */
const WITHIN_MS = 100_000;
const LIMIT_S = 2;
const ACCEPT_S = 1;
const WINDOW_MS = 2_000;

/** The bot, the desk, the bot again. */
const EPOCH_AFTER_BOTH = 3;

/** A program that starts by a clock that is this far behind its last one knows it; where it is less, a retry is later by as much. */
const KNOWN_MS = 2 * 3_600_000;

type Wall = { step(ms: number): void; ahead(): number; env: Record<string, string>; remove(): void };

function wallClock(): Wall {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-clock-'));
  const file = join(folder, 'ahead');
  const lie = pathToFileURL(join(import.meta.dirname, 'clocks-wall.mjs')).href;
  let ahead = 0;
  const step = (ms: number): void => {
    ahead += ms;
    writeFileSync(`${file}.new`, String(ahead));
    renameSync(`${file}.new`, file);
  };
  step(0);
  const env = { WALL_CLOCK_FILE: file, NODE_OPTIONS: `--import=${lie}`, SIGNALBOX_TEST_CLOCK: '0' };
  return { step, ahead: () => ahead, env, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Something that waits: `begin` resolves when it does, and gives what is to be seen when it has come to its end. */
type Waiting = { what: string; begin(): Promise<() => boolean | Promise<boolean>>; world: World };

async function retrying(box: Box): Promise<Waiting> {
  const bot = { retry_spacing_s: [LIMIT_S, LIMIT_S, LIMIT_S, LIMIT_S], failure_threshold: 1_000, take_within_s: 600 };
  const world = await makeWorld(box, { rule: 'bot', bot });
  const failed = new Set<string>();
  world.bot.reply = ({ body }) => {
    if (body.Event !== 'Incoming message' || failed.has(body.Messageid)) return world.bot.ok();
    failed.add(body.Messageid);
    return { status: 500 };
  };
  const begin = async () => {
    const address = world.newcomer();
    for (const text of ['one', 'two']) await world.says(address, text);
    await until('the first attempt has failed', () => world.bot.told(address).length > 0);
    return () => world.bot.told(address).length >= 4 && world.bot.words(address).join() === 'one,two';
  };
  return { what: 'a retry', begin, world };
}

/** The bot never takes it: the desk gets the line. The desk never accepts it: the bot has it again. */
async function limited(box: Box): Promise<Waiting> {
  const bot = { take_within_s: LIMIT_S, retry_spacing_s: [300], failure_threshold: 1_000 };
  const wish = { rule: 'bot' as const, bot, desk: { accept_within_s: ACCEPT_S }, fallback: { on: ['silent'] } };
  const world = await makeWorld(box, wish);
  world.bot.reply = ({ body }) => (body.Event === 'Incoming message' ? { status: 500 } : world.bot.ok());
  const begin = async () => {
    const address = world.newcomer();
    await world.says(address, 'hello');
    const [post] = await until('the first attempt has failed', () => {
      const told = world.bot.told(address);
      return told.length > 0 && told;
    });
    const { thread_id } = await box.must('GET', `/conversations/${post?.body.Conversationid}`);
    return async () => (await world.thread(thread_id)).epoch >= EPOCH_AFTER_BOTH;
  };
  return { what: 'a limit for taking, then one for accepting', begin, world };
}

async function merging(box: Box): Promise<Waiting> {
  const world = await makeWorld(box, { rule: 'bot', bot: { merge_window_ms: WINDOW_MS } });
  const begin = async () => {
    const address = world.newcomer();
    for (const text of ['one', 'two']) await world.says(address, text);
    return () => world.bot.words(address).join('\n').split('\n').join() === 'one,two';
  };
  return { what: 'a merge window', begin, world };
}

async function stepOnce(box: Box, wall: Wall, waiting: Waiting[], step: number, dead: boolean): Promise<number> {
  const done = await Promise.all(waiting.map(async ({ what, begin }) => ({ what, seen: await begin() })));
  if (dead) await box.kill9();
  wall.step(step);
  if (dead) await box.start();
  const from = performance.now();
  const shown = `${step < 0 ? 'back' : 'forward'} by ${Math.abs(step) / 60_000} min${dead ? ' while dead' : ''}`;
  await Promise.all(done.map(({ what, seen }) => until(`${what}, the clock set ${shown}`, seen, WITHIN_MS)));
  return performance.now() - from;
}

/** `times` steps, each of the six sizes as often; the program is killed at some of them. */
export async function stepTheClock(
  { times, seed }: { times: number; seed: number },
  tell: (done: number) => void = () => undefined,
): Promise<Stepped> {
  const random = chance(seed);
  const wall = wallClock();
  const box = await startBox({ env: wall.env });
  const waitedMs: number[] = [];
  let over = false;
  try {
    const talk = await startTalk(box);
    const waiting = await Promise.all([retrying(box), limited(box), merging(box)]);
    const worlds = [talk.world, ...waiting.map(({ world }) => world)];
    for (const { bot, channel } of worlds)
      for (const each of [bot, channel]) each.clock = () => Date.now() + wall.ahead();
    const talking = (async () => {
      for (; !over; await sleep(20)) await talk.round(2);
    })();
    let left: number[] = [];
    /** how far the program's own time is ahead of real time: it never goes back while it lives */
    let own = 0;
    for (let done = 1; done <= times; done++) {
      if (left.length === 0) left = [...STEPS_MS];
      const [step] = left.splice(Math.floor(random() * left.length), 1) as [number];
      const behind = own - (wall.ahead() + step);
      const dead = (behind <= 0 || behind > KNOWN_MS) && random() < 1 / 3;
      own = dead ? wall.ahead() + step : Math.max(own, wall.ahead() + step);
      const took = await stepOnce(box, wall, waiting, step, dead).catch((error: Error) => error);
      if (took instanceof Error) talk.tally.faults.push(took.message);
      else waitedMs.push(took);
      tell(done);
    }
    over = true;
    await talking;
    await talk.check();
    await Promise.all(worlds.map((world) => world.close()));
    return { ...talk.tally, steps: times, waitedMs };
  } finally {
    over = true;
    await box.close();
    wall.remove();
  }
}
