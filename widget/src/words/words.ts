// Every sentence that the widget says, by language, and which language it is.
// Not here: what the asset's settings say in their own words. The one thing to know: a language is a flat record of the
// same keys; `{name}` and `{n}` are filled in, and dates and sizes are left to the browser's Intl.
import { ar } from './ar.ts';
import { de } from './de.ts';
import { en } from './en.ts';

export type Word = keyof typeof en;
export type Words = {
  locale: string;
  dir: 'ltr' | 'rtl';
  say: (word: Word, fill?: { name?: string; n?: number }) => string;
};

const LANGUAGES: Readonly<Record<string, Readonly<Record<Word, string>>>> = { en, ar, de };
const RIGHT_TO_LEFT = new Set(['ar', 'he', 'fa', 'ur', 'ps', 'ckb', 'dv', 'yi']);

const languageOf = (locale: string): string => locale.toLowerCase().split(/[-_]/)[0] ?? '';

/** The first of the wishes in which the widget can speak; else English. `auto` and empty ones are no wish. */
export function wordsFor(wishes: readonly (string | undefined)[]): Words {
  const locale = wishes.find((wish) => Object.hasOwn(LANGUAGES, languageOf(wish ?? '')) && known(wish ?? '')) ?? 'en';
  const language = languageOf(locale);
  const sentences = LANGUAGES[language] ?? en;
  return {
    locale,
    dir: RIGHT_TO_LEFT.has(language) ? 'rtl' : 'ltr',
    say: (word, fill) =>
      sentences[word].replace('{name}', () => fill?.name ?? '').replace('{n}', () => String(fill?.n ?? '')),
  };
}

/** Intl throws at what is no language tag. */
function known(locale: string): boolean {
  try {
    return Intl.getCanonicalLocales(locale).length > 0;
  } catch {
    return false;
  }
}
