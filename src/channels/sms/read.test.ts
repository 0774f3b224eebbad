// What Twilio posts: every kind and what it becomes, who may post, and that nothing hostile gets past or throws.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RawRequest, ReadResult } from '../../engine/ports.ts';
import type { Input } from '../../routing/inputs.ts';
import { asset, request } from '../../wire/fixtures/samples.ts';
import { smsChannel } from './adapter.ts';
import { config, type Fixture, fixtures, HOOK_URL, samples, signatureOf, signed, TOKEN } from './fixtures/signed.ts';

const here = asset({ channel: 'sms', config });
const formOf = (parameters: Record<string, string>): Buffer => Buffer.from(new URLSearchParams(parameters).toString());
const text = { MessageSid: 'SM1', From: '+15550100', To: '+15550199', Body: 'hello', NumMedia: '0' };

function posted(body: Buffer, query = '', headers = signed(body, query).headers): RawRequest {
  return { ...request(body, headers), query: new URLSearchParams(query), rawQuery: query };
}
const read = (body: Buffer, query = ''): ReadResult<Input> => smsChannel.read(here, posted(body, query));
const itemsOf = (result: ReadResult<Input>): Input[] => (result.ok ? result.items : []);
const ofFixture = (fixture: Fixture) => read(formOf(fixture.body), fixture.query);

describe('a webhook', () => {
  it.each(fixtures)('$name is read as recorded', ({ fixture }) => {
    const result = ofFixture(fixture);
    expect(result).toEqual({ ok: true, items: fixture.items, ignored: fixture.ignored ?? 0, batch: false });
  });

  it('has a fixture of each kind of input', () => {
    const kinds = new Set(fixtures.flatMap(({ fixture }) => fixture.items.map((item) => item.type)));
    expect([...kinds].sort()).toEqual(['customer', 'receipt', 'sign']);
  });

  it('that comes again has the same keys, and each event a key of its own', () => {
    const keys = fixtures.flatMap(({ fixture }) => {
      expect(ofFixture(fixture)).toEqual(ofFixture(fixture));
      return fixture.items.flatMap((item) =>
        item.type !== 'receipt' && 'externalId' in item ? [item.externalId] : [],
      );
    });
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('is answered with TwiML that says nothing', () => {
    expect(smsChannel.answer).toEqual({ status: 200, type: 'text/xml', body: '<Response/>' });
  });

  it.each([
    ['a file somewhere else', 'https://files.example/a.jpg', 'remote:https://files.example/a.jpg'],
    [
      'an account’s file on another host',
      `https://evil.example/2010-04-01/Accounts/AC${'0'.repeat(32)}/Messages/MM${'0'.repeat(32)}/Media/ME${'0'.repeat(32)}`,
      `remote:AC${'0'.repeat(32)}/MM${'0'.repeat(32)}/ME${'0'.repeat(32)}`,
    ],
    ['no address', 'not a url', undefined],
    ['a file of this machine', 'file:///etc/passwd', undefined],
    ['a long address', `https://files.example/${'a'.repeat(500)}`, undefined],
  ])('with %s', (_, url, reference) => {
    const [item] = itemsOf(read(formOf({ ...text, NumMedia: '1', MediaUrl0: url, MediaContentType0: 'image/png' })));
    const media = item?.type === 'customer' ? item.message.media : undefined;
    expect(media).toEqual(reference === undefined ? [] : [{ url: reference, type: 'image/png' }]);
  });

  it.each(['-1', '1e9', '999999999999', 'many', '', '0x10'])('with %j files takes ten at most', (NumMedia) => {
    const urls = Array.from({ length: 40 }, (_, index) => [`MediaUrl${index}`, 'https://files.example/a']);
    const [item] = itemsOf(read(formOf({ ...text, ...Object.fromEntries(urls), NumMedia })));
    expect(item?.type === 'customer' && item.message.media.length <= 10).toBe(true);
  });

  it.each([
    ['91', '0'],
    ['0', '181'],
    ['NaN', '0'],
    ['1e1', '0'],
    ['', ''],
  ])('with the place %s, %s has none', (Latitude, Longitude) => {
    const [item] = itemsOf(read(formOf({ ...text, Latitude, Longitude })));
    expect(item).toMatchObject({ message: { type: 'text', text: 'hello' } });
  });

  it('without a sender or an id means nothing', () => {
    for (const name of ['MessageSid', 'From']) {
      expect(read(formOf({ ...text, [name]: '' }))).toEqual({ ok: true, items: [], ignored: 1, batch: false });
    }
  });
});

describe('who may post', () => {
  const body = formOf(text);
  const signature = (url: string, token = TOKEN) => ({
    'content-type': 'application/x-www-form-urlencoded',
    'x-twilio-signature': signatureOf(url, body, token),
  });
  const verdict = (headers: Record<string, string>, query = '', hookUrl = HOOK_URL) => {
    const result = smsChannel.read(asset({ channel: 'sms', config, hookUrl }), posted(body, query, headers));
    return result.ok ? 200 : result.status;
  };

  it.each([
    ['the address as it is', HOOK_URL, HOOK_URL],
    ['the address with its standard port', HOOK_URL.replace('.example', '.example:443'), HOOK_URL],
    [
      'an address with a port of its own',
      'http://box.example:8080/hooks/channels/a',
      'http://box.example:8080/hooks/channels/a',
    ],
    [
      'that address without its port',
      'http://box.example/hooks/channels/a',
      'http://box.example:8080/hooks/channels/a',
    ],
    ['http’s standard port', 'http://box.example:80/hooks/channels/a', 'http://box.example/hooks/channels/a'],
    ['the address with our overrides', `${HOOK_URL}#rc=5&rp=all`, HOOK_URL],
  ])('who signed %s', (_, url, hookUrl) => expect(verdict(signature(url), '', hookUrl)).toBe(200));

  it('signs the query byte for byte as it came', () => {
    const query = 'message=msg_1&b=%7e+x&a=1';
    expect(verdict(signature(`${HOOK_URL}?${query}`), query)).toBe(200);
    expect(verdict(signature(`${HOOK_URL}?${new URLSearchParams(query)}`), query)).toBe(401);
  });

  it.each([
    ['nobody', {}],
    ['an empty signature', { 'x-twilio-signature': '' }],
    ['another token', signature(HOOK_URL, 'f'.repeat(32))],
    ['another address', signature('https://other.example/hooks/channels/ast_a')],
    ['the signature in lower case', { 'x-twilio-signature': signatureOf(HOOK_URL, body).toLowerCase() }],
    ['more behind the signature', { 'x-twilio-signature': `${signatureOf(HOOK_URL, body)}=` }],
    ['a signature of another query', signature(`${HOOK_URL}?message=msg_2`)],
  ])('not %s', (_, headers) => expect(verdict(headers)).toBe(401));

  it('nobody, where no token is known', () => {
    const without = asset({ channel: 'sms', config: { ...config, auth_token: '' } });
    expect(smsChannel.read(without, posted(body, '', signature(HOOK_URL, '')))).toMatchObject({
      ok: false,
      status: 401,
    });
  });

  it('not who changed, added, or took away a parameter', () => {
    const headers = signature(HOOK_URL);
    for (const other of [{ ...text, Body: 'hell0' }, { ...text, New: '', Extra: '1' }, { MessageSid: 'SM1' }]) {
      expect(smsChannel.read(here, posted(formOf(other), '', headers))).toMatchObject({ ok: false, status: 401 });
    }
  });

  it('signs parameters that we do not know, and ones that come twice', () => {
    const twice = Buffer.from('MessageSid=SM1&From=%2B15550100&Body=b&Body=a&Zz=1&new=2');
    expect(itemsOf(read(twice))).toMatchObject([{ message: { text: 'b' } }]);
  });
});

describe('a JSON body', () => {
  const json = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  const digest = (body: Buffer) => createHash('sha256').update(body).digest('hex');
  function readJson(body: Buffer, sha = digest(body)): ReadResult<Input> {
    const query = `bodySHA256=${sha}`;
    const signature = signatureOf(`${HOOK_URL}?${query}`, Buffer.alloc(0));
    return smsChannel.read(
      here,
      posted(body, query, { 'content-type': 'application/json', 'x-twilio-signature': signature }),
    );
  }

  it('is read like a form when its digest is in the signed query', () => {
    expect(itemsOf(readJson(json(text)))).toMatchObject([{ type: 'customer', message: { text: 'hello' } }]);
  });

  it('is refused when the digest is another, or none', () => {
    expect(readJson(json(text), digest(json({ ...text, Body: 'x' })))).toMatchObject({ ok: false, status: 401 });
    expect(readJson(json(text), '')).toMatchObject({ ok: false, status: 401 });
  });

  it.each([
    ['no JSON', '{', 400],
    ['nothing', '', 400],
    ['an array', '[]', 200],
    ['null', 'null', 200],
    ['an abyss', `${'['.repeat(10_000)}${']'.repeat(10_000)}`, 200],
    ['values of other kinds', { MessageSid: 5, From: {}, Body: [] }, 200],
  ])('%s', (_, body, status) => {
    const result = readJson(json(body));
    expect(result.ok ? 200 : result.status).toBe(status);
    expect(itemsOf(result)).toEqual([]);
  });
});

describe('whatever is posted', () => {
  it('too much is refused before it is looked at', () => {
    expect(read(Buffer.from(`Body=${'a'.repeat(1_000_000)}`))).toMatchObject({ ok: false, status: 413 });
    const many = Buffer.from(Array.from({ length: 1001 }, (_, index) => `a${index}=`).join('&'));
    expect(read(many)).toMatchObject({ ok: false, status: 400 });
  });

  const names = [...new Set(fixtures.flatMap(({ fixture }) => Object.keys(fixture.body))), '__proto__', 'constructor'];
  const odd = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('', '\0', '1', 'x'.repeat(5000), '%', 'received'),
  );
  const mutated = fc
    .tuple(fc.constantFrom(...fixtures), fc.dictionary(fc.constantFrom(...names), odd, { maxKeys: 4 }))
    .map(([{ fixture }, changes]) => formOf({ ...fixture.body, ...changes }));
  const bodies = fc.oneof(
    mutated,
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  );

  it('is read without a throw, within the limits of all inputs', () => {
    fc.assert(
      fc.property(bodies, fc.constantFrom('', 'message=msg_1', 'message=', 'message=%00'), (body, query) => {
        const result = read(body, query);
        expect(result.ok).toBe(true);
        for (const item of itemsOf(result)) {
          expect(JSON.stringify(item)).not.toMatch(/\\u0000|\\ud[89a-f]/);
          if (item.type === 'customer') expect(item.externalId.length).toBeLessThanOrEqual(256);
        }
      }),
    );
  });

  it('yields nothing without a signature', () => {
    fc.assert(
      fc.property(bodies, fc.string(), (body, signature) => {
        const result = smsChannel.read(here, posted(body, '', { 'x-twilio-signature': signature }));
        expect(result).toMatchObject({ ok: false, status: 401 });
      }),
    );
  });

  it('has samples for the contract test that are taken', () => {
    for (const { body } of samples) expect(smsChannel.read(here, posted(body))).toMatchObject({ ok: true });
  });
});
