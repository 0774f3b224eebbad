// Proof: sequences of acts by customers, bots, agents, operators and crashes, on the real program over HTTP with real
// parties: after each the threads, conversations and deliveries of the API, and what everybody was told, agree with a
// model of who holds the line and what is owed to whom.
// Not here: the model (model-line.ts), the acts (model-acts.ts). The one thing to know: several sequences go on at once,
// each in a world of its own; which breaks is told with the seed, path and replay path of fast-check, shrunk.
import fc from 'fast-check';
import { type Box, startBox } from '../parties/box.ts';
import { until } from '../parties/call.ts';
import { commands, type Shared } from './model-acts.ts';
import { Line } from './model-line.ts';
import { type Fault, makePlace, type Place, Real } from './model-real.ts';

export type Modelled = { sequences: number; acts: Record<string, number>; kills: number; broken: string[] };

const ACTS_MAX = 20;
const WORLDS = 8;
/**
 * A program that is busy, or has just begun, may take long; one that was caught already need not be waited for. Where a
 * fault is planted it is found when the time is over, and must not be found in what is only slow.
 */
const PATIENCE_MS = { first: 60_000, planted: 10_000, shrinking: 2_500 };

/** Many at once, or one alone: who wants to be alone waits for the others, and they for it. */
function gate(): Pick<Shared, 'together' | 'alone'> {
  let inside = 0;
  let shut = false;
  let waiting: (() => void)[] = [];
  const wake = (): void => {
    const woken = waiting;
    waiting = [];
    for (const each of woken) each();
  };
  /** `enter` looks and goes in at one instant: who is woken beside us must not come between. */
  const when = async (enter: () => boolean): Promise<void> => {
    while (!enter()) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  return {
    async together(act) {
      await when(() => {
        if (!shut) inside += 1;
        return !shut;
      });
      try {
        return await act();
      } finally {
        inside -= 1;
        wake();
      }
    },
    async alone(act) {
      await when(() => {
        const isOpen = !shut;
        shut = true;
        return isOpen;
      });
      await when(() => inside === 0);
      try {
        return await act();
      } finally {
        shut = false;
        wake();
      }
    },
  };
}

/** A bot that is well and active, and is owed nothing any more by the sequences before. */
async function begin(place: Place, { together }: Shared): Promise<{ model: Line; real: Real }> {
  const { bot, box, deliveries, verifyBot } = place.world;
  const owes = async (): Promise<boolean> =>
    (await deliveries(`target=${bot.id}`)).some(({ status }) => /^(pending|retrying|parked)$/.test(status));
  bot.reply = () => bot.ok();
  await together(async () => {
    // Another activation, so that what waits for its time does not wait.
    if (await owes()) await box.must('PATCH', `/bots/${bot.id}`, { status: 'unverified' });
    await verifyBot();
    await until('the bot has all it is owed', async () => !(await owes()), PATIENCE_MS.first);
  });
  return { model: new Line(), real: new Real(place) };
}

/** `fault`: something is wrong, and the first sign of it is enough. `path`, `replayPath`: as printed, with their seed. */
export type Asked = {
  times: number;
  seed: number;
  path?: string | undefined;
  replayPath?: string | undefined;
  env?: Record<string, string>;
  fault?: Fault;
};

export async function modelled(
  { times, seed, path, replayPath, env = {}, fault }: Asked,
  tell: (done: number) => void = () => undefined,
): Promise<Modelled> {
  const found: Modelled = { sequences: 0, acts: {}, kills: 0, broken: [] };
  const box: Box = await startBox({ env });
  const { together, alone } = gate();
  let caught = false;
  const shared: Shared = {
    together,
    alone,
    patienceMs: () => PATIENCE_MS[caught ? 'shrinking' : fault ? 'planted' : 'first'],
    count: (name) => {
      found.acts[name] = (found.acts[name] ?? 0) + 1;
    },
  };

  async function run(index: number): Promise<void> {
    const place = await makePlace(box, fault);
    const property = fc.asyncProperty(commands(shared, ACTS_MAX, replayPath), async (sequence) => {
      try {
        // With a fault one world after the other finds it: the others need not.
        if (fault && found.broken.length > 0) return;
        await fc.asyncModelRun(() => begin(place, shared), sequence);
        found.sequences += 1;
        tell(found.sequences);
      } catch (error) {
        caught = true;
        throw error;
      }
    });
    const numRuns = Math.floor((times + index) / WORLDS);
    const replay = path === undefined ? {} : { path };
    const how = { numRuns, seed: seed + index, endOnFailure: fault !== undefined, ...replay };
    const details = await fc.check(property, how);
    if (details.failed) found.broken.push(`${String(details.errorInstance)} ${fc.defaultReportMessage(details)}`);
    await place.world.close();
  }

  try {
    const worlds = path === undefined ? Array.from({ length: WORLDS }, (_, index) => index) : [0];
    await Promise.all(worlds.map(run));
    found.kills = found.acts['the program is killed'] ?? 0;
    return found;
  } finally {
    await box.close();
  }
}
