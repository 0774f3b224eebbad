// No request leaves for a place that is not public unless it is listed: refused when it is written down, and refused
// again when it is called, because names and lists change.
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../parties/box.ts';
import { type Answer, calm, type Loose, until } from '../parties/call.ts';
import { sharedBox } from '../parties/shared.ts';
import { makeBot } from '../parties/world.ts';

const HOSTILE = [
  'http://169.254.169.254/latest/meta-data/',
  'https://169.254.169.254/',
  'https://10.0.0.1/',
  'https://192.168.1.1/',
  'https://172.16.0.1/',
  'https://100.64.0.1/',
  'https://0.0.0.0/',
  'https://0/',
  'https://127.0.0.2/',
  'https://2130706434/',
  'https://0x7f000002/',
  'https://0177.0.0.2/',
  'https://[::1]/',
  'https://[::]/',
  'https://[::ffff:10.0.0.1]/',
  'https://[fd00::1]/',
  'https://[fe80::1]/',
  'https://[64:ff9b::a00:1]/',
  'https://255.255.255.255/',
  'https://224.0.0.1/',
  'http://93.184.216.34/',
  'http://example.com/',
  'http://metadata.google.internal/computeMetadata/v1/',
  'ftp://bot.example/',
  'file:///etc/passwd',
  'gopher://bot.example/',
  'javascript:alert(1)',
  'data:text/plain,hello',
  'https://user:password@bot.example/',
  'https://',
  'bot.example/in',
  '//bot.example/in',
  ' ',
];

describe('A hostile URL', () => {
  const place = sharedBox();

  function refused(answer: Answer, pointer: string): void {
    expect(answer.status, answer.text).toBe(422);
    expect(answer.body.errors.map((error: Loose) => error.pointer).join(' ')).toContain(pointer);
  }

  it.each(HOSTILE)('is refused for a bot, a desk and a channel when it is written down: %s', async (url) => {
    const bot = { name: 'b', platform: 'other', url, verification_token: 'a token of good length' };
    refused(await place.box.api('POST', '/bots', bot), '/url');
    refused(await place.box.api('POST', '/desks', { name: 'd', kind: 'webhook', url }), '/url');
    refused(await place.box.api('POST', '/assets', { name: 'a', channel: 'http', config: { url } }), '/config/url');
  });

  it('is refused in an edit, a draft and a rule as well', async () => {
    const world = await place.world();
    const url = 'https://10.0.0.1/';
    refused(await place.box.api('PATCH', `/bots/${world.bot.id}`, { url }), '/url');
    const draft = await place.box.api('POST', `/bots/${world.bot.id}/verification`, { url });
    expect(draft.status === 422 || draft.body.verified === false).toBe(true);
    const action = { type: 'notify_url', url };
    const rule = { name: 'r', trigger: { event: 'message.received' }, action };
    refused(await place.box.api('POST', `/services/${world.service}/rules`, rule), '/action/url');
    expect((await place.box.must('GET', `/bots/${world.bot.id}`)).url).toBe(`${world.bot.url}/in`);
  });

  describe('that was allowed once', () => {
    it('is refused at the call when the list no longer has it: the bot hears nothing, the reason is kept', async () => {
      const world = await place.world({ bot: { failure_threshold: 50 } });
      await place.box.restart({ SIGNALBOX_ALLOW_PRIVATE: `127.0.0.1/32:${world.channel.port}` });
      const before = world.bot.connections;
      await world.says(world.newcomer(), 'hello');
      const [delivery] = await until('an attempt is made', async () => {
        const all = await world.deliveries(`target=${world.bot.id}`);
        return all[0] && (await world.delivery(all[0].id)).attempts.length > 0 && all;
      });
      expect(world.bot.connections).toBe(before);
      const [attempt] = (await world.delivery(delivery.id)).attempts;
      expect(attempt.status).toBeNull();
      expect(`${attempt.reason} ${attempt.detail}`).toMatch(/private|allow|public|refus|address/i);
      await place.box.restart();
    });
  });

  describe('by a name that leads home', () => {
    let server: Server;
    let taken = 0;
    let port = 0;
    beforeAll(async () => {
      port = await freePort();
      server = createServer((socket) => {
        taken += 1;
        socket.destroy();
      }).listen(port, '127.0.0.1');
    });
    afterAll(() => void server.close());

    it('reaches nobody: localhost is not listed by its address’s port', async () => {
      await place.box.restart({ SIGNALBOX_ALLOW_PRIVATE: '127.0.0.1/32:1' });
      const body = {
        name: 'b',
        platform: 'other',
        url: `https://localhost:${port}/`,
        verification_token: 'a token of good length',
      };
      const made = await place.box.api('POST', '/bots', body);
      if (made.status === 201) {
        const result = await place.box.must('POST', `/bots/${made.body.id}/verification`, {});
        expect(result.verified).toBe(false);
      } else refused(made, '/url');
      await calm();
      expect(taken).toBe(0);
      await place.box.restart();
    });
  });

  it('that a bot redirects to is not followed, not even by the verification', async () => {
    const bait = await place.listener();
    const bot = await makeBot(place.box);
    bot.reply = () => ({ status: 302, headers: { location: `${bait.url}/secret` } });
    expect(await place.box.must('POST', `/bots/${bot.id}/verification`, {})).toMatchObject({ verified: false });
    expect(bait.connections).toBe(0);
    await bot.down();
  });

  it('in a bot’s message is passed on as a link and never fetched', async () => {
    const world = await place.world();
    const bait = await place.listener();
    const line = await world.meet();
    await world.bot.say(line.conversation, 'look', { media: [{ url: `${bait.url}/x.png`, type: 'image/png' }] });
    await calm();
    expect(bait.connections).toBe(0);
  });

  it('answers that never end do not fill the memory: only the first part is read', async () => {
    const world = await place.world({ bot: { failure_threshold: 50 } });
    world.bot.reply = () => ({ status: 200, body: 'x'.repeat(30 * 1024 * 1024) });
    const address = world.newcomer();
    await world.says(address, 'hello');
    const post = await until('the bot is asked', () => world.bot.told(address)[0]);
    const delivery = await world.deliveryOf(world.bot.id, post.body.Conversationid, (each) => each.attempts.length > 0);
    expect(delivery.attempts[0].answer.length).toBeLessThanOrEqual(16 * 1024);
    expect((await place.box.api('GET', '/services')).status).toBe(200);
  });
});
