// The simulator: a person plays the customer on any asset. What they say takes the real road; nothing reaches a channel,
// faults hurt nobody else, and nobody outside can become a simulated customer.
import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, calm, type Loose, until } from '../parties/call.ts';
import { sharedBox } from '../parties/shared.ts';
import type { World } from '../parties/world.ts';

const MINUTE = 60_000;

describe('A simulated customer', () => {
  const place = sharedBox();
  let world: World;
  beforeAll(async () => {
    world = await place.world();
  });

  const newcomer = (): string => `sim-${randomBytes(6).toString('hex')}`;
  const does = (address: string, event: Loose, more: Loose = {}): Promise<Answer> =>
    place.box.api('POST', '/simulator/events', { asset_id: world.channel.asset.id, address, event, ...more });
  const says = (address: string, text: string, more: Loose = {}): Promise<Answer> =>
    does(address, { type: 'message', message: { text } }, more);
  const lay = (address: string, fault: string): Promise<Answer> =>
    place.box.api('PUT', '/simulator/faults', { bot_id: world.bot.id, address, fault });
  const heard = async (address: string) => until('the bot hears it', () => world.bot.heard(address)[0]);
  /** the delivery of a message to a target, with its attempts, once it satisfies */
  const delivery = (messageId: string, target: string, when: (each: Loose) => boolean): Promise<Loose> =>
    until(`the delivery to ${target}`, async () => {
      const rows = await world.deliveries(`message_id=${messageId}&target=${target}`);
      const whole = rows[0] && (await world.delivery(rows[0].id));
      return whole && when(whole) && whole;
    });

  it('talks with the real bot, and what the bot answers goes nowhere', async () => {
    const address = newcomer();
    const said = await says(address, 'hello', { name: 'A <b>tester</b>' });
    expect([said.status, said.body.duplicate]).toEqual([202, false]);
    const post = await heard(address);
    expect(post.body).toMatchObject({ Message: 'hello', ConversationType: 'BOT', Channel: 'HTTP' });
    const messageId = await world.replies(post.body.Conversationid, 'hello yourself');
    const sent = await delivery(messageId, world.channel.asset.id, (each) => each.status === 'delivered');
    expect(sent.attempts).toMatchObject([{ status: null, detail: 'Simulated customer; nothing left.' }]);
    const { data } = await place.box.must('GET', `/threads/${said.body.thread_id}/timeline`);
    expect(JSON.stringify(data)).toContain('hello yourself');
    await calm();
    expect(world.channel.posts.filter((each) => each.body?.to?.address === address)).toEqual([]);
  });

  it('is heard once, whatever comes twice; the ids of the channel are another matter', async () => {
    const address = newcomer();
    const first = await says(address, 'once', { id: 'same' });
    const again = await says(address, 'once', { id: 'same' });
    expect(again.body).toEqual({ ...first.body, duplicate: true });
    expect((await says(newcomer(), 'once', { id: 'same' })).body.duplicate).toBe(false);
    const real = world.newcomer();
    await world.channel.says(real, 'mine', { id: 'same' });
    await heard(real);
    await calm();
    expect(world.bot.words(address)).toEqual(['once']);
  });

  it('taps buttons, types, and is handed over to a desk', async () => {
    const address = newcomer();
    await says(address, 'hello');
    const { body } = await heard(address);
    await delivery(body.Messageid, world.bot.id, (each) => each.status === 'delivered');
    await does(address, { type: 'postback', payload: 'ORDER_42', title: 'Order 42' });
    await until('the bot hears the tap', () => world.bot.words(address).includes('ORDER_42'));
    expect((await world.bot.handOver(body.Conversationid)).status).toBe(202);
    const offer = await until('the desk is offered the line', () => world.desk.offers(address)[0]);
    await world.desk.accept(offer.body.data.conversation_id);
    expect((await does(address, { type: 'typing', on: true })).status).toBe(202);
    await until('the desk sees them type', () =>
      world.desk.posts.some((post) => post.body?.type === 'typing' && post.body.data.customer.address === address),
    );
  });

  it('tells the fate of messages only when asked to, and only of their own', async () => {
    const address = newcomer();
    await says(address, 'hello');
    const { body } = await heard(address);
    const messageId = await world.replies(body.Conversationid, 'answer');
    await delivery(messageId, world.channel.asset.id, (each) => each.status === 'delivered');
    const fates = () => world.bot.told(address).filter((post) => post.body.Event === 'Message Delivery');
    await calm();
    expect(fates()).toEqual([]);
    await does(address, { type: 'receipt', message_id: messageId, status: 'read' });
    const fate = await until('the bot is told', () => fates()[0]);
    expect(fate.body).toMatchObject({ Messageid: messageId, DeliveryStatus: 'Read' });
    const real = await world.meet();
    const theirs = await world.replies(real.conversation, 'for a real one');
    const forged = { type: 'receipt', message_id: theirs, status: 'failed' };
    expect((await does(address, forged)).status).toBe(404);
    expect((await does(newcomer(), { ...forged, message_id: messageId })).status).toBe(404);
  });

  it('suffers faults alone: they stand in the ledger, are retried, and do not count against the bot', async () => {
    const [hurt, other] = [[newcomer(), newcomer(), newcomer()], newcomer()];
    for (const [i, fault, status, reason] of [
      [0, 'error_500', 500, 'server_error'],
      [1, 'no_token', 200, 'token_missing'],
      [2, 'down', null, 'refused'],
    ] as const) {
      const address = hurt[i] ?? '';
      expect((await lay(address, fault)).status).toBe(200);
      const { body } = await says(address, `with ${fault}`);
      const tried = await delivery(body.message_id, world.bot.id, (each) => each.status === 'retrying');
      expect(tried.attempts).toMatchObject([{ status, reason, detail: expect.stringContaining('simulator') }]);
    }
    await says(other, 'untouched');
    await heard(other);
    await world.meet('all is well');
    // An hour of failures in three threads: three times as many as make a bot inactive.
    for (const minutes of [1, 5, 15, 38]) await place.box.advance(minutes * MINUTE);
    const bot = await place.box.must('GET', `/bots/${world.bot.id}`);
    expect(bot.status).toBe('active');
    for (const address of hurt) expect(world.bot.told(address)).toEqual([]);
  });

  it('is answered again when the fault is taken away, and nothing was lost', async () => {
    const address = newcomer();
    await lay(address, 'error_500');
    const { body } = await says(address, 'hello?');
    await delivery(body.message_id, world.bot.id, (each) => each.status === 'retrying');
    const laid = await place.box.must('GET', '/simulator/faults');
    expect(laid.data).toContainEqual(expect.objectContaining({ bot_id: world.bot.id, address, fault: 'error_500' }));
    const left = await lay(address, 'none');
    expect(left.body.data.map((each: Loose) => each.address)).not.toContain(address);
    await place.box.advance(MINUTE);
    expect((await heard(address)).body.Message).toBe('hello?');
    const whole = await delivery(body.message_id, world.bot.id, (each) => each.status === 'delivered');
    expect(whole.attempts.map((each: Loose) => each.reason)).toEqual(['server_error', 'ok']);
  });

  it('waits five seconds for a slow bot', async () => {
    const address = newcomer();
    await lay(address, 'slow');
    const { body } = await says(address, 'hurry');
    const tried = await delivery(body.message_id, world.bot.id, (each) => each.status === 'retrying');
    expect(tried.attempts[0]).toMatchObject({ reason: 'timeout' });
    expect(tried.attempts[0].timing.total_ms).toBeGreaterThan(4_900);
  });

  it('cannot come from outside: a channel that brings one in is refused, the whole batch', async () => {
    const address = newcomer();
    const message = (from: string) => ({
      type: 'message',
      id: from,
      from: { address: from },
      message: { type: 'text', text: 'hi' },
    });
    const refused = await world.channel.post(message(address));
    expect([refused.status, refused.body.errors[0].pointer]).toEqual([422, '/from/address']);
    const real = world.newcomer();
    const batch = await world.channel.post([message(real), message(address)]);
    expect([batch.status, batch.body.errors[0].pointer]).toEqual([422, '/1/from/address']);
    await calm();
    expect([...world.bot.told(real), ...world.bot.told(address)]).toEqual([]);
    const turned = await does(world.newcomer(), { type: 'message', message: { text: 'hi' } });
    expect([turned.status, turned.body.errors[0].pointer]).toEqual([422, '/address']);
  });

  it('is refused what cannot be, by name of the field', async () => {
    const address = newcomer();
    for (const [event, pointer] of [
      [{ type: 'message', message: {} }, '/event/message/text'],
      [{ type: 'message', message: { text: 7 } }, '/event/message/text'],
      [{ type: 'postback' }, '/event/payload'],
      [{ type: 'receipt', message_id: 'msg_1', status: 'eaten' }, '/event/status'],
      [{ type: 'wave' }, '/event/type'],
    ] as const) {
      const answer = await does(address, event);
      expect([answer.status, answer.body.errors[0].pointer]).toEqual([422, pointer]);
    }
    expect((await lay('somebody', 'down')).status).toBe(422);
    expect((await lay(address, 'on_fire')).status).toBe(422);
    const nobody = await place.box.api('POST', '/simulator/events', {
      asset_id: 'ast_00000000000000000000000000',
      address,
      event: { type: 'message', message: { text: 'hi' } },
    });
    expect(nobody.status).toBe(404);
  });
});
