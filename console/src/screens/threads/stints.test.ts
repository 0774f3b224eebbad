// A thread's holders as stints: a bot, a wait, a person and the bot again.
import { describe, expect, it } from 'vitest';
import type { HolderChange } from '../../api/types.ts';
import { stintsOf, widthOf } from './stints.ts';

const nobody = { type: 'none', id: null, conversation_id: null } as const;
const bot = { type: 'bot', id: 'bot_1', conversation_id: 'conv_1' } as const;
const desk = { type: 'desk', id: 'desk_1', conversation_id: 'conv_2' } as const;
const change = (more: Partial<HolderChange>): HolderChange => ({
  at: '2030-01-01T00:00:00Z',
  epoch: 1,
  from: nobody,
  to: bot,
  phase: null,
  agent: null,
  reason: '',
  actor: 'signalbox',
  ...more,
});

describe('stints', () => {
  it('tell a wait for a desk from the person who then has the line, and end where the next begins', () => {
    const stints = stintsOf({
      holders: [
        change({}),
        change({ at: '2030-01-01T00:01:00Z', epoch: 2, from: bot, to: desk, phase: 'offered', reason: 'asked' }),
        change({ at: '2030-01-01T00:01:30Z', epoch: 2, from: desk, to: desk, phase: 'queued' }),
        change({ at: '2030-01-01T00:02:00Z', epoch: 2, from: desk, to: desk, phase: 'accepted', agent: 'Maya' }),
        change({ at: '2030-01-01T00:09:00Z', epoch: 3, from: desk, to: bot }),
        change({ at: '2030-01-01T00:10:00Z', epoch: 4, from: bot, to: nobody }),
      ],
    });
    expect(stints.map(({ kind, agent, epoch }) => [kind, agent, epoch])).toEqual([
      ['bot', null, 1],
      ['waiting', null, 2],
      ['waiting', null, 2],
      ['person', 'Maya', 2],
      ['bot', null, 3],
      ['nobody', null, 4],
    ]);
    expect(stints[1]).toMatchObject({ from: '2030-01-01T00:01:00Z', until: '2030-01-01T00:01:30Z', reason: 'asked' });
    expect(stints.at(-1)?.until).toBeNull();
  });

  it('are drawn wider the longer they were, and never as nothing', () => {
    const [short, long] = stintsOf({ holders: [change({}), change({ at: '2030-01-01T00:00:01Z' })] });
    if (!short || !long) throw new Error('two stints');
    const now = Date.parse('2030-01-02T00:00:00Z');
    expect(widthOf(short, now)).toBeGreaterThan(1);
    expect(widthOf(long, now)).toBeGreaterThan(widthOf(short, now));
    expect(widthOf(long, now)).toBeLessThan(20);
  });
});
