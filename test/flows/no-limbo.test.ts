// Promise 1: a customer's unanswered message always has a live holder and a deadline, or is counted where people look.
// The ladder down (bot, fallback, desk, a person) and the way back up.
import { describe, expect, it } from 'vitest';
import { call, calm, type Loose, until } from '../parties/call.ts';
import { sharedBox } from '../parties/shared.ts';
import type { World } from '../parties/world.ts';

const MINUTE = 60_000;

describe('A message that nobody has answered', () => {
  const place = sharedBox();

  const fail = (world: World): void => {
    world.bot.reply = () => ({ status: 500, body: 'broken' });
  };
  const recover = async (world: World): Promise<void> => {
    world.bot.reply = () => world.bot.ok();
    expect(await world.verifyBot()).toMatchObject({ verified: true });
  };
  /** five customers, five first attempts, five failures */
  async function trip(world: World): Promise<string[]> {
    fail(world);
    const waiting = Array.from({ length: 5 }, () => world.newcomer());
    for (const address of waiting) await world.says(address, 'anybody?');
    await until('the bot becomes inactive', async () => (await world.botStatus()) === 'inactive');
    return waiting;
  }
  const limbo = async (thread: string): Promise<string> =>
    JSON.stringify(await place.box.must('GET', `/threads/${thread}`));
  const newestThread = async (asset: string): Promise<Loose> =>
    (await place.box.must('GET', '/threads?limit=100')).data.find((each: Loose) => each.asset_id === asset);

  it('and that no rule routes is kept, shown as unrouted and counted', async () => {
    const world = await place.world({ rule: 'none' });
    await world.says(world.newcomer(), 'anybody?');
    const thread = await until('the thread is there', () => newestThread(world.channel.asset.id));
    expect(thread.holder).toMatchObject({ type: 'none' });
    expect(await limbo(thread.id)).toContain('unrouted');
    const metrics = await call('GET', `${place.box.base}/metrics`, {
      headers: { authorization: `Bearer ${place.box.key}` },
    });
    expect(metrics.status).toBe(200);
    expect(metrics.text).toMatch(/unrouted[^\n]* [1-9]/);
  });

  it('and that no rule routed is routed with the next one when a rule is there', async () => {
    const world = await place.world({ rule: 'none' });
    const address = world.newcomer();
    await world.says(address, 'first');
    await world.addRule({ event: 'message.received' }, { type: 'forward_to_bot', bot_id: world.bot.id });
    await world.says(address, 'second');
    await until('the bot hears the second', () => world.bot.words(address).includes('second'));
  });

  it('goes to the fallback desk when its bot becomes unavailable', async () => {
    const world = await place.world({ fallback: { on: ['unavailable'], holding_text: 'One moment please.' } });
    const waiting = await trip(world);
    for (const address of waiting) {
      const offer = await until(`the desk is offered ${address}`, () => world.desk.offers(address)[0]);
      expect(JSON.stringify(offer.body.data.transcript)).toContain('anybody?');
      await until('the holding text is said', () => world.channel.texts(address).includes('One moment please.'));
    }
  });

  it('goes to the fallback desk at once while the bot is unavailable, and to the bot again when it recovered', async () => {
    const world = await place.world({ fallback: { on: ['unavailable'] } });
    await trip(world);
    const [during, after] = [world.newcomer(), world.newcomer()];
    await world.says(during, 'hello');
    await until('the desk is offered it', () => world.desk.offers(during)[0]);
    await recover(world);
    await world.says(after, 'hello');
    await until('the bot hears it', () => world.bot.heard(after)[0]);
    expect(world.desk.offers(after)).toEqual([]);
  });

  it('moves to another bot by a rule on bot.unavailable, as BOT, with a new webhook-id and the same Messageid', async () => {
    const world = await place.world({ rule: 'bot' });
    const second = await world.addBot();
    await world.addRule(
      { event: 'bot.unavailable', bot_id: world.bot.id },
      { type: 'forward_to_bot', bot_id: second.id },
    );
    const waiting = await trip(world);
    for (const address of waiting) {
      const taken = await until(`the second bot hears ${address}`, () => second.heard(address)[0]);
      expect(taken.body).toMatchObject({ Message: 'anybody?', ConversationType: 'BOT' });
      const first = world.bot.told(address)[0]!;
      expect(taken.body.Messageid).toBe(first.body.Messageid);
      expect(taken.headers['webhook-id']).not.toBe(first.headers['webhook-id']);
    }
    await second.say(second.heard(waiting[0]!)[0]!.body.Conversationid, 'I stand in');
    await until('the customer hears it', () => world.channel.texts(waiting[0]!).includes('I stand in'));
  });

  it('that a stand-in answered meanwhile drains to the recovered bot as CCSP, and the line climbs back to it', async () => {
    const world = await place.world({ rule: 'bot' });
    const second = await world.addBot();
    await world.addRule(
      { event: 'bot.unavailable', bot_id: world.bot.id },
      { type: 'forward_to_bot', bot_id: second.id },
    );
    const address = (await trip(world))[0]!;
    const taken = await until('the second bot hears it', () => second.heard(address)[0]);
    expect((await second.say(taken.body.Conversationid, 'I stand in')).status).toBe(202);
    const from = world.bot.posts.length;
    await recover(world);
    const drained = await until('the first bot gets what it missed', () =>
      world.bot.posts.slice(from).find((post) => post.body.Signalbox?.User === address),
    );
    expect(drained.body).toMatchObject({ Message: 'anybody?', ConversationType: 'CCSP' });
    await world.says(address, 'back again');
    const back = await until('the first bot has the line again', () =>
      world.bot
        .heard(address)
        .find((post) => post.body.Message === 'back again' && post.body.ConversationType === 'BOT'),
    );
    expect(back.body.Conversationid).toBe(drained.body.Conversationid);
  });

  it('raises bot.unavailable once per service, and bot.recovered when the bot is back', async () => {
    const world = await place.world({ rule: 'bot' });
    const ear = await place.listener();
    for (const event of ['bot.unavailable', 'bot.recovered']) {
      await world.addRule({ event, bot_id: world.bot.id }, { type: 'notify_url', url: `${ear.url}/${event}` });
    }
    await trip(world);
    await until('unavailable is told', () => ear.posts.some((post) => post.path === '/bot.unavailable'));
    await world.says(world.newcomer(), 'more');
    await calm();
    await recover(world);
    await until('recovered is told', () => ear.posts.some((post) => post.path === '/bot.recovered'));
    expect(ear.posts.map((post) => post.path)).toEqual(['/bot.unavailable', '/bot.recovered']);
  });

  it('and that its bot did not take within its limit goes to the desk by the fallback on silence', async () => {
    const world = await place.world({ fallback: { on: ['silent'] }, bot: { failure_threshold: 50 } });
    fail(world);
    const address = world.newcomer();
    await world.says(address, 'anybody?');
    await until('the first attempt fails', () => world.bot.told(address)[0]);
    await calm();
    expect(world.desk.offers(address)).toEqual([]);
    await place.box.advance(MINUTE + 1_000);
    await until('the desk is offered it', () => world.desk.offers(address)[0]);
  });

  it.each([
    ['undelivered', { failure_threshold: 50 }],
    ['unanswered', { reply_within_s: 30 }],
  ])('raises bot.silent with the cause %s', async (cause, bot) => {
    const world = await place.world({ rule: 'bot', bot });
    const ear = await place.listener();
    await world.addRule({ event: 'bot.silent', bot_id: world.bot.id }, { type: 'notify_url', url: ear.url });
    if (cause === 'undelivered') fail(world);
    const address = world.newcomer();
    await world.says(address, 'anybody?');
    const post = await until('the bot is tried', () => world.bot.told(address)[0]);
    await world.deliveryOf(world.bot.id, post.body.Conversationid, (each) => each.attempts.length === 1);
    await place.box.advance(MINUTE + 1_000);
    const told = await until('the silence is told', () => ear.posts[0]);
    expect(told.raw).toContain('bot.silent');
    expect(told.raw).toContain(cause);
    await place.box.advance(MINUTE);
    await calm();
    expect(ear.posts).toHaveLength(1);
  });

  it('does not raise silence when the bot answered in time', async () => {
    const world = await place.world({ rule: 'bot', bot: { reply_within_s: 30 } });
    const ear = await place.listener();
    await world.addRule({ event: 'bot.silent', bot_id: world.bot.id }, { type: 'notify_url', url: ear.url });
    await world.meet('at your service');
    await place.box.advance(10 * MINUTE);
    await calm();
    expect(ear.posts).toEqual([]);
  });

  it('and that no desk accepts goes back to the bot, as BOT, with the same Messageid', async () => {
    const world = await place.world();
    const line = await world.offered('hello yourself');
    await world.says(line.address, 'are you there?');
    const copy = await until('the bot gets a copy', () =>
      world.bot.told(line.address).find((post) => post.body.Message === 'are you there?'),
    );
    expect(copy.body.ConversationType).toBe('CCSP');
    await place.box.advance(MINUTE + 1_000);
    const owed = await until('the bot is asked to answer', () =>
      world.bot
        .told(line.address)
        .find((post) => post.body.Message === 'are you there?' && post.body.ConversationType === 'BOT'),
    );
    expect(owed.body.Messageid).toBe(copy.body.Messageid);
    expect(owed.headers['webhook-id']).not.toBe(copy.headers['webhook-id']);
    expect(await world.holder(line.thread)).toMatchObject({ type: 'bot', id: world.bot.id });
  });

  it('marks the thread as needing a person when neither desk nor bot is there for it', async () => {
    const world = await place.world();
    const line = await world.offered();
    await trip(world);
    await world.says(line.address, 'anybody?');
    await world.desk.tell('conversation.rejected', line.deskConversation, { reason: 'nobody here' });
    await until('the thread needs a person', async () => (await limbo(line.thread)).includes('needs_person'));
    expect((await world.holder(line.thread)).type).not.toBe('desk');
  });
});
