// What a bot says: the recorded samples, the liberties the seed takes with spelling, and a table of malformed fields.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bot, id, NOW, OLD_SECRET, request, signedRequest } from '../wire/fixtures/samples.ts';
import { check } from '../wire/json.ts';
import { plainMessage, readCommand, shapes } from './command.ts';
import { imiBot } from './imi/adapter.ts';
import { otherBot } from './other/adapter.ts';

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8'));
const conversationId = id('conv', 'b');
const conversation_id = conversationId;

const recorded: Record<string, unknown> = {
  reply: {
    type: 'message',
    conversationId,
    message: { type: 'text', text: 'Which order is it?', media: [] },
    custom: { customparam1: 'gold', customparam2: '' },
  },
  'reply-rich': {
    type: 'message',
    conversationId,
    epoch: 3,
    key: 'reply-7',
    message: {
      type: 'image',
      text: 'Is it this one?',
      media: [{ url: 'https://media.example/photo.jpg', type: 'image/jpeg', name: 'photo.jpg' }],
      quickReplies: [{ title: 'Yes', payload: 'YES' }, { title: 'No' }],
    },
    custom: {},
  },
  handover: { type: 'handover', conversationId, custom: { customparam1: 'gold', customparamN: 'order 42' } },
  'handover-word': {
    type: 'handover',
    conversationId,
    deskId: id('desk', 'a'),
    reason: 'asked for a person',
    epoch: 3,
    custom: {},
  },
  close: { type: 'close', conversationId, reason: 'solved' },
  milestone: { type: 'milestone', conversationId, name: 'order found', custom: { customparam1: '42' } },
  'bot-typing': { type: 'typing', conversationId, on: true },
};

describe('what a bot says', () => {
  it.each(Object.keys(recorded))('%s is read as recorded', (name) => {
    expect(readCommand(fixture(name))).toEqual({ ok: true, value: recorded[name] });
  });

  it.each([
    [{ eventid: 1001 }],
    [{ eventid: '1001' }],
    [{ eventid: 'message' }],
    [{ event: 'Message' }],
    [{ event: 1001 }],
    [{ EventType: 'MESSAGE' }],
    [{ event_type: '1001' }],
    [{ EVENTID: ' 1001 ' }],
    [{ eventid: null, event: 'message' }],
    [{ eventid: '1001', Event: 'Incoming message' }],
  ])('takes the event as %j', (head) => {
    const read = readCommand({ ...head, conversation_id, message: 'hi' });
    expect(read).toMatchObject({ ok: true, value: { type: 'message', message: { type: 'text', text: 'hi' } } });
  });

  it.each([
    [1003, 'close'],
    [1004, 'custom'],
    [1005, 'milestone'],
    [1006, 'notify'],
    [1007, 'unhandled'],
    [1008, 'typing'],
  ])('%d and the word %s are the same', (number, word) => {
    const [first, second] = [number, word].map((eventid) => readCommand({ eventid, conversation_id }));
    expect(first).toMatchObject({ ok: true, value: { type: word } });
    expect(second).toEqual(first);
  });

  it.each([
    [{ Conversationid: conversationId, Message: 'hi', MessageType: 'Text' }],
    [{ CONVERSATION_ID: conversationId, MESSAGE: 'hi', messagetype: 'text' }],
    [{ conversationid: conversationId, message: 'hi', Messagetype: '' }],
    [{ conversation_id, message: 'hi', Message: 'the customer said this', Media: '', Timestamp: 'yesterday' }],
    [{ Message: 'the customer said this', message: 'hi', conversation_id }],
    [{ conversation_id, message: 'hi', epoch: null, messageid: null, customparam1: null }],
  ])('reads names in any spelling, the seed’s first: %j', (body) => {
    expect(readCommand({ eventid: '1001', ...body })).toEqual({
      ok: true,
      value: {
        type: 'message',
        conversationId,
        message: { type: 'text', text: 'hi', media: [] },
        custom: {},
      },
    });
  });

  it('reads names inside of lists without regard to case too', () => {
    const Media = [{ URL: 'https://media.example/1', Type: 'image/png', Name: 'one' }];
    const given = { conversation_id, message: 'hi', Media, Quick_Replies: [{ Title: 'Yes', PAYLOAD: 'Y' }, 'No'] };
    const media = [{ url: 'https://media.example/1', type: 'image/png', name: 'one' }];
    const quickReplies = [{ title: 'Yes', payload: 'Y' }, { title: 'No' }];
    expect(readCommand({ eventid: 1001, ...given })).toMatchObject({ value: { message: { media, quickReplies } } });
  });

  it('turns custom parameters into text, whatever their names', () => {
    const given = { customparam1: 'a', CustomParam2: 2, customparamCity: true, custom_param_3: 'c', other: {} };
    expect(readCommand({ eventid: 1004, conversation_id, ...given })).toMatchObject({
      value: { custom: { customparam1: 'a', customparam2: '2', customparamCity: 'true', customparam3: 'c' } },
    });
  });

  it('takes a customer’s message id for an echo, not for the bot’s own key', () => {
    const read = (messageid: string) => readCommand({ eventid: 1001, conversation_id, message: 'hi', messageid });
    expect(read(id('msg', '1'))).not.toHaveProperty('value.key', id('msg', '1'));
    expect(read('msg_1')).toHaveProperty('value.key', 'msg_1');
  });

  it.each([
    [
      [{ URL: 'https://media.example/a.png', Type: 'image/png' }],
      undefined,
      [{ url: 'https://media.example/a.png', type: 'image/png' }],
      'image',
    ],
    [
      [{ url: 'https://media.example/a.pdf', type: 'application/pdf' }],
      undefined,
      [{ url: 'https://media.example/a.pdf', type: 'application/pdf' }],
      'file',
    ],
  ])('reads media %j', (media, Messagetype, expected, type) => {
    const read = readCommand({ eventid: 1001, conversation_id, media, Messagetype });
    expect(read).toMatchObject({ value: { message: { type, text: '', media: expected } } });
  });

  it('keeps a text that no store could hold readable', () => {
    const read = readCommand(JSON.parse(`{"eventid":1001,"conversation_id":"c","message":"a\\u0000b\\ud800c\\nd"}`));
    expect(read).toMatchObject({ value: { message: { text: 'a\ufffdb\ufffdc\nd' } } });
  });
});

describe('what is malformed is named', () => {
  const say = { eventid: 1001, conversation_id, message: 'hi' };
  it.each([
    ['', 'hello'],
    ['', [say]],
    ['', null],
    ['/eventid', { conversation_id, message: 'hi' }],
    ['/eventid', { ...say, eventid: 1009 }],
    ['/eventid', { ...say, eventid: 'goodbye' }],
    ['/eventid', { ...say, eventid: {} }],
    ['/eventid', { ...say, eventid: true }],
    ['/eventid', { ...say, eventid: '__proto__' }],
    ['/Event', { conversation_id, Event: 'Incoming message', message: 'hi' }],
    ['/conversation_id', { eventid: 1001, message: 'hi' }],
    ['/conversation_id', { ...say, conversation_id: 7 }],
    ['/conversation_id', { ...say, conversation_id: '' }],
    ['/Conversationid', { eventid: 1003, Conversationid: ['x'] }],
    ['/conversation_id', { ...say, conversation_id: 'x'.repeat(257) }],
    ['/message', { eventid: 1001, conversation_id }],
    ['/message', { ...say, message: '' }],
    ['/message', { ...say, message: { text: 'hi' } }],
    ['/message', { ...say, message: 'x'.repeat(65_537) }],
    ['/Messagetype', { ...say, Messagetype: 'carousel' }],
    ['/MessageType', { ...say, MessageType: 5 }],
    ['/media', { ...say, media: 5 }],
    ['/media/0', { ...say, media: ['https://media.example/a.png'] }],
    ['/media/0/url', { ...say, media: [{ url: 'ftp://media.example/a', type: 'file' }] }],
    ['/media/0/url', { ...say, media: [{ url: 'javascript:alert(1)', type: 'file' }] }],
    ['/media', { ...say, media: 'https://media.example/a.png' }],
    ['/media/0/type', { ...say, media: [{ url: 'https://media.example/a' }] }],
    ['/media', { ...say, media: Array(21).fill({ url: 'https://media.example/a', type: 'file' }) }],
    ['/quick_replies', { ...say, quick_replies: Array(14).fill('x') }],
    ['/quick_replies', { ...say, quick_replies: 'Yes' }],
    ['/quick_replies/0', { ...say, quick_replies: [{ payload: 'x' }] }],
    ['/quickReplies/1', { ...say, quickReplies: ['Yes', ''] }],
    ['/epoch', { ...say, epoch: -1 }],
    ['/epoch', { ...say, epoch: '3' }],
    ['/epoch', { ...say, epoch: 1.5 }],
    ['/messageid', { ...say, messageid: 7 }],
    ['/messageid', { ...say, messageid: 'x'.repeat(257) }],
    ['/customparam1', { ...say, customparam1: { a: 1 } }],
    ['/customparam1', { ...say, customparam1: ['a'] }],
    ['/customparam~01~1', { ...say, 'customparam~1/': [] }],
    ['/customparam1', { ...say, customparam1: 'x'.repeat(4097) }],
    ['', { ...say, ...Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`customparam${i}`, 'x'])) }],
    ['/desk_id', { eventid: 1002, conversation_id, desk_id: 5 }],
    ['/reason', { eventid: 1002, conversation_id, reason: {} }],
    ['/name', { eventid: 1005, conversation_id, name: 'x'.repeat(257) }],
    ['/on', { eventid: 1008, conversation_id, on: 'yes' }],
  ])('%s of %j', (pointer, body) => {
    const refused = otherBot.read(bot(), request(body));
    expect(refused).toMatchObject({ ok: false, status: 422, code: 'invalid' });
    expect(refused.ok || refused.errors.map((error) => error.pointer)).toContain(pointer);
    expect(refused.ok || refused.errors.every((error) => error.detail.length > 5)).toBe(true);
  });

  it.each([
    ['must be one of: text, image, video, audio, file, location, contact, sticker', { Messagetype: 'carousel' }],
    ['must be a whole number', { epoch: 1.5 }],
    ['must be a number', { epoch: '3' }],
    ['must be an array', { media: 5 }],
  ])('in words that say what to do: %s', (detail, more) => {
    const refused = otherBot.read(bot(), request({ ...say, ...more }));
    expect(refused.ok || refused.errors.map((error) => error.detail)).toEqual([detail]);
  });

  it('all at once', () => {
    const refused = otherBot.read(bot(), request({ eventid: 1001, epoch: -1, customparam1: {}, Messagetype: 'x' }));
    expect(refused.ok || refused.errors.map((error) => error.pointer)).toEqual([
      '/conversation_id',
      '/epoch',
      '/Messagetype',
      '/customparam1',
    ]);
  });

  it.each([
    ['no JSON', Buffer.from('{eventid: "1001"}'), 422],
    ['nothing', Buffer.alloc(0), 422],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 422],
    ['too much', Buffer.from(JSON.stringify({ ...say, message: 'x'.repeat(262_144) })), 413],
    ['an abyss', Buffer.from('['.repeat(100_000) + ']'.repeat(100_000)), 422],
    [
      'an abyss in a field',
      Buffer.from(`{"eventid":1001,"message":${'['.repeat(100_000)}${']'.repeat(100_000)}}`),
      422,
    ],
  ])('%s', (_, body, status) => {
    expect(otherBot.read(bot(), request(body))).toMatchObject({ ok: false, status });
  });
});

describe('a bot’s signature', () => {
  const body = fixture('reply');
  it('is checked when it is there', () => {
    expect(imiBot.read(bot(), signedRequest(body))).toMatchObject({ ok: true });
    expect(imiBot.read(bot(), signedRequest(body, OLD_SECRET))).toMatchObject({ ok: false, status: 401 });
    expect(imiBot.read(bot(), signedRequest(body, undefined, NOW - 301_000))).toMatchObject({ ok: false, status: 401 });
    const { headers } = signedRequest(body);
    expect(imiBot.read(bot(), request(fixture('close'), headers))).toMatchObject({ ok: false, status: 401 });
  });

  it('is taken by an older secret while that is still valid', () => {
    const rotating = bot({ signingSecrets: [...bot().signingSecrets, OLD_SECRET] });
    expect(imiBot.read(rotating, signedRequest(body, OLD_SECRET))).toMatchObject({ ok: true });
  });

  it('may be made compulsory', () => {
    expect(imiBot.read(bot({ requireSignature: true }), request(body))).toMatchObject({ ok: false, status: 401 });
    expect(imiBot.read(bot({ requireSignature: true }), signedRequest(body))).toMatchObject({ ok: true });
  });
});

describe('whatever is sent', () => {
  it('is read at a glance only as the schema reads it', () => {
    const odd = fc.oneof(fc.constantFrom(null, undefined, '', 'a', 'a\0b', '\ud800', 'text'), fc.jsonValue());
    const names = ['conversation_id', 'message', 'Messagetype', 'epoch', 'media', 'quick_replies', 'messageid'];
    const body = fc
      .dictionary(fc.constantFrom(...names), odd, { maxKeys: 2 })
      .map((other): Record<string, unknown> => ({ conversation_id: 'c', message: 'hello', ...other }));
    let seen = 0;
    fc.assert(
      fc.property(body, (value) => {
        const glance = plainMessage(value);
        if (glance === undefined) return;
        seen += 1;
        const read = check(shapes.message, value);
        // A type that is left out is that of a text.
        expect(read).toMatchObject({ ok: true, value: { conversation_id: value.conversation_id } });
        expect(read.ok && { ...read.value, Messagetype: read.value.Messagetype ?? 'text' }).toEqual(
          glance.ok && glance.value,
        );
      }),
      { numRuns: 3_000 },
    );
    expect(seen).toBeGreaterThan(100);
  });

  it('read never throws, and takes nothing unsigned where a signature is required', () => {
    const likely = fc.record(
      {
        eventid: fc.oneof(fc.constantFrom(1001, '1002', 'close', 'typing', '1009'), fc.anything()),
        conversation_id: fc.oneof(fc.constant('c'), fc.anything()),
        message: fc.oneof(fc.string(), fc.anything()),
        media: fc.anything(),
        quick_replies: fc.anything(),
        customparam1: fc.anything(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(likely, fc.json(), fc.uint8Array()), (given) => {
        const bytes =
          given instanceof Uint8Array
            ? Buffer.from(given)
            : Buffer.from(typeof given === 'string' ? given : safeJson(given));
        expect(otherBot.read(bot({ requireSignature: true }), request(bytes)).ok).toBe(false);
        const read = otherBot.read(bot(), request(bytes));
        if (!read.ok && read.status === 422) expect(read.errors.length).toBeGreaterThan(0);
      }),
    );
  });
});

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch {
    return 'null';
  }
}
