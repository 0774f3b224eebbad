// Every input is hostile: each malformed field of each hook is named in a 4xx problem, never a 5xx, nothing of it is
// kept and nothing of it reaches anybody.
import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, call, calm, type Loose, until } from '../parties/call.ts';
import { sharedBox } from '../parties/shared.ts';
import type { DeskLine, Line, World } from '../parties/world.ts';

type Case = [field: string, change: Loose];
const NUL = 'a\u0000b';
/** nesting that would overflow a naive walk */
const DEEP = JSON.parse(`${'['.repeat(3_000)}${']'.repeat(3_000)}`);

describe('Malformed input', () => {
  const place = sharedBox();
  let world: World;
  let line: Line;
  let desked: DeskLine;
  beforeAll(async () => {
    world = await place.world();
    line = await world.meet();
    desked = await world.accepted();
  });

  /** a 4xx problem that names the field; and nothing happened */
  async function refused(answer: Answer, field: string): Promise<void> {
    expect(answer.status, answer.text).toBe(422);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    const named = (answer.body.errors ?? []).map((error: Loose) =>
      String(error.pointer).toLowerCase().replace(/_/g, ''),
    );
    expect(named.join(' '), answer.text).toContain(field.toLowerCase().replace(/_/g, ''));
  }

  describe('of the HTTP channel', () => {
    const good = { type: 'message', id: 'm-1', from: { address: 'bad-1' }, message: { type: 'text', text: 'hello' } };
    const cases: Case[] = [
      ['type', { type: 'telepathy' }],
      ['type', { type: undefined }],
      ['id', { id: undefined }],
      ['id', { id: 7 }],
      ['id', { id: '' }],
      ['id', { id: 'x'.repeat(5_000) }],
      ['from', { from: undefined }],
      ['from', { from: 'bad-1' }],
      ['from/address', { from: {} }],
      ['from/address', { from: { address: '' } }],
      ['from/address', { from: { address: ['a'] } }],
      ['from/address', { from: { address: 'x'.repeat(5_000) } }],
      ['from/name', { from: { address: 'bad-1', name: { first: 'x' } } }],
      ['message', { message: undefined }],
      ['message', { message: 'hello' }],
      ['message/type', { message: { text: 'hello' } }],
      ['message/type', { message: { type: 'smell', text: 'hello' } }],
      ['message/text', { message: { type: 'text', text: 7 } }],
      ['message/text', { message: { type: 'text' } }],
      ['message/text', { message: { type: 'text', text: DEEP } }],
      ['message/media', { message: { type: 'image', media: 'https://media.example/1' } }],
      ['message/media/0/url', { message: { type: 'image', media: [{ type: 'image/png' }] } }],
      [
        'message/media/0/url',
        { message: { type: 'image', media: [{ url: 'javascript:alert(1)', type: 'image/png' }] } },
      ],
      ['message/media/0/url', { message: { type: 'image', media: [{ url: 'not a url', type: 'image/png' }] } }],
      ['timestamp', { timestamp: { at: 1 } }],
    ];
    it.each(cases)('message: %s %j', async (field, change) => {
      await refused(await world.channel.post({ ...good, ...change }), field);
    });

    it.each<Case>([
      ['payload', { payload: undefined }],
      ['payload', { payload: 7 }],
      ['title', { title: [] }],
      ['from', { from: null }],
    ])('postback: %s %j', async (field, change) => {
      const body = { type: 'postback', id: 'p-1', from: { address: 'bad-1' }, payload: 'X', ...change };
      await refused(await world.channel.post(body), field);
    });

    it.each<Case>([
      ['message_id', { message_id: undefined }],
      ['message_id', { message_id: 7 }],
      ['status', { status: 'lost' }],
      ['status', { status: undefined }],
      ['description', { description: {} }],
    ])('receipt: %s %j', async (field, change) => {
      const body = { type: 'receipt', message_id: 'msg_1', status: 'read', ...change };
      await refused(await world.channel.post(body), field);
    });

    it.each(['"text"', '7', 'true', 'null'])('as %s and no object is refused', async (body) => {
      const answer = await world.channel.post(body);
      expect([400, 422]).toContain(answer.status);
    });
  });

  describe('of a bot', () => {
    it.each<Case>([
      ['eventid', { eventid: undefined }],
      ['eventid', { eventid: '9999' }],
      ['eventid', { eventid: 1.5 }],
      ['eventid', { eventid: {} }],
      ['conversation_id', { conversation_id: undefined }],
      ['conversation_id', { conversation_id: 7 }],
      ['message', { message: undefined }],
      ['message', { message: 7 }],
      ['message', { message: ['hello'] }],
      ['Messagetype', { Messagetype: 'smell' }],
      ['Messagetype', { Messagetype: 7 }],
      ['media', { media: 'https://media.example/1' }],
      ['media', { media: [{ url: 'file:///etc/passwd', type: 'image/png' }] }],
      ['media', { media: [7] }],
      ['quick_replies', { quick_replies: 'Yes' }],
      ['quick_replies', { quick_replies: [{ payload: 'no title' }] }],
      ['epoch', { epoch: 'three' }],
      ['epoch', { epoch: -1.5 }],
      ['messageid', { messageid: {} }],
      ['customparam1', { customparam1: { deep: DEEP } }],
    ])('message: %s %j', async (field, change) => {
      const body = { eventid: '1001', conversation_id: line.conversation, message: 'malformed', ...change };
      await refused(await world.bot.post(body), field);
    });

    it.each<Case>([
      ['desk_id', { eventid: 1002, desk_id: 7 }],
      ['reason', { eventid: 1002, reason: [] }],
      ['on', { eventid: 1008, on: 'yes please' }],
      ['name', { eventid: 1004, name: 7 }],
    ])('other events: %s %j', async (field, change) => {
      await refused(await world.bot.post({ conversation_id: line.conversation, ...change }), field);
    });

    it.each(['', '{', 'eventid=1001', '[]', '"1001"', 'null', '{"a":1}{'])('as %j is refused', async (body) => {
      const answer = await world.bot.post(body);
      expect([400, 422]).toContain(answer.status);
    });
  });

  describe('of a desk', () => {
    it.each<[string, string, Loose]>([
      ['type', 'conversation.exploded', {}],
      [
        'conversation_id',
        'message.sent',
        { conversation_id: undefined, agent: 'a', message: { type: 'text', text: 'x' } },
      ],
      ['conversation_id', 'message.sent', { conversation_id: 7, agent: 'a', message: { type: 'text', text: 'x' } }],
      ['message', 'message.sent', { agent: 'a' }],
      ['message', 'message.sent', { agent: 'a', message: 'malformed' }],
      ['text', 'message.sent', { agent: 'a', message: { type: 'text', text: 7 } }],
      ['message/type', 'message.sent', { agent: 'a', message: { type: 'smell', text: 'malformed' } }],
      ['wait_s', 'conversation.queued', { wait_s: 'long' }],
      ['to', 'conversation.transferred', { reason: 'x' }],
      ['to', 'conversation.transferred', { to: 7, reason: 'x' }],
      ['epoch', 'conversation.closed', { reason: 'x', epoch: 'old' }],
      ['on', 'typing', { on: 'yes' }],
    ])('%s in %s %j', async (field, type, data) => {
      await refused(await world.desk.tell(type, desked.deskConversation, data), field);
    });
  });

  it('of odd characters is kept and passed on as it is, or refused, and never breaks anything', async () => {
    const odd = [
      '\u202e right to left',
      '👩‍👩‍👧‍👦',
      'e\u0301',
      '\ud800 lone',
      "'; DROP TABLE messages; --",
      '<script>alert(1)</script>',
    ];
    for (const text of [...odd, NUL]) {
      const address = world.newcomer();
      const answer = await world.channel.says(address, text);
      expect(answer.status).toBeLessThan(500);
    }
    const { address } = await world.meet();
    const whole = odd.filter((each) => !each.includes('lone'));
    for (const text of whole) await world.says(address, text);
    await until('the bot hears all', () => world.bot.words(address).length > whole.length);
    expect(world.bot.words(address).slice(1)).toEqual(whole);
  });

  it('of forbidden prototype names changes nothing but its own message', async () => {
    const body = `{"eventid":"1001","conversation_id":"${line.conversation}","message":"fine","__proto__":{"admin":true},"constructor":{"prototype":{"x":1}}}`;
    expect((await world.bot.post(body)).status).toBeLessThan(500);
    expect((await place.box.api('GET', '/services')).status).toBe(200);
  });

  it('of it all, nothing was kept, nothing reached anybody, and nothing broke', async () => {
    await calm();
    expect(world.channel.texts(line.address).filter((text) => text !== 'fine')).toEqual([]);
    expect(world.channel.texts(desked.address)).toEqual([]);
    expect(world.bot.heard('bad-1')).toEqual([]);
    const threads = (await place.box.must('GET', '/threads?limit=100')).data;
    expect(JSON.stringify(threads)).not.toContain('bad-1');
    expect(await world.holder(desked.thread)).toEqual({ type: 'desk', id: world.desk.id });
    expect((await call('GET', `${place.box.base}/health/ready`)).status).toBe(200);
    expect(place.box.logs()).not.toMatch(/unhandled|TypeError|RangeError/i);
  });
});
