// The recorded payloads: what is posted is read as meant, and what is shown is shown so; and what is never shown.
// Not here: the requests around them (test/flows/web-chat.test.ts).
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Said, ThreadRow } from '../../engine/store-port.ts';
import type { DeskShare, ThreadState, World } from '../../routing/model.ts';
import { checkConfig, settingsOf } from './config.ts';
import { readReceipts, readSession, readUtterances } from './said.ts';
import { externalIdOf, holderOf, showMessage, ticksOf } from './wire.ts';

const recorded = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8'));
const config = recorded('config') as Record<string, unknown>;

const said = (more: Partial<Said['message']>): Said => ({
  ord: 1042,
  message: {
    id: 'msg_01k2v7m4q8e9p0r1s2t3v4w5x6',
    threadId: 'thr_secret',
    seq: 2,
    turn: null,
    kind: 'message',
    author: { type: 'bot', id: 'bot_secret', name: 'Shop bot' },
    conversationId: 'conv_secret',
    type: 'text',
    text: 'It left our house this morning.',
    media: [],
    quickReplies: [{ title: 'Track it', payload: 'TRACK:4711' }, { title: 'Thanks' }],
    custom: { customparam1: 'secret' },
    at: 1790000001500,
    receipt: null,
    ...more,
  },
});
const asIs = <T>(medium: T): T => medium;

describe('what a customer posts', () => {
  it('is read as it is recorded', () => {
    const read = readUtterances(recorded('posted-messages'));
    expect(read).toMatchObject({
      ok: true,
      value: [
        { clientId: '0198c2a4-7d3e', kind: 'message', text: 'Where is my order?', media: [], sentAt: 1790000000000 },
        { clientId: '0198c2a4-9b10', kind: 'message', media: ['med_01k2v7m4q8e9p0r1s2t3v4w5x6'] },
        { clientId: '0198c2a4-c0de', kind: 'postback', payload: 'TRACK:4711', title: 'Track it' },
      ],
    });
  });

  it.each([
    [{}, ['']],
    [[], ['']],
    [[{ type: 'message', text: 'x' }], ['/0/id']],
    [[{ id: 'a b', type: 'message', text: 'x' }], ['/0/id']],
    [[{ id: 'a|b', type: 'message', text: 'x' }], ['/0/id']],
    [[{ id: 'a', type: 'message' }], ['/0/text']],
    [[{ id: 'a', type: 'message', text: '  ' }], ['/0/text']],
    [[{ id: 'a', type: 'message', text: 5 }], ['/0/text']],
    [[{ id: 'a', type: 'postback' }], ['/0/payload']],
    [[{ id: 'a', type: 'postback', payload: '' }], ['/0/payload']],
    [[{ id: 'a', type: 'receipt' }], ['/0/type']],
    [[{ id: 'a', type: 'message', media: ['x'.repeat(65)] }], ['/0/media/0']],
    [[{ id: 'a', type: 'message', media: Array(11).fill('med_1') }], ['/0/media']],
  ])('%j is refused at %j', (body, pointers) => {
    const read = readUtterances(body);
    expect(read.ok ? [] : read.errors.map(({ pointer }) => pointer)).toEqual(pointers);
  });

  it('comes out as something every store can hold', () => {
    const read = readUtterances([{ id: 'a', type: 'message', text: 'a\u0000b\ud800c' }]);
    expect(read).toMatchObject({ value: [{ text: 'a\ufffdb\ufffdc' }] });
  });

  it('of sessions and receipts is refused by its fields', () => {
    expect(readSession({ identity: { id: 'x' } })).toMatchObject({ errors: [{ pointer: '/identity/hmac' }] });
    expect(readReceipts({ message_ids: ['a'], status: 'failed' })).toMatchObject({ errors: [{ pointer: '/status' }] });
  });
});

describe('what a customer is shown', () => {
  it('of others is as it is recorded, without ids, conversations and parameters of the house', () => {
    const shown = showMessage(said({}), asIs);
    expect(shown).toEqual(recorded('stream-message'));
    expect(JSON.stringify(shown)).not.toContain('secret');
  });

  it('of themselves is as it is recorded, with the id that their page gave it', () => {
    const own = said({
      id: 'msg_01k2v7m4q8e9p0r1s2t3v4w5x7',
      turn: 2,
      kind: 'postback',
      author: { type: 'customer', id: null, name: 'Ada' },
      text: '',
      quickReplies: [],
      payload: 'TRACK:4711',
      title: 'Track it',
      externalId: externalIdOf('web-a|b', '0198c2a4-c0de'),
      at: 1790000002000,
    });
    expect(showMessage({ ...own, ord: 1045 }, asIs)).toEqual(recorded('stream-own-message'));
  });
});

const bot = { type: 'bot', id: 'bot_1', conversationId: 'conv_1', since: 0, ruleId: null, standInFor: null } as const;
const none = { type: 'none', since: 0 } as const;
const desk = (phase: DeskShare['phase'], acked = 0) => ({ phase, agent: phase === 'accepted' ? 'Maya' : null, acked });
const thread = (more: object): ThreadRow =>
  ({
    holder: none,
    desk: null,
    limbo: '',
    bots: [{ conversationId: 'conv_1', acked: 3 }],
    answered: 2,
    ...more,
  }) as ThreadState as ThreadRow;
const world = { bots: new Map([['bot_1', { name: 'Shop bot' }]]) } as unknown as World;

describe('who answers', () => {
  it.each([
    ['nobody yet', null, 'none', ''],
    ['a bot', thread({ holder: bot }), 'bot', 'Shop bot'],
    ['a human who was asked', thread({ holder: bot, desk: desk('offered') }), 'waiting', ''],
    ['a human who has others first', thread({ desk: desk('queued') }), 'waiting', ''],
    ['an agent', thread({ desk: desk('accepted') }), 'agent', 'Maya'],
    ['nobody, and somebody should', thread({ limbo: 'needs_person' }), 'waiting', ''],
    ['nobody, and nobody must', thread({}), 'none', ''],
  ])('%s', (_what, of, type, name) => {
    expect(holderOf(of, world)).toEqual({ type, name });
  });

  it.each([
    ['a bot that took more than was answered', thread({ holder: bot }), 3, 2],
    ['an agent', thread({ holder: bot, desk: desk('accepted', 1) }), 2, 2],
    ['an agent who took all', thread({ desk: desk('accepted', 9) }), 9, 2],
    ['nobody', thread({}), 2, 2],
    ['no thread', null, 0, 0],
  ])('and how far words got: %s', (_what, of, delivered_turn, read_turn) => {
    expect(ticksOf(of)).toEqual({ delivered_turn, read_turn });
  });
});

describe('a config', () => {
  it('is taken as it is recorded, and gives the page all but the origins', () => {
    const checked = checkConfig(config);
    if (!checked.ok) throw new Error('refused');
    const settings = settingsOf({ config: checked.config } as Parameters<typeof settingsOf>[0]);
    expect(settings).toMatchObject({ title: 'Ask the shop', theme: { accent: '#0a7d5a', background: '' } });
    expect(JSON.stringify(settings)).not.toContain('example.com/');
    expect(settings).not.toHaveProperty('allowed_origins');
  });

  it('may leave everything out', () => {
    expect(checkConfig({})).toMatchObject({ ok: true, config: { allowed_origins: [], title: 'Chat' } });
  });

  it.each([
    [{ allowed_origins: ['*'] }, '/config/allowed_origins/0'],
    [{ allowed_origins: ['https://a.example/'] }, '/config/allowed_origins/0'],
    [{ allowed_origins: ['https://A.example'] }, '/config/allowed_origins/0'],
    [{ allowed_origins: ['null'] }, '/config/allowed_origins/0'],
    [{ fallback_url: 'javascript:alert(1)' }, '/config/fallback_url'],
    [{ fallback_url: 'data:text/html,x' }, '/config/fallback_url'],
    [{ theme: { accent: 'url(//x)' } }, '/config/theme/accent'],
    [{ theme: { radius: 500 } }, '/config/theme/radius'],
    [{ theme: { unknown: 1 } }, '/config/theme/unknown'],
    [{ locale: '../x' }, '/config/locale'],
    [{ title: 'x'.repeat(61) }, '/config/title'],
    [{ secret: 'x' }, '/config/secret'],
    ['x', '/config'],
  ])('%j is refused at %s', (given, pointer) => {
    const checked = checkConfig(given);
    expect(checked.ok ? '' : checked.errors[0]?.pointer).toBe(pointer);
  });
});
