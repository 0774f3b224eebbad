// Contract §3: each sender gets only its own messages' receipts: once each status, monotonic, never before it was
// given the message id; they do not wait behind messages.
import { beforeAll, describe, expect, it } from 'vitest';
import { calm, until } from '../parties/call.ts';
import { sharedBox } from '../parties/shared.ts';
import type { World } from '../parties/world.ts';

describe('A receipt', () => {
  const place = sharedBox();
  let world: World;
  beforeAll(async () => {
    world = await place.world({ bot: { failure_threshold: 50 } });
  });

  const ofBot = (address: string): string[] =>
    world.bot
      .told(address)
      .filter((post) => post.body.Event === 'Message Delivery')
      .map((post) => post.body.DeliveryStatus as string);

  async function answered(): Promise<{ address: string; messageId: string; conversation: string }> {
    const line = await world.meet();
    const messageId = await world.replies(line.conversation, 'answer');
    await until('the customer gets it', () => world.channel.delivered(line.address)[0]);
    return { ...line, messageId };
  }

  it('reaches the bot once for each status, however often the channel repeats it', async () => {
    const { address, messageId } = await answered();
    for (const status of ['delivered', 'delivered', 'read', 'read', 'delivered']) {
      expect((await world.channel.receipt(messageId, status)).status).toBe(202);
    }
    await until('both come', () => ofBot(address).length >= 2);
    await calm();
    expect(ofBot(address)).toEqual(['Delivered', 'Read']);
  });

  it('never goes back: delivered after read is not told', async () => {
    const { address, messageId } = await answered();
    await world.channel.receipt(messageId, 'read');
    await until('read comes', () => ofBot(address).includes('Read'));
    await world.channel.receipt(messageId, 'delivered');
    await calm();
    expect(ofBot(address)).toEqual(['Read']);
  });

  it('does not wait behind a message that is being retried', async () => {
    const { address, messageId } = await answered();
    world.bot.reply = (post) => (post.body.Message === 'stuck' ? { status: 500 } : world.bot.ok());
    await world.says(address, 'stuck');
    await until('the message is tried', () => world.bot.words(address).includes('stuck'));
    await world.channel.receipt(messageId, 'delivered');
    await until('the receipt comes', () => ofBot(address).includes('Delivered'));
    world.bot.reply = () => world.bot.ok();
  });

  it('of an agent’s message goes to the desk and not to the bot', async () => {
    const line = await world.accepted();
    const { body } = await world.desk.say(line.deskConversation, 'from the agent');
    await until('the customer gets it', () => world.channel.texts(line.address).includes('from the agent'));
    const sent = world.channel.delivered(line.address).find((post) => post.body.message.text === 'from the agent')!;
    await world.channel.receipt(sent.body.message_id, 'delivered');
    const told = await until('the desk is told', () => world.desk.told(line.deskConversation, 'message.receipt')[0]);
    expect(JSON.stringify(told.body.data)).toContain(sent.body.message_id);
    expect(told.body.data).toMatchObject({ status: 'delivered' });
    expect(body.message_id).toBe(sent.body.message_id);
    await calm();
    expect(ofBot(line.address)).toEqual([]);
  });

  it('of a bot’s message still reaches the bot when a desk has the line', async () => {
    const { address, messageId, conversation } = await answered();
    await world.bot.handOver(conversation);
    await until('the desk is offered it', () => world.desk.offers(address)[0]);
    await world.channel.receipt(messageId, 'read');
    await until('the bot is told', () => ofBot(address).includes('Read'));
  });

  it('names the id that the bot’s send was answered with, and comes after that answer', async () => {
    const line = await world.meet();
    // The channel is as quick as can be: its receipt is on the way before its own answer is.
    world.channel.reply = async (post) => {
      if (post.body.type === 'message') await world.channel.receipt(post.body.message_id, 'delivered');
      return {};
    };
    const { body } = await world.bot.say(line.conversation, 'quick');
    const answeredAt = Date.now();
    const post = await until('the receipt comes', () =>
      world.bot.told(line.address).find((each) => each.body.Event === 'Message Delivery'),
    );
    world.channel.reply = () => ({});
    expect(post.body.Messageid).toBe(body.message_id);
    expect(post.at).toBeGreaterThanOrEqual(answeredAt - 50);
  });

  it('raises the rule trigger channel.receipt', async () => {
    const own = await place.world();
    const ear = await place.listener();
    await own.addRule({ event: 'channel.receipt' }, { type: 'notify_url', url: ear.url });
    const line = await own.meet();
    const messageId = await own.replies(line.conversation, 'answer');
    await until('the customer gets it', () => own.channel.delivered(line.address)[0]);
    await own.channel.receipt(messageId, 'read');
    const told = await until('the rule ran', () => ear.posts[0]);
    expect(told.raw).toContain('channel.receipt');
  });
});
