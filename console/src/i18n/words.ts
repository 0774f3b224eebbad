// Words in the person's language: `wordsOf(en, ar)` makes a screen's `useT()`, which knows the common words too.
// Not here: the words (JSON, flat keys). The one thing to know: a key that a language lacks is a type error, so
// nothing is ever shown untranslated by accident.
import { useCallback } from 'react';
import ar from './ar.json' with { type: 'json' };
import en from './en.json' with { type: 'json' };
import { formatMessage, type Values } from './format.ts';
import { useLocale } from './locale.tsx';

export type CommonKey = keyof typeof en;
export type Translate<Key extends string = never> = (key: Key | CommonKey, values?: Values) => string;

type Words = Record<string, string>;
const common: Record<'en' | 'ar', Words> = { en, ar: ar satisfies Record<CommonKey, string> };

export function wordsOf<W extends Words>(english: W, arabic: { [K in keyof W]: string }) {
  const own: Record<'en' | 'ar', Words> = { en: english, ar: arabic };
  return function useT(): Translate<keyof W & string> {
    const { locale, tag } = useLocale();
    return useCallback(
      (key, values = {}) => formatMessage(own[locale][key] ?? common[locale][key] ?? key, values, tag),
      [locale, tag],
    );
  };
}

/** For what belongs to no screen. */
export const useT = wordsOf({}, {});
