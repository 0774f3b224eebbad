// A replay of many while the store refuses now and then. Not here: what is replayed (engine.test.ts, on the real store).
import { describe, expect, it } from 'vitest';
import type { Input } from '../routing/inputs.ts';
import { Replays } from './replays.ts';
import { type Applied, type DeliveryRow, type ReplayTask, StoreUnavailable } from './store-port.ts';

const row = (id: string): DeliveryRow =>
  ({ id, threadId: 'thr_1', target: { type: 'bot', id: 'bot_1' }, messageId: null, kind: 'message' }) as DeliveryRow;
const ROWS = ['dlv_1', 'dlv_2', 'dlv_3'].map(row);
const taken = { reply: { ok: true } } as Applied;

/** `refused`: whether this saving is. The clock rings at once. */
function house(refused: (task: ReplayTask) => boolean) {
  const saved: ReplayTask[] = [];
  const replayed: Input[] = [];
  const replays = new Replays({
    store: {
      countDeliveries: async () => ROWS.length,
      // Two pages, and nothing that was replayed before.
      listDeliveries: async ({ since, after }) => {
        if (since !== undefined) return { data: [], nextCursor: null };
        return after === undefined
          ? { data: ROWS.slice(0, 2), nextCursor: '2' }
          : { data: ROWS.slice(2), nextCursor: null };
      },
      saveReplay: async (task) => {
        if (refused(task)) throw new StoreUnavailable('the store refuses');
        saved.push(task);
      },
      listReplays: async () => ({ data: [], nextCursor: null }),
      replay: async () => saved.at(-1) ?? null,
    },
    committer: {
      submit: async (inputs) => {
        replayed.push(...inputs);
        return inputs.map(() => taken);
      },
    },
    clock: {
      now: () => 1_000,
      at: (_at, wake) => {
        setImmediate(wake);
        return () => undefined;
      },
    },
    newId: (prefix) => `${prefix}_1`,
    log: { info: () => {}, warn: () => {}, error: () => {} },
    leads: () => true,
  });
  const ended = async (): Promise<ReplayTask | undefined> => {
    for (let turns = 0; turns < 50; turns++) await new Promise((resolve) => setImmediate(resolve));
    return saved.at(-1);
  };
  return { replays, replayed, ended };
}

describe('a replay of many whose progress the store refuses', () => {
  it('ends on disk too, when it was its end that was refused', async () => {
    let left = 2;
    const { replays, replayed, ended } = house(({ status }) => status === 'done' && left-- > 0);
    await replays.start({}, 'test');
    expect(await ended()).toMatchObject({ status: 'done', done: 3, failed: 0 });
    expect(replayed).toHaveLength(3);
  });

  it('counts each once, when it was a step that was refused', async () => {
    let left = 2;
    const { replays, replayed, ended } = house(({ cursor }) => cursor === '2' && left-- > 0);
    await replays.start({}, 'test');
    expect(await ended()).toMatchObject({ status: 'done', done: 3 });
    expect(replayed).toHaveLength(3);
  });

  it('is not begun again by another process that has not heard of its end', async () => {
    let left = 2;
    const { replays, replayed, ended } = house(({ status, id }) => {
      if (status !== 'done' || left-- <= 0) return false;
      replays.told(id, 'running');
      return true;
    });
    await replays.start({}, 'test');
    expect(await ended()).toMatchObject({ status: 'done', done: 3 });
    expect(replayed).toHaveLength(3);
  });
});
