// What happens between a turn and its answer: others answer, attempts are under way while the line changes, replies come
// at once or late. Contract §3, §4. `BOT` asks, `CCSP` is a copy. Not here: who is owed what as such (owed.test.ts).
import { describe, expect, it } from 'vitest';
import { atOnce, Box, failure, MINUTE, outcome } from './fixtures/box.ts';
import { give, held, where } from './fixtures/states.ts';
import { toBoth, worldOf } from './fixtures/world.ts';

const boxOf = () => new Box(worldOf({ rules: [{ id: 'main', on: 'message.received', do: toBoth('A', 'X') }] }));

describe('what somebody else answered meanwhile', () => {
  it('drains as CCSP', () => {
    const box = boxOf();
    box.say('one');
    box.say('two');
    box.runOnly(['A'], () => failure());
    box.give('X');
    box.runOnly(['X']);
    box.agentSays('X', 'done');
    box.desk('X', { type: 'close', reason: '' });
    box.say('three');
    box.pass(MINUTE).run();
    expect(box.heard('A').slice(1)).toEqual(['CCSP one', 'CCSP two', 'BOT three']);
  });

  it('is not owed again, though a part of it had been asked anew before', () => {
    const box = give(held('A'), 'B');
    box.say('one');
    box.runOnly(['A', 'ast']);
    box.say('two');
    box.give('A'); // one was taken as a copy: one and two are owed anew, as BOT
    box.give('B');
    box.runOnly(['B']);
    box.botSays('B', 'yes');
    box.say('three');
    box.give('A');
    box.run();
    expect(
      box
        .heard('A')
        .filter((words) => words.startsWith('BOT'))
        .slice(1),
    ).toEqual(['BOT three']);
  });

  it('but what was left unanswered is asked again, also when its copies still wait in the lane', () => {
    const box = give(held('A'), 'B');
    box.say('one');
    box.runOnly(['A']); // A took one as a copy
    box.say('two');
    box.give('A'); // owed anew: one, two
    box.give('B');
    const b = box.conv('B');
    box.runOnly(['B'], (got) => (got.words[0] === 'one' ? outcome({ commands: [atOnce(b, 'yes')] }) : failure()));
    expect(box.thread.answered).toBe(2);
    box.give('A');
    box.run();
    const asked = box.heard('A').filter((words) => words.startsWith('BOT'));
    expect(asked.slice(1)).toEqual(['BOT two']);
  });
});

describe('an attempt under way while the line changes', () => {
  it('of a turn that was owed anew is not followed by a third', () => {
    const box = give(held('A'), 'B');
    box.say('one');
    box.runOnly(['A']);
    box.say('two');
    const copy = box.begin(box.heads().find((d) => d.target.id === 'A') as never);
    box.give('A');
    box.end(copy, outcome());
    box.run();
    expect(box.heard('A').slice(1)).toEqual(['CCSP one', 'CCSP two', 'BOT one', 'BOT two']);
  });

  it('that said CCSP is followed by the same turn as BOT', () => {
    const box = give(held('A'), 'B');
    box.say('one');
    const copy = box.begin(box.heads().find((d) => d.target.id === 'A') as never);
    box.say('two');
    box.give('A');
    box.end(copy, outcome());
    box.run();
    expect(box.heard('A').slice(1)).toEqual(['CCSP one', 'CCSP two', 'BOT one', 'BOT two']);
  });

  it('that fails is simply tried again, as BOT', () => {
    const box = give(held('A'), 'B');
    box.say('one');
    const copy = box.begin(box.heads().find((d) => d.target.id === 'A') as never);
    box.give('A');
    box.end(copy, failure());
    box.pass(MINUTE - 1);
    box.run();
    expect(box.heard('A').slice(1)).toEqual(['CCSP one']);
    box.pass(1).run();
    expect(box.heard('A').slice(1)).toEqual(['CCSP one', 'BOT one']);
  });

  it('whose answer carries a reply: refused and shown, for it was given for another epoch', () => {
    const box = boxOf();
    box.say('one');
    const asked = box.begin(box.heads()[0] as never);
    box.give('X');
    box.end(asked, outcome({ commands: [atOnce(box.conv('A'), 'late')] }));
    expect(box.spoken).toEqual([]);
    expect(box.eventsOf('message.refused').map((e) => e.data.code)).toEqual(['not_holder']);
    expect(box.thread.answered).toBe(0);
    box.give('A');
    box.run();
    expect(box.heard('A')).toEqual(['BOT one', 'BOT one']);
  });
});

describe('what will not arrive', () => {
  it('is asked anew when the line comes back, though the lane has given it up', () => {
    const settings = { retry_spacing_s: [], failure_threshold: 99 };
    const box = new Box(
      worldOf({ bots: { A: { settings } }, rules: [{ id: 'main', on: 'message.received', do: toBoth('A', 'X') }] }),
    );
    box.say('one');
    box.runOnly(['A'], () => failure());
    expect(box.thread.limbo).toBe('overdue');
    box.give('X');
    box.desk('X', { type: 'reject', reason: 'busy' });
    box.run();
    expect(box.heard('A')).toEqual(['BOT one', 'BOT one']);
  });
});

describe('the limit for taking', () => {
  it('runs on while turns that were owed anew are in the lane', () => {
    const box = give(held('A'), 'B');
    box.say('one');
    box.say('two');
    box.run();
    box.give('A');
    let taken = 0;
    box.runOnly(['A'], () => (taken++ === 0 ? outcome() : failure()));
    box.pass(MINUTE);
    expect(box.thread.limbo).toBe('overdue');
  });

  it('is of each turn: one that was answered before it was acknowledged leaves nothing to the next', () => {
    const box = boxOf();
    box.say('one');
    const flight = box.begin(box.heads()[0] as never);
    box.botSays('A', 'quick');
    box.pass(50_000);
    box.end(flight, failure());
    box.say('two');
    box.pass(50_000);
    expect(box.eventsOf('rule.raised')).toHaveLength(0);
    box.pass(10_000);
    expect(box.thread.limbo).toBe('overdue');
  });
});

describe('the limit for answering', () => {
  const limited = () =>
    new Box(
      worldOf({
        bots: { A: { settings: { reply_within_s: 30, take_within_s: 300 } } },
        desks: { X: { settings: { reply_within_s: 30 } } },
        rules: [{ id: 'main', on: 'message.received', do: toBoth('A', 'X') }],
      }),
    );

  it('ends with the answer of what was taken, though more has come', () => {
    const box = limited();
    box.say('one');
    box.run();
    box.say('two');
    box.botSays('A', 'to one');
    box.pass(MINUTE);
    expect([box.thread.answered, box.thread.limbo]).toEqual([1, '']);
    box.run();
    box.pass(29_999);
    expect(box.thread.limbo).toBe('');
    box.pass(1);
    expect(box.thread.limbo).toBe('overdue');
  });

  it('of a desk begins anew for what its answer left', () => {
    const box = limited();
    box.say('one');
    box.give('X');
    box.desk('X', { type: 'accepted', agent: 'Agent' });
    box.run();
    box.pass(20_000);
    box.say('two');
    box.agentSays('X', 'to one');
    expect([box.thread.turn, box.thread.answered]).toEqual([2, 1]);
    box.pass(29_999);
    expect(box.thread.limbo).toBe('');
    box.pass(1);
    expect(box.thread.limbo).toBe('overdue');
  });
});

describe('an answer', () => {
  it('covers no more than was said', () => {
    const box = boxOf();
    box.say('one');
    const command = { type: 'close', conversationId: box.conv('A') } as const;
    box.submit({ type: 'bot', botId: 'A', command, handed: 99 });
    expect(box.thread.answered).toBe(1);
  });

  it('at once, with a close behind it: it goes out', () => {
    const box = boxOf();
    box.say('bye');
    const conversationId = box.conv('A');
    const close = { ok: true, command: { type: 'close', conversationId } } as const;
    box.runOnly(['A'], () => outcome({ commands: [atOnce(conversationId, 'goodbye'), close] }));
    box.run();
    expect([box.spoken, where(box)]).toEqual([['goodbye'], 'none']);
  });

  it('is decided without asking for the unanswered turns, as is a first message', () => {
    const box = boxOf();
    box.say('one');
    box.run().botSays('A', 'hello');
    box.say('two');
    box.run();
    expect(box.asked).toBe(0);
  });

  it('covers what the bot acknowledged or was handed, and not what came while it composed', () => {
    const box = boxOf();
    box.say('one');
    const flight = box.begin(box.heads()[0] as never);
    box.say('two');
    box.botSays('A', 'to one');
    expect([box.thread.turn, box.thread.answered]).toEqual([2, 1]);
    box.end(flight, outcome());
    box.run();
    expect(box.heard('A')).toEqual(['BOT one', 'BOT two']);
    expect(box.thread.waitingSince).not.toBeNull();
  });

  it('at once: each good one is said, a bad one is refused alone', () => {
    const box = boxOf();
    box.say('one');
    const a = box.conv('A');
    const other = atOnce('conv99', 'to nobody');
    box.run((got) =>
      got.target === 'A'
        ? outcome({ commands: [atOnce(a, 'first'), { ok: false, detail: 'no text' }, other, atOnce(a, 'second')] })
        : outcome(),
    );
    expect(box.spoken).toEqual(['first', 'second']);
    expect(box.eventsOf('message.refused').map((e) => e.data.code)).toEqual(['invalid', 'not_found']);
    expect(box.thread.answered).toBe(1);
  });

  it('at once, with a handover in between: what follows is refused', () => {
    const box = boxOf();
    box.say('one');
    const conversationId = box.conv('A');
    const handover = { ok: true, command: { type: 'handover', custom: {}, conversationId } } as const;
    box.runOnly(['A'], () =>
      outcome({ commands: [atOnce(conversationId, 'wait'), handover, atOnce(conversationId, 'too late')] }),
    );
    expect(where(box)).toBe('X?');
    expect(box.eventsOf('message.refused').map((e) => e.data.code)).toEqual(['not_holder']);
    box.runOnly(['ast']);
    expect(box.spoken).toEqual(['wait']);
  });
});
