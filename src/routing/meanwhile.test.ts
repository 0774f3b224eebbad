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

describe('an answer', () => {
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
