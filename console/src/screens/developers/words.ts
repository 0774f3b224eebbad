// The words of the developers' screen, in both languages.
// Not here: common words (src/i18n).
import { wordsOf } from '../../i18n/words.ts';
import ar from './ar.json' with { type: 'json' };
import en from './en.json' with { type: 'json' };

export const useDevT = wordsOf(en, ar);
export type DevT = ReturnType<typeof useDevT>;
