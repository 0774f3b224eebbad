// What clients are shown, by table; the whole of a set stands in the documentation.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { DirectLineRow, MessageRow } from '../../../engine/store-port.ts';
import type { Author, Media } from '../../../routing/model.ts';
import type { StreamItem } from '../streams.ts';
import { showItem, showMessage } from './show.ts';

const AT = Date.parse('2026-09-21T13:33:20Z');
const LINE: DirectLineRow = {
  id: 'dlc_01k2v7m4q8e9p0r1s2t3v4w5x6',
  assetId: 'ast_1',
  address: 'dl_user-42',
  userId: 'dl_user-42',
  after: 0,
  keepUntil: 0,
};
const ADA: Author = { type: 'customer', id: null, name: 'Ada' };
const BOT: Author = { type: 'bot', id: 'bot_1', name: 'Shop bot' };

const row = (more: Partial<MessageRow>): MessageRow => ({
  id: 'msg_1',
  threadId: 'thr_1',
  seq: 1,
  turn: null,
  kind: 'message',
  author: BOT,
  conversationId: 'conv_1',
  type: 'text',
  text: '',
  media: [],
  at: AT,
  receipt: null,
  ...more,
});
const linked = (medium: Media): Media => ({
  ...medium,
  url: medium.url.replace('media:', 'https://chat.example.com/media/'),
});
const show = (more: Partial<MessageRow>, line = LINE) => showMessage(line, { ord: 7, message: row(more) }, linked);

describe('a message', () => {
  it('is shown as the documentation has it', () => {
    const fixture = JSON.parse(readFileSync(`${import.meta.dirname}/../fixtures/direct-line-activities.json`, 'utf8'));
    const own = show({ author: ADA, turn: 1, text: 'Where is my order?', externalId: 'dl_user-42|k3v9x2a1b7c' });
    const answer = show({
      seq: 2,
      at: AT + 1500,
      text: 'It left our house this morning.',
      quickReplies: [{ title: 'Track it', payload: 'TRACK:4711' }, { title: 'Thanks' }],
    });
    expect([own, answer]).toEqual(fixture.activities);
  });

  it('of the system and of an agent has their word and name, and no id of ours', () => {
    expect(show({ author: { type: 'agent', id: 'desk_1', name: 'Maya' } }).from).toEqual({
      id: 'agent',
      name: 'Maya',
      role: 'bot',
    });
    expect(
      JSON.stringify(show({ author: { type: 'system', id: 'svc_1', name: '' }, custom: { customparam1: 'x' } })),
    ).not.toMatch(/svc_1|conv_1|customparam/);
  });

  it('of the customer has the id by which the client calls them', () => {
    expect(show({ author: ADA }, { ...LINE, address: 'web-abc', userId: 'me' }).from.id).toBe('me');
    expect(show({ author: ADA }, { ...LINE, address: 'web-abc', userId: null }).from.id).toBe('web-abc');
  });

  it.each([
    ['no client id', '', undefined],
    ['one that we made', 'dl_user-42|~b4c1', undefined],
    ['the widget', 'web-abc|0198-c0de', { clientActivityID: '0198-c0de' }],
  ])('with %s', (_, externalId, channelData) => {
    expect(show({ author: ADA, externalId }).channelData).toEqual(channelData);
  });

  it('of a pressed button shows its words, or nothing when it has none', () => {
    const pressed = { author: ADA, kind: 'postback', payload: 'YES' } as const;
    expect(show(pressed)).toMatchObject({ value: 'YES', channelData: { postBack: true } });
    expect(show({ ...pressed, title: 'Yes' })).toMatchObject({
      value: 'YES',
      text: 'Yes',
      channelData: { messageBack: { displayText: 'Yes' } },
    });
  });

  it.each([
    [
      { url: 'https://a.example/1.gif?x=1', type: 'image' },
      { contentType: 'image/gif', contentUrl: 'https://a.example/1.gif?x=1' },
    ],
    [
      { url: 'https://a.example/1', type: 'image' },
      { contentType: 'image/png', contentUrl: 'https://a.example/1' },
    ],
    [
      { url: 'https://a.example/1', type: 'video' },
      { contentType: 'video/mp4', contentUrl: 'https://a.example/1' },
    ],
    [
      { url: 'https://a.example/1', type: 'file' },
      { contentType: 'application/octet-stream', contentUrl: 'https://a.example/1' },
    ],
    [
      { url: 'media:med_1', type: 'application/pdf', name: 'offer.pdf' },
      { contentType: 'application/pdf', contentUrl: 'https://chat.example.com/media/med_1', name: 'offer.pdf' },
    ],
    [
      { url: '', type: 'image/png' },
      { contentType: 'image/png', contentUrl: null },
    ],
  ])('shows %j as %j', (medium, attachment) => {
    expect(show({ media: [medium] }).attachments).toEqual([attachment]);
  });
});

describe('an event of the stream', () => {
  const author = { type: 'agent', name: 'Maya' } as const;
  const maya = { id: 'agent', name: 'Maya', role: 'bot' };
  const cases: [StreamItem, object | null][] = [
    [
      { event: 'typing', data: { on: true, author } },
      { type: 'typing', from: maya },
    ],
    [{ event: 'typing', data: { on: false, author } }, null],
    [
      { event: 'conversation', cursor: '9', data: { status: 'accepted', agent: 'Maya' } },
      { type: 'conversationUpdate', id: `${LINE.id}|c9`, membersAdded: [maya] },
    ],
    [
      { event: 'conversation', cursor: '12', data: { status: 'closed', agent: 'Maya' } },
      { type: 'conversationUpdate', id: `${LINE.id}|c12`, membersRemoved: [maya] },
    ],
    [{ event: 'receipt', cursor: '9', data: { message_id: 'msg_1', status: 'read' } }, null],
    [{ event: 'ticks', data: { delivered_turn: 1, read_turn: 1 } }, null],
    [{ event: 'holder', data: { type: 'bot', name: 'Shop bot' } }, null],
  ];
  it.each(cases)('%j is shown as %j', (item, expected) => {
    const shown = showItem(LINE, item, linked, AT);
    if (expected === null) expect(shown).toBeNull();
    else expect(shown).toMatchObject(expected);
  });
});
