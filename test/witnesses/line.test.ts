// LINE's own SDK beside our channel: it takes the signatures of our fixtures, and each request that its client makes is
// the one that we make, and is taken by the judge of our tests. No live LINE is called.
import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lineChannel } from '../../src/channels/line/adapter.ts';
import { config, SECRET, samples, signed, TOKEN } from '../../src/channels/line/fixtures/signed.ts';
import { faultOf } from '../../src/channels/line/fixtures/strict.ts';
import type { WayOut } from '../../src/net/client.ts';
import {
  asset,
  botMessage,
  delivery,
  facts,
  item,
  NOW,
  photo,
  request,
  thread,
  wayOut,
} from '../../src/wire/fixtures/samples.ts';
import type { Loose } from '../parties/call.ts';
import { startLine } from '../parties/line.ts';
import { type Listener, listen, type Post } from '../parties/listener.ts';
import { witness } from './load.ts';

type Client = Record<string, (...parameters: unknown[]) => Promise<Loose>>;
type Sdk = {
  validateSignature(body: Buffer, secret: string, signature: string): boolean;
  middleware(options: { channelSecret: string }): Middleware;
  messagingApi: Record<
    'MessagingApiClient' | 'MessagingApiBlobClient',
    new (
      options: Record<string, string>,
    ) => Client
  >;
};
/** `next` is told what is wrong; else the request has what was read in its `body`. */
type Middleware = (
  request: IncomingMessage & { body?: Loose },
  response: ServerResponse,
  next: (fault?: Error) => void,
) => void;
const line = witness<Sdk>('@line/bot-sdk');
const PHOTO = { type: 'image', id: '468789577898262530', contentProvider: { type: 'line' } };
const USER = `U${'4af49806'.repeat(4)}`;

describe('a signature', () => {
  it.each(samples)('of $name is good for both, and for no other bytes', ({ body }) => {
    const { headers } = signed(body);
    const here = asset({ channel: 'line', config });
    for (const [bytes, good] of [
      [body, true],
      [Buffer.concat([body, Buffer.from(' ')]), false],
    ] as const) {
      expect(line.validateSignature(bytes, SECRET, headers['x-line-signature'] ?? '')).toBe(good);
      expect(lineChannel.read(here, request(bytes, headers)).ok).toBe(good);
    }
  });
});

describe('a webhook of our stand-in', () => {
  it.each([
    ['as it is', (_: string) => undefined, 200],
    ['without its signature', (_: string) => ({}), 401],
    ['with that of another channel', (secret: string) => proof(`${secret}x`), 401],
  ])('%s is taken or refused by both', async (_, headersOf, status) => {
    const stand = await startLine();
    const { channel_secret: secret } = stand.config() as { channel_secret: string };
    const taken = line.middleware({ channelSecret: secret });
    const heard: Loose[] = [];
    const server = createServer((incoming, response) => {
      taken(incoming, response, (fault) => {
        if (fault === undefined) heard.push((incoming as { body?: Loose }).body);
        response.writeHead(fault === undefined ? 200 : 401).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    stand.hook = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const headers = headersOf(secret);
    const user = stand.newcomer();
    const events = [stand.message(user, { type: 'text', text: 'Wo ist Käthes 🪑?' })];
    expect((await stand.post(events, headers)).status).toBe(status);

    const here = asset({ channel: 'line', config: { ...config, channel_secret: secret } });
    const body = Buffer.from(JSON.stringify({ destination: `U${'0'.repeat(32)}`, events }));
    const ours = lineChannel.read(here, request(body, headers ?? proof(secret, body)));
    expect(ours.ok).toBe(status === 200);
    expect(heard).toEqual(status === 200 ? [JSON.parse(body.toString())] : []);
    await Promise.all([new Promise((resolve) => server.close(resolve)), stand.down()]);
  });
});
const proof = (secret: string, body = Buffer.of()): Record<string, string> => ({
  'x-line-signature': createHmac('sha256', secret).update(body).digest('base64'),
});

describe('a request', () => {
  let peer: Listener;
  let out: WayOut;
  let theirs: Client;
  const here = () => asset({ channel: 'line', config: { ...config, api_url: `${peer.url}/v2` } });
  beforeAll(async () => {
    peer = await listen();
    out = wayOut();
    theirs = new line.messagingApi.MessagingApiClient({ channelAccessToken: TOKEN, baseURL: peer.url });
  });
  afterAll(async () => {
    await peer.down();
    await out.close();
  });

  const brief = ({ method, path, headers, body }: Post) => ({
    method,
    path,
    body,
    authorization: headers.authorization,
    key: headers['x-line-retry-key'],
  });
  /** What was asked since, each found good by the judge. */
  const asked = () =>
    peer.posts.splice(0).map((post) => {
      expect(faultOf(post, TOKEN)).toBe('');
      return brief(post);
    });

  it.each([
    ['a text with quick replies', { text: 'Sure?', quickReplies: [{ title: 'Yes', payload: 'YES' }, { title: 'No' }] }],
    ['a picture', { type: 'image' as const, text: 'Look', media: [photo] }],
    ['a place', { type: 'location' as const, text: '35.68,139.76 The station' }],
  ])('that pushes %s is theirs', async (_, more) => {
    const lane = item({
      message: { ...botMessage, ...more },
      delivery: delivery({}),
      thread: { ...thread, address: USER },
    });
    await lineChannel.send(here(), lane, facts(), out.send, NOW);
    const [ours] = asked();
    await theirs.pushMessage?.(ours?.body, ours?.key);
    expect(asked()).toEqual([ours]);
  });

  it('that is a courtesy is theirs', async () => {
    await lineChannel.typing?.(here(), USER, true, botMessage.author, out.send, NOW);
    const body = Buffer.from(
      JSON.stringify({
        events: [
          {
            type: 'message',
            webhookEventId: 'e',
            source: { type: 'user', userId: USER },
            message: { type: 'text', id: '1', text: 'x', markAsReadToken: 'token-1' },
          },
        ],
      }),
    );
    lineChannel.read(here(), request(body, signed(body).headers));
    await lineChannel.seen?.(here(), USER, { at: NOW, externalId: '1' }, out.send, NOW);
    const ours = asked();
    await theirs.showLoadingAnimation?.({ chatId: USER, loadingSeconds: 20 });
    await theirs.markMessagesAsReadByToken?.({ markAsReadToken: 'token-1' });
    expect(ours).toHaveLength(2);
    expect(asked()).toEqual(ours);
  });

  it('that fetches a file is theirs', async () => {
    peer.reply = () => ({ body: Buffer.from('bytes'), headers: { 'content-type': 'image/png' } });
    const data = asset({ channel: 'line', config: { ...config, data_url: `${peer.url}/v2` } });
    const photo = { type: 'message', webhookEventId: 'e', source: { type: 'user', userId: USER }, message: PHOTO };
    const body = Buffer.from(JSON.stringify({ events: [photo] }));
    const result = lineChannel.read(data, request(body, signed(body).headers));
    const [input] = result.ok ? result.items : [];
    const reference = input?.type === 'customer' ? input.message.media[0]?.url.replace('remote:', '') : '';
    const place = await lineChannel.locate?.(data, reference ?? '', out.send, NOW);
    const files = new line.messagingApi.MessagingApiBlobClient({ channelAccessToken: TOKEN, baseURL: peer.url });
    await files.getMessageContent?.(PHOTO.id);
    const [theirs] = asked();
    expect(place).toMatchObject({ ok: true, url: `${peer.url}${theirs?.path}` });
    expect(place?.ok && place.headers).toEqual({ authorization: theirs?.authorization });
  });

  it('that connects the account is theirs', async () => {
    peer.reply = (post) => ({ body: post.method === 'GET' ? { active: true } : { success: true } });
    await lineChannel.connect?.(here(), out.send, NOW);
    const ours = asked();
    const endpoint = here().hookUrl;
    await theirs.getBotInfo?.();
    await theirs.setWebhookEndpoint?.({ endpoint });
    await theirs.getWebhookEndpoint?.();
    await theirs.testWebhookEndpoint?.({ endpoint });
    expect(ours).toHaveLength(4);
    expect(asked()).toEqual(ours);
  });
});
