// Holds what readers of ids rely on: the layout, the order, and that ids do not repeat.
import { randomFillSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { idMaker, newId } from './ids.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** The 128 bits of an id as a UUID's hex, read by another way than they are written. */
function uuidHex(id: string): string {
  const value = [...id.slice(id.indexOf('_') + 1)].reduce(
    (sum, char) => sum * 32n + BigInt(ALPHABET.indexOf(char)),
    0n,
  );
  return value.toString(16).padStart(32, '0');
}

describe('ids', () => {
  it('are a prefix and a UUIDv7 in 26 characters of lower-case Crockford base32', () => {
    const at = 1_700_000_000_123;
    const id = idMaker(() => at, randomFillSync)('conv');
    expect(id).toMatch(/^conv_[0-7][0-9a-hjkmnp-tv-z]{25}$/);
    const hex = uuidHex(id);
    expect(hex).toHaveLength(32);
    expect(Number.parseInt(hex.slice(0, 12), 16)).toBe(at);
    expect(hex[12]).toBe('7');
    expect('89ab').toContain(hex[16]);
  });

  it('use every bit of chance they are given, in its place', () => {
    const id = idMaker(
      () => 0,
      (block) => block.fill(Buffer.from('0123456789abcdef', 'hex')),
    )('msg');
    // Two bits of the 64 are given up for the variant.
    expect(uuidHex(id).slice(16)).toBe('8123456789abcdef');
  });

  it('grow strictly within a millisecond, over its end, and when the clock steps back', () => {
    let now = 5_000;
    const make = idMaker(() => now, randomFillSync);
    const ids: string[] = [];
    for (let i = 0; i < 10_000; i++) ids.push(make('dlv'));
    now = 4_000;
    for (let i = 0; i < 100; i++) ids.push(make('dlv'));
    now = 6_000;
    ids.push(make('dlv'));
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('are made without a system call for each (a hundred thousand well within a second)', () => {
    const startedAt = performance.now();
    for (let i = 0; i < 100_000; i++) newId('evt');
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
});
