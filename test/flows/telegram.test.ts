// Telegram, with the real program and a Bot API server that takes only what the real one documents: from the token to the
// customer's first word, the bot, the agent and back; updates brought again, refusals, slowing down, files.
// Not here: each kind of update and message (src/channels/telegram). No live provider is called.
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bot } from '../parties/bot.ts';
import { type Box, startBox } from '../parties/box.ts';
import { call, calm, type Loose, sleep, until } from '../parties/call.ts';
import type { Desk } from '../parties/desk.ts';
import type { Reply } from '../parties/listener.ts';
import { sharedBox } from '../parties/shared.ts';
import { failed, startTelegram, type Telegram } from '../parties/telegram.ts';
import { makeBot, makeDesk, verified } from '../parties/world.ts';

/** A PNG of one pixel. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

type Town = { telegram: Telegram; bot: Bot; desk: Desk; asset: Loose };

/** A Telegram bot of ours, with a bot and a desk behind it, all made through the API. */
async function settle(box: Box): Promise<Town> {
  const [telegram, bot, desk] = await Promise.all([startTelegram(), makeBot(box), makeDesk(box)]);
  await verified(box, 'bots', bot.id);
  const config = { token: telegram.token, api_url: telegram.url };
  const asset = await box.must('POST', '/assets', { name: 'The bot', channel: 'telegram', config });
  const service: string = (await box.must('POST', '/services', { name: 'Orders' })).id;
  for (const id of [bot.id, desk.id]) await box.must('PUT', `/services/${service}/integrations/${id}`);
  await box.must('POST', `/services/${service}/rules`, {
    name: 'all',
    trigger: { event: 'message.received', asset_id: asset.id },
    action: { type: 'forward_to_bot_and_desk', bot_id: bot.id, desk_id: desk.id },
  });
  await box.must('POST', `/assets/${asset.id}/verification`, {});
  return { telegram, bot, desk, asset };
}

describe('Telegram', () => {
  const place = sharedBox();
  let telegram: Telegram;
  let bot: Bot;
  let desk: Desk;
  let asset: Loose;
  let chats = 5550100;
  const newcomer = (): number => ++chats;

  beforeAll(async () => {
    ({ telegram, bot, desk, asset } = await settle(place.box));
  });
  afterAll(async () => {
    expect(telegram.faults).toEqual([]);
    await Promise.all([telegram.down(), bot.down(), desk.down()]);
  });

  /** A customer with an open line: the bot has met them. */
  async function meet(): Promise<{ chat: number; address: string; conversation: string }> {
    const chat = newcomer();
    const address = String(chat);
    expect((await telegram.says(chat, 'hello')).status).toBe(200);
    const post = await until('the bot hears the first message', () => bot.heard(address)[0]);
    return { chat, address, conversation: post.body.Conversationid };
  }
  /** The bot says; it must be taken. Gives the message's id. */
  async function replies(conversation: string, text: string, more: Loose = {}): Promise<string> {
    const answer = await bot.say(conversation, text, more);
    expect([answer.status, answer.text]).toEqual([202, expect.anything()]);
    return answer.body.message_id;
  }

  it('is connected by its token: the hook is registered there, with a secret of ours', async () => {
    const { box } = place;
    const channels = await box.must('GET', '/channels');
    const known = channels.data.find((each: Loose) => each.channel === 'telegram');
    expect(known).toMatchObject({
      word: 'TELEGRAM',
      title: 'Telegram',
      capabilities: { receipts: { delivered: false } },
    });

    telegram.webhook = null;
    const { verified: good, checks } = await box.must('POST', `/assets/${asset.id}/verification`, {});
    expect([good, checks.map((check: Loose) => check.name)]).toEqual([true, ['credentials', 'webhook', 'updates']]);
    expect(telegram.webhook).toMatchObject({
      url: asset.hook_url,
      secret_token: expect.stringMatching(/^[\w-]{20,256}$/),
    });
    expect(JSON.stringify(await box.must('GET', `/assets/${asset.id}`))).not.toContain(telegram.token);

    const chat = newcomer();
    const tried = await box.must('POST', `/assets/${asset.id}/test_message`, {
      address: String(chat),
      text: 'A test.',
    });
    expect([tried.sent, telegram.texts(chat)]).toEqual([true, ['A test.']]);
    telegram.instead.push({ method: 'sendMessage', reply: failed(400, 'Bad Request: chat not found') });
    const refused = await box.must('POST', `/assets/${asset.id}/test_message`, { address: '1', text: 'A test.' });
    expect(refused).toMatchObject({ sent: false, detail: expect.stringMatching(/must start the bot first/) });
  });

  it('takes a customer to the bot, to the agent, and back', async () => {
    const { chat, address, conversation } = await meet();
    expect(bot.heard(address)[0]?.body).toMatchObject({
      Channel: 'TELEGRAM',
      Event: 'Incoming message',
      ConversationType: 'BOT',
      Message: 'hello',
      Signalbox: { User: address, Author: { Type: 'customer', Name: `Customer ${chat}` } },
    });
    await bot.post({ eventid: '1008', conversation_id: conversation, on: true });
    await replies(conversation, 'Which order is it?');
    await until('Telegram shows the answer', () => telegram.texts(chat).includes('Which order is it?'));
    const typing = { method: 'sendChatAction', parameters: { chat_id: chat, action: 'typing' } };
    await until('Telegram shows that it types', () => telegram.calls.some((each) => isDeepStrictEqual(each, typing)));

    const handed = await bot.handOver(conversation);
    expect(handed.status).toBe(202);
    const offer = await until('the desk is offered the line', () => desk.offers(address)[0]);
    const said = offer.body.data.transcript.map((each: Loose) => each.message.text);
    expect(said).toEqual(['hello', 'Which order is it?']);
    const share: string = handed.body.desk_conversation_id;
    await desk.accept(share);
    await telegram.says(chat, 'number 42');
    await until('the agent reads it', () => desk.told(share, 'message.received').length === 1);
    expect((await bot.say(conversation, 'too late')).status).toBe(409);
    await desk.say(share, 'It left today.');
    await until('Telegram shows the word of the agent', () => telegram.texts(chat).includes('It left today.'));
    expect((await desk.finish(share)).status).toBe(202);

    await telegram.says(chat, 'thank you');
    const back = await until('the bot has the line again', () =>
      bot.heard(address).find((post) => post.body.Message === 'thank you'),
    );
    expect(back.body).toMatchObject({ Conversationid: conversation, ConversationType: 'BOT' });
    await replies(conversation, 'Welcome.');
    await until('Telegram shows all of it', () => telegram.texts(chat).length === 3);
    expect(telegram.texts(chat)).toEqual(['Which order is it?', 'It left today.', 'Welcome.']);
  });

  it('brings a button and what was pressed, and lets go of the button', async () => {
    const { chat, address, conversation } = await meet();
    const quick_replies = [{ title: 'Order 42', payload: 'ORDER_42' }, { title: 'Another' }];
    await replies(conversation, 'Which?', { quick_replies });
    const sent = await until('Telegram shows the buttons', () => telegram.sent(chat)[0]);
    const answer = await telegram.presses(chat, sent, 'ORDER_42');
    expect(answer.status).toBe(200);
    const post = await until('the bot hears it', () => bot.heard(address)[1]);
    expect(post.body).toMatchObject({ Event: 'POSTBACK', PostbackPayload: 'ORDER_42', Channel: 'TELEGRAM' });
    expect(telegram.calls).toContainEqual({
      method: 'answerCallbackQuery',
      parameters: { callback_query_id: answer.body.callback_query_id },
    });
  });

  it('shows what is no word: a reaction, an edit, and that the bot was blocked', async () => {
    const { box } = place;
    const { chat, address, conversation } = await meet();
    const { thread_id } = await box.must('GET', `/conversations/${conversation}`);
    const reply = await replies(conversation, 'Which one?');
    await until('Telegram shows it', () => telegram.texts(chat).length === 1);
    const about = Number(telegram.idOf(telegram.sent(chat)[0]));
    const at = { chat: telegram.chatOf(chat), date: Math.floor(Date.now() / 1000) };
    await telegram.post(
      telegram.update('message_reaction', {
        ...at,
        message_id: about,
        old_reaction: [],
        new_reaction: [{ type: 'emoji', emoji: '👍' }],
      }),
    );
    const question = telegram.message(chat, { text: 'Where is it?' });
    await telegram.post(telegram.update('message', question));
    await telegram.post(telegram.update('edited_message', { ...question, text: 'Where is the second?' }));
    const member = { user: telegram.me, status: 'member' };
    await telegram.post(
      telegram.update('my_chat_member', {
        ...at,
        from: question.from,
        old_chat_member: member,
        new_chat_member: { ...member, status: 'kicked', until_date: 0 },
      }),
    );
    const shown = await until('all of it stands in the timeline', async () => {
      const { data } = await box.must('GET', `/threads/${thread_id}/timeline?limit=100`);
      const told = data.map((entry: Loose) => entry.event).filter((event: Loose) => /remarked|sign/.test(event?.type));
      return told.length === 3 && told;
    });
    expect(shown).toMatchObject([
      { type: 'message.remarked', data: { message_id: reply, kind: 'reaction', emoji: '👍' } },
      { type: 'message.remarked', data: { kind: 'edit' } },
      { type: 'customer.sign', data: { name: 'blocked', text: 'The customer has blocked the bot.' } },
    ]);
    const { data: messages } = await box.must('GET', `/conversations/${conversation}/messages`);
    expect(messages.at(-1).text).toBe('Where is the second?');
    expect(bot.words(address)).toEqual(['hello', 'Where is it?']);
  });

  it('takes an update once, however often Telegram brings it', async () => {
    const { chat, address } = await meet();
    const updates = ['one', 'two', 'three'].map((text) => telegram.update('message', telegram.message(chat, { text })));
    for (const update of updates) expect((await telegram.post(update)).status).toBe(200);
    const again = [...updates, ...updates, ...updates].reverse();
    for (const answer of await Promise.all(again.map((update) => telegram.post(update))))
      expect(answer.status).toBe(200);
    await until('the bot hears all', () => bot.words(address).length >= 4);
    await calm(300);
    expect(bot.words(address)).toEqual(['hello', 'one', 'two', 'three']);
  });

  it('takes nothing from anybody else', async () => {
    const chat = newcomer();
    const update = telegram.update('message', telegram.message(chat, { text: 'I am not Telegram' }));
    for (const headers of [{}, { 'x-telegram-bot-api-secret-token': 'guessed' }] as Record<string, string>[]) {
      expect(await telegram.post(update, headers)).toMatchObject({ status: 401, body: { code: 'bad_signature' } });
    }
    expect(
      (
        await telegram.post(
          telegram.update('message', { ...telegram.message(chat, { text: 'hi' }), chat: { id: -5, type: 'group' } }),
        )
      ).body,
    ).toMatchObject({ accepted: 0, ignored: 1 });
    await calm(200);
    expect(bot.heard(String(chat))).toEqual([]);
    const { connection } = await place.box.must('GET', `/assets/${asset.id}`);
    expect(connection).toMatchObject({
      event_at: expect.any(String),
      refused_reason: expect.stringContaining('Secret'),
    });
  });

  it('waits as long as Telegram asks, and sends once', async () => {
    const { chat, conversation } = await meet();
    telegram.instead.push({
      method: 'sendMessage',
      reply: failed(429, 'Too Many Requests: retry after 90', { retry_after: 90 }),
    });
    const other = await meet();
    const message = await replies(conversation, 'slowly');
    await until('Telegram asked to wait', () => telegram.instead.length === 0);
    // The clock answers when that is known.
    await place.box.advance(0);
    await replies(other.conversation, 'the others wait too');
    await place.box.advance(60_000);
    await calm(300);
    expect([telegram.texts(chat), telegram.texts(other.chat)]).toEqual([[], []]);
    await place.box.advance(40_000);
    await until('both are sent then', () => telegram.texts(chat).length + telegram.texts(other.chat).length > 1);
    await calm(200);
    expect([telegram.texts(chat), message]).toEqual([['slowly'], expect.stringMatching(/^msg_/)]);
  });

  it.each<[string, Reply, RegExp]>([
    ['was blocked', failed(403, 'Forbidden: bot was blocked by the user'), /blocked the bot/],
    ['is refused', failed(400, 'Bad Request: strange'), /strange/],
  ])('tells the bot that it %s', async (_, reply, words) => {
    const { address, conversation } = await meet();
    telegram.instead.push({ method: 'sendMessage', reply });
    const message = await replies(conversation, 'anybody there?');
    const post = await until('the bot is told', () =>
      bot.told(address).find((each) => each.body.Messageid === message),
    );
    expect(post.body).toMatchObject({ Event: 'Message Delivery', DeliveryStatus: 'Failed' });
    expect(post.body.Description).toMatch(words);
  });

  it('refuses before sending what Telegram would not take, with a sentence', async () => {
    const { address, chat, conversation } = await meet();
    const message = await replies(conversation, 'x'.repeat(4097));
    const post = await until('the bot is told', () =>
      bot.told(address).find((each) => each.body.Messageid === message),
    );
    expect(post.body.Description).toMatch(/Telegram takes 4096/);
    expect(telegram.sent(chat)).toEqual([]);
  });

  it('holds what nobody knows the fate of, and sends it never twice', async () => {
    const { chat, conversation } = await meet();
    telegram.instead.push({ method: 'sendMessage', reply: { fault: 'reset' } });
    await replies(conversation, 'once or never');
    const held = await until('it is held', async () => {
      const { data } = await place.box.must('GET', `/deliveries?status=held&conversation_id=${conversation}`);
      return data[0];
    });
    await place.box.advance(600_000);
    await calm(300);
    expect([held.status, telegram.texts(chat)]).toEqual(['held', []]);
  });

  it('gives a file as a link of ours, and its own address, which has the token in it, to nobody', async () => {
    const { box } = place;
    const { chat, address, conversation } = await meet();
    telegram.files.set('AgACphoto-1', { path: 'photos/file_1.png', type: 'image/png', bytes: PIXEL });
    const photo = [{ file_id: 'AgACphoto-1', file_unique_id: 'u1', width: 1, height: 1 }];
    await telegram.post(telegram.update('message', telegram.message(chat, { photo, caption: 'Broken' })));
    const post = await until('the bot hears of the picture', () => bot.heard(address)[1]);
    expect(post.body).toMatchObject({ Message: 'Broken', MessageType: 'image' });
    expect(new URL(post.body.Media).origin).toBe(box.base);
    const file = await fetch(post.body.Media);
    expect([file.status, file.headers.get('content-type')]).toEqual([200, 'image/png']);
    expect(Buffer.from(await file.arrayBuffer()).equals(PIXEL)).toBe(true);

    await replies(conversation, 'I see');
    const delivery = (await box.must('GET', `/deliveries?target=${asset.id}&conversation_id=${conversation}`)).data[0];
    const shown = await box.must('GET', `/deliveries/${delivery.id}`);
    expect(shown.request.url).toBe(`${telegram.url}/bot[masked]/sendMessage`);
    const secret = telegram.token.split(':')[1] as string;
    const told = [bot, desk].flatMap((party) => party.posts.map((each) => each.raw)).join('\n');
    const thread = (await box.must('GET', `/conversations/${conversation}`)).thread_id;
    const api = await Promise.all(
      [
        `/assets/${asset.id}`,
        `/threads/${thread}/timeline`,
        '/events?limit=100',
        '/audit',
        `/deliveries/${delivery.id}`,
      ].map(
        async (path) =>
          (await call('GET', `${box.base}/api/v1${path}`, { headers: { authorization: `Bearer ${box.key}` } })).text,
      ),
    );
    for (const text of [told, box.logs(), ...api]) expect(text).not.toContain(secret);
  });
});

describe('Telegram across a kill -9', () => {
  it('that brings everything several times, in any order, is told each thing once, and so is the bot', async () => {
    const box = await startBox();
    const { telegram, bot, desk } = await settle(box);
    try {
      const chats = [1, 2, 3, 4, 5].map((chat) => 5550200 + chat);
      const updates = chats.flatMap((chat) =>
        ['a', 'b', 'c', 'd'].map((word) =>
          telegram.update('message', telegram.message(chat, { text: `${word}${chat}` })),
        ),
      );
      /** As Telegram does it: until the answer is 2xx. */
      const bring = async (update: Loose): Promise<void> => {
        for (;;) {
          const status = await telegram.post(update).then(
            (answer) => answer.status,
            () => 0,
          );
          if (status >= 200 && status < 300) return;
          await sleep(50);
        }
      };
      const times = (index: number): number => 1 + ((index * 7) % 5);
      const all = updates.flatMap((update, index) => Array<Loose>(times(index)).fill(update));
      // The same disorder in each run.
      const order = all
        .map((update, index) => ({ update, at: (index * 37) % all.length }))
        .sort((a, b) => a.at - b.at)
        .map(({ update }) => update);
      const wanted = updates.map((update) => update.message.text as string).sort();
      const heard = () => chats.flatMap((chat) => bot.words(String(chat)));
      const said = () => chats.flatMap((chat) => telegram.texts(chat));
      const settled = () =>
        until('nothing is on its way', async () => {
          const { data } = await box.must('GET', '/deliveries?status=pending&limit=1');
          return data.length === 0;
        });

      // A part is said and answered before; the rest is on its way to the bot when the program dies.
      const echoing: Bot['reply'] = (post) =>
        bot.ok({ events: [{ eventid: '1001', message: `re: ${post.body.Message}` }] });
      bot.reply = echoing;
      for (const update of order.slice(0, 10)) await bring(update);
      await settled();
      bot.reply = () => ({ fault: 'hang' });
      const bringing = order.map(async (update, index) => {
        await sleep(index * 10);
        await bring(update);
      });
      await sleep(order.length * 5);
      await box.kill9();
      bot.reply = echoing;
      await box.start();
      await Promise.all(bringing);

      await until('everything is answered', () => new Set(said()).size === wanted.length);
      await settled();
      await calm(300);
      expect(heard().sort()).toEqual(wanted);
      expect(said().sort()).toEqual(wanted.map((word) => `re: ${word}`));
      expect(telegram.faults).toEqual([]);
    } finally {
      await Promise.all([telegram.down(), bot.down(), desk.down(), box.close()]);
    }
  });

  it.each([
    { on_unknown: 'hold', heard: ['slow'], left: 'held' },
    { on_unknown: 'resend', heard: ['slow', 'slow'], left: 'delivered' },
  ])('that comes while a message leaves: $on_unknown', async ({ on_unknown, heard, left }) => {
    const box = await startBox();
    const { telegram, bot, desk, asset } = await settle(box);
    try {
      await box.must('PATCH', `/assets/${asset.id}`, { on_unknown });
      await telegram.says(5550300, 'hello');
      const post = await until('the bot hears it', () => bot.heard('5550300')[0]);
      const before = telegram.posts.length;
      // It takes the message, and says so only after the program is gone.
      telegram.instead.push({ method: 'sendMessage', reply: { delayMs: 4_000, fault: 'reset' } });
      await bot.say(post.body.Conversationid, 'slow');
      await until('the message leaves', () => telegram.posts.length > before);
      await box.kill9();
      await box.start();
      await box.advance(10_000);
      const query = `/deliveries?target=${asset.id}&conversation_id=${post.body.Conversationid}`;
      const delivery = await until('its fate is told', async () => {
        const [newest] = (await box.must('GET', query)).data;
        return newest.status === left && box.must('GET', `/deliveries/${newest.id}`);
      });
      await calm(300);
      const asked = telegram.posts.slice(before).filter((each) => each.path.endsWith('/sendMessage'));
      expect(asked.map((each) => each.body.text)).toEqual(heard);
      expect(delivery.attempts.map((each: Loose) => each.reason)).toContain('interrupted');
    } finally {
      await Promise.all([telegram.down(), bot.down(), desk.down(), box.close()]);
    }
  });
});
