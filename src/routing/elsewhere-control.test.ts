// The provider's word on which app has the thread: while another has it, we do not speak, however long that takes.
// Decision 13. Not here: what an echo does, and the tables of each holder (elsewhere.test.ts).
import { describe, expect, it } from 'vitest';
import { type Box, MINUTE } from './fixtures/box.ts';
import { answeredElsewhere, appOf, cell, STATES, where, withP } from './fixtures/states.ts';
import { toBot } from './fixtures/world.ts';

const HALF_HOUR = 30 * MINUTE;

describe('when the provider gave the thread to another app', () => {
  const outside = (): Box => {
    const box = appOf([{ id: 'main', on: 'message.received', do: toBot('A') }]);
    box.say('one');
    box.run();
    box.control(false, 'Other app');
    return box;
  };

  it('it stays there until the provider’s word, whoever waits; then what nobody answered is owed', () => {
    const box = outside();
    expect(box.thread.desk).toMatchObject({ agent: 'Other app', elsewhere: 'until_returned', replyDue: null });
    box.say('two');
    box.run().pass(1_000 * HALF_HOUR);
    expect([where(box), box.thread.limbo]).toEqual(['P', '']);
    expect(cell(box, () => box.control(true, 'done'))).toBe('A+1');
    expect(box.eventsOf('holder.changed').slice(-2)).toMatchObject([
      { data: { reason: 'the provider gave the thread to another app: Other app' } },
      { data: { reason: 'the provider gave the thread back: done' } },
    ]);
    box.run();
    expect(box.heard('A')).toEqual(['BOT one', 'CCSP two', 'BOT one', 'BOT two']);
  });

  it('an echo answers, and starts no time', () => {
    const box = outside();
    box.echo('from there');
    expect(box.thread.desk).toMatchObject({ elsewhere: 'until_returned', replyDue: null, agent: 'Page inbox' });
    box.pass(1_000 * HALF_HOUR);
    expect(where(box)).toBe('P');
    box.control(true);
    box.run();
    expect(box.heard('A')).toEqual(['BOT one']);
  });

  it('the same word again is ignored, and so is its return when it is ours', () => {
    const box = outside();
    expect(box.control(false)).toEqual({ ok: true, ignored: true });
    expect(box.control(true).ok).toBe(true);
    expect(box.control(true)).toEqual({ ok: true, ignored: true });
    expect(box.last?.thread).toBeNull();
  });

  it('what is told late or again counts no more', () => {
    const box = outside();
    const words = (...told: [boolean, number][]) =>
      told.map(([ours, at]) => cell(box, () => box.control(ours, 'w', at)));
    expect(words([true, 20], [false, 10], [true, 20], [false, 30])).toEqual(['A+1', 'A+0', 'A+0', 'P+1']);
    expect(words([true, 20], [false, 10], [false, 30], [false, 40])).toEqual(['P+0', 'P+0', 'P+0', 'P+0']);
    expect(words([true, 35], [true, 50], [false, 45], [false, 50])).toEqual(['P+0', 'A+1', 'A+0', 'P+1']);
    expect(box.thread.controlAt).toBe(50);
  });

  it('that it is ours is remembered, though it was', () => {
    const box = withP(STATES['bot A']());
    expect(box.control(true, '', 20)).toEqual({ ok: true, ignored: true });
    expect(cell(box, () => box.control(false, '', 10))).toBe('A+0');
    expect(box.control(true, '', 20)).toEqual({ ok: true, ignored: true });
    expect(box.last?.thread).toBeNull();
  });

  it('before the customer has said a word, their first one waits there', () => {
    const box = appOf([{ id: 'main', on: 'message.received', do: toBot('A') }]);
    expect(box.control(true)).toEqual({ ok: true, ignored: true });
    expect(box.threads.size).toBe(0);
    box.control(false);
    box.say('hi');
    expect(where(box)).toBe('P');
    box.control(true);
    box.run();
    expect(box.heard('A')).toEqual(['BOT hi']);
  });

  it('one who answered there before has no time any more', () => {
    const box = answeredElsewhere();
    const conversation = box.conv('P');
    expect(cell(box, () => box.control(false))).toBe('P+0');
    box.pass(HALF_HOUR * 2);
    expect([where(box), box.conv('P')]).toEqual(['P', conversation]);
  });
});
