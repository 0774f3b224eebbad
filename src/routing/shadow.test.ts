// Tables of which rule leaves nothing to which; and that what is said to imply does imply, for any conditions.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RuleSpec, ruleOf, toBot, toBoth, toDesk } from './fixtures/world.ts';
import type { Condition, Operator } from './model.ts';
import { evaluate } from './rules.ts';
import { implies, shadows } from './shadow.ts';

const text = (op: Operator, value: unknown): Condition => ({ field: 'message.text', op, value });
const REFUND = text('contains', 'refund');
const WEEKEND: Condition = { field: 'time.weekday', op: 'in', value: ['sat', 'sun'] };
const on = (more: Partial<RuleSpec> = {}): RuleSpec => ({ on: 'message.received', do: toBot('A'), ...more });
const trigger = (event: 'message.received' | 'bot.handover' | 'desk.failed', more = {}) => ({ on: { event, ...more } });

/** Whether the second rule is shadowed by the first. */
const PAIRS: [string, RuleSpec, RuleSpec, boolean][] = [
  ['the same without conditions', on(), on(), true],
  ['anything before a condition', on(), on({ if: REFUND }), true],
  ['a condition before anything', on({ if: REFUND }), on(), false],
  ['the same condition', on({ if: REFUND }), on({ if: REFUND }), true],
  ['a wider condition', on({ if: REFUND }), on({ if: { all: [WEEKEND, REFUND] } }), true],
  ['a narrower condition', on({ if: { all: [WEEKEND, REFUND] } }), on({ if: REFUND }), false],
  ['another target on the same message', on(), on({ do: toDesk('X') }), true],
  ['a rule that is switched off', on({ enabled: false }), on(), false],
  ['before one that is switched off', on(), on({ enabled: false }), false],
  ['another event', on({ on: 'postback.received' }), on(), false],
  ['any asset before one', on(), on(trigger('message.received', { asset_id: 'ast' })), true],
  ['one asset before any', on(trigger('message.received', { asset_id: 'ast' })), on(), false],
  [
    'one asset before another',
    on(trigger('message.received', { asset_id: 'ast' })),
    on(trigger('message.received', { asset_id: 'ast2' })),
    false,
  ],
  ['a text that is said', on({ do: { type: 'send_message', text: 'hi' } }), on(), false],
  ['before a text that is said', on(), on({ do: { type: 'send_message', text: 'hi' } }), false],
  ['one that ends', on({ endsAt: 5 }), on(), false],
  ['one that ends later', on({ endsAt: 5 }), on({ endsAt: 4 }), true],
  ['one that begins later', on({ startsAt: 5 }), on({ startsAt: 4 }), false],
  ['one that has begun before', on({ startsAt: 4 }), on({ startsAt: 5 }), true],
  [
    'a desk at a handover',
    on({ ...trigger('bot.handover'), do: toDesk('X') }),
    on({ ...trigger('bot.handover'), do: toDesk('Y') }),
    true,
  ],
  [
    'the next desk where one failed',
    on({ ...trigger('desk.failed'), do: toDesk('X') }),
    on({ ...trigger('desk.failed'), do: toDesk('Y') }),
    false,
  ],
  [
    'the same desk where one failed',
    on({ ...trigger('desk.failed'), do: toDesk('X') }),
    on({ ...trigger('desk.failed'), do: toDesk('X') }),
    true,
  ],
  [
    'the same bot where a desk failed',
    on({ ...trigger('desk.failed'), do: toBot('A') }),
    on({ ...trigger('desk.failed'), do: toBoth('A', 'X') }),
    true,
  ],
  [
    'a desk before a bot where a desk failed',
    on({ ...trigger('desk.failed'), do: toDesk('X') }),
    on({ ...trigger('desk.failed'), do: toBot('A') }),
    false,
  ],
];

describe('a rule is shadowed by', () => {
  it.each(PAIRS)('%s', (_what, earlier, later, shadowed) => {
    const rules = [ruleOf({ ...earlier, id: 'first' }, 1), ruleOf({ ...later, id: 'second' }, 2)];
    expect([...shadows(rules)]).toEqual(shadowed ? [['second', 'first']] : []);
  });

  it('the first that covers it, of several', () => {
    const rules = [on({ if: WEEKEND }), on(), on(), on({ if: REFUND })].map((spec, i) => ruleOf(spec, i));
    expect([...shadows(rules)]).toEqual([
      ['rul2', 'rul1'],
      ['rul3', 'rul1'],
    ]);
  });

  it('nothing where no form shows it, and two hundred rules of a hundred parts do not take long', () => {
    const wide = (i: number): Condition => ({
      all: Array.from({ length: 9 }, (_, j) => ({
        any: Array.from({ length: 10 }, (_, k) => text('contains', `<${i} ${j} ${k}>`)),
      })),
    });
    const rules = Array.from({ length: 200 }, (_, i) => ruleOf(on({ if: wide(i) }), i));
    const began = performance.now();
    expect(shadows(rules).size).toBe(0);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

/** Whether the first implies the second. */
const IMPLICATIONS: [Condition, Condition, boolean][] = [
  [text('equals', 'refund now'), REFUND, true],
  [text('equals', 'other'), REFUND, false],
  [text('equals', 'refund'), text('not_equals', 'sale'), true],
  [text('in', ['refund a', 'refund b']), text('starts_with', 'refund'), true],
  [text('in', ['refund a', 'b']), text('starts_with', 'refund'), false],
  [text('equals', 'b'), text('in', ['a', 'b']), true],
  [text('equals', '7'), text('gt', 5), true],
  [text('starts_with', 'refund now'), text('starts_with', 'refund'), true],
  [text('starts_with', 'refund'), text('starts_with', 'refund now'), false],
  [text('starts_with', 'x refund'), REFUND, true],
  [text('contains', 'refunds'), text('starts_with', 'refund'), false],
  [text('contains', 'refunds'), REFUND, true],
  [text('contains_ignore_case', 'REFUND'), REFUND, false],
  [REFUND, text('contains_ignore_case', 'REFUND'), true],
  [text('equals_ignore_case', 'Refund'), text('contains_ignore_case', 'fun'), true],
  [{ any: [REFUND, WEEKEND] }, REFUND, false],
  [REFUND, { any: [WEEKEND, REFUND] }, true],
  [{ any: [text('equals', 'refund 1'), text('equals', 'refund 2')] }, REFUND, true],
  [{ not: REFUND }, { not: text('contains', 'refunds') }, true],
  [{ not: text('contains', 'refunds') }, { not: REFUND }, false],
  [WEEKEND, REFUND, false],
];

const leaf = fc.record({
  field: fc.constantFrom('message.text', 'customer.name'),
  op: fc.constantFrom<Operator>(
    'equals',
    'not_equals',
    'contains',
    'starts_with',
    'ends_with',
    'contains_ignore_case',
    'equals_ignore_case',
  ),
  value: fc.constantFrom('a', 'b', 'ab', 'A', 'aB'),
});
const tree = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    leaf.map((each) => ({ ...each, op: 'in' as Operator, value: [each.value, 'b'] })),
    fc.record({ not: tie('condition') }),
    fc.record({ all: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
  ),
})).condition;

describe('implication', () => {
  it.each(IMPLICATIONS)('of %j for %j: %s', (a, b, implied) => {
    expect(implies(a, b)).toBe(implied);
  });

  it('is never claimed wrongly', () => {
    const words = [undefined, '', 'a', 'b', 'ab', 'ba', 'A', 'aB', 'AB', 'aab'];
    fc.assert(
      fc.property(tree, tree, (a, b) => {
        if (!implies(a, b)) return;
        for (const said of words)
          for (const called of words) {
            const fields = { 'message.text': said, 'customer.name': called };
            if (evaluate(a, fields).holds) expect(evaluate(b, fields).holds).toBe(true);
          }
      }),
      { numRuns: 3_000 },
    );
  });
});
