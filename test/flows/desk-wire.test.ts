// Contract §5: the desk's wire both ways: what it is told and signed with, what it may say, and who is refused.
import { beforeAll, describe, expect, it } from 'vitest';
import { call, calm, until } from '../parties/call.ts';
import { sharedBox } from '../parties/shared.ts';
import { signed } from '../parties/signature.ts';
import { AGENT, type World } from '../parties/world.ts';

describe('A desk behind a webhook', () => {
  const place = sharedBox();
  let world: World;
  beforeAll(async () => {
    world = await place.world();
  });

  it('is verified by a POST of type verification, for which a 2xx is enough', async () => {
    expect(world.desk.posts[0]!.body).toMatchObject({ type: 'verification', timestamp: expect.any(String) });
  });

  it('is offered a conversation with everything so far, both sides, oldest first', async () => {
    const line = await world.meet('hello yourself');
    await world.says(line.address, 'I need a person');
    await until('the bot hears it', () => world.bot.heard(line.address)[1]);
    await world.bot.handOver(line.conversation, { reason: 'asked for it', customparam1: 'order 7' });
    const offer = await until('the desk is offered it', () => world.desk.offers(line.address)[0]);
    const { data } = offer.body;
    expect(data).toMatchObject({
      conversation_id: expect.stringMatching(/^conv_/),
      bot_conversation_id: line.conversation,
      thread_id: line.thread,
      epoch: (await world.thread(line.thread)).epoch,
      customer: { address: line.address },
      channel: expect.any(String),
      asset_id: world.channel.asset.id,
      service_id: world.service,
      reason: 'asked for it',
      attributes: { customparam1: 'order 7' },
    });
    const spoken = JSON.stringify(data.transcript);
    const places = ['hello', 'hello yourself', 'I need a person'].map((text) => spoken.indexOf(`"${text}"`));
    expect(places.every((at) => at >= 0)).toBe(true);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  it('gets the customer’s messages with type, text and media, each with the ids of the conversation', async () => {
    const line = await world.accepted('hello yourself');
    const media = [{ url: 'https://media.example/1', type: 'image/png', name: 'one' }];
    await world.channel.says(line.address, '', { message: { type: 'image', text: 'see', media } });
    const post = await until('it comes', () => world.desk.told(line.deskConversation, 'message.received')[0]);
    expect(post.body.data).toMatchObject({
      conversation_id: line.deskConversation,
      bot_conversation_id: line.conversation,
      thread_id: line.thread,
      customer: { address: line.address },
      message: { id: expect.stringMatching(/^msg_/), type: 'image', text: 'see', media },
    });
  });

  it('gets everything signed, and a timestamp with it', async () => {
    await world.accepted();
    expect(world.desk.posts.map((post) => post.signatureFault)).toEqual(world.desk.posts.map(() => ''));
    for (const post of world.desk.posts) expect(Number.isNaN(Date.parse(post.body.timestamp))).toBe(false);
  });

  it('speaks to the customer as its agent', async () => {
    const line = await world.accepted();
    const answer = await world.desk.say(line.deskConversation, 'good day');
    expect(answer).toMatchObject({ status: 202, body: { message_id: expect.stringMatching(/^msg_/) } });
    const post = await until('the customer hears it', () => world.channel.delivered(line.address).at(-1));
    expect(post.body).toMatchObject({
      message: { type: 'text', text: 'good day' },
      author: { type: 'agent', name: AGENT },
      conversation_id: line.deskConversation,
    });
  });

  it('accepts by speaking', async () => {
    const line = await world.offered();
    expect((await world.desk.say(line.deskConversation, 'here I am')).status).toBe(202);
    await place.box.advance(120_000);
    expect(await world.holder(line.thread)).toEqual({ type: 'desk', id: world.desk.id });
  });

  it('may repeat a message with its id: it is said once', async () => {
    const line = await world.accepted();
    const first = await world.desk.say(line.deskConversation, 'once', { id: 'agent-1' });
    const again = await world.desk.say(line.deskConversation, 'once', { id: 'agent-1' });
    expect(again).toMatchObject({ status: 202, body: { message_id: first.body.message_id } });
    await calm();
    expect(world.channel.texts(line.address).filter((text) => text === 'once')).toHaveLength(1);
  });

  it('passes typing on to the channel', async () => {
    const line = await world.accepted();
    expect((await world.desk.tell('typing', line.deskConversation, { on: true })).status).toBe(202);
    await until('the channel is told', () =>
      world.channel.posts.find((post) => post.body.type === 'typing' && post.body.to?.address === line.address),
    );
  });

  it('may sign instead of showing its bearer secret', async () => {
    const line = await world.offered();
    const data = { conversation_id: line.deskConversation, agent: AGENT };
    const body = JSON.stringify({ type: 'conversation.accepted', timestamp: new Date().toISOString(), data });
    const good = signed(world.desk.made.signing_secret, 'evt', place.box.now(), body);
    expect((await world.desk.post(body, { ...good, 'webhook-id': 'other' })).status).toBe(401);
    expect((await world.desk.post(body, good)).status).toBe(202);
  });

  it('is refused without either, with a wrong one, and at a wrong URL', async () => {
    const line = await world.offered();
    const body = { type: 'conversation.accepted', data: { conversation_id: line.deskConversation, agent: AGENT } };
    expect((await world.desk.post(body, {})).status).toBe(401);
    expect((await world.desk.post(body, { authorization: 'Bearer wrong' })).status).toBe(401);
    const url = `${world.desk.made.hook_url.slice(0, -6)}zzzzzz`;
    const headers = { authorization: `Bearer ${world.desk.made.secret}` };
    expect((await call('POST', url, { body, headers })).status).toBe(404);
    expect((await world.thread(line.thread)).holder.type).toBe('desk');
  });

  it('is refused with an old epoch, where it gives one', async () => {
    const line = await world.accepted();
    const { epoch } = await world.thread(line.thread);
    const stale = await world.desk.say(line.deskConversation, 'old', { epoch: epoch - 1 });
    expect(stale).toMatchObject({ status: 409, body: { code: 'stale_epoch' } });
    expect((await world.desk.say(line.deskConversation, 'new', { epoch })).status).toBe(202);
  });

  it('is retried like a bot, in order, with the same webhook-id', async () => {
    const own = await place.world();
    const line = await own.accepted('hello yourself');
    own.desk.reply = () => ({ status: 500 });
    await own.says(line.address, 'one');
    await own.says(line.address, 'two');
    await own.deliveryOf(
      own.desk.id,
      line.deskConversation,
      (each) => each.status === 'retrying' || each.status === 'pending',
    );
    await until('the first is tried', () => own.desk.told(line.deskConversation, 'message.received')[0]);
    await place.box.advance(0);
    own.desk.reply = () => ({});
    await place.box.advance(65_000);
    const words = (): string[] =>
      own.desk.told(line.deskConversation, 'message.received').map((post) => post.body.data.message.text);
    await until('both come', () => words().length === 2);
    expect(words()).toEqual(['one', 'two']);
    const tries = own.desk.posts.filter((post) => post.body?.data?.message?.text === 'one');
    expect(tries).toHaveLength(2);
    expect(new Set(tries.map((post) => post.headers['webhook-id'])).size).toBe(1);
  });
});
