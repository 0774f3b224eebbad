// What the widget listens for in the page around it.
// The one thing to know: every function gives the way to stop listening.

export type Undo = () => void;

export function on(target: EventTarget, event: string, listener: () => void): Undo {
  target.addEventListener(event, listener);
  return () => target.removeEventListener(event, listener);
}

/** Turbo and its like put a new body into the page: whatever was in the old one is gone with it. */
export function onBodyChange(changed: () => void): Undo {
  const watch = new MutationObserver(() => {
    look();
    if (document.body !== null) changed();
  });
  const look = (): void => {
    watch.disconnect();
    watch.observe(document.documentElement, { childList: true });
    if (document.body !== null) watch.observe(document.body, { childList: true });
  };
  look();
  return () => watch.disconnect();
}

/** A keyboard on the screen covers the window's lower half; the height that is left is told to the style sheet. */
export function onKeyboard(root: HTMLElement): Undo {
  const view = window.visualViewport;
  if (view === null) return () => undefined;
  const tell = (): void => {
    root.style.setProperty('--seen-height', `${Math.round(view.height)}px`);
    root.style.setProperty('--seen-top', `${Math.round(view.offsetTop)}px`);
  };
  tell();
  const undo = [on(view, 'resize', tell), on(view, 'scroll', tell)];
  return () => {
    for (const one of undo) one();
  };
}
