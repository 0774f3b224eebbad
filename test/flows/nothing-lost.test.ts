// Promise 3: nothing lost, nothing twice, nothing out of order, through kill -9 under load, restarts and redeliveries.
// The one thing to know: the parties keep their word as real ones do. They repeat what was not acknowledged, with the
// same id, and count what they see by its idempotency key.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Box, startBox } from '../parties/box.ts';
import { type Answer, calm, sleep, until } from '../parties/call.ts';
import { firstTries, type Post } from '../parties/listener.ts';
import { makeWorld, type World } from '../parties/world.ts';

const KILLS = 5;
const CUSTOMERS = 8;
const RETRY_EVERY_MS = 40;

/** Repeats until it was taken: what a provider or a bot does when its call broke or was answered by 5xx. */
async function insist(what: string, once: () => Promise<Answer>, withinMs = 120_000): Promise<Answer> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await once().catch(() => undefined);
    if (answer !== undefined && answer.status < 500) return answer;
    if (Date.now() > deadline) throw new Error(`never taken: ${what}`);
    await sleep(RETRY_EVERY_MS);
  }
}

describe('Through kill -9 under load', () => {
  let box: Box;
  let world: World;
  const said = new Map<string, string[]>();
  const refused: string[] = [];
  const failedReplies: string[] = [];

  /** The bot answers each message once it has acknowledged it, and remembers what it owes over our crashes. */
  function answering(post: Post): void {
    const { Messageid, Message, Conversationid } = post.body;
    const more = { messageid: `reply-to-${Messageid}` };
    void insist(`reply to ${Message}`, () => world.bot.say(Conversationid, `re: ${Message}`, more)).then(
      (answer) => answer.status === 202 || failedReplies.push(`${Message}: ${answer.status} ${answer.text}`),
      (error) => failedReplies.push(String(error)),
    );
  }

  async function customer(address: string, over: () => boolean): Promise<void> {
    const mine: string[] = [];
    said.set(address, mine);
    for (let count = 1; !over(); count++) {
      const text = `${address} #${count}`;
      const answer = await insist(text, () => world.channel.says(address, text, { id: text }));
      if (answer.status === 202) mine.push(text);
      else refused.push(`${text}: ${answer.status} ${answer.text}`);
    }
  }

  beforeAll(async () => {
    box = await startBox();
    world = await makeWorld(box, { rule: 'bot', bot: { max_per_minute: 10_000 } });
    const answered = new Set<string>();
    world.bot.reply = (post) => {
      const id = post.body.Messageid as string;
      if (post.body.Event === 'Incoming message' && !answered.has(id)) {
        answered.add(id);
        setImmediate(() => answering(post));
      }
      return world.bot.ok();
    };
    let over = false;
    const customers = Array.from({ length: CUSTOMERS }, () => customer(world.newcomer(), () => over));
    for (let kill = 1; kill <= KILLS; kill++) {
      await sleep(150 + Math.random() * 500);
      await box.kill9();
      await box.start();
    }
    await sleep(300);
    over = true;
    await Promise.all(customers);
  });
  afterAll(async () => {
    await world?.close();
    await box?.close();
  });

  it('no message that was said is refused, and no answer of the bot', () => {
    expect(refused).toEqual([]);
    expect(failedReplies).toEqual([]);
    expect([...said.values()].flat().length).toBeGreaterThan(CUSTOMERS * KILLS);
  });

  it('the bot hears every message that was accepted, each under one Messageid and one webhook-id, in order', async () => {
    for (const [address, texts] of said) {
      await until(`${address} is heard`, () => world.bot.heard(address).length >= texts.length);
      expect(world.bot.words(address)).toEqual(texts);
      const ids = firstTries(world.bot.told(address)).filter((post) => post.body.Event === 'Incoming message');
      expect(new Set(ids.map((post) => post.body.Messageid)).size).toBe(texts.length);
    }
  });

  it('a repeated try of one webhook-id is the same message', () => {
    const byKey = new Map<string, Set<string>>();
    for (const post of world.bot.posts) {
      const key = post.headers['webhook-id'] ?? '';
      const seen = byKey.get(key) ?? new Set();
      byKey.set(key, seen.add(`${post.body.Messageid} ${post.body.Message}`));
    }
    expect([...byKey.values()].filter((bodies) => bodies.size !== 1)).toEqual([]);
  });

  it('every customer gets every answer, once by its idempotency key, in order', async () => {
    for (const [address, texts] of said) {
      await until(`${address} is answered`, () => world.channel.delivered(address).length >= texts.length);
      const answers = world.channel.texts(address);
      expect(answers.length).toBe(texts.length);
      expect(new Set(answers)).toEqual(new Set(texts.map((text) => `re: ${text}`)));
    }
  });

  it('the order of the answers is the order in which they were accepted', async () => {
    for (const address of said.keys()) {
      const ids = world.channel.delivered(address).map((post) => post.body.message_id as string);
      const conversation = world.bot.heard(address)[0]!.body.Conversationid;
      const kept: string[] = [];
      let after = '';
      do {
        const page = await box.must('GET', `/conversations/${conversation}/messages?limit=100${after}`);
        kept.push(
          ...page.data.filter((each: Post['body']) => each.author.type === 'bot').map((each: Post['body']) => each.id),
        );
        after = page.next_cursor ? `&after=${encodeURIComponent(page.next_cursor)}` : '';
      } while (after);
      expect(ids).toEqual(kept);
    }
  });

  it('nothing is left behind: no delivery is pending, held or dead', async () => {
    for (const status of ['pending', 'retrying', 'parked', 'held', 'dead']) {
      await until(`nothing is ${status}`, async () => (await world.deliveries(`status=${status}`)).length === 0);
    }
  });

  it('everything is still there after an orderly stop, which takes no more than its six seconds', async () => {
    const { code, ms } = await box.stop();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(6_500);
    const heard = world.bot.posts.length;
    await box.start();
    await calm(500);
    expect(world.bot.posts).toHaveLength(heard);
    world.bot.reply = () => world.bot.ok();
    const line = await world.meet('still here');
    expect(world.channel.texts(line.address)).toEqual(['still here']);
  });
});

describe('Through an orderly stop', () => {
  it('an attempt on its way is finished and noted: it is not repeated at the next start', async () => {
    const box = await startBox();
    const world = await makeWorld(box, { rule: 'bot' });
    const address = world.newcomer();
    world.bot.reply = () => ({ ...world.bot.ok(), delayMs: 1_200 });
    await world.says(address, 'hello');
    await until('the attempt is on its way', () => world.bot.told(address)[0]);
    expect((await box.stop()).code).toBe(0);
    world.bot.reply = () => world.bot.ok();
    await box.start();
    await calm(600);
    expect(world.bot.told(address)).toHaveLength(1);
    await world.close();
    await box.close();
  });

  it('what waited for a dead peer is sent when both are back', async () => {
    const box = await startBox();
    const world = await makeWorld(box, { rule: 'bot', bot: { failure_threshold: 50 } });
    await world.bot.down();
    const address = world.newcomer();
    for (const word of ['one', 'two', 'three']) await world.says(address, word);
    await box.restart();
    await world.bot.up();
    await box.advance(70_000);
    await until('all arrive', () => world.bot.words(address).length === 3);
    expect(world.bot.words(address)).toEqual(['one', 'two', 'three']);
    await world.close();
    await box.close();
  });
});
