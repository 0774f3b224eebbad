// From a provider's word to the outcome of an attempt: the wait, the source, and no half of a secret.
import { describe, expect, it } from 'vitest';
import { answered, NOW } from './fixtures/samples.ts';
import { maskOf } from './mask.ts';
import { outcomeOf } from './outcome.ts';
import { badCredentials, behind, final, notIn, quoted, ruled, slower, sourceOf } from './ruling.ts';

const outcome = (status: number, headers: Record<string, string> = {}) =>
  outcomeOf(answered(status, '', headers), { clientErrors: 'final', keyless: true, mask: (text) => text, now: NOW });

describe('a ruling', () => {
  it('goes before the class of the status, and ends nothing for ever', () => {
    const told = ruled(outcome(410), badCredentials('Enter another.'), { source: 'Pigeon: no' });
    expect(told).toMatchObject({ result: 'retry', reason: 'bad_credentials', detail: 'Enter another. (Pigeon: no)' });
    expect(told).not.toHaveProperty('gone');
    expect(told).not.toHaveProperty('retryAfterS');
  });

  it.each([
    ['what the provider asked', { askedS: 14 }, { 'retry-after': '5' }, 14],
    ['Retry-After', {}, { 'retry-after': '5' }, 5],
    ['its own time', {}, {}, 2],
    ['not for ever', { askedS: 86_400 }, {}, 3600],
    ['not at once', { askedS: 0 }, {}, 1],
  ])('waits by %s', (_, more, headers, seconds) => {
    const asset = ruled(outcome(429, headers), slower('asset', 2, 'Slower.'), more);
    expect(asset).toMatchObject({ result: 'retry', reason: 'throttled', retryAfterS: seconds, pauseS: seconds });
    const customer = ruled(outcome(429, headers), slower('customer', 2, 'Slower.'), more);
    expect([customer.retryAfterS, customer.pauseS]).toEqual([seconds, undefined]);
  });

  it('that is final or unknown waits for nothing', () => {
    for (const ruling of [final('rejected', 'No.'), notIn('Pigeon'), behind('Pigeon')]) {
      expect(ruled(outcome(503, { 'retry-after': '9' }), ruling)).not.toHaveProperty('retryAfterS');
    }
    expect([notIn('Pigeon').result, behind('Pigeon').result]).toEqual(['unknown', 'unknown']);
  });
});

describe('a provider’s words', () => {
  const mask = maskOf(['secret-of-the-line']);
  it.each<[unknown, string]>([
    ['no\nsecret-of-the-line\there', 'no [masked] here'],
    [5, ''],
    [undefined, ''],
  ])('%j', (given, expected) => expect(quoted(mask, given)).toBe(expected));

  it('are cut after the secrets are gone', () => {
    const said = quoted(mask, `${'x'.repeat(295)}secret-of-the-line`);
    expect(said).not.toContain('secr');
    expect(said.length).toBeLessThanOrEqual(300);
  });

  it('name who said them', () => {
    expect(sourceOf('Pigeon', null, '')).toBe('');
    expect(sourceOf('Pigeon', null, 'no')).toBe('Pigeon: no');
    expect(sourceOf('Pigeon', 7, '')).toBe('Pigeon’s error 7');
    expect(sourceOf('Pigeon', '7/8', 'no')).toBe('Pigeon’s error 7/8: no');
  });
});
