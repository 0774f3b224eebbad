// Picks from what may be anything: what is of the expected kind comes out limited and storable, all else is absent.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { key, line, mediaType, moment, object, objects, whole, words } from './pick.ts';

describe('a pick', () => {
  it.each<[unknown, unknown]>([
    [words('a\0b', 10), 'a\ufffdb'],
    [words('abcdef', 3), 'abc'],
    [words({ toString: () => 'x' }), ''],
    [line(' One ', 5, '', 'Two'), 'One Two'],
    [line('x'.repeat(300), 'y').length, 256],
    [key('abc', 3), 'abc'],
    [key('abcd', 3), ''],
    [key(42, 10), '42'],
    [key(1.5, 10), ''],
    [key('a\nb', 10), ''],
    [key('\ud800', 10), ''],
    [whole(7), 7],
    [whole('7'), undefined],
    [whole(2 ** 60), undefined],
    [object([1]), {}],
    [object({ a: 1 }), { a: 1 }],
    [objects([{ a: 1 }, null, 5, [], { b: 2 }, { c: 3 }], 5), [{ a: 1 }, { b: 2 }]],
    [objects('x', 5), []],
    [mediaType('Image/JPEG; q=1', 'x/y'), 'image/jpeg'],
    [mediaType('no type', 'x/y'), 'x/y'],
  ])('%j is %j', (picked, expected) => expect(picked).toEqual(expected));

  it.each<[unknown, number | undefined]>([
    [1_750_000_000, 1_750_000_000_000],
    [1_750_000_000_123, 1_750_000_000_123],
    ['1750000000', 1_750_000_000_000],
    [0, undefined],
    [-1, undefined],
    [Number.NaN, undefined],
    [1e300, undefined],
    ['now', undefined],
    ['1e3', undefined],
    [null, undefined],
  ])('the moment of %j is %j', (given, expected) => expect(moment(given)).toBe(expected));

  it('never throws', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true }), (value) => {
        expect(typeof words(value)).toBe('string');
        expect(typeof key(value, 9)).toBe('string');
        expect(typeof line(value, value)).toBe('string');
        expect(Array.isArray(objects(value, 9))).toBe(true);
        expect([moment(value), whole(value), mediaType(value, ''), object(value)]).toHaveLength(4);
      }),
    );
  });
});
