// Providers, customers, bots and colleagues that mean no good, against the real program with real channels: what they post,
// answer and enter harms nobody else. Not here: signatures and bent bodies (src/channels/contract.test.ts), URLs that point
// inward (hostile-urls.test.ts). No live provider is called.
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, calm, type Loose, until } from '../parties/call.ts';
import type { Post } from '../parties/listener.ts';
import { sharedBox } from '../parties/shared.ts';
import { startTelegram, type Telegram } from '../parties/telegram.ts';
import { startWhatsapp, type Whatsapp } from '../parties/whatsapp.ts';
import type { World } from '../parties/world.ts';

describe('Whoever means no good', () => {
  const place = sharedBox({ env: { SIGNALBOX_LOG_LEVEL: 'debug' } });
  let world: World;
  let whatsapp: Whatsapp;
  let telegram: Telegram;
  let number: Loose;
  let robot: Loose;
  let phones = 15550300000;
  const newPhone = (): string => String(++phones);

  async function connect(channel: string, config: Loose): Promise<Loose> {
    const asset = await place.box.must('POST', '/assets', { name: channel, channel, config });
    await place.box.must('PUT', `/services/${world.service}/assets/${asset.id}`);
    await world.addRule(
      { event: 'message.received', asset_id: asset.id },
      { type: 'forward_to_bot_and_desk', bot_id: world.bot.id, desk_id: world.desk.id },
    );
    return asset;
  }

  beforeAll(async () => {
    world = await place.world();
    [whatsapp, telegram] = await Promise.all([startWhatsapp(), startTelegram()]);
    number = await connect('whatsapp', whatsapp.config());
    whatsapp.hook = number.hook_url;
    robot = await connect('telegram', { token: telegram.token, api_url: telegram.url });
    await place.box.must('POST', `/assets/${robot.id}/verification`, {});
  });
  afterAll(() => Promise.all([whatsapp?.down(), telegram?.down()]));

  const conversationOf = async (address: string): Promise<string> =>
    (await until('the bot hears it', () => world.bot.heard(address)[0])).body.Conversationid;
  it('takes back or changes what another customer said', async () => {
    const [victim, thief] = [newPhone(), newPhone()];
    const word = whatsapp.message(victim, { type: 'text', text: { body: 'I want my order' } });
    await whatsapp.post(whatsapp.callbackOf({ messages: [word] }));
    const conversation = await conversationOf(victim);
    await whatsapp.says(thief, 'hello');
    await conversationOf(thief);
    const edited = { type: 'text', text: { body: 'I want nothing' } };
    for (const remark of [
      { type: 'edit', edit: { original_message_id: word.id, message: edited } },
      { type: 'revoke', revoke: { original_message_id: word.id } },
    ]) {
      const { status } = await whatsapp.post(whatsapp.callbackOf({ messages: [whatsapp.message(thief, remark)] }));
      expect(status).toBe(200);
    }
    const { data } = await place.box.must('GET', `/conversations/${conversation}/messages`);
    expect(data).toMatchObject([{ text: 'I want my order', edited: null, deleted_at: null }]);
    // Who said it may.
    const own = whatsapp.message(victim, { type: 'revoke', revoke: { original_message_id: word.id } });
    await whatsapp.post(whatsapp.callbackOf({ messages: [own] }));
    const after = await place.box.must('GET', `/conversations/${conversation}/messages`);
    expect(after.data).toMatchObject([{ text: '', deleted_at: expect.any(String) }]);
  });

  it('finds none of our secrets anywhere, whatever of a request is quoted in its answer', async () => {
    const proof = createHmac('sha256', whatsapp.appSecret).update(whatsapp.token).digest('hex');
    const secrets = [whatsapp.token, whatsapp.appSecret, proof, telegram.token];
    const quote = (status: number) => (post: Post) => {
      const said = `No: ${post.path} ${JSON.stringify(post.headers)} ${encodeURIComponent(post.path)}`;
      const error = { code: 100, message: said, error_data: { details: said } };
      const headers = { 'x-quoted': JSON.stringify(post.headers), location: post.path };
      return { status, headers, body: { ok: false, error_code: 400, description: said, error, url: said } };
    };
    const [phone, chat] = [newPhone(), 7001];
    await whatsapp.says(phone, 'hi');
    await telegram.says(chat, 'hi');
    const lines = [await conversationOf(phone), await conversationOf(String(chat))];
    const honest = [whatsapp.reply, telegram.reply] as const;
    const read: string[] = [];
    for (const status of [200, 302, 400, 500]) {
      whatsapp.reply = quote(status);
      telegram.reply = quote(status);
      for (const line of lines) await world.bot.say(line, `said ${status}`);
      const photo = [{ file_id: `q${status}`, file_unique_id: `q${status}`, width: 1, height: 1 }];
      await telegram.post(telegram.update('message', telegram.message(chat, { photo })));
      const image = { type: 'image', image: { id: `77${status}`, mime_type: 'image/png' } };
      await whatsapp.post(whatsapp.callbackOf({ messages: [whatsapp.message(phone, image)] }));
      for (const { id } of [robot, number]) {
        const test = { address: id === robot.id ? String(chat) : phone, text: 'A test.' };
        read.push((await place.box.api('POST', `/assets/${id}/verification`, {})).text);
        read.push((await place.box.api('POST', `/assets/${id}/test_message`, test)).text);
      }
      await calm();
    }
    [whatsapp.reply, telegram.reply] = honest;
    for (const path of ['/assets', '/audit', '/threads', '/events?limit=500', '/deliveries?limit=100', '/channels']) {
      read.push((await place.box.api('GET', path)).text);
    }
    for (const { id } of (await place.box.must('GET', '/deliveries?limit=100')).data as Loose[]) {
      read.push((await place.box.api('GET', `/deliveries/${id}`)).text);
    }
    for (const line of lines) {
      const { data } = await place.box.must('GET', `/conversations/${line}/messages?limit=100`);
      read.push(JSON.stringify(data));
      for (const { media } of data as Loose[]) for (const { url } of media) read.push((await call('GET', url)).text);
    }
    read.push(place.box.logs(), ...[...world.bot.posts, ...world.desk.posts].map(({ raw }) => raw));
    const all = read.join('\n');
    expect(all).toContain('[masked]');
    expect(secrets.filter((secret) => all.includes(secret) || all.includes(encodeURIComponent(secret)))).toEqual([]);
  });

  it('hangs up on a message that it took: what came of it is known by what it tells later', async () => {
    const phone = newPhone();
    await whatsapp.says(phone, 'hi');
    const line = await conversationOf(phone);
    const honest = whatsapp.reply;
    whatsapp.reply = async (post) => ({ ...(await honest(post)), fault: 'reset' });
    const { message_id } = (await world.bot.say(line, 'Your order is on its way.')).body;
    const path = `/deliveries?message_id=${message_id}`;
    const held = await until('its outcome is unknown', async () =>
      (await place.box.must('GET', path)).data.find((each: Loose) => each.status === 'held'),
    );
    whatsapp.reply = honest;
    const [sent] = whatsapp.sent(phone);
    await whatsapp.post(whatsapp.callbackOf({ statuses: [whatsapp.status(sent!, 'delivered')] }));
    expect((await place.box.must('GET', `/deliveries/${held.id}`)).status).toBe('delivered');
    const again = await place.box.api('POST', `/deliveries/${held.id}/resolution`, { outcome: 'resend' });
    expect([again.status, whatsapp.sent(phone).length]).toEqual([409, 1]);
  });

  it('posts megabytes of messages of one customer, and holds up nobody else', async () => {
    const phone = newPhone();
    const messages = Array.from({ length: 8_000 }, (_, index) =>
      whatsapp.message(phone, { id: `wamid.many${index}`, type: 'text', text: { body: `#${index}` } }),
    );
    let over = false;
    const posting = whatsapp.post(whatsapp.callbackOf({ messages })).finally(() => {
      over = true;
    });
    const waits: number[] = [];
    while (!over) {
      const began = performance.now();
      expect((await world.channel.says(world.newcomer(), 'me too')).status).toBe(202);
      waits.push(performance.now() - began);
    }
    expect((await posting).status).toBe(200);
    // In one transaction they were as one wait, of all of its time.
    expect(waits.length).toBeGreaterThan(3);
    const left = (await place.box.must('GET', `/deliveries?status=pending&target=${world.bot.id}&limit=1`)).data.length;
    expect(left).toBe(1);
    await world.meet();
  });
});
