// Pages that were read anew take their place in a list: nothing twice, no gap.
import { describe, expect, it } from 'vitest';
import { isInView, merged, type Pages, rowsOf } from './merge.ts';

type Row = { id: string; now?: true };
const page = (ids: string, next: string | null, now?: true) => ({
  data: [...ids].map((id): Row => (now ? { id, now } : { id })),
  next_cursor: next,
});
const list = (...pages: [string, string | null][]): Pages<Row> => ({
  pages: pages.map(([ids, next]) => page(ids, next)),
  pageParams: [undefined, ...pages.slice(0, -1).map(([, next]) => next as string)],
});
const shown = (pages: Pages<Row>): string =>
  rowsOf(pages)
    .map((row) => row.id)
    .join('');

describe('A page that was read anew', () => {
  it.each([
    ['stands in the place of the old one', 0, 'abc', 'c', 'abcdef'],
    ['brings new rows to the head, and keeps what they pushed out of it', 0, 'xyabc'.slice(0, 3), 'a', 'xyabcdef'],
    ['begins the list anew when it has nothing in common with what it was', 0, 'xyz', 'z', 'xyz'],
    ['may lose a row', 0, 'ac', 'c', 'acdef'],
    ['at the end may grow', 1, 'defg', null, 'abcdefg'],
  ] as const)('%s', (_, at, ids, next, expected) => {
    const before = list(['abc', 'c'], ['def', null]);
    expect(shown(merged(before, [{ at, page: page(ids, next, true) }]))).toBe(expected);
  });

  it('shows a row that slid to the next page once, as it is now', () => {
    const before = list(['abc', 'c'], ['def', null]);
    const after = merged(before, [
      { at: 0, page: page('xab', 'b', true) },
      { at: 1, page: page('cdef', null, true) },
    ]);
    expect(shown(after)).toBe('xabcdef');
  });
});

describe('A page', () => {
  it.each([
    [{ first: 0, last: 20 }, 0, true],
    [{ first: 0, last: 20 }, 1, false],
    [{ first: 45, last: 55 }, 1, true],
    [{ first: 50, last: 60 }, 0, false],
    [{ first: 100, last: 120 }, 2, true],
  ])('is in view of %o: page %i of 50: %s', (range, index, expected) => {
    expect(isInView(range, index, 50)).toBe(expected);
  });
});
