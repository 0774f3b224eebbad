// Tables of deadlines and of health: who gets the line when its holder does not take it, is silent, goes down or comes back.
// Contract §3 Numbers, §4. A cell says the holder (`X?` an offer, `X~` queued) and by how much the epoch grew.
import { describe, expect, it } from 'vitest';
import { Box, failure, MINUTE, outcome } from './fixtures/box.ts';
import { act, cell, held, STATES, type State, where } from './fixtures/states.ts';
import { toBot, toBoth, toDesk, worldOf } from './fixtures/world.ts';
import type { Outcome } from './inputs.ts';
import type { Action } from './model.ts';

describe('the clock', () => {
  const WAITS: [string, () => Box, number, string, string][] = [
    ['A has not taken it', () => act(held('A'), (b) => b.say('x')), 60, 'A+0', 'overdue'],
    ['A has taken it; answers have no limit', () => act(held('A'), (b) => b.say('x') && b.run()), 86_400, 'A+0', ''],
    [
      'A is not active and nobody stands in',
      () => act(STATES['bot A inactive'](), (b) => b.say('x')),
      60,
      'A+0',
      'overdue',
    ],
    ['X was offered it', STATES['X offered'], 60, 'A+1', ''],
    ['X queued it, not yet', STATES['X queued'], 599, 'X~+0', ''],
    ['X queued it', STATES['X queued'], 600, 'A+1', ''],
    ['X accepted; answers have no limit', () => act(STATES['X accepted'](), (b) => b.say('x')), 86_400, 'X+0', ''],
  ];
  it.each(WAITS)('%s', (_name, make, seconds, expected, limbo) => {
    const box = make();
    expect(cell(box, () => box.pass(seconds * 1000))).toBe(expected);
    expect(box.thread.limbo).toBe(limbo);
  });

  it('counts for a desk from its acceptance, and again after each answer that left something', () => {
    const box = new Box(
      worldOf({
        desks: { X: { settings: { reply_within_s: 30 } } },
        rules: [
          { on: 'message.received', do: toDesk('X') },
          { on: 'desk.idle', do: { type: 'send_message', text: 'soon' } },
        ],
      }),
    );
    box.say('hi');
    box.desk('X', { type: 'accepted', agent: 'Agent' });
    box.pass(29_000);
    expect(box.thread.limbo).toBe('');
    box.pass(1_000);
    expect(box.thread.limbo).toBe('overdue');
    expect(box.eventsOf('rule.raised').filter((e) => e.data.event === 'desk.idle')).toHaveLength(1);
    box.run();
    box.agentSays('X', 'yes');
    expect(box.thread.limbo).toBe('');
  });
});

describe('an attempt, or a receipt,', () => {
  const waits = (state: State) => act(STATES[state](), (box) => box.threads.size > 0 && box.say('help'));
  const results: [string, Outcome][] = [
    ['ok', outcome()],
    ['failed', failure()],
    ['final', failure({ result: 'final' })],
    ['410', failure({ gone: true })],
    ['unknown', failure({ result: 'unknown' })],
  ];
  const rows = (Object.keys(STATES) as State[]).flatMap((state) =>
    results.map(([name, result]) => ({ state, name, result })),
  );
  it.each(rows)('moves nobody by itself: $state, $name', ({ state, result }) => {
    const box = waits(state);
    if (box.threads.size === 0) return;
    expect(cell(box, () => box.run(() => result))).toMatch(/\+0$/);
    const said = [...box.messages.values()].find((m) => m.author.type === 'bot');
    for (const status of ['delivered', 'read', 'failed'] as const)
      expect(cell(box, () => said && box.receipt(said.id, status))).toMatch(/\+0$/);
  });
});

describe('extended events', () => {
  const told = (extended_events: boolean) => {
    const box = new Box(
      worldOf({
        bots: { A: { settings: { extended_events } }, B: {} },
        rules: [{ id: 'main', on: 'message.received', do: toBoth('A', 'X') }],
      }),
    );
    box.say('hi');
    box.run().handover('A');
    box.desk('X', { type: 'reject', reason: 'busy' });
    box.run().handover('A');
    box.desk('X', { type: 'accepted', agent: 'Agent' });
    box.agentSays('X', 'hello');
    box.desk('X', { type: 'close', reason: 'done', note: 'n' });
    box.run();
    return box.got.filter((g) => g.target === 'A' && g.kind === 'signal').map((g) => g.data?.event);
  };
  it('tell a bot what became of the line, where they are on', () => {
    expect(told(false)).toEqual([]);
    expect(told(true)).toEqual([
      'control.given',
      'control.revoked',
      'handover.failed',
      'control.given',
      'control.revoked',
      'handover.accepted',
      'control.given',
      'conversation.returned',
    ]);
  });
});

describe('the health of a bot', () => {
  const waiting = (box: Box) => act(box, () => box.say('help'));
  it.each<[string, () => Box, string]>([
    ['a bot that somebody waits for: nobody stands in', () => waiting(held('A')), 'A+0'],
    ['a desk that is offered the line', STATES['X offered'], 'X?+0'],
    ['a desk that accepted', () => waiting(STATES['X accepted']()), 'X+0'],
    ['another bot', () => waiting(STATES['bot B, A open']()), 'B+0'],
  ])('bot A goes down: %s', (_name, make, expected) => {
    const box = make();
    expect(cell(box, () => box.status('A', 'inactive'))).toBe(expected);
  });

  const standIn = (action: Action) =>
    worldOf({
      rules: [
        { id: 'main', on: 'message.received', do: toBot('A') },
        { id: 'standin', on: { event: 'bot.unavailable', bot_id: 'A' }, do: action },
      ],
    });

  it.each([
    [toBot('B'), 'B'],
    [toDesk('Y'), 'Y?'],
  ])('moves the threads whose customer waits, by the rule to %o', (action, to) => {
    const box = new Box(standIn(action));
    box.say('hi');
    box.say('quiet', 'c2');
    box.run();
    box.bot('A', { type: 'message', message: { type: 'text', text: 'hello', media: [] }, custom: {} }, box.conv('A'));
    box.status('A', 'inactive');
    const lines = [...box.threads.values()].map((t) => [t.address, t.holder.type !== 'none' && t.holder.id]);
    expect(lines).toEqual([
      ['c1', to.replace('?', '')],
      ['c2', 'A'],
    ]);
    box.say('again', 'c2');
    expect([...box.threads.values()].map((t) => t.holder.type !== 'none' && t.holder.id)).toEqual([to[0], to[0]]);
  });

  it('a stand-in gives the line back at the next message, and keeps a postback', () => {
    const box = STATES['B stands in for A']();
    box.status('A', 'active');
    expect(where(box)).toBe('B');
    box.tap('button');
    expect(where(box)).toBe('B');
    expect(cell(box, () => box.say('next'))).toBe('A+1');
  });

  it('a stand-in that goes down too gives way to its own, which stands in for the first', () => {
    const box = new Box(
      worldOf({
        bots: { A: {}, B: {}, C: {} },
        rules: [
          { id: 'main', on: 'message.received', do: toBot('A') },
          { on: { event: 'bot.unavailable', bot_id: 'A' }, do: toBot('B') },
          { on: { event: 'bot.unavailable', bot_id: 'B' }, do: toBot('C') },
        ],
      }),
    );
    box.say('hi');
    box.status('A', 'inactive').status('B', 'inactive');
    expect(box.thread.holder).toMatchObject({ id: 'C', standInFor: 'A' });
    box.status('B', 'active');
    box.say('still');
    expect(where(box)).toBe('C');
    box.status('A', 'active');
    box.say('back');
    expect(where(box)).toBe('A');
  });

  it('a stand-in that goes down leaves the line to the fallback of the first', () => {
    const fallback = { desk_id: 'Y', on: ['unavailable' as const] };
    const box = new Box(
      worldOf({
        rules: [
          { id: 'main', on: 'message.received', do: { type: 'forward_to_bot', bot_id: 'A', fallback } },
          { on: { event: 'bot.unavailable', bot_id: 'A' }, do: toBot('B') },
        ],
      }),
    );
    box.say('hi');
    box.status('A', 'inactive').status('B', 'inactive');
    expect(where(box)).toBe('Y?');
  });

  it('a rule that nobody can follow says nothing: neither to a bot that is down nor its texts', () => {
    const box = new Box(
      worldOf({
        bots: { A: { status: 'inactive' }, B: { status: 'inactive' } },
        rules: [
          { on: 'message.received', do: toBot('A') },
          { on: 'bot.unavailable', do: toBot('B') },
          { on: 'bot.unavailable', do: { type: 'send_message', text: 'moment' } },
        ],
      }),
    );
    box.say('one');
    box.say('two');
    expect([where(box), box.messages.size]).toEqual(['A', 2]);
  });

  it('what a closing desk or bot leaves for a bot that is down moves on', () => {
    const rules = [
      { id: 'main', on: 'message.received', do: toBoth('A', 'X') },
      { on: { event: 'bot.unavailable', bot_id: 'A' }, do: toBot('B') },
    ] as const;
    const desk = new Box(worldOf({ rules: [...rules] }));
    desk.say('one');
    desk.run().handover('A');
    desk.desk('X', { type: 'accepted', agent: 'Agent' });
    desk.run().status('A', 'inactive');
    desk.say('two');
    desk.desk('X', { type: 'close', reason: 'done' });
    expect(where(desk)).toBe('B');
    desk.run();
    expect(desk.heard('B')).toEqual(['BOT two']);

    const bot = new Box(worldOf({ rules: [...rules] }));
    bot.say('one');
    bot.run().give('B');
    bot.run().status('A', 'inactive');
    bot.say('two');
    bot.bot('B', { type: 'close' });
    expect(where(bot)).toBe('B');
    bot.run();
    expect(bot.heard('B').at(-1)).toBe('BOT two');
  });

  it('a stand-in that goes down gives the line back if its principal is well', () => {
    const box = STATES['B stands in for A']();
    box.say('help');
    box.status('A', 'active').status('B', 'inactive');
    expect(where(box)).toBe('A');
  });

  it('the fallback of the rule takes the line, with its holding text, and nobody else', () => {
    const fallback = { desk_id: 'Y', on: ['unavailable' as const], holding_text: 'One moment' };
    const box = new Box(
      worldOf({ rules: [{ on: 'message.received', do: { type: 'forward_to_bot', bot_id: 'A', fallback } }] }),
    );
    box.say('hi');
    box.status('A', 'inactive');
    box.run();
    expect(where(box)).toBe('Y?');
    expect(box.spoken).toEqual(['One moment']);
    box.desk('Y', { type: 'reject', reason: 'busy' });
    expect([where(box), box.thread.limbo]).toEqual(['none', 'needs_person']);
    box.status('A', 'active');
    expect(where(box)).toBe('A');
    expect(box.thread.limbo).toBe('');
  });

  it('recovers only threads whose rules lead to it', () => {
    const box = new Box(
      worldOf({
        bots: { A: { status: 'inactive' }, B: { status: 'inactive' } },
        desks: { X: { online: false } },
        rules: [
          { on: 'message.received', do: toBot('A') },
          { on: { event: 'bot.unavailable', bot_id: 'A' }, do: toDesk('X') },
        ],
      }),
    );
    box.say('hi');
    expect([where(box), box.thread.limbo]).toEqual(['none', 'needs_person']);
    box.status('B', 'active');
    expect(where(box)).toBe('none');
    box.status('A', 'active');
    expect(where(box)).toBe('A');
  });

  it('an offer to a desk that goes down fails; an accepted conversation stays, and is marked while somebody waits', () => {
    const offered = STATES['X offered']();
    expect(cell(offered, () => offered.status('X', 'inactive'))).toBe('A+1');
    const accepted = waiting(STATES['X accepted']());
    expect(cell(accepted, () => accepted.status('X', 'inactive'))).toBe('X+0');
    expect(accepted.thread.limbo).toBe('overdue');
  });

  it.each([
    ['undelivered', 0],
    ['unanswered', 30],
  ] as const)('bot.silent {%s}: the next bot keeps the line', (cause, reply) => {
    const box = new Box(
      worldOf({
        bots: { A: { settings: { reply_within_s: reply } }, B: {} },
        rules: [
          { id: 'main', on: 'message.received', do: toBot('A') },
          { on: 'bot.silent', do: toBot('B'), if: { field: 'event.cause', op: 'equals', value: cause } },
        ],
      }),
    );
    box.say('hi');
    if (cause === 'unanswered') box.run();
    box.pass(MINUTE);
    expect(where(box)).toBe('B');
    expect(box.thread.holder).toMatchObject({ standInFor: null });
    box.say('next');
    expect(where(box)).toBe('B');
  });

  it('a silent bot whose fallback does not take the line is asked again once, and the customer is told once', () => {
    const fallback = { desk_id: 'Y', on: ['silent' as const], holding_text: 'One moment' };
    const box = new Box(
      worldOf({ rules: [{ on: 'message.received', do: { type: 'forward_to_bot', bot_id: 'A', fallback } }] }),
    );
    box.say('hi');
    box.runOnly(['A'], () => failure());
    box.pass(60 * MINUTE);
    expect(box.messages.size).toBe(2);
    expect(box.eventsOf('conversation.opened').filter((e) => e.data.type === 'desk')).toHaveLength(1);
    expect([where(box), box.thread.limbo]).toEqual(['A', 'overdue']);
  });
});
