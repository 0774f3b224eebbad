// What Telegram posts: every official kind and what it becomes, who may post, and what is no update at all.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asset, request } from '../../wire/fixtures/samples.ts';
import { telegramChannel } from './adapter.ts';
import { config, fixtures, SECRET, signed } from './fixtures/signed.ts';

const here = asset({ channel: 'telegram', config });
const read = (body: unknown, headers = signed(Buffer.of()).headers) =>
  telegramChannel.read(here, request(body, headers));
const chat = { id: 5550100, type: 'private', first_name: 'Customer' };
const message = (more: object) => ({ update_id: 1, message: { message_id: 1, chat, date: 1750930215, ...more } });
const first = (body: unknown) => {
  const result = read(body);
  return result.ok ? result.items[0] : undefined;
};

describe('an update', () => {
  it.each(fixtures)('$name is read as recorded', ({ fixture }) => {
    const { update, items, ignored = 0, answer } = fixture;
    const result = read(update);
    expect(result).toMatchObject({ ok: true, items, ignored, batch: true });
    expect(result.ok && result.items).toEqual(items);
    const said = result.ok ? result.answer : undefined;
    expect(said === undefined ? undefined : { ...said, body: JSON.parse(said.body) }).toEqual(
      answer && { status: 200, type: 'application/json', body: answer },
    );
  });

  it('has a fixture of each kind that is asked for', () => {
    const kinds = new Set(fixtures.flatMap(({ fixture }) => Object.keys(fixture.update)));
    for (const kind of ['message', 'edited_message', 'callback_query', 'message_reaction', 'my_chat_member']) {
      expect(kinds).toContain(kind);
    }
  });

  it('that comes again has the same key', () => {
    for (const { fixture } of fixtures) expect(read(fixture.update)).toEqual(read(fixture.update));
  });

  it('and another one another key', () => {
    const keys = fixtures.flatMap(({ fixture }) =>
      fixture.items.map((input) => ('externalId' in input ? input.externalId : '')),
    );
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('who may post', () => {
  const body = fixtures[0]?.fixture.update;
  it.each([
    ['nobody without the header', {}],
    ['nobody with an empty one', { 'x-telegram-bot-api-secret-token': '' }],
    ['nobody with another', { 'x-telegram-bot-api-secret-token': `${SECRET}x` }],
    ['nobody with a part of it', { 'x-telegram-bot-api-secret-token': SECRET.slice(0, -1) }],
    ['nobody with a bearer token', { authorization: `Bearer ${SECRET}` }],
  ])('%s', (_, headers: Record<string, string>) => {
    expect(read(body, headers)).toMatchObject({ ok: false, status: 401, code: 'bad_signature' });
  });

  it.each([[{}], [{ secret_token: '' }], [{ secret_token: 5 }], [{ secret_token: null }]])(
    'nobody while the channel has no secret: %j',
    (without) => {
      const bare = asset({ channel: 'telegram', config: { token: config.token, ...without } });
      for (const given of ['', '5', 'null', 'undefined']) {
        const headers = { 'x-telegram-bot-api-secret-token': given };
        expect(telegramChannel.read(bare, request(body, headers))).toMatchObject({ ok: false, status: 401 });
      }
    },
  );
});

describe('what is no update', () => {
  it.each([
    ['nothing', Buffer.of(), 400],
    ['no JSON', Buffer.from('{"update_id":1'), 400],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 400],
    ['a list', Buffer.from('[]'), 422],
    ['null', Buffer.from('null'), 422],
    ['no number', Buffer.from('{"message":{}}'), 422],
    ['a number that is a text', Buffer.from('{"update_id":"1"}'), 422],
    ['too large', Buffer.alloc(1_048_577, 0x20), 413],
  ])('%s is refused', (_, body, status) => expect(read(body)).toMatchObject({ ok: false, status }));

  it.each([
    ['of nobody', { update_id: 1, message: { message_id: 1, date: 1, text: 'x' } }],
    ['without a number', message({ message_id: '1', text: 'x' })],
    ['of a chat that is no number', message({ chat: { ...chat, id: '5550100' }, text: 'x' })],
    ['of a group', message({ chat: { id: -5, type: 'group' }, text: 'x' })],
    ['of a private chat with the number of a group', message({ chat: { ...chat, id: -5 }, text: 'x' })],
    ['that is a list', { update_id: 1, message: [] }],
    ['that is not there', { update_id: 1 }],
  ])('a message %s is counted and nothing else', (_, body) => {
    expect(read(body)).toEqual({ ok: true, items: [], ignored: 1, batch: true });
  });
});

describe('a message', () => {
  it.each([
    ['a photo without sizes', { photo: [] }, 'photo'],
    ['a file whose id would be a path', { document: { file_id: '../../etc/passwd' } }, 'document'],
    ['a file whose id is too long', { voice: { file_id: 'a'.repeat(501) } }, 'voice'],
    ['a place beyond the earth', { location: { latitude: 91, longitude: 0 } }, 'location'],
    ['a contact without a number', { contact: { first_name: 'A' } }, 'contact'],
    ['a kind of tomorrow', { hologram: {} }, 'hologram'],
    ['nothing at all', {}, 'message'],
  ])('with %s is kept as one of an unknown kind', (_, more, kind) => {
    expect(first(message(more))).toMatchObject({
      type: 'customer',
      kind: 'message',
      message: { type: 'text', text: `[${kind}]`, media: [], details: { unknown: kind } },
    });
  });

  it('of an unknown kind has its caption', () =>
    expect(first(message({ hologram: {}, caption: 'Look' }))).toMatchObject({ message: { text: 'Look' } }));

  it('is cut and cleaned, so that every store can hold it', () => {
    const text = `a\0${'x'.repeat(70_000)}`;
    const input = first(message({ text }));
    expect(input).toMatchObject({ message: { type: 'text', text: `a\ufffd${'x'.repeat(65_534)}` } });
  });

  it.each([
    [{ first_name: 'A', last_name: 'B', username: 'c' }, 'A B'],
    [{ username: 'c' }, 'c'],
    [{ first_name: 'x'.repeat(300) }, 'x'.repeat(256)],
  ])('is from %j', (who, name) =>
    expect(
      first({ update_id: 1, message: { message_id: 1, chat: { id: 5, type: 'private', ...who }, text: 'a' } }),
    ).toMatchObject({ name }),
  );

  it('without a name or a time has none', () => {
    const input = first({
      update_id: 1,
      message: { message_id: 1, chat: { id: 5, type: 'private' }, date: -1, text: 'a' },
    });
    expect(input).not.toHaveProperty('name');
    expect(input).not.toHaveProperty('sentAt');
  });
});

describe('noise', () => {
  const odd = fc.oneof(
    fc.anything({ maxDepth: 2 }).filter((value) => JSON.stringify(value) !== undefined),
    fc.constantFrom(null, '', -1, 1e308, [], {}, 'x'.repeat(100_000), '\ud800', [[[[[]]]]]),
  );
  /** One piece of an update, anywhere in it, replaced by something else. */
  function mutated(value: unknown, path: number[], by: unknown): unknown {
    if (typeof value !== 'object' || value === null) return by;
    const entries = Object.entries(value);
    const [at = 0, ...rest] = path;
    const chosen = entries[at % Math.max(entries.length, 1)];
    if (chosen === undefined) return by;
    const inner = rest.length === 0 ? by : mutated(chosen[1], rest, by);
    return Array.isArray(value)
      ? value.map((item, index) => (String(index) === chosen[0] ? inner : item))
      : { ...value, [chosen[0]]: inner };
  }

  it('never throws, and gives nothing that a store could not hold', () => {
    const updates = fixtures.map(({ fixture }) => fixture.update);
    const path = fc.array(fc.nat(30), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.constantFrom(...updates), path, odd, (update, where, by) => {
        const result = read(mutated(update, where, by));
        if (!result.ok) return;
        for (const input of result.items) {
          expect(JSON.stringify(input).length).toBeLessThan(80_000);
          expect(JSON.stringify(input)).not.toMatch(/\\u0000|\\ud[89a-f]/);
          if ('address' in input) expect(input.address).toMatch(/^\d+$/);
          if ('externalId' in input) expect(input.externalId).toMatch(/^[^\p{Cc}\p{Cs}]{1,256}$/u);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
