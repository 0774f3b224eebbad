// Every screen, full, empty and failing, with the same questions: is anything in the way of anybody, does anything stand
// out, does a word of a stranger become more than a word, and is it said what to do when the server does not tell.
// Not here: what a screen is for (its own test). The one thing to know: everybody in the full house has a hostile name.
import type { Page, Route } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { until } from '../parties/call.ts';
import { axeFindings, expectAccessible } from './axe.ts';
import { consolePlace, type Person } from './console.ts';
import { type FullHouse, furnish, PLACES, type Words } from './house.ts';

const attack = (n: number): string => `<img src=x onerror="window.pwned=${n}">`;
const HOSTILE: Words = {
  customer: `"><script>window.pwned=1</script>`,
  address: `'"><svg/onload=window.pwned=2>`,
  message: `${attack(3)} javascript:window.pwned=3 [x](javascript:window.pwned=3) {{constructor.constructor('window.pwned=3')()}}`,
  answer: `<iframe srcdoc="<script>parent.pwned=4</script>"></iframe>`,
  note: `<details open ontoggle="window.pwned=5"><style>*{display:none}</style>`,
  reason: `<a href="javascript:window.pwned=6">why</a>`,
  media: `"><svg onload=window.pwned=7>.png`,
  mediaType: `image/png"><svg onload=window.pwned=8>`,
  button: `<form action="javascript:window.pwned=9"><button autofocus onfocus="window.pwned=9">`,
  attribute: `<base href="https://elsewhere.example/">${attack(10)}`,
  name: (of) => `\u202E${of} <b onmouseover="window.pwned=11">${attack(11)}</b>`,
};

/** Elements that no screen has of its own, and handlers, which none has at all: the policy would stop them besides. */
const FOREIGN = [
  '#root script, #root iframe, #root object, #root embed, #root style:not([data-mantine-styles]), #root base, #root details[ontoggle]',
  '#root form[action], img[src="x"], [onerror], [onload], [onfocus], [onmouseover], [ontoggle]',
  '[href^="javascript:" i], [srcdoc], [autofocus][onfocus]',
].join(', ');

const FRAMES_MS = 5_000;
/** On a busy machine all of them take longer than one test may. */
const PARTS = [0, 1, 2, 3];
const partOf = (paths: Record<string, string>, part: number) =>
  Object.entries(paths).filter((_, index) => index % PARTS.length === part);
const WIDTHS = [320, 360];
/** Narrow enough for a telephone, wide enough for every column. */
const WIDE = { width: 1280, height: 860 };

/** For one answer of a server on the same machine: what takes longer is told as a fault of its screen. */
const ANSWER_MS = 20_000;

/** Its name stands there, and nothing is being read any more. */
async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor();
  await until('everything is read', () => page.evaluate(SETTLED), ANSWER_MS);
}
const SETTLED = `document.querySelector('main [role=status][aria-label=Loading]') === null`;

const FITS = 'document.documentElement.scrollWidth <= innerWidth';

async function tooWide(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 700 });
    // What is laid out anew when a window changes its size is so a few frames later.
    await until('it fits', () => page.evaluate(FITS), FRAMES_MS).catch(async () => {
      found.push(`${await page.evaluate('document.documentElement.scrollWidth')} px wide in a window of ${width}`);
    });
  }
  await page.setViewportSize(WIDE);
  return found;
}

async function foreign(page: Page): Promise<string[]> {
  const found = await page.locator(FOREIGN).evaluateAll((all) => all.map((one) => one.outerHTML.slice(0, 200)));
  const pwned = await page.evaluate(() => (window as { pwned?: number }).pwned);
  return pwned === undefined ? found : [...found, `it ran: ${pwned}`];
}

/** Where nobody else looks at the empty screen by axe. */
const UNSEEN = new Set(['conversations', 'deliveries', 'services', 'developers', 'backups']);

const show = (page: Page, base: string, path: string) => page.goto(`${base}/console${path}`);

describe('Every screen of a full house', () => {
  const place = consolePlace();
  let house: FullHouse;
  let owner: Person;
  beforeAll(async () => {
    house = await furnish(place, HOSTILE);
    owner = await place.person('owner');
  });

  it.each(PARTS)('is in the way of nobody, fits on a small telephone, and takes words for words (%i)', async (part) => {
    const { page } = await place.open('/', { person: owner });
    const wrong: Record<string, string[]> = {};
    for (const [what, path] of partOf(house.paths, part)) {
      await show(page, place.box.base, path);
      await settled(page);
      const found = [
        ...(await foreign(page)),
        ...(await axeFindings(page)),
        ...(await tooWide(page)),
        ...(await foreign(page)),
      ];
      if (found.length > 0) wrong[what] = found;
    }
    expect(wrong).toEqual({});
  });

  it('finds everything by Ctrl+K, and takes that for words too', async () => {
    const { page } = await place.open('/', { person: owner });
    await page.keyboard.press('Control+k');
    const palette = page.getByRole('dialog');
    const field = palette.getByRole('textbox', { name: 'Search' });
    const found = palette.getByRole('button', { name: /pwned/ });
    for (const words of ['outer desk', 'parent.pwned', 'script']) {
      // What was found before is gone first.
      await field.fill('');
      await found.first().waitFor({ state: 'detached' });
      await field.fill(words);
      await found.first().waitFor();
      expect(await foreign(page)).toEqual([]);
    }
  });

  it.each(PARTS)('says that it reads, what went wrong, and comes back when it is tried again (%i)', async (part) => {
    const { page } = await place.open('/settings', { person: owner });
    const wrong: Record<string, string> = {};
    const quiet = new Set(['add integration', 'you', 'about', 'developers', 'a held delivery', 'one rule']);
    for (const [what, path] of partOf(house.paths, part)) {
      if (quiet.has(what)) continue;
      const found = await failing(page, () => show(page, place.box.base, path));
      if (found !== '') wrong[what] = found;
    }
    place.windows.forgive(/\/api\/v1\/|status of 500/);
    expect(wrong).toEqual({});
  });
});

/** The way of a screen whose answers first stay away and then are 500s; '' if it is as it should be. */
async function failing(page: Page, go: () => Promise<unknown>): Promise<string> {
  const held: Route[] = [];
  let isHeld = true;
  const fail = (route: Route) =>
    route.fulfill({ status: 500, json: { code: 'internal', detail: 'Something broke.' } }).catch(() => undefined);
  const pattern = /\/api\/v1\/(?!session|stream|events)/;
  await page.route(pattern, (route) => {
    if (route.request().method() !== 'GET') return route.continue();
    if (isHeld) held.push(route);
    else void fail(route);
  });
  try {
    await go();
    await page
      .getByRole('heading', { level: 1 })
      .or(page.getByRole('status', { name: 'Loading' }))
      .first()
      .waitFor();
    await page.getByRole('status', { name: 'Loading' }).first().waitFor({ timeout: ANSWER_MS });
  } catch {
    return 'does not say that it reads';
  } finally {
    isHeld = false;
    for (const route of held) await fail(route);
  }
  const alert = page.getByRole('main').getByRole('alert').filter({ hasText: 'Something broke.' });
  const again = alert.getByRole('button', { name: 'Try again' });
  try {
    await again.first().waitFor({ timeout: ANSWER_MS });
    const titles = async () => (await page.getByRole('heading', { level: 1 }).count()) === 1;
    if (!(await until('there is one title', titles, FRAMES_MS).catch(() => false))) return 'does not say where one is';
  } catch {
    return 'does not say what went wrong';
  } finally {
    await page.unroute(pattern);
  }
  try {
    await until('all of it is back', async () => {
      const [first] = await again.all();
      await first?.click({ timeout: FRAMES_MS }).catch(() => undefined);
      return (await alert.count()) === 0;
    });
    await settled(page);
  } catch {
    return 'does not come back';
  }
  return '';
}

describe('Every screen of an empty house', () => {
  const place = consolePlace();

  it.each(PARTS)('says what to do, is in the way of nobody, and fits on a small telephone (%i)', async (part) => {
    const { page } = await place.open('/');
    const wrong: Record<string, string[]> = {};
    for (const [what, path] of partOf(PLACES, part)) {
      await show(page, place.box.base, path);
      await settled(page);
      const found = [...(UNSEEN.has(what) ? await axeFindings(page) : []), ...(await tooWide(page))];
      if ((await page.getByRole('main').innerText()).trim().split('\n').length < 2) found.push('says nothing');
      if (found.length > 0) wrong[what] = found;
    }
    expect(wrong).toEqual({});
  });

  it('that fails is in the way of nobody either', async () => {
    const { page } = await place.open('/settings');
    await page.route('**/api/v1/threads?*', (route) =>
      route.fulfill({ status: 503, json: { code: 'unavailable', detail: 'Not now.' } }),
    );
    await page.getByRole('navigation').getByRole('link', { name: 'Conversations' }).click();
    await page.getByRole('alert').getByText('Not now.').waitFor();
    await expectAccessible(page);
    await page.unroute('**/api/v1/threads?*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'Nobody has written yet' }).waitFor();
    place.windows.forgive(/503/);
  });
});
