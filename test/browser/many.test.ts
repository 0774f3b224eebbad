// The console in a busy house: 10,000 conversations and 100,000 deliveries. Lists draw a screenful, ask for a page before
// it is needed and never for more, however far one scrolls; search answers.
// Not here: how long the server takes (test/flows/search.test.ts). The one thing to know: what is counted is elements and
// requests, which no busy machine changes; times are only held to what a person would call stuck.
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { fillMany, MANY } from '../../src/store/sqlite/fixtures/many.ts';
import { until } from '../parties/call.ts';
import type { World } from '../parties/world.ts';
import { consolePlace, type Person } from './console.ts';

const PAGE = 50;
/** Of a window of 860 px the lines in it and some around. */
const DRAWN_MAX = 60;
/** All of a page of the console with that many lines. */
const ELEMENTS_MAX = 1_800;
/** One task of a busy machine that is so long is a list that draws everything. */
const STUCK_MS = 2_000;
const FOUND_WITHIN_MS = 5_000;
const SCROLLED_MS = 60_000;

const place = consolePlace();
let world: World;
let owner: Person;
beforeAll(async () => {
  world = await place.world();
  owner = await place.person('owner');
  await place.box.stop();
  const parties = { assetId: world.channel.asset.id, botId: world.bot.id, serviceId: world.service };
  fillMany(join(place.box.data, 'signalbox.db'), parties, Date.now());
  await place.box.start();
});

/** What is asked of the management API, from now on. */
function asked(page: Page): URL[] {
  const urls: URL[] = [];
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (request.method() === 'GET' && url.pathname.startsWith('/api/v1/')) urls.push(url);
  });
  return urls;
}

const LISTS = [
  { name: 'Conversations', path: '/threads', resource: '/api/v1/threads' },
  { name: 'Deliveries', path: '/deliveries', resource: '/api/v1/deliveries' },
] as const;

describe(`With ${MANY.threads} conversations and ${MANY.deliveries} deliveries`, () => {
  it.each(LISTS)('$name scroll on and on, draw a screenful and ask for one page more', async (list) => {
    const { page } = await place.open('/settings', { person: owner });
    const urls = asked(page);
    await page.evaluate(`{
      window.longest = 0;
      new PerformanceObserver((seen) => {
        for (const { duration } of seen.getEntries()) window.longest = Math.max(window.longest, duration);
      }).observe({ type: 'longtask' });
    }`);
    await page.getByRole('navigation').getByRole('link', { name: list.name }).click();
    const rows = page.getByRole('table', { name: list.name }).getByRole('row');
    await rows.nth(10).waitFor();
    const pages = () => urls.filter(({ pathname }) => pathname === list.resource);
    expect(pages().length).toBeLessThanOrEqual(2);

    await page.mouse.move(640, 500);
    let last = 0;
    const deadline = Date.now() + SCROLLED_MS;
    // Where a page is still on its way a turn of the wheel leads nowhere: it is turned until one is far enough.
    while (last <= 4 * PAGE && Date.now() < deadline) {
      await page.mouse.wheel(0, 900);
      // A page that is asked for is waited for, as a person waits at the end.
      await until('lines are where the window is', () => page.evaluate(DRAWN));
      const seen = await page.evaluate<{ rows: number; elements: number; last: number }>(COUNTED);
      expect(seen.rows).toBeLessThanOrEqual(DRAWN_MAX);
      expect(seen.elements).toBeLessThanOrEqual(ELEMENTS_MAX);
      last = Math.max(last, seen.last);
    }
    expect(last).toBeGreaterThan(4 * PAGE);
    // What is in view, and at most one page more; none twice. It may roll on: counted first, looked at then.
    const read = pages().length;
    last = Math.max(last, (await page.evaluate<{ last: number }>(COUNTED)).last);
    expect(read).toBeLessThanOrEqual(Math.ceil((last + 1) / PAGE) + 1);
    expect(new Set(pages().map(({ search }) => search)).size).toBe(pages().length);
    for (const { searchParams } of pages()) expect(Number(searchParams.get('limit'))).toBeLessThanOrEqual(PAGE);
    expect(await page.evaluate<number>('window.longest')).toBeLessThan(STUCK_MS);
  });

  it('no screen asks for more than it shows and a page', async () => {
    const thread = `/threads/thr_${'5'.padStart(26, '0')}`;
    const { page } = await place.open('/settings', { person: owner });
    const urls = asked(page);
    for (const path of ['/', '/threads', thread, '/deliveries', '/deliveries?status=dead', '/inbox', '/replays']) {
      // Away first: the screen before may still be opening its event stream, and that is not this one's.
      await page.goto('about:blank');
      urls.length = 0;
      await page.goto(`${place.box.base}/console${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await until('everything is read', () => page.evaluate(READ));
      const after = urls.filter(({ searchParams }) => searchParams.has('after'));
      expect(after.length, path).toBeLessThanOrEqual(1);
      for (const { pathname, searchParams } of urls) {
        const limit = Number(searchParams.get('limit'));
        const isList = LISTS.some(({ resource }) => pathname === resource) || pathname.endsWith('/timeline');
        expect(limit, `${path} asks for ${pathname}`).toBeLessThanOrEqual(100);
        if (isList) expect(limit, `${path} asks for ${pathname}`).toBeGreaterThan(0);
      }
      const once = urls.map(({ pathname, search }) => pathname + search);
      expect(once.length - new Set(once).size, `${path} asks twice: ${once.join(' ')}`).toBeLessThanOrEqual(0);
    }
  });

  it('Ctrl+K finds a customer by the name and a conversation by its id', async () => {
    const { page } = await place.open('/', { person: owner });
    const palette = page.getByRole('dialog');
    await page.keyboard.press('Control+k');
    for (const [words, found] of [
      ['Customer 4711', /4711/],
      [`thr_${'4712'.padStart(26, '0')}`, /4712/],
    ] as const) {
      const began = performance.now();
      await palette.getByRole('textbox', { name: 'Search' }).fill(words);
      await palette.getByRole('button', { name: found }).first().waitFor();
      expect(performance.now() - began).toBeLessThan(FOUND_WITHIN_MS);
    }
  });

  it('the list of conversations finds one of them by its address', async () => {
    const { page } = await place.open('/threads', { person: owner });
    await page.getByRole('searchbox', { name: 'Customer' }).fill('+49171004711');
    await page.getByRole('row').filter({ hasText: 'Customer 4711' }).waitFor();
    await expect.poll(() => page.getByRole('table').getByRole('row').count(), { timeout: 20_000 }).toBe(2);
  });
});

/** Lines are where the window is, down to its lower edge or the end of what is read. */
const DRAWN = `(() => {
  const lines = [...document.querySelectorAll('[role=row][data-index]')];
  return lines.some((line) => line.getBoundingClientRect().top < innerHeight && line.getBoundingClientRect().bottom > innerHeight - 200);
})()`;
const COUNTED = `(() => {
  const lines = [...document.querySelectorAll('[role=row][data-index]')];
  const inView = lines.filter((line) => line.getBoundingClientRect().top < innerHeight);
  return {
    rows: lines.length,
    elements: document.querySelectorAll('*').length,
    last: Math.max(...inView.map((line) => Number(line.dataset.index))),
  };
})()`;
const READ = `document.querySelector('main [role=status][aria-label=Loading]') === null`;
