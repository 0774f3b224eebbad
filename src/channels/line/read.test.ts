// What LINE posts: every kind and what it becomes, who may post, and that nothing hostile gets past or throws.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReadResult } from '../../engine/ports.ts';
import type { Input } from '../../routing/inputs.ts';
import { asset, request } from '../../wire/fixtures/samples.ts';
import { lineChannel } from './adapter.ts';
import { config, fixtures, SECRET, samples, signed } from './fixtures/signed.ts';

const here = asset({ channel: 'line', config });
const bytes = (body: unknown): Buffer => (Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body) ?? ''));
const read = (body: unknown, headers = signed(bytes(body)).headers): ReadResult<Input> =>
  lineChannel.read(here, request(bytes(body), headers));
const itemsOf = (result: ReadResult<Input>): Input[] => (result.ok ? result.items : []);

const source = { type: 'user', userId: `U${'a'.repeat(32)}` };
const event = (id: string, more: Record<string, unknown> = {}) => ({
  type: 'message',
  webhookEventId: `01${id}`,
  deliveryContext: { isRedelivery: false },
  timestamp: 1750930215250,
  mode: 'active',
  source,
  message: { type: 'text', id, text: 'hello' },
  ...more,
});
const batch = (...events: unknown[]) => ({ destination: `U${'0'.repeat(32)}`, events });

describe('a webhook', () => {
  it.each(fixtures)('$name is read as recorded', ({ fixture }) => {
    const result = read(fixture.body);
    expect(result).toEqual({ ok: true, items: fixture.items, ignored: fixture.ignored ?? 0, batch: true });
  });

  it('has a fixture of each kind of input, and of each message that LINE describes', () => {
    const kinds = new Set(fixtures.flatMap(({ fixture }) => fixture.items.map((item) => item.type)));
    expect([...kinds].sort()).toEqual(['customer', 'remark', 'sign']);
    const told = JSON.stringify(fixtures);
    for (const type of ['text', 'image', 'video', 'audio', 'file', 'location', 'sticker']) {
      expect(told).toContain(`"message":{"type":"${type}"`);
    }
  });

  it('that comes again has the same keys, and each event a key of its own', () => {
    const items = fixtures.filter(({ name }) => name !== 'batch').flatMap(({ fixture }) => fixture.items);
    const keys = items.map((item) => ('externalId' in item ? item.externalId : ''));
    expect(new Set(keys).size).toBe(keys.length);
    const [once, again] = [event('7'), { ...event('7'), deliveryContext: { isRedelivery: true } }];
    expect(read(batch(again))).toEqual(read(batch(once)));
  });

  it('with a thousand events keeps their order, and loses none to a bad one; more are refused', () => {
    const events = Array.from({ length: 999 }, (_, index) => event(String(index)));
    const result = read(batch(...events, 5));
    expect(result).toMatchObject({ ok: true, ignored: 1 });
    expect(itemsOf(result).map((item) => (item.type === 'customer' ? item.externalId : ''))).toEqual(
      events.map(({ message }) => message.id),
    );
    expect(read(batch(...events, 5, 5))).toMatchObject({ ok: false, status: 413 });
  });

  it('of groups and rooms, of nobody, and without an id means nothing', () => {
    const none = [
      event('1', { source: { type: 'group', groupId: 'C1', userId: source.userId } }),
      event('2', { source: { type: 'room', roomId: 'R1' } }),
      event('3', { source: { type: 'user' } }),
      event('4', { source: null }),
      event('5', { webhookEventId: '' }),
      event('6', { type: 7 }),
    ];
    expect(read(batch(...none))).toEqual({ ok: true, items: [], ignored: 6, batch: true });
  });

  it.each([
    ['a place that is none', { type: 'location', id: '1', latitude: 91, longitude: 0 }, { unknown: 'location' }],
    ['a message of no kind', { id: '1' }, { unknown: 'message' }],
    ['a picture without an id', { type: 'image', id: '../../info' }, { unknown: 'image' }],
    ['nothing', null, { unknown: 'message' }],
  ])('with %s shows that there was something', (_, message, details) => {
    expect(itemsOf(read(batch(event('1', { message }))))).toMatchObject([
      { message: { type: 'text', text: '', details } },
    ]);
  });

  it('says when it was said, where it is a time', () => {
    for (const timestamp of ['now', -1, 1e300, null]) {
      expect(itemsOf(read(batch(event('1', { timestamp }))))[0]).not.toHaveProperty('sentAt');
    }
  });
});

describe('who may post', () => {
  const body = bytes(batch(event('1')));
  const { 'x-line-signature': good = '' } = signed(body).headers;
  it.each([
    ['nobody', {}],
    ['an empty signature', { 'x-line-signature': '' }],
    ['another signature', { 'x-line-signature': signed(bytes(batch(event('2')))).headers['x-line-signature'] ?? '' }],
    ['one with more behind it', { 'x-line-signature': `${good}x` }],
    ['one with blanks in it', { 'x-line-signature': `${good.slice(0, 5)} ${good.slice(5)}` }],
    ['hexadecimal', { 'x-line-signature': Buffer.from(good, 'base64').toString('hex') }],
    ['the secret itself', { 'x-line-signature': SECRET }],
  ])('not %s', (_, headers) => {
    expect(read(body, headers)).toMatchObject({ ok: false, status: 401, code: 'bad_signature' });
  });

  it('nobody whose body was written anew, or while no secret is known', () => {
    const again = bytes(JSON.stringify(JSON.parse(body.toString()), null, 1));
    expect(read(again, { 'x-line-signature': good })).toMatchObject({ ok: false, status: 401 });
    const without = asset({ channel: 'line', config: { ...config, channel_secret: '' } });
    expect(lineChannel.read(without, request(body, { 'x-line-signature': good }))).toMatchObject({ status: 401 });
  });
});

describe('whatever is posted', () => {
  it.each([
    ['no JSON', Buffer.from('{'), 400],
    ['nothing', Buffer.alloc(0), 400],
    ['too much', Buffer.alloc(1_048_577, 0x20), 413],
  ])('%s is refused', (_, body, status) => expect(read(body)).toMatchObject({ ok: false, status }));

  it.each([[{}], [{ events: null }], [{ events: {} }], [{ events: 'x' }]])('%j has no events', (body) => {
    expect(read(body)).toEqual({ ok: true, items: [], ignored: 0, batch: true });
  });

  const odd = fc.oneof(fc.jsonValue(), fc.string(), fc.constantFrom('\0', '\ud800', 'x'.repeat(70_000), 1e308, -1));
  const some = (good: object, ...names: string[]) =>
    fc.dictionary(fc.constantFrom(...names), odd, { maxKeys: 2 }).map((other) => ({ ...good, ...other }));
  const messages = fc.oneof(
    ...['text', 'image', 'video', 'file', 'location', 'sticker', 'new'].map((type) =>
      some(
        { type, id: '1', text: 'a' },
        'type',
        'id',
        'text',
        'contentProvider',
        'fileName',
        'latitude',
        'longitude',
        'title',
        'keywords',
        'quotedMessageId',
        'markAsReadToken',
      ),
    ),
  );
  const events = messages.chain((message) =>
    some(
      event('1', { message, postback: { data: 'x', params: { date: 1 } }, unsend: { messageId: '1' } }),
      'type',
      'webhookEventId',
      'timestamp',
      'source',
      'mode',
      'message',
      'postback',
      'unsend',
      'follow',
    ),
  );
  const types = ['message', 'postback', 'unsend', 'follow', 'unfollow', 'beacon'];

  it('is read without a throw, one for one', () => {
    fc.assert(
      fc.property(
        fc.array(events, { maxLength: 5 }),
        fc.constantFrom(...types),
        fc.boolean(),
        (list, type, standby) => {
          const given = list.map((one) => ({ type, ...(standby ? { mode: 'standby' } : {}), ...one }));
          const result = read(batch(...given));
          expect(result.ok && result.items.length + result.ignored).toBe(given.length);
          expect(JSON.stringify(itemsOf(result))).not.toMatch(/\\u0000|\\ud[89a-f]/);
        },
      ),
    );
  });

  it('makes no postback of a button without its data', () => {
    for (const data of [undefined, '', 5, ['x']]) {
      const tapped = event('1', { type: 'postback', message: undefined, postback: { data } });
      expect(itemsOf(read(batch(tapped)))).toMatchObject([{ type: 'sign', name: 'postback' }]);
      const picked = event('1', { type: 'postback', postback: { data, params: { date: '2026-11-24' } } });
      expect(itemsOf(read(batch(picked)))).toMatchObject([{ type: 'customer', payload: '2026-11-24' }]);
    }
  });

  it('yields nothing without a signature', () => {
    fc.assert(
      fc.property(fc.array(events), fc.string(), (list, signature) => {
        expect(read(batch(...list), { 'x-line-signature': signature })).toMatchObject({ ok: false, status: 401 });
      }),
    );
  });

  it('has samples for the contract test that are taken', () => {
    for (const { body } of samples) expect(read(body)).toMatchObject({ ok: true });
  });
});
