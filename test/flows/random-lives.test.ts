// Lives of a few threads made of chance: customers, bot, agents, faults, crashes and the clock in any order; and what
// must hold at the end of every life. A failure names its seed; put it into SEEDS to live that life again.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Box, startBox } from '../parties/box.ts';
import { type Answer, calm, type Loose, sleep, until } from '../parties/call.ts';
import { firstTries, type Post } from '../parties/listener.ts';
import { SEED } from '../parties/seed.ts';
import { makeWorld, verified, type World } from '../parties/world.ts';
import { chance } from '../prove/chance.ts';

const SEEDS = [7, SEED];
const STEPS = 220;
const CUSTOMERS = 5;
const MINUTE = 60_000;
/** Every step is some requests, and some are a new start. */
const LONG_MS = 600_000;

async function insist(once: () => Promise<Answer>): Promise<Answer> {
  for (let count = 0; ; count++) {
    const answer = await once().catch(() => undefined);
    if (answer !== undefined && answer.status < 500) return answer;
    if (count > 600) throw new Error(`never taken: ${answer?.status} ${answer?.text}`);
    await sleep(40);
  }
}

describe.each(SEEDS)('A life with the seed %d', (seed) => {
  const random = chance(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  let box: Box;
  let world: World;
  const said = new Map<string, string[]>();
  /** message ids that were answered with 202: these, and only these, may reach a customer */
  const accepted = new Set<string>();
  const pending = new Set<Promise<unknown>>();
  let words = 0;
  let broken = { bot: false, desk: false };

  const note = (answer: Answer): void => {
    if (answer.status === 202 && answer.body.message_id) accepted.add(answer.body.message_id);
  };
  const later = (work: Promise<unknown>): void => {
    pending.add(work);
    void work.finally(() => pending.delete(work));
  };

  /** An honest bot: answers what it is asked, sometimes with a handover, sometimes never, sometimes too late. */
  function think(post: Post): void {
    const { Conversationid: conversation, ConversationType: type, Event: event, Messageid: id } = post.body;
    if (event !== 'Incoming message' || type !== 'BOT') return;
    const mood = random();
    const key = `r-${id}-${post.headers['webhook-id']}`;
    const reply = (): Promise<void> =>
      insist(() => world.bot.say(conversation, `re ${++words}`, { messageid: key })).then(note);
    if (mood < 0.6) later(reply());
    else if (mood < 0.75) later(insist(() => world.bot.handOver(conversation)).then(() => undefined));
    else if (mood < 0.85) later(sleep(200).then(reply));
  }

  /** What an agent may do with any conversation it was ever offered, also when it is long over. */
  async function agentActs(): Promise<void> {
    const offers = world.desk.posts.filter((post) => post.body?.type === 'conversation.started');
    if (offers.length === 0) return;
    const conversation: string = pick(offers.slice(-CUSTOMERS)).body.data.conversation_id;
    const id = `a-${++words}`;
    const acts: (() => Promise<Answer>)[] = [
      () => world.desk.accept(conversation),
      () => world.desk.say(conversation, `agent ${id}`, { id }),
      () => world.desk.say(conversation, `agent ${id}`, { id }),
      () => world.desk.finish(conversation),
      () => world.desk.tell('conversation.rejected', conversation, { reason: 'full' }),
      () => world.desk.tell('conversation.queued', conversation, { wait_s: 10 }),
      () => world.desk.tell('conversation.transferred', conversation, { to: 'bot', reason: 'done' }),
    ];
    note(await insist(pick(acts)));
  }

  async function heal(): Promise<void> {
    broken = { bot: false, desk: false };
    for (const [kind, id] of [
      ['bots', world.bot.id],
      ['desks', world.desk.id],
    ] as const) {
      if ((await box.must('GET', `/${kind}/${id}`)).status !== 'active') await verified(box, kind, id);
    }
  }

  async function byHand(): Promise<void> {
    const threads = (await box.must('GET', '/threads?limit=100')).data;
    if (threads.length === 0) return;
    const to = random() < 0.5 ? world.bot.id : world.desk.id;
    await box.api('POST', `/threads/${pick<Loose>(threads).id}/holder`, { to, reason: 'by hand' });
  }

  async function step(): Promise<void> {
    const dice = random();
    if (dice < 0.55) {
      const address = pick([...said.keys()]);
      const text = `word ${++words}`;
      const answer = await insist(() => world.channel.says(address, text, { id: text }));
      expect(answer.status).toBe(202);
      said.get(address)!.push(text);
    } else if (dice < 0.8) await agentActs();
    else if (dice < 0.87) await box.advance(pick([1_000, 20_000, MINUTE + 5_000]));
    else if (dice < 0.91) broken.bot = !broken.bot;
    else if (dice < 0.93) broken.desk = !broken.desk;
    else if (dice < 0.96) await heal();
    else if (dice < 0.98) await byHand();
    else if (dice < 0.99) await box.restart();
    else {
      await box.kill9();
      await box.start();
    }
  }

  const threads = async (): Promise<Loose[]> => (await box.must('GET', '/threads?limit=100')).data;

  /** Nobody speaks any more; what is owed is delivered; every deadline has had its time. */
  async function comeToRest(): Promise<void> {
    for (let round = 0; round < 25; round++) {
      await heal();
      await Promise.allSettled([...pending]);
      await calm(80);
      const open = await Promise.all(
        ['pending', 'retrying', 'parked'].map((status) => world.deliveries(`status=${status}`)),
      );
      if (open.flat().length === 0 && pending.size === 0) return;
      await box.advance(5 * MINUTE);
    }
    throw new Error(`the seed ${seed} does not come to rest`);
  }

  beforeAll(async () => {
    box = await startBox();
    world = await makeWorld(box, { bot: { max_per_minute: 10_000, reply_within_s: 30 }, desk: { reply_within_s: 90 } });
    for (let count = 0; count < CUSTOMERS; count++) said.set(world.newcomer(), []);
    world.bot.reply = (post) => {
      if (broken.bot) return { status: 500 };
      setImmediate(() => think(post));
      return world.bot.ok();
    };
    world.desk.reply = () => (broken.desk ? { status: 500 } : {});
    for (let count = 0; count < STEPS; count++) await step();
    await comeToRest();
  }, LONG_MS);
  afterAll(async () => {
    await world?.close();
    await box?.close();
  });

  it('brings the customer what was accepted, each once, and nothing else', () => {
    const delivered = firstTries(world.channel.posts.filter((post) => post.body?.type === 'message'));
    const ids = delivered.map((post) => post.body.message_id as string);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.toSorted()).toEqual([...accepted].toSorted());
    expect(ids.length).toBeGreaterThan(20);
  });

  it('brings it in the order in which it was accepted', async () => {
    for (const thread of await threads()) {
      const kept: string[] = [];
      for (let after = ''; ; ) {
        const page = await box.must('GET', `/threads/${thread.id}/timeline?limit=100${after}`);
        const messages = page.data.filter((item: Loose) => item.type === 'message').map((item: Loose) => item.message);
        kept.push(...messages.filter((each: Loose) => each.author.type !== 'customer').map((each: Loose) => each.id));
        if (!page.next_cursor) break;
        after = `&after=${encodeURIComponent(page.next_cursor)}`;
      }
      expect(world.channel.delivered(thread.address).map((post) => post.body.message_id)).toEqual(kept);
    }
  });

  it('lets the bot hear every word, in order, but for what is dead and shown as such', async () => {
    const dead = new Set((await world.deliveries(`target=${world.bot.id}&status=dead`)).map((each) => each.message_id));
    for (const [address, texts] of said) {
      const heard = new Map<string, string>();
      for (const post of world.bot.heard(address)) {
        if (!heard.has(post.body.Messageid)) heard.set(post.body.Messageid, post.body.Message);
      }
      const order = [...heard.values()];
      const missing = texts.filter((text) => !order.includes(text));
      expect(order, `seed ${seed}, ${address}`).toEqual(texts.filter((text) => order.includes(text)));
      expect(missing.length, `seed ${seed}, ${address} misses ${missing}`).toBeLessThanOrEqual(dead.size);
    }
  });

  it('never lets the epoch go back, as the bot sees it', () => {
    for (const address of said.keys()) {
      const epochs = world.bot.heard(address).map((post) => post.body.Signalbox.Epoch as number);
      expect(epochs, `seed ${seed}, ${address}`).toEqual(epochs.toSorted((a, b) => a - b));
    }
  });

  it('leaves nobody in limbo: who waits has a holder and a deadline, or is shown as waiting for a person', async () => {
    for (const thread of await threads()) {
      if (thread.waiting_since === null) continue;
      const watched = thread.limbo !== null || (thread.holder.type !== 'none' && thread.due_at !== null);
      expect(watched, `seed ${seed}: ${JSON.stringify(thread)}`).toBe(true);
    }
  });

  it('ends with lines that work: everybody can speak and is answered', async () => {
    world.bot.reply = () => world.bot.ok();
    for (const thread of await threads()) {
      if (thread.holder.type !== 'bot')
        await box.must('POST', `/threads/${thread.id}/holder`, { to: world.bot.id, reason: 'end' });
      await world.says(thread.address, 'the end');
      const post = await until('the bot hears it', () =>
        world.bot
          .heard(thread.address)
          .find((each) => each.body.Message === 'the end' && each.body.ConversationType === 'BOT'),
      );
      await world.replies(post.body.Conversationid, 'goodbye');
      await until('the customer hears it', () => world.channel.texts(thread.address).at(-1) === 'goodbye');
    }
  });

  it('without an error in the log', () => {
    expect(box.logs()).not.toMatch(/TypeError|RangeError|unhandled|\bfatal\b/i);
  });
});
