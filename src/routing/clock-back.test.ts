// What a clock that has gone back leaves behind: times that lie further ahead than anything can wait for. A process that
// starts anew meets them; while it runs its time never goes back (src/engine/clock.ts).
import { describe, expect, it } from 'vitest';
import { Box } from './fixtures/box.ts';
import { act, cell, held, STATES } from './fixtures/states.ts';
import { toBot, worldOf } from './fixtures/world.ts';

const YEARS_MS = 3_650 * 86_400_000;

const back = (box: Box): void => {
  box.now -= YEARS_MS;
};

describe('After the clock has gone back by ten years', () => {
  it('a limit for taking has passed, for it was set by the clock as it was', () => {
    const box = act(held('A'), (b) => b.say('x'));
    back(box);
    box.submit({ type: 'clock', threadId: box.thread.id });
    expect(box.thread.limbo).toBe('overdue');
  });

  it('but not one that another machine, whose clock goes two seconds before ours, has just set', () => {
    const box = act(held('A'), (b) => b.say('x'));
    box.now -= 2_000;
    box.submit({ type: 'clock', threadId: box.thread.id });
    expect(box.thread.limbo).toBe('');
  });

  it('and so has one for accepting', () => {
    const box = STATES['X offered']();
    back(box);
    expect(cell(box, () => box.submit({ type: 'clock', threadId: box.thread.id }))).toBe('A+1');
  });

  it('a message does not join a window that may be sent already', () => {
    const bots = { A: { settings: { merge_window_ms: 1_200 } } };
    const box = new Box(worldOf({ bots, rules: [{ on: 'message.received', do: toBot('A') }] }));
    box.say('one');
    back(box);
    box.say('two');
    expect(box.deliveries.map(({ merged }) => merged.length)).toEqual([0, 0]);
  });
});
