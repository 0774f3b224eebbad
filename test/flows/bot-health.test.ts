// Contract §3, numbers: five consecutive failures make a bot inactive, what it is owed is parked and drains in order
// after verification, and what else may end or begin its activity.
import { describe, expect, it } from 'vitest';
import { calm, until } from '../parties/call.ts';
import { sharedBox } from '../parties/shared.ts';
import type { World } from '../parties/world.ts';

const MINUTE = 60_000;

describe('A bot', () => {
  const place = sharedBox();
  const bare = (bot = {}): Promise<World> => place.world({ rule: 'bot', bot });
  const inactive = (world: World): Promise<boolean> =>
    until('it is inactive', async () => (await world.botStatus()) === 'inactive');

  /** so many customers, each with one message that fails once */
  async function failures(world: World, count: number): Promise<string[]> {
    world.bot.reply = () => ({ status: 500 });
    const addresses = Array.from({ length: count }, () => world.newcomer());
    for (const address of addresses) {
      await world.says(address, 'hello');
      const post = await until('it is tried', () => world.bot.told(address)[0]);
      await world.deliveryOf(world.bot.id, post.body.Conversationid, (each) => each.attempts.length === 1);
    }
    return addresses;
  }

  it('becomes inactive at the fifth failure in a row, with the reason and the time', async () => {
    const world = await bare();
    await failures(world, 4);
    expect(await world.botStatus()).toBe('active');
    await failures(world, 1);
    await inactive(world);
    const shown = await place.box.must('GET', `/bots/${world.bot.id}`);
    expect(shown.inactive_reason).toEqual(expect.any(String));
    expect(shown.inactive_reason.length).toBeGreaterThan(0);
  });

  it('stays active when a success comes between', async () => {
    const world = await bare();
    await failures(world, 4);
    world.bot.reply = () => world.bot.ok();
    await world.meet();
    await failures(world, 4);
    expect(await world.botStatus()).toBe('active');
  });

  it('is made inactive by the five attempts of a single message, which is parked and not dead', async () => {
    const world = await bare({ retry_spacing_s: [60, 60, 60, 60] });
    const address = world.newcomer();
    world.bot.reply = () => ({ status: 500 });
    await world.says(address, 'hello');
    for (let count = 1; count < 5; count++) {
      const post = await until(`attempt ${count}`, () => world.bot.told(address)[count - 1]);
      await world.deliveryOf(world.bot.id, post.body.Conversationid, (each) => each.attempts.length === count);
      await place.box.advance(64_000);
    }
    await inactive(world);
    expect(world.bot.told(address)).toHaveLength(5);
    expect(await world.deliveries(`target=${world.bot.id}`)).toMatchObject([{ status: 'parked' }]);
    world.bot.reply = () => world.bot.ok();
    await world.verifyBot();
    await until('it is delivered', () => world.bot.told(address).length === 6);
  });

  it('counts messages instead of attempts where it is set so', async () => {
    const world = await bare({ failure_scope: 'message', retry_spacing_s: [60, 60, 60, 60] });
    const address = world.newcomer();
    world.bot.reply = () => ({ status: 500 });
    await world.says(address, 'hello');
    for (let count = 1; count < 5; count++) {
      const post = await until(`attempt ${count}`, () => world.bot.told(address)[count - 1]);
      await world.deliveryOf(world.bot.id, post.body.Conversationid, (each) => each.attempts.length === count);
      await place.box.advance(64_000);
    }
    await until('the message is dead', async () => (await world.deliveries(`target=${world.bot.id}&status=dead`))[0]);
    expect(await world.botStatus()).toBe('active');
  });

  it('becomes inactive at once by 410', async () => {
    const world = await bare();
    world.bot.reply = () => ({ status: 410 });
    await world.says(world.newcomer(), 'hello');
    await inactive(world);
    expect(world.bot.posts.filter((post) => post.body.Event !== 'Verification')).toHaveLength(1);
  });

  it('that is inactive gets nothing, however much time passes, and every message is kept as parked', async () => {
    const world = await bare();
    await failures(world, 5);
    await inactive(world);
    const before = world.bot.posts.length;
    await world.says(world.newcomer(), 'later');
    await place.box.advance(3 * 60 * MINUTE);
    await calm();
    expect(world.bot.posts).toHaveLength(before);
    const parked = await world.deliveries(`target=${world.bot.id}&status=parked`);
    expect(parked).toHaveLength(6);
    expect(await world.deliveries(`target=${world.bot.id}&status=dead`)).toEqual([]);
  });

  it('that is inactive stays so when its verification fails', async () => {
    const world = await bare();
    await failures(world, 5);
    await inactive(world);
    expect(await world.verifyBot()).toMatchObject({ verified: false, status: 'inactive' });
  });

  it('gets everything that was parked, in order per customer, when it is verified again', async () => {
    const world = await bare();
    const addresses = await failures(world, 5);
    await inactive(world);
    const words = ['one', 'two', 'three', 'four'];
    for (const word of words) for (const address of addresses) await world.says(address, word);
    const from = world.bot.posts.length;
    world.bot.reply = () => world.bot.ok();
    expect(await world.verifyBot()).toMatchObject({ verified: true, status: 'active' });
    for (const address of addresses) {
      const heard = (): string[] =>
        world.bot.posts
          .slice(from)
          .filter((post) => post.body.Signalbox?.User === address)
          .map((post) => post.body.Message);
      await until(`${address} is drained`, () => heard().length === 5);
      expect(heard()).toEqual(['hello', ...words]);
    }
  });

  it('has fresh attempts for what was parked: a failed drain does not make it dead', async () => {
    const world = await bare({ failure_threshold: 2, retry_spacing_s: [60] });
    const addresses = await failures(world, 2);
    await inactive(world);
    world.bot.reply = () => world.bot.ok();
    await world.verifyBot();
    for (const address of addresses) await until('it is delivered', () => world.bot.told(address).length === 2);
    expect(await world.deliveries(`target=${world.bot.id}&status=dead`)).toEqual([]);
  });

  it('gets of the receipts only the last per message, after the messages', async () => {
    const world = await bare();
    const line = await world.meet();
    const messageId = await world.replies(line.conversation, 'answer');
    await until('the customer gets it', () => world.channel.delivered(line.address)[0]);
    await failures(world, 5);
    await inactive(world);
    await world.channel.receipt(messageId, 'delivered');
    await world.channel.receipt(messageId, 'read');
    await world.says(line.address, 'thanks');
    const from = world.bot.posts.length;
    world.bot.reply = () => world.bot.ok();
    await world.verifyBot();
    const mine = (): string[] =>
      world.bot.posts
        .slice(from)
        .filter((post) => post.body.Signalbox?.User === line.address)
        .map((post) => post.body.DeliveryStatus ?? post.body.Message);
    await until('the receipt comes', () => mine().includes('Read'));
    expect(mine()).toEqual(['thanks', 'Read']);
  });

  it('probes by itself and comes back where recovery is automatic', async () => {
    const world = await bare({ recovery: 'automatic' });
    const addresses = await failures(world, 5);
    await inactive(world);
    world.bot.reply = () => world.bot.ok();
    await until('it is active again', async () => {
      await place.box.advance(MINUTE);
      await calm(60);
      return (await world.botStatus()) === 'active';
    });
    for (const address of addresses) await until('it is drained', () => world.bot.told(address).length >= 2);
  });

  it('stays inactive over a restart, and so does what is parked', async () => {
    const world = await bare();
    const [address] = await failures(world, 5);
    await inactive(world);
    await place.box.restart();
    expect(await world.botStatus()).toBe('inactive');
    expect(await world.deliveries(`target=${world.bot.id}&status=parked`)).toHaveLength(5);
    world.bot.reply = () => world.bot.ok();
    await world.verifyBot();
    await until('it is drained', () => world.bot.told(address!).length === 2);
  });
});
