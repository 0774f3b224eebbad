// The console in a browser: a box, people of every role in it, and their windows.
// Not here: what the screens must do. The one thing to know: people come in as people do, by an invitation's link; only
// the form is spared, except where it is what is tested.
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Box, BoxOptions } from '../parties/box.ts';
import { until } from '../parties/call.ts';
import { type Place, sharedBox } from '../parties/shared.ts';
import { chromiumWindows, type Window, type Windows } from './chromium.ts';

export type Role = 'owner' | 'admin' | 'developer' | 'agent' | 'viewer';
type Cookie = { name: string; value: string };
export type Person = { id: string; name: string; email: string };
export const PASSWORD = 'a long enough password';

export type ConsolePlace = Place & {
  windows: Windows;
  /** a new user of a role */
  person(role: Role): Promise<Person>;
  /** a signed-in window at a path of the console */
  open(path: string, who?: { role?: Role; person?: Person }, options?: BrowserContextOptions): Promise<Window>;
  /** a window of nobody */
  openOutside(path: string, options?: BrowserContextOptions): Promise<Window>;
};

let people = 0;

/** Makes a user and gives the token of their invitation. */
export async function invited(box: Box, role: Role): Promise<Person & { link: string }> {
  people += 1;
  const name = `Person ${people}`;
  const email = `person-${people}@example.com`;
  const { id } = await box.must('POST', '/users', { name, email, role });
  const { url } = await box.must('POST', `/users/${id}/invitation`, {});
  return { id, name, email, link: url };
}

export const tokenIn = (link: string): string => link.split('#token=')[1] ?? '';

export function consolePlace(options?: BoxOptions): ConsolePlace {
  const windows = chromiumWindows();
  /** By user, as the invitation left it: a password is slow to check, and these are not the tests of checking it. */
  const cookies = new Map<string, Cookie>();
  const place = sharedBox(options);
  const openOutside = async (path: string, more?: BrowserContextOptions): Promise<Window> => {
    const window = await windows.open([place.box.base], more);
    await window.page.goto(`${place.box.base}/console${path}`);
    return window;
  };
  return Object.assign(Object.create(place) as Place, {
    windows,
    openOutside,
    async person(role: Role): Promise<Person> {
      const { link, ...person } = await invited(place.box, role);
      cookies.set(person.id, await redeem(place.box, link));
      return person;
    },
    async open(path: string, who: { role?: Role; person?: Person } = {}, more?: BrowserContextOptions) {
      const { box } = place;
      const window = await windows.open([box.base], more);
      const person = who.person ?? (await this.person(who.role ?? 'owner'));
      const cookie = cookies.get(person.id);
      if (!cookie) throw new Error(`${person.name} is nobody of this place`);
      await window.context.addCookies([{ ...cookie, url: box.base, httpOnly: true, sameSite: 'Lax' }]);
      await window.page.goto(`${box.base}/console${path}`);
      await window.page.getByRole('heading', { level: 1 }).waitFor();
      // From here on nothing that happens is missed.
      await window.page.locator('[role=img][data-state=live]').waitFor({ state: 'attached' });
      return window;
    },
  });
}

/** Gives the session's cookie. */
async function redeem(box: Box, link: string): Promise<Cookie> {
  const body = { token: tokenIn(link), password: PASSWORD };
  const answer = await box.api('POST', '/session/link', body, { origin: box.base });
  if (answer.status !== 200) throw new Error(`the invitation → ${answer.status} ${answer.text}`);
  const [name = '', value = ''] = /^([^=]+)=([^;]+)/.exec(String(answer.headers['set-cookie']))?.slice(1) ?? [];
  return { name, value };
}

/** A window takes the focus a moment after it is there: keys before that go elsewhere. */
export const hasFocus = (of: Locator) =>
  until('the focus is there', () => of.evaluate((one) => one.contains(document.activeElement)));

/** A screen that is still being laid out may be wide for a moment; a person does not see that. */
const LAID_OUT_MS = 20_000;

/** Nothing stands out beyond the edge of the window, once the screen is laid out. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const beyond = (): Promise<number> =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await expect.poll(beyond, { timeout: LAID_OUT_MS, interval: 50 }).toBeLessThanOrEqual(0);
}

/** Requests of `page` to such addresses wait until what this gives is called. */
export async function hold(page: Page, urls: string): Promise<() => void> {
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await page.route(urls, async (route) => {
    await held;
    await route.continue();
  });
  return letGo;
}
