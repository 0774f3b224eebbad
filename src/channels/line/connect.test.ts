// Setting an Official Account up: what its configuration must look like, the checks that connect it, and where a file
// is.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Listener, listen, type Reply } from '../../../test/parties/listener.ts';
import type { Check } from '../../engine/ports.ts';
import type { WayOut } from '../../net/client.ts';
import { asset, NOW, wayOut } from '../../wire/fixtures/samples.ts';
import { lineChannel } from './adapter.ts';
import { config, SECRET, TOKEN } from './fixtures/signed.ts';
import { faultOf } from './fixtures/strict.ts';

let peer: Listener;
let out: WayOut;
let answers: Record<string, Reply>;
const hookUrl = asset().hookUrl;
const WELL: Record<string, unknown> = {
  'GET /v2/bot/info': { userId: 'U1', basicId: '@216ru', displayName: 'Shop', chatMode: 'bot', markAsReadMode: 'auto' },
  'PUT /v2/bot/channel/webhook/endpoint': {},
  'GET /v2/bot/channel/webhook/endpoint': { endpoint: hookUrl, active: true },
  'POST /v2/bot/channel/webhook/test': {
    success: true,
    timestamp: '2025-06-26T09:30:15Z',
    statusCode: 200,
    reason: 'OK',
    detail: '200',
  },
};
beforeAll(async () => {
  peer = await listen();
  peer.reply = (post) => {
    const fault = faultOf(post, TOKEN);
    if (fault !== '') return { status: fault.includes('token') ? 401 : 400, body: { message: fault } };
    const name = `${post.method} ${post.path}`;
    return answers[name] ?? { body: WELL[name] ?? {} };
  };
  out = wayOut();
});
beforeEach(() => {
  answers = {};
  peer.posts.length = 0;
});
afterAll(async () => {
  await peer.down();
  await out.close();
});
const here = (more: Record<string, unknown> = {}, hook = hookUrl) =>
  asset({
    channel: 'line',
    hookUrl: hook,
    config: { ...config, api_url: `${peer.url}/v2/`, data_url: `${peer.url}/v2`, ...more },
  });
const brief = (all: Check[] = []) => all.map(({ name, ok }) => `${name}: ${ok}`);

describe('the configuration', () => {
  const needed = { channel_secret: SECRET, channel_access_token: TOKEN };
  it('has defaults', () => expect(lineChannel.checkConfig(needed)).toEqual({ ok: true, config }));

  it.each<[string, Record<string, unknown>]>([
    ['/config/channel_secret', { channel_secret: '' }],
    ['/config/channel_access_token', { channel_access_token: 'two words' }],
    ['/config/channel_access_token', { channel_access_token: 'x'.repeat(1001) }],
    ['/config/api_url', { api_url: 'ftp://api.line.me' }],
    ['/config/data_url', { data_url: 'https://a:b@api-data.line.me' }],
    ['/config/colour', { colour: 'red' }],
  ])('names %s', (pointer, more) => {
    const result = lineChannel.checkConfig({ ...needed, ...more });
    expect(result).toMatchObject({ ok: false, errors: [{ pointer }] });
    expect(JSON.stringify(result)).not.toContain(SECRET);
  });
});

describe('connecting', () => {
  const connect = (more: Record<string, unknown> = {}, hook = hookUrl) =>
    lineChannel.connect?.(here(more, hook), out.send, NOW);

  it('looks whose token it is, enters the hook, and has LINE try it', async () => {
    const all = await connect();
    expect(brief(all)).toEqual(['credentials: true', 'webhook: true', 'use webhook: true', 'webhook test: true']);
    expect(all?.[0]?.detail).toContain('Shop (@216ru)');
    expect(peer.posts.filter(({ method }) => method !== 'GET').map(({ body }) => body)).toEqual([
      { endpoint: hookUrl },
      { endpoint: hookUrl },
    ]);
  });

  it.each<[string, Record<string, Reply>, Record<string, unknown>, string[], RegExp]>([
    [
      'a wrong token',
      {},
      { channel_access_token: 'wrong' },
      ['credentials: false'],
      /issue one in the Developers Console/,
    ],
    [
      'an address that LINE does not take',
      { 'PUT /v2/bot/channel/webhook/endpoint': { status: 400, body: { message: 'Invalid webhook endpoint URL' } } },
      {},
      ['credentials: true', 'webhook: false'],
      /Invalid webhook endpoint URL.*https/,
    ],
    [
      'a channel secret that does not fit',
      {
        'POST /v2/bot/channel/webhook/test': {
          body: { success: false, statusCode: 401, reason: 'ERROR_STATUS_CODE', detail: '401' },
        },
      },
      {},
      ['credentials: true', 'webhook: true', 'use webhook: true', 'webhook test: false'],
      /copy the channel secret again/,
    ],
    [
      'a server that LINE cannot reach',
      {
        'POST /v2/bot/channel/webhook/test': {
          body: { success: false, statusCode: 0, reason: 'COULD_NOT_CONNECT', detail: 'TLS handshake failure' },
        },
      },
      {},
      ['credentials: true', 'webhook: true', 'use webhook: true', 'webhook test: false'],
      /COULD_NOT_CONNECT: TLS handshake failure/,
    ],
    [
      'too many tries',
      { 'POST /v2/bot/channel/webhook/test': { status: 429, body: { message: 'Try again later' } } },
      {},
      ['credentials: true', 'webhook: true', 'use webhook: true', 'webhook test: false'],
      /in a minute/,
    ],
  ])('names %s and what to do', async (_, given, more, names, detail) => {
    answers = given;
    const all = await connect(more);
    expect(brief(all)).toEqual(names);
    expect(all?.at(-1)?.detail).toMatch(detail);
    expect(JSON.stringify(all)).not.toContain(TOKEN);
  });

  it('names webhooks that are switched off, and goes on', async () => {
    answers = { 'GET /v2/bot/channel/webhook/endpoint': { body: { endpoint: hookUrl, active: false } } };
    const all = await connect();
    expect(brief(all)).toEqual(['credentials: true', 'webhook: true', 'use webhook: false', 'webhook test: true']);
    expect(all?.[2]?.detail).toContain('Use webhook');
  });

  it('warns that people may answer in LINE’s own chat, unseen', async () => {
    answers = { 'GET /v2/bot/info': { body: { displayName: 'Shop', basicId: '@1', chatMode: 'chat' } } };
    expect((await connect())?.[0]).toMatchObject({ ok: true, advice: expect.stringContaining('not told to us') });
  });

  it('without https is refused by LINE, which says so', async () => {
    const all = await connect({}, 'http://box.example/hooks/channels/a');
    expect(brief(all)).toEqual(['credentials: true', 'webhook: false']);
    expect(all?.[1]?.detail).toContain('SIGNALBOX_PUBLIC_URL');
  });
});

describe('a customer’s file', () => {
  const place = (reference: string) => lineChannel.locate?.(here(), reference, out.send, NOW);
  const at = (id: string) => ({
    ok: true,
    url: `${peer.url}/v2/bot/message/${id}/content`,
    headers: { authorization: `Bearer ${TOKEN}` },
  });

  it('lies at the data API, for the token', async () => {
    expect(await place('image/4711')).toEqual(at('4711'));
    expect(await place('file/4711')).toEqual(at('4711'));
    expect(peer.posts).toEqual([]);
  });

  it('of another company is asked without the token', async () => {
    expect(await place('https://pictures.example/one.jpg')).toEqual({
      ok: true,
      url: 'https://pictures.example/one.jpg',
      headers: {},
    });
  });

  it.each<[string, Reply, unknown]>([
    ['when it is prepared', { body: { status: 'succeeded' } }, at],
    ['while it is prepared', { body: { status: 'processing' } }, { ok: false, again: true }],
    ['when it could not be prepared', { body: { status: 'failed' } }, { ok: false, again: false }],
    ['when it is not there', { status: 404, body: { message: 'Not found' } }, { ok: false, again: false }],
    ['when LINE has trouble', { status: 500 }, { ok: false, again: true }],
  ])('is a video %s', async (_, reply, expected) => {
    answers = { 'GET /v2/bot/message/4711/content/transcoding': reply };
    expect(await place('video/4711')).toMatchObject(typeof expected === 'function' ? at('4711') : (expected as object));
  });
});
