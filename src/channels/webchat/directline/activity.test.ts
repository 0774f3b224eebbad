// What clients post, by table: Web Chat's own payloads, those of Direct Line's documentation, and what nobody should send.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readActivity } from './activity.ts';

const act = (activity: unknown, files = 0) => {
  const read = readActivity(activity, files);
  if (!read.ok) throw new Error(JSON.stringify(read.errors));
  return read.value;
};
const message = (more: object) => ({ type: 'message', ...more });
const say = (words: object) => ({ kind: 'say', words });

describe('a posted activity', () => {
  it('is read as clients write it', () => {
    const posted = JSON.parse(readFileSync(`${import.meta.dirname}/../fixtures/direct-line-message.json`, 'utf8'));
    expect(act(posted)).toEqual({
      act: say({ kind: 'message', text: 'Where is my order?', clientId: 'k3v9x2a1b7c', links: [] }),
      from: { id: 'dl_user-42', name: 'Ada' },
    });
  });

  it.each([
    ['a postBack of Web Chat', { text: 'YES', channelData: { postBack: true } }, { payload: 'YES' }],
    [
      'a postBack with a value that is no text',
      { value: { a: 1 }, channelData: { postBack: true } },
      { payload: '{"a":1}' },
    ],
    [
      'a messageBack',
      { text: 'yes', value: 'YES', channelData: { messageBack: { displayText: 'Yes, please' } } },
      { payload: 'YES', title: 'Yes, please' },
    ],
    ['a card that was filled in', { value: { name: 'Ada' } }, { payload: '{"name":"Ada"}' }],
    ['a value with words', { text: 'Yes', value: 'YES' }, { payload: 'YES', title: 'Yes' }],
    ['a value that says what the words say', { text: 'YES', value: 'YES' }, { payload: 'YES' }],
  ])('%s is a postback', (_, more, expected) => {
    const read = act(message(more)).act;
    expect(read).toEqual(say({ kind: 'postback', text: '', clientId: null, links: [], ...expected }));
  });

  it('an imBack is a message like any other', () => {
    expect(act(message({ text: 'Thanks', channelData: { clientActivityID: 'x' } })).act).toMatchObject(
      say({ kind: 'message', text: 'Thanks' }),
    );
  });

  it('attachments that lie elsewhere are shown from there; those of an upload come beside it', () => {
    const attachments = [{ contentType: 'image/png', contentUrl: 'https://a.example/1.png', name: 'one.png' }];
    expect(act(message({ attachments })).act).toMatchObject(
      say({ links: [{ type: 'image/png', url: 'https://a.example/1.png', name: 'one.png' }] }),
    );
    const named = [{ contentType: 'image/png', name: 'one.png' }];
    expect(act(message({ text: 'look', attachments: named }), 1).act).toMatchObject(say({ text: 'look', links: [] }));
    expect(readActivity(message({ text: 'look', attachments: named })).ok).toBe(false);
    expect(act({ type: 'message' }, 1).act).toMatchObject(say({ text: '', links: [] }));
  });

  it.each([
    [{ type: 'typing' }, 'typing'],
    [{ type: 'event', name: 'webchat/join', value: { language: 'en-US' } }, 'nothing'],
    [{ type: 'event', name: 'startConversation' }, 'nothing'],
    [{ type: 'conversationUpdate', membersAdded: [{ id: 'x' }] }, 'nothing'],
    [{ type: 'endOfConversation' }, 'nothing'],
  ])('%j is %s', (posted, kind) => {
    expect(act(posted).act).toEqual({ kind });
  });

  it.each([
    ['what is no object', 'hello', ''],
    ['no type', {}, '/type'],
    ['a type that asks for what nobody does here', { type: 'messageUpdate' }, '/type'],
    ['nothing said', { type: 'message', text: ' ' }, '/text'],
    ['text that is no text', { type: 'message', text: {} }, '/text'],
    ['a script', message({ attachments: [{ contentUrl: 'javascript:1' }] }), '/attachments/0/contentUrl'],
    ['a file as text', message({ attachments: [{ contentUrl: 'data:text/plain,1' }] }), '/attachments/0/contentUrl'],
    ['too many files', message({ attachments: Array(11).fill({}) }), '/attachments'],
    ['a long value', message({ value: 'x'.repeat(5_000) }), '/value'],
    ['a long user', message({ text: 'x', from: { id: 'x'.repeat(129) } }), '/from/id'],
  ])('%s is refused by its field', (_, posted, pointer) => {
    const read = readActivity(posted);
    expect(read.ok ? [] : read.errors.map((error) => error.pointer)).toEqual([pointer]);
  });

  it.each(['a|b', '~ours', 'x'.repeat(129), '', 5, 'a\nb', null])('the client id %j is not kept', (id) => {
    expect(act(message({ text: 'x', channelData: { clientActivityID: id } })).act).toMatchObject(
      say({ clientId: null }),
    );
  });

  it('gives nothing that a store could not hold', () => {
    const odd = 'a\0\ud800';
    const file = { contentType: odd, contentUrl: 'https://x.example/a.png', name: odd };
    const cut = `${'x'.repeat(99)}💥`;
    const posted = [
      message({ attachments: [file], from: { id: 'u', name: cut } }),
      message({ value: odd, text: 'x', channelData: { messageBack: { displayText: odd } } }),
    ];
    for (const each of posted) {
      const read = readActivity(each);
      expect(read.ok).toBe(true);
      expect(JSON.stringify(read)).not.toMatch(/\\u0000|\\ud[89a-f]/);
    }
    expect(readActivity(message({ attachments: [{ ...file, contentUrl: 'https://x.example/\0' }] })).ok).toBe(false);
  });
});
