// What every channel of a real provider keeps, whatever it is called: who may post, what is no event, and that nothing
// that is posted is ever a fault of ours (noise: test/parsers.test.ts); first by its adapter alone, then through the real hook into a real store.
import { describe, expect, it } from 'vitest';
import type { RawRequest } from '../engine/ports.ts';
import { openHouse } from '../http/fixtures/house.ts';
import { asset as assetWith, NOW } from '../wire/fixtures/samples.ts';
import { proofOf, REAL, type Signed } from './fixtures/proof.ts';
import { unsound } from './fixtures/sound.ts';

const PUBLIC_URL = 'https://signalbox.example';
const ASSET_ID = 'ast_a';
const WHY_NOT: readonly number[] = [400, 401, 413, 415, 422];

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
    for (const input of result.ok ? result.items : []) expect(unsound(input, adapter.channel, asset.id)).toBe('');
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
