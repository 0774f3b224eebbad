// Contract §3, the bot's answer: where the token may stand, what counts as a failure, and replies given at once.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { calm, type Loose, until } from '../parties/call.ts';
import type { Reply } from '../parties/listener.ts';
import { sharedBox } from '../parties/shared.ts';
import { makeBot, type World } from '../parties/world.ts';

describe('The answer of a bot', () => {
  const place = sharedBox();
  let world: World;
  beforeAll(async () => {
    world = await place.world({ bot: { failure_threshold: 50 } });
  });
  beforeEach(() => {
    world.bot.reply = () => world.bot.ok();
  });

  /** one customer's message, answered so; the first attempt as it is kept */
  async function attemptWith(reply: Reply): Promise<Loose> {
    const address = world.newcomer();
    world.bot.reply = (post) => (post.body.Signalbox?.User === address ? reply : world.bot.ok());
    await world.says(address, 'hello');
    const post = await until('the bot is asked', () => world.bot.told(address)[0]);
    const query = `target=${world.bot.id}&conversation_id=${post.body.Conversationid}`;
    return until('the attempt is kept', async () => {
      const [delivery] = await world.deliveries(query);
      return delivery && (await world.delivery(delivery.id)).attempts[0] && world.delivery(delivery.id);
    });
  }

  describe('is good with the token', () => {
    it.each<[string, (token: string) => Reply]>([
      ['in verification_token', (token) => ({ body: { verification_token: token } })],
      ['in VerificationToken', (token) => ({ body: { VerificationToken: token } })],
      ['in Verification-Token', (token) => ({ body: { 'Verification-Token': token } })],
      ['in token', (token) => ({ body: { token } })],
      ['as the whole text', (token) => ({ body: token })],
      ['in the header x-verification-token', (token) => ({ headers: { 'x-verification-token': token }, body: 'ok' })],
      ['and another 2xx', (token) => ({ status: 204, headers: { 'x-verification-token': token }, body: '' })],
      ['and 201', (token) => ({ status: 201, body: { verification_token: token } })],
    ])('%s', async (_where, reply) => {
      expect(await attemptWith(reply(world.bot.token))).toMatchObject({ status: 'delivered' });
    });
  });

  describe('is a failure', () => {
    it.each<[string, Reply]>([
      ['without the token', { body: { ok: true } }],
      ['with another token', { body: { verification_token: 'another' } }],
      ['with an empty token', { body: { verification_token: '' } }],
      ['with a token that is no text', { body: { verification_token: { $ne: '' } } }],
    ])('%s, and the reason says so', async (_what, reply) => {
      const delivery = await attemptWith(reply);
      expect(delivery.status).toBe('retrying');
      const plain = await attemptWith({ status: 500, body: 'broken' });
      expect(JSON.stringify(delivery.attempts[0])).toMatch(/token/i);
      expect(delivery.attempts[0].reason).not.toBe(plain.attempts[0].reason);
    });

    it.each([300, 400, 401, 404, 429, 500, 503])('with status %d although the token is right', async (status) => {
      const delivery = await attemptWith({ status, body: { verification_token: world.bot.token } });
      expect(delivery).toMatchObject({ status: 'retrying', attempts: [{ status }] });
    });

    it('when it redirects, and the redirect is not followed', async () => {
      const bait = await place.listener();
      const delivery = await attemptWith({ status: 307, headers: { location: bait.url }, body: '' });
      expect(delivery.status).toBe('retrying');
      expect(bait.connections).toBe(0);
    });

    it('when the connection breaks before it', async () => {
      expect(await attemptWith({ fault: 'reset' })).toMatchObject({ status: 'retrying' });
    });

    it('is kept with status, reason and the first of its body, the token masked', async () => {
      const delivery = await attemptWith({ status: 500, body: `sorry ${world.bot.token} ${'x'.repeat(40_000)}` });
      const [attempt] = delivery.attempts;
      expect(attempt.status).toBe(500);
      expect(attempt.answer).toContain('sorry');
      expect(attempt.answer).not.toContain(world.bot.token);
      expect(Buffer.byteLength(attempt.answer)).toBeLessThanOrEqual(16 * 1024);
    });
  });

  it('has 5 seconds for the whole of it: slow is good, hanging and dripping are failures', async () => {
    const addresses = { slow: world.newcomer(), hang: world.newcomer(), drip: world.newcomer() };
    const replies: Record<string, Reply> = {
      [addresses.slow]: { ...world.bot.ok(), delayMs: 3_000 },
      [addresses.hang]: { fault: 'hang' },
      [addresses.drip]: { fault: 'drip' },
    };
    world.bot.reply = (post) => replies[post.body.Signalbox?.User] ?? world.bot.ok();
    for (const address of Object.values(addresses)) await world.says(address, 'hello');
    const outcome = async (address: string): Promise<Loose> => {
      const post = await until('the bot is asked', () => world.bot.told(address)[0]);
      return world.deliveryOf(world.bot.id, post.body.Conversationid, (each) => each.attempts.length > 0);
    };
    const [slow, hang, drip] = await Promise.all(Object.values(addresses).map(outcome));
    const took = ({ attempts }: Loose): number => attempts[0].timing.total_ms;
    for (const each of [hang, drip]) expect(took(each)).toBeGreaterThan(4_900);
    // A busy machine ends it late; it drips for ever.
    for (const each of [hang, drip]) expect(took(each)).toBeLessThan(7_500);
    expect([slow.status, hang.status, drip.status]).toEqual(['delivered', 'retrying', 'retrying']);
  });

  describe('may carry the reply at once', () => {
    it('in events, with and without the conversation id, in order', async () => {
      const address = world.newcomer();
      world.bot.reply = (post) =>
        post.body.Message === 'ask'
          ? world.bot.ok({
              events: [
                { eventid: '1001', message: 'first', Messagetype: 'text' },
                { event: 'message', conversation_id: post.body.Conversationid, message: 'second' },
              ],
            })
          : world.bot.ok();
      await world.says(address, 'ask');
      await until('both arrive', () => world.channel.texts(address).length === 2);
      expect(world.channel.texts(address)).toEqual(['first', 'second']);
    });

    it('also a handover', async () => {
      const address = world.newcomer();
      world.bot.reply = () => world.bot.ok({ events: [{ eventid: 1002, customparam1: 'one' }] });
      await world.says(address, 'a person please');
      const offer = await until('the desk is offered it', () => world.desk.offers(address)[0]);
      expect(offer.body.data.attributes).toMatchObject({ customparam1: 'one' });
    });

    it('and a bad one is refused alone and shown', async () => {
      const address = world.newcomer();
      world.bot.reply = () =>
        world.bot.ok({
          events: [
            { eventid: '1001', message: 'good one' },
            { eventid: 'nonsense', message: 'bad' },
            { eventid: '1001', message: 17 },
            'not even an object',
            { eventid: '1001', message: 'good two' },
          ],
        });
      await world.says(address, 'ask');
      await until('the good ones arrive', () => world.channel.texts(address).length === 2);
      const post = world.bot.told(address)[0]!;
      const delivery = await world.deliveryOf(
        world.bot.id,
        post.body.Conversationid,
        (each) => each.attempts.length > 0,
      );
      expect(delivery.status).toBe('delivered');
      const { thread_id } = await world.box.must('GET', `/conversations/${post.body.Conversationid}`);
      const timeline = JSON.stringify(await world.box.must('GET', `/threads/${thread_id}/timeline?limit=100`));
      expect(timeline).toContain('message.refused');
    });

    it('but in a failed attempt they count for nothing', async () => {
      const address = world.newcomer();
      const events = [{ eventid: '1001', message: 'from a failure' }];
      world.bot.reply = () => ({ status: 200, body: { events } });
      await world.says(address, 'ask');
      await until('the bot is asked', () => world.bot.told(address)[0]);
      await calm();
      expect(world.channel.texts(address)).toEqual([]);
    });

    it('and what has a messageid is said once, however often and by whichever way it comes', async () => {
      const line = await world.meet();
      const event = { eventid: '1001', message: 'said once', messageid: 'own-1' };
      const { body } = await world.bot.say(line.conversation, event.message, { messageid: event.messageid });
      const twice = { ...event, message: 'said first at once', messageid: 'own-2' };
      world.bot.reply = () => world.bot.ok({ events: [event, twice, twice] });
      await world.says(line.address, 'ask');
      await until('it arrives', () => world.channel.texts(line.address).includes(twice.message));
      world.bot.reply = () => world.bot.ok();
      expect((await world.bot.say(line.conversation, twice.message, { messageid: twice.messageid })).status).toBe(202);
      expect((await world.bot.say(line.conversation, event.message, { messageid: event.messageid })).body).toEqual(
        body,
      );
      await calm();
      expect(world.channel.texts(line.address)).toEqual([event.message, twice.message]);
    });

    it('and what is said again on a retry counts once', async () => {
      const address = world.newcomer();
      let tries = 0;
      world.bot.reply = (post) => {
        if (post.body.Signalbox?.User !== address) return world.bot.ok();
        tries += 1;
        const events = [{ eventid: '1001', message: 'said once' }];
        return tries === 1
          ? { status: 500, body: { verification_token: world.bot.token, events } }
          : world.bot.ok({ events });
      };
      await world.says(address, 'ask');
      const post = await until('the bot is asked', () => world.bot.told(address)[0]);
      await world.deliveryOf(world.bot.id, post.body.Conversationid, (each) => each.status === 'retrying');
      await place.box.advance(65_000);
      await until('it arrives', () => world.channel.texts(address).length > 0);
      await calm();
      expect(world.channel.texts(address)).toEqual(['said once']);
    });
  });

  it('of an imi bot needs no token', async () => {
    const bot = await makeBot(place.box, { platform: 'imi' });
    bot.reply = () => ({ status: 200, body: 'OK' });
    expect(await place.box.must('POST', `/bots/${bot.id}/verification`, {})).toMatchObject({ verified: true });
    await bot.down();
  });
});
