// What an error of the server means: whose it is to mend. Not here: what follows (away.test.ts).
import { describe, expect, it } from 'vitest';
import { Away, asAway, Taken } from './failure.ts';

const said = (code: string): Error => Object.assign(new Error('said'), { code });

describe('an error of the server', () => {
  it.each([
    ['53100', 'a disk without room', 'it has run out of room, memory or connections'],
    ['58030', 'a disk that fails', 'its disk or system failed'],
    ['42501', 'a disk that only reads, or a right that was taken away', 'it may not do that, or its disk only reads'],
    ['57P01', 'its end', 'it was stopped, or is starting'],
    ['XX001', 'damaged data', 'its data are damaged, or it met an error of its own'],
    ['ECONNRESET', 'a connection that broke', 'the connection broke'],
  ])("%s, %s, is the operator's to mend: hooks are told to come again", (code, _, words) => {
    const told = asAway(said(code));
    expect(told).toBeInstanceOf(Away);
    expect((told as Away).message).toContain(words);
  });

  it('tells of another process that has taken over', () => {
    expect(asAway(said('SB001'))).toBeInstanceOf(Taken);
  });

  it.each(['23505', '42601', '22021'])('%s is of our statement, and stays what it is', (code) => {
    const error = said(code);
    expect(asAway(error)).toBe(error);
  });
});
