// The way out with servers that behave: what is sent, which connection carries it, and how it all ends.
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import type { Answer, Exchange, WayOut } from './client.ts';
import { says } from './fixtures/animals.ts';
import { answer, type Behaviour, closeAll, rawServer, stuckPort } from './fixtures/servers.ts';
import { names, wayOutTo } from './fixtures/way-out.ts';

/** Ample, for nothing here waits for it. */
const TIMEOUT_MS = 5_000;
const polite = says(answer('{}'));
const slow =
  (ms: number): Behaviour =>
  (socket, on) =>
    on.request(() => setTimeout(() => socket.write(answer('{}')), ms));

let wayOut: WayOut;

beforeEach(() => {
  wayOut = wayOutTo();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await wayOut.close();
});
afterAll(closeAll);

const post = (url: string, change: Partial<Exchange> = {}): Promise<Answer> =>
  wayOut.send({ url, key: 'k', headers: {}, body: '{}', timeoutMs: TIMEOUT_MS, ...change });

describe('a request', () => {
  it('carries exactly what was asked, and our own headers', async () => {
    const server = await rawServer(polite);
    const headers = { 'content-type': 'application/json', 'Webhook-Id': 'msg_1' };
    await post(`${server.url}/a%20b?c=d`, { headers, body: '{"ü":1}' });
    expect(server.requests[0]?.split('\r\n')).toEqual([
      'POST /a%20b?c=d HTTP/1.1',
      `host: 127.0.0.1:${server.port}`,
      'connection: keep-alive',
      'user-agent: Signalbox',
      'accept-encoding: identity',
      'content-type: application/json',
      'Webhook-Id: msg_1',
      'content-length: 8',
      '',
      Buffer.from('{"ü":1}').toString('latin1'),
    ]);
  });

  it('of the method GET has no body and says nothing of one; PUT has both', async () => {
    const server = await rawServer(polite);
    await post(`${server.url}/a?b=c`, { method: 'GET', body: '', headers: { authorization: 'Bearer t' } });
    await post(server.url, { method: 'PUT', body: '{}' });
    expect(server.requests[0]?.split('\r\n')).toEqual([
      'GET /a?b=c HTTP/1.1',
      `host: 127.0.0.1:${server.port}`,
      'connection: keep-alive',
      'user-agent: Signalbox',
      'accept-encoding: identity',
      'authorization: Bearer t',
      '',
      '',
    ]);
    expect(server.requests[1]).toMatch(/^PUT \/ HTTP\/1\.1\r\n.*content-length: 2\r\n\r\n\{\}$/s);
  });

  it('has an answer with repeated headers joined', async () => {
    const server = await rawServer(
      says('HTTP/1.1 200 OK\r\nset-cookie: a\r\nset-cookie: b\r\ncontent-length: 0\r\n\r\n'),
    );
    expect(await post(server.url)).toMatchObject({ ok: true, body: '', headers: { 'set-cookie': 'a, b' } });
  });

  it('has a limit on its answer', async () => {
    const most = await rawServer(says(answer('a'.repeat(262_144))));
    const more = await rawServer(says(answer('a'.repeat(262_145))));
    expect(await post(most.url)).toMatchObject({ ok: true });
    expect(await post(more.url)).toMatchObject({ ok: false, reason: 'too_large' });
  });

  it.each<[string, Record<string, string>]>([
    ['host', { Host: 'other.test' }],
    ['content-length', { 'Content-Length': '5' }],
    ['transfer-encoding', { 'transfer-encoding': 'chunked' }],
    ['connection', { connection: 'upgrade' }],
    ['accept-encoding', { 'Accept-Encoding': 'gzip' }],
    ['expect', { Expect: '100-continue' }],
    ['a line break in a value', { 'x-a': 'a\r\nx-b: c' }],
    ['a line break in a name', { 'x-a\r\nx-b': 'c' }],
    ['a character beyond Latin-1', { 'x-a': '☎' }],
    ['a name that is none', { 'x a': 'b' }],
  ])('with %s among its headers is not sent', async (_name, headers) => {
    const server = await rawServer(polite);
    expect(await post(server.url, { headers })).toMatchObject({ ok: false, reason: 'bad_request', sent: 'no' });
    expect(server.requests).toEqual([]);
  });
});

describe('connections', () => {
  it('are used again, one exchange after the other, and only the first tells of DNS and connecting', async () => {
    const server = await rawServer(polite);
    const first = await post(server.url);
    expect(Object.keys(first.timing).sort()).toEqual(['connectMs', 'dnsMs', 'firstByteMs', 'totalMs']);
    for (let i = 0; i < 20; i += 1) {
      const next = await post(server.url);
      expect(Object.keys(next.timing).sort()).toEqual(['firstByteMs', 'totalMs']);
    }
    expect(server.connections).toBe(1);
  });

  it('and was closed meanwhile is opened anew', async () => {
    const server = await rawServer((socket, on) =>
      on.request(() => socket.write(answer('{}'), () => setTimeout(() => socket.end(), 10))),
    );
    expect(await post(server.url)).toMatchObject({ ok: true });
    await expect.poll(() => server.open.size).toBe(0);
    expect(await post(server.url)).toMatchObject({ ok: true });
    expect(server.connections).toBe(2);
  });

  it.each([
    ['closed', (socket: Socket) => socket.end()],
    ['reset', (socket: Socket) => socket.resetAndDestroy()],
  ])('that are %s when used again leave open whether the request was understood', async (reason, hangUp) => {
    const server = await rawServer((socket, on) =>
      on.request((_text, number) => (number === 1 ? socket.write(answer('{}')) : hangUp(socket))),
    );
    expect(await post(server.url)).toMatchObject({ ok: true });
    expect(await post(server.url)).toMatchObject({ ok: false, reason, sent: 'maybe' });
    expect(server.requests).toHaveLength(2);
  });

  it('never give an unasked second answer to the next request', async () => {
    const server = await rawServer((socket, on) =>
      on.request(() => socket.write(answer(`right ${on.connection}`) + answer('wrong'))),
    );
    for (let i = 1; i <= 3; i += 1) expect(await post(server.url)).toMatchObject({ ok: true, body: `right ${i}` });
  });

  it.each(['connection: close\r\n', 'connection: Close\r\n', 'keep-alive: timeout=1\r\n'])(
    'that say %j are not used again',
    async (head) => {
      const server = await rawServer(says(answer('{}', head)));
      for (let i = 1; i <= 3; i += 1) expect(await post(server.url)).toMatchObject({ ok: true });
      expect(server.connections).toBe(3);
    },
  );

  it('are not shared between keys', async () => {
    const server = await rawServer(polite);
    for (const key of ['bot_1:1', 'bot_2:1', 'bot_1:1', 'bot_1:2']) await post(server.url, { key });
    expect(server.connections).toBe(3);
    expect(server.open.size).toBe(3);
  });

  it('are at most so many for a target; more exchanges wait their turn', async () => {
    wayOut = wayOutTo({ maxSocketsPerKey: 3 });
    const server = await rawServer(slow(10));
    const answers = await Promise.all(Array.from({ length: 30 }, () => post(server.url)));
    expect(answers.every((one) => one.ok)).toBe(true);
    expect(server.connections).toBe(3);
  });

  it('that are all in use for the whole limit are a reason of their own', async () => {
    wayOut = wayOutTo({ maxSocketsPerKey: 1 });
    const server = await rawServer(slow(400));
    const first = post(server.url);
    expect(await post(server.url, { timeoutMs: 100 })).toMatchObject({ ok: false, reason: 'busy', sent: 'no' });
    expect(await first).toMatchObject({ ok: true });
    expect(await post(server.url)).toMatchObject({ ok: true });
  });

  it('of very many targets are closed, the least recently used first', async () => {
    wayOut = wayOutTo({ maxPools: 3 });
    const server = await rawServer(polite);
    for (const key of ['a', 'b', 'c', 'a', 'd']) await post(server.url, { key });
    await expect.poll(() => server.open.size).toBe(3);
    for (const key of ['a', 'c', 'd']) await post(server.url, { key });
    expect(server.connections).toBe(4);
    await post(server.url, { key: 'b' });
    expect(server.connections).toBe(5);
  });
});

describe('the time limit', () => {
  it('counts from the first byte sent: connecting has a limit of its own', async () => {
    wayOut = wayOutTo({ lookup: () => sleep(400, [{ address: '127.0.0.1' }]) });
    const server = await rawServer(slow(400));
    const result = await post(`http://bot.test:${server.port}/`, { timeoutMs: 700 });
    expect(result).toMatchObject({ ok: true });
    expect(result.timing.totalMs).toBeGreaterThan(750);
  });

  it('is fair to an answer that came in time while this process was busy', async () => {
    const server = await rawServer(polite);
    await post(server.url);
    const underWay = post(server.url, { timeoutMs: 100 });
    while (server.requests.length < 2) await sleep(0);
    const until = performance.now() + 200;
    while (performance.now() < until);
    expect(await underWay).toMatchObject({ ok: true });
  });
});

describe('a name with several addresses', () => {
  const dialled = (): unknown[] =>
    spy.mock.calls
      .flat(2)
      .flatMap((arg: unknown) => (typeof arg === 'object' && arg && 'host' in arg ? [arg.host] : []));
  let spy: MockInstance;
  const to = (table: Record<string, string[]>): void => {
    wayOut = wayOutTo({ allow: '127.0.0.0/8', lookup: names(table) });
    spy = vi.spyOn(Socket.prototype, 'connect');
  };

  it('is reached at those that are allowed, the others are left out', async () => {
    const server = await rawServer(polite);
    to({ 'mixed.test': ['10.9.9.9', '169.254.169.254', '::1', '127.0.0.1', 'fe80::1%lo'] });
    expect(await post(`http://mixed.test:${server.port}/`)).toMatchObject({ ok: true });
    expect(dialled()).toEqual(['127.0.0.1']);
  });

  it('is reached at the next address when one refuses', async () => {
    const server = await rawServer(polite);
    to({ 'two.test': ['127.0.0.9', '127.0.0.1'] });
    expect(await post(`http://two.test:${server.port}/`)).toMatchObject({ ok: true });
    expect(dialled()).toEqual(['127.0.0.9', '127.0.0.1']);
  });

  it('is reached at the next address when one keeps silent', async () => {
    const port = await stuckPort();
    const server = await rawServer(polite, { host: '127.0.0.2', port });
    to({ 'two.test': ['127.0.0.1', '127.0.0.2'] });
    expect(await post(`http://two.test:${port}/`)).toMatchObject({ ok: true });
    expect(server.connections).toBe(1);
  });

  it('is given up after eight', async () => {
    to({ 'many.test': Array.from({ length: 200 }, (_, i) => `127.0.3.${i + 1}`) });
    expect(await post('http://many.test:9/')).toMatchObject({ ok: false, reason: 'bad_url' });
    expect(await post('http://many.test:4/')).toMatchObject({
      ok: false,
      reason: 'refused',
      sent: 'no',
    });
    expect(dialled()).toHaveLength(8);
  });

  it('is looked up once for a burst of connections, and again for a later one', async () => {
    const lookup = vi.fn(names({ 'bot.test': ['127.0.0.1'] }));
    wayOut = wayOutTo({ lookup });
    const server = await rawServer(slow(30));
    await Promise.all(Array.from({ length: 20 }, () => post(`http://bot.test:${server.port}/`)));
    expect(server.connections).toBe(20);
    expect(lookup).toHaveBeenCalledTimes(1);
    await post(`http://bot.test:${server.port}/`, { key: 'other' });
    expect(lookup).toHaveBeenCalledTimes(2);
  });

  it('is judged anew at each connection, and never after the connection was made', async () => {
    const answers = [['127.0.0.1'], ['10.0.0.1'], ['127.0.0.1']];
    wayOut = wayOutTo({
      allow: '127.0.0.0/8',
      lookup: async () => (answers.shift() ?? []).map((address) => ({ address })),
    });
    const server = await rawServer(says(answer('{}', 'connection: close\r\n')));
    const url = `http://rebinding.test:${server.port}/`;
    expect(await post(url)).toMatchObject({ ok: true });
    expect(await post(url)).toMatchObject({ ok: false, reason: 'forbidden_address', sent: 'no' });
    expect(await post(url)).toMatchObject({ ok: true });
    expect(await post(url)).toMatchObject({ ok: false, reason: 'dns', sent: 'no' });
    expect(server.connections).toBe(2);
  });

  it('that is public is never reached over plain http', async () => {
    to({ 'public.test': ['8.8.8.8', '2606:4700::1111'] });
    expect(await post('http://public.test/')).toMatchObject({ ok: false, reason: 'https_required', sent: 'no' });
    expect(dialled()).toEqual([]);
  });
});

describe('closing', () => {
  it('lets what is under way end, refuses what waits and what comes, and leaves nothing open', async () => {
    wayOut = wayOutTo({ maxSocketsPerKey: 1 });
    const server = await rawServer(slow(80));
    const underWay = post(server.url);
    const waiting = post(server.url);
    await sleep(20);
    const closing = wayOut.close();
    expect(await waiting).toMatchObject({ ok: false, reason: 'shutdown', sent: 'no' });
    expect(await post(server.url)).toMatchObject({ ok: false, reason: 'shutdown', sent: 'no' });
    expect(await underWay).toMatchObject({ ok: true });
    await closing;
    await expect.poll(() => server.open.size).toBe(0);
  });
});
