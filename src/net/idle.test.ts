// Connections that were idle: when they are still used, and that the end of an old one is no failure of an exchange.
// The one thing to know: undici's timers are not waited for. The clock is ours, and a test ends a socket as they would.
import { Socket } from 'node:net';
import { errors } from 'undici';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Answer, WayOut } from './client.ts';
import { answer, type Behaviour, closeAll, rawServer } from './fixtures/servers.ts';
import { wayOutTo } from './fixtures/way-out.ts';

let clock = 0;
let wayOut: WayOut;
let dialled: Socket[] = [];

beforeEach(() => {
  clock = 1_000;
  dialled = [];
  const { connect } = Socket.prototype;
  vi.spyOn(Socket.prototype, 'connect').mockImplementation(function (this: Socket, ...args: unknown[]) {
    dialled.push(this);
    return Reflect.apply(connect, this, args);
  });
  wayOut = wayOutTo({ now: () => clock, maxSocketsPerKey: 1 });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await wayOut.close();
});
afterAll(closeAll);

const post = (url: string): Promise<Answer> => wayOut.send({ url, key: 'k', headers: {}, body: '{}' });
const says =
  (head = ''): Behaviour =>
  (socket, on) =>
    on.request(() => socket.write(answer('{}', head)));
/** What undici's idle timer does, which after a pause of this process comes whenever it comes. */
const endIdle = (socket: Socket | undefined): unknown =>
  socket?.destroy(new errors.InformationalError('socket idle timeout'));

describe('the end of an old connection', () => {
  it('is no failure of the exchange that was just given it, and goes over a new one', async () => {
    const server = await rawServer(says());
    await post(server.url);
    const next = post(server.url);
    endIdle(dialled[0]);
    expect(await next).toMatchObject({ ok: true, status: 200 });
    expect(server.connections).toBe(2);
    expect(server.requests).toHaveLength(2);
    expect(await post(server.url)).toMatchObject({ ok: true });
    expect(server.connections).toBe(2);
  });

  it('that has begun but was not heard of yet leaves it unused', async () => {
    const server = await rawServer(says());
    await post(server.url);
    endIdle(dialled[0]);
    expect(await post(server.url)).toMatchObject({ ok: true, status: 200 });
    expect(server.connections).toBe(2);
  });

  it.each(['keep-alive: timeout=1\r\n', 'connection: close\r\n'])(
    'announced by %j does not hurt those that wait for a connection',
    async (head) => {
      const server = await rawServer(says(head));
      const answers = await Promise.all([1, 2, 3].map(() => post(server.url)));
      expect(answers).toMatchObject([{ ok: true }, { ok: true }, { ok: true }]);
      expect(server.connections).toBe(3);
    },
  );
});

describe('a connection that was idle', () => {
  it.each([
    ['', 3_999, 4_000],
    ['keep-alive: timeout=3\r\n', 999, 1_000],
    ['keep-alive: timeout=20\r\n', 17_999, 18_000],
    ['keep-alive: timeout=900\r\n', 59_999, 60_000],
  ])('with %j is used again after %i ms and not after %i ms', async (head, short, long) => {
    const server = await rawServer(says(head));
    await post(server.url);
    clock += short;
    expect(await post(server.url)).toMatchObject({ ok: true });
    expect(server.connections).toBe(1);
    clock += long;
    expect(await post(server.url)).toMatchObject({ ok: true });
    expect(server.connections).toBe(2);
    await expect.poll(() => server.open.size).toBe(1);
  });
});
