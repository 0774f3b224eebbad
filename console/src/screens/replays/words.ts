// The words of bulk replay, in both languages.
// Not here: common words (src/i18n), and those of the filters (screens/deliveries).
import { wordsOf } from '../../i18n/words.ts';
import ar from './ar.json' with { type: 'json' };
import en from './en.json' with { type: 'json' };

export const useReplayT = wordsOf(en, ar);
