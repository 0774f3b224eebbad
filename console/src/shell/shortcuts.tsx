// Keys: what is registered now, what a press means, and the sheet that lists them (`?`).
// Not here: what they do. The one thing to know: single keys are deaf while somebody types; the latest registration of a
// key wins, so that a screen may take what the shell has.
import { useEffect, useRef, useSyncExternalStore } from 'react';

export type Shortcut = {
  /** `j`, `g d` (one after the other), `mod+k` (Ctrl or ⌘) */
  keys: string;
  /** what it does, for the help sheet */
  label: string;
  run: () => void;
  /** under which heading; default: this screen */
  group?: 'go' | 'everywhere' | 'screen';
  /** works while somebody types, too */
  whileTyping?: boolean;
};

/** A second key must follow within this time. */
const SEQUENCE_MS = 1_200;

let registered: readonly Shortcut[] = [];
const watching = new Set<() => void>();
function change(next: readonly Shortcut[]): void {
  registered = next;
  for (const tell of watching) tell();
}

export const useRegistered = (): readonly Shortcut[] =>
  useSyncExternalStore(
    (tell) => {
      watching.add(tell);
      return () => watching.delete(tell);
    },
    () => registered,
  );

/** Registers keys as long as the component is there. The functions may change with every drawing. */
export function useShortcuts(shortcuts: Shortcut[]): void {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  const names = shortcuts.map(({ keys, label }) => `${keys}\n${label}`).join('\n\n');
  // biome-ignore lint/correctness/useExhaustiveDependencies: registered anew when keys or labels change
  useEffect(() => {
    const mine = latest.current.map((shortcut, index) => ({ ...shortcut, run: () => latest.current[index]?.run() }));
    change([...registered, ...mine]);
    return () => change(registered.filter((each) => !mine.includes(each)));
  }, [names]);
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.closest('input, textarea, select, [role="textbox"], [role="combobox"]') !== null);

function pressOf(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const mod = event.ctrlKey || event.metaKey ? 'mod+' : '';
  return `${mod}${event.altKey ? 'alt+' : ''}${key}`;
}

/** Listens for all keys; once, in the shell. */
export function useShortcutListener(): void {
  useEffect(() => {
    let begun = '';
    let begunAt = 0;
    const listen = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing || ['Control', 'Meta', 'Alt', 'Shift'].includes(event.key))
        return;
      const typing = isTyping(event.target);
      const inDialog = document.querySelector('[role="dialog"]') !== null;
      const press = pressOf(event);
      const sequence = event.timeStamp - begunAt < SEQUENCE_MS && begun !== '' ? `${begun} ${press}` : press;
      const found =
        registered.findLast((each) => each.keys === sequence) ?? registered.findLast((each) => each.keys === press);
      begun = registered.some((each) => each.keys.startsWith(`${press} `)) && !typing ? press : '';
      begunAt = event.timeStamp;
      if (!found || ((typing || inDialog) && !found.whileTyping && !found.keys.startsWith('mod+'))) return;
      event.preventDefault();
      begun = '';
      found.run();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);
}
