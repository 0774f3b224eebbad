// The database that goes away at the worst instant: while it commits, seen through a wire that can be cut on either side
// of it; and another process that takes over. Not here: the program around it (test/flows/postgres.test.ts).
// The one thing to know: a batch that was kept must be told as kept, also when its answer was lost on the way.
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Postgres, startPostgres } from '../../../test/parties/postgres.ts';
import * as errors from '../../engine/store-port.ts';
import { attempt, Script, say, world } from '../conformance/script.ts';
import { openPostgres } from './open.ts';

/** `answers`: what the server says after a commit is lost; `commit`: the commit itself never arrives. */
type Cut = 'answers' | 'commit' | null;

/** A wire to the server that is cut at the next commit, on one side of it or the other. */
async function wire(
  to: number,
): Promise<{ port: number; cut: (what: Cut) => void; cuts: () => number; close: () => void }> {
  let armed: Cut = null;
  let cuts = 0;
  const sockets = new Set<Socket>();
  const server: Server = createServer((client) => {
    const upstream = connect(to, '127.0.0.1');
    let deaf = false;
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', end);
      socket.on('close', end);
    }
    client.on('data', (bytes) => {
      const commits = bytes.includes('COMMIT') || bytes.includes('Bcommit') || bytes.includes('\0commit\0');
      if (commits && armed !== null) {
        if (armed === 'commit') end();
        else {
          deaf = true;
          upstream.write(bytes);
          setTimeout(end, 300);
        }
        armed = null;
        cuts += 1;
        return;
      }
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => (deaf ? undefined : client.write(bytes)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    port,
    cut: (what) => {
      armed = what;
    },
    cuts: () => cuts,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

describe('a database that goes away', () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  }, 60_000);
  afterAll(() => postgres.remove());

  async function opened() {
    const direct = postgres.database();
    const line = await wire(Number(new URL(direct).port));
    const url = new URL(direct);
    url.port = String(line.port);
    const script = new Script();
    const deciding = { ...script, decide: script.decide, now: () => script.now };
    const store = await openPostgres({ ...deciding, url: url.href, errors });
    await store.setWorld(world());
    const close = async (): Promise<void> => {
      await store.close();
      line.close();
    };
    return { store, line, direct, script, close };
  }

  it('after it committed: the batch is told as kept', async () => {
    const { store, line, close, script } = await opened();
    await store.apply([say('+1', 'before')]);
    line.cut('answers');
    const [applied] = await store.apply([say('+1', 'kept')]);
    expect(line.cuts()).toBe(1);
    expect(applied?.queued[0]?.message).toMatchObject({ text: 'kept', turn: 2 });
    const item = applied?.queued[0];
    const [, read] = await store.pendingPage({ type: 'bot', id: 'bot_1' }, 'main', 0, 10);
    expect(read?.delivery).toEqual(item?.delivery);
    expect((await store.apply([say('+1', 'kept')]))[0]?.reply).toMatchObject({ duplicate: true });
    expect(script.errors).toEqual([]);
    await close();
  });

  it('before it committed: the batch is refused, nothing of it is kept, and the next is taken', async () => {
    const { store, line, close } = await opened();
    await store.apply([say('+1', 'before')]);
    line.cut('commit');
    await expect(store.apply([say('+1', 'lost')])).rejects.toBeInstanceOf(errors.StoreUnavailable);
    expect(line.cuts()).toBe(1);
    const [applied] = await store.apply([say('+1', 'lost')]);
    expect(applied?.queued[0]?.message).toMatchObject({ text: 'lost', turn: 2, seq: 2 });
    expect((await store.counts()).deliveries.parked).toBe(2);
    await close();
  });

  it('stopped hard: all calls are refused, and taken again when it is back', async () => {
    const { store, close } = await opened();
    postgres.stopHard();
    await expect(store.apply([say('+1', 'away')])).rejects.toBeInstanceOf(errors.StoreUnavailable);
    await expect(store.counts()).rejects.toBeInstanceOf(errors.StoreUnavailable);
    await expect(store.pendingPage({ type: 'bot', id: 'bot_1' }, 'main', 0, 10)).rejects.toBeInstanceOf(
      errors.StoreUnavailable,
    );
    postgres.start();
    expect((await store.apply([say('+1', 'back')]))[0]?.reply.ok).toBe(true);
    expect((await store.counts()).threads).toBe(1);
    await close();
  });

  it('taken over by another process meanwhile: what was under way is refused, and it goes on as a new one', async () => {
    const { store, direct, close } = await opened();
    await store.apply([say('+1', 'mine')]);
    const [item] = await store.pendingPage({ type: 'bot', id: 'bot_1' }, 'main', 0, 10);
    postgres.sql(
      direct,
      'UPDATE processes SET holder = 99; INSERT INTO leases VALUES (99, now() + interval $$1 h$$, false, $$$$)',
    );
    await expect(store.apply([say('+1', 'stale')])).rejects.toBeInstanceOf(errors.StoreUnavailable);
    expect(postgres.sql(direct, 'SELECT count(*) FROM messages').trim()).toBe('1');
    const [late] = await store.apply([attempt(String(item?.delivery.threadId), String(item?.delivery.id))]);
    expect(late).toMatchObject({ stale: true, reply: { ok: false } });
    expect(postgres.sql(direct, 'SELECT count(*) FROM attempts').trim()).toBe('0');
    expect(await store.pendingPage({ type: 'bot', id: 'bot_1' }, 'main', 0, 10)).toEqual([]);
    expect(store.peers.stats()).toMatchObject({ taken_over_from: 1 });
    await close();
  });
});
