// What comes in on the HTTP channel: recorded payloads, who may speak, a table of malformed fields, and noise.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AssetConfig } from '../../engine/ports.ts';
import {
  AT,
  asset,
  id,
  NOW,
  OLD_SECRET,
  photo,
  request,
  SIGNING_SECRET,
  signedRequest,
} from '../../wire/fixtures/samples.ts';
import { check } from '../../wire/json.ts';
import { httpChannel } from './adapter.ts';
import { item, plainItem } from './read.ts';

const text = (name: string): string => readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8');
const fixture = (name: string): unknown => JSON.parse(text(name));
const BEARER = { authorization: 'Bearer secret-of-the-asset' };
const assetId = id('ast', 'a');
const customer = { type: 'customer', assetId, address: '+15550100' };
const read = (body: unknown, headers: Record<string, string> = BEARER) =>
  httpChannel.read(asset(), request(body, headers));

const message = {
  ...customer,
  name: 'Customer One',
  externalId: 'm-1',
  sentAt: AT,
  kind: 'message',
  message: { type: 'text', text: 'Where is my order?', media: [] },
};
const image = {
  ...customer,
  externalId: 'm-2',
  kind: 'message',
  message: { type: 'image', text: 'Broken on arrival', media: [photo] },
};
const postback = {
  ...customer,
  externalId: 'p-1',
  kind: 'postback',
  message: { type: 'text', text: '', media: [] },
  payload: 'ORDER_42',
  title: 'Order 42',
};
const receipt = {
  type: 'receipt',
  assetId,
  messageId: id('msg', '2'),
  status: 'failed',
  description: 'The number does not exist.',
};

describe('what comes in', () => {
  it.each([
    ['in-message', [message], false],
    ['in-image', [image], false],
    ['in-postback', [postback], false],
    ['in-receipt', [receipt], false],
    ['in-batch', [message, postback, receipt], true],
  ])('%s is read as recorded', (name, items, batch) => {
    expect(read(fixture(name))).toEqual({ ok: true, items, ignored: 0, batch });
  });

  it('may be an empty batch', () => expect(read([])).toEqual({ ok: true, items: [], ignored: 0, batch: true }));

  it.each([
    ['2025-06-26T09:30:15.250Z', AT],
    ['2025-06-26T11:30:15.250+02:00', AT],
    ['2025-06-26 09:30:15.250', AT],
    [AT, AT],
    [AT / 1000, AT],
    [0, 0],
    [null, undefined],
  ])('may be said at %j', (timestamp, sentAt) => {
    const items = read({ ...(fixture('in-message') as object), timestamp });
    expect(items).toEqual({ ok: true, items: [{ ...message, sentAt }], ignored: 0, batch: false });
  });

  it.each([
    [
      { type: 'image', media: [photo] },
      { type: 'image', text: '', media: [photo] },
    ],
    [
      { type: 'file', media: [{ url: photo.url, type: 'x' }] },
      { type: 'file', text: '', media: [{ url: photo.url, type: 'x' }] },
    ],
    [
      { type: 'location', text: '52.5,13.4' },
      { type: 'location', text: '52.5,13.4', media: [] },
    ],
    [
      { type: 'contact', media: [photo] },
      { type: 'contact', text: '', media: [photo] },
    ],
    [
      { type: 'text', text: 'hi', unknown: { field: 1 } },
      { type: 'text', text: 'hi', media: [] },
    ],
  ])('may be %j', (said, expected) => {
    const items = read({ type: 'message', id: '1', from: { address: 'a' }, message: said, unknown: [] });
    expect(items).toMatchObject({ ok: true, items: [{ message: expected }] });
  });
});

describe('who may speak', () => {
  const body = fixture('in-message');
  it.each([
    ['the bearer secret', request(body, BEARER), asset()],
    ['the bearer secret in other capitals', request(body, { authorization: 'bearer  secret-of-the-asset' }), asset()],
    ['an older bearer secret', request(body, BEARER), asset({ secrets: ['new one', 'secret-of-the-asset'] })],
    ['a signature', signedRequest(body), asset()],
    ['a signature by the older secret', signedRequest(body, OLD_SECRET), asset()],
    [
      'a signature beside a wrong bearer',
      { ...signedRequest(body), ...withBearer(signedRequest(body).headers, 'x') },
      asset(),
    ],
  ])('%s', (_, given, config: AssetConfig) => {
    expect(httpChannel.read(config, given)).toMatchObject({ ok: true, items: [{ externalId: 'm-1' }] });
  });

  it.each([
    ['nobody', request(body), asset()],
    ['another bearer', request(body, { authorization: 'Bearer secret-of-the-asset2' }), asset()],
    ['an empty bearer', request(body, { authorization: 'Bearer ' }), asset({ secrets: [''] })],
    ['basic authentication', request(body, { authorization: 'Basic secret-of-the-asset' }), asset()],
    ['the signing secret as bearer', request(body, { authorization: `Bearer ${SIGNING_SECRET}` }), asset()],
    [
      'a signature by a secret that is no longer valid',
      signedRequest(body, OLD_SECRET),
      asset({ signingSecrets: [SIGNING_SECRET] }),
    ],
    ['an old signature', signedRequest(body, SIGNING_SECRET, NOW - 301_000), asset()],
    ['a signature from the future', signedRequest(body, SIGNING_SECRET, NOW + 302_000), asset()],
    ['a signature of another body', { ...signedRequest(body), body: Buffer.from('[]') }, asset()],
    ['a signature without secrets to check it', signedRequest(body), asset({ signingSecrets: [] })],
  ])('not %s: 401', (_, given, config: AssetConfig) => {
    expect(httpChannel.read(config, given)).toMatchObject({ ok: false, status: 401, errors: [] });
  });

  function withBearer(headers: Record<string, string>, secret: string) {
    return { headers: { ...headers, authorization: `Bearer ${secret}` } };
  }
});

describe('what is malformed is named', () => {
  const good = { type: 'message', id: 'm-1', from: { address: '+15550100' }, message: { type: 'text', text: 'hi' } };
  const tap = { type: 'postback', id: 'p-1', from: { address: '+15550100' }, payload: 'X' };
  const fate = { type: 'receipt', message_id: 'msg_1', status: 'read' };
  const file = { url: 'https://media.example/a', type: 'file' };
  it.each([
    ['', null],
    ['', 'hello'],
    ['', 7],
    ['/type', { ...good, type: undefined }],
    ['/type', { ...good, type: 'Message' }],
    ['/type', { ...good, type: 'typing' }],
    ['/type', { ...good, type: { toString: 1 } }],
    ['/id', { ...good, id: undefined }],
    ['/id', { ...good, id: '' }],
    ['/id', { ...good, id: 7 }],
    ['/id', { ...good, id: 'x'.repeat(257) }],
    ['/id', { ...good, id: 'a\nb' }],
    ['/id', { ...good, id: 'a\ud800b' }],
    ['/from', { ...good, from: undefined }],
    ['/from', { ...good, from: '+15550100' }],
    ['/from/address', { ...good, from: {} }],
    ['/from/address', { ...good, from: { address: '' } }],
    ['/from/address', { ...good, from: { address: 'sim-1' } }],
    ['/from/address', { ...good, from: { address: 15550100 } }],
    ['/from/address', { ...good, from: { address: 'x'.repeat(257) } }],
    ['/from/name', { ...good, from: { address: 'a', name: ['x'] } }],
    ['/from/name', { ...good, from: { address: 'a', name: 'x'.repeat(257) } }],
    ['/message', { ...good, message: undefined }],
    ['/message', { ...good, message: 'hi' }],
    ['/message', { ...good, message: ['hi'] }],
    ['/message/type', { ...good, message: { type: 'Text', text: 'hi' } }],
    ['/message/type', { ...good, message: { type: 5, text: 'hi' } }],
    ['/message/text', { ...good, message: { type: 'text' } }],
    ['/message/type', { ...good, message: { text: 'hi' } }],
    ['/message/type', { ...good, message: {} }],
    ['/message/text', { ...good, message: { type: 'text', text: '' } }],
    ['/message/text', { ...good, message: { type: 'text', text: 5 } }],
    ['/message/text', { ...good, message: { type: 'text', text: 'x'.repeat(65_537) } }],
    ['/message/text', { ...good, message: { type: 'location' } }],
    ['/message/media', { ...good, message: { type: 'image', text: 'look' } }],
    ['/message/media', { ...good, message: { type: 'image', media: [] } }],
    ['/message/media', { ...good, message: { type: 'image', media: file } }],
    ['/message/media', { ...good, message: { type: 'file', media: Array(21).fill(file) } }],
    ['/message/media/0', { ...good, message: { type: 'file', media: ['https://media.example/a'] } }],
    ['/message/media/0/url', { ...good, message: { type: 'file', media: [{ type: 'file' }] } }],
    ['/message/media/0/url', { ...good, message: { type: 'file', media: [{ ...file, url: 'file:///etc/hosts' }] } }],
    ['/message/media/0/url', { ...good, message: { type: 'file', media: [{ ...file, url: '//media.example/a' }] } }],
    ['/message/media/0/url', { ...good, message: { type: 'file', media: [{ ...file, url: 'https://' }] } }],
    [
      '/message/media/0/url',
      { ...good, message: { type: 'file', media: [{ ...file, url: `https://a/${'x'.repeat(4096)}` }] } },
    ],
    ['/message/media/0/type', { ...good, message: { type: 'file', media: [{ url: file.url }] } }],
    ['/message/media/1/name', { ...good, message: { type: 'file', media: [file, { ...file, name: 5 }] } }],
    ['/timestamp', { ...good, timestamp: 'yesterday' }],
    ['/timestamp', { ...good, timestamp: '2025-13-26T09:30:15Z' }],
    ['/timestamp', { ...good, timestamp: -1 }],
    ['/timestamp', { ...good, timestamp: 1e300 }],
    ['/timestamp', { ...good, timestamp: {} }],
    ['/payload', { ...tap, payload: undefined }],
    ['/payload', { ...tap, payload: '' }],
    ['/payload', { ...tap, payload: {} }],
    ['/payload', { ...tap, payload: 'x'.repeat(4097) }],
    ['/title', { ...tap, title: 5 }],
    ['/from', { ...tap, from: null }],
    ['/message_id', { ...fate, message_id: undefined }],
    ['/message_id', { ...fate, message_id: 5 }],
    ['/status', { ...fate, status: undefined }],
    ['/status', { ...fate, status: 'sent' }],
    ['/description', { ...fate, description: {} }],
    ['/1', [good, null]],
    ['/1/id', [good, { ...good, id: 5 }]],
    ['/0/status', [{ ...fate, status: 'x' }, good]],
    ['', Array(1001).fill(good)],
  ])('%s of %j', (pointer, body) => {
    const refused = read(body);
    expect(refused).toMatchObject({ ok: false, status: 422, code: 'invalid' });
    expect(refused.ok || refused.errors.map((error) => error.pointer)).toEqual([pointer]);
    expect(refused.ok || refused.errors[0]!.detail).toMatch(/^must |^is required/);
  });

  it('every one of them in a batch, up to as many as a person reads', () => {
    const refused = read([{ ...good, id: 5 }, good, { ...fate, status: 'x' }]);
    expect(refused.ok || refused.errors.map((error) => error.pointer)).toEqual(['/0/id', '/2/status']);
    const many = read(Array(1000).fill({}));
    expect(many.ok || many.errors.length).toBe(50);
  });

  it.each([
    ['no JSON', Buffer.from("{'type': 'message'}"), 400],
    ['nothing', Buffer.alloc(0), 400],
    ['half of it', Buffer.from('{"type": "mess'), 400],
    ['no UTF-8', Buffer.from([0x5b, 0x22, 0xc3, 0x28, 0x22, 0x5d]), 400],
    ['too much', Buffer.alloc(1_048_577, 0x20), 413],
    ['an abyss', Buffer.from('['.repeat(400_000) + ']'.repeat(400_000)), 422],
    ['an abyss of objects', Buffer.from(`${'{"message":'.repeat(40_000)}1${'}'.repeat(40_000)}`), 422],
  ])('%s', (_, body, status) => expect(read(body)).toMatchObject({ ok: false, status }));

  it('ignores what it does not know, however deep', () => {
    const deep = `{"type":"message","id":"1","from":{"address":"a"},"message":{"type":"text","text":"hi"},"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(read(Buffer.from(deep))).toMatchObject({ ok: true });
  });
});

describe('whatever is sent', () => {
  const likely = fc.record(
    {
      type: fc.oneof(fc.constantFrom('message', 'postback', 'receipt'), fc.jsonValue()),
      id: fc.oneof(fc.string(), fc.jsonValue()),
      from: fc.oneof(fc.record({ address: fc.string(), name: fc.jsonValue() }), fc.jsonValue()),
      message: fc.oneof(fc.record({ type: fc.jsonValue(), text: fc.string(), media: fc.jsonValue() }), fc.jsonValue()),
      payload: fc.jsonValue(),
      message_id: fc.jsonValue(),
      status: fc.jsonValue(),
      timestamp: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  const bodies = fc.oneof(
    likely.map((value) => Buffer.from(JSON.stringify(value))),
    fc.array(likely).map((value) => Buffer.from(JSON.stringify(value))),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  );
  const headers = fc.dictionary(
    fc.constantFrom('authorization', 'webhook-id', 'webhook-timestamp', 'webhook-signature'),
    fc.string(),
  );

  it('read never throws, and what is refused names what is wrong', () => {
    fc.assert(
      fc.property(bodies, (body) => {
        const result = read(body);
        if (!result.ok && result.status === 422) expect(result.errors.length).toBeGreaterThan(0);
      }),
    );
  });

  it('is read at a glance only as the schema reads it', () => {
    const odd = fc.oneof(fc.constantFrom(null, '', 'a', 'a\0b', '\ud800', 'text'), fc.string(), fc.jsonValue());
    const few = (good: object, ...names: string[]) =>
      fc.dictionary(fc.constantFrom(...names), odd, { maxKeys: 1 }).map((other) => ({ ...good, ...other }));
    const plain = fc
      .tuple(
        few({ type: 'message', id: 'm-1' }, 'type', 'id', 'timestamp', 'extra'),
        few({ address: 'someone' }, 'address', 'name'),
        few({ type: 'text', text: 'hello' }, 'type', 'text', 'media', 'quick_replies'),
      )
      .map(([all, from, message]) => ({ from, message, ...all }));
    let seen = 0;
    fc.assert(
      fc.property(plain, (value) => {
        const glance = plainItem(value);
        if (glance === undefined) return;
        seen += 1;
        expect(check(item, value)).toEqual({ ok: true, value: glance });
      }),
      { numRuns: 3_000 },
    );
    expect(seen).toBeGreaterThan(100);
  });

  it('yields nothing without authority', () => {
    fc.assert(
      fc.property(bodies, headers, (body, given) => {
        expect(read(body, given)).toMatchObject({ ok: false, status: 401 });
      }),
    );
  });
});
