// Whose token it is: of one asset, one address, for a time; and whose identity a site vouches for.
// Not here: the requests that carry them (test/flows/web-chat.test.ts).
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isVouched, mintAddress, readToken, signToken, unfitAddress } from './tokens.ts';

const CLAIMS = { assetId: 'ast_1', address: 'web-a', name: 'Ada', verified: false, until: 1_000 };

describe('a token', () => {
  const token = signToken(['new', 'old'], CLAIMS);

  it('is read with the key that signed it, also when a newer one stands before it', () => {
    expect(readToken(['newer', 'new'], 'ast_1', token, 999)).toEqual(CLAIMS);
  });

  it.each([
    ['another key', ['old'], 'ast_1', token, 0],
    ['no key', [], 'ast_1', token, 0],
    ['another asset', ['new'], 'ast_2', token, 0],
    ['its end', ['new'], 'ast_1', token, 1_000],
    ['a letter more', ['new'], 'ast_1', `${token}A`, 0],
    ['a part more', ['new'], 'ast_1', `${token}.x`, 0],
    ['no signature', ['new'], 'ast_1', token.split('.')[0] ?? '', 0],
    ['another beginning', ['new'], 'ast_1', token.slice(4), 0],
    ['nothing', ['new'], 'ast_1', '', 0],
    ['too much', ['new'], 'ast_1', `wct_${'x'.repeat(5000)}.y`, 0],
  ])('is nobody’s with %s', (_what, keys, asset, text, now) => {
    expect(readToken(keys, asset, text, now)).toBeNull();
  });

  it('is nobody’s when any of its letters was changed', () => {
    for (let place = 4; place < token.length - 1; place += 1) {
      const other = token[place] === 'A' ? 'B' : 'A';
      expect(readToken(['new'], 'ast_1', token.slice(0, place) + other + token.slice(place + 1), 0)).toBeNull();
    }
  });
});

describe('an address', () => {
  it('is minted with 128 bits', () => {
    const minted = new Set(Array.from({ length: 1000 }, mintAddress));
    expect(minted.size).toBe(1000);
    for (const address of minted) expect(Buffer.from(address.slice(4), 'base64url')).toHaveLength(16);
  });

  it.each([
    ['user-1', true],
    ['maya@example.com', true],
    ['', false],
    ['x'.repeat(129), false],
    ['a\u0000b', false],
    ['web-x', false],
    ['WEB-x', false],
    ['sim-x', false],
    ['erased:thr_1', false],
  ])('that a site gives, %j, is fit: %s', (id, fit) => {
    expect(unfitAddress(id) === null).toBe(fit);
  });
});

describe('an identity', () => {
  const hmac = (secret: string, id: string): string => createHmac('sha256', secret).update(id).digest('hex');

  it.each([
    ['the newest secret', hmac('new', 'user'), true],
    ['one in its overlap', hmac('old', 'user'), true],
    ['capital letters', hmac('new', 'user').toUpperCase(), true],
    ['another secret', hmac('none', 'user'), false],
    ['another id', hmac('new', 'other'), false],
    ['nothing', '', false],
  ])('signed with %s is vouched for: %s', (_what, given, vouched) => {
    expect(isVouched(['new', 'old'], 'user', given)).toBe(vouched);
  });

  it('is vouched for by nobody where there is no secret', () => {
    expect(isVouched([], 'user', hmac('', 'user'))).toBe(false);
  });
});
