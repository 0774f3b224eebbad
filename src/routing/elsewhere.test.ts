// Who answers in the provider's own app holds the line: tables of each holder, what is owed when it goes back, and its time.
// Decision 13; contract §4. Not here: random lives (fuzz.test.ts), and how a channel tells of it (src/channels).
import { describe, expect, it } from 'vitest';
import { Box, MINUTE, outcome } from './fixtures/box.ts';
import { act, answeredElsewhere, appOf, cell, give, STATES, where, withP } from './fixtures/states.ts';
import { toBot, toBoth, toDesk, worldOf } from './fixtures/world.ts';

const HALF_HOUR = 30 * MINUTE;

const HOLDERS = {
  ...STATES,
  'P, by an echo': () => act(give(STATES['bot A'](), 'A'), (box) => withP(box).echo('yes')),
  'P, by the provider': () => act(give(STATES['bot A'](), 'A'), (box) => withP(box).control(false)),
} as const;
type Held = keyof typeof HOLDERS;

describe('who holds the line', () => {
  // A cell says the holder and by how much the epoch grew; nobody waits before.
  const HAPPENS: Record<string, (box: Box) => unknown> = {
    'an echo': (box) => box.echo('hello'),
    'another app has it': (box) => box.control(false),
    'it is ours': (box) => box.control(true),
    'half an hour': (box) => box.pass(HALF_HOUR),
    'an echo, half an hour': (box) => act(box, () => box.echo('hello')).pass(HALF_HOUR),
    'another app, a day, ours': (box) =>
      act(act(box, () => box.control(false)).pass(48 * HALF_HOUR), () => box.control(true)),
  };
  const TABLE: [Held, string][] = [
    ['nobody', 'P+1 P+1 none+0 none+0 none+2 none+2'],
    ['bot A', 'P+1 P+1 A+0 A+0 A+2 A+2'],
    ['bot B, A open', 'P+1 P+1 B+0 B+0 B+2 B+2'],
    ['X offered', 'P+1 P+1 X?+0 A+1 A+2 A+2'],
    ['X queued', 'P+1 P+1 X~+0 A+1 A+2 A+2'],
    ['X accepted', 'P+1 P+1 X+0 X+0 A+2 A+2'],
    ['bot A inactive', 'P+1 P+1 A+0 A+0 A+2 A+2'],
    ['B stands in for A', 'P+1 P+1 B+0 B+0 B+2 B+2'],
    ['P, by an echo', 'P+0 P+0 P+0 A+1 A+1 A+1'],
    ['P, by the provider', 'P+0 P+0 A+1 P+0 P+0 A+1'],
  ];
  const rows = TABLE.flatMap(([held, cells]) =>
    Object.keys(HAPPENS).map((what, i) => ({ held, what, expected: cells.split(' ')[i] as string })),
  );
  it.each(rows)('with $held, after $what: $expected', ({ held, what, expected }) => {
    const box = withP(HOLDERS[held]());
    expect(cell(box, (it) => HAPPENS[what]?.(it))).toBe(expected);
  });

  // Without an app desk, or while somebody has switched it off, nobody's words there move the line.
  const unmoved = Object.keys(STATES).flatMap((held) =>
    ['none', 'disabled'].map((desk) => ({ held: held as keyof typeof STATES, desk })),
  );
  it.each(unmoved)('with $held and app desk $desk, stays', ({ held, desk }) => {
    const box = STATES[held]();
    if (desk === 'disabled') withP(box).status('P', 'disabled');
    const before = where(box);
    const was = box.threads.size === 0 ? [0, 0] : [box.thread.epoch, box.messages.size];
    expect(box.echo('hello')).toMatchObject({ ok: true, messageId: expect.any(String) });
    expect(box.control(false)).toEqual({ ok: true, ignored: true });
    expect([where(box), box.thread.epoch, box.messages.size]).toEqual([before, was[0], (was[1] ?? 0) + 1]);
    expect([...box.messages.values()].at(-1)).toMatchObject({
      author: { type: 'agent', id: null, name: 'Page inbox' },
      conversationId: null,
    });
  });
});

describe('an echo', () => {
  it('is an agent’s message, kept with the channel’s id, and goes to nobody but the bots, as a copy', () => {
    const box = answeredElsewhere();
    const said = [...box.messages.values()].at(-1);
    expect(said).toMatchObject({
      text: 'yes',
      author: { type: 'agent', id: 'P', name: 'Page inbox' },
      conversationId: box.conv('P'),
      externalId: 'x2',
      turn: null,
    });
    expect(box.eventsOf('message.sent').at(-1)?.data).toMatchObject({ message_id: said?.id, author: 'agent' });
    expect(box.deliveries.filter((d) => d.messageId === said?.id)).toMatchObject([
      { target: { type: 'bot', id: 'A' }, data: { desk_conversation_id: box.conv('P') } },
    ]);
    expect(box.got.at(-1)).toMatchObject({ target: 'A', as: 'CCSP', words: ['yes'] });
  });

  it('answers the customer who waited, and refuses the bot and the desk that had the line', () => {
    const box = answeredElsewhere();
    expect([box.thread.waitingSince, box.thread.answered, box.thread.limbo]).toEqual([null, 1, '']);
    expect(box.botSays('A', 'late')).toMatchObject({ code: 'not_holder', holder: { type: 'desk', id: 'P' } });
    expect(box.handover('A')).toMatchObject({ code: 'not_holder' });
  });

  it('takes the line from a desk of ours, whose software is told', () => {
    for (const state of ['X offered', 'X queued', 'X accepted'] as const) {
      const box = withP(STATES[state]());
      box.echo('I do it');
      box.run();
      expect(box.kinds('X').at(-1)).toBe('closed');
      const X = box.conv('X');
      expect(box.conversations.get(X)).toMatchObject({
        status: 'closed',
        closeReason: 'answered in the provider’s own app',
      });
      const late = box.desk(
        'X',
        { type: 'message', agent: 'Agent', message: { type: 'text', text: 'l', media: [] } },
        X,
      );
      expect(late).toMatchObject({ ok: false, code: state === 'X accepted' ? 'conversation_closed' : 'not_holder' });
    }
  });

  it('says who, and why the holder changed', () => {
    const box = answeredElsewhere();
    expect(box.eventsOf('holder.changed').at(-1)?.data).toMatchObject({
      from: { type: 'bot', id: 'A' },
      to: { type: 'desk', id: 'P' },
      reason: 'answered in the provider’s own app',
      actor: 'desk P',
    });
    expect(box.conversations.get(box.conv('P'))).toMatchObject({ status: 'accepted', agent: 'Page inbox' });
    box.echo('more', { author: 'Phone' });
    expect(box.conversations.get(box.conv('P'))).toMatchObject({ status: 'accepted', agent: 'Phone' });
    expect([...box.conversations.values()].filter((c) => c.partyId === 'P')).toHaveLength(1);
  });

  it('opens the thread when a human writes first; what the customer answers waits there', () => {
    const box = appOf([{ id: 'main', on: 'message.received', do: toBot('A') }]);
    box.echo('Your parcel is late');
    expect([where(box), box.thread.turn, box.thread.address]).toEqual(['P', 0, 'c1']);
    expect(box.conversations.get(box.conv('P'))).toMatchObject({ serviceId: 'svc', agent: 'Page inbox' });
    box.say('when?');
    expect(where(box)).toBe('P');
    expect(box.eventsOf('message.received').at(-1)?.data.decision).toMatchObject({
      why: expect.stringContaining('provider’s own app'),
    });
    box.pass(HALF_HOUR).run();
    expect([where(box), box.heard('A')]).toEqual(['A', ['BOT when?']]);
  });

  it('of ours that came back is ignored, by our id and by the channel’s', () => {
    const box = appOf([{ id: 'main', on: 'message.received', do: toBot('A') }]);
    box.say('one');
    box.run().botSays('A', 'yes');
    const { id } = [...box.messages.values()].at(-1) ?? {};
    box.run((_got, { target }) => outcome(target.type === 'asset' ? { externalId: 'their-id' } : {}));
    for (const more of [{ messageId: id ?? '' }, { externalId: 'their-id' }]) {
      expect(box.echo('yes', more)).toEqual({ ok: true, ignored: true });
    }
    expect([where(box), box.messages.size, box.thread.epoch]).toEqual(['A', 2, 1]);
  });

  it('of an asset that is gone is ignored, and nobody outside becomes a simulated customer', () => {
    const box = appOf([]);
    expect(box.echo('x', { assetId: 'gone' })).toEqual({ ok: true, ignored: true });
    expect(box.echo('x', { address: 'sim-1' })).toMatchObject({ ok: false, code: 'invalid' });
    expect(box.threads.size).toBe(0);
  });

  it('without an app desk answers the customer and is copied to the bot that keeps the line', () => {
    const box = new Box(worldOf({ rules: [{ id: 'main', on: 'message.received', do: toBot('A') }] }));
    box.say('one');
    box.run();
    box.echo('yes');
    box.run();
    expect([where(box), box.thread.waitingSince]).toEqual(['A', null]);
    expect(box.got.at(-1)).toMatchObject({ target: 'A', as: 'CCSP', words: ['yes'], data: null });
    expect(box.botSays('A', 'and more').ok).toBe(true);
  });
});

describe('the time of the app desk', () => {
  it('runs though nobody waits, and begins anew with each echo', () => {
    const box = answeredElsewhere();
    box.pass(HALF_HOUR - 1);
    box.echo('still here');
    box.pass(HALF_HOUR - 1);
    expect(where(box)).toBe('P');
    expect(cell(box, () => box.pass(1))).toBe('A+1');
    expect(box.conversations.get(box.conv('P'))).toMatchObject({ status: 'closed', closeReason: 'idle' });
    expect([box.thread.holder, box.heard('A')]).toMatchObject([{ conversationId: box.conv('A') }, ['BOT one']]);
  });

  it('gives the first word after an answer the whole of it, and further ones no more', () => {
    const box = answeredElsewhere();
    box.pass(HALF_HOUR - 1);
    box.say('two');
    box.pass(HALF_HOUR - MINUTE);
    expect(where(box)).toBe('P');
    box.say('three');
    expect(cell(box, () => box.pass(MINUTE))).toBe('A+1');
  });

  it('that runs out owes the bot what nobody answered, though it was copied there, once, oldest first', () => {
    const box = answeredElsewhere();
    box.say('two');
    box.say('three');
    box.run();
    expect(box.heard('A')).toEqual(['BOT one', 'CCSP two', 'CCSP three']);
    box.pass(HALF_HOUR).run();
    expect(box.heard('A').slice(3)).toEqual(['BOT two', 'BOT three']);
    expect(box.botSays('A', 'here I am').ok).toBe(true);
    expect(box.thread.waitingSince).toBeNull();
  });

  it('raises desk.idle and desk.closed, and the line goes back in any case', () => {
    const box = answeredElsewhere();
    box.edit(({ services }) => {
      const rules = worldOf({
        rules: [
          { id: 'idle', on: { event: 'desk.idle', desk_id: 'P' }, do: { type: 'send_message', text: 'never' } },
          { id: 'move', on: { event: 'desk.idle', desk_id: 'P' }, do: toDesk('Y') },
          { id: 'call', on: { event: 'desk.closed', desk_id: 'P' }, do: { type: 'notify_url', url: 'https://n.test' } },
        ],
      });
      services.get('svc')?.rules.push(...(rules.services.get('svc')?.rules ?? []));
    });
    box.pass(HALF_HOUR);
    expect(where(box)).toBe('A');
    expect(box.eventsOf('rule.raised').map((e) => e.data.event)).toEqual(['desk.idle', 'desk.closed']);
    expect(box.deliveries.at(-1)).toMatchObject({ kind: 'notify', data: { 'event.reason': 'idle' } });
  });

  it('of 0 never runs out', () => {
    const box = answeredElsewhere({ reply_within_s: 0 });
    box.say('two');
    box.pass(100 * HALF_HOUR);
    expect(where(box)).toBe('P');
  });

  it('that runs out where nobody had the line before frees it, and a rule may take what is unanswered', () => {
    const box = appOf([], {});
    box.echo('hello');
    box.say('hi');
    expect(cell(box, () => box.pass(HALF_HOUR))).toBe('none+1');
    expect(box.thread.limbo).toBe('unrouted');
  });

  it('finds the bot down: its rules stand in for what is owed', () => {
    const box = answeredElsewhere();
    box.edit(({ services }) => {
      const down = worldOf({ rules: [{ id: 'down', on: { event: 'bot.unavailable', bot_id: 'A' }, do: toBot('B') }] });
      services.get('svc')?.rules.push(...(down.services.get('svc')?.rules ?? []));
    });
    box.status('A', 'inactive');
    box.say('two');
    box.pass(HALF_HOUR).run();
    expect([where(box), box.heard('B')]).toEqual(['B', ['BOT two']]);
  });

  it('tells the bot that asked for it what was said meanwhile', () => {
    const box = answeredElsewhere({}, { bots: { A: { settings: { extended_events: true } } } });
    box.pass(HALF_HOUR).run();
    const signals = box.deliveries.filter((d) => d.kind === 'signal').map((d) => d.data?.event);
    expect(signals).toEqual([
      'control.given',
      'control.revoked',
      'handover.accepted',
      'control.given',
      'conversation.returned',
    ]);
  });
});

describe('the line of the app desk', () => {
  it('is taken back by hand, by a bot and by a desk', () => {
    for (const to of ['A', 'X']) {
      const box = answeredElsewhere();
      box.say('two');
      expect(cell(box, () => box.give(to))).toBe(to === 'A' ? 'A+1' : 'X?+1');
      box.run();
      expect((to === 'A' ? box.heard('A') : box.desksHeard('X')).at(-1)).toMatch(/two$/);
      expect(cell(box, () => box.echo('mine'))).toBe('P+1');
    }
  });

  it('is never offered: not by hand, by a rule, a bot or a desk', () => {
    const box = appOf([{ id: 'main', on: 'message.received', do: toBoth('A', 'P') }]);
    box.say('one');
    expect(box.give('P')).toMatchObject({ ok: false, code: 'conflict' });
    box.run().handover('A');
    expect(where(box)).toBe('A');
    box.give('X');
    box.desk('X', { type: 'accepted', agent: 'Agent' });
    expect(box.desk('X', { type: 'transfer', to: 'P', reason: 'r' })).toMatchObject({ ok: false, code: 'conflict' });
  });

  it('ends as any desk’s when the desk is deleted: at the next message', () => {
    for (const begin of ['echo', 'control'] as const) {
      const box = appOf([{ id: 'main', on: 'message.received', do: toBot('A') }]);
      box.say('one');
      box.run();
      if (begin === 'echo') box.echo('yes');
      else box.control(false);
      box.edit(({ desks }) => desks.delete('P'));
      expect(cell(box, () => box.say('two'))).toBe('A+1');
    }
  });

  it('that was switched off ends by its time and by the provider’s word, and no echo takes it again', () => {
    const timed = answeredElsewhere();
    timed.status('P', 'disabled');
    expect(where(timed)).toBe('P');
    timed.echo('more');
    timed.pass(HALF_HOUR);
    expect(where(timed)).toBe('A');
    expect(cell(timed, () => timed.echo('again'))).toBe('A+0');
    const given = answeredElsewhere();
    given.control(false);
    given.status('P', 'disabled');
    expect(cell(given, () => given.control(true))).toBe('A+1');
  });
});
