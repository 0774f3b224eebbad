// What every channel of a real provider keeps, whatever it is called: who may post, what is no event, and that nothing
// that is posted is ever a fault of ours; first by its adapter alone, then through the real hook into a real store.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RawRequest } from '../engine/ports.ts';
import { openHouse } from '../http/fixtures/house.ts';
import type { Input } from '../routing/inputs.ts';
import { MAX_ID, MAX_TEXT } from '../wire/fields.ts';
import { asset as assetWith, NOW } from '../wire/fixtures/samples.ts';
import { proofOf, REAL, type Signed } from './fixtures/proof.ts';

const PUBLIC_URL = 'https://signalbox.example';
const ASSET_ID = 'ast_a';
const WHY_NOT: readonly number[] = [400, 401, 413, 415, 422];
const ODD: unknown[] = [null, '', 0, -1, 1e308, true, [], {}, [[]], 'x'.repeat(70_000), 'a\0b', '\ud800', { id: {} }];

const parties = await Promise.all(REAL.map(async (adapter) => ({ adapter, proof: await proofOf(adapter.channel) })));

it('is kept by every channel that is set up with fields', () => {
  const named = ['instagram', 'line', 'messenger', 'sms', 'telegram', 'whatsapp'];
  expect(parties.map(({ adapter }) => adapter.channel).sort()).toEqual(named);
  for (const { adapter, proof } of parties) {
    expect(adapter.checkConfig(proof.config)).toMatchObject({ ok: true });
    expect([adapter.channel, proof.samples.length > 5]).toEqual([adapter.channel, true]);
  }
});

/** Bodies that say nothing, however well they are signed. */
const EMPTY: [string, Buffer][] = [
  ['nothing', Buffer.of()],
  ['a list', Buffer.from('[]')],
  ['null', Buffer.from('null')],
  ['an object', Buffer.from('{}')],
  ['a number', Buffer.from('17')],
  ['a text', Buffer.from('"hello"')],
  ['half of an object', Buffer.from('{"object":"page","entry":[{')],
  ['bytes that are no UTF-8', Buffer.from([0xff, 0xfe, 0x00, 0x7b])],
  ['ten thousand lists in each other', Buffer.from('['.repeat(10_000) + ']'.repeat(10_000))],
  ['ten thousand objects in each other', Buffer.from(`${'{"entry":'.repeat(10_000)}1${'}'.repeat(10_000)}`)],
  ['a text of a megabyte', Buffer.from(JSON.stringify('x'.repeat(1_000_000)))],
  ['a name of a megabyte', Buffer.from(JSON.stringify({ ['x'.repeat(1_000_000)]: 1 }))],
  [
    'a hundred thousand things',
    Buffer.from(JSON.stringify({ entry: Array(100_000).fill(1), events: Array(100_000).fill({}) })),
  ],
  ['the prototype', Buffer.from('{"__proto__":{"entry":[]},"constructor":{"prototype":1}}')],
];

/** The same said in other bytes, and something else said. */
function changed(body: Buffer): Buffer[] {
  const text = body.toString('utf8');
  const json = parsed(text);
  return [
    Buffer.concat([body, Buffer.from(' ')]),
    Buffer.from(text.replace(/\d/, (digit) => String((Number(digit) + 1) % 10))),
    ...(json === undefined ? [] : [Buffer.from(JSON.stringify(json, null, 1))]),
  ].filter((other) => !other.equals(body));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A body with one piece of it, anywhere, replaced: of JSON a value, of a form a parameter. */
function bent(body: Buffer, path: number[], by: unknown): Buffer {
  const text = body.toString('utf8');
  const json = parsed(text);
  if (json !== undefined) return Buffer.from(JSON.stringify(replaced(json, path, by)) ?? '');
  const form = [...new URLSearchParams(text)];
  const at = (path[0] ?? 0) % Math.max(form.length, 1);
  const value = typeof by === 'string' ? by : JSON.stringify(by);
  const other = form.map(([name, old], index): [string, string] => [name, index === at ? value : old]);
  return Buffer.from(new URLSearchParams(other).toString());
}

function replaced(value: unknown, [at = 0, ...rest]: number[], by: unknown): unknown {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const chosen = entries[at % Math.max(entries.length, 1)];
  if (chosen === undefined) return by;
  const inner = rest.length === 0 ? by : replaced(chosen[1], rest, by);
  if (Array.isArray(value)) return value.map((item, index) => (String(index) === chosen[0] ? inner : item));
  return { ...(value as object), [chosen[0]]: inner };
}

/** What every input is, whoever it is from: keys that an index bears, texts that a store can hold, media by reference. */
function expectSound(input: Input): void {
  const told = JSON.stringify(input);
  expect(told).not.toMatch(/\\u0000|\\ud[89a-f][0-9a-f]{2}/);
  if ('assetId' in input) expect(input.assetId).toBe(assetWith().id);
  for (const name of ['address', 'externalId', 'about', 'alias', 'messageId'] as const) {
    const value = (input as Record<string, unknown>)[name];
    if (value === undefined || (name === 'messageId' && value === '')) continue;
    expect([name, typeof value]).toEqual([name, 'string']);
    expect((value as string).length).toBeGreaterThan(0);
    expect((value as string).length).toBeLessThanOrEqual(MAX_ID);
    expect(value).not.toMatch(/[\p{Cc}\p{Cs}]/u);
  }
  if (!('message' in input)) return;
  expect(input.message.text.length).toBeLessThanOrEqual(MAX_TEXT);
  expect(input.message.media.length).toBeLessThanOrEqual(20);
  for (const { url, type } of input.message.media) {
    expect(url).toMatch(/^remote:.{1,512}$/s);
    expect(type).toMatch(/^[\w.+-]+\/[\w.+*-]+$/);
  }
}

describe.each(parties)('$adapter.channel', ({ adapter, proof }) => {
  const asset = assetWith({ channel: adapter.channel, config: proof.config });
  const requestOf = (body: Buffer, { headers, path, query }: Signed = proof.signed(body)): RawRequest => ({
    method: 'POST',
    path: path ?? '/hooks',
    query: new URLSearchParams(query ?? ''),
    ...(query === undefined ? {} : { rawQuery: query }),
    headers,
    body,
    now: NOW,
  });
  const read = (body: Buffer, signed?: Signed) => adapter.read(asset, requestOf(body, signed));
  const refused = { ok: false, status: 401, code: 'bad_signature' };

  it.each(proof.samples)('takes $name with its proof', ({ body }) => {
    const result = read(body);
    expect(result).toMatchObject({ ok: true });
    for (const input of result.ok ? result.items : []) expectSound(input);
  });

  it.each(proof.samples)('reads $name twice as the same', ({ body }) => expect(read(body)).toEqual(read(body)));

  it.each(proof.samples)('refuses $name without a good proof', ({ body }) => {
    const signed = proof.signed(body);
    const proofs = Object.keys(signed.headers).filter((name) => name !== 'content-type');
    expect(proofs.length).toBeGreaterThan(0);
    for (const name of proofs) {
      const { [name]: good = '', ...others } = signed.headers;
      const bad = [
        good.slice(0, -1),
        `${good}0`,
        good.toUpperCase() === good ? good.toLowerCase() : good.toUpperCase(),
        '',
        ' ',
      ];
      // Hexadecimal is the same in both cases.
      const wrong = bad.filter(
        (value) => value !== good && !(isHex(good) && value.toLowerCase() === good.toLowerCase()),
      );
      expect(read(body, { ...signed, headers: others })).toMatchObject(refused);
      for (const value of wrong) {
        expect(read(body, { ...signed, headers: { ...others, [name]: value } })).toMatchObject(refused);
      }
    }
  });

  it.each(proof.samples)('refuses $name while the channel has no secret', ({ body }) => {
    const secrets = (adapter.fields ?? []).filter(({ kind }) => kind === 'secret').map(({ name }) => name);
    for (const none of [undefined, '', null, 5]) {
      const config = { ...proof.config, ...Object.fromEntries(secrets.map((name) => [name, none])) };
      const bare = assetWith({ channel: adapter.channel, config, secrets: [], signingSecrets: [] });
      expect(adapter.read(bare, requestOf(body))).toMatchObject(refused);
    }
  });

  if (proof.signsBody !== false) {
    it.each(proof.samples)('refuses $name when a byte of it is another', ({ body }) => {
      for (const other of changed(body)) expect(read(other, proof.signed(body))).toMatchObject(refused);
    });
  }

  it.each(EMPTY)('makes no event of %s', (_, body) => {
    const result = read(body);
    if (result.ok) expect(result.items).toEqual([]);
    else expect(WHY_NOT).toContain(result.status);
  });

  it('reads whatever is signed into sound inputs, or none', () => {
    const path = fc.array(fc.nat(40), { minLength: 1, maxLength: 9 });
    const odd = fc.oneof(fc.constantFrom(...ODD), fc.jsonValue({ maxDepth: 2 }));
    const sample = fc.constantFrom(...proof.samples);
    fc.assert(
      fc.property(sample, path, odd, ({ body }, where, by) => {
        const result = read(bent(body, where, by));
        if (!result.ok) expect(WHY_NOT).toContain(result.status);
        else for (const input of result.items) expectSound(input);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is never a fault of ours behind the real hook, and never an event that was not told', async () => {
    const house = await openHouse({ publicUrl: PUBLIC_URL });
    try {
      const data = {
        name: 'A',
        channel: adapter.channel,
        config: proof.config,
        service_id: null,
        on_unknown: 'hold',
        secrets: [],
        signing_secrets: [],
      };
      await house.parts.directory.change([{ kind: 'asset', id: ASSET_ID, data }], []);
      const post = (body: Buffer, { headers, query }: Signed) =>
        house.call('POST', `/hooks/channels/${ASSET_ID}${query ? `?${query}` : ''}`, {
          key: null,
          headers,
          raw: Buffer.from(body),
        });
      const events = async () => (await house.parts.store.events(0, 10_000)).length;
      const before = await events();
      for (const [, body] of EMPTY) {
        const { status } = await post(body, proof.signed(body));
        expect(status).toBeLessThan(500);
      }
      for (const { body } of proof.samples) expect((await post(body, { headers: {} })).status).toBe(401);
      await house.settled();
      expect(await events()).toBe(before);

      for (const { body } of proof.samples) expect((await post(body, proof.signed(body))).status).toBeLessThan(300);
      await house.settled();
      const once = await events();
      expect(once).toBeGreaterThan(before);
      for (const { body } of [...proof.samples].reverse()) {
        expect((await post(body, proof.signed(body))).status).toBeLessThan(300);
      }
      await house.settled();
      expect(await events()).toBe(once);
      expect(house.logged()).not.toMatch(/failed unexpectedly|a bug:/);
    } finally {
      await house.close();
    }
  });
});

const isHex = (text: string): boolean => /^(sha\d+=)?[0-9a-f]+$/i.test(text);
