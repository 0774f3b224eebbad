// Contract §3, numbers: one attempt and at most four retries inside an hour, each with the same webhook-id, in order
// within the thread and without holding up any other; and what Retry-After may change.
import { beforeAll, describe, expect, it } from 'vitest';
import { calm, type Loose, until } from '../parties/call.ts';
import type { Reply } from '../parties/listener.ts';
import { sharedBox } from '../parties/shared.ts';
import type { World } from '../parties/world.ts';

const MINUTE = 60_000;
const JITTER = 0.05;
const SPACING_MIN = [1, 5, 15, 38];

describe('A delivery to a bot that fails', () => {
  const place = sharedBox();
  let world: World;
  beforeAll(async () => {
    // Far from the number of failures that makes a bot inactive, so that only the schedule is seen.
    world = await place.world({ rule: 'bot', bot: { failure_threshold: 50, take_within_s: 86_400 } });
  });

  const failFor = (address: string, reply: Reply): void => {
    world.bot.reply = (post) => (post.body.Signalbox?.User === address ? reply : world.bot.ok());
  };
  const deliveryOf = async (address: string): Promise<Loose> => {
    const post = await until('the bot is tried', () => world.bot.told(address)[0]);
    const query = `target=${world.bot.id}&conversation_id=${post.body.Conversationid}`;
    return until('the delivery is there', async () => (await world.deliveries(query)).at(-1));
  };
  /** waits until the program itself has counted so many attempts of it: only then its next due time stands */
  const attempted = (id: string, count: number): Promise<Loose> =>
    until(`attempt ${count} is kept`, async () => {
      const delivery = await world.delivery(id);
      return delivery.attempts.length >= count && delivery;
    });

  it('is tried after 1, 5, 15 and 38 minutes, with the same webhook-id and body, and is dead then', async () => {
    const address = world.newcomer();
    failFor(address, { status: 500 });
    await world.says(address, 'hello');
    const { id } = await deliveryOf(address);
    for (const [index, minutes] of SPACING_MIN.entries()) {
      await attempted(id, index + 1);
      expect(world.bot.told(address)).toHaveLength(index + 1);
      await place.box.advance(minutes * MINUTE * (1 + JITTER) + 1_000);
      await until(`attempt ${index + 2}`, () => world.bot.told(address).length === index + 2);
    }
    const dead = await attempted(id, 5);
    expect(dead.status).toBe('dead');
    const begun: number[] = dead.attempts.map((attempt: Loose) => Date.parse(attempt.started_at)).toSorted();
    for (const [index, minutes] of SPACING_MIN.entries()) {
      const gap = (begun[index + 1]! - begun[index]!) / MINUTE;
      expect(gap, `before retry ${index + 1}`).toBeGreaterThan(minutes * (1 - JITTER) - 0.01);
      expect(gap, `before retry ${index + 1}`).toBeLessThan(minutes * (1 + JITTER) + 0.1);
    }
    expect(begun[4]! - begun[0]!).toBeLessThan(60 * MINUTE);
    await place.box.advance(60 * MINUTE);
    await calm();
    expect(world.bot.told(address)).toHaveLength(5);
    expect(new Set(world.bot.told(address).map((post) => post.headers['webhook-id'])).size).toBe(1);
    expect(new Set(world.bot.told(address).map((post) => post.body.Messageid)).size).toBe(1);
  });

  it('holds the next message of its thread, but no other thread, and lets it go when it is dead', async () => {
    const address = world.newcomer();
    world.bot.reply = (post) => (post.body.Message === 'poison' ? { status: 500 } : world.bot.ok());
    await world.says(address, 'poison');
    await world.says(address, 'next');
    const { id } = await deliveryOf(address);
    await attempted(id, 1);
    await world.meet();
    expect(world.bot.words(address)).toEqual(['poison']);
    for (const [index, minutes] of SPACING_MIN.entries()) {
      await attempted(id, index + 1);
      await place.box.advance(minutes * MINUTE * (1 + JITTER) + 1_000);
      await until(`attempt ${index + 2}`, () => world.bot.told(address).length >= index + 2);
    }
    await until('the next one is let go', () => world.bot.words(address).includes('next'));
    expect((await world.delivery(id)).status).toBe('dead');
  });

  it('succeeds on a retry and the rest follows in order', async () => {
    const address = world.newcomer();
    failFor(address, { status: 502 });
    for (const word of ['one', 'two', 'three']) await world.says(address, word);
    const { id } = await deliveryOf(address);
    await attempted(id, 1);
    world.bot.reply = () => world.bot.ok();
    await place.box.advance(MINUTE * (1 + JITTER) + 1_000);
    await until('all three arrive', () => world.bot.words(address).length === 3);
    expect(world.bot.words(address)).toEqual(['one', 'two', 'three']);
    expect(await world.delivery(id)).toMatchObject({ status: 'delivered' });
  });

  it('respects a Retry-After that is longer than the spacing', async () => {
    const address = world.newcomer();
    failFor(address, { status: 503, headers: { 'retry-after': '600' } });
    await world.says(address, 'hello');
    const { id } = await deliveryOf(address);
    await attempted(id, 1);
    await place.box.advance(9 * MINUTE);
    await calm();
    expect(world.bot.told(address)).toHaveLength(1);
    await place.box.advance(2 * MINUTE);
    await until('it is tried again', () => world.bot.told(address).length === 2);
  });

  it('respects Retry-After only inside the hour', async () => {
    const address = world.newcomer();
    failFor(address, { status: 503, headers: { 'retry-after': '864000' } });
    await world.says(address, 'hello');
    const { id } = await deliveryOf(address);
    await attempted(id, 1);
    await place.box.advance(60 * MINUTE);
    await until('within an hour it is tried again or given up', async () => {
      const { status } = await world.delivery(id);
      return world.bot.told(address).length > 1 || status === 'dead';
    });
  });

  it('goes by its own spacing where the integration has one', async () => {
    const own = await place.world({ rule: 'bot', bot: { failure_threshold: 50, retry_spacing_s: [10, 20] } });
    const address = own.newcomer();
    own.bot.reply = () => ({ status: 500 });
    await own.says(address, 'hello');
    for (const [index, seconds] of [10, 20].entries()) {
      await until(`attempt ${index + 1}`, () => own.bot.told(address).length === index + 1);
      const [delivery] = await own.deliveries(`target=${own.bot.id}`);
      await until('it is kept', async () => (await own.delivery(delivery.id)).attempts.length === index + 1);
      await place.box.advance(seconds * 1_000 * (1 + JITTER) + 1_000);
    }
    await until('the third', () => own.bot.told(address).length === 3);
    await until('it is dead', async () => (await own.deliveries(`target=${own.bot.id}&status=dead`)).length === 1);
  });

  it('that is dead can be replayed: a new delivery, marked as one, at the tail', async () => {
    const own = await place.world({ rule: 'bot', bot: { failure_threshold: 50, retry_spacing_s: [] } });
    const address = own.newcomer();
    own.bot.reply = () => ({ status: 500 });
    await own.says(address, 'hello');
    const dead = await until('it is dead', async () => (await own.deliveries(`target=${own.bot.id}&status=dead`))[0]);
    own.bot.reply = () => own.bot.ok();
    expect((await own.box.api('POST', `/deliveries/${dead.id}/replay`)).status).toBeLessThan(300);
    const again = await until('it is delivered', () => own.bot.told(address)[1]);
    expect(again.body).toMatchObject({ Message: 'hello', Signalbox: { Replay: true } });
    expect(again.headers['webhook-id']).not.toBe(own.bot.told(address)[0]!.headers['webhook-id']);
    expect((await own.delivery(dead.id)).status).toBe('dead');
  });
});
