// Issue: the home screen. The promises as numbers, what needs a person first, the first steps, the charts.
import { describe, expect, it } from 'vitest';
import { type Loose, until } from '../parties/call.ts';
import { sharedBox } from '../parties/shared.ts';

describe('The overview', () => {
  const place = sharedBox();
  const overview = (): Promise<Loose> => place.box.must('GET', '/overview');
  const needs = async (kind: string, id: string): Promise<Loose> =>
    (await overview()).needs.find((each: Loose) => each.kind === kind && each.id === id);

  it('ticks the first steps off as they are done, and not before', async () => {
    const done = async () =>
      (await overview()).checklist.flatMap((each: Loose) => (each.done ? [each.key] : [])).join(' ');
    expect(await done()).toBe('');
    const world = await place.world();
    expect(await done()).toBe('asset bot_verified rule');
    const line = await world.accepted('hello yourself');
    expect(await done()).toBe('asset bot_verified rule message_received bot_answered');
    await world.desk.say(line.deskConversation, 'I am Kim');
    expect(await done()).toBe('asset bot_verified rule message_received bot_answered person_answered');
    for (const name of ['Ann', 'Bob']) await place.box.must('POST', '/users', { name, role: 'agent' });
    expect((await overview()).checklist.every((each: Loose) => each.done)).toBe(true);
    await place.box.restart();
    expect((await overview()).checklist.every((each: Loose) => each.done)).toBe(true);
  });

  it('counts who waits, and who waits for a bot that does not work, and names that bot until it is verified again', async () => {
    const world = await place.world({ bot: { failure_threshold: 1 } });
    const before = (await overview()).promises;
    world.bot.reply = () => ({ status: 500 });
    await world.says(world.newcomer(), 'hello');
    const need = await until('the bot is named', () => needs('integration_inactive', world.bot.id));
    expect(need).toMatchObject({
      title: expect.stringContaining('is inactive'),
      detail: expect.stringContaining('1 customer waits for it'),
      link: `/console/integrations/${world.bot.id}`,
    });
    const after = (await overview()).promises;
    expect(after.undeliverable - before.undeliverable).toBe(1);
    expect(after.limbo - before.limbo).toBe(1);
    expect(after.parked - before.parked).toBe(1);
    world.bot.reply = () => world.bot.ok();
    expect((await world.verifyBot()).verified).toBe(true);
    await until('nothing is left to do', async () => !(await needs('integration_inactive', world.bot.id)));
    await until('nobody waits for it', async () => (await overview()).promises.parked === before.parked);
  });

  it('names a customer whom no rule routed, and one whom nobody answered in time', async () => {
    const world = await place.world({ rule: 'none' });
    const address = world.newcomer();
    await world.says(address, 'is anybody there');
    const [thread] = (await place.box.must('GET', `/threads?q=${address}`)).data;
    expect(thread).toMatchObject({ limbo: 'unrouted', last_message: { text: 'is anybody there' } });
    expect(await needs('thread_unrouted', thread.id)).toMatchObject({
      name: address,
      since: thread.waiting_since,
      link: `/console/threads/${thread.id}`,
    });

    const slow = await place.world({ rule: 'bot', bot: { take_within_s: 10, retry_spacing_s: [60] } });
    slow.bot.reply = () => ({ status: 500 });
    const late = slow.newcomer();
    await slow.says(late, 'hello');
    await until(
      'the first attempt failed',
      async () => (await slow.deliveries(`target=${slow.bot.id}`))[0]?.attempt_count,
    );
    await place.box.advance(11_000);
    const [overdue] = (await place.box.must('GET', `/threads?q=${late}`)).data;
    expect(overdue.limbo).toBe('overdue');
    expect(await needs('customer_overdue', overdue.id)).toMatchObject({ name: late, count: 1 });
  });

  it('counts what was refused because another held the line', async () => {
    const world = await place.world();
    const line = await world.accepted('hello');
    const before = (await overview()).promises.stale_refused;
    expect((await world.bot.say(line.conversation, 'still me')).status).toBe(409);
    expect((await overview()).promises.stale_refused).toBe(before + 1);
  });

  it('says which deliveries died in the last day, and no longer', async () => {
    const world = await place.world({ rule: 'bot', bot: { failure_threshold: 99, retry_spacing_s: [1] } });
    world.bot.reply = () => ({ status: 500 });
    await world.says(world.newcomer(), 'hello');
    await until('it is tried', async () => (await world.deliveries(`target=${world.bot.id}&status=retrying`))[0]);
    await place.box.advance(2_000);
    const need = await until('the delivery died', () => needs('delivery_dead', world.bot.id));
    expect(need).toMatchObject({
      count: 1,
      title: expect.stringMatching(/^1 delivery could not be delivered to “bot /),
    });
    const page = new URL(need.link, place.box.base);
    expect(page.pathname).toBe('/console/deliveries');
    expect((await place.box.must('GET', `/deliveries${page.search}`)).data).toHaveLength(1);
    await place.box.advance(25 * 3_600_000);
    expect(await needs('delivery_dead', world.bot.id)).toBeUndefined();
  });

  it('draws what passed: messages in, messages out, failures, how long bots took', async () => {
    const sums = async () => {
      const { points } = await place.box.must('GET', '/overview/series?minutes=60');
      const sum = (key: string): number => points.reduce((n: number, point: Loose) => n + point[key], 0);
      return { in: sum('in'), out: sum('out'), failed: sum('failed'), last: points.at(-1) };
    };
    const world = await place.world();
    const before = await sums();
    await world.meet('hello yourself');
    // The customer has the answer before it is written down that it was sent.
    await until('the answer is counted', async () => (await sums()).out > before.out);
    const after = await sums();
    expect([after.in - before.in, after.out - before.out, after.failed - before.failed]).toEqual([1, 1, 0]);
    expect((await overview()).now).toMatchObject({
      messages_per_minute: expect.any(Number),
      bot_p50_ms: expect.any(Number),
    });
  });
});
