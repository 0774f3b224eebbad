// What LINE is sent, held against its own description, and what its answers mean; what is refused before.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Listener, listen, type Reply } from '../../../test/parties/listener.ts';
import type { AssetConfig } from '../../engine/ports.ts';
import type { WayOut } from '../../net/client.ts';
import type { Outcome } from '../../routing/inputs.ts';
import type { Message } from '../../routing/model.ts';
import {
  answered,
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
} from '../../wire/fixtures/samples.ts';
import { lineChannel } from './adapter.ts';
import { retryKeyOf } from './api.ts';
import { config, SECRET, signed, TOKEN } from './fixtures/signed.ts';
import { faultOf } from './fixtures/strict.ts';

const USER = `U${'4af49806'.repeat(4)}`;
const SENT = { sentMessages: [{ id: '461230966842064897', quoteToken: 'IStG5h1Tz7b' }] };

let peer: Listener;
let out: WayOut;
let reply: Reply;
beforeAll(async () => {
  peer = await listen();
  peer.reply = (post) => {
    const fault = faultOf(post, TOKEN);
    return fault === '' ? reply : { status: 400, body: { message: fault } };
  };
  out = wayOut();
});
beforeEach(() => {
  reply = { body: SENT };
  peer.posts.length = 0;
});
afterAll(async () => {
  await peer.down();
  await out.close();
});

const here = (): AssetConfig =>
  asset({ channel: 'line', config: { ...config, api_url: `${peer.url}/v2`, data_url: `${peer.url}/v2` } });
function sent(message: Partial<Message>, address = USER): Promise<Outcome> {
  const lane = item({
    delivery: delivery({ target: { type: 'asset', id: here().id }, messageId: botMessage.id }),
    message: { ...botMessage, ...message },
    thread: { ...thread, address },
  });
  return lineChannel.send(here(), lane, facts(), out.send, NOW);
}
const pdf = { url: 'https://media.example/invoice.pdf', type: 'application/pdf', name: 'invoice.pdf' };

describe('what is sent', () => {
  const image = { type: 'image', originalContentUrl: photo.url, previewImageUrl: photo.url };
  const replies = [{ title: 'Yes', payload: 'YES' }, { title: 'No' }];
  const quickReply = {
    items: [
      { type: 'action', action: { type: 'postback', label: 'Yes', data: 'YES', displayText: 'Yes' } },
      { type: 'action', action: { type: 'message', label: 'No', text: 'No' } },
    ],
  };
  it.each<[string, Partial<Message>, unknown[]]>([
    ['a text', { text: 'Über\n👋' }, [{ type: 'text', text: 'Über\n👋' }]],
    ['5000 characters', { text: 'x'.repeat(5000) }, [{ type: 'text', text: 'x'.repeat(5000) }]],
    ['quick replies', { text: 'Sure?', quickReplies: replies }, [{ type: 'text', text: 'Sure?', quickReply }]],
    [
      'thirteen quick replies',
      { text: '?', quickReplies: Array(13).fill({ title: 'x'.repeat(20), payload: 'y'.repeat(300) }) },
      [expect.objectContaining({ type: 'text' })],
    ],
    ['a picture', { type: 'image', text: '', media: [photo] }, [image]],
    [
      'words, a picture and quick replies',
      { type: 'image', text: 'Look', media: [photo], quickReplies: replies },
      [
        { type: 'text', text: 'Look' },
        { ...image, quickReply },
      ],
    ],
    ['five pictures', { type: 'image', text: '', media: Array(5).fill(photo) }, Array(5).fill(image)],
    [
      'a picture that LINE does not show',
      { type: 'image', text: '', media: [{ url: 'https://media.example/a.webp', type: 'image/webp' }] },
      [{ type: 'text', text: 'https://media.example/a.webp' }],
    ],
    [
      'a picture without https',
      { type: 'image', text: '', media: [{ ...photo, url: 'http://media.example/a.jpg' }] },
      [{ type: 'text', text: 'photo.jpg\nhttp://media.example/a.jpg' }],
    ],
    [
      'a file, as a link',
      { type: 'file', text: 'Here', media: [pdf] },
      [
        { type: 'text', text: 'Here' },
        { type: 'text', text: `invoice.pdf\n${pdf.url}` },
      ],
    ],
    [
      'a place',
      { type: 'location', text: '35.68,139.76 The station' },
      [{ type: 'location', title: 'The station', address: 'The station', latitude: 35.68, longitude: 139.76 }],
    ],
    [
      'a place without a name',
      { type: 'location', text: '35.68,139.76' },
      [{ type: 'location', title: '35.68,139.76', address: '35.68,139.76', latitude: 35.68, longitude: 139.76 }],
    ],
  ])('%s is one push that LINE takes', async (_, message, messages) => {
    expect(await sent(message)).toMatchObject({ result: 'ok', status: 200, externalId: '461230966842064897' });
    expect(peer.posts.map(({ body }) => body)).toEqual([{ to: USER, messages }]);
  });

  it('each type that the channel says it sends, and no other', async () => {
    for (const type of ['text', 'image', 'video', 'audio', 'file', 'location', 'contact', 'sticker'] as const) {
      const outcome = await sent({ type, text: '1,2', media: type === 'text' || type === 'location' ? [] : [photo] });
      expect([type, outcome.result]).toEqual([type, lineChannel.capabilities?.sends.includes(type) ? 'ok' : 'final']);
    }
  });

  it('under a key of the message: the same in each try, another for another message', async () => {
    reply = { fault: 'reset' };
    expect(await sent({})).toMatchObject({ result: 'retry', status: null });
    reply = {
      status: 409,
      body: { message: 'The retry key is already accepted', ...SENT },
      headers: { 'x-line-accepted-request-id': 'r1' },
    };
    expect(await sent({})).toMatchObject({ result: 'ok', reason: 'ok', externalId: '461230966842064897' });
    reply = { body: SENT };
    await sent({ id: 'msg_1jz00000000000000000000009' });
    const keys = peer.posts.map(({ headers }) => headers['x-line-retry-key']);
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
    expect(retryKeyOf(botMessage.id)).toBe(keys[0]);
  });
});

describe('what is refused before it is sent', () => {
  it.each<[string, Partial<Message>, string, RegExp]>([
    ['a long text', { text: 'x'.repeat(5001) }, 'too_long', /has 5001 characters; LINE takes 5000/],
    ['emoji that are too many', { text: '👋'.repeat(2501) }, 'too_long', /5002/],
    ['nothing', { text: ' ' }, 'invalid', /nothing/],
    ['a picture without one', { type: 'image', text: 'x' }, 'invalid', /needs a file/],
    [
      'words and five pictures',
      { type: 'image', text: 'x', media: Array(5).fill(photo) },
      'too_many',
      /at most 5 .* these are 6/,
    ],
    ['fourteen quick replies', { quickReplies: Array(14).fill({ title: 'x' }) }, 'too_many', /shows 13/],
    ['a wide quick reply', { quickReplies: [{ title: 'x'.repeat(21) }] }, 'too_long', /21 characters; LINE takes 20/],
    [
      'a heavy quick reply',
      { quickReplies: [{ title: 'x', payload: 'y'.repeat(301) }] },
      'too_long',
      /301 characters; LINE takes 300/,
    ],
    ['a place that is none', { type: 'location', text: 'over there' }, 'invalid', /latitude,longitude/],
    ['a place with a long name', { type: 'location', text: `1,2 ${'x'.repeat(101)}` }, 'too_long', /LINE takes 100/],
    ['a sticker', { type: 'sticker', media: [photo] }, 'unsupported', /type sticker/],
  ])('%s', async (_, message, reason, detail) => {
    const outcome = await sent(message);
    expect(outcome).toMatchObject({ result: 'final', reason, status: null, detail: expect.stringMatching(detail) });
    expect(peer.posts).toEqual([]);
  });

  it('to nobody, and what is no message', async () => {
    expect(await sent({}, '')).toMatchObject({ result: 'final', reason: 'no_recipient' });
    const receipt = item({ delivery: delivery({ kind: 'receipt' }), message: botMessage });
    expect(await lineChannel.send(here(), receipt, facts(), out.send, NOW)).toMatchObject({ reason: 'unsupported' });
  });
});

describe('what LINE answers', () => {
  const said = (status: number, message: string, details?: unknown) => ({ status, body: { message, details } });
  it.each<[Reply, Outcome['result'], string, RegExp]>([
    [
      said(400, "The property, 'to', in the request body is invalid (line: -, column: -)"),
      'final',
      'no_recipient',
      /no such user/,
    ],
    [said(400, 'Failed to send messages'), 'final', 'no_recipient', /no such user/],
    [
      said(400, 'The request body has 1 error(s)', [{ message: 'May not be empty', property: 'messages[0].text' }]),
      'final',
      'rejected',
      /messages\[0\]\.text: May not be empty/,
    ],
    [
      said(401, 'Authentication failed. Confirm that the access token in the authorization header is valid.'),
      'retry',
      'bad_credentials',
      /channel access token/,
    ],
    [said(403, 'Access to this API is not available for your account'), 'final', 'not_permitted', /plan/],
    [said(404, 'Not found'), 'final', 'rejected', /404/],
    [said(409, 'Conflict'), 'retry', 'bad_answer', /not in the words of LINE/],
    [said(429, 'You have reached your monthly limit.'), 'final', 'quota', /used up/],
    [said(429, 'The API rate limit has been exceeded. Try again later.'), 'retry', 'throttled', /slow down/],
    [said(500, 'Internal Server Error'), 'retry', 'server_error', /500/],
    [{ status: 503, body: '<html>' }, 'retry', 'server_error', /503/],
    [{ fault: 'reset' }, 'retry', 'closed', /./],
  ])('%j is %s: %s', async (given, result, reason, detail) => {
    reply = given;
    expect(await sent({})).toMatchObject({ result, reason, detail: expect.stringMatching(detail) });
    expect(peer.posts).toHaveLength(1);
  });

  it('a limit of the channel makes all of it wait', async () => {
    reply = said(429, 'The API rate limit has been exceeded. Try again later.');
    expect(await sent({})).toMatchObject({ retryAfterS: 2, pauseS: 2 });
    reply = { ...reply, headers: { 'retry-after': '9' } };
    expect(await sent({})).toMatchObject({ retryAfterS: 9, pauseS: 9 });
  });

  it('and a secret in it is not kept; and whatever it is, nothing is thrown', async () => {
    const bodies = [
      '',
      'null',
      '[]',
      '{"sentMessages":[null]}',
      '{"sentMessages":5,"message":{}}',
      `{"message":"${TOKEN} ${SECRET}"}`,
    ];
    for (const body of bodies) {
      for (const status of [200, 400, 401, 403, 409, 429, 500]) {
        const send = async () => answered(status, body);
        const outcome = await lineChannel.send(here(), item({ message: botMessage }), facts(), send, NOW);
        expect(['ok', 'retry', 'final']).toContain(outcome.result);
        expect(JSON.stringify(outcome)).not.toContain(TOKEN);
        expect(JSON.stringify(outcome)).not.toContain(SECRET);
      }
    }
  });
});

describe('courtesies', () => {
  const author = botMessage.author;
  it('typing shows the dots for a while; there is no end to tell', async () => {
    await lineChannel.typing?.(here(), USER, true, author, out.send, NOW);
    await lineChannel.typing?.(here(), USER, false, author, out.send, NOW);
    expect(peer.posts.map(({ path, body }) => [path, body])).toEqual([
      ['/v2/bot/chat/loading/start', { chatId: USER, loadingSeconds: 20 }],
    ]);
  });

  it('a message that was taken is marked as read, once, by the token that came with it', async () => {
    const event = {
      type: 'message',
      webhookEventId: '01A',
      mode: 'active',
      source: { type: 'user', userId: USER },
      message: { type: 'text', id: '4711', text: 'hi', markAsReadToken: 'token-of-4711' },
    };
    const body = Buffer.from(JSON.stringify({ events: [event] }));
    lineChannel.read(here(), request(body, signed(body).headers));
    for (const externalId of ['4711', '4711', '4712', null]) {
      await lineChannel.seen?.(here(), USER, { at: NOW, externalId }, out.send, NOW);
    }
    expect(peer.posts.map(({ path, body: asked }) => [path, asked])).toEqual([
      ['/v2/bot/chat/markAsRead', { markAsReadToken: 'token-of-4711' }],
    ]);
    expect(faultOf(peer.posts[0]!, TOKEN)).toBe('');
  });

  it('tokens of no more than ten thousand messages are kept, the newest', async () => {
    const events = Array.from({ length: 1000 }, (_, index) => index);
    for (let round = 0; round < 11; round += 1) {
      const body = Buffer.from(
        JSON.stringify({
          events: events.map((index) => ({
            type: 'message',
            webhookEventId: `e${round}-${index}`,
            source: { type: 'user', userId: USER },
            message: { type: 'text', id: `${round}${String(index).padStart(4, '0')}`, text: 'x', markAsReadToken: 't' },
          })),
        }),
      );
      lineChannel.read(here(), request(body, signed(body).headers));
    }
    for (const externalId of ['00000', '00999', '10000', '100999']) {
      await lineChannel.seen?.(here(), USER, { at: NOW, externalId }, out.send, NOW);
    }
    expect(peer.posts).toHaveLength(2);
  });
});
