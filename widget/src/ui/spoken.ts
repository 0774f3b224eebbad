// What a screen reader says when something happens, whether the window is open or not.
// Pure. The one thing to know: the log itself is silent, or history would be read out when it is loaded.
import type { Action, Transcript } from '../chat/transcript.ts';
import type { Words } from '../words/words.ts';
import { nameOf } from './Group.tsx';
import { answers } from './Header.tsx';

export function spokenOf(action: Action | null, was: Transcript, words: Words): string {
  if (action?.type === 'holder') {
    const { type, name } = action.holder;
    const same = was.holder.type === type && was.holder.name === name;
    return same ? '' : answers(action.holder, words);
  }
  if (action?.type !== 'message' || action.message.author.type === 'customer') return '';
  const { author, text, media } = action.message;
  const what = text || media.map((medium) => medium.name || words.say('file')).join(', ');
  const who = nameOf(author.type, author.name, words);
  return who === '' ? what : `${who}: ${what}`;
}
