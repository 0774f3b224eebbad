// Contract §3: with `extended_events` a bot is told who has the line; without, it sees the seed's events only.
import { describe, expect, it } from 'vitest';
import { calm, until } from '../parties/call.ts';
import { sharedBox } from '../parties/shared.ts';
import type { World } from '../parties/world.ts';

describe('Extended events', () => {
  const place = sharedBox();
  const signals = (world: World, address: string): string[] =>
    world.bot
      .told(address)
      .filter((post) => post.body.Event === 'Signalbox')
      .map((post) => post.body.Signalbox.Event as string);

  it('are off by default: a whole handover and return shows the seed’s events only', async () => {
    const world = await place.world();
    const line = await world.accepted();
    await world.desk.say(line.deskConversation, 'agent here');
    await world.desk.finish(line.deskConversation);
    await until('the bot hears the agent', () =>
      world.bot.told(line.address).some((post) => post.body.Event === 'Agent response'),
    );
    await calm();
    const events = new Set(world.bot.told(line.address).map((post) => post.body.Event));
    expect([...events].toSorted()).toEqual(['Agent response', 'Incoming message']);
  });

  it('tell of acceptance, of the return with what the human said, and of control', async () => {
    const world = await place.world({ bot: { extended_events: true } });
    const line = await world.accepted();
    await world.desk.say(line.deskConversation, 'we repaired it');
    await world.desk.finish(line.deskConversation);
    await until('the return is told', () => signals(world, line.address).includes('conversation.returned'));
    expect(signals(world, line.address)).toContain('handover.accepted');
    const returned = world.bot
      .told(line.address)
      .find((post) => post.body.Signalbox.Event === 'conversation.returned')!;
    expect(returned.body).toMatchObject({
      Event: 'Signalbox',
      ConversationType: 'CCSP',
      Conversationid: line.conversation,
    });
    expect(returned.raw).toContain('we repaired it');
  });

  it('tell of a handover that failed', async () => {
    const world = await place.world({ bot: { extended_events: true } });
    const line = await world.offered();
    await world.desk.tell('conversation.rejected', line.deskConversation, { reason: 'full' });
    await until('it is told', () => signals(world, line.address).includes('handover.failed'));
  });

  it('tell of the return whoever gives the line back: a rule on desk.closed, or a person', async () => {
    const world = await place.world({ bot: { extended_events: true } });
    await world.addRule({ event: 'desk.closed' }, { type: 'forward_to_bot', bot_id: world.bot.id });
    const byRule = await world.accepted();
    await world.desk.say(byRule.deskConversation, 'we repaired it');
    await world.desk.finish(byRule.deskConversation);
    const byHand = await world.accepted();
    await world.desk.say(byHand.deskConversation, 'we repaired it');
    await place.box.must('POST', `/threads/${byHand.thread}/holder`, { to: world.bot.id, reason: 'by hand' });
    for (const { address } of [byRule, byHand]) {
      const returned = await until('the return is told', () =>
        world.bot.told(address).find((post) => post.body.Signalbox.Event === 'conversation.returned'),
      );
      expect(returned.body.Signalbox.Messages).toMatchObject([{ Message: 'we repaired it' }]);
    }
  });

  it('tell when the line is taken from the bot and given to it by hand', async () => {
    const world = await place.world({ bot: { extended_events: true } });
    const line = await world.meet();
    const give = (to: string): Promise<unknown> =>
      place.box.must('POST', `/threads/${line.thread}/holder`, { to, reason: 'by hand' });
    await give(world.desk.id);
    await until('the loss is told', () => signals(world, line.address).includes('control.revoked'));
    await give(world.bot.id);
    await until('the gain is told', () => signals(world, line.address).includes('control.given'));
  });
});
