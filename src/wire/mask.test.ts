// Masking: every spelling of a secret that an answer may quote, and the time it takes on a hostile answer.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MASKED, maskOf } from './mask.ts';

const secret = 'pa/ss"wörd\\ 💥+A';
const unicode = [...Array(secret.length).keys()]
  .map((i) => `\\u${secret.charCodeAt(i).toString(16).padStart(4, '0')}`)
  .join('');

/** All that any encoding treats in a way of its own, and some plain ones. */
const CHARACTERS = fc.constantFrom(...'\\/"\'%+&= <[(.*?$^{|\b\f\n\r\t\u0000\u007f\u2028é€💥aZ09-_');

describe('a mask', () => {
  it.each([
    ['raw', secret],
    ['JSON', JSON.stringify(secret).slice(1, -1)],
    ['JSON in JSON', JSON.stringify(JSON.stringify(secret)).slice(3, -3)],
    ['JSON with \\/', JSON.stringify(secret).slice(1, -1).replaceAll('/', '\\/')],
    ['JSON with \\u', unicode],
    ['JSON with \\U in capitals', unicode.replace(/[a-f]/g, (digit) => digit.toUpperCase())],
    ['a URL', encodeURIComponent(secret)],
    ['a form', new URLSearchParams({ x: secret }).toString().slice(2)],
  ])('finds a secret spelled as in %s', (_, spelled) => {
    expect(maskOf([secret])(`before ${spelled} after`)).toBe(`before ${MASKED} after`);
  });

  it('masks each of several, the longer first, and the bare part of a signing secret', () => {
    const mask = maskOf(['abc', 'abcdef', 'whsec_QUJD', null, '']);
    expect(mask('abcdef abc whsec_QUJD QUJD')).toBe(`${MASKED} ${MASKED} ${MASKED} ${MASKED}`);
  });

  it('leaves what is no secret', () => {
    expect(maskOf([])('abc')).toBe('abc');
    expect(maskOf(['xyz'])('{"a": "\\ud800"}')).toBe('{"a": "\\ud800"}');
  });

  it('never lets one through, whatever the secret and however JSON spells it', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: CHARACTERS }), fc.string(), (word, around) => {
        const masked = maskOf([word])(`${word} ${JSON.stringify({ around, word })}`);
        const spellings = [word, JSON.stringify(word).slice(1, -1)];
        const through = masked.split(MASKED).filter((rest) => spellings.some((spelling) => rest.includes(spelling)));
        expect(through).toEqual([]);
      }),
    );
  });

  it('takes little time on an answer made to be slow', () => {
    const mask = maskOf([`${'\\'.repeat(40)}x`, '////////////////////x', `${'\\"'.repeat(20)}x`]);
    const startedAt = performance.now();
    for (const hostile of ['\\'.repeat(200_000), '\\/'.repeat(100_000), '\\"'.repeat(100_000)]) mask(hostile);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});
