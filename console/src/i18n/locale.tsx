// Which language the person reads, kept in the browser; direction and formats follow.
// Not here: words (words.ts and the JSON files). The one thing to know: times are local, numbers are those of the
// language but with Latin digits, because ids and ports stand beside them.
import { useDirection } from '@mantine/core';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';

export const LOCALES = { en: { name: 'English', dir: 'ltr' }, ar: { name: 'العربية', dir: 'rtl' } } as const;
export type Locale = keyof typeof LOCALES;
/** Also read by public/scheme.js. */
const KEY = 'signalbox-locale';

const isLocale = (value: unknown): value is Locale => typeof value === 'string' && Object.hasOwn(LOCALES, value);

function keptLocale(): Locale {
  try {
    const kept = localStorage.getItem(KEY);
    if (isLocale(kept)) return kept;
  } catch {
    // A browser that keeps nothing: the page's own language, then.
  }
  return isLocale(document.documentElement.lang) ? document.documentElement.lang : 'en';
}

export type LocaleState = { locale: Locale; tag: string; setLocale: (locale: Locale) => void };
const Context = createContext<LocaleState | null>(null);

export function LocaleProvider({ children }: { children: ReactNode }) {
  const [locale, setLocale] = useState<Locale>(keptLocale);
  const { setDirection } = useDirection();
  useEffect(() => {
    document.documentElement.lang = locale;
    setDirection(LOCALES[locale].dir);
    try {
      localStorage.setItem(KEY, locale);
    } catch {
      // Nothing to keep it in: it holds for this page.
    }
  }, [locale, setDirection]);
  const state = useMemo(() => ({ locale, tag: `${locale}-u-nu-latn`, setLocale }), [locale]);
  return <Context value={state}>{children}</Context>;
}

export function useLocale(): LocaleState {
  const state = useContext(Context);
  if (state === null) throw new Error('LocaleProvider is missing');
  return state;
}
