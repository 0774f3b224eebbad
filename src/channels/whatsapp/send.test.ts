// What goes to the Cloud API: each kind of message as the request that it becomes, taken by a server that takes nothing else
// than Meta documents; and what is refused before it is sent.
import { describe, expect, it } from 'vitest';
import type { AttemptFacts } from '../../engine/ports.ts';
import type { Message, QuickReply } from '../../routing/model.ts';
import { agentMessage, botMessage, delivery, facts, NOW, photo } from '../../wire/fixtures/samples.ts';
import { whatsappChannel } from './adapter.ts';
import { BSUID, heard, medium, owed, PHONE, replies, sending } from './fixtures/sending.ts';

const to = sending();
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
    const outcome = await to.send(message);
    expect(to.whatsapp.faults).toEqual([]);
    expect(outcome).toMatchObject({ result: 'ok', status: 200, externalId: to.whatsapp.accepted.at(-1)!.id });
    const common = {
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      to: PHONE,
      biz_opaque_callback_data: botMessage.id,
    };
    expect(to.whatsapp.accepted.map(({ body }) => body)).toEqual(bodies.map((body) => ({ ...common, ...body })));
  });

  it('goes to a phone number as `to`, to a business-scoped id as `recipient`', async () => {
    await to.send({ text: 'a' });
    await to.send({ text: 'b' }, BSUID);
    await to.send({ text: 'c' }, 'DE.ENT.2000000000000000077');
    expect(to.whatsapp.faults).toEqual([]);
    expect(to.whatsapp.accepted.map(({ body }) => [body.to, body.recipient])).toEqual([
      [PHONE, undefined],
      [undefined, BSUID],
      [undefined, 'DE.ENT.2000000000000000077'],
    ]);
  });

  it('has the token in a header alone, and the proof of the app secret in the URL', async () => {
    await to.send({ text: 'a' });
    const [post] = to.whatsapp.posts;
    expect(post!.headers.authorization).toBe(`Bearer ${to.whatsapp.token}`);
    expect(post!.path).toMatch(/^\/v23\.0\/100200300400500\/messages\?appsecret_proof=[0-9a-f]{64}$/);
    expect(post!.path + post!.raw).not.toContain(to.whatsapp.token);
    expect(post!.path + post!.raw).not.toContain(to.whatsapp.appSecret);
  });
});

describe('refused before it is sent', () => {
  const cases: [string, Partial<Message>, string][] = [
    ['a text of 4097 characters', { text: '😀'.repeat(4097) }, 'too_long'],
    ['nothing', { text: '' }, 'invalid'],
    ['a picture without a file', { type: 'image', text: 'look', media: [] }, 'invalid'],
    ['eleven quick replies', { quickReplies: replies(11) }, 'too_many'],
    ['quick replies without a text', { text: '', quickReplies: replies(2) }, 'invalid'],
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
      'invalid',
    ],
    [
      'two payloads alike',
      {
        quickReplies: [
          { title: 'a', payload: '1' },
          { title: 'b', payload: '1' },
        ],
      },
      'invalid',
    ],
    ['a location that is none', { type: 'location', text: 'at the corner' }, 'invalid'],
    ['a location beyond the pole', { type: 'location', text: '95.0,13.4' }, 'invalid'],
    ['a contact without a number', { type: 'contact', text: 'Front desk' }, 'invalid'],
  ];
  it.each(cases)('%s', async (_, message, reason) => {
    const outcome = await to.send(message);
    expect(outcome).toMatchObject({ result: 'final', status: null, reason });
    expect(outcome.detail).toMatch(/^[A-Z].{20,}[.d]$/s);
    expect(to.whatsapp.posts).toEqual([]);
  });

  it('whatever is no message', async () => {
    const receipt = { ...owed({}), delivery: delivery({ kind: 'receipt' }) };
    expect(await whatsappChannel.send(to.here, receipt, facts(), to.out.send, NOW)).toMatchObject({
      result: 'final',
      reason: 'unsupported',
    });
    expect(to.whatsapp.posts).toEqual([]);
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
      const outcome = await to.send({ author }, PHONE, when);
      expect(outcome.result).toBe(open ? 'ok' : 'final');
      if (!open) {
        expect(outcome).toMatchObject({ reason: 'outside_window', status: null });
        expect(outcome.detail).toMatch(/24 hours|has not written/);
      }
    }
    expect(to.whatsapp.posts.length).toBe(open ? 2 : 0);
  });
});
