// The acts of the model-based proof: each is done to the model and to the real program, and then the two must agree.
// Not here: what is right (model-line.ts). The one thing to know: after each act the program is looked at until it says
// what the model says; it has a while for it, and no longer.
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { type Answer, sleep } from '../parties/call.ts';
import { HANDOVERS_MAX, type Line, type Party } from './model-line.ts';
import { expected, type Real } from './model-real.ts';

const LOOK_EVERY_MS = 15;

/** What a run shares with the others in the same program. */
export type Shared = {
  /** acts of all sequences go on at once, but none while the program is killed */
  together<T>(act: () => Promise<T>): Promise<T>;
  alone<T>(act: () => Promise<T>): Promise<T>;
  patienceMs(): number;
  count(name: string): void;
};

type Doing = { model: Line; real: Real; pick: number };
/** Does it to both; gives what the model expects to be answered, and what was. `when`: it can be done at all. */
type Act = { when?(model: Line): boolean; run(doing: Doing): Promise<[number, Answer] | null> };

const talking = (model: Line): boolean => model.talks.length > 0;
const met = (model: Line): boolean => model.convs > 0;
const PARTIES: readonly Party[] = ['bot', 'X', 'Y'];

/** Mostly the desk conversation of now, sometimes one that is long over. */
function talkOf({ model, real, pick }: Doing) {
  const index = pick % 4 === 0 ? pick % model.talks.length : model.talks.length - 1;
  const talk = model.talks[index] as Line['talks'][number];
  return { talk, id: real.talkIds[index] as string, desk: real.desk(talk.desk) };
}

const wordOf = ({ real }: Doing, who: string): string => `${who}${++real.words}`;
const botConv = ({ real }: Doing): string => real.convIds.at(-1) as string;

async function patch(doing: Doing, body: object, status: 'unverified' | 'disabled' | null): Promise<[number, Answer]> {
  const answer = await doing.real.box.api('PATCH', `/bots/${doing.real.bot.id}`, body);
  if (status) doing.model.become(status);
  return [200, answer];
}

const ACTS: Record<string, Act> = {
  'the customer says': {
    async run(doing) {
      const words = wordOf(doing, 'c');
      return [doing.model.say(words), await doing.real.world.channel.says(doing.real.address, words)];
    },
  },
  'the customer taps': {
    async run(doing) {
      const words = wordOf(doing, 'tap');
      return [doing.model.say(words), await doing.real.world.channel.taps(doing.real.address, words)];
    },
  },
  'the bot says': {
    when: met,
    async run(doing) {
      const words = wordOf(doing, 'b');
      return [doing.model.botSays(words), await doing.real.bot.say(botConv(doing), words)];
    },
  },
  'the bot hands over': {
    // The loop guard counts by the minute, which the model does not know.
    when: (model) => met(model) && model.handovers < HANDOVERS_MAX,
    run: async (doing) => [doing.model.botHandsOver(), await doing.real.bot.handOver(botConv(doing))],
  },
  'the bot closes': {
    when: met,
    run: async (doing) => [doing.model.botCloses(), await doing.real.bot.finish(botConv(doing))],
  },
  'the desk queues': {
    when: talking,
    async run(doing) {
      const { talk, id, desk } = talkOf(doing);
      const expects = doing.model.late(talk, false) ?? doing.model.deskQueues(talk);
      return [expects, await desk.tell('conversation.queued', id)];
    },
  },
  'an agent accepts': {
    when: talking,
    async run(doing) {
      const { talk, id, desk } = talkOf(doing);
      return [doing.model.late(talk, false) ?? doing.model.deskAccepts(talk), await desk.accept(id)];
    },
  },
  'an agent says': {
    when: talking,
    async run(doing) {
      const { talk, id, desk } = talkOf(doing);
      const words = wordOf(doing, 'a');
      return [doing.model.late(talk, false) ?? doing.model.agentSays(talk, words), await desk.say(id, words)];
    },
  },
  'an agent closes': {
    when: talking,
    async run(doing) {
      const { talk, id, desk } = talkOf(doing);
      return [doing.model.late(talk, true) ?? doing.model.deskCloses(talk), await desk.finish(id)];
    },
  },
  'the desk rejects': {
    when: talking,
    async run(doing) {
      const { talk, id, desk } = talkOf(doing);
      const expects = doing.model.late(talk, true) ?? doing.model.deskRejects(talk);
      return [expects, await desk.tell('conversation.rejected', id, { reason: 'full' })];
    },
  },
  'the desk transfers': {
    when: talking,
    async run(doing) {
      const { talk, id, desk } = talkOf(doing);
      const to = (['back', ...PARTIES] as const)[(doing.pick >> 3) % 4] as Party | 'back';
      const expects = doing.model.late(talk, false) ?? doing.model.deskTransfers(talk, to);
      const named = to === 'back' ? 'bot' : doing.real.idOf(to);
      return [expects, await desk.tell('conversation.transferred', id, { to: named, reason: 'passed on' })];
    },
  },
  'somebody moves it by hand': {
    when: met,
    async run({ model, real, pick }) {
      const to = PARTIES[pick % PARTIES.length] as Party;
      const path = `/threads/${real.threadId}/holder`;
      return [model.move(to), await real.box.api('POST', path, { to: real.idOf(to), reason: 'by hand' })];
    },
  },
  'the bot falls ill': {
    when: ({ well }) => well,
    async run({ model, real }) {
      model.well = false;
      real.be(false);
      return null;
    },
  },
  'the bot is well again': {
    when: ({ well }) => !well,
    async run({ model, real }) {
      model.well = true;
      real.be(true);
      return null;
    },
  },
  'somebody verifies the bot': {
    async run({ model, real }) {
      const answer = await real.box.api('POST', `/bots/${real.bot.id}/verification`, {});
      if (model.well) model.become('active');
      if (answer.body?.verified !== model.well) return [-1, answer];
      return [200, answer];
    },
  },
  'somebody edits the bot': {
    run: (doing) =>
      patch(
        doing,
        { url: `${doing.real.bot.url}/in-${doing.real.address}-${++doing.real.words}` },
        doing.model.status === 'disabled' ? null : 'unverified',
      ),
  },
  'somebody switches the bot off': { run: (doing) => patch(doing, { enabled: false }, 'disabled') },
  'somebody switches the bot on': {
    run: (doing) => patch(doing, { enabled: true }, doing.model.status === 'disabled' ? 'unverified' : null),
  },
  'somebody retries what waits': {
    when: ({ items, status }) => status === 'active' && items.some((item) => item.status === 'tried'),
    async run({ model, real }) {
      const id = real.owedIds[model.items.findIndex((item) => item.status === 'tried')];
      model.retry();
      return [202, await real.box.api('POST', `/deliveries/${id}/retry`, {})];
    },
  },
  'somebody replays': {
    when: ({ items }) => items.length > 0,
    async run({ model, real, pick }) {
      const index = pick % model.items.length;
      const id = real.owedIds[index];
      return [model.replay(index), await real.box.api('POST', `/deliveries/${id}/replay`, {})];
    },
  },
};

/** The customer speaks, and the program is killed as soon as it has acknowledged that. */
async function killed({ model, real }: Doing): Promise<[number, Answer]> {
  const words = `k${++real.words}`;
  const expects = model.say(words);
  const answer = await real.world.channel.says(real.address, words);
  await real.box.kill9();
  await real.box.start();
  return [expects, answer];
}

/** Looks until the program is as the model is. */
async function agree({ model, real }: Doing, patienceMs: number): Promise<void> {
  const wanted = expected(model);
  const until = Date.now() + patienceMs;
  for (let looks = 0; ; looks++) {
    const seen = await real.seen();
    if (isDeepStrictEqual(seen, wanted)) return;
    if (Date.now() > until && looks > 2)
      throw new Error(`${differing(wanted, seen)}; the bot got ${await real.got().catch(String)}`);
    await sleep(LOOK_EVERY_MS * Math.min(10, looks + 1));
  }
}

const differing = <T extends object>(wanted: T, seen: T): string =>
  (Object.keys(wanted) as (keyof T)[])
    .filter((key) => !isDeepStrictEqual(wanted[key], seen[key]))
    .map((key) => `${String(key)} is ${JSON.stringify(seen[key])}, not ${JSON.stringify(wanted[key])}`)
    .join('; ');

class Command implements fc.AsyncCommand<Line, Real, false> {
  readonly #name: string;
  readonly #pick: number;
  readonly #shared: Shared;

  constructor(name: string, pick: number, shared: Shared) {
    this.#name = name;
    this.#pick = pick;
    this.#shared = shared;
  }

  check(model: Readonly<Line>): boolean {
    if (this.#name === KILL) return this.#pick % KILLS_EVERY === 0;
    return ACTS[this.#name]?.when?.(model as Line) ?? true;
  }

  async run(model: Line, real: Real): Promise<void> {
    const shared = this.#shared;
    const doing: Doing = { model, real, pick: this.#pick };
    shared.count(this.#name);
    const done =
      this.#name === KILL
        ? await shared.alone(() => killed(doing))
        : await shared.together(async () => ACTS[this.#name]?.run(doing) ?? null);
    if (done && done[0] !== done[1].status) {
      throw new Error(`${this}: answered ${done[1].status} ${done[1].text.slice(0, 300)}, not ${done[0]}`);
    }
    await shared
      .together(() => agree(doing, shared.patienceMs()))
      .catch((error: unknown) => {
        throw new Error(`after ${this}: ${error instanceof Error ? error.message : error}`);
      });
  }

  toString(): string {
    return `${this.#name} (${this.#pick})`;
  }
}

const KILL = 'the program is killed';
/** Of the kills that are drawn: a start takes as long as many acts. */
const KILLS_EVERY = 8;
/** How often an act is drawn, where not once. */
const OFTEN: Record<string, number> = {
  ...{ 'the customer says': 6, 'the bot says': 3, 'the bot hands over': 3, 'an agent accepts': 2, 'an agent says': 2 },
  ...{ 'somebody verifies the bot': 2 },
};

/** All commands, some drawn more often than others. */
export function commands(shared: Shared, most: number, replayPath: string | undefined) {
  const names = [...Object.keys(ACTS).flatMap((name) => Array.from({ length: OFTEN[name] ?? 1 }, () => name)), KILL];
  const one = fc.tuple(fc.constantFrom(...names), fc.nat(4_095)).map(([name, pick]) => new Command(name, pick, shared));
  return fc.commands<Line, Real, false>([one], {
    maxCommands: most,
    size: 'max',
    ...(replayPath === undefined ? {} : { replayPath }),
  });
}
