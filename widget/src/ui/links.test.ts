import { describe, expect, it } from 'vitest';
import { wordsFor } from '../words/words.ts';
import { pieces, safeHref } from './links.ts';
import { properties, textOn } from './theme.ts';

const hrefs = (text: string): (string | undefined)[] => pieces(text).flatMap((piece) => piece.href ?? []);

describe('Links in a text', () => {
  it.each([
    ['see https://example.com/a.', ['https://example.com/a']],
    ['(https://example.com/a_(b))', ['https://example.com/a_(b)']],
    ['mailto:a@example.com and tel:+4930123', ['mailto:a@example.com', 'tel:+4930123']],
    ['HTTPS://EXAMPLE.COM', ['https://example.com/']],
    ['javascript:alert(1) data:text/html,x vbscript:x file:///etc', []],
    ['https://', []],
    ['https://example.com/"onmouseover="x', ['https://example.com/']],
  ])('%s', (text, found) => {
    expect(hrefs(text)).toEqual(found);
  });

  it.each([
    ['dots', `https://a${'.'.repeat(65_000)}x`],
    ['brackets', `https://a${')'.repeat(65_000)}`],
  ])('are found in time, whatever is written: %s', (_, text) => {
    const begin = performance.now();
    pieces(text);
    expect(performance.now() - begin).toBeLessThan(200);
  });

  it('lose nothing of the text', () => {
    for (const text of [
      '',
      'a',
      'https://a.example',
      'x https://a.example, y https://b.example!',
      'https:// https://[::',
    ]) {
      expect(
        pieces(text)
          .map((piece) => piece.text)
          .join(''),
      ).toBe(text);
    }
  });

  it.each([
    'javascript:1',
    'java\nscript:1',
    ' javascript:1',
    'data:text/html,x',
    'blob:https://a/b',
    '/path',
    '//host',
  ])('are never %j', (address) => expect(safeHref(address)).toBeUndefined());
});

describe('A theme', () => {
  it('takes colours and nothing else, and finds the text that can be read on them', () => {
    const all = properties({ accent: '#ffd166', background: 'red;}', radius: 99, bubble: '#123' });
    expect(all).toMatchObject({
      '--t-accent': '#ffd166',
      '--t-accent-text': '#14171c',
      '--t-share': '45%',
      '--t-background': '',
      '--t-text': '',
      '--t-radius': '32px',
      '--t-bubble-text': '#ffffff',
    });
    expect(textOn('#000')).toBe('#ffffff');
  });
});

describe('The words', () => {
  it.each([
    [['auto', 'ar-EG'], 'ar-EG', 'rtl'],
    [[undefined, 'fr', 'de-AT'], 'de-AT', 'ltr'],
    [['xx', ''], 'en', 'ltr'],
    [['en-'], 'en', 'ltr'],
  ])('of the wishes %j are those of %s', (wishes, locale, dir) => {
    expect(wordsFor(wishes)).toMatchObject({ locale, dir });
  });

  it('put in a name as it is', () => {
    expect(wordsFor(['en']).say('talkingTo', { name: '$& $1' })).toBe('You are talking to $& $1');
  });
});
