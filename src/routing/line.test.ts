// Tables of the line: who holds a thread after a message, a postback, an operator's or a rule's change, in each state.
// Contract §2 Rules, §4. A cell says the holder (`X?` an offer, `X~` queued, `X` accepted) and by how much the epoch grew.
import { describe, expect, it } from 'vitest';
import { Box } from './fixtures/box.ts';
import { act, cell, STATES, type State, where } from './fixtures/states.ts';
import { type RuleSpec, ruleOf, textIs, toBot, toBoth, toDesk, worldOf } from './fixtures/world.ts';
import type { Reply } from './inputs.ts';
import type { Action } from './model.ts';

// ───────────────────────────── forward action × holder ─────────────────────────────

const ACTIONS: Record<string, Action> = {
  A: toBot('A'),
  B: toBot('B'),
  X: toDesk('X'),
  Y: toDesk('Y'),
  'A&X': toBoth('A', 'X'),
};

/** For each state, what becomes of a message under a rule to A, B, X, Y, A&X: without conditions, and with one. */
const FORWARDED: [State, string, string][] = [
  ['nobody', 'A+1 B+1 X?+1 Y?+1 A+1', 'A+1 B+1 X?+1 Y?+1 A+1'],
  ['bot A', 'A+0 A+0 A+0 A+0 A+0', 'A+0 B+1 X?+1 Y?+1 A+0'],
  ['bot B, A open', 'B+0 B+0 B+0 B+0 B+0', 'A+1 B+0 X?+1 Y?+1 A+1'],
  ['X offered', 'X?+0 X?+0 X?+0 X?+0 X?+0', 'X?+0 X?+0 X?+0 X?+0 X?+0'],
  ['X queued', 'X~+0 X~+0 X~+0 X~+0 X~+0', 'X~+0 X~+0 X~+0 X~+0 X~+0'],
  ['X accepted', 'X+0 X+0 X+0 X+0 X+0', 'X+0 X+0 X+0 X+0 X+0'],
  ['bot A inactive', 'A+0 A+0 A+0 A+0 A+0', 'A+0 B+1 X?+1 Y?+1 A+0'],
  ['B stands in for A', 'B+0 B+0 B+0 B+0 B+0', 'B+0 B+0 X?+1 Y?+1 B+0'],
];

/** A rule for messages is added behind what the state needs; the word `go` is its condition. */
function underRule(state: State, action: Action, condition: boolean): Box {
  return STATES[state]().edit(({ services }) => {
    const rules = services.get('svc')?.rules ?? [];
    const added = {
      id: 'tested',
      on: 'message.received',
      do: action,
      ...(condition ? { if: textIs('go') } : {}),
    } as const;
    services.get('svc')?.rules.splice(0, rules.length, ruleOf(added, 0), ...rules.filter((r) => r.id === 'standin'));
  });
}

describe('a message', () => {
  const rows = FORWARDED.flatMap(([state, without, withOne]) =>
    Object.keys(ACTIONS).flatMap((action, i) => [
      { state, action, condition: false, expected: without.split(' ')[i] as string },
      { state, action, condition: true, expected: withOne.split(' ')[i] as string },
    ]),
  );
  it.each(rows)('with $state, rule to $action (condition: $condition): $expected', (row) => {
    const box = underRule(row.state, ACTIONS[row.action] as Action, row.condition);
    expect(cell(box, () => box.say('go'))).toBe(row.expected);
    const [decided] = box.eventsOf('message.received').slice(-1);
    expect(decided?.data.decision).toMatchObject({ why: expect.stringMatching(/./) });
  });

  it.each(rows.filter((r) => r.condition))('that the condition does not meet: $state, rule to $action', (row) => {
    const box = underRule(row.state, ACTIONS[row.action] as Action, true);
    expect(cell(box, () => box.say('else'))).toMatch(/\+0$/);
    if (row.state === 'nobody') expect(box.thread.limbo).toBe('unrouted');
  });
});

describe('a postback', () => {
  const rows = FORWARDED.flatMap(([state, without]) =>
    Object.keys(ACTIONS).map((action, i) => ({ state, action, expected: without.split(' ')[i] as string })),
  );
  it.each(rows)('goes to the holder; without one, by the rules: $state, rule to $action: $expected', (row) => {
    for (const condition of [false, true]) {
      if (condition && row.state === 'nobody') continue;
      const box = underRule(row.state, ACTIONS[row.action] as Action, condition);
      expect(cell(box, () => box.tap('go'))).toBe(row.expected);
    }
  });

  it('is routed by rules on postbacks before those on messages', () => {
    const rules = [
      { on: 'message.received', do: toBot('A') },
      { on: 'postback.received', do: toBot('B'), if: { field: 'postback.payload', op: 'equals', value: 'b' } },
    ] as const;
    const first = new Box(worldOf({ rules: [...rules] }));
    expect(cell(first, () => first.tap('b'))).toBe('B+1');
    const second = new Box(worldOf({ rules: [...rules] }));
    expect(cell(second, () => second.tap('other'))).toBe('A+1');
  });
});

// ───────────────────────────── by hand ─────────────────────────────

describe('by hand', () => {
  const rows: [State, string][] = [
    ['nobody', 'A+1 B+1 X?+1 Y?+1'],
    ['bot A', 'A+0 B+1 X?+1 Y?+1'],
    ['bot B, A open', 'A+1 B+0 X?+1 Y?+1'],
    ['X offered', 'A+1 B+1 X?+0 Y?+1'],
    ['X queued', 'A+1 B+1 X~+0 Y?+1'],
    ['X accepted', 'A+1 B+1 X+0 Y?+1'],
    ['bot A inactive', 'A+0 B+1 X?+1 Y?+1'],
    ['B stands in for A', '!conflict B+0 X?+1 Y?+1'],
  ];
  const each = rows.flatMap(([state, cells]) =>
    cells.split(' ').map((expected, i) => ({ state, to: ['A', 'B', 'X', 'Y'][i] as string, expected })),
  );
  it.each(each)('the line of $state goes to $to: $expected', ({ state, to, expected }) => {
    const box = STATES[state]();
    if (state === 'nobody') box.say('first');
    let reply: Reply | undefined;
    const got = cell(box, () => {
      reply = box.give(to);
    });
    if (expected.startsWith('!')) expect(reply).toMatchObject({ ok: false, code: expected.slice(1) });
    else {
      expect(reply).toMatchObject({ ok: true });
      expect(got).toBe(expected);
    }
  });

  it('only to what is mapped, active and there', () => {
    const box = new Box(
      worldOf({
        bots: { A: {}, B: { status: 'unverified' }, C: {} },
        desks: { X: { online: false }, Y: { status: 'disabled' } },
        mapped: ['A', 'B', 'X', 'Y'],
      }),
    );
    box.say('hi');
    expect(['B', 'C', 'X', 'Y', 'Z'].map((to) => box.give(to))).toMatchObject([
      { code: 'conflict' },
      { code: 'invalid' },
      { code: 'conflict' },
      { code: 'conflict' },
      { code: 'invalid' },
    ]);
    expect(where(box)).toBe('none');
  });
});

// ───────────────────────────── edits of rules ─────────────────────────────

describe('an edit of the rule that gave a bot the line', () => {
  const start = () => {
    const box = new Box(
      worldOf({
        rules: [
          { id: 'main', on: 'message.received', do: toBot('A') },
          { id: 'other', on: 'message.received', do: toBot('B') },
        ],
      }),
    );
    box.say('hi');
    return act(box, () => box.run());
  };
  const edits: [string, (box: Box) => Box, string][] = [
    ['deleted', (b) => b.edit(({ services }) => services.get('svc')?.rules.shift()), 'B+1'],
    ['switched off', (b) => b.edit(({ services }) => change(services.get('svc')?.rules, { enabled: false })), 'B+1'],
    [
      'to another bot',
      (b) => b.edit(({ services }) => change(services.get('svc')?.rules, { action: toBot('B') })),
      'B+1',
    ],
    ['to a desk', (b) => b.edit(({ services }) => change(services.get('svc')?.rules, { action: toDesk('X') })), 'X?+1'],
    [
      'with a desk',
      (b) => b.edit(({ services }) => change(services.get('svc')?.rules, { action: toBoth('A', 'X') })),
      'A+0',
    ],
    ['over by its time', (b) => b.edit(({ services }) => change(services.get('svc')?.rules, { endsAt: 1 })), 'A+0'],
    [
      'another condition',
      (b) => b.edit(({ services }) => change(services.get('svc')?.rules, { conditions: textIs('no') })),
      'A+0',
    ],
    ['all deleted', (b) => b.edit(({ services }) => services.get('svc')?.rules.splice(0)), 'none+1'],
    ['the bot unmapped', (b) => b.edit(({ services }) => services.get('svc')?.mapped.delete('A')), 'A+2'],
    [
      'the asset in no service',
      (b) => b.edit(({ assets }) => assets.set('ast', { ...b.world.assets.get('ast'), serviceId: null } as never)),
      'none+1',
    ],
  ];
  it.each(edits)('%s: acts at the next message', (_name, edit, expected) => {
    const box = start();
    expect(cell(box, () => edit(box))).toBe('A+0');
    const got = cell(box, () => box.say('next'));
    if (_name === 'the bot unmapped') expect(got).toMatch(/\+[01]$/);
    else expect(got).toBe(expected);
  });

  it('or of the mapping: a bot that is not mapped any more does not get the line back from a desk', () => {
    const box = start();
    box.give('X');
    box.desk('X', { type: 'accepted', agent: 'Agent' });
    box.edit(({ services }) => services.get('svc')?.mapped.delete('A'));
    box.run().desk('X', { type: 'close', reason: 'done' });
    expect(where(box)).toBe('none');
  });

  it('or of the asset: a bot of another service does not get the line back from a desk', () => {
    const box = start();
    box.give('X');
    box.desk('X', { type: 'accepted', agent: 'Agent' });
    box.edit(({ services, assets }) => {
      const [svc, asset] = [services.get('svc'), assets.get('ast')];
      if (svc) services.set('new', { ...svc, id: 'new', rules: [] });
      if (asset) assets.set('ast', { ...asset, serviceId: 'new' });
    });
    box.say('next');
    box.run().desk('X', { type: 'close', reason: 'done' });
    expect(where(box)).toBe('none');
  });

  it('or of the desk: a desk that was deleted loses the line at the next message, and is told nothing', () => {
    for (const phase of ['offered', 'accepted']) {
      const box = start();
      box.give('X');
      if (phase === 'accepted') box.desk('X', { type: 'accepted', agent: 'Agent' });
      box.edit(({ desks }) => desks.delete('X'));
      const told = box.deliveries.filter((d) => d.target.id === 'X').length;
      expect(cell(box, () => box.say('next'))).toBe('A+1');
      box.runOnly(['A']);
      expect(box.heard('A')).toEqual(['BOT hi', 'BOT hi', 'BOT next']);
      expect(box.deliveries.filter((d) => d.target.id === 'X')).toHaveLength(told);
    }
  });

  it('leaves a desk its conversation to the end', () => {
    const box = new Box(worldOf({ rules: [{ id: 'main', on: 'message.received', do: toDesk('X') }] }));
    box.say('hi');
    box.desk('X', { type: 'accepted', agent: 'Agent' });
    box.edit(({ services }) => services.get('svc')?.rules.splice(0));
    expect(cell(box, () => box.say('next'))).toBe('X+0');
  });

  it('frees it from a stand-in whose rule is gone', () => {
    const box = STATES['B stands in for A']();
    box.edit(({ services }) => services.get('svc')?.rules.splice(1, 1));
    expect(cell(box, () => box.say('next'))).toBe('A+1');
  });
});

function change<T extends object>(rules: T[] | undefined, to: Partial<T>): void {
  if (rules?.[0]) rules[0] = { ...rules[0], ...to };
}

describe('the action close', () => {
  const closing = (more: RuleSpec[]) =>
    new Box(worldOf({ rules: [{ id: 'main', on: 'message.received', do: toBot('A') }, ...more] }));
  it('ends a desk’s conversation too, answered', () => {
    const box = closing([{ on: 'message.received', if: textIs('bye'), do: { type: 'close' } }]);
    box.say('hi');
    box.give('X');
    box.desk('X', { type: 'accepted', agent: 'Agent' });
    expect(cell(box, () => box.say('bye'))).toBe('none+1');
    expect([box.thread.limbo, box.thread.answered]).toEqual(['', 2]);
  });

  it('on bot.closed comes to an end', () => {
    const box = closing([
      { on: 'bot.closed', do: toBot('B') },
      { on: 'bot.closed', do: { type: 'close' } },
    ]);
    box.say('hi');
    box.run().bot('A', { type: 'close' });
    expect(box.conversations.size).toBeLessThan(10);
  });
});
