// What goes to Telegram: each kind of message as the call that it becomes, taken by a server that takes nothing else than
// the Bot API documents; what is refused before it is sent; and what each answer means.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Reply } from '../../../test/parties/listener.ts';
import { failed, startTelegram, type Telegram } from '../../../test/parties/telegram.ts';
import type { AssetConfig } from '../../engine/ports.ts';
import type { LaneItem } from '../../engine/store-port.ts';
import type { WayOut } from '../../net/client.ts';
import type { Message } from '../../routing/model.ts';
import {
  answered,
  asset,
  botMessage,
  delivery,
  facts,
  id,
  item,
  NOW,
  photo,
  thread,
  wayOut,
} from '../../wire/fixtures/samples.ts';
import { telegramChannel } from './adapter.ts';
import { CAPABILITIES } from './fields.ts';
import { SECRET } from './fixtures/signed.ts';

const CHAT = 5550100;
const owed = (message: Partial<Message>, address = String(CHAT)): LaneItem =>
  item({
    delivery: delivery({ target: { type: 'asset', id: id('ast', 'a') }, messageId: botMessage.id }),
    message: { ...botMessage, ...message },
    thread: { ...thread, address },
  });
const medium = (type: string, name = 'file') => ({ url: `https://media.example/${name}`, type });

let telegram: Telegram;
let out: WayOut;
let here: AssetConfig;
const send = (message: Partial<Message>, address?: string) =>
  telegramChannel.send(here, owed(message, address), facts(), out.send, NOW);

beforeAll(async () => {
  telegram = await startTelegram();
  out = wayOut();
  const config = { token: telegram.token, secret_token: SECRET, api_url: telegram.url };
  here = asset({ channel: 'telegram', config });
});
afterAll(async () => {
  await telegram.down();
  await out.close();
});
beforeEach(() => {
  telegram.calls.length = 0;
  telegram.faults.length = 0;
  telegram.posts.length = 0;
});

describe('a message', () => {
  const gif = medium('image/gif', 'wave.gif');
  const clip = medium('video/mp4', 'clip.mp4');
  const bill = medium('application/pdf', 'bill.pdf');
  it.each<[string, Partial<Message>, string, Record<string, unknown>]>([
    ['a text', { text: 'Which one?' }, 'sendMessage', { text: 'Which one?' }],
    ['a text that looks like markup', { text: '<b>*_[a](b)' }, 'sendMessage', { text: '<b>*_[a](b)' }],
    ['the longest text', { text: '😀'.repeat(2048) }, 'sendMessage', { text: '😀'.repeat(2048) }],
    [
      'a text with buttons',
      {
        text: 'Which?',
        quickReplies: [{ title: 'One', payload: '1' }, { title: 'Two' }, { title: 'Three', payload: '' }],
      },
      'sendMessage',
      {
        text: 'Which?',
        reply_markup: {
          inline_keyboard: [
            [{ text: 'One', callback_data: '1' }],
            [{ text: 'Two', callback_data: 'Two' }],
            [{ text: 'Three', callback_data: 'Three' }],
          ],
        },
      },
    ],
    ['a picture', { type: 'image', text: '', media: [photo] }, 'sendPhoto', { photo: photo.url }],
    [
      'a picture and words',
      { type: 'image', text: 'See', media: [photo] },
      'sendPhoto',
      { photo: photo.url, caption: 'See' },
    ],
    ['a moving picture', { type: 'image', text: '', media: [gif] }, 'sendAnimation', { animation: gif.url }],
    ['a video', { type: 'video', text: '', media: [clip] }, 'sendVideo', { video: clip.url }],
    ['music', { type: 'audio', text: '', media: [medium('audio/mpeg')] }, 'sendAudio', { audio: medium('').url }],
    [
      'a voice',
      { type: 'audio', text: '', media: [medium('audio/ogg; codecs=opus')] },
      'sendVoice',
      { voice: medium('').url },
    ],
    ['a file', { type: 'file', text: 'Bill', media: [bill] }, 'sendDocument', { document: bill.url, caption: 'Bill' }],
    ['a picture as a file', { type: 'file', text: '', media: [photo] }, 'sendDocument', { document: photo.url }],
    [
      'pictures and a video',
      { type: 'image', text: 'All', media: [photo, gif, clip] },
      'sendMediaGroup',
      {
        media: [
          { type: 'photo', media: photo.url, caption: 'All' },
          { type: 'photo', media: gif.url },
          { type: 'video', media: clip.url },
        ],
      },
    ],
    [
      'files',
      { type: 'file', text: '', media: [bill, photo] },
      'sendMediaGroup',
      {
        media: [
          { type: 'document', media: bill.url },
          { type: 'document', media: photo.url },
        ],
      },
    ],
    ['a place', { type: 'location', text: '51.5,-0.12' }, 'sendLocation', { latitude: 51.5, longitude: -0.12 }],
    [
      'a named place',
      { type: 'location', text: '51.5,-0.12 The bridge' },
      'sendVenue',
      { latitude: 51.5, longitude: -0.12, title: 'The bridge', address: 'The bridge' },
    ],
    [
      'a contact',
      { type: 'contact', text: 'A B +15550101' },
      'sendContact',
      { phone_number: '+15550101', first_name: 'A B' },
    ],
    [
      'a sticker',
      { type: 'sticker', text: '😀', media: [medium('image/webp')] },
      'sendSticker',
      { sticker: medium('').url },
    ],
  ])('that is %s is one call that Telegram takes', async (_, message, method, parameters) => {
    const outcome = await send(message);
    expect(telegram.faults).toEqual([]);
    expect(telegram.calls).toEqual([{ method, parameters: { chat_id: CHAT, ...parameters } }]);
    expect(outcome).toMatchObject({ result: 'ok', externalId: expect.stringMatching(/^5550100:\d+$/) });
    expect(telegram.posts[0]).toMatchObject({ path: `/bot${telegram.token}/${method}` });
    expect(telegram.posts[0]?.headers['content-type']).toBe('application/json');
  });

  it.each<[string, Partial<Message>, string, RegExp]>([
    ['an empty text', { text: ' \n' }, 'invalid', /nothing/],
    ['too long a text', { text: 'x'.repeat(4097) }, 'too_long', /has 4097 characters; Telegram takes 4096/],
    ['a text with a file', { media: [photo] }, 'unsupported', /image, video/],
    ['a picture without a file', { type: 'image', media: [] }, 'invalid', /needs a file/],
    ['too long a caption', { type: 'image', text: 'x'.repeat(1025), media: [photo] }, 'too_long', /takes 1024/],
    [
      'too many files',
      { type: 'image', text: '', media: Array(11).fill(photo) },
      'too_many',
      /11 media; Telegram takes 10/,
    ],
    [
      'files of kinds apart',
      { type: 'image', text: '', media: [photo, medium('audio/mpeg')] },
      'unsupported',
      /together/,
    ],
    [
      'buttons under several files',
      { type: 'image', text: '', media: [photo, photo], quickReplies: [{ title: 'A' }] },
      'unsupported',
      /no buttons/,
    ],
    [
      'a button with too much behind it',
      { quickReplies: [{ title: 'A', payload: 'é'.repeat(33) }] },
      'too_long',
      /66 bytes; Telegram takes 64/,
    ],
    ['too many buttons', { quickReplies: Array(101).fill({ title: 'A' }) }, 'too_many', /shows 100/],
    ['no place', { type: 'location', text: 'over there' }, 'invalid', /latitude,longitude/],
    ['no contact', { type: 'contact', text: 'somebody' }, 'invalid', /telephone number/],
    ['a sticker without a file', { type: 'sticker', text: '😀' }, 'invalid', /one file/],
    ['a sticker with words', { type: 'sticker', text: 'Hello', media: [photo] }, 'unsupported', /no text/],
  ])('that is %s is refused before it is sent', async (_, message, reason, words) => {
    const outcome = await send(message);
    expect(outcome).toMatchObject({ result: 'final', reason, status: null });
    expect(outcome.detail).toMatch(words);
    expect(telegram.posts).toEqual([]);
  });

  it.each([[''], ['+15550100'], ['@name'], ['-5'], ['1'.repeat(17)], ['sim-1']])(
    'to %j is refused',
    async (address) => {
      expect(await send({}, address)).toMatchObject({ result: 'final', reason: 'no_recipient' });
      expect(telegram.posts).toEqual([]);
    },
  );

  it('is nothing else than a message', async () => {
    const lane = { ...owed({}), delivery: delivery({ kind: 'started' }) };
    expect(await telegramChannel.send(here, lane, facts(), out.send, NOW)).toMatchObject({ reason: 'unsupported' });
  });
});

describe('an answer', () => {
  const blocked = 'Forbidden: bot was blocked by the user';
  it.each<[string, Reply, object, RegExp]>([
    [
      'too many requests',
      failed(429, 'Too Many Requests: retry after 14', { retry_after: 14 }),
      { result: 'retry', reason: 'throttled', retryAfterS: 14, pauseS: 14 },
      /slow down/,
    ],
    [
      'too many requests for a day',
      failed(429, 'Too Many Requests: retry after 86400', { retry_after: 86400 }),
      { result: 'retry', reason: 'throttled', retryAfterS: 3600, pauseS: 3600 },
      /slow down/,
    ],
    [
      'too many requests without a time',
      failed(429, 'Too Many Requests'),
      { result: 'retry', reason: 'throttled' },
      /slow down/,
    ],
    [
      'blocked',
      failed(403, blocked),
      { result: 'final', reason: 'opted_out', status: 403 },
      /has blocked the bot.*Telegram: Forbidden/,
    ],
    ['gone', failed(403, 'Forbidden: user is deactivated'), { result: 'final', reason: 'no_recipient' }, /deleted/],
    [
      'never met',
      failed(403, "Forbidden: bot can't initiate conversation with a user"),
      { result: 'final' },
      /cannot write first/,
    ],
    [
      'forbidden',
      failed(403, 'Forbidden: for a new reason'),
      { result: 'final', reason: 'not_permitted' },
      /does not let/,
    ],
    [
      'unknown chat',
      failed(400, 'Bad Request: chat not found'),
      { result: 'final', reason: 'no_recipient' },
      /start the bot/,
    ],
    [
      'moved',
      failed(400, 'Bad Request: group chat was upgraded to a supergroup chat', { migrate_to_chat_id: -100123 }),
      { result: 'final', reason: 'no_recipient' },
      /private chats/,
    ],
    [
      'refused',
      failed(400, 'Bad Request: strange'),
      { result: 'final', reason: 'rejected' },
      /Telegram: Bad Request: strange/,
    ],
    [
      'unreachable file',
      failed(400, 'Bad Request: failed to get HTTP URL content'),
      { result: 'retry', reason: 'media_unreachable' },
      /reachable/,
    ],
    [
      'refused file',
      failed(400, 'Bad Request: wrong type of the web page content'),
      { result: 'final', reason: 'media_refused' },
      /PDF, ZIP or GIF/,
    ],
    ['wrong token', failed(401, 'Unauthorized'), { result: 'retry', reason: 'bad_credentials' }, /BotFather/],
    ['malformed token', failed(404, 'Not Found'), { result: 'retry', reason: 'bad_credentials' }, /BotFather/],
    ['too large', failed(413, 'Request Entity Too Large'), { result: 'final', reason: 'too_long' }, /larger/],
    [
      'its own trouble',
      failed(500, 'Internal Server Error: restart'),
      { result: 'retry', reason: 'server_error' },
      /restart/,
    ],
    [
      'a gateway that gave up',
      { status: 502, body: '<html>' },
      { result: 'unknown', reason: 'server_error' },
      /nobody knows/,
    ],
    ['another page', { status: 200, body: '<html>' }, { result: 'unknown', reason: 'bad_answer' }, /words of Telegram/],
    ['ok without a message', { body: { ok: true, result: true } }, { result: 'ok' }, /200/],
    ['not ok with 200', { body: { ok: false } }, { result: 'unknown', reason: 'bad_answer' }, /words of Telegram/],
    ['a page that is not there', { status: 404, body: 'nothing' }, { result: 'final', reason: 'rejected' }, /404/],
    ['none', { fault: 'reset' }, { result: 'unknown', status: null }, /reset|closed/],
  ])('that is “%s” means what to do', async (_, reply, expected, words) => {
    telegram.instead.push({ method: 'sendMessage', reply });
    const outcome = await send({});
    expect(outcome).toMatchObject(expected);
    expect(outcome.detail).toMatch(words);
    expect(outcome).not.toHaveProperty('gone');
    expect(telegram.instead).toEqual([]);
  });

  it('is no message at all while nothing left', async () => {
    const away = { ...here, config: { ...here.config, api_url: 'http://127.0.0.1:9' } };
    expect(await telegramChannel.send(away, owed({}), facts(), out.send, NOW)).toMatchObject({
      result: 'retry',
      status: null,
    });
  });

  it('tells no secret', async () => {
    const said = `Unauthorized: ${telegram.token} / ${encodeURIComponent(telegram.token)} / ${SECRET}`;
    for (const reply of [failed(401, said), failed(400, said), failed(403, said), { status: 500, body: said }]) {
      telegram.instead.push({ method: 'sendMessage', reply });
      const told = JSON.stringify(await send({}));
      expect(told).toContain('[masked]');
      expect(told).not.toContain(telegram.token.split(':')[1]);
      expect(told).not.toContain(SECRET);
    }
  });
});

describe('typing', () => {
  it('is told when it begins; Telegram knows no end of it', async () => {
    await telegramChannel.typing?.(here, String(CHAT), true, botMessage.author, out.send, NOW);
    await telegramChannel.typing?.(here, String(CHAT), false, botMessage.author, out.send, NOW);
    expect(telegram.calls).toEqual([{ method: 'sendChatAction', parameters: { chat_id: CHAT, action: 'typing' } }]);
  });
});

describe('what the channel can do', () => {
  it('is what it does', async () => {
    for (const type of CAPABILITIES.sends) {
      const files = ['image', 'video', 'audio', 'file', 'sticker'].includes(type) ? [photo] : [];
      const text = { location: '1,2', contact: 'A +15550101', text: 'A' }[type as string] ?? '';
      expect(await send({ type, text, media: files })).toMatchObject({ result: 'ok' });
    }
    const { max, payloadMax } = CAPABILITIES.quickReplies ?? { max: 0, payloadMax: 0 };
    const quickReplies = Array(max).fill({ title: 'A', payload: 'x'.repeat(payloadMax) });
    expect(await send({ text: 'x'.repeat(CAPABILITIES.text.max), quickReplies })).toMatchObject({ result: 'ok' });
    expect(telegram.faults).toEqual([]);
    expect([telegramChannel.typing !== undefined, telegramChannel.seen !== undefined]).toEqual([
      CAPABILITIES.typing,
      CAPABILITIES.seen,
    ]);
    expect(telegramChannel.needsHeard === true).toBe(CAPABILITIES.windowHours !== null);
  });

  it('is never more than Telegram tells: it took the message, or it did not', async () => {
    expect(CAPABILITIES.receipts).toEqual({ accepted: true, delivered: false, read: false, failed: false });
    const answer = answered(200, { ok: true, result: { message_id: 7, chat: { id: CHAT } } });
    const outcome = await telegramChannel.send(here, owed({}), facts(), async () => answer, NOW);
    expect(outcome).toMatchObject({ result: 'ok', externalId: '5550100:7' });
  });
});
