// Holds that others' words cannot move the terminal, and when there are colours.
import { describe, expect, it } from 'vitest';
import { paint, safe, table, wantsColour } from './output.ts';

describe('output', () => {
  it('shows no control characters of others, but their line breaks and emoji', () => {
    expect(safe('a\u001b[2Jb\u0007c\u009bd\r')).toBe('a[2Jbcd');
    expect(safe('line\nnext\t🙂')).toBe('line\nnext\t🙂');
  });

  it('has colours on a terminal only, and never with NO_COLOR', () => {
    expect(wantsColour({ isTTY: true }, {})).toBe(true);
    expect(wantsColour({ isTTY: true }, { NO_COLOR: '1' })).toBe(false);
    expect(wantsColour({ isTTY: true }, { TERM: 'dumb' })).toBe(false);
    expect(wantsColour({}, {})).toBe(false);
    expect(paint(false)('red', 'x')).toBe('x');
    expect(paint(true)('red', 'x')).toBe('\u001b[31mx\u001b[0m');
  });

  it('lines columns up', () => {
    expect(
      table([
        ['A', 'BB'],
        ['long', 'x'],
      ]),
    ).toBe('A     BB\nlong  x');
  });
});
