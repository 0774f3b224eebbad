// Proof: every route that the OpenAPI document names, with bodies, queries and ids that are right, nearly right and
// hostile, and every door of strangers with its right secret: never a 5xx, never silence, every refusal is a problem with a
// code that names what is wrong, and nothing is kept in half.
// Not here: who may ask what (test/flows/access.test.ts), the requests themselves (fuzz-maker.ts, fuzz-doors.ts,
// fuzz-person.ts). The one thing to know: what was asked last is asked again, so that ids which exist are met as often as
// those which do not; what the doors stand on is spared, for else they would soon be shut.
import { type Box, startBox } from '../parties/box.ts';
import { type Answer, call, sleep } from '../parties/call.ts';
import { makeWorld, type World } from '../parties/world.ts';
import { Bender } from './bend.ts';
import { chance } from './chance.ts';
import { leftWhole } from './fuzz-after.ts';
import { type Door, doorsOf, knock } from './fuzz-doors.ts';
import { Maker, type Route, request, routesOf } from './fuzz-maker.ts';
import { Person } from './fuzz-person.ts';

export type Fuzzed = {
  asked: number;
  routes: number;
  /** by the first digit of the status */
  statuses: Record<string, number>;
  slowestMs: number;
  /** whose that was */
  slowest: string;
  /** at each door: what was asked there with its right secret, and what of it was taken */
  doors: Record<string, { asked: number; taken: number }>;
  /** things that were read again after a restart */
  read: number;
  /** what must not be, with what was asked */
  faults: string[];
};

const SILENT_MS = 10_000;
const AT_ONCE = 8;
/** The share that goes to the doors, with the right secrets. */
const BEHIND = 0.25;
/** Checking a password takes half a second on purpose: how rarely, and not timed. */
const PEOPLE = 1 / 400;
/** What is slow on purpose, copies the disk, or sends everything again, so that there is twice as much: once in so many requests. */
const RARE: Readonly<Record<string, number>> = {
  'POST /api/v1/session': 1_000,
  'POST /api/v1/backups': 5_000,
  'POST /api/v1/replays': 20_000,
};
/** Of these no more is asked than that they come to an end. */
const UNTIMED = new Set(['POST /api/v1/session', 'POST /api/v1/backups']);
const INVALID = 422;

/** '' or what is wrong with an answer. */
function faultOf({ status, headers, body, text }: Answer): string {
  if (status >= 500) return `answered ${status} ${body?.code ?? ''} ${body?.request_id ?? ''}`;
  if (status < 400) return '';
  // Direct Line has its own words for it.
  if (typeof body?.error?.code === 'string' && typeof body.error.message === 'string') return '';
  const isProblem = headers['content-type']?.startsWith('application/problem+json') && typeof body?.code === 'string';
  if (!isProblem || body.status !== status) return `refused with ${status} and no problem: ${text.slice(0, 200)}`;
  const names =
    Array.isArray(body.errors) && body.errors.some((each: { pointer?: unknown }) => isPointer(each?.pointer));
  return status === INVALID && body.code === 'invalid' && !names ? `names no field: ${text.slice(0, 400)}` : '';
}

const isPointer = (pointer: unknown): boolean => typeof pointer === 'string' && /^(\/.*)?$/s.test(pointer);

type Asking = { box: Box; found: Fuzzed; maker: Maker; bender: Bender; spared: Set<string>; stoodStill(): number };
type Asked = { name: string; told: string; timed?: boolean; seen?(answer: Answer): string | Promise<string> };

const TICK_MS = 20;
const PAUSE_MS = 100;
/** Only then it is asked whose that was. */
const LONG_MS = 500;

/** How long this process itself has stood still so far: making what is hostile takes it seconds at times, and is nobody's slowness. */
function watchItself(): { stoodStill(): number; end(): void } {
  let [last, sum] = [performance.now(), 0];
  const timer = setInterval(() => {
    const now = performance.now();
    if (now - last > PAUSE_MS) sum += now - last;
    last = now;
  }, TICK_MS).unref();
  return { stoodStill: () => sum, end: () => clearInterval(timer) };
}

/** Asks, and writes down what came. */
async function judge({ found, stoodStill }: Asking, { name, told, timed, seen }: Asked, ask: () => Promise<Answer>) {
  const [from, stood] = [performance.now(), stoodStill()];
  const fault = await ask().then(async (answer) => {
    let ms = performance.now() - from;
    if (ms > LONG_MS) {
      // What came while it stood still is looked at before it has noticed.
      await sleep(2 * TICK_MS);
      ms = Math.max(0, ms - (stoodStill() - stood));
    }
    if (timed !== false && ms > found.slowestMs) Object.assign(found, { slowestMs: ms, slowest: name });
    const digit = `${Math.floor(answer.status / 100)}xx`;
    found.statuses[digit] = (found.statuses[digit] ?? 0) + 1;
    return faultOf(answer) || ((await seen?.(answer)) ?? '');
  }, String);
  if (fault) found.faults.push(`${told}: ${fault}`);
}

async function askRoute(asking: Asking, route: Route): Promise<void> {
  const { box, maker, spared } = asking;
  const { path, body } = request(route, maker);
  const headers = { authorization: `Bearer ${box.key}` };
  const asked = { headers, timeoutMs: SILENT_MS, ...(body === undefined ? {} : { body }) };
  const name = `${route.method} ${route.path}`;
  const told = `${route.method} ${path} ${JSON.stringify(body)?.slice(0, 300) ?? ''}`;
  const seen = (answer: Answer): string => {
    maker.learn(answer.body, spared);
    return '';
  };
  await judge(asking, { name, told, seen, timed: !UNTIMED.has(name) }, () =>
    call(route.method, `${box.base}${path}`, asked),
  );
}

/** Behind a door: with its right secret, what is nearly right. */
async function askDoor(asking: Asking, door: Door): Promise<void> {
  const { url, headers, body, seen } = await knock(door, asking.bender);
  const told = `${door.name}: ${body.toString('utf8').slice(0, 300)}`;
  await judge(asking, { name: door.name, told, seen: counted(asking, door.name, seen) }, () =>
    call('POST', url, { headers, body, timeoutMs: SILENT_MS }),
  );
}

async function askPerson(asking: Asking, person: Person): Promise<void> {
  const { name, method, url, headers, body, seen } = await person.step();
  const told = `${name} of a person: ${body?.toString('utf8').slice(0, 300) ?? ''}`;
  await judge(asking, { name, told, timed: false, seen: counted(asking, 'people', seen) }, () =>
    call(method, url, { headers, timeoutMs: SILENT_MS, ...(body === undefined ? {} : { body }) }),
  );
}

/** For the figures, which say whether a door was ever passed. */
const counted =
  // biome-ignore lint/suspicious/noConfusingVoidType: most of those who see an answer have nothing to say
  ({ found }: Asking, door: string, seen: (answer: Answer) => string | void | Promise<string>) => {
    found.doors[door] ??= { asked: 0, taken: 0 };
    const at = found.doors[door];
    return async (answer: Answer): Promise<string> => {
      at.asked += 1;
      if (answer.status < 300) at.taken += 1;
      return (await seen(answer)) ?? '';
    };
  };

/** Ids that are asked for from the beginning. */
async function idsOf(world: World): Promise<string[]> {
  const line = await world.offered('hello');
  const ids = [line.thread, line.conversation, line.deskConversation, world.service, world.rule];
  return [...ids, world.bot.id, world.desk.id, world.channel.asset.id];
}

/** What each party needs to remember of what it was told, to find what is waited for. All of it takes too long to look through. */
const REMEMBERED = 2_000;

function forget({ bot, desk, channel }: World): void {
  for (const { posts } of [bot, desk, channel]) posts.splice(0, Math.max(0, posts.length - REMEMBERED));
}

/** Until all was asked: by chance a door, a person or a route. */
async function askAll(asking: Asking, doors: readonly Door[], routes: readonly Route[], times: number, tell: Tell) {
  const { box, found, maker, bender, spared } = asking;
  const kept = routes.filter(({ method }) => method !== 'DELETE');
  const person = new Person(box, bender, spared);
  const rare: Record<string, number> = {};
  let busy = false;
  const begin = (): Promise<void> => {
    if (!busy && maker.one(PEOPLE)) {
      busy = true;
      return askPerson(asking, person).finally(() => {
        busy = false;
      });
    }
    if (maker.one(BEHIND)) {
      const door = maker.pick(doors);
      return askDoor(asking, maker.one(door.passes ?? 0) ? maker.pick(doors) : door);
    }
    // What is deleted cannot be asked for any more.
    let route = maker.pick(maker.one(0.9) ? kept : routes);
    while ((rare[nameOf(route)] ?? 0) * (RARE[nameOf(route)] ?? 0) >= found.asked) route = maker.pick(kept);
    rare[nameOf(route)] = (rare[nameOf(route)] ?? 0) + 1;
    return askRoute(asking, route);
  };
  const ask = async (): Promise<void> => {
    while (found.asked < times) {
      found.asked += 1;
      if (found.asked % 500 === 0) tell(found.asked);
      await begin();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
}

const nameOf = ({ method, path }: Route): string => `${method} ${path}`;
type Tell = (done: number) => void;

export async function fuzzRoutes(
  { times, seed }: { times: number; seed: number },
  tell: Tell = () => undefined,
): Promise<Fuzzed> {
  const random = chance(seed);
  const box = await startBox();
  try {
    const [world, own] = [await makeWorld(box), await makeWorld(box)];
    const { doors, close } = await doorsOf(box, own);
    const spared = new Set([own.bot.id, own.desk.id, own.service, own.rule, own.channel.asset.id]);
    for (const { id } of (await box.must('GET', '/assets?limit=100')).data) spared.add(id);
    for (const { id } of (await box.must('GET', `/services/${own.service}/rules`)).data) spared.add(id);
    const document = (await call('GET', `${box.base}/openapi.json`)).body;
    const routes = routesOf(document);
    const maker = new Maker(document, random, await idsOf(world));
    const found: Fuzzed = {
      ...{ asked: 0, routes: routes.length, statuses: {}, slowestMs: 0, slowest: '', doors: {}, read: 0, faults: [] },
    };
    const { stoodStill, end } = watchItself();
    await askAll(
      { box, found, maker, bender: new Bender(random), spared, stoodStill },
      doors,
      routes,
      times,
      (done) => {
        for (const each of [world, own]) forget(each);
        tell(done);
      },
    );
    end();
    const { read, faults } = await leftWhole(box, own, routes);
    found.read = read;
    found.faults.push(...faults);
    await Promise.all([close(), own.close(), world.close()]);
    return found;
  } finally {
    await box.close();
  }
}
