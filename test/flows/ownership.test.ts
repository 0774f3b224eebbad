// Contract §4: who holds a thread. The bot first, the desk after handover until it closes, the bot again with the same
// conversation id; each desk conversation new; every change of holder one more epoch.
import { beforeAll, describe, expect, it } from 'vitest';
import { calm, until } from '../parties/call.ts';
import { sharedBox } from '../parties/shared.ts';
import type { World } from '../parties/world.ts';

describe('The line', () => {
  const place = sharedBox();
  let world: World;
  beforeAll(async () => {
    world = await place.world();
  });

  it('belongs to the bot first: the desk hears nothing before a handover', async () => {
    const line = await world.meet('hello yourself');
    await world.says(line.address, 'and more');
    await until('the bot hears it', () => world.bot.heard(line.address)[1]);
    expect(world.desk.offers(line.address)).toEqual([]);
    expect(await world.holder(line.thread)).toEqual({ type: 'bot', id: world.bot.id });
  });

  it('belongs to the desk from the handover on, before it accepts: messages wait for it in order', async () => {
    const line = await world.offered('hello yourself');
    expect(await world.holder(line.thread)).toEqual({ type: 'desk', id: world.desk.id });
    await world.says(line.address, 'one');
    await world.says(line.address, 'two');
    const words = (): string[] =>
      world.desk.told(line.deskConversation, 'message.received').map((post) => post.body.data.message.text);
    await world.desk.accept(line.deskConversation);
    await until('both come to the desk', () => words().length === 2);
    expect(words()).toEqual(['one', 'two']);
  });

  it('is copied to the bot whoever holds it: customer and agent, as CCSP, in its own conversation', async () => {
    const line = await world.accepted();
    await world.says(line.address, 'for the agent');
    await world.desk.say(line.deskConversation, 'from the agent');
    await until('both copies come', () => world.bot.told(line.address).length === 3);
    const copies = world.bot
      .told(line.address)
      .slice(1)
      .map((post) => post.body);
    expect(copies).toMatchObject([
      {
        Event: 'Incoming message',
        Message: 'for the agent',
        ConversationType: 'CCSP',
        Conversationid: line.conversation,
      },
      {
        Event: 'Agent response',
        Message: 'from the agent',
        ConversationType: 'CCSP',
        Conversationid: line.conversation,
      },
    ]);
  });

  it('returns to the bot when the agent closes: same bot conversation id, BOT again, one epoch more', async () => {
    const line = await world.accepted();
    const { epoch } = await world.thread(line.thread);
    expect((await world.desk.finish(line.deskConversation)).status).toBe(202);
    const after = await world.thread(line.thread);
    expect(after).toMatchObject({ holder: { type: 'bot', id: world.bot.id }, epoch: epoch + 1 });
    await world.says(line.address, 'back with you');
    const post = await until('the bot hears it', () =>
      world.bot.heard(line.address).find((each) => each.body.Message === 'back with you'),
    );
    expect(post.body).toMatchObject({ Conversationid: line.conversation, ConversationType: 'BOT' });
    await world.replies(line.conversation, 'welcome back');
  });

  it('gives every handover a new desk conversation id', async () => {
    const line = await world.accepted();
    await world.desk.finish(line.deskConversation);
    const again = await world.bot.handOver(line.conversation);
    expect(again.status).toBe(202);
    expect(again.body.desk_conversation_id).not.toBe(line.deskConversation);
    await until('the desk is offered it', () => world.desk.offers(line.address).length === 2);
  });

  it('grows by exactly one epoch with each change of holder, and the bot sees the epoch it may use', async () => {
    const line = await world.meet();
    const epochs = [(await world.thread(line.thread)).epoch];
    const { body } = await world.bot.handOver(line.conversation);
    epochs.push((await world.thread(line.thread)).epoch);
    await world.desk.accept(body.desk_conversation_id);
    epochs.push((await world.thread(line.thread)).epoch);
    await world.desk.finish(body.desk_conversation_id);
    epochs.push((await world.thread(line.thread)).epoch);
    const first = epochs[0]!;
    expect(epochs).toEqual([first, first + 1, first + 1, first + 2]);
    await world.says(line.address, 'now');
    const post = await until('the bot hears it', () =>
      world.bot.heard(line.address).find((each) => each.body.Message === 'now'),
    );
    expect(post.body.Signalbox.Epoch).toBe(first + 2);
  });

  it('is offered once: a repeated handover is taken without effect', async () => {
    const line = await world.offered();
    const { epoch } = await world.thread(line.thread);
    expect((await world.bot.handOver(line.conversation)).status).toBe(202);
    await calm();
    expect((await world.thread(line.thread)).epoch).toBe(epoch);
    expect(world.desk.offers(line.address)).toHaveLength(1);
  });

  it('goes to the desk that the handover names, if that one is mapped', async () => {
    const line = await world.meet();
    const second = await world.addDesk();
    expect((await world.bot.handOver(line.conversation, { desk_id: second.id, reason: 'speaks French' })).status).toBe(
      202,
    );
    const offer = await until('the second desk is offered it', () => second.offers(line.address)[0]);
    expect(offer.body.data.reason).toBe('speaks French');
    expect(world.desk.offers(line.address)).toEqual([]);
  });

  it('goes to the desk of the first rule on bot.handover before that of the rule that routed it', async () => {
    const own = await place.world();
    const second = await own.addDesk();
    await own.addRule({ event: 'bot.handover', bot_id: own.bot.id }, { type: 'forward_to_desk', desk_id: second.id });
    const line = await own.meet();
    await own.bot.handOver(line.conversation);
    await until('the second desk is offered it', () => second.offers(line.address)[0]);
    expect(own.desk.offers(line.address)).toEqual([]);
  });

  it('can be given and taken by hand, with the reason on record', async () => {
    const line = await world.meet();
    const give = (to: string): Promise<unknown> =>
      world.box.must('POST', `/threads/${line.thread}/holder`, {
        to,
        reason: 'supervisor',
        attributes: { vip: 'yes' },
      });
    await give(world.desk.id);
    const offer = await until('the desk is offered it', () => world.desk.offers(line.address)[0]);
    expect(offer.body.data.attributes).toMatchObject({ vip: 'yes' });
    await give(world.bot.id);
    expect(await world.holder(line.thread)).toEqual({ type: 'bot', id: world.bot.id });
    expect((await world.desk.accept(offer.body.data.conversation_id)).status).toBeGreaterThanOrEqual(409);
    const timeline = await world.box.must('GET', `/threads/${line.thread}/timeline?limit=100`);
    expect(JSON.stringify(timeline)).toContain('supervisor');
  });

  it('of a forward_to_desk rule goes to the desk without any bot', async () => {
    const own = await place.world({ rule: 'desk' });
    const address = own.newcomer();
    await own.says(address, 'a person please');
    const offer = await until('the desk is offered it', () => own.desk.offers(address)[0]);
    await own.desk.accept(offer.body.data.conversation_id);
    await own.desk.say(offer.body.data.conversation_id, 'here I am');
    await until('the customer hears it', () => own.channel.texts(address).includes('here I am'));
    expect(own.bot.heard(address)).toEqual([]);
  });

  it('carries a postback to whoever holds it', async () => {
    const line = await world.accepted();
    await world.channel.taps(line.address, 'TAPPED');
    const post = await until('the desk gets it', () => world.desk.told(line.deskConversation, 'postback.received')[0]);
    expect(JSON.stringify(post.body.data)).toContain('TAPPED');
  });

  it('is the same after a restart: holder, epoch, conversations', async () => {
    const line = await world.accepted();
    const before = await world.thread(line.thread);
    await place.box.restart();
    const after = await world.thread(line.thread);
    expect({ holder: after.holder, epoch: after.epoch }).toEqual({ holder: before.holder, epoch: before.epoch });
    expect((await world.bot.say(line.conversation, 'mine?')).status).toBe(409);
    expect((await world.desk.say(line.deskConversation, 'mine')).status).toBe(202);
    await until('the customer hears it', () => world.channel.texts(line.address).includes('mine'));
  });
});
