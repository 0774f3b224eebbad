// The words of all screens in all languages: the same keys, the same names in braces, every plural that Arabic needs.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatMessage } from './format.ts';

const SRC = join(import.meta.dirname, '..');
const folders = [
  join(SRC, 'i18n'),
  ...readdirSync(join(SRC, 'screens')).map((name) => join(SRC, 'screens', name)),
].filter((folder) => existsSync(join(folder, 'en.json')));
const words = (folder: string, locale: string): Record<string, string> =>
  JSON.parse(readFileSync(join(folder, `${locale}.json`), 'utf8'));
const namesIn = (message: string): string[] =>
  [...new Set([...message.matchAll(/\{(\w+)(?:, plural|\})/g)].map((match) => match[1] as string))].sort();

describe.each(folders.map((folder) => [folder.slice(SRC.length + 1), folder] as const))('%s', (_, folder) => {
  const [en, ar] = [words(folder, 'en'), words(folder, 'ar')];

  it('has every key in both languages', () => {
    expect(Object.keys(ar).sort()).toEqual(Object.keys(en).sort());
  });

  it('fills in the same names in both', () => {
    const differ = Object.keys(en).filter((key) => `${namesIn(en[key] as string)}` !== `${namesIn(ar[key] ?? '')}`);
    expect(differ).toEqual([]);
  });

  it('reads for every number in both, with no brace left over', () => {
    for (const [locale, table] of [
      ['en', en],
      ['ar', ar],
    ] as const) {
      for (const [key, message] of Object.entries(table)) {
        const values = Object.fromEntries(namesIn(message).map((name) => [name, 0]));
        for (const count of [0, 1, 2, 3, 11, 100]) {
          const each = Object.fromEntries(Object.keys(values).map((name) => [name, count]));
          expect(formatMessage(message, each, locale), key).toMatch(/^[^{}]+$/);
        }
      }
    }
  });
});

describe('A message', () => {
  it.each([
    ['Hello {name}', { name: 'Ada' }, 'en', 'Hello Ada'],
    ['{count, plural, one {# bot} other {# bots}}', { count: 1 }, 'en', '1 bot'],
    ['{count, plural, one {# bot} other {# bots}}', { count: 1200 }, 'en', '1,200 bots'],
    ['{count, plural, =0 {none} one {# bot} other {# bots}} of {all}', { count: 0, all: 5 }, 'en', 'none of 5'],
    ['{count, plural, few {# قليل} other {# كثير}}', { count: 3 }, 'ar-u-nu-latn', '3 قليل'],
    ['{there} {not}', { there: '{not}' }, 'en', '{not} '],
  ])('%s with %o', (message, values, locale, expected) => {
    expect(formatMessage(message, values, locale)).toBe(expected);
  });
});
