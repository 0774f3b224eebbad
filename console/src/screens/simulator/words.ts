// The words of the simulator, in both languages.
// Not here: common words (src/i18n).
import { wordsOf } from '../../i18n/words.ts';
import ar from './ar.json' with { type: 'json' };
import en from './en.json' with { type: 'json' };

export const useSimT = wordsOf(en, ar);
export type SimT = ReturnType<typeof useSimT>;
export type SimKey = keyof typeof en;
