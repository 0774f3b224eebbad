// Conditions and rules as tables: every operator, every field, in which order rules match, and what is said about it.
// Contract §2 Rules. Not here: what an action does with the line (line.test.ts).
import { describe, expect, it } from 'vitest';
import { Box } from './fixtures/box.ts';
import { type RuleSpec, ruleOf, toBot, worldOf } from './fixtures/world.ts';
import type { Condition, Operator } from './model.ts';
import { checkCondition, evaluate, FIELDS, type Fields, match, OPERATORS } from './rules.ts';

const holds = (op: Operator, value: unknown, actual: Fields[string]) =>
  evaluate({ field: 'message.text', op, value }, { 'message.text': actual }).holds;

describe('an operator', () => {
  const TABLE: [Operator, unknown, Fields[string], boolean][] = [
    ['equals', 'Hi', 'Hi', true],
    ['equals', 'Hi', 'hi', false],
    ['equals', 'Hi', undefined, false],
    ['equals', 5, '5', true],
    ['equals', true, 'true', true],
    ['equals', '', '', true],
    ['not_equals', 'Hi', 'hi', true],
    ['not_equals', 'Hi', 'Hi', false],
    ['not_equals', 'Hi', undefined, true],
    ['in', ['a', 'b'], 'b', true],
    ['in', ['a', 'b'], 'B', false],
    ['in', ['a', 5], '5', true],
    ['in', ['a'], undefined, false],
    ['not_in', ['a', 'b'], 'c', true],
    ['not_in', ['a', 'b'], 'a', false],
    ['not_in', ['a'], undefined, true],
    ['contains', 'ell', 'Hello', true],
    ['contains', 'ELL', 'Hello', false],
    ['contains', 'x', undefined, false],
    ['starts_with', 'He', 'Hello', true],
    ['starts_with', 'lo', 'Hello', false],
    ['ends_with', 'lo', 'Hello', true],
    ['ends_with', 'He', 'Hello', false],
    ['regex', '^h[ae]llo$', 'hello', true],
    ['regex', '^h[ae]llo$', 'Hello', false],
    ['regex', 'l+', 'hello', true],
    ['regex', 'x', undefined, false],
    ['gt', 5, '6', true],
    ['gt', 5, '5', false],
    ['gt', '5', '10', true],
    ['gt', 5, 'six', false],
    ['gt', 5, '', false],
    ['gt', 5, ' ', false],
    ['gt', 5, undefined, false],
    ['gt', '2024-01-01', '2024-06-01', true],
    ['gte', 5, '5', true],
    ['gte', 5, '4.9', false],
    ['lt', 5, '4', true],
    ['lt', 5, '5', false],
    ['lt', 5, 'one', false],
    ['lt', '09:00', '08:59', true],
    ['lte', 5, '5', true],
    ['lte', 5, '5.1', false],
    ['between', [1, 5], '1', true],
    ['between', [1, 5], '5', true],
    ['between', [1, 5], '6', false],
    ['between', [1, 5], 'three', false],
    ['between', [1, 10], '9', true],
    ['between', ['09:00', '17:00'], '12:30', true],
    ['between', ['09:00', '17:00'], '17:01', false],
    ['between', ['22:00', '06:00'], '23:59', true],
    ['between', ['22:00', '06:00'], '22:00', true],
    ['between', ['22:00', '06:00'], '06:00', true],
    ['between', ['22:00', '06:00'], '00:00', true],
    ['between', ['22:00', '06:00'], '06:01', false],
    ['between', ['22:00', '06:00'], '21:59', false],
    ['between', ['22:00', '06:00'], undefined, false],
    ['equals_ignore_case', 'hELLO', 'Hello', true],
    ['equals_ignore_case', 'GRÜSSE', 'grüsse', true],
    ['not_equals_ignore_case', 'HI', 'hi', false],
    ['not_equals_ignore_case', 'HI', 'ho', true],
    ['in_ignore_case', ['A', 'B'], 'b', true],
    ['not_in_ignore_case', ['A', 'B'], 'b', false],
    ['contains_ignore_case', 'ELL', 'Hello', true],
    ['starts_with_ignore_case', 'hE', 'Hello', true],
    ['ends_with_ignore_case', 'LO', 'Hello', true],
    ['regex_ignore_case', '^HELLO', 'hello there', true],
  ];
  it.each(TABLE)('%s %o of %o is %s', (op, value, actual, expected) => {
    expect(holds(op, value, actual)).toBe(expected);
    expect(evaluate({ not: { field: 'message.text', op, value } }, { 'message.text': actual }).holds).toBe(!expected);
  });

  it('is in the table, whichever it is', () => {
    expect([...new Set(TABLE.map(([op]) => op))].sort()).toEqual([...OPERATORS].sort());
  });

  it('for regular expressions takes linear time', () => {
    const text = `${'a'.repeat(50_000)}!`;
    const start = performance.now();
    expect(holds('regex', '(a+)+$', text)).toBe(false);
    expect(holds('regex', '(a|aa)*b', text)).toBe(false);
    expect(performance.now() - start).toBeLessThan(3_000);
  });

  it('for regular expressions gives up on a long text where the pattern is thousands of steps', () => {
    expect(holds('regex', '(a?){1000}[bc]', `${'a'.repeat(1_000)}b`)).toBe(true);
    const start = performance.now();
    expect(holds('regex', '(a?){1000}[bc]', `${'a'.repeat(65_000)}b`)).toBe(false);
    expect(performance.now() - start).toBeLessThan(500);
  });

  it('is asked once, however deep it lies', () => {
    let asked = 0;
    const fields: Fields = {
      get 'message.text'() {
        asked += 1;
        return 'hello';
      },
    };
    let condition: Condition = { field: 'message.text', op: 'equals', value: 'hello' };
    for (let depth = 1; depth < 8; depth++) condition = { all: [condition] };
    expect(evaluate(condition, fields)).toEqual({ holds: true, why: 'message.text equals “hello”' });
    expect(asked).toBe(1);
  });
});

describe('a field', () => {
  const listen = (condition: Condition, on: RuleSpec['on'] = 'message.received') =>
    new Box(worldOf({ rules: [{ id: 'tested', on, if: condition, do: toBot('A') }] }));
  const equals = (field: string, value: string): Condition => ({ field, op: 'equals', value });
  const local = new Date(new Box(worldOf()).now);
  const two = (n: number) => String(n).padStart(2, '0');

  it.each([
    ['message.text', 'hello'],
    ['message.type', 'text'],
    ['customer.address', 'c1'],
    ['customer.name', ''],
    ['asset.id', 'ast'],
    ['asset.channel', 'http'],
    ['time.local', `${two(local.getHours())}:${two(local.getMinutes())}`],
    ['time.weekday', ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'][local.getDay()] as string],
  ])('%s of a message', (field, value) => {
    const box = listen(equals(field, value));
    box.say('hello');
    expect(box.holder).toBe('A');
    const other = listen(equals(field, `${value}x`));
    other.say('hello');
    expect(other.holder).toBe('none');
  });

  it('postback.payload and postback.title of a postback', () => {
    const box = listen({ all: [equals('postback.payload', 'p'), equals('postback.title', 't')] }, 'postback.received');
    const message = { type: 'text' as const, text: '', media: [] };
    box.submit({
      type: 'customer',
      assetId: 'ast',
      address: 'c1',
      externalId: 'e',
      kind: 'postback',
      payload: 'p',
      title: 't',
      message,
    });
    expect(box.holder).toBe('A');
  });

  it('attributes.NAME of the thread', () => {
    const box = new Box(
      worldOf({
        rules: [
          { on: 'message.received', if: equals('attributes.tier', 'gold'), do: toBot('B') },
          { on: 'message.received', do: toBot('A') },
        ],
      }),
    );
    box.say('hello');
    box.run().bot('A', { type: 'custom', custom: { tier: 'gold' } });
    box.say('again');
    expect(box.holder).toBe('B');
  });

  it('event.name, event.reason and bot.id of what a bot says happened; event.cause of its silence', () => {
    const about = { all: [equals('event.name', 'bot.custom'), equals('event.reason', 'lost'), equals('bot.id', 'A')] };
    const box = new Box(
      worldOf({
        rules: [
          { on: 'message.received', do: toBot('A') },
          { on: 'bot.custom', if: about, do: toBot('B') },
        ],
      }),
    );
    box.say('hello');
    box.run().bot('A', { type: 'custom', name: 'other', custom: {} });
    expect(box.holder).toBe('A');
    box.bot('A', { type: 'custom', name: 'lost', custom: {} });
    expect(box.holder).toBe('B');
  });

  it('desk.id and event.reason of a desk that failed; event.status of a receipt', () => {
    const box = new Box(
      worldOf({
        rules: [
          { on: 'message.received', do: { type: 'forward_to_desk', desk_id: 'X' } },
          {
            on: 'desk.failed',
            if: { all: [equals('desk.id', 'X'), equals('event.reason', 'rejected: busy')] },
            do: toBot('A'),
          },
          { on: 'channel.receipt', if: equals('event.status', 'failed'), do: { type: 'notify_url', url: 'u' } },
        ],
      }),
    );
    box.say('hello');
    box.desk('X', { type: 'reject', reason: 'busy' });
    expect(box.holder).toBe('A');
    const said = box.run().botSays('A', 'hi');
    const id = (said.ok && said.messageId) || '';
    box.receipt(id, 'failed', 'no such number');
    expect(box.deliveries.at(-1)).toMatchObject({ kind: 'notify', data: { 'event.reason': 'no such number' } });
  });

  it('is known to the check, whichever it is', () => {
    for (const field of [...FIELDS, 'attributes.x'])
      expect(checkCondition({ field, op: 'contains', value: 'x' })).toEqual([]);
  });
});

describe('a tree', () => {
  const yes: Condition = { field: 'message.text', op: 'equals', value: 'x' };
  const no: Condition = { field: 'message.text', op: 'equals', value: 'y' };
  it.each<[Condition, boolean, string]>([
    [yes, true, 'message.text equals “x”'],
    [no, false, 'message.text not equals “y”'],
    [{ all: [yes] }, true, 'message.text equals “x”'],
    [{ all: [yes, yes] }, true, 'all conditions hold'],
    [{ all: [yes, no] }, false, 'message.text not equals “y”'],
    [{ any: [no, yes] }, true, 'message.text equals “x”'],
    [{ any: [no, no] }, false, 'none of the alternatives holds'],
    [{ not: no }, true, 'not: message.text not equals “y”'],
    [{ not: { any: [no, yes] } }, false, 'not: message.text equals “x”'],
  ])('%j holds: %s, because %s', (tree, expected, why) => {
    expect(evaluate(tree, { 'message.text': 'x' })).toEqual({ holds: expected, why });
  });

  it('is explained briefly', () => {
    const long = evaluate({ field: 'message.text', op: 'equals', value: 'v'.repeat(2_000) }, {}).why;
    expect(long.length).toBeLessThan(120);
  });
});

describe('checkCondition', () => {
  const leaf = (more: object) => ({ field: 'message.text', op: 'equals', value: 'x', ...more });
  const deep = (n: number): unknown => (n === 1 ? leaf({}) : { not: deep(n - 1) });
  it.each<[string, unknown, string[]]>([
    ['a leaf', leaf({}), []],
    ['a tree', { all: [leaf({}), { any: [{ not: leaf({}) }] }] }, []],
    ['a number', 5, ['']],
    ['null', null, ['']],
    ['a list', [leaf({})], ['']],
    ['nothing', {}, ['/field', '/op']],
    ['an empty all', { all: [] }, ['/all']],
    ['an any that is no list', { any: leaf({}) }, ['/any']],
    ['a mistake inside', { all: [leaf({}), { any: [leaf({ op: 'is' })] }] }, ['/all/1/any/0/op']],
    ['a mistake in not', { not: { not: leaf({ field: 'x' }) } }, ['/not/not/field']],
    ['several', leaf({ field: 5, op: 'in', value: 'x' }), ['/field', '/value']],
    ['an unknown name', leaf({ 'a/b~c': 1 }), ['/a~1b~0c']],
    ['two trees in one', { all: [leaf({})], any: [leaf({})] }, ['/all', '/any', '/field', '/op']],
    ['an attribute without a name', leaf({ field: 'attributes.' }), ['/field']],
    ['an attribute with a space', leaf({ field: 'attributes.a b' }), ['/field']],
    ['an operator of the prototype', leaf({ op: 'constructor' }), ['/op']],
    ['gt with ignore case', leaf({ op: 'gt_ignore_case' }), ['/op']],
    ['in without a list', leaf({ op: 'in', value: 'a' }), ['/value']],
    ['in with nothing', leaf({ op: 'not_in', value: [] }), ['/value']],
    ['in with objects', leaf({ op: 'in', value: [{}] }), ['/value']],
    ['between with one', leaf({ op: 'between', value: [1] }), ['/value']],
    ['between with three', leaf({ op: 'between', value: [1, 2, 3] }), ['/value']],
    ['equals with a list', leaf({ value: ['a'] }), ['/value']],
    ['no value', { field: 'message.text', op: 'equals' }, ['/value']],
    ['a value too long', leaf({ value: 'x'.repeat(2_001) }), ['/value']],
    ['a look-behind', leaf({ op: 'regex', value: '(?<=a)b' }), ['/value']],
    ['a back-reference', leaf({ op: 'regex_ignore_case', value: '(a)\\1' }), ['/value']],
    ['an open bracket', leaf({ op: 'regex', value: '(' }), ['/value']],
    ['nested repeats', leaf({ op: 'regex', value: '((a{100}){100}){100}' }), ['/value']],
    ['a time of day', leaf({ field: 'time.local', op: 'between', value: ['22:00', '06:30'] }), []],
    ['a part of a time of day', leaf({ field: 'time.local', op: 'starts_with', value: '9' }), []],
    [
      'a time of day without its zero',
      leaf({ field: 'time.local', op: 'between', value: ['9:00', '17:00'] }),
      ['/value'],
    ],
    ['a time after midnight', leaf({ field: 'time.local', op: 'gte', value: '25:00' }), ['/value']],
    ['a time of day with one bound', leaf({ field: 'time.local', op: 'between', value: ['9'] }), ['/value']],
    ['days of the week', leaf({ field: 'time.weekday', op: 'in', value: ['sat', 'sun'] }), []],
    ['a day of the week written large', leaf({ field: 'time.weekday', op: 'equals_ignore_case', value: 'MON' }), []],
    ['a day of the week in full', leaf({ field: 'time.weekday', op: 'in', value: ['sat', 'sunday'] }), ['/value']],
    ['as deep as may be', deep(8), []],
    ['too deep', deep(9), ['/not/not/not/not/not/not/not/not']],
    ['too many parts', { any: Array.from({ length: 200 }, () => leaf({})) }, ['/any/99']],
  ])('%s', (_name, condition, pointers) => {
    const errors = checkCondition(condition);
    expect(errors.map((e) => e.pointer).sort()).toEqual([...pointers].sort());
    expect(errors.every((e) => e.detail !== '')).toBe(true);
  });
});

describe('rules', () => {
  const service = (specs: RuleSpec[]) => ({
    id: 'svc',
    name: '',
    mapped: new Set<string>(),
    rules: specs.map((spec, i) => ruleOf(spec, i)),
  });
  const event = { event: 'bot.custom', assetId: 'ast', botId: 'A', deskId: 'X', fields: {} } as const;
  it.each<[string, Omit<RuleSpec, 'do'>, string | null]>([
    ['the event', { on: 'bot.custom' }, 'no conditions'],
    ['another event', { on: 'bot.closed' }, null],
    ['switched off', { on: 'bot.custom', enabled: false }, 'switched off'],
    ['not begun', { on: 'bot.custom', startsAt: 101 }, 'not begun yet'],
    ['just begun', { on: 'bot.custom', startsAt: 100 }, 'no conditions'],
    ['over', { on: 'bot.custom', endsAt: 100 }, 'over'],
    ['nearly over', { on: 'bot.custom', endsAt: 101 }, 'no conditions'],
    ['its asset', { on: { event: 'bot.custom', asset_id: 'ast' } }, 'no conditions'],
    ['another asset', { on: { event: 'bot.custom', asset_id: 'other' } }, 'for another asset'],
    ['its bot', { on: { event: 'bot.custom', bot_id: 'A' } }, 'no conditions'],
    ['another bot', { on: { event: 'bot.custom', bot_id: 'B' } }, 'for another bot'],
    ['another desk', { on: { event: 'bot.custom', desk_id: 'Y' } }, 'for another desk'],
    ['a condition', { on: 'bot.custom', if: { field: 'bot.id', op: 'equals', value: 'B' } }, 'bot.id not equals “B”'],
  ])('for %s', (_name, spec, why) => {
    const { matched, looked } = match(service([{ ...spec, do: toBot('A') }]), event, 100);
    expect(looked.map((each) => each.why)).toEqual(why === null ? [] : [why]);
    expect(matched.length).toBe(why === 'no conditions' ? 1 : 0);
  });

  it('match in their order, all of them', () => {
    const { matched } = match(service([1, 2, 3].map(() => ({ on: 'bot.custom', do: toBot('A') }))), event, 0);
    expect(matched.map((r) => r.position)).toEqual([0, 1, 2]);
    expect(match(undefined, event, 0)).toEqual({ matched: [], looked: [] });
  });

  it('explain every decision about a message: which were looked at, which won, and why', () => {
    const box = new Box(
      worldOf({
        rules: [
          { id: 'no', on: 'message.received', if: { field: 'message.text', op: 'equals', value: 'x' }, do: toBot('B') },
          { id: 'say', on: 'message.received', do: { type: 'send_message', text: 'welcome' } },
          { id: 'yes', on: 'message.received', do: toBot('A') },
          { id: 'late', on: 'message.received', do: toBot('B') },
          { id: 'tell', on: 'message.received', do: { type: 'notify_url', url: 'https://example.org/' } },
        ],
      }),
    );
    box.say('hi');
    const [received] = box.eventsOf('message.received');
    expect(received?.data.decision).toMatchObject({
      looked: [
        { rule_id: 'no', matched: false, why: 'message.text not equals “x”' },
        { rule_id: 'say', matched: true },
        { rule_id: 'yes', matched: true },
        { rule_id: 'late', matched: true },
        { rule_id: 'tell', matched: true },
      ],
      winner: 'yes',
      why: 'to bot A',
    });
    box.run();
    expect(box.spoken).toEqual(['welcome']);
    expect(box.got.filter((g) => g.kind === 'notify')).toHaveLength(1);
    expect(box.conversations.size).toBe(1);
  });

  it('say nothing to a customer whom a human has', () => {
    const box = new Box(
      worldOf({
        rules: [
          { on: 'message.received', do: { type: 'forward_to_desk', desk_id: 'X' } },
          { on: 'message.received', do: { type: 'send_message', text: 'noted' } },
        ],
      }),
    );
    box.say('one');
    box.desk('X', { type: 'accepted', agent: 'Agent' });
    box.say('two');
    box.run();
    expect(box.spoken).toEqual(['noted']);
  });

  it('that speak at a receipt do not speak at the receipts of what they said', () => {
    const box = new Box(
      worldOf({
        rules: [
          { on: 'message.received', do: toBot('A') },
          { on: 'channel.receipt', do: { type: 'send_message', text: 'noted' } },
        ],
      }),
    );
    box.say('one');
    const said = box.run().botSays('A', 'hello');
    box.receipt((said.ok && said.messageId) || '', 'delivered');
    const system = [...box.messages.values()].filter((m) => m.author.type === 'system');
    expect(system).toHaveLength(1);
    box.receipt(system[0]?.id ?? '', 'delivered');
    expect(box.messages.size).toBe(3);
  });
});
