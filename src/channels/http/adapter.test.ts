// The HTTP channel's configuration, and what goes out: recorded payloads sent to a real provider over HTTP.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Listener, listen } from '../../../test/parties/listener.ts';
import type { AssetConfig, ExchangeAnswer } from '../../engine/ports.ts';
import type { LaneItem } from '../../engine/store-port.ts';
import type { WayOut } from '../../net/client.ts';
import {
  agentMessage,
  answered,
  asset,
  botMessage,
  delivery,
  facts,
  id,
  item,
  NOW,
  photo,
  SIGNING_SECRET,
  wayOut,
} from '../../wire/fixtures/samples.ts';
import { httpChannel } from './adapter.ts';

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8'));
const assetId = id('ast', 'a');

describe('the configuration of an asset', () => {
  it('is its url', () => {
    expect(httpChannel.checkConfig({ url: 'https://channel.example/out', more: 1 })).toEqual({
      ok: true,
      config: { url: 'https://channel.example/out' },
    });
  });

  it.each([
    [{}],
    [{ url: 'channel.example' }],
    [{ url: 'ftp://a' }],
    [{ url: 5 }],
    [{ url: 'https://me:pw@channel.example/' }],
  ])('is not %j', (config) => {
    const result = httpChannel.checkConfig(config);
    expect(result).toMatchObject({ ok: false, errors: [{ pointer: '/config/url' }] });
    expect(JSON.stringify(result)).not.toContain('pw');
  });

  it.each([[null], [undefined], ['x'], [[]]])('is not %j', (config) => {
    expect(httpChannel.checkConfig(config)).toMatchObject({ ok: false, errors: [{ pointer: '/config' }] });
  });
});

describe('what goes out', () => {
  let peer: Listener;
  let out: WayOut;
  let here: AssetConfig;
  beforeAll(async () => {
    peer = await listen();
    peer.secrets = [SIGNING_SECRET];
    peer.clock = () => NOW;
    out = wayOut();
    here = asset({ config: { url: peer.url } });
  });
  afterAll(async () => {
    await peer.down();
    await out.close();
  });
  const owed = (more: Partial<LaneItem> = {}): LaneItem =>
    item({
      delivery: delivery({ target: { type: 'asset', id: assetId }, messageId: botMessage.id }),
      message: botMessage,
      ...more,
    });
  const rich = {
    ...botMessage,
    type: 'image' as const,
    media: [photo],
    quickReplies: [{ title: 'Yes', payload: 'YES' }, { title: 'No' }],
    custom: { customparam1: 'gold' },
  };

  it.each([
    ['out-message', owed()],
    ['out-rich', owed({ message: rich })],
    ['out-agent', owed({ message: agentMessage })],
  ])('%s is the recorded payload, signed, with the message id as key', async (name, lane) => {
    peer.reply = () => ({ status: 202, body: { id: 'ext-1' } });
    const outcome = await httpChannel.send(here, lane, facts(), out.send, NOW);
    expect(outcome).toMatchObject({ result: 'ok', status: 202, externalId: 'ext-1' });
    const post = peer.posts.splice(0)[0]!;
    expect(post.raw).toBe(JSON.stringify(fixture(name)));
    expect(post.signatureFault).toBe('');
    expect(post.headers['webhook-id']).toBe(lane.message!.id);
    expect(post.headers.authorization).toBeUndefined();
  });

  it('is signed by both secrets during a rotation', async () => {
    await httpChannel.send(here, owed(), facts(), out.send, NOW);
    expect(peer.posts.splice(0)[0]!.headers['webhook-signature']!.split(' ')).toHaveLength(2);
  });

  it('goes again under the same key when the connection broke', async () => {
    peer.reply = () => ({ fault: 'reset' });
    const outcome = await httpChannel.send(here, owed(), facts(), out.send, NOW);
    expect(outcome).toMatchObject({ result: 'retry', status: null });
    peer.reply = () => ({});
    await httpChannel.send(here, owed(), facts(), out.send, NOW + 5000);
    const keys = peer.posts.splice(0).map((post) => post.headers['webhook-id']);
    expect(keys).toEqual([botMessage.id, botMessage.id]);
  });

  it('is typing too', async () => {
    await httpChannel.typing!(here, '+15550100', true, agentMessage.author, out.send, NOW);
    const post = peer.posts.splice(0)[0]!;
    expect(post.raw).toBe(JSON.stringify(fixture('out-typing')));
    expect(post.signatureFault).toBe('');
  });

  it.each([
    [200, 'ok', 'ok'],
    [299, 'ok', 'ok'],
    [302, 'retry', 'redirect'],
    [400, 'final', 'rejected'],
    [401, 'final', 'rejected'],
    [404, 'final', 'rejected'],
    [408, 'retry', 'rejected'],
    [410, 'final', 'gone'],
    [422, 'final', 'rejected'],
    [429, 'retry', 'throttled'],
    [500, 'retry', 'server_error'],
    [503, 'retry', 'server_error'],
  ])('and answered %d is %s: %s', async (status, result, reason) => {
    const answer = answered(status, 'said', { 'retry-after': '7' });
    const outcome = await httpChannel.send(here, owed(), facts(), async () => answer, NOW);
    expect(outcome).toMatchObject({ result, reason, status, answer: 'said' });
    expect(outcome.retryAfterS).toBe(status === 429 || status === 503 ? 7 : undefined);
  });

  it.each([
    [{ id: 17 }, '17'],
    [{ id: '' }, undefined],
    [{ id: 'x'.repeat(257) }, undefined],
    [{ id: {} }, undefined],
    ['null', undefined],
    ['[]', undefined],
    ['fine', undefined],
    ['', undefined],
  ])('and answered %j has the id %s', async (body, externalId) => {
    const answer: ExchangeAnswer = answered(200, body);
    const outcome = await httpChannel.send(here, owed(), facts(), async () => answer, NOW);
    expect(outcome.result).toBe('ok');
    expect(outcome.externalId).toBe(externalId);
  });

  it('keeps no secret of the answer', async () => {
    const outcome = await httpChannel.send(
      here,
      owed(),
      facts(),
      async () => answered(500, `no ${SIGNING_SECRET} secret-of-the-asset`),
      NOW,
    );
    expect(outcome.answer).toBe('no [masked] [masked]');
  });
});
