// TLS on the way out: whom it trusts, what it says when it does not, and that a handshake has its end.
import type { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Answer, Exchange, WayOut } from './client.ts';
import { says } from './fixtures/animals.ts';
import { AUTHORITY, EXPIRED, GOOD, KEY, SELF_SIGNED, WRONG_NAME } from './fixtures/certificates.ts';
import { answer, closeAll, rawServer } from './fixtures/servers.ts';
import { names, wayOutTo } from './fixtures/way-out.ts';

let wayOut: WayOut;

beforeEach(() => {
  wayOut = wayOutTo();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await wayOut.close();
});
afterAll(closeAll);

const polite = says(answer('{}'));
const at = (cert: string): { tls: { cert: string; key: string } } => ({ tls: { cert, key: KEY } });
const post = (url: string, change: Partial<Exchange> = {}): Promise<Answer> =>
  wayOut.send({ url, key: 'k', headers: {}, body: '{}', timeoutMs: 5_000, ...change });

it.each(['bot.test', '127.0.0.1'])('trusts a certificate that is for %s', async (host) => {
  const server = await rawServer(polite, at(GOOD));
  const url = `https://${host}:${server.port}/`;
  expect(await post(url)).toMatchObject({ ok: true, body: '{}', timing: { connectMs: expect.any(Number) } });
  expect(await post(url)).toMatchObject({ ok: true });
  expect(server.connections).toBe(1);
});

it.each([
  ['has expired', EXPIRED, 'expired'],
  ['is for another name', WRONG_NAME, 'another name'],
  ['is self-signed', SELF_SIGNED, 'self-signed'],
])('trusts no certificate that %s, says what to change, and quotes nothing of it', async (_name, cert, advice) => {
  // Not even when the environment tells Node not to look.
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const server = await rawServer(polite, at(cert));
  const result = await post(`https://bot.test:${server.port}/`);
  expect(result).toMatchObject({ ok: false, reason: 'tls', sent: 'no', detail: expect.stringContaining(advice) });
  expect(JSON.stringify(result)).not.toContain('other.test');
  expect(server.requests).toEqual([]);
});

it('trusts no authority that it was not told of', async () => {
  wayOut = wayOutTo({ ca: [] });
  const server = await rawServer(polite, at(GOOD));
  const result = await post(`https://bot.test:${server.port}/`);
  expect(result).toMatchObject({
    ok: false,
    reason: 'tls',
    sent: 'no',
    detail: expect.stringContaining('NODE_EXTRA_CA'),
  });
});

it('checks the address when the URL has no name', async () => {
  const server = await rawServer(polite, { ...at(GOOD), host: '127.0.0.2' });
  expect(await post(`https://127.0.0.2:${server.port}/`)).toMatchObject({ ok: false, reason: 'tls', sent: 'no' });
});

it('sends the name, not the address, so that hosts with many certificates find theirs', async () => {
  let asked: unknown;
  const server = await rawServer((socket, on) => {
    asked = (socket as TLSSocket).servername;
    on.request(() => socket.write(answer('{}')));
  }, at(GOOD));
  expect(await post(`https://bot.test.:${server.port}/`)).toMatchObject({ ok: true });
  expect(asked).toBe('bot.test');
  expect(server.requests[0]).toContain(`host: bot.test:${server.port}\r\n`);
});

it('resumes the session on the next connection', async () => {
  const reused: boolean[] = [];
  const server = await rawServer((socket, on) => {
    reused.push((socket as TLSSocket).isSessionReused());
    on.request(() => setTimeout(() => socket.write(answer('{}', 'connection: close\r\n')), 20));
  }, at(GOOD));
  for (let i = 0; i < 3; i += 1) expect(await post(`https://bot.test:${server.port}/`)).toMatchObject({ ok: true });
  expect(reused).toEqual([false, true, true]);
});

it.each([
  ['speaks plain HTTP', (socket: { end(text: string): void }) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['resets during the handshake', (socket: { resetAndDestroy(): void }) => socket.resetAndDestroy()],
  ['closes during the handshake', (socket: { end(): void }) => socket.end()],
] as const)('fails when the other side %s', async (_name, behave) => {
  const server = await rawServer((socket) => {
    socket.once('data', () => behave(socket));
  });
  expect(await post(`https://bot.test:${server.port}/`)).toMatchObject({ ok: false, reason: 'tls', sent: 'no' });
});

it('gives a handshake that does not end no more than the limit of connecting', async () => {
  const server = await rawServer((socket) => socket.resume());
  const result = await post(`https://bot.test:${server.port}/`, { timeoutMs: 150 });
  expect(result).toMatchObject({
    ok: false,
    reason: 'connect_timeout',
    sent: 'no',
    detail: expect.stringContaining('TLS'),
  });
  await expect.poll(() => server.open.size).toBe(0);
});

it('fails when a client certificate is asked for, however late that is said', async () => {
  const server = await rawServer(polite, { tls: { cert: GOOD, key: KEY, requestCert: true, ca: [AUTHORITY] } });
  expect(await post(`https://bot.test:${server.port}/`)).toMatchObject({
    ok: false,
    reason: expect.stringMatching(/^(tls|closed|reset)$/),
  });
  expect(server.requests).toEqual([]);
});

it('reaches a private address by https too when it is listed', async () => {
  wayOut = wayOutTo({ allow: 'bot.test', lookup: names({ 'bot.test': ['127.0.0.1'] }) });
  const server = await rawServer(polite, at(GOOD));
  expect(await post(`https://bot.test:${server.port}/`)).toMatchObject({ ok: true });
});
