// What Meta posts: every official kind and what it becomes, who may post, and that nothing hostile gets past or throws.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReadResult } from '../../engine/ports.ts';
import type { Input } from '../../routing/inputs.ts';
import { asset, request } from '../../wire/fixtures/samples.ts';
import { whatsappChannel } from './adapter.ts';
import { config, fixtures, NUMBER_ID, samples, signed } from './fixtures/signed.ts';

const here = asset({ channel: 'whatsapp', config });
const bytes = (body: unknown): Buffer => (Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body)));
const read = (body: unknown, more: Record<string, unknown> = {}): ReadResult<Input> =>
  whatsappChannel.read(
    asset({ channel: 'whatsapp', config: { ...config, ...more } }),
    request(bytes(body), signed(bytes(body)).headers),
  );
const callback = (value: Record<string, unknown>, field = 'messages') => ({
  object: 'whatsapp_business_account',
  entry: [{ id: '1', changes: [{ field, value: { metadata: { phone_number_id: NUMBER_ID }, ...value } }] }],
});
const text = (more: Record<string, unknown> = {}) => ({
  from: '15550100123',
  id: 'wamid.1',
  timestamp: '1750930215',
  type: 'text',
  text: { body: 'hello' },
  ...more,
});

describe('a callback', () => {
  it.each(fixtures)('$name is read as recorded', ({ fixture }) => {
    const result = read(fixture.body);
    expect(result).toMatchObject({ ok: true, ignored: fixture.ignored ?? 0, batch: true });
    expect(result.ok && result.items).toEqual(fixture.items);
  });

  it('has a fixture for each of the sixteen samples that Meta publishes, and for each kind of input', () => {
    expect(fixtures.filter(({ name }) => /^\d\d-/.test(name)).map(({ name }) => name.slice(0, 2))).toEqual(
      Array.from({ length: 16 }, (_, index) => String(index + 1).padStart(2, '0')),
    );
    const kinds = new Set(fixtures.flatMap(({ fixture }) => fixture.items.map((item) => item.type)));
    expect([...kinds].sort()).toEqual(['alias', 'control', 'customer', 'echo', 'receipt', 'remark', 'sign']);
  });

  it('that comes again has the same keys, and each event a key of its own', () => {
    for (const { fixture } of fixtures) expect(read(fixture.body)).toEqual(read(fixture.body));
    const once = fixtures.flatMap(({ fixture }) =>
      fixture.items.flatMap((item) => (item.type === 'receipt' || !('externalId' in item) ? [] : [item.externalId])),
    );
    expect(new Set(once).size).toBe(once.length);
  });

  it('with a thousand messages keeps their order', () => {
    const messages = Array.from({ length: 1000 }, (_, index) => text({ id: `wamid.${index}` }));
    const result = read(callback({ messages }));
    const ids = result.ok ? result.items.map((item) => (item.type === 'customer' ? item.externalId : '')) : [];
    expect(ids).toEqual(messages.map(({ id }) => id));
  });

  it('loses none of its messages to a bad one among them', () => {
    const bad = [
      null,
      5,
      'x',
      [],
      {},
      { id: 'wamid.x' },
      text({ id: undefined }),
      text({ from: 'nobody' }),
      text({ from: '' }),
    ];
    const result = read(callback({ messages: [text(), ...bad, text({ id: 'wamid.2' })] }));
    expect(result.ok && result.items.map((item) => item.type === 'customer' && item.externalId)).toEqual([
      'wamid.1',
      'wamid.2',
    ]);
  });

  it('gives the conversation back on a shared number, with the message that Meta sent to us alone', () => {
    const result = read(callback({ messages: [text()] }), { shared_number: true });
    expect(result.ok && result.items.map((item) => item.type)).toEqual(['control', 'customer']);
    expect(result.ok && result.items[0]).toMatchObject({ ours: true, address: '15550100123' });
    const copy = read(callback({ standby: { messages: [text()] } }, 'standby'), { shared_number: true });
    expect(copy.ok && copy.items.map((item) => item.type === 'control' && item.ours)).toEqual([false, false]);
  });
});

describe('who may post', () => {
  const body = samples[0]!.body;
  const good = signed(body).headers['x-hub-signature-256'] ?? '';
  it.each([
    ['nobody without a signature', {}],
    ['nobody with an empty one', { 'x-hub-signature-256': '' }],
    ['nobody with another', { 'x-hub-signature-256': `${good.slice(0, -1)}${good.endsWith('0') ? '1' : '0'}` }],
    ['nobody with the old one alone', { 'x-hub-signature': good }],
    [
      'nobody with the one of another body',
      { 'x-hub-signature-256': signed(Buffer.from('{}')).headers['x-hub-signature-256'] ?? '' },
    ],
  ])('%s', (_, headers: Record<string, string>) => {
    expect(whatsappChannel.read(here, request(body, headers))).toMatchObject({
      ok: false,
      status: 401,
      code: 'bad_signature',
    });
  });

  it('nobody whose body was written again, even with the same meaning', () => {
    const again = Buffer.from(JSON.stringify(JSON.parse(body.toString()), null, 1));
    expect(whatsappChannel.read(here, request(again, signed(body).headers))).toMatchObject({ ok: false, status: 401 });
  });

  it('nobody while the asset has no app secret', () => {
    for (const app_secret of [undefined, '', null, 5]) {
      const bare = asset({ channel: 'whatsapp', config: { ...config, app_secret } });
      expect(whatsappChannel.read(bare, request(body, signed(body).headers))).toMatchObject({ ok: false, status: 401 });
    }
  });
});

describe('the proof of the address', () => {
  const ask = (query: Record<string, string>) =>
    whatsappChannel.handshake?.(here, { ...request(Buffer.of()), method: 'GET', query: new URLSearchParams(query) });
  const right = { 'hub.mode': 'subscribe', 'hub.verify_token': config.verify_token, 'hub.challenge': '1158201444' };

  it('is the challenge, word for word', () => {
    expect(ask(right)).toEqual({ status: 200, type: 'text/plain', body: '1158201444' });
  });

  it('is not given for another word, nor to somebody who asks for something else', () => {
    expect(ask({ ...right, 'hub.verify_token': 'guess' })).toMatchObject({ status: 403 });
    expect(ask({ ...right, 'hub.verify_token': '' })).toMatchObject({ status: 403 });
    expect(ask({})).toBeNull();
  });
});

describe('what is hostile', () => {
  it.each([
    ['nothing', Buffer.of(), 400],
    ['no JSON', Buffer.from('{"object":'), 400],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 400],
    ['a list', Buffer.from('[]'), 422],
    ['null', Buffer.from('null'), 422],
    ['three megabytes and more', Buffer.alloc(3 * 1024 * 1024 + 1, 0x20), 413],
  ])('%s is refused', (_, body, status) => {
    expect(read(body)).toMatchObject({ ok: false, status });
  });

  it.each([
    ['another object', { object: 'page', entry: [] }],
    ['entries that are none', { object: 'whatsapp_business_account', entry: 'x' }],
    ['changes that are none', { object: 'whatsapp_business_account', entry: [{ changes: { 0: 1 } }] }],
    [
      'no number',
      {
        object: 'whatsapp_business_account',
        entry: [{ changes: [{ field: 'messages', value: { messages: [text()] } }] }],
      },
    ],
    ['a number that is an object', callback({ metadata: { phone_number_id: { toString: 1 } }, messages: [text()] })],
    ['ten thousand levels', Buffer.from(`${'{"entry":'.repeat(10_000)}1${'}'.repeat(10_000)}`)],
  ])('%s becomes nothing', (_, body) => {
    const result = read(body);
    expect(result).toMatchObject({ ok: true, items: [] });
  });

  it('a megabyte of text is cut to what a message may have, and a megabyte of anything else is nothing', () => {
    const long = 'x'.repeat(1_000_000);
    const result = read(
      callback({
        contacts: [{ wa_id: '15550100123', profile: { name: long } }],
        messages: [text({ text: { body: long } })],
      }),
    );
    const [item] = result.ok ? result.items : [];
    expect(item?.type === 'customer' && [item.message.text.length, item.name?.length]).toEqual([65_536, 256]);
    for (const message of [
      text({ id: long }),
      text({ from: long }),
      text({ type: long }),
      text({ context: { id: long } }),
    ]) {
      const read_ = read(callback({ messages: [message] }));
      expect(JSON.stringify(read_).length).toBeLessThan(2_000);
    }
  });

  it('names that every object has are no kinds and no fields', () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      expect(read(callback({ messages: [text({ type: name })] }, name))).toMatchObject({ ok: true, items: [] });
      expect(read(callback({ messages: [text({ type: name })] }))).toMatchObject({
        ok: true,
        items: [{ message: { details: { unknown: name } } }],
      });
      expect(read(callback({ statuses: [{ id: 'wamid.1', status: name }] }))).toMatchObject({
        ok: true,
        items: [],
        ignored: 1,
      });
    }
  });

  it('thousands of messages with thousands of contacts take no longer than their bytes do', () => {
    const number = { phone_number_id: NUMBER_ID };
    const many = <T>(make: (index: number) => T): T[] => Array.from({ length: 20_000 }, (_, index) => make(index));
    const value = {
      metadata: number,
      contacts: many((index) => ({ wa_id: String(4_000_000 + index), profile: { name: `C${index}` } })),
      messages: many((index) => ({ id: `wamid.${index}`, from: String(4_000_000 + index), type: 'text' })),
    };
    const body = { object: 'whatsapp_business_account', entry: [{ changes: [{ field: 'messages', value }] }] };
    const began = performance.now();
    const result = read(body);
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(result.ok && result.items.at(-1)).toMatchObject({ address: '4019999', name: 'C19999' });
  });

  it('wrong types anywhere in a real callback never throw, and never make an input that is none', () => {
    const anything = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom({ toString: 1 }, { valueOf: null }, { length: 5 }, '\0', '\ud800', -0, 1e308),
    );
    fc.assert(
      fc.property(fc.constantFrom(...fixtures), fc.nat(), anything, ({ fixture }, place, value) => {
        const body = structuredClone(fixture.body);
        const places = placesIn(body);
        const [holder, key] = places[place % places.length]!;
        holder[key] = value;
        const result = read(body);
        expect(result.ok).toBe(true);
        for (const item of result.ok ? result.items : []) checkInput(item);
      }),
      { numRuns: 1500 },
    );
  });
});

type Holder = Record<string | number, unknown>;
/** Every field and item of a value, with what holds it. */
function placesIn(value: unknown): [Holder, string | number][] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Holder;
  return Object.keys(holder).flatMap((key) => [[holder, key] as [Holder, string], ...placesIn(holder[key])]);
}

/** What every input may be relied on for. */
function checkInput(item: Input): void {
  if ('address' in item) expect(item.address).toMatch(/^(\d{5,20}|[A-Z]{2}\.(ENT\.)?\w{1,128})$/);
  if ('externalId' in item && item.externalId !== undefined) expect(item.externalId.length).toBeLessThanOrEqual(256);
  if (item.type === 'receipt') expect(item.messageId !== '' || item.externalId !== undefined).toBe(true);
  if (item.type !== 'customer' && item.type !== 'echo') return;
  expect(typeof item.message.text).toBe('string');
  for (const medium of item.message.media) expect(medium.url).toMatch(/^remote:[\w.-]{1,256}$/);
  if (item.type === 'customer' && item.kind === 'postback') expect(item.payload).toBeTruthy();
  expect(JSON.stringify(item)).not.toContain('\\u0000');
}
