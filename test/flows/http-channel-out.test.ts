// Contract §6, out: what a provider is sent, with which key, and what its answers mean.
import { beforeAll, describe, expect, it } from 'vitest';
import { calm, type Loose, until } from '../parties/call.ts';
import type { Post, Reply } from '../parties/listener.ts';
import { sharedBox } from '../parties/shared.ts';
import type { World } from '../parties/world.ts';

describe('The HTTP channel sends out', () => {
  const place = sharedBox();
  let world: World;
  beforeAll(async () => {
    world = await place.world();
  });

  /** a bot's message to a new customer, which the provider answers like this */
  async function sent(reply: (post: Post) => Reply): Promise<{ address: string; messageId: string }> {
    const line = await world.meet();
    world.channel.reply = (post) => (post.body.to?.address === line.address ? reply(post) : {});
    const messageId = await world.replies(line.conversation, 'answer', {
      quick_replies: [{ title: 'Yes', payload: 'Y' }],
    });
    return { address: line.address, messageId };
  }
  const tries = (address: string): Post[] =>
    world.channel.posts.filter((post) => post.body.type === 'message' && post.body.to.address === address);
  const fate = (address: string): Promise<Loose> =>
    until(
      'the bot is told the fate',
      () => world.bot.told(address).find((post) => post.body.Event === 'Message Delivery')?.body,
    );
  const attempted = (messageId: string, count: number): Promise<Loose> =>
    until(`attempt ${count} is kept`, async () => {
      const all = await world.deliveries(`target=${world.channel.asset.id}`);
      const mine = all.find((each) => each.message_id === messageId);
      const whole = mine && (await world.delivery(mine.id));
      return whole?.attempts.length >= count && whole;
    });

  it('the message with its id as the idempotency key, signed', async () => {
    const { address, messageId } = await sent(() => ({ body: { id: 'their-own-1' } }));
    const post = await until('it arrives', () => tries(address)[0]);
    expect(post.headers['webhook-id']).toBe(messageId);
    expect(post.signatureFault).toBe('');
    expect(post.body).toMatchObject({
      type: 'message',
      message_id: messageId,
      to: { address },
      message: { type: 'text', text: 'answer', quick_replies: [{ title: 'Yes', payload: 'Y' }] },
      author: { type: 'bot', name: expect.any(String) },
      conversation_id: expect.stringMatching(/^conv_/),
    });
    expect(await attempted(messageId, 1)).toMatchObject({ status: 'delivered' });
  });

  it.each([400, 403, 404, 422])(
    'once, when the answer is %d: final, and a failed receipt for the bot',
    async (status) => {
      const { address, messageId } = await sent(() => ({ status, body: { error: 'no such handset' } }));
      expect(await fate(address)).toMatchObject({
        DeliveryStatus: 'Failed',
        Messageid: messageId,
        Description: expect.any(String),
      });
      await place.box.advance(300_000);
      await calm(120);
      expect(tries(address)).toHaveLength(1);
    },
  );

  it.each([408, 429, 500, 503])(
    'again with the same key after 5, 30 and 120 seconds, when the answer is %d',
    async (status) => {
      const { address, messageId } = await sent(() => ({ status }));
      for (const [index, seconds] of [5, 30, 120].entries()) {
        await attempted(messageId, index + 1);
        expect(tries(address)).toHaveLength(index + 1);
        await place.box.advance(seconds * 1_060 + 500);
        await until(`try ${index + 2}`, () => tries(address).length === index + 2);
      }
      expect(new Set(tries(address).map((post) => post.headers['webhook-id']))).toEqual(new Set([messageId]));
      expect(await fate(address)).toMatchObject({ DeliveryStatus: 'Failed', Messageid: messageId });
      await place.box.advance(600_000);
      await calm(120);
      expect(tries(address)).toHaveLength(4);
    },
  );

  it('again with the same key when the connection broke after the request: the provider sees a repetition', async () => {
    let first = true;
    const { address, messageId } = await sent(() => {
      const reply: Reply = first ? { fault: 'reset' } : {};
      first = false;
      return reply;
    });
    await attempted(messageId, 1);
    await place.box.advance(6_000);
    await until('it comes again', () => tries(address).length === 2);
    expect(world.channel.delivered(address)).toHaveLength(1);
    expect(await attempted(messageId, 2)).toMatchObject({ status: 'delivered' });
  });

  it('in the order in which the messages were accepted, also over a retry', async () => {
    const line = await world.meet();
    let broken = true;
    world.channel.reply = (post) => (broken && post.body.to?.address === line.address ? { status: 500 } : {});
    const ids = [];
    for (const text of ['one', 'two', 'three']) ids.push(await world.replies(line.conversation, text));
    await attempted(ids[0]!, 1);
    broken = false;
    await place.box.advance(6_000);
    await until('all arrive', () => world.channel.texts(line.address).length === 3);
    expect(world.channel.texts(line.address)).toEqual(['one', 'two', 'three']);
  });

  it('the next message when one has finally failed', async () => {
    const line = await world.meet();
    world.channel.reply = (post) => (post.body.message?.text === 'bad' ? { status: 400 } : {});
    await world.replies(line.conversation, 'bad');
    await world.replies(line.conversation, 'good');
    await until('the next arrives', () => world.channel.texts(line.address).includes('good'));
  });

  it('one customer’s messages while another’s are failing', async () => {
    const { address } = await sent(() => ({ status: 500 }));
    await until('it is tried', () => tries(address)[0]);
    const reply = world.channel.reply;
    world.channel.reply = (post) => (post.body.to?.address === address ? { status: 500 } : reply(post));
    await world.meet('you are served');
  });

  it('what a desk, a bot and the system say with who said it', async () => {
    const own = await place.world();
    await own.addRule({ event: 'message.received' }, { type: 'send_message', text: 'we are open' });
    const line = await own.accepted();
    await own.desk.say(line.deskConversation, 'agent speaks');
    await until('both arrive', () => own.channel.delivered(line.address).length >= 2);
    const authors = Object.fromEntries(
      own.channel.delivered(line.address).map((post) => [post.body.message.text, post.body.author.type]),
    );
    expect(authors).toMatchObject({ 'we are open': 'system', 'agent speaks': 'agent' });
  });

  it('nothing to the customer twice, when the program dies between sending and noting it', async () => {
    const { address, messageId } = await sent(() => ({ delayMs: 4_000 }));
    await until('it is on its way', () => tries(address)[0]);
    await place.box.kill9();
    await place.box.start();
    world.channel.reply = () => ({});
    await until('it is sent again with the same key', () => tries(address).length >= 2);
    expect(world.channel.delivered(address)).toHaveLength(1);
    await attempted(messageId, 1);
  });
});
