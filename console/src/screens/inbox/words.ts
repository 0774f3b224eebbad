// The words of the inbox, in both languages.
// Not here: common words (src/i18n).
import { wordsOf } from '../../i18n/words.ts';
import ar from './ar.json' with { type: 'json' };
import en from './en.json' with { type: 'json' };

export const useInboxT = wordsOf(en, ar);
export type InboxT = ReturnType<typeof useInboxT>;
