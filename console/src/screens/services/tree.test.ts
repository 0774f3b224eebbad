// Conditions on their way into the form and back.
import { describe, expect, it } from 'vitest';
import type { Condition } from '../../api/types.ts';
import { conditionOf, keyAt, newGroup, newLeaf, treeOf, valueFor } from './tree.ts';

const refund: Condition = { field: 'message.text', op: 'contains_ignore_case', value: 'refund' };
const night: Condition = { field: 'time.local', op: 'between', value: ['22:00', '06:00'] };

describe('A condition tree in a form', () => {
  it.each<[string, Condition | null]>([
    ['nothing', null],
    ['a single one', refund],
    ['a negated one', { not: refund }],
    ['all of some', { all: [refund, night] }],
    ['none of some', { not: { any: [refund, night] } }],
    ['a deep one', { all: [refund, { any: [night, { not: { all: [refund, { not: night }] } }] }] }],
  ])('comes back as it went in: %s', (_, condition) => {
    expect(conditionOf(treeOf(condition))).toEqual(condition);
  });

  it('loses a double negation and a group around one, which say the same', () => {
    expect(conditionOf(treeOf({ not: { not: refund } }))).toEqual(refund);
    expect(conditionOf(treeOf({ all: [refund] }))).toEqual(refund);
  });

  it('knows which of its parts the server means', () => {
    const tree = treeOf({ all: [refund, { any: [night, refund] }] });
    const inner = tree.parts[1];
    const second = inner?.kind === 'group' ? inner.parts[1] : undefined;
    expect(keyAt(tree, '/all/1/any/1/value')).toBe(second?.key);
    expect(keyAt(treeOf(null), '/field')).toBeNull();
  });

  it('keeps what was typed where the next operator can take it', () => {
    expect(valueFor('in', 'message.text', 'refund')).toEqual(['refund']);
    expect(valueFor('equals', 'message.text', ['a', 'b'])).toBe('a');
    expect(valueFor('between', 'time.local', '')).toEqual(['09:00', '17:00']);
  });

  it('sends a number as a number, and a time of day as it is', () => {
    const more = { ...newLeaf('attributes.score'), op: 'gt', value: ' 12.5 ' };
    expect(conditionOf(newGroup([more]))).toMatchObject({ value: 12.5 });
    expect(conditionOf(treeOf(night))).toEqual(night);
  });
});
