// What was typed and not sent, for each conversation: it is there again when one comes back, and after a reload.
// The one thing to know: it is kept for this tab only, because others may use the machine after it is closed.
import { useState } from 'react';

const KEY = 'signalbox-drafts';
/** More are forgotten, the oldest first. */
const DRAFTS_MAX = 50;

function read(): Record<string, string> {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? '{}');
  } catch {
    return {};
  }
}

function write(name: string, text: string): void {
  const { [name]: _, ...rest } = read();
  const entries = Object.entries(rest).slice(-(DRAFTS_MAX - 1));
  if (text !== '') entries.push([name, text]);
  try {
    sessionStorage.setItem(KEY, JSON.stringify(Object.fromEntries(entries)));
  } catch {
    // Full or forbidden: what is typed stays in the page.
  }
}

/** The component that uses it must be keyed by `name`. */
export function useDraft(name: string): [string, (text: string) => void] {
  const [text, setText] = useState(() => read()[name] ?? '');
  return [
    text,
    (next) => {
      setText(next);
      write(name, next);
    },
  ];
}
