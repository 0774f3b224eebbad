// grammY beside our Telegram channel: it takes the updates of our fixtures and of our stand-in, under the same secret, for
// what we take them, and each call that it makes is the one that we make. No live Telegram is called.
// The one thing to know: grammY's bot speaks to the stand-in of our tests, which is thereby judged too.
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { telegramChannel } from '../../src/channels/telegram/adapter.ts';
import { config, fixtures, SECRET } from '../../src/channels/telegram/fixtures/signed.ts';
import type { WayOut } from '../../src/net/client.ts';
import type { Input } from '../../src/routing/inputs.ts';
import type { Message } from '../../src/routing/model.ts';
import {
  asset,
  botMessage,
  delivery,
  facts,
  item,
  NOW,
  photo,
  request,
  thread,
  wayOut,
} from '../../src/wire/fixtures/samples.ts';
import type { Loose } from '../parties/call.ts';
import { startTelegram, type Telegram } from '../parties/telegram.ts';
import { witness } from './load.ts';

/** What grammY gives to a bot's author: the update, and what it makes of it. */
type Context = Loose;
type Bot = {
  api: Record<string, (...parameters: unknown[]) => Promise<Loose>>;
  use(each: (context: Context) => Promise<unknown>): void;
};
type Keyboard = { text(title: string, payload?: string): Keyboard; row(): Keyboard };
type Grammy = {
  Bot: new (token: string, options: unknown) => Bot;
  InlineKeyboard: new () => Keyboard;
  InputMediaBuilder: Record<'photo' | 'video' | 'document', (url: string, options?: unknown) => unknown>;
  webhookCallback(bot: Bot, server: 'http', options: { secretToken: string }): RequestListener;
};
const grammy = witness<Grammy>('grammy');
const CHAT = 5550100;
const ADDRESS = String(CHAT);
/** Of all files in the fixtures, those that nobody should choose among them. */
const FILE_IDS = [...JSON.stringify(fixtures).matchAll(/"file_id":"([^"]+)"/g)].map(([, id = '']) => id);
const [FILE = ''] = FILE_IDS;

let telegram: Telegram;
let bot: Bot;
let server: Server;
let out: WayOut;
/** what grammY found in each update that it was posted */
const found: unknown[] = [];
const here = () =>
  asset({ channel: 'telegram', config: { ...config, token: telegram.token, api_url: telegram.url }, hookUrl: hook() });
const hook = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;

beforeAll(async () => {
  telegram = await startTelegram();
  for (const id of FILE_IDS) telegram.files.set(id, { path: `files/${id}`, type: '', bytes: Buffer.of() });
  out = wayOut();
  // Like us it answers a pressed button in the answer to the update.
  const client = { apiRoot: telegram.url, canUseWebhookReply: (method: string) => method === 'answerCallbackQuery' };
  bot = new grammy.Bot(telegram.token, { client });
  bot.use(async (context) => {
    found.push(await foundBy(context));
    if (context.callbackQuery) await context.answerCallbackQuery();
  });
  server = createServer(grammy.webhookCallback(bot, 'http', { secretToken: SECRET }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  telegram.webhook = { url: hook(), secret_token: SECRET };
});
afterAll(async () => {
  expect(telegram.faults).toEqual([]);
  server.closeAllConnections();
  await Promise.all([new Promise((resolve) => server.close(resolve)), telegram.down(), out.close()]);
});
beforeEach(() => {
  found.length = 0;
  telegram.calls.length = 0;
});

// ───────────────────────────── what an update means ─────────────────────────────

/** grammY's own filter queries, the first that fits: a moving picture has a document beside it. */
const KINDS: readonly (readonly [string, Message['type']])[] = [
  ['message:text', 'text'],
  ['message:photo', 'image'],
  ['message:animation', 'video'],
  ['message:video', 'video'],
  ['message:video_note', 'video'],
  ['message:audio', 'audio'],
  ['message:voice', 'audio'],
  ['message:document', 'file'],
  ['message:sticker', 'sticker'],
  ['message:location', 'location'],
  ['message:contact', 'contact'],
];
const FILES: readonly string[] = ['image', 'video', 'audio', 'file', 'sticker'];

/** By what grammY says, and not by the update: what it is, from whom, about what, and in which words. */
async function foundBy(context: Context): Promise<unknown> {
  if (context.chat?.type !== 'private') return null;
  const address = String(context.chatId);
  const about = `${context.chatId}:${context.msgId}`;
  if (context.has('callback_query:data')) {
    const { id, data } = context.callbackQuery;
    return { is: 'postback', address, key: `callback:${id}`, payload: data, about };
  }
  if (context.has('message_reaction')) {
    const { emoji, customEmoji, paid } = context.reactions();
    const shown = [...emoji, ...customEmoji.map(() => '❔'), ...(paid ? ['⭐'] : [])].join('');
    return { is: 'reaction', address, about, emoji: shown };
  }
  if (context.has(['edited_message:text', 'edited_message:caption'])) {
    return { is: 'edit', address, about, text: context.msg.text ?? context.msg.caption };
  }
  const type = KINDS.find(([query]) => context.has(query))?.[1];
  if (type === undefined) return { is: 'other', address };
  const { msg } = context;
  const place = msg.venue ?? { location: msg.location };
  // It is grammY that picks the file among a message's, and asks for it.
  const file = FILES.includes(type) ? (await context.getFile()).file_id : undefined;
  return {
    is: 'message',
    type,
    address,
    name: [context.from.first_name, context.from.last_name].join(' '),
    at: msg.date * 1000,
    key: about,
    about: msg.reply_to_message ? `${context.chatId}:${msg.reply_to_message.message_id}` : undefined,
    text: type === 'location' || type === 'contact' ? undefined : (msg.text ?? msg.caption ?? msg.sticker?.emoji ?? ''),
    file,
    place: type === 'location' ? { ...place.location, name: place.title, address: place.address } : undefined,
    phones: msg.contact ? [msg.contact.phone_number] : undefined,
  };
}

/** The same of our input; null: nothing came of the update. */
function oursOf(input: Input | undefined): unknown {
  if (input === undefined) return null;
  if (input.type === 'sign') return { is: 'other', address: input.address };
  if (input.type === 'remark') {
    const { address, about, remark } = input;
    if (remark.kind === 'edit') return { is: 'edit', address, about, text: remark.text };
    return remark.kind === 'reaction' ? { is: 'reaction', address, about, emoji: remark.emoji } : remark;
  }
  if (input.type !== 'customer') return input;
  const { address, externalId: key, message, payload } = input;
  const { details } = message;
  if (input.kind === 'postback') return { is: 'postback', address, key, payload, about: details?.replyTo };
  if (details?.unknown !== undefined) return { is: 'other', address };
  const { type } = message;
  const { name, address: street } = details?.location ?? {};
  return {
    is: 'message',
    type,
    address,
    name: input.name,
    at: input.sentAt,
    key,
    about: details?.replyTo,
    text: type === 'location' || type === 'contact' ? undefined : message.text,
    file: message.media[0]?.url.replace('remote:', ''),
    place: details?.location && { ...details.location, name, address: street },
    phones: details?.contacts?.[0]?.phones,
  };
}

const read = (update: unknown, secret = SECRET) =>
  telegramChannel.read(here(), request(update, { 'x-telegram-bot-api-secret-token': secret }));

describe('an update', () => {
  // A boost is of a channel: grammY knows of no customer there, and we keep it as a sign.
  const known = fixtures.filter(({ name }) => name !== 'unknown-update');
  it.each(known)('of $name means the same to both', async ({ fixture }) => {
    const answer = await telegram.post(fixture.update);
    expect(answer.status).toBe(200);
    const result = read(fixture.update);
    expect(result.ok && oursOf(result.items[0])).toEqual(found[0]);
    // What is answered to a pressed button is the same call, byte for byte.
    const said = result.ok ? result.answer?.body : undefined;
    expect(said === undefined ? '' : JSON.parse(said)).toEqual(answer.text === '' ? '' : answer.body);
  });

  it('that our stand-in makes means the same to both', async () => {
    const keyboard = new grammy.InlineKeyboard().text('Order 42', 'ORDER_42');
    await bot.api.sendMessage?.(CHAT, 'Which?', { reply_markup: keyboard });
    const [sent] = telegram.sent(CHAT);
    const updates: Loose[] = [];
    const post = telegram.post;
    telegram.post = (update, headers) => {
      updates.push(update);
      return post(update, headers);
    };
    await telegram.says(CHAT, 'Wo ist Käthes 🪑?');
    if (sent) await telegram.presses(CHAT, sent, 'ORDER_42');
    telegram.post = post;
    const ours = updates.map((update) => {
      const result = read(update);
      return result.ok && oursOf(result.items[0]);
    });
    expect(ours).toEqual(found);
    expect(found).toMatchObject([{ text: 'Wo ist Käthes 🪑?' }, { payload: 'ORDER_42' }]);
  });

  it.each([
    ['none', {}],
    ['another', { 'x-telegram-bot-api-secret-token': `${SECRET}x` }],
    ['a part', { 'x-telegram-bot-api-secret-token': SECRET.slice(1) }],
    ['the right one', { 'x-telegram-bot-api-secret-token': SECRET }],
  ])('with %s as its secret is taken or refused by both', async (which, headers: Record<string, string>) => {
    const update = telegram.update('message', telegram.message(CHAT, { text: 'hello' }));
    const theirs = await telegram.post(update, headers);
    const ours = telegramChannel.read(here(), request(update, headers));
    expect([theirs.status, ours.ok]).toEqual(which === 'the right one' ? [200, true] : [401, false]);
  });
});

// ───────────────────────────── what is called ─────────────────────────────

const quickReplies = [{ title: 'Order 42', payload: 'ORDER_42' }, { title: 'Another' }];
const keyboard = () => new grammy.InlineKeyboard().text('Order 42', 'ORDER_42').row().text('Another');
const second = { ...photo, url: 'https://media.example/second.jpg' };
const medium = (type: Message['type'], mime: string): Partial<Message> => ({
  type,
  text: 'Look',
  media: [{ url: photo.url, type: mime }],
});
const look = { caption: 'Look' };

describe('a call', () => {
  it.each<[string, Partial<Message>, string, unknown[]]>([
    ['of words', { text: 'Über 50% & <more>' }, 'sendMessage', ['Über 50% & <more>']],
    [
      'of words with buttons',
      { text: 'Which?', quickReplies },
      'sendMessage',
      ['Which?', { reply_markup: keyboard() }],
    ],
    ['of a picture', medium('image', 'image/jpeg'), 'sendPhoto', [photo.url, look]],
    [
      'of a picture with buttons',
      { ...medium('image', 'image/jpeg'), quickReplies },
      'sendPhoto',
      [photo.url, { ...look, reply_markup: keyboard() }],
    ],
    ['of a moving picture', medium('image', 'image/gif'), 'sendAnimation', [photo.url, look]],
    ['of a video', medium('video', 'video/mp4'), 'sendVideo', [photo.url, look]],
    ['of a sound', medium('audio', 'audio/mpeg'), 'sendAudio', [photo.url, look]],
    ['of a voice', medium('audio', 'audio/ogg'), 'sendVoice', [photo.url, look]],
    ['of a file', medium('file', 'application/pdf'), 'sendDocument', [photo.url, look]],
    ['of a sticker', { ...medium('sticker', 'image/webp'), text: '' }, 'sendSticker', [photo.url]],
    [
      'of two pictures',
      { type: 'image', text: 'Look', media: [photo, second] },
      'sendMediaGroup',
      [[grammy.InputMediaBuilder.photo(photo.url, look), grammy.InputMediaBuilder.photo(second.url)]],
    ],
    ['of a place', { type: 'location', text: '51.5,-0.12' }, 'sendLocation', [51.5, -0.12]],
    [
      'of a place with a name',
      { type: 'location', text: '51.5,-0.12 The bridge' },
      'sendVenue',
      [51.5, -0.12, 'The bridge', 'The bridge'],
    ],
    ['of a person', { type: 'contact', text: 'Someone +15550101' }, 'sendContact', ['+15550101', 'Someone']],
  ])('%s is the one that grammY makes', async (_, more, method, parameters) => {
    const lane = item({
      message: { ...botMessage, ...more },
      delivery: delivery({}),
      thread: { ...thread, address: ADDRESS },
    });
    const outcome = await telegramChannel.send(here(), lane, facts(), out.send, NOW);
    expect(outcome).toMatchObject({ result: 'ok' });
    await bot.api[method]?.(CHAT, ...parameters);
    const [ours, theirs, ...others] = telegram.calls;
    expect([ours, others]).toEqual([theirs, []]);
    expect(theirs?.method).toBe(method);
  });

  it('that shows typing, asks for a file, or connects the bot is the one that grammY makes', async () => {
    await telegramChannel.typing?.(here(), ADDRESS, true, botMessage.author, out.send, NOW);
    await telegramChannel.locate?.(here(), FILE, out.send, NOW);
    const checks = await telegramChannel.connect?.(here(), out.send, NOW);
    expect(checks?.map(({ ok }) => ok)).toEqual([true, true, true]);
    const ours = telegram.calls.splice(0);
    const allowed_updates = ['message', 'edited_message', 'callback_query', 'message_reaction', 'my_chat_member'];
    await bot.api.sendChatAction?.(CHAT, 'typing');
    await bot.api.getFile?.(FILE);
    await bot.api.getMe?.();
    await bot.api.setWebhook?.(hook(), { secret_token: SECRET, allowed_updates });
    await bot.api.getWebhookInfo?.();
    expect(ours).toHaveLength(5);
    expect(ours).toEqual(telegram.calls);
  });
});
