// Says to a screen reader what happened without moving anybody's focus: `announce('Saved')`.
// Not here: notifications that are seen (parts/tell.tsx says both). The one thing to know: one polite region for the page.
import { VisuallyHidden } from '@mantine/core';
import { useEffect, useState } from 'react';

let say: (words: string) => void = () => undefined;
export const announce = (words: string): void => say(words);

export function Announcer() {
  const [words, setWords] = useState('');
  useEffect(() => {
    // The same words twice are said twice: the region is emptied in between.
    say = (next) => {
      setWords('');
      requestAnimationFrame(() => setWords(next));
    };
    return () => {
      say = () => undefined;
    };
  }, []);
  return (
    <VisuallyHidden role="status" aria-live="polite">
      {words}
    </VisuallyHidden>
  );
}
