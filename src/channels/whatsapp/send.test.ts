// What goes to the Cloud API: each kind of message as the request that it becomes, taken by a server that takes nothing else
// than Meta documents; what is refused before it is sent; and what each answer means.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Reply } from '../../../test/parties/listener.ts';
import { graphError, startWhatsapp, type Whatsapp } from '../../../test/parties/whatsapp.ts';
import type { AssetConfig, AttemptFacts } from '../../engine/ports.ts';
import type { LaneItem } from '../../engine/store-port.ts';
import type { WayOut } from '../../net/client.ts';
import type { Message, QuickReply } from '../../routing/model.ts';
import {
  agentMessage,
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
import { whatsappChannel } from './adapter.ts';
import { CAPABILITIES } from './fields.ts';

const HOUR = 3_600_000;
const PHONE = '15550100123';
const BSUID = 'DE.1000000000000000042';
const owed = (message: Partial<Message>, address = PHONE): LaneItem =>
  item({
    delivery: delivery({ target: { type: 'asset', id: id('ast', 'a') }, messageId: botMessage.id }),
    message: { ...botMessage, ...message },
    thread: { ...thread, address },
  });
const medium = (type: string, name = 'file') => ({ url: `https://media.example/${name}`, type, name });
const heard = (hoursAgo: number): Partial<AttemptFacts> => ({
  heard: { at: NOW - hoursAgo * HOUR, externalId: 'wamid.LAST' },
});

let whatsapp: Whatsapp;
let out: WayOut;
let here: AssetConfig;
const send = (message: Partial<Message>, address?: string, more: Partial<AttemptFacts> = heard(1)) =>
  whatsappChannel.send(here, owed(message, address), facts(more), out.send, NOW);

beforeAll(async () => {
  whatsapp = await startWhatsapp();
  out = wayOut();
  here = asset({ channel: 'whatsapp', config: { ...whatsapp.config(), list_button: 'Choose' } });
});
afterAll(async () => {
  await whatsapp.down();
  await out.close();
});
beforeEach(() => {
  for (const list of [whatsapp.accepted, whatsapp.marks, whatsapp.faults, whatsapp.instead, whatsapp.posts])
    list.length = 0;
});

const replies = (count: number, title = 'Reply'): QuickReply[] =>
  Array.from({ length: count }, (_, index) => ({ title: `${title} ${index + 1}`, payload: `P${index + 1}` }));
const rows = (list: QuickReply[]) => list.map(({ title, payload }) => ({ id: payload, title }));

describe('a message', () => {
  const bill = medium('application/pdf', 'bill.pdf');
  const voice = medium('audio/ogg', 'voice.ogg');
  it.each<[string, Partial<Message>, Record<string, unknown>[]]>([
    ['a text', { text: 'Which one?' }, [{ type: 'text', text: { body: 'Which one?', preview_url: false } }]],
    [
      'the longest text',
      { text: '😀'.repeat(4096) },
      [{ type: 'text', text: { body: '😀'.repeat(4096), preview_url: false } }],
    ],
    ['a picture', { type: 'image', text: '', media: [photo] }, [{ type: 'image', image: { link: photo.url } }]],
    [
      'a picture with words',
      { type: 'image', text: 'This one', media: [photo] },
      [{ type: 'image', image: { link: photo.url, caption: 'This one' } }],
    ],
    [
      'a picture with more words than a caption takes: they go first',
      { type: 'image', text: 'w'.repeat(1025), media: [photo] },
      [
        { type: 'text', text: { body: 'w'.repeat(1025), preview_url: false } },
        { type: 'image', image: { link: photo.url } },
      ],
    ],
    [
      'several pictures: the words are with the first',
      { type: 'image', text: 'These', media: [photo, medium('image/png', 'b.png')] },
      [
        { type: 'image', image: { link: photo.url, caption: 'These' } },
        { type: 'image', image: { link: 'https://media.example/b.png' } },
      ],
    ],
    [
      'a video',
      { type: 'video', text: 'See', media: [medium('video/mp4', 'clip.mp4')] },
      [{ type: 'video', video: { link: 'https://media.example/clip.mp4', caption: 'See' } }],
    ],
    ['audio', { type: 'audio', text: '', media: [voice] }, [{ type: 'audio', audio: { link: voice.url } }]],
    [
      'audio with words, which have no place in it',
      { type: 'audio', text: 'Listen', media: [voice] },
      [
        { type: 'text', text: { body: 'Listen', preview_url: false } },
        { type: 'audio', audio: { link: voice.url } },
      ],
    ],
    [
      'a file',
      { type: 'file', text: 'The bill', media: [bill] },
      [{ type: 'document', document: { link: bill.url, caption: 'The bill', filename: 'bill.pdf' } }],
    ],
    [
      'a sticker',
      { type: 'sticker', text: '', media: [medium('image/webp', 's.webp')] },
      [{ type: 'sticker', sticker: { link: 'https://media.example/s.webp' } }],
    ],
    [
      'a location',
      { type: 'location', text: '52.5200066,13.404954 Front door' },
      [{ type: 'location', location: { latitude: 52.5200066, longitude: 13.404954, name: 'Front door' } }],
    ],
    [
      'a contact',
      { type: 'contact', text: 'Front desk +1 555 010 0100' },
      [
        {
          type: 'contacts',
          contacts: [
            {
              name: { formatted_name: 'Front desk', first_name: 'Front desk' },
              phones: [{ phone: '+1 555 010 0100', type: 'WORK' }],
            },
          ],
        },
      ],
    ],
    [
      'three quick replies: buttons',
      {
        text: 'Which?',
        quickReplies: [{ title: 'One', payload: '1' }, { title: 'Two' }, { title: 'Three', payload: '3' }],
      },
      [
        {
          type: 'interactive',
          interactive: {
            type: 'button',
            body: { text: 'Which?' },
            action: {
              buttons: [
                { type: 'reply', reply: { id: '1', title: 'One' } },
                { type: 'reply', reply: { id: 'Two', title: 'Two' } },
                { type: 'reply', reply: { id: '3', title: 'Three' } },
              ],
            },
          },
        },
      ],
    ],
    [
      'ten quick replies: a list',
      { text: 'Which?', quickReplies: replies(10) },
      [
        {
          type: 'interactive',
          interactive: {
            type: 'list',
            body: { text: 'Which?' },
            action: { button: 'Choose', sections: [{ title: 'Choose', rows: rows(replies(10)) }] },
          },
        },
      ],
    ],
    [
      'two quick replies too long for buttons: a list',
      { text: 'Which?', quickReplies: replies(2, 'A reply of 22 letter') },
      [
        {
          type: 'interactive',
          interactive: {
            type: 'list',
            body: { text: 'Which?' },
            action: {
              button: 'Choose',
              sections: [{ title: 'Choose', rows: rows(replies(2, 'A reply of 22 letter')) }],
            },
          },
        },
      ],
    ],
    [
      'a picture with buttons: one message',
      { type: 'image', text: 'This?', media: [photo], quickReplies: [{ title: 'Yes' }] },
      [
        {
          type: 'interactive',
          interactive: {
            type: 'button',
            header: { type: 'image', image: { link: photo.url } },
            body: { text: 'This?' },
            action: { buttons: [{ type: 'reply', reply: { id: 'Yes', title: 'Yes' } }] },
          },
        },
      ],
    ],
    [
      'a sound with buttons: two',
      { type: 'audio', text: 'And?', media: [voice], quickReplies: [{ title: 'Yes' }] },
      [
        { type: 'audio', audio: { link: voice.url } },
        {
          type: 'interactive',
          interactive: {
            type: 'button',
            body: { text: 'And?' },
            action: { buttons: [{ type: 'reply', reply: { id: 'Yes', title: 'Yes' } }] },
          },
        },
      ],
    ],
  ])('%s', async (_, message, bodies) => {
    const outcome = await send(message);
    expect(whatsapp.faults).toEqual([]);
    expect(outcome).toMatchObject({ result: 'ok', status: 200, externalId: whatsapp.accepted[0]!.id });
    const common = {
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      to: PHONE,
      biz_opaque_callback_data: botMessage.id,
    };
    expect(whatsapp.accepted.map(({ body }) => body)).toEqual(bodies.map((body) => ({ ...common, ...body })));
  });

  it('goes to a phone number as `to`, to a business-scoped id as `recipient`', async () => {
    await send({ text: 'a' });
    await send({ text: 'b' }, BSUID);
    await send({ text: 'c' }, 'DE.ENT.2000000000000000077');
    expect(whatsapp.faults).toEqual([]);
    expect(whatsapp.accepted.map(({ body }) => [body.to, body.recipient])).toEqual([
      [PHONE, undefined],
      [undefined, BSUID],
      [undefined, 'DE.ENT.2000000000000000077'],
    ]);
  });

  it('has the token in a header alone, and the proof of the app secret in the URL', async () => {
    await send({ text: 'a' });
    const [post] = whatsapp.posts;
    expect(post!.headers.authorization).toBe(`Bearer ${whatsapp.token}`);
    expect(post!.path).toMatch(/^\/v23\.0\/100200300400500\/messages\?appsecret_proof=[0-9a-f]{64}$/);
    expect(post!.path + post!.raw).not.toContain(whatsapp.token);
    expect(post!.path + post!.raw).not.toContain(whatsapp.appSecret);
  });
});

describe('refused before it is sent', () => {
  const cases: [string, Partial<Message>, string][] = [
    ['a text of 4097 characters', { text: '😀'.repeat(4097) }, 'too_long'],
    ['nothing', { text: '' }, 'empty'],
    ['a picture without a file', { type: 'image', text: 'look', media: [] }, 'empty'],
    ['eleven quick replies', { quickReplies: replies(11) }, 'too_many_quick_replies'],
    ['quick replies without a text', { text: '', quickReplies: replies(2) }, 'empty'],
    ['a long text over buttons', { text: 'x'.repeat(1025), quickReplies: replies(2) }, 'too_long'],
    ['a quick reply of 25 characters', { quickReplies: [{ title: 'x'.repeat(25) }] }, 'too_long'],
    ['a payload of 257 characters', { quickReplies: [{ title: 'a', payload: 'x'.repeat(257) }] }, 'too_long'],
    [
      'a payload of 201 characters in a list',
      { quickReplies: [...replies(4), { title: 'a', payload: 'x'.repeat(201) }] },
      'too_long',
    ],
    [
      'two titles alike',
      {
        quickReplies: [
          { title: 'a', payload: '1' },
          { title: 'a', payload: '2' },
        ],
      },
      'rejected',
    ],
    [
      'two payloads alike',
      {
        quickReplies: [
          { title: 'a', payload: '1' },
          { title: 'b', payload: '1' },
        ],
      },
      'rejected',
    ],
    ['a location that is none', { type: 'location', text: 'at the corner' }, 'rejected'],
    ['a location beyond the pole', { type: 'location', text: '95.0,13.4' }, 'rejected'],
    ['a contact without a number', { type: 'contact', text: 'Front desk' }, 'rejected'],
  ];
  it.each(cases)('%s', async (_, message, reason) => {
    const outcome = await send(message);
    expect(outcome).toMatchObject({ result: 'final', status: null, reason });
    expect(outcome.detail).toMatch(/^[A-Z].{20,}[.d]$/s);
    expect(whatsapp.posts).toEqual([]);
  });

  it('whatever is no message', async () => {
    const receipt = { ...owed({}), delivery: delivery({ kind: 'receipt' }) };
    expect(await whatsappChannel.send(here, receipt, facts(), out.send, NOW)).toMatchObject({
      result: 'final',
      reason: 'unsupported',
    });
    expect(whatsapp.posts).toEqual([]);
  });

  it.each<[string, Partial<AttemptFacts>, boolean]>([
    ['an hour later', heard(1), true],
    ['just within a day', heard(24 - 1 / 3600), true],
    ['a day later', heard(24), false],
    ['a week later', heard(168), false],
    ['when the customer never wrote', { heard: null }, false],
    ['when nobody looked: then Meta says it', {}, true],
  ])('the window: %s', async (_, when, open) => {
    for (const author of [botMessage.author, agentMessage.author]) {
      const outcome = await send({ author }, PHONE, when);
      expect(outcome.result).toBe(open ? 'ok' : 'final');
      if (!open) {
        expect(outcome).toMatchObject({ reason: 'outside_window', status: null });
        expect(outcome.detail).toContain('24 hours');
      }
    }
    expect(whatsapp.posts.length).toBe(open ? 2 : 0);
  });
});

describe('an answer', () => {
  const usage = {
    'x-business-use-case-usage': JSON.stringify({ 6007: [{ type: 'messages', estimated_time_to_regain_access: 3 }] }),
  };
  it.each<[string, Reply, Record<string, unknown>]>([
    [
      '131047: outside the window',
      graphError(131047, 'Re-engagement message'),
      { result: 'final', reason: 'outside_window' },
    ],
    [
      '131026: not on WhatsApp',
      graphError(131026, 'Message undeliverable'),
      { result: 'final', reason: 'undeliverable' },
    ],
    ['131049: Meta chose not to', graphError(131049, 'Not delivered'), { result: 'final', reason: 'not_delivered' }],
    ['131051: type', graphError(131051, 'Unsupported message type'), { result: 'final', reason: 'unsupported' }],
    ['131053: file', graphError(131053, 'Media upload error'), { result: 'final', reason: 'media_refused' }],
    [
      '131031: locked',
      graphError(131031, 'Account locked', { status: 403 }),
      { result: 'final', reason: 'blocked_by_policy' },
    ],
    [
      '368: policy',
      graphError(368, 'Temporarily blocked', { status: 403 }),
      { result: 'final', reason: 'blocked_by_policy' },
    ],
    [
      '190: token',
      graphError(190, 'Access token has expired', { status: 401 }),
      { result: 'final', reason: 'bad_credentials' },
    ],
    [
      '10: permission',
      graphError(10, 'Permission denied', { status: 403 }),
      { result: 'final', reason: 'no_permission' },
    ],
    ['100: parameter', graphError(100, 'Invalid parameter'), { result: 'final', reason: 'rejected' }],
    ['a code nobody knows', graphError(987654, 'New'), { result: 'final', reason: 'rejected' }],
    [
      '131056: this customer alone',
      graphError(131056, 'Pair rate limit hit'),
      { result: 'retry', reason: 'throttled', retryAfterS: 6, pauseS: undefined },
    ],
    [
      '130429: the whole number',
      graphError(130429, 'Rate limit hit', { status: 429 }),
      { result: 'retry', reason: 'throttled', retryAfterS: 60, pauseS: 60 },
    ],
    ['80007: the whole account', graphError(80007, 'Rate limit issues'), { result: 'retry', pauseS: 60 }],
    [
      '80007 with the time it takes',
      graphError(80007, 'Rate limit issues', { headers: usage }),
      { result: 'retry', pauseS: 180, retryAfterS: 180 },
    ],
    [
      '130429 with Retry-After',
      graphError(130429, 'Rate limit hit', { status: 429, headers: { 'retry-after': '17' } }),
      { result: 'retry', pauseS: 17 },
    ],
    ['1: passing', graphError(1, 'API unknown', { status: 500 }), { result: 'retry', reason: 'server_error' }],
    ['2: passing', graphError(2, 'API service', { status: 503 }), { result: 'retry', reason: 'server_error' }],
    [
      '131000: passing',
      graphError(131000, 'Something went wrong', { status: 500 }),
      { result: 'retry', reason: 'server_error' },
    ],
    [
      '131016: passing',
      graphError(131016, 'Service unavailable', { status: 503 }),
      { result: 'retry', reason: 'server_error' },
    ],
    ['a page of a proxy', { status: 502, body: '<html>' }, { result: 'retry', status: 502 }],
    ['400 without a word', { status: 400, body: '' }, { result: 'final', reason: 'rejected' }],
    ['a connection that broke', { fault: 'reset' }, { result: 'unknown' }],
    ['200 without an id', { body: {} }, { result: 'ok', externalId: undefined }],
    ['200 that is no JSON', { body: 'fine' }, { result: 'ok', externalId: undefined }],
  ])('%s', async (_, reply, expected) => {
    whatsapp.instead.push(reply);
    const outcome = await send({ text: 'hello' });
    for (const [name, value] of Object.entries(expected))
      expect([name, outcome[name as keyof typeof outcome]]).toEqual([name, value]);
    expect(outcome.gone).toBeUndefined();
  });

  it('never shows a secret that Meta repeats', async () => {
    whatsapp.instead.push(
      graphError(100, `Bad token ${whatsapp.token} of ${whatsapp.appSecret} and ${whatsapp.verifyToken}`),
    );
    const shown = JSON.stringify(await send({ text: 'hello' }));
    for (const secret of [whatsapp.token, whatsapp.appSecret, whatsapp.verifyToken])
      expect(shown).not.toContain(secret);
    expect(shown).toContain('[masked]');
  });

  it('to the second part says which part arrived, and is no reason to send the first again', async () => {
    for (const [reply, result] of [
      [graphError(131053, 'Media upload error'), 'final'],
      [graphError(130429, 'Rate limit hit', { status: 429 }), 'final'],
      [{ fault: 'reset' }, 'unknown'],
    ] as [Reply, string][]) {
      whatsapp.accepted.length = 0;
      whatsapp.posts.length = 0;
      const real = whatsapp.reply;
      whatsapp.reply = (post) => (whatsapp.posts.length === 2 ? reply : real(post));
      const outcome = await send({ type: 'audio', text: 'Listen', media: [medium('audio/ogg')] });
      whatsapp.reply = real;
      expect(outcome).toMatchObject({ result, externalId: whatsapp.accepted[0]!.id });
      expect(outcome.detail).toMatch(/^Sent: text\. Not sent: audio\. /);
      expect(outcome.retryAfterS).toBeUndefined();
    }
  });
});

describe('what the capabilities say', () => {
  it('is what is taken: each type, the longest text, the most quick replies', async () => {
    const of: Record<string, Partial<Message>> = {
      text: { text: 'a'.repeat(CAPABILITIES.text.max) },
      location: { text: '1,2' },
      contact: { text: 'A +1 555 0100' },
    };
    for (const type of CAPABILITIES.sends) {
      expect(await send({ type, text: '', media: [medium('x/y')], ...of[type] })).toMatchObject({ result: 'ok' });
    }
    const { max, titleMax, payloadMax } = CAPABILITIES.quickReplies!;
    const most = Array.from({ length: max }, (_, index) => ({
      title: String(index).padEnd(titleMax, 'x'),
      payload: String(index).padEnd(payloadMax, 'x'),
    }));
    expect(await send({ quickReplies: most })).toMatchObject({ result: 'ok' });
    expect(await send({ quickReplies: [...most, { title: 'more' }] })).toMatchObject({ result: 'final' });
    expect(whatsapp.faults).toEqual([]);
  });
});
