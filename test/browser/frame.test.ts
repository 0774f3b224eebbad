// The frame around every screen: palette, keys, the live feed over tabs and over a server that goes and comes, the
// size of what starts with the console.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../parties/box.ts';
import { until } from '../parties/call.ts';
import { expectAccessible } from './axe.ts';
import { consolePlace, hasFocus, hold } from './console.ts';

const INITIAL_BYTES_MAX = 250 * 1024;
const SOON = { timeout: 20_000 };

const FEED = '**/api/v1/events*';

describe('The frame of the console', () => {
  const place = consolePlace();

  it('finds anything by its id and by its name, and leads there by keys alone', async () => {
    const { id } = await place.box.must('POST', '/assets', { name: 'Corner shop', channel: 'webchat', config: {} });
    const { page } = await place.open('/');
    await page.keyboard.press('Control+k');
    const search = page.getByRole('dialog').getByRole('textbox', { name: 'Search' });
    await search.fill(id);
    const found = page.getByRole('dialog').getByRole('button', { name: /Corner shop/ });
    await found.waitFor();
    await expectAccessible(page);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Corner shop', level: 1 }).waitFor();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.keyboard.press('Control+k');
    await search.fill('corner');
    await found.waitFor();
    await search.fill('deliver');
    // What was found for the words before stands above until it goes, and moves what is pressed.
    await found.waitFor({ state: 'detached' });
    await page.getByRole('dialog').getByRole('button', { name: 'Deliveries' }).click();
    await page.waitForURL('**/console/deliveries');
  });

  it('shows what happened between the reading of a list and the opening of the feed', async () => {
    const { page } = await place.open('/');
    const opens = await hold(page, FEED);
    await page.goto(`${place.box.base}/console/assets`);
    await page.getByRole('heading', { name: 'Assets', level: 1 }).waitFor();
    await until('the list was read', async () => (await page.locator('[aria-busy=true]').count()) === 0);
    await place.box.must('POST', '/assets', { name: 'In between', channel: 'webchat', config: {} });
    opens();
    await page.getByRole('link', { name: 'In between' }).waitFor(SOON);
  });

  it('goes by two keys, lists them, and is deaf while somebody types', async () => {
    await place.box.must('POST', '/assets', { name: 'A row', channel: 'webchat', config: {} });
    const { page } = await place.open('/');
    // The second key must come soon after the first: it does not wait until the first is worked off.
    await Promise.all([page.keyboard.press('g'), page.keyboard.press('a')]);
    await page.getByRole('heading', { name: 'Assets', level: 1 }).waitFor();
    await until('the title has the focus', () => page.evaluate(() => document.activeElement?.id === 'page-title'));
    await page.getByRole('link', { name: 'A row' }).waitFor();
    await page.keyboard.press('j');
    await until('a row has the focus', () =>
      page.evaluate(() => document.activeElement?.hasAttribute('data-row-link')),
    );
    await page.keyboard.press('Shift+?');
    const sheet = page.getByRole('dialog', { name: 'Keys' });
    await sheet.getByText('Next row').waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Add asset' }).click();
    await hasFocus(page.getByRole('dialog'));
    await page.getByRole('dialog').getByLabel('Name').fill('');
    await page.keyboard.type('g s ?');
    await expect.poll(() => page.getByRole('dialog').getByLabel('Name').inputValue(), SOON).toBe('g s ?');
    expect(page.url()).toMatch(/\/assets$/);
  });

  it('keeps the scheme and the language that were chosen', async () => {
    const { page } = await place.open('/assets');
    await page.getByRole('button', { name: /account and appearance/ }).click();
    await page.getByRole('menuitemradio', { name: 'Dark' }).click();
    await page.getByRole('menuitemradio', { name: 'العربية' }).click();
    await page.getByRole('heading', { name: 'العناوين', level: 1 }).waitFor();
    await page.reload({ waitUntil: 'commit' });
    await page.getByRole('heading', { name: 'العناوين', level: 1 }).waitFor();
    const root = page.locator('html');
    const look = () => Promise.all(['data-mantine-color-scheme', 'dir', 'lang'].map((name) => root.getAttribute(name)));
    await expect.poll(look, SOON).toEqual(['dark', 'rtl', 'ar']);
  });

  it('has one feed for all tabs of a browser, which goes on when the tab that had it is closed', async () => {
    const { page, context } = await place.open('/assets');
    await page.getByRole('img', { name: 'Live' }).waitFor();
    const streams: string[] = [];
    context.on('request', (request) => {
      if (request.resourceType() === 'eventsource') streams.push(request.url());
    });
    const second = await context.newPage();
    await second.goto(`${place.box.base}/console/assets`);
    await second.getByRole('img', { name: 'Live' }).waitFor();
    expect(streams).toHaveLength(0);
    await place.box.must('POST', '/assets', { name: 'Seen by both', channel: 'webchat', config: {} });
    for (const tab of [page, second]) await tab.getByRole('link', { name: 'Seen by both' }).waitFor();
    const opens = await hold(second, FEED);
    await page.close();
    await until('the second tab asks for the feed', () => streams.length === 1);
    await place.box.must('POST', '/assets', { name: 'Made in between', channel: 'webchat', config: {} });
    opens();
    await second.getByRole('link', { name: 'Made in between' }).waitFor();
    await place.box.must('POST', '/assets', { name: 'Seen by one', channel: 'webchat', config: {} });
    await second.getByRole('link', { name: 'Seen by one' }).waitFor();
  });

  it('says since when it is out of date, and catches up when the server is back', async () => {
    const { page } = await place.open('/assets');
    await page.getByRole('img', { name: 'Live' }).waitFor();
    await place.box.stop();
    await page.getByText(/^Reconnecting\. Data from \d/).waitFor();
    await expectAccessible(page);
    await place.box.start();
    await place.box.must('POST', '/assets', { name: 'Made meanwhile', channel: 'webchat', config: {} });
    await page.getByRole('img', { name: 'Live' }).waitFor();
    await page.getByRole('link', { name: 'Made meanwhile' }).waitFor();
    await page.getByText(/^Reconnecting/).waitFor({ state: 'detached' });
    place.windows.forgive(/net::ERR_|50[0-9]/);
  });

  it('has a way past the places for who uses keys alone', async () => {
    const { page } = await place.open('/assets');
    await page.keyboard.press('Tab');
    await page.getByRole('link', { name: 'Skip to the content' }).waitFor();
    await page.keyboard.press('Enter');
    await hasFocus(page.locator('#main'));
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
  });

  it('says what is not there', async () => {
    const { page } = await place.open('/nowhere');
    await page.getByRole('heading', { name: 'Not found' }).waitFor();
    await expectAccessible(page);
  });

  it(`starts with at most ${INITIAL_BYTES_MAX / 1024} kB of JavaScript, gzipped`, () => {
    const folder = join(ROOT, 'dist', 'console');
    const page = readFileSync(join(folder, 'index.html'), 'utf8');
    const scripts = [...page.matchAll(/(?:src|href)="\/console\/([^"]+\.js)"/g)].map((match) => match[1] as string);
    expect(scripts.length).toBeGreaterThan(1);
    const bytes = scripts.map((name) => gzipSync(readFileSync(join(folder, name))).length);
    expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(INITIAL_BYTES_MAX);
    expect(page).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\son\w+=/);
  });
});
