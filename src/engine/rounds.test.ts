// Turns of targets: who answers goes first, whoever hangs is not forgotten.
import { describe, expect, it } from 'vitest';
import { Rounds, type Turn } from './rounds.ts';
import { newTarget, type TargetState } from './targets.ts';

const target = (id: string, silent = false): TargetState => ({ ...newTarget({ type: 'bot', id }), silent });

/** What each target has to send, and how often it began. */
function making(owed: Record<string, number>) {
  const rounds = new Rounds();
  const begun: string[] = [];
  const begin = ({ target: { id } }: TargetState): Turn => {
    if (owed[id] === 0) return 'empty';
    owed[id] = (owed[id] ?? 0) - 1;
    begun.push(id);
    return 'begun';
  };
  const turn = (): string[] => {
    rounds.turn(() => true, begin);
    return begun.splice(0);
  };
  return { rounds, turn };
}

describe('targets take turns', () => {
  it('one attempt each, eight in all, and those that gave no answer one after them', () => {
    const { rounds, turn } = making({ well: 5, quick: 7, hangs: 3, dead: 3 });
    for (const of of [target('hangs', true), target('dead', true), target('well'), target('quick')]) rounds.join(of);
    expect(turn()).toEqual(['well', 'quick', 'well', 'quick', 'well', 'quick', 'well', 'quick', 'hangs']);
    expect(turn()).toEqual(['well', 'quick', 'quick', 'quick', 'dead']);
    expect(turn()).toEqual(['hangs']);
    expect(turn()).toEqual(['dead']);
  });

  it('says whether there may be more in the next turn', () => {
    const owed: Record<string, number> = { hangs: 2 };
    const rounds = new Rounds();
    rounds.join(target('hangs', true));
    const begin = (): Turn => ((owed.hangs as number)-- > 0 ? 'begun' : 'empty');
    expect([1, 2, 3].map(() => rounds.turn(() => true, begin))).toEqual([true, true, false]);
    rounds.join(target('waits'));
    expect(
      rounds.turn(
        () => true,
        () => 'full',
      ),
    ).toBe(false);
    expect(rounds.turn(() => false, begin)).toBe(false);
  });

  it('moves a target to its round when it begins or ceases to answer, passes nobody over, and takes it up once', () => {
    const { rounds, turn } = making({ changes: 20, well: 1, hangs: 1 });
    const changes = target('changes');
    rounds.join(changes);
    rounds.join(changes);
    changes.silent = true;
    rounds.join(target('well'));
    expect(turn()).toEqual(['well', 'changes']);
    changes.silent = false;
    rounds.join(target('hangs', true));
    expect(turn()).toEqual(['hangs']);
    expect(turn()).toEqual(Array.from({ length: 8 }, () => 'changes'));
  });

  it('asks for another turn for a target whose round was over when it moved there', () => {
    const rounds = new Rounds();
    const alone = target('alone', true);
    rounds.join(alone);
    alone.silent = false;
    const begun: string[] = [];
    const begin = ({ target: { id } }: TargetState): Turn => (begun.push(id) > 1 ? 'empty' : 'begun');
    expect(rounds.turn(() => true, begin)).toBe(true);
    expect(begun).toEqual([]);
    rounds.turn(() => true, begin);
    expect(begun).toContain('alone');
  });
});
