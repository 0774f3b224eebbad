// Proof: two processes on one PostgreSQL under load both ways, of which one is killed, frozen or cut off from the database.
// Not here: the networks (test/parties/netns.ts), the talk and its counting (crowd.ts), the witness (cuts-witness.ts).
// The one thing to know: everybody asks the two in turn and gives a call up soon, so that what a struck process took, or
// may have taken, is said again to the other under the same id.
import { type Box, startBox } from '../parties/box.ts';
import { call, sleep, until } from '../parties/call.ts';
import type { Post } from '../parties/listener.ts';
import { type Cut, makeRoom, type Room } from '../parties/netns.ts';
import { type Postgres, startPostgres } from '../parties/postgres.ts';
import { chance } from './chance.ts';
import { type Counted, type Crowd, startCrowd } from './crowd.ts';
import { setWitness, watchLeases, witnessSees, writesOfStaleOwners } from './cuts-witness.ts';

const KINDS = ['kill', 'freeze', 'down', 'silent'] as const;
export type Kind = (typeof KINDS)[number];

/** A call that takes longer is given up, and asked of the other process. */
const PATIENCE_MS = 2_000;
/** Longer, where it is measured when a process is back: what it answers late, it has answered. */
const PROBE_MS = 4_000;
/** The bot takes so long at most, so that attempts are under way when a process is struck. */
const BOT_MS = 150;
const APART_MS = { from: 500, to: 2_000 };
/** A process that was killed is started again after so long at most: before the other could take over, or after. */
const KILLED_MS = 8_000;
/** A cable is cut for so long: the lease of 6 s runs out in some of them, and in some not. */
const CUT_MS = { from: 3_000, to: 20_000 };
/** The program tells a hook to come again after 5 s, and then at once. */
const REFUSED_MS = 6_500;
/** Nothing takes so long that still works: not even the first retry of an exchange. */
const NEVER_MS = 100_000;

export type Struck = Counted & {
  strikes: Record<Kind, number>;
  /** from a strike until its conversations were another process's; a process that was back sooner keeps them */
  takenOverMs: number[];
  /** from a strike until every customer was heard again, who had to find out by themselves whom to ask */
  heardMs: number[];
  /** from the mending of the cable, or the waking, until the process took words again */
  backMs: Record<'cut' | 'frozen', number[]>;
  /** cuts of more than REFUSED_MS, and how many of them were answered with 503 and Retry-After */
  refusals: { due: number; seen: number };
  /** results and transactions of a process that others had taken over from, which were refused */
  staleRefused: number;
  /** transactions of such a process that were kept, as the database saw it */
  staleWrites: number;
  /** whether the database would have seen one */
  witnessSees: boolean;
};

export type Cuts = {
  times: number;
  seed: number;
  perSecond: number;
  /** how long a process is frozen, and a cable cut; by default 30 s, and by chance */
  freezeMs?: number;
  cutMs?: number;
  kinds?: readonly Kind[];
};

type Half = { box: Box; room: Room };
type Scene = {
  halves: Half[];
  crowd: Crowd;
  random: () => number;
  told: Struck;
  heardAt: Map<string, number>;
  leases: Awaited<ReturnType<typeof watchLeases>>;
};

export async function cutApart(
  { times, seed, perSecond, freezeMs = 30_000, cutMs, kinds = KINDS }: Cuts,
  tell: (done: number) => void = () => undefined,
): Promise<Struck> {
  const random = chance(seed);
  const order = Array.from({ length: times }, (_, index) => kinds[index % kinds.length] as Kind);
  return withTwo(async (halves, postgres, url) => {
    const [crowd, leases] = [await startCrowd(halves[0]?.box as Box, perSecond), await watchLeases(url)];
    try {
      const scene: Scene = { halves, crowd, random, told: nothingYet(), heardAt: new Map(), leases };
      askInTurn(scene);
      await until('both take words', () => Promise.all(halves.map((half) => takes(scene, half))).then(all));
      setWitness(postgres, url);
      for (const [index, kind] of shuffled(order, random).entries()) {
        await sleep(between(random, APART_MS));
        const struck = Math.floor(random() * halves.length);
        await strike(scene, kind, halves[struck] as Half, {
          freeze: freezeMs,
          cut: cutMs ?? between(random, CUT_MS),
        });
        tell(index + 1);
      }
      const counted = await crowd.end();
      const staleWrites = writesOfStaleOwners(postgres, url);
      return { ...scene.told, ...counted, staleWrites, witnessSees: witnessSees(postgres, url) };
    } finally {
      await leases.end();
      await crowd.close();
    }
  });
}

/** Two programs on one database, each in a room of its own. */
async function withTwo<T>(work: (halves: Half[], postgres: Postgres, url: string) => Promise<T>): Promise<T> {
  const rooms = [makeRoom(), makeRoom()];
  const boxes: Box[] = [];
  let postgres: Postgres | undefined;
  try {
    postgres = await startPostgres(rooms.map((room) => room.database));
    const url = postgres.database();
    for (const { database, through, address } of rooms) {
      const env = { SIGNALBOX_DATABASE_URL: url.replace('127.0.0.1', database) };
      boxes.push(await startBox({ env, through, host: address, ...(boxes[0] ? { data: boxes[0].data } : {}) }));
    }
    const halves = rooms.map((room, index) => ({ room, box: boxes[index] as Box }));
    return await work(halves, postgres, url);
  } finally {
    for (const room of rooms) room.mend();
    for (const box of boxes.reverse()) await box.close();
    postgres?.remove();
    for (const room of rooms) room.remove();
  }
}

/** Customers and the bot ask the two in turn; it is noted when each customer was heard. */
function askInTurn({ crowd, halves, heardAt, random }: Scene): void {
  const { bot, channel } = crowd.world;
  const base = (halves[0] as Half).box.base;
  let turn = 0;
  const ask = (hook: string, asked: { body: unknown; headers?: Record<string, string> }) => {
    const { box } = halves[turn++ % halves.length] as Half;
    return call('POST', hook.replace(base, box.base), { ...asked, timeoutMs: PATIENCE_MS });
  };
  channel.post = (body) =>
    ask(channel.asset.hook_url, { body, headers: { authorization: `Bearer ${channel.asset.secret}` } });
  bot.post = (body, headers) => ask(bot.hookUrl, { body, ...(headers ? { headers } : {}) });
  const hear = bot.reply;
  bot.reply = async (post: Post) => {
    const address = post.body?.Signalbox?.User;
    if (address && address !== PROBER) heardAt.set(address, performance.now());
    return { ...(await hear(post)), delayMs: random() * BOT_MS };
  };
}

async function strike(scene: Scene, kind: Kind, half: Half, away: { freeze: number; cut: number }): Promise<void> {
  const { told, random } = scene;
  const { box, room } = half;
  told.strikes[kind] += 1;
  const owner = await scene.leases.next(2 * NEVER_MS);
  const from = performance.now();
  const over = (ms: number): Promise<void> => sleep(Math.max(0, from + ms - performance.now()));
  const heard = everybodyHeard(scene, from);
  if (kind === 'kill') {
    await box.kill9();
    await over(random() * KILLED_MS);
    await box.start();
  } else if (kind === 'freeze') {
    process.kill(box.pid(), 'SIGSTOP');
    await over(away.freeze);
    process.kill(box.pid(), 'SIGCONT');
    told.backMs.frozen.push(await back(scene, half));
  } else {
    room.cut(kind satisfies Cut);
    const refused = refusal(scene, half, from + away.cut);
    await over(away.cut);
    room.mend();
    told.backMs.cut.push(await back(scene, half));
    told.refusals.due += away.cut > REFUSED_MS ? 1 : 0;
    told.refusals.seen += away.cut > REFUSED_MS && (await refused) ? 1 : 0;
  }
  owner.stop();
  const taken = await owner.taken();
  if (taken !== undefined) told.takenOverMs.push(taken - from);
  told.heardMs.push(await heard);
  await until('both count two', () => Promise.all(scene.halves.map(({ box }) => countsTwo(box))).then(all), NEVER_MS);
  // A process begins its counts anew with its life: what it refused is asked for before it may be killed.
  told.staleRefused += await freshlyRefused(half);
}

/** Milliseconds from `since` until every customer who talks has been heard after it. */
async function everybodyHeard({ heardAt }: Scene, since: number): Promise<number> {
  const customers = [...heardAt.keys()];
  const silent = (): string[] => customers.filter((address) => (heardAt.get(address) as number) <= since);
  await until('every customer is heard again', () => silent().length === 0, NEVER_MS);
  return performance.now() - since;
}

/** Speaks to one process, and is not counted. */
const PROBER = 'prober';
async function says({ crowd }: Scene, { box }: Half, timeoutMs: number) {
  const { world } = crowd;
  const body = {
    type: 'message',
    id: `${Math.random()}`,
    from: { address: PROBER },
    message: { type: 'text', text: '?' },
  };
  const headers = { authorization: `Bearer ${world.channel.asset.secret}` };
  const hook = new URL(world.channel.asset.hook_url).pathname;
  return call('POST', `${box.base}${hook}`, { body, headers, timeoutMs }).catch(() => undefined);
}
const takes = async (scene: Scene, half: Half): Promise<boolean> => (await says(scene, half, PROBE_MS))?.status === 202;

async function back(scene: Scene, half: Half): Promise<number> {
  const from = performance.now();
  await until('it takes words again', () => takes(scene, half), NEVER_MS);
  return performance.now() - from;
}

/** Whether it was answered before then that one should come again. */
async function refusal(scene: Scene, half: Half, end: number): Promise<boolean> {
  for (;;) {
    const answer = await says(scene, half, NEVER_MS);
    if (answer?.status === 503 && Number(answer.headers['retry-after']) > 0) return true;
    if (performance.now() > end) return false;
    await sleep(50);
  }
}

async function counts({ base, key }: Box): Promise<(name: string) => number> {
  const { text } = await call('GET', `${base}/metrics`, { headers: { authorization: `Bearer ${key}` } });
  return (name) => Number(new RegExp(`^signalbox_engine_${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
}
const countsTwo = async (box: Box): Promise<boolean> => (await counts(box).catch(() => () => 0))('processes') === 2;

const seen = new Map<number, number>();
async function freshlyRefused({ box }: Half): Promise<number> {
  const count = await counts(box);
  const now = count('stale_results') + count('stale_writes');
  const fresh = now - (seen.get(box.pid()) ?? 0);
  seen.set(box.pid(), now);
  return fresh;
}

const all = (each: boolean[]): boolean => each.every(Boolean);
const between = (random: () => number, { from, to }: { from: number; to: number }): number =>
  from + random() * (to - from);

function shuffled<T>(list: T[], random: () => number): T[] {
  for (let last = list.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [list[last], list[other]] = [list[other] as T, list[last] as T];
  }
  return list;
}

const nothingYet = (): Struck => ({
  ...{ said: 0, repeated: 0, lost: 0, twice: 0, disordered: 0, refused: [] },
  strikes: { kill: 0, freeze: 0, down: 0, silent: 0 },
  takenOverMs: [],
  heardMs: [],
  backMs: { cut: [], frozen: [] },
  refusals: { due: 0, seen: 0 },
  ...{ staleRefused: 0, staleWrites: 0, witnessSees: false },
});
