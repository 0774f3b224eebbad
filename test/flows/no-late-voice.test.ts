// Promise 2: nothing reaches the customer from anyone who does not hold the conversation at that instant; a stale
// send is refused, told who holds the line and at which epoch, and counted.
import { beforeAll, describe, expect, it } from 'vitest';
import { call, calm, until } from '../parties/call.ts';
import { sharedBox } from '../parties/shared.ts';
import type { Line, World } from '../parties/world.ts';

describe('A voice that does not hold the line', () => {
  const place = sharedBox();
  let world: World;
  beforeAll(async () => {
    world = await place.world();
  });

  async function neverHeard(line: Line, text: string): Promise<void> {
    await calm();
    expect(world.channel.texts(line.address)).not.toContain(text);
  }

  it('of a bot after its handover was offered is refused, with the holder and the epoch', async () => {
    const line = await world.offered();
    const answer = await world.bot.say(line.conversation, 'too late');
    expect(answer.status).toBe(409);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    const { epoch } = await world.thread(line.thread);
    expect(answer.body).toMatchObject({ code: 'not_holder', holder: { type: 'desk', id: world.desk.id }, epoch });
    await neverHeard(line, 'too late');
  });

  it('of a bot while an agent talks is refused', async () => {
    const line = await world.accepted();
    await world.desk.say(line.deskConversation, 'agent here');
    expect((await world.bot.say(line.conversation, 'bot here')).body).toMatchObject({ code: 'not_holder' });
    await until('the customer hears the agent', () => world.channel.texts(line.address).includes('agent here'));
    await neverHeard(line, 'bot here');
  });

  it('of an agent after closing is refused with 410', async () => {
    const line = await world.accepted();
    expect((await world.desk.finish(line.deskConversation)).status).toBe(202);
    expect((await world.desk.say(line.deskConversation, 'one more thing')).status).toBe(410);
    await neverHeard(line, 'one more thing');
  });

  it('of a bot after it closed is refused with 410', async () => {
    const line = await world.meet('hello yourself');
    expect((await world.bot.finish(line.conversation)).status).toBe(202);
    expect((await world.bot.say(line.conversation, 'one more thing')).status).toBe(410);
    await neverHeard(line, 'one more thing');
  });

  it('of a bot that answers what it heard under an old epoch is refused as stale, although it holds the line again', async () => {
    const line = await world.meet();
    const { Epoch } = world.bot.heard(line.address)[0]!.body.Signalbox;
    const answer = await world.bot.handOver(line.conversation);
    await world.desk.tell('conversation.rejected', answer.body.desk_conversation_id, { reason: 'closed for today' });
    await until('the bot has the line again', async () => (await world.holder(line.thread)).type === 'bot');
    const stale = await world.bot.say(line.conversation, 'stale', { epoch: Epoch });
    expect(stale.status).toBe(409);
    expect(stale.body).toMatchObject({ code: 'stale_epoch', epoch: (await world.thread(line.thread)).epoch });
    expect((await world.bot.say(line.conversation, 'fresh')).status).toBe(202);
    await neverHeard(line, 'stale');
  });

  it('of a bot whose thread was given to a desk by hand is refused from that instant', async () => {
    const line = await world.meet();
    const moved = await world.box.api('POST', `/threads/${line.thread}/holder`, {
      to: world.desk.id,
      reason: 'by hand',
    });
    expect(moved.status).toBeLessThan(300);
    expect((await world.bot.say(line.conversation, 'late')).status).toBe(409);
    await neverHeard(line, 'late');
  });

  it('of another bot is a stranger’s: the conversation is not its own', async () => {
    const line = await world.meet();
    const other = await world.addBot();
    expect((await other.say(line.conversation, 'me too')).status).toBe(404);
    await neverHeard(line, 'me too');
  });

  it('of a desk for another desk’s conversation is not found', async () => {
    const line = await world.accepted();
    const other = await world.addDesk();
    expect((await other.say(line.deskConversation, 'me too')).status).toBe(404);
    await neverHeard(line, 'me too');
  });

  it('that hands over or closes without holding changes nothing', async () => {
    const line = await world.accepted();
    const before = await world.thread(line.thread);
    expect((await world.bot.handOver(line.conversation)).status).toBe(409);
    expect((await world.bot.finish(line.conversation)).status).toBe(409);
    const after = await world.thread(line.thread);
    expect({ holder: after.holder, epoch: after.epoch }).toEqual({ holder: before.holder, epoch: before.epoch });
  });

  it('in the answer of an attempt is checked against the epoch that attempt carried', async () => {
    const slow = await place.world();
    const address = slow.newcomer();
    slow.bot.reply = () => ({
      ...slow.bot.ok({ events: [{ eventid: '1001', message: 'late answer' }] }),
      delayMs: 3_000,
    });
    await slow.says(address, 'hello');
    const post = await until('the bot is asked', () => slow.bot.heard(address)[0]);
    const { thread_id: thread } = await slow.box.must('GET', `/conversations/${post.body.Conversationid}`);
    await slow.box.must('POST', `/threads/${thread}/holder`, { to: slow.desk.id, reason: 'by hand' });
    await slow.deliveryOf(slow.bot.id, post.body.Conversationid, (each) => each.attempts.length > 0);
    await calm();
    expect(slow.channel.texts(address)).toEqual([]);
  });

  it('is counted by its reason, also in the answer of an attempt', async () => {
    const own = await place.world();
    const line = await own.meet();
    const count = async (code: string): Promise<number> => {
      const { text } = await call('GET', `${own.box.base}/metrics`, {
        headers: { authorization: `Bearer ${own.box.key}` },
      });
      return Number(new RegExp(`^signalbox_commands_refused\\{code="${code}"\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
    };
    const before = await count('stale_epoch');
    own.bot.reply = () => own.bot.ok({ events: [{ eventid: '1001', message: 'stale', epoch: 0 }] });
    await own.says(line.address, 'hello again');
    await until('the refusal is counted', async () => (await count('stale_epoch')) === before + 1);
    expect((await own.bot.say(line.conversation, 'stale', { epoch: 0 })).status).toBe(409);
    expect(await count('stale_epoch')).toBe(before + 2);
    expect(own.channel.texts(line.address)).toEqual([]);
  });

  it('is shown in the timeline, and each refusal is an event', async () => {
    const line = await world.offered();
    await world.bot.say(line.conversation, 'refused and shown');
    const timeline = await until('the refusal stands in the timeline', async () => {
      const page = await world.box.must('GET', `/threads/${line.thread}/timeline?limit=100`);
      return JSON.stringify(page).includes('message.refused') && page;
    });
    expect(Array.isArray(timeline.data)).toBe(true);
  });
});
