import { describe, expect, it } from 'vitest';
import { type Election, type Locks, standForElection } from './leader.ts';
import { type Cable, openLine, type Said } from './line.ts';

/** Web Locks as browsers have them, for one name. */
function locksOf(): Locks {
  type Wait = { held: () => Promise<void>; resolve: () => void; reject: (why: Error) => void };
  let holder: Wait | undefined;
  const waiting: Wait[] = [];
  const next = (): void => {
    if (holder !== undefined) return;
    const first = waiting.shift();
    if (first === undefined) return;
    holder = first;
    void first.held().then(() => {
      if (holder !== first) return;
      holder = undefined;
      first.resolve();
      next();
    });
  };
  return {
    request: (_, { steal, signal }, held) =>
      new Promise<void>((resolve, reject) => {
        const wait = { held, resolve, reject };
        if (steal) {
          holder?.reject(new Error('stolen'));
          holder = undefined;
          waiting.unshift(wait);
        } else waiting.push(wait);
        signal?.addEventListener('abort', () => {
          const at = waiting.indexOf(wait);
          if (at >= 0) waiting.splice(at, 1);
          reject(new Error('withdrawn'));
        });
        queueMicrotask(next);
      }),
  };
}
const calm = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

function tabs(count: number): { all: Election[]; leading: () => number[] } {
  const locks = locksOf();
  const all = Array.from({ length: count }, () => standForElection('chat', locks, () => undefined));
  return { all, leading: () => all.flatMap((tab, index) => (tab.leads() ? [index] : [])) };
}

describe('The election', () => {
  it('has one leader at a time, and the next when it resigns', async () => {
    const { all, leading } = tabs(3);
    await calm();
    expect(leading()).toEqual([0]);
    all[0]?.resign();
    await calm();
    expect(leading()).toEqual([1]);
    all[2]?.resign();
    all[1]?.resign();
    await calm();
    expect(leading()).toEqual([]);
  });

  it('takes the line from a leader that is frozen, which then waits for its turn', async () => {
    const { all, leading } = tabs(2);
    await calm();
    all[1]?.seize();
    await calm();
    expect(leading()).toEqual([1]);
    all[1]?.resign();
    await calm();
    expect(leading()).toEqual([0]);
  });

  it('makes everybody a leader where there are no locks', () => {
    const heard: boolean[] = [];
    const alone = standForElection('chat', undefined, (leads) => heard.push(leads));
    expect(alone.leads()).toBe(true);
    alone.resign();
    expect(heard).toEqual([true, false]);
  });
});

describe('The line between tabs', () => {
  const pair = (answers: boolean) => {
    const cables: Cable[] = [];
    const cable = (): Cable => {
      const own: Cable = {
        postMessage: (data: Said) => {
          for (const other of cables) if (other !== own) queueMicrotask(() => other.onmessage?.({ data }));
        },
        onmessage: null,
        close: () => undefined,
      };
      cables.push(own);
      return own;
    };
    let dead = 0;
    const heard: Said[] = [];
    const leader = openLine(cable(), { leads: () => answers, hear: (said) => heard.push(said), dead: () => undefined });
    const follower = openLine(cable(), { leads: () => false, hear: () => undefined, dead: () => (dead += 1) });
    return { leader, follower, heard, dead: () => dead };
  };

  it('carries what is said, and asks for signs of life beside it', async () => {
    const { follower, heard } = pair(true);
    follower.say({ say: 'send' });
    follower.check();
    await calm();
    expect(heard).toEqual([{ say: 'send' }]);
    follower.close();
  });

  it.each([
    [true, 0],
    [false, 1],
  ])('with a leader that answers: %s, it is held for dead %i times', async (answers, times) => {
    const { follower, dead } = pair(answers);
    follower.check();
    follower.check();
    await new Promise((resolve) => setTimeout(resolve, 3_200));
    expect(dead()).toBe(times);
    follower.close();
  });
});
