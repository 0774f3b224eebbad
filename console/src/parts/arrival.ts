// Whether somebody has just come to a page: then its title takes the focus, so that a screen reader says where one is.
// Not here: who navigates (router.tsx tells). The one thing to know: the focus is taken from what led here or from nowhere,
// never from what somebody is doing.

let due = false;

export const expectArrival = (): void => {
  due = true;
};

/** Called by the title when it appears or changes. */
export function arriveAt(title: HTMLElement | null): void {
  if (!due || title === null) return;
  due = false;
  const at = document.activeElement;
  if (at === null || at === document.body || at.closest('nav, .mantine-AppShell-header')) {
    title.focus({ preventScroll: true });
  }
}
