// The zoo: how servers misbehave, and what an exchange says of each. Real sockets on loopback.
// Every animal is given a short time limit and must have its verdict soon after it, whatever it does.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Answer, Exchange, WayOut } from './client.ts';
import { ANIMALS, says, timeout } from './fixtures/animals.ts';
import { answer, closeAll, closedPort, rawServer, repeat, stuckPort, trap } from './fixtures/servers.ts';
import { wayOutTo } from './fixtures/way-out.ts';

const TIMEOUT_MS = 200;
/** For those that have their verdict before any limit, however busy the test machine is. */
const AMPLE_MS = 5_000;
/** How long after its limit an exchange may end on a busy test machine; the limit itself is what is tested. */
const GRACE_MS = 1_000;
const KIB = 1024;

let wayOut: WayOut;

beforeEach(() => {
  wayOut = wayOutTo();
});
afterEach(() => wayOut.close());
afterAll(closeAll);

async function post(url: string, change: Partial<Exchange> = {}): Promise<Answer> {
  const startedAt = performance.now();
  const result = await wayOut.send({ url, key: 'k', headers: {}, body: '{}', timeoutMs: TIMEOUT_MS, ...change });
  expect(performance.now() - startedAt).toBeLessThan(2 * (change.timeoutMs ?? TIMEOUT_MS) + GRACE_MS);
  if (!result.ok) expect(result.detail).toMatch(/^\S.*[.?]$/s);
  return result;
}

describe('a server that', () => {
  it.each(ANIMALS)('%s', async (_name, behaviour, expected) => {
    const server = await rawServer(behaviour);
    const isLate = !expected.ok && expected.reason === 'timeout';
    expect(await post(server.url, isLate ? {} : { timeoutMs: AMPLE_MS })).toMatchObject(expected);
    expect(server.connections).toBeLessThanOrEqual(1);
  });

  it.each([301, 302, 303, 307, 308])('redirects with %i inside is not followed', async (status) => {
    const inside = await trap();
    const location = `http://127.0.0.1:${inside.port}/`;
    const server = await rawServer(
      says(
        `HTTP/1.1 ${status} Moved\r\nlocation: ${location}\r\nrefresh: 0; url=${location}\r\ncontent-length: 0\r\n\r\n`,
      ),
    );
    expect(await post(server.url, { timeoutMs: AMPLE_MS })).toMatchObject({ ok: true, status, headers: { location } });
    await sleep(20);
    expect(inside.caught()).toBe(0);
  });

  it('is not there', async () => {
    const port = await closedPort();
    expect(await post(`http://127.0.0.1:${port}/`)).toMatchObject({ ok: false, reason: 'refused', sent: 'no' });
  });

  it('never reads (zero window) a large request', async () => {
    const server = await rawServer((socket) => socket.pause());
    expect(await post(server.url, { body: Buffer.alloc(8 * KIB * KIB) })).toMatchObject(timeout);
  });

  it('answers before it has read a large request: the answer counts, the connection is not used again', async () => {
    const server = await rawServer((socket) => {
      socket.once('readable', () => socket.write(answer('early')));
    });
    expect(await post(server.url, { body: Buffer.alloc(8 * KIB * KIB), timeoutMs: AMPLE_MS })).toMatchObject({
      ok: true,
      body: 'early',
    });
    await post(server.url);
    expect(server.connections).toBe(2);
  });

  it('takes the whole of the time limit in a body that would be complete a little later', async () => {
    const server = await rawServer((socket, on) =>
      on.request(() => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 40\r\n\r\n');
        repeat(socket, 'a', 15);
      }),
    );
    const result = await post(server.url);
    expect(result).toMatchObject({ ...timeout, status: 200, body: expect.stringMatching(/^a{2,39}$/) });
    expect(result.timing.totalMs).toBeGreaterThanOrEqual(TIMEOUT_MS - 5);
  });

  it('lets connections wait unaccepted', async () => {
    const port = await stuckPort();
    const result = await post(`http://127.0.0.1:${port}/`);
    expect(result).toMatchObject({ ok: false, reason: 'connect_timeout', sent: 'no' });
    expect(result.timing.totalMs).toBeGreaterThanOrEqual(TIMEOUT_MS - 5);
  });

  it.each(['http', 'https'])('has a name that does not exist (%s)', async (scheme) => {
    expect(await post(`${scheme}://nowhere.localhost/`)).toMatchObject({ ok: false, reason: 'dns', sent: 'no' });
  });

  it('has a name server that never answers', async () => {
    wayOut = wayOutTo({ lookup: () => new Promise(() => {}) });
    expect(await post('https://slow.example.com/')).toMatchObject({ ok: false, reason: 'dns', sent: 'no' });
  });

  it('has a name server that fails', async () => {
    wayOut = wayOutTo({ lookup: () => Promise.reject(Object.assign(new Error('try later'), { code: 'EAI_AGAIN' })) });
    expect(await post('https://slow.example.com/')).toMatchObject({ ok: false, reason: 'dns', sent: 'no' });
  });
});

describe('after the whole zoo', () => {
  it('no connection is left, here or there', async () => {
    const servers = await Promise.all(ANIMALS.map(([, behaviour]) => rawServer(behaviour)));
    await Promise.all(
      servers.flatMap(({ url }) =>
        [1, 2, 3].map(() => wayOut.send({ url, key: 'k', headers: {}, timeoutMs: TIMEOUT_MS })),
      ),
    );
    await wayOut.close();
    const left = (): string[] => ANIMALS.filter((_, i) => (servers[i]?.open.size ?? 0) > 0).map(([name]) => name);
    await expect.poll(left, { timeout: AMPLE_MS }).toEqual([]);
  });
});
