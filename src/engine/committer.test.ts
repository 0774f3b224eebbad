// The road to the store, on its own: batches, order of looking, and what one bad input may not do to the others.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Input } from '../routing/inputs.ts';
import { manualClock } from './clock.ts';
import { Committer } from './committer.ts';
import { sleep } from './fixtures/box.ts';
import { type Applied, StoreUnavailable } from './store-port.ts';

const applied = (id: string): Applied => ({
  reply: { ok: true, messageId: id },
  thread: null,
  dueAt: undefined,
  queued: [],
  changes: [],
  health: null,
  transients: [],
});
const input = (threadId: string): Input => ({ type: 'clock', threadId });
const name = (one: Input): string => ('threadId' in one ? one.threadId : '');

function make(apply: (names: string[]) => Promise<void> = async () => {}) {
  const flushes: string[][] = [];
  const looked: string[] = [];
  const errors: string[] = [];
  const states: string[] = [];
  const clock = manualClock(0);
  const committer: Committer = new Committer({
    store: {
      async apply(inputs) {
        const names = inputs.map(name);
        flushes.push(names);
        await apply(names);
        return inputs.map((one) => applied(name(one)));
      },
    },
    clock,
    limits: { flushInputs: 4, queuedInputs: 8 },
    log: { info: () => {}, warn: () => {}, error: (_facts, text) => errors.push(text) },
    committed: (inputs) => looked.push(...inputs.map(name)),
    stateChanged: () => states.push(committer.state()),
  });
  return { committer, flushes, looked, errors, clock, states };
}

const names = (all: Applied[]): (string | undefined)[] => all.map(({ reply }) => (reply.ok ? reply.messageId : ''));

describe('batches', () => {
  it('hold what arrives in one turn, whole groups only, and each gets its own answers', async () => {
    const { committer, flushes } = make();
    const all = await Promise.all([
      committer.submit([input('a'), input('b'), input('c')]),
      committer.submit([input('d'), input('e')]),
      committer.submit([input('f')]),
    ]);
    expect(flushes).toEqual([
      ['a', 'b', 'c'],
      ['d', 'e', 'f'],
    ]);
    expect(all.map(names)).toEqual([['a', 'b', 'c'], ['d', 'e'], ['f']]);
  });

  it('take a group that is larger than a flush, alone', async () => {
    const { committer, flushes } = make();
    const large = ['a', 'b', 'c', 'd', 'e', 'f'];
    await Promise.all([committer.submit(large.map(input)), committer.submit([input('g')])]);
    expect(flushes).toEqual([large, ['g']]);
  });

  it('go one at a time', async () => {
    let now = 0;
    const { committer } = make(async () => {
      expect(++now).toBe(1);
      await sleep(1);
      now -= 1;
    });
    await Promise.all(Array.from({ length: 8 }, (_, i) => committer.submit([input(`${i}`)])));
  });

  it('of nothing are nothing', async () => {
    const { committer, flushes } = make();
    expect(await committer.submit([])).toEqual([]);
    expect(flushes).toEqual([]);
  });
});

describe('answers', () => {
  it('are looked at in the order of asking, whoever answers first', async () => {
    const { committer, looked } = make(() => sleep(10));
    const mine = committer.submit([input('commit')]);
    await sleep(2);
    committer.ask(
      async () => 'page',
      (value) => looked.push(value),
      () => {},
    );
    await mine;
    await sleep(2);
    expect(looked).toEqual(['commit', 'page']);
  });
});

describe('a bug on one input', () => {
  it('fails that one, and the others of its batch are stored', async () => {
    const { committer, flushes, errors } = make(async (all) => {
      if (all.includes('bad')) throw new TypeError('no such thing');
    });
    const all = await Promise.allSettled([
      committer.submit([input('a')]),
      committer.keep(input('bad')),
      committer.submit([input('b')]),
    ]);
    expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(flushes).toEqual([['a', 'bad', 'b'], ['a'], ['bad'], ['b']]);
    expect(errors).toHaveLength(1);
  });
});

describe('a store that refuses', () => {
  it('fails hooks at once, and is asked again for what is kept, after growing pauses', async () => {
    let down = true;
    const { committer, flushes, clock } = make(async () => {
      if (down) throw new StoreUnavailable('full');
    });
    const kept = committer.keep(input('kept'));
    await expect(committer.submit([input('hook')])).rejects.toBeInstanceOf(StoreUnavailable);
    expect(committer.state()).toBe('down');
    await expect(committer.submit([input('hook')])).rejects.toBeInstanceOf(StoreUnavailable);
    const tries: number[] = [];
    for (let ms = 0; ms < 9_000; ms += 100) {
      const before = flushes.length;
      clock.advance(100);
      await sleep(1);
      if (flushes.length > before) tries.push(clock.now());
    }
    expect(tries).toEqual([200, 600, 1_400, 3_000, 5_000, 7_000, 9_000]);
    down = false;
    clock.advance(2_000);
    expect((await kept).reply).toMatchObject({ messageId: 'kept' });
    expect(committer.state()).toBe('up');
    expect(names(await committer.submit([input('hook')]))).toEqual(['hook']);
  });
});

describe('a store that does not answer', () => {
  it('tells hooks to come again, and the engine what became of the flush when it ends', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      let end = (): void => {};
      const hangs = new Promise<void>((resolve) => {
        end = resolve;
      });
      const { committer, looked } = make(() => hangs);
      const hook = committer.submit([input('hook')]);
      const kept = committer.keep(input('kept'));
      const told = expect(hook).rejects.toBeInstanceOf(StoreUnavailable);
      await new Promise((resolve) => setImmediate(resolve));
      vi.advanceTimersByTime(5_000);
      await told;
      await expect(committer.submit([input('late')])).rejects.toBeInstanceOf(StoreUnavailable);
      expect(committer.state()).toBe('down');
      end();
      expect((await kept).reply).toMatchObject({ messageId: 'kept' });
      expect(committer.state()).toBe('up');
      expect(looked).toEqual(['hook', 'kept']);
      expect(names(await committer.submit([input('next')]))).toEqual(['next']);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('a store that hangs', () => {
  const turn = async () => {
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
  };
  const hanging = (end: { fail: (error: Error) => void }, first: () => Promise<void>) => {
    let flushes = 0;
    return make(async () => {
      flushes += 1;
      if (flushes === 1) await first();
      if (flushes <= 2) {
        await new Promise<void>((_, reject) => {
          end.fail = reject;
        });
      }
    });
  };
  const end = { fail: (_: Error): void => {} };
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('while it is being tried has hooks told to come again', async () => {
    const { committer, clock } = hanging(end, () => Promise.reject(new StoreUnavailable('full')));
    const kept = committer.keep(input('kept'));
    kept.catch(() => {});
    await turn();
    expect(committer.state()).toBe('down');
    clock.advance(200);
    await turn();
    expect(committer.state()).toBe('trying');
    vi.advanceTimersByTime(5_000);
    await expect(committer.submit([input('late')])).rejects.toBeInstanceOf(StoreUnavailable);
    end.fail(new StoreUnavailable('still full'));
    await turn();
    clock.advance(400);
    expect((await kept).reply).toMatchObject({ messageId: 'kept' });
    expect(committer.state()).toBe('up');
  });

  it('and ends with the bug of a single one has whoever waits for it told that it is tried', async () => {
    const { committer, states } = hanging(end, async () => {});
    const kept = committer.keep(input('a'));
    await turn();
    vi.advanceTimersByTime(5_000);
    end.fail(new TypeError('no such thing'));
    await expect(kept).rejects.toThrow('no such thing');
    expect(states).toEqual(['down', 'trying']);
  });

  it('and ends with a bug is tried again', async () => {
    const { committer } = hanging(end, async () => {});
    const kept = [committer.keep(input('a')), committer.keep(input('b'))];
    await turn();
    vi.advanceTimersByTime(5_000);
    expect(committer.state()).toBe('down');
    end.fail(new TypeError('no such thing'));
    await turn();
    end.fail(new TypeError('no such thing'));
    const all = await Promise.allSettled(kept);
    expect(all.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(committer.state()).toBe('up');
  });
});

describe('closing', () => {
  it('refuses hooks first, then gives up what is kept', async () => {
    const { committer } = make(async () => {
      throw new StoreUnavailable('full');
    });
    const kept = committer.keep(input('kept'));
    kept.catch(() => {});
    await sleep(2);
    committer.refuse();
    await expect(committer.submit([input('hook')])).rejects.toThrow('stopping');
    committer.close();
    await expect(kept).rejects.toThrow('stopping');
    await expect(committer.keep(input('late'))).rejects.toThrow('stopping');
  });
});
