// The desk's wire: recorded payloads both ways, a table of malformed fields, and the exchange with a real desk.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Listener, listen } from '../../../test/parties/listener.ts';
import type { WayOut } from '../../net/client.ts';
import {
  answered,
  delivery,
  desk,
  deskThread,
  facts,
  id,
  item,
  message,
  NOW,
  photo,
  request,
  SIGNING_SECRET,
  signedRequest,
  wayOut,
} from '../../wire/fixtures/samples.ts';
import { consoleDesk } from '../console/adapter.ts';
import { webhookDesk } from './adapter.ts';
import { told } from './fixtures/told.ts';

const fixture = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8'));
const BEARER = { authorization: 'Bearer secret-of-the-desk' };
const conversation_id = id('conv', 'd');
const conversationId = conversation_id;
const read = (body: unknown, headers: Record<string, string> = BEARER) =>
  webhookDesk.read(desk(), request(body, headers));

describe('what a desk is told', () => {
  let peer: Listener;
  let out: WayOut;
  beforeAll(async () => {
    peer = await listen();
    peer.secrets = [SIGNING_SECRET];
    peer.clock = () => NOW;
    out = wayOut();
  });
  afterAll(async () => {
    await peer.down();
    await out.close();
  });

  it.each(Object.keys(told))('%s is the recorded payload, signed, with the delivery as key', async (name) => {
    const [lane, about] = told[name]!;
    const outcome = await webhookDesk.send(desk({ url: peer.url }), lane, about, out.send, NOW);
    expect(outcome).toMatchObject({ result: 'ok', status: 200 });
    const post = peer.posts.splice(0)[0]!;
    expect(post.raw).toBe(JSON.stringify(fixture(name)));
    expect(post.signatureFault).toBe('');
    expect(post.headers['webhook-id']).toBe(lane.delivery.id);
  });

  it('is that the customer types', async () => {
    await webhookDesk.typing!(desk({ url: peer.url }), conversationId, true, out.send, NOW, deskThread, 'webchat');
    expect(peer.posts.splice(0)[0]!.raw).toBe(JSON.stringify(fixture('typing')));
  });

  it('is verified by a real POST that any 2xx answers', async () => {
    const checks = await webhookDesk.verify(desk({ url: peer.url }), out.send, NOW);
    expect(checks.map(({ name, ok }) => `${name} ${ok}`)).toEqual([
      'address true',
      'reachable true',
      'tls true',
      'answered true',
      'status true',
      'signature true',
    ]);
    const post = peer.posts.splice(0)[0]!;
    expect(post.raw).toBe(JSON.stringify(fixture('verification')));
    expect(post.signatureFault).toBe('');
    peer.reply = () => ({ status: 404 });
    const failed = await webhookDesk.verify(desk({ url: peer.url }), out.send, NOW);
    expect(failed.at(-1)).toMatchObject({ name: 'status', ok: false });
    expect(await webhookDesk.verify(desk({ url: null }), out.send, NOW)).toMatchObject([
      { name: 'address', ok: false },
    ]);
  });

  it('is the newest of a transcript that is too long, and how much is missing', async () => {
    const messages = Array.from({ length: 30 }, (_, i) =>
      message({ id: id('msg', `${i + 10}`), text: `${i}${'x'.repeat(60_000)}` }),
    );
    const [lane, about] = told['conversation-started']!;
    let body = '';
    const keep = async (exchange: { body: string }) => {
      body = exchange.body;
      return answered(200);
    };
    await webhookDesk.send(desk(), lane, { ...about, transcript: { messages, total: 40 } }, keep, NOW);
    const { transcript, transcript_omitted } = JSON.parse(body).data;
    expect(transcript).toHaveLength(8);
    expect(transcript.at(-1).message.text.startsWith('29')).toBe(true);
    expect(transcript_omitted).toBe(32);
  });

  it('says when it is a replay, and nothing of what desks are not told', async () => {
    let body = '';
    const keep = async (exchange: { body: string }) => {
      body = exchange.body;
      return answered(200);
    };
    await webhookDesk.send(desk(), item({ delivery: delivery({ replay: true }) }), facts(), keep, NOW);
    expect(JSON.parse(body).data.replay).toBe(true);
    const signal = item({ delivery: delivery({ kind: 'signal', data: { event: 'control.given' } }) });
    expect(await webhookDesk.send(desk(), signal, facts(), keep, NOW)).toMatchObject({ result: 'final' });
  });

  it.each([
    [204, 'ok', 'ok'],
    [302, 'retry', 'redirect'],
    [404, 'retry', 'rejected'],
    [410, 'retry', 'gone'],
    [429, 'retry', 'throttled'],
    [500, 'retry', 'server_error'],
  ])('and an answer of %d is %s: %s, without secrets', async (status, result, reason) => {
    const answer = answered(status, 'secret-of-the-desk, hook-token-of-the-desk');
    const outcome = await webhookDesk.send(desk(), ...told['message-received']!, async () => answer, NOW);
    expect(outcome).toMatchObject({ result, reason, status, answer: '[masked], [masked]' });
    expect(outcome.gone ?? false).toBe(status === 410);
  });
});

const said: Record<string, unknown> = {
  'said-queued': { type: 'queued', conversationId, waitS: 120 },
  'said-accepted': { type: 'accepted', conversationId, epoch: 4, agent: 'Agent One' },
  'said-message': {
    type: 'message',
    conversationId,
    agent: 'Agent One',
    message: { type: 'text', text: 'I am looking into it.', media: [] },
    key: 'reply-1',
  },
  'said-typing': { type: 'typing', conversationId, on: true },
  'said-transferred': { type: 'transfer', conversationId, to: 'bot', reason: 'opening hours' },
  'said-closed': { type: 'close', conversationId, reason: 'solved', note: 'Parcel found.' },
  'said-rejected': { type: 'reject', conversationId, reason: 'no skill' },
};

describe('what a desk says', () => {
  it.each(Object.keys(said))('%s is read as recorded', (name) => {
    const expected = { ok: true, items: [said[name]], ignored: 0, batch: false };
    expect(read(fixture(name))).toEqual(expected);
    const { type, data } = fixture(name) as { type: string; data: object };
    expect(read({ type, ...data })).toEqual(expected);
  });

  it.each([
    [
      { type: 'conversation.accepted', conversation_id, agent: { name: 'Agent One', id: 7 } },
      { type: 'accepted', agent: 'Agent One' },
    ],
    [
      { type: 'conversation.closed', conversation_id },
      { type: 'close', reason: '' },
    ],
    [{ type: 'conversation.queued', conversation_id, wait_s: null }, { type: 'queued' }],
    [
      { type: 'typing', conversation_id, on: false },
      { type: 'typing', on: false },
    ],
    [
      { type: 'message.sent', conversation_id, agent: 'Agent One', message: { media: [photo] } },
      { type: 'message', message: { type: 'image', text: '', media: [photo] } },
    ],
  ])('may be %j', (body, expected) => expect(read(body)).toMatchObject({ ok: true, items: [expected] }));

  it('needs its bearer secret or a signature', () => {
    const body = fixture('said-accepted');
    expect(webhookDesk.read(desk(), signedRequest(body))).toMatchObject({ ok: true });
    for (const authorization of ['', 'Bearer nearly', 'secret-of-the-desk']) {
      expect(webhookDesk.read(desk(), request(body, { authorization }))).toMatchObject({ ok: false, status: 401 });
    }
    expect(webhookDesk.read(desk(), signedRequest(body, SIGNING_SECRET, NOW - 301_000))).toMatchObject({ status: 401 });
  });

  const sent = { type: 'message.sent', conversation_id, agent: 'Agent One', message: { type: 'text', text: 'hi' } };
  it.each([
    ['', []],
    ['', 'x'],
    ['/type', {}],
    ['/type', { type: 'conversation.started', conversation_id }],
    ['/type', { type: 7, data: { conversation_id, type: 'typing' } }],
    ['/conversation_id', { ...sent, conversation_id: undefined }],
    ['/conversation_id', { ...sent, conversation_id: 7 }],
    ['/data/conversation_id', { type: 'typing', data: {} }],
    ['/epoch', { ...sent, epoch: -1 }],
    ['/epoch', { ...sent, epoch: '4' }],
    ['/id', { ...sent, id: 7 }],
    ['/agent', { ...sent, agent: undefined }],
    ['/agent', { ...sent, agent: '' }],
    ['/agent', { ...sent, agent: { id: 7 } }],
    ['/data/agent', { type: 'conversation.accepted', data: { conversation_id } }],
    ['/message', { ...sent, message: undefined }],
    ['/message', { ...sent, message: 'hi' }],
    ['/message/text', { ...sent, message: {} }],
    ['/message/media', { ...sent, message: { type: 'image', text: 'look' } }],
    ['/message/media/0/url', { ...sent, message: { type: 'image', media: [{ url: 'x', type: 'image' }] } }],
    ['/data/message/type', { type: 'message.sent', data: { ...sent, message: { type: 'card', text: 'x' } } }],
    ['/wait_s', { type: 'conversation.queued', conversation_id, wait_s: '2 minutes' }],
    ['/wait_s', { type: 'conversation.queued', conversation_id, wait_s: 86_401 }],
    ['/on', { type: 'typing', conversation_id, on: 'yes' }],
    ['/to', { type: 'conversation.transferred', conversation_id, reason: 'x' }],
    ['/to', { type: 'conversation.transferred', conversation_id, to: ['bot'] }],
    ['/reason', { type: 'conversation.rejected', conversation_id, reason: 5 }],
    ['/note', { type: 'conversation.closed', conversation_id, reason: 'x', note: 'x'.repeat(4097) }],
  ])('is refused at %s: %j', (pointer, body) => {
    const refused = read(body);
    expect(refused).toMatchObject({ ok: false, status: 422, code: 'invalid' });
    expect(refused.ok || refused.errors.map((error) => error.pointer)).toEqual([pointer]);
  });

  it.each([
    ['no JSON', Buffer.from('type=typing'), 422],
    ['too much', Buffer.alloc(262_145, 0x20), 413],
    ['an abyss', Buffer.from(`{"data":${'['.repeat(100_000)}${']'.repeat(100_000)}}`), 422],
  ])('is refused: %s', (_, body, status) => expect(read(body)).toMatchObject({ ok: false, status }));

  it('never makes read throw, and is nothing without authority', () => {
    const types = Object.keys(said).map((name) => fixture(name).type);
    const likely = fc.record(
      {
        type: fc.constantFrom(...types),
        conversation_id: fc.string(),
        data: fc.jsonValue(),
        agent: fc.jsonValue(),
        message: fc.jsonValue(),
      },
      { requiredKeys: ['type'] },
    );
    fc.assert(
      fc.property(fc.oneof(likely, fc.jsonValue()), fc.string(), (body, secret) => {
        read(body);
        expect(read(body, { authorization: `Bearer ${secret}` })).toMatchObject({ ok: false, status: 401 });
      }),
    );
  });
});

describe('the console desk', () => {
  const inside = desk({ kind: 'console', url: null });
  it('has what it is owed at once, and no wire', async () => {
    const never = async () => Promise.reject(new Error('a console desk sends nothing'));
    expect(await consoleDesk.send(inside, item(), facts(), never, NOW)).toMatchObject({ result: 'ok', reason: 'ok' });
    expect(await consoleDesk.verify(inside, never, NOW)).toMatchObject([{ ok: true }]);
    expect(consoleDesk.read(inside, request({}, BEARER))).toMatchObject({ ok: false, status: 422 });
  });
});
