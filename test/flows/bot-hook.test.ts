// Contract §3, from the bot: what its hook takes, what it answers, and what it refuses with which word.
// The seed's own spellings are in seed-contract.test.ts, malformed fields in bad-input.test.ts.
import { beforeAll, describe, expect, it } from 'vitest';
import { call, calm, until } from '../parties/call.ts';
import { sharedBox } from '../parties/shared.ts';
import { signed } from '../parties/signature.ts';
import type { World } from '../parties/world.ts';

describe('The hook of a bot', () => {
  const place = sharedBox();
  let world: World;
  beforeAll(async () => {
    world = await place.world();
  });

  describe('for a message (1001)', () => {
    it('takes media and quick replies, and the channel gets them', async () => {
      const line = await world.meet();
      await world.replies(line.conversation, 'choose', {
        Messagetype: 'image',
        media: [{ url: 'https://media.example/1', type: 'image/png', name: 'one' }],
        quick_replies: [
          { title: 'Yes', payload: 'YES' },
          { title: 'No', payload: 'NO' },
        ],
      });
      const post = await until('the customer gets it', () => world.channel.delivered(line.address)[0]);
      expect(post.body.message).toMatchObject({
        type: 'image',
        text: 'choose',
        media: [{ url: 'https://media.example/1', type: 'image/png', name: 'one' }],
        quick_replies: [
          { title: 'Yes', payload: 'YES' },
          { title: 'No', payload: 'NO' },
        ],
      });
    });

    it('knows a messageid again: the same answer, and nothing said twice', async () => {
      const line = await world.meet();
      const first = await world.bot.say(line.conversation, 'once', { messageid: 'key-1' });
      const again = await world.bot.say(line.conversation, 'once', { messageid: 'key-1' });
      expect(again).toMatchObject({ status: 202, body: { message_id: first.body.message_id } });
      await until('the customer gets it', () => world.channel.delivered(line.address)[0]);
      await calm();
      expect(world.channel.texts(line.address)).toEqual(['once']);
    });

    it('takes the epoch it was told', async () => {
      const line = await world.meet();
      const epoch = world.bot.heard(line.address)[0]!.body.Signalbox.Epoch;
      expect((await world.bot.say(line.conversation, 'fresh', { epoch })).status).toBe(202);
    });

    it('keeps the order in which messages were taken', async () => {
      const line = await world.meet();
      const words = Array.from({ length: 12 }, (_, index) => `part ${index}`);
      for (const word of words) await world.replies(line.conversation, word);
      await until('all arrive', () => world.channel.texts(line.address).length === words.length);
      expect(world.channel.texts(line.address)).toEqual(words);
    });
  });

  describe('for a close (1003)', () => {
    it('ends the conversation, and the next message opens a new one', async () => {
      const line = await world.meet('bye');
      expect((await world.bot.finish(line.conversation, { reason: 'done' })).status).toBe(202);
      await world.says(line.address, 'hello again');
      const post = await until('the bot hears it', () => world.bot.heard(line.address)[1]);
      expect(post.body.Conversationid).not.toBe(line.conversation);
    });

    it('is taken twice without effect', async () => {
      const line = await world.meet('bye');
      expect((await world.bot.finish(line.conversation)).status).toBe(202);
      const { epoch } = await world.thread(line.thread);
      expect((await world.bot.finish(line.conversation)).status).toBe(202);
      expect((await world.thread(line.thread)).epoch).toBe(epoch);
    });
  });

  it.each([
    [1004, 'custom'],
    [1005, 'milestone'],
    [1006, 'notify'],
    [1007, 'unhandled'],
  ])('raises a rule trigger by %d, the %s event', async (eventid, word) => {
    const ear = await place.listener();
    const own = await place.world({ rule: 'bot' });
    await own.addRule({ event: `bot.${word}`, bot_id: own.bot.id }, { type: 'notify_url', url: ear.url });
    const line = await own.meet();
    const body = { conversation_id: line.conversation, name: 'a name', customparam1: 'one' };
    expect((await own.bot.post({ eventid, ...body })).status).toBe(202);
    expect((await own.bot.post({ event: word, ...body })).status).toBe(202);
    await until('both are told', () => ear.posts.length === 2);
    expect(ear.posts[0]!.raw).toContain(`bot.${word}`);
  });

  it('passes typing on to the channel (1008)', async () => {
    const line = await world.meet();
    const typing = { event: 'typing', conversation_id: line.conversation, on: true };
    expect((await world.bot.post(typing)).status).toBe(202);
    await until('the channel is told', () =>
      world.channel.posts.find((post) => post.body.type === 'typing' && post.body.to?.address === line.address),
    );
  });

  describe('refuses', () => {
    it('an unknown URL with 404, whatever is sent', async () => {
      const url = `${world.bot.hookUrl.slice(0, -6)}zzzzzz`;
      expect((await call('POST', url, { body: { eventid: 1001 } })).status).toBe(404);
    });

    it('a conversation that is not there with 404', async () => {
      expect((await world.bot.say('conv_00000000000000000000000000', 'hello?')).status).toBe(404);
    });

    it('a bad signature with 401, even though the body is good', async () => {
      const line = await world.meet();
      const body = JSON.stringify({ eventid: '1001', conversation_id: line.conversation, message: 'forged' });
      const [secret] = world.bot.secrets;
      const good = signed(secret!, 'evt-1', place.box.now(), body);
      const forged = { ...good, 'webhook-signature': 'v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=' };
      const old = signed(secret!, 'evt-2', place.box.now() - 6 * 60_000, body);
      expect((await world.bot.post(body, forged)).status).toBe(401);
      expect((await world.bot.post(body, old)).status).toBe(401);
      expect((await world.bot.post(body, good)).status).toBe(202);
      await until('the good one arrives', () => world.channel.texts(line.address).includes('forged'));
    });

    it('a body over 256 KiB with 413', async () => {
      const line = await world.meet();
      const answer = await world.bot.say(line.conversation, 'x'.repeat(257 * 1024));
      expect(answer.status).toBe(413);
    });

    it('a handover with 409 no_desk where no desk is bound; the bot keeps the line, other rules of the event run', async () => {
      const own = await place.world({ rule: 'bot' });
      const ear = await place.listener();
      await own.addRule({ event: 'bot.handover', bot_id: own.bot.id }, { type: 'notify_url', url: ear.url });
      const line = await own.meet();
      const answer = await own.bot.handOver(line.conversation);
      expect(answer).toMatchObject({ status: 409, body: { code: 'no_desk' } });
      expect(await own.holder(line.thread)).toMatchObject({ type: 'bot', id: own.bot.id });
      await until('the rule ran', () => ear.posts[0]);
      await own.replies(line.conversation, 'still here');
    });

    it('the 31st message in a minute of one thread with 429, and takes messages again a minute later', async () => {
      const line = await world.meet();
      for (let count = 1; count <= 30; count++) await world.replies(line.conversation, `loop ${count}`);
      const answer = await world.bot.say(line.conversation, 'loop 31');
      expect(answer.status).toBe(429);
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
      const other = await world.meet();
      await world.replies(other.conversation, 'another thread is free');
      await place.box.advance(61_000);
      await world.replies(line.conversation, 'calm again');
      await until('the last arrives', () => world.channel.texts(line.address).includes('calm again'));
      expect(world.channel.texts(line.address)).not.toContain('loop 31');
    });

    it('everything but POST', async () => {
      for (const method of ['GET', 'PUT', 'DELETE']) {
        expect([404, 405]).toContain((await call(method, world.bot.hookUrl)).status);
      }
    });

    it('an unsigned word when signatures are compulsory', async () => {
      const own = await place.world({ rule: 'bot' });
      await own.box.must('PATCH', `/bots/${own.bot.id}`, { require_signature: true });
      const line = await own.meet();
      expect((await own.bot.say(line.conversation, 'unsigned')).status).toBe(401);
      const body = JSON.stringify({ eventid: '1001', conversation_id: line.conversation, message: 'signed' });
      expect((await own.bot.post(body, signed(own.bot.secrets[0]!, 'e', place.box.now(), body))).status).toBe(202);
    });
  });

  it('can be rotated: the new URL works, the old one until the overlap is over', async () => {
    const own = await place.world({ rule: 'bot' });
    const line = await own.meet();
    const old = own.bot.hookUrl;
    const made = await own.box.must('POST', `/bots/${own.bot.id}/rotation`, { what: 'hook_url', overlap_s: 60 });
    expect(made.hook_url).not.toBe(old);
    const body = { eventid: '1001', conversation_id: line.conversation, message: 'by the old' };
    expect((await call('POST', old, { body })).status).toBe(202);
    expect((await call('POST', made.hook_url, { body })).status).toBe(202);
    await place.box.advance(61_000);
    expect((await call('POST', old, { body })).status).toBe(404);
    expect((await call('POST', made.hook_url, { body })).status).toBe(202);
  });
});
