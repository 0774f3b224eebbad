// Tables of what bots and desks ask for: what they are told, and who holds the line then, in each state. Contract §3–§5.
// A cell says the holder (`X?` an offer, `X~` queued, `X` accepted) and by how much the epoch grew; `!` a refusal.
import { describe, expect, it } from 'vitest';
import { Box, MINUTE } from './fixtures/box.ts';
import { act, cell, give, held, STATES, where } from './fixtures/states.ts';
import { textIs, toBot, toBoth, toDesk, worldOf } from './fixtures/world.ts';
import type { Reply } from './inputs.ts';
import type { Action } from './model.ts';

// ───────────────────────────── what a bot asks for ─────────────────────────────

const BOT_EVENTS: Record<string, (box: Box) => Reply> = {
  1001: (box) => box.botSays('A', 'word'),
  1002: (box) => box.handover('A', { deskId: 'X' }),
  1003: (box) => box.bot('A', { type: 'close' }),
  1004: (box) => box.bot('A', { type: 'custom', custom: {} }),
  1005: (box) => box.bot('A', { type: 'milestone', custom: {} }),
  1006: (box) => box.bot('A', { type: 'notify', custom: {} }),
  1007: (box) => box.bot('A', { type: 'unhandled', custom: {} }),
  1008: (box) => box.bot('A', { type: 'typing', on: true }),
};

/** For each state, what bot A is told for 1001 … 1008, and where the line is then. `!` a refusal. */
const ASKED: [string, () => Box, string][] = [
  ['A holds', STATES['bot A'], 'A+0 X?+1 none+1 A+0 A+0 A+0 A+0 A+0'],
  ['A holds, inactive', STATES['bot A inactive'], 'A+0 X?+1 none+1 A+0 A+0 A+0 A+0 A+0'],
  ['B holds', STATES['bot B, A open'], '!not_holder !not_holder !not_holder B+0 B+0 B+0 B+0 !not_holder'],
  ['B stands in', STATES['B stands in for A'], '!not_holder !not_holder !not_holder B+0 B+0 B+0 B+0 !not_holder'],
  ['X is offered it', STATES['X offered'], '!not_holder X?+0 !not_holder X?+0 X?+0 X?+0 X?+0 !not_holder'],
  ['X queued it', STATES['X queued'], '!not_holder X~+0 !not_holder X~+0 X~+0 X~+0 X~+0 !not_holder'],
  ['X accepted', STATES['X accepted'], '!not_holder !not_holder !not_holder X+0 X+0 X+0 X+0 !not_holder'],
  [
    'A closed',
    () => act(held('A'), (box) => box.bot('A', { type: 'close' })),
    '!conversation_closed !conversation_closed none+0 !conversation_closed !conversation_closed !conversation_closed !conversation_closed !conversation_closed',
  ],
  [
    'nobody holds, A open',
    () =>
      act(
        STATES['X offered'](),
        (box) => box.status('A', 'inactive') && box.desk('X', { type: 'reject', reason: 'r' }),
      ),
    '!not_holder !not_holder !not_holder none+0 none+0 none+0 none+0 !not_holder',
  ],
];

describe('a bot', () => {
  const rows = ASKED.flatMap(([state, make, cells]) =>
    Object.keys(BOT_EVENTS).map((event, i) => ({ state, make, event, expected: cells.split(' ')[i] as string })),
  );
  it.each(rows)('asks for $event while $state: $expected', ({ make, event, expected }) => {
    const box = make();
    const before = box.thread;
    const spoken = box.messages.size;
    let reply: Reply | undefined;
    const got = cell(box, () => {
      reply = BOT_EVENTS[event]?.(box);
    });
    if (!expected.startsWith('!')) {
      expect(reply).toMatchObject({ ok: true });
      expect(got).toBe(expected);
      expect(box.messages.size - spoken).toBe(event === '1001' ? 1 : 0);
      return;
    }
    const { type, id } = { id: null, ...before.holder };
    expect(reply).toMatchObject({ ok: false, code: expected.slice(1), holder: { type, id }, epoch: before.epoch });
    expect(box.thread).toBe(before);
    expect(box.messages.size).toBe(spoken);
    expect(box.eventsOf('message.refused')).toHaveLength(1);
  });

  const OLD: [number, Parameters<Box['bot']>[1]][] = [
    [1001, { type: 'message', message: { type: 'text', text: 'w', media: [] }, custom: {} }],
    [1002, { type: 'handover', deskId: 'X', custom: {} }],
    [1003, { type: 'close' }],
    [1004, { type: 'custom', custom: {} }],
    [1008, { type: 'typing', on: true }],
  ];
  it.each(OLD)('with an old epoch changes nothing: %i', (_event, command) => {
    const box = held('A');
    const before = box.thread;
    expect(box.bot('A', { ...command, epoch: before.epoch - 1 })).toMatchObject({ ok: false, code: 'stale_epoch' });
    expect(box.thread).toBe(before);
    expect(box.bot('A', { ...command, epoch: before.epoch })).toMatchObject({ ok: true });
  });

  it('is not found by a conversation that is another’s, or nobody’s', () => {
    const box = STATES['bot B, A open']();
    const words = { type: 'close' } as const;
    expect(box.bot('B', words, box.conv('A'))).toMatchObject({ ok: false, code: 'not_found' });
    expect(box.bot('A', words, 'conv0')).toMatchObject({ ok: false, code: 'not_found' });
    expect(box.desk('X', { type: 'close', reason: '' }, box.conv('A'))).toMatchObject({ ok: false, code: 'not_found' });
  });

  it('gets the same answer to the same message id, even when it lost the line', () => {
    const box = held('A');
    const first = box.botSays('A', 'once', { key: 'k1' });
    give(box, 'X');
    expect(box.botSays('A', 'once', { key: 'k1' })).toMatchObject({
      ok: true,
      duplicate: true,
      messageId: first.ok && first.messageId,
    });
    expect(box.spoken.filter((text) => text === 'once')).toHaveLength(1);
  });

  it('is held back by the loop guard, by minutes', () => {
    const box = held('A').pass(2 * MINUTE);
    for (let i = 0; i < 30; i++) expect(box.botSays('A', `${i}`).ok).toBe(true);
    box.pass(10_000);
    expect(box.botSays('A', 'too many')).toMatchObject({ code: 'too_many_messages', retryAfterS: 50 });
    box.pass(50_000);
    expect(box.botSays('A', 'again').ok).toBe(true);
  });

  it('cannot spin with a desk that rejects at once', () => {
    const box = held('A').pass(2 * MINUTE);
    box.say('help');
    box.run();
    let handovers = 0;
    for (; handovers < 1_000 && box.handover('A', { deskId: 'X' }).ok; handovers++) {
      box.desk('X', { type: 'reject', reason: 'busy' });
      box.run();
    }
    expect(handovers).toBe(10);
    expect(box.thread.limbo).toBe('overdue');
  });
});

describe('a handover', () => {
  const rule = (action: Action) => [{ id: 'main', on: 'message.received', do: action }] as const;
  const onHandover = (action: Action) => ({ id: 'handed', on: 'bot.handover', do: action }) as const;
  const start = (rules: Parameters<typeof worldOf>[0]) => {
    const box = new Box(worldOf(rules));
    box.say('hi');
    return act(box, () => box.run());
  };

  it('goes to the desk it names, if that is mapped', () => {
    const box = start({ rules: [...rule(toBoth('A', 'X')), onHandover(toDesk('X'))] });
    expect(box.handover('A', { deskId: 'Y' })).toMatchObject({ ok: true, handover: 'offered' });
    expect(where(box)).toBe('Y?');
  });
  it('goes by the first forward rule on bot.handover, when what it names is not mapped', () => {
    const box = start({ rules: [...rule(toBoth('A', 'X')), onHandover(toDesk('Y'))], mapped: ['A', 'X', 'Y'] });
    box.handover('A', { deskId: 'Z' });
    expect(where(box)).toBe('Y?');
  });
  it('goes to the desk of the rule that routed the thread', () => {
    const box = start({ rules: [...rule(toBoth('A', 'X'))] });
    expect(box.handover('A')).toMatchObject({ ok: true, deskConversationId: box.conv('X') });
    expect(where(box)).toBe('X?');
  });
  it('goes to no desk of a rule that did not route the thread', () => {
    const words = { id: 'words', on: 'message.received', if: textIs('else'), do: toBoth('A', 'X') } as const;
    expect(start({ rules: [words, ...rule(toBot('A'))] }).handover('A')).toMatchObject({ code: 'no_desk' });
    const other = { id: 'other', on: { event: 'message.received', asset_id: 'else' }, do: toBoth('A', 'Y') } as const;
    const box = start({ rules: [other, ...rule(toBoth('A', 'X'))] });
    box.give('B');
    box.give('A');
    box.handover('A');
    expect(where(box)).toBe('X?');
  });
  it('is 409 no_desk when none is bound; the holder stays, and other rules of the event run', () => {
    const box = start({
      rules: [...rule(toBot('A')), { on: 'bot.handover', do: { type: 'send_message', text: 'a moment' } }],
    });
    expect(cell(box, () => expect(box.handover('A')).toMatchObject({ ok: false, code: 'no_desk' }))).toBe('A+0');
    box.run();
    expect(box.spoken).toEqual(['a moment']);
  });
  it('may lead to another bot', () => {
    const box = start({ rules: [...rule(toBot('A')), onHandover(toBot('B'))] });
    expect(box.handover('A')).toMatchObject({ ok: true, handover: 'given' });
    expect(where(box)).toBe('B');
    box.run();
    expect(box.heard('B')).toEqual(['BOT hi']);
  });
  it('to a bot that is down moves on to who stands in for it', () => {
    const standIn = { on: { event: 'bot.unavailable', bot_id: 'B' }, do: toDesk('Y') } as const;
    const box = start({
      bots: { A: {}, B: { status: 'inactive' } },
      rules: [...rule(toBot('A')), onHandover(toBot('B')), standIn],
    });
    box.handover('A');
    expect(where(box)).toBe('Y?');
  });
});

// ───────────────────────────── what a desk asks for ─────────────────────────────

const DESK_EVENTS: Record<string, (box: Box) => Reply> = {
  queued: (box) => box.desk('X', { type: 'queued' }),
  accepted: (box) => box.desk('X', { type: 'accepted', agent: 'Agent' }),
  message: (box) => box.agentSays('X', 'word'),
  typing: (box) => box.desk('X', { type: 'typing', on: true }),
  'to Y': (box) => box.desk('X', { type: 'transfer', to: 'Y', reason: 'r' }),
  'to B': (box) => box.desk('X', { type: 'transfer', to: 'B', reason: 'r' }),
  back: (box) => box.desk('X', { type: 'transfer', to: 'bot', reason: 'r' }),
  close: (box) => box.desk('X', { type: 'close', reason: 'done' }),
  reject: (box) => box.desk('X', { type: 'reject', reason: 'busy' }),
};

const late = '!not_holder !not_holder !not_holder !not_holder !not_holder !not_holder !not_holder A+0 A+0';
const over =
  '!conversation_closed !conversation_closed !conversation_closed !conversation_closed !conversation_closed !conversation_closed !conversation_closed A+0 A+0';
const WORKED: [string, () => Box, string][] = [
  ['offered', STATES['X offered'], 'X~+0 X+0 X+0 X?+0 Y?+1 B+1 A+1 A+1 A+1'],
  ['queued', STATES['X queued'], 'X~+0 X+0 X+0 X~+0 Y?+1 B+1 A+1 A+1 A+1'],
  ['accepted', STATES['X accepted'], 'X+0 X+0 X+0 X+0 Y?+1 B+1 A+1 A+1 !conflict'],
  ['lost by the clock', () => STATES['X offered']().pass(MINUTE), late],
  ['taken back', () => give(STATES['X offered'](), 'A'), late],
  ['closed', () => act(STATES['X accepted'](), (box) => DESK_EVENTS.close?.(box)), over],
];

describe('a desk', () => {
  const rows = WORKED.flatMap(([state, make, cells]) =>
    Object.keys(DESK_EVENTS).map((event, i) => ({ state, make, event, expected: cells.split(' ')[i] as string })),
  );
  it.each(rows)('says $event while $state: $expected', ({ make, event, expected }) => {
    const box = make();
    const before = box.thread;
    let reply: Reply | undefined;
    const got = cell(box, () => {
      reply = DESK_EVENTS[event]?.(box);
    });
    if (expected.startsWith('!')) {
      expect(reply).toMatchObject({ ok: false, code: expected.slice(1), epoch: before.epoch });
      expect(box.thread).toBe(before);
      return;
    }
    expect(reply).toMatchObject({ ok: true });
    expect(got).toBe(expected);
  });

  it('cannot hand to what is not mapped, not active, not there, or itself', () => {
    const to = (box: Box, target: string) => box.desk('X', { type: 'transfer', to: target, reason: 'r' });
    const box = STATES['X accepted']();
    expect(to(box, 'Z')).toMatchObject({ code: 'invalid' });
    expect(to(box, 'X')).toMatchObject({ code: 'invalid' });
    box.status('B', 'inactive').status('Y', 'disabled');
    expect(to(box, 'B')).toMatchObject({ code: 'conflict' });
    expect(to(box, 'Y')).toMatchObject({ code: 'conflict' });
    box.status('A', 'inactive');
    expect(to(box, 'bot')).toMatchObject({ code: 'conflict' });
    expect(where(box)).toBe('X');
  });

  it('with an old epoch changes nothing', () => {
    const box = STATES['X accepted']();
    const epoch = box.thread.epoch - 1;
    expect(box.desk('X', { type: 'close', reason: '', epoch })).toMatchObject({ code: 'stale_epoch' });
    expect(box.desk('X', { type: 'accepted', agent: 'Other', epoch })).toMatchObject({ code: 'stale_epoch' });
  });

  it('accepts once: another agent takes the place of the first, and no rule runs again', () => {
    const box = new Box(
      worldOf({
        rules: [
          { on: 'message.received', do: toDesk('X') },
          { on: 'desk.accepted', do: { type: 'notify_url', url: 'u' } },
        ],
      }),
    );
    box.say('hi');
    box.desk('X', { type: 'accepted', agent: 'One' });
    box.desk('X', { type: 'accepted', agent: 'One' });
    box.desk('X', { type: 'accepted', agent: 'Two' });
    expect(box.conversations.get(box.conv('X'))).toMatchObject({ status: 'accepted', agent: 'Two' });
    expect(box.deliveries.filter((d) => d.kind === 'notify')).toHaveLength(1);
  });
});
