// The wire to the bot: recorded payloads byte for byte, headers, and the whole exchange with a real bot over HTTP.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Listener, listen } from '../../test/parties/listener.ts';
import type { Exchange, ExchangeAnswer, Send } from '../engine/ports.ts';
import type { WayOut } from '../net/client.ts';
import {
  agentMessage,
  answered,
  bot,
  delivery,
  facts,
  id,
  item,
  NOW,
  SIGNING_SECRET,
  wayOut,
} from '../wire/fixtures/samples.ts';
import { told } from './fixtures/told.ts';
import { imiBot } from './imi/adapter.ts';
import { otherBot } from './other/adapter.ts';
import { seedTime } from './payload.ts';

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8'));

function recorder(answer: ExchangeAnswer): { send: Send; sent: Exchange[] } {
  const sent: Exchange[] = [];
  const send: Send = async (exchange) => {
    sent.push(exchange);
    return answer;
  };
  return { send, sent };
}

describe('what a bot is told', () => {
  it.each(Object.keys(told))('%s is the recorded payload, in the order of its fields', async (name) => {
    const [lane, about] = told[name]!;
    const { send, sent } = recorder(answered(200, { verification_token: 'open sesame/42' }));
    const outcome = await otherBot.send(bot(), lane, about, send, NOW);
    expect(outcome.result).toBe('ok');
    expect(sent[0]!.body).toBe(JSON.stringify(fixture(name)));
  });

  it('marks a replay', async () => {
    const { send, sent } = recorder(answered(200));
    await imiBot.send(bot(), item({ delivery: delivery({ replay: true }) }), facts(), send, NOW);
    expect(JSON.parse(sent[0]!.body).Signalbox.Replay).toBe(true);
  });

  it('never says an agent expects an answer from it', async () => {
    const { send, sent } = recorder(answered(200));
    await imiBot.send(bot(), item({ message: agentMessage }), facts({ conversationType: 'BOT' }), send, NOW);
    expect(JSON.parse(sent[0]!.body).ConversationType).toBe('CCSP');
  });

  it('is nothing about a desk: such a delivery ends here', async () => {
    const { send, sent } = recorder(answered(200));
    const outcome = await imiBot.send(bot(), item({ delivery: delivery({ kind: 'started' }) }), facts(), send, NOW);
    expect(outcome).toMatchObject({ result: 'final', reason: 'unsupported' });
    expect(sent).toEqual([]);
  });

  it.each([
    [Date.UTC(2025, 0, 2, 3, 4, 5, 6), '2025-01-02 03:04:05.00'],
    [Date.UTC(2025, 11, 31, 23, 59, 59, 999), '2025-12-31 23:59:59.99'],
    [Date.UTC(2024, 1, 29, 0, 0, 0, 0), '2024-02-29 00:00:00.00'],
  ])('%d is %s', (at, text) => expect(seedTime(at)).toBe(text));
});

describe('with a real bot', () => {
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

  it('signs, keeps webhook-id over retries, and shows imi its access token', async () => {
    peer.reply = () => ({ status: 200, body: 'fine' });
    const imi = bot({ platform: 'imi', url: peer.url, verificationToken: null, accessToken: 'imi-access' });
    for (const attempt of [1, 2]) {
      const outcome = await imiBot.send(imi, item(), facts(), out.send, NOW);
      expect(outcome, String(attempt)).toMatchObject({ result: 'ok', status: 200, answer: 'fine' });
    }
    const posts = peer.posts.splice(0);
    expect(posts.map((post) => post.signatureFault)).toEqual(['', '']);
    expect(posts.map((post) => post.headers['webhook-id'])).toEqual([id('dlv', '1'), id('dlv', '1')]);
    expect(posts[0]!.headers).toMatchObject({
      authorization: 'Bearer imi-access',
      'content-type': 'application/json',
      'user-agent': expect.stringContaining('Signalbox'),
    });
  });

  it('sends no Authorization to other bots', async () => {
    peer.reply = () => ({ status: 200, body: { verification_token: 'open sesame/42' } });
    expect(await otherBot.send(bot({ url: peer.url }), item(), facts(), out.send, NOW)).toMatchObject({ result: 'ok' });
    expect(peer.posts.splice(0)[0]!.headers.authorization).toBeUndefined();
  });

  it('verifies by a real POST of the nine fields', async () => {
    peer.reply = () => ({ status: 200, body: { Verification_Token: 'open sesame/42' } });
    const checks = await otherBot.verify(bot({ url: peer.url }), out.send, NOW);
    expect(checks.map(({ name, ok }) => [name, ok])).toEqual([
      ['address', true],
      ['reachable', true],
      ['tls', true],
      ['answered', true],
      ['status', true],
      ['token', true],
      ['signature', true],
      ['reply', true],
    ]);
    expect(checks[2]!.advice).toMatch(/https/);
    const post = peer.posts.splice(0)[0]!;
    expect(post.raw).toBe(JSON.stringify(fixture('verification')));
    expect(post.signatureFault).toBe('');
  });

  it.each([
    ['a wrong token', { status: 200, body: { token: 'nearly' } }, 'token'],
    ['no token', { status: 200, body: 'OK' }, 'token'],
    ['an error', { status: 500 }, 'status'],
    ['a redirect', { status: 302, headers: { location: '/elsewhere' } }, 'status'],
    ['a broken connection', { fault: 'reset' as const }, 'answered'],
  ])('ends a verification at the step that failed: %s', async (_, reply, last) => {
    peer.reply = () => reply;
    const checks = await otherBot.verify(bot({ url: peer.url }), out.send, NOW);
    expect(checks.filter((check) => !check.ok).map((check) => check.name)).toEqual([last]);
    expect(checks.at(-1)!.name).toBe(last);
    expect(checks.at(-1)!.detail).toMatch(/\w\.$/);
    peer.posts.splice(0);
  });

  it('reads what a sample answer says, and spoils nothing by an event that it cannot read', async () => {
    const events = [{ eventid: '1001', message: 'Hello' }, { eventid: 'nonsense' }];
    peer.reply = () => ({ status: 200, body: { token: 'open sesame/42', events } });
    const checks = await otherBot.verify(bot({ url: peer.url }), out.send, NOW);
    expect(checks.at(-1)).toMatchObject({ name: 'reply', ok: true, detail: expect.stringMatching(/^1 of 2 /) });
    expect(checks.at(-1)!.advice).toMatch(/\/events\/1/);
    events.pop();
    const good = await otherBot.verify(bot({ url: peer.url }), out.send, NOW);
    expect(good.at(-1)).toMatchObject({ name: 'reply', ok: true });
    expect(good.at(-1)!.advice).toBeUndefined();
    peer.posts.splice(0);
  });

  it.each([401, 403])('says what to compare when the bot answers %d', async (status) => {
    peer.reply = () => ({ status });
    const checks = await imiBot.verify(bot({ url: peer.url }), out.send, NOW);
    expect(checks.at(-1)).toMatchObject({ name: 'status', ok: false, detail: expect.stringMatching(/signing secret/) });
    peer.posts.splice(0);
  });

  it.each([
    ['http://10.1.2.3/bot', 'address'],
    ['not a url', 'address'],
    ['http://127.0.0.1:9/', 'address'],
  ])('does not even connect to %s', async (url, last) => {
    const checks = await imiBot.verify(bot({ url }), out.send, NOW);
    expect(checks).toMatchObject([{ name: last, ok: false }]);
  });

  it('says so when nobody listens', async () => {
    const gone = await listen();
    await gone.down();
    const checks = await imiBot.verify(bot({ url: gone.url }), out.send, NOW);
    expect(checks.map(({ name, ok }) => [name, ok])).toEqual([
      ['address', true],
      ['reachable', false],
    ]);
  });
});
