// The words of the service screens, in both languages, and the names of what rules speak of.
// Not here: common words (src/i18n).
import { wordsOf } from '../../i18n/words.ts';
import ar from './ar.json' with { type: 'json' };
import en from './en.json' with { type: 'json' };

export const useServiceT = wordsOf(en, ar);
export type ServiceT = ReturnType<typeof useServiceT>;
