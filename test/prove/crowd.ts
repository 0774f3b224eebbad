// A crowd of customers and their bot, talking both ways while something bad happens: what was said is counted on both
// sides as it comes, and nothing of it is kept, so that a run may last for hours.
// Not here: what happens to the program (kill.ts, database.ts). The one thing to know: everybody keeps their word as real
// parties do: they repeat what was not acknowledged, under the same id, and speak on only when it was.
import type { Box } from '../parties/box.ts';
import { type Answer, sleep } from '../parties/call.ts';
import type { Post } from '../parties/listener.ts';
import { makeWorld, type World } from '../parties/world.ts';

const CUSTOMERS = 60;
/** Keys of the last tries of each customer: a try is repeated soon, or never. */
const KEYS_KEPT = 200;
const AGAIN_MS = 40;
const NEVER_MS = 120_000;
/** Posts that the listeners write down are dropped every so often. */
const FORGET_MS = 1_000;
/** Longer than the first retry, a minute, of an exchange that a stalled machine let run out. */
const COMES_WITHIN_MS = 150_000;

export type Counted = {
  /** said by customers and acknowledged */
  said: number;
  /** tries that were repeated under their own key: allowed, and counted */
  repeated: number;
  lost: number;
  twice: number;
  disordered: number;
  /** acknowledged with anything else than a 2xx */
  refused: string[];
};

export type Crowd = {
  world: World;
  /** posts that the bot has got */
  heard(): number;
  /** stops talking, waits until all is told, and counts */
  end(): Promise<Counted>;
  close(): Promise<void>;
};

/** What one side has heard of one customer. */
type Ear = { last: number; keys: string[] };
type Side = { ears: Ear[]; repeated: number; twice: number; disordered: number };
const side = (): Side => ({
  ears: Array.from({ length: CUSTOMERS }, () => ({ last: 0, keys: [] })),
  ...{ repeated: 0, twice: 0, disordered: 0 },
});

/** False: it is a try that came before. */
function hear(of: Side, customer: number, number: number, key: string): boolean {
  const ear = of.ears[customer] as Ear;
  if (ear.keys.includes(key)) {
    of.repeated += 1;
    return false;
  }
  ear.keys.push(key);
  if (ear.keys.length > KEYS_KEPT) ear.keys.shift();
  if (number <= ear.last) of.twice += 1;
  else if (number > ear.last + 1) of.disordered += 1;
  ear.last = Math.max(ear.last, number);
  return true;
}

/** Repeats until it was taken: what a provider or a bot does when its call broke or was answered by 5xx. */
async function insist(once: () => Promise<Answer>): Promise<Answer> {
  const deadline = Date.now() + NEVER_MS;
  for (;;) {
    const answer = await once().catch(() => undefined);
    if (answer !== undefined && answer.status < 500) return answer;
    if (Date.now() > deadline) return answer ?? { status: 0, text: 'no answer', body: null, headers: {} };
    await sleep(AGAIN_MS);
  }
}

const WORDS = /^(?:re: )?c(\d+) #(\d+)$/;

/** `perSecond` messages of customers together; the bot answers each, so that as many go the other way. */
export async function startCrowd(box: Box, perSecond: number): Promise<Crowd> {
  const world = await makeWorld(box, { rule: 'bot', bot: { max_per_minute: 10_000, failure_threshold: 1_000 } });
  const [atBot, atChannel] = [side(), side()];
  const said = new Array<number>(CUSTOMERS).fill(0);
  const refused: string[] = [];
  const answers = new Array<Promise<void>>(CUSTOMERS).fill(Promise.resolve());
  const addresses = Array.from({ length: CUSTOMERS }, () => world.newcomer());
  let [heard, over] = [0, false];

  const note = (what: string, { status, text }: Answer): boolean => {
    if (status !== 202) refused.push(`${what}: ${status} ${text}`);
    return status === 202;
  };
  world.bot.reply = (post: Post) => {
    const { Event, Message, Conversationid, Messageid } = post.body;
    const [, customer, number] = (Event === 'Incoming message' && WORDS.exec(Message)) || [];
    if (customer === undefined) return world.bot.ok();
    heard += 1;
    if (hear(atBot, Number(customer), Number(number), post.headers['webhook-id'] ?? '')) {
      const reply = (): Promise<Answer> =>
        world.bot.say(Conversationid, `re: ${Message}`, { messageid: `re-${Messageid}` });
      // One after the other, so that their order is one.
      const before = answers[Number(customer)] as Promise<void>;
      answers[Number(customer)] = before.then(async () => void note(`re: ${Message}`, await insist(reply)));
    }
    return world.bot.ok();
  };
  world.channel.reply = (post: Post) => {
    const [, customer, number] = WORDS.exec(post.body?.message?.text ?? '') ?? [];
    if (customer !== undefined) {
      hear(atChannel, Number(customer), Number(number), post.headers['webhook-id'] ?? '');
    }
    return {};
  };
  const forget = setInterval(() => {
    for (const { posts } of [world.bot, world.channel]) posts.length = 0;
  }, FORGET_MS);

  async function customer(index: number): Promise<void> {
    const every = (CUSTOMERS / perSecond) * 1_000;
    await sleep(Math.random() * every);
    while (!over) {
      const from = Date.now();
      const text = `c${index} #${(said[index] as number) + 1}`;
      const address = addresses[index] as string;
      const answer = await insist(() => world.channel.says(address, text, { id: `${address} ${text}` }));
      if (!note(text, answer)) return;
      said[index] = (said[index] as number) + 1;
      await sleep(Math.max(0, every - (Date.now() - from)));
    }
  }
  const talking = Array.from({ length: CUSTOMERS }, (_, index) => customer(index));

  /** How many were said and not heard, on both sides together. */
  const missing = (): number =>
    [atBot, atChannel].reduce(
      (sum, { ears }) => sum + ears.reduce((lack, ear, index) => lack + (said[index] as number) - ear.last, 0),
      0,
    );
  return {
    world,
    heard: () => heard,
    end: async () => {
      over = true;
      await Promise.all(talking);
      const deadline = Date.now() + COMES_WITHIN_MS;
      while (missing() > 0 && Date.now() < deadline) await sleep(50);
      await Promise.all(answers);
      const both = (of: 'repeated' | 'twice' | 'disordered'): number => atBot[of] + atChannel[of];
      return {
        said: said.reduce((sum, count) => sum + count, 0),
        ...{ repeated: both('repeated'), lost: missing(), twice: both('twice'), disordered: both('disordered') },
        refused,
      };
    },
    close: async () => {
      over = true;
      clearInterval(forget);
      await world.close();
    },
  };
}
