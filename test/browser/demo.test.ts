// What a newcomer sees of `dev`: the console by its link, the shop, a whole handover and back, a bot that breaks and comes
// back, each step ticked by itself; all within ninety seconds. And the same once more after a restart.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMAND, cleanEnv, freePort } from '../parties/box.ts';
import { call, until } from '../parties/call.ts';
import { expectAccessible } from './axe.ts';
import { chromiumWindows } from './chromium.ts';
import { expectNoSidewaysScroll } from './console.ts';
import { Tab } from './shop.ts';

const TOUR_MS = 90_000;
/** For a process to be up, or to be gone. */
const PATIENCE_MS = 40_000;
/** What a browser says of a server that is being started again. */
const DOWN = /^(503|console: (Failed to load|Signalbox))/;

const folder = mkdtempSync(join(tmpdir(), 'signalbox-demo-'));
let base = '';
let child: ChildProcess;
let out = '';

async function dev(): Promise<void> {
  out = '';
  const { port } = new URL(base);
  child = spawn(process.execPath, [COMMAND, 'dev', '--data', folder, '--port', port], {
    cwd: folder,
    env: cleanEnv({}),
  });
  child.stdout?.on('data', (chunk) => (out += chunk));
  child.stderr?.on('data', (chunk) => (out += chunk));
  await until('the demo is up', () => out.includes('Ctrl+C'), PATIENCE_MS);
  expect(out).not.toContain('not whole');
}

/** As Ctrl+C does it. */
async function end(): Promise<void> {
  child.kill('SIGINT');
  await until('it ends', () => child.exitCode !== null, PATIENCE_MS);
  expect(child.exitCode).toBe(0);
}

beforeAll(async () => {
  base = `http://127.0.0.1:${await freePort()}`;
  await dev();
});
afterAll(() => {
  child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const link = (): string => /\S+\/console\/welcome#token=\S+/.exec(out)?.[0] ?? '';
const step = (shop: Page, key: string) => shop.locator(`li[data-step="${key}"][data-done]`).waitFor();
const ticked = (shop: Page) =>
  shop.locator('li[data-done]').evaluateAll((items) => items.map((item) => (item as HTMLElement).dataset.step));
const says = (shop: Page, words: string) => shop.getByText(words).waitFor();

/** The link of a step on the console's home screen, which opens the shop beside it. */
async function openShop(context: BrowserContext, home: Page, name: string): Promise<Tab> {
  const [page] = await Promise.all([
    context.waitForEvent('page'),
    home.getByRole('link', { name, exact: true }).click(),
  ]);
  await page.getByRole('heading', { name: 'Your order 4711' }).waitFor();
  return new Tab(page);
}

describe('The demo', () => {
  const windows = chromiumWindows();

  it('shows a newcomer everything within ninety seconds, led by the first-run checklist', async () => {
    const { context, page: home } = await windows.open([base]);
    const began = performance.now();
    await home.goto(link());
    await home.getByRole('heading', { name: 'The ninety-second tour' }).waitFor();
    const chat = await openShop(context, home, 'Be the customer');
    const shop = chat.page;

    await shop.getByRole('listitem').getByRole('button', { name: 'Open the chat' }).click();
    await chat.panel.waitFor();
    await chat.write('Where is my order?');
    await chat.shows('What is the order number?');
    await chat.write('4711');
    await chat.shows('packed today');
    await chat.panel.getByRole('button', { name: 'Talk to a human' }).waitFor();
    await step(shop, 'asked');

    await home.getByRole('link', { name: 'Sit down at the desk' }).click();
    await home.getByRole('button', { name: 'Go online' }).click();
    await step(shop, 'online');

    await chat.panel.getByRole('button', { name: 'Talk to a human' }).click();
    await chat.shows('connecting you with a colleague');
    await step(shop, 'handed_over');
    await home.getByRole('tabpanel').getByRole('button').first().click();
    await home.getByRole('log', { name: 'What was said' }).getByText('packed today').waitFor();
    await home.getByRole('button', { name: 'Accept', exact: true }).click();
    await step(shop, 'claimed');
    await home.getByRole('textbox', { name: 'Answer' }).fill('Hello, I am a person. It leaves at noon.');
    await home.getByRole('textbox', { name: 'Answer' }).press('Enter');
    await chat.shows('I am a person');
    await step(shop, 'answered');
    await home.getByRole('button', { name: 'Give back to the bot' }).click();
    await step(shop, 'returned');
    await chat.write('What are your opening hours?');
    await chat.shows('The shop never closes');

    await shop.getByRole('listitem').getByRole('button', { name: 'Break the bot' }).click();
    await says(shop, 'nobody knows yet');
    await chat.write('Is anybody there? My order is 815');
    await step(shop, 'broken');
    await says(shop, 'The bot is inactive. One event waits for it.');

    await shop.getByRole('listitem').getByRole('button', { name: 'Heal the bot' }).click();
    await says(shop, 'It is healed');
    await home.getByRole('navigation').getByRole('link', { name: 'Home' }).click();
    await home.getByText('“Demo bot” is inactive').waitFor();
    await home.getByRole('link', { name: 'Bring it back' }).click();
    await home.getByRole('link', { name: 'Demo bot' }).first().click();
    await home.getByRole('button', { name: 'Verify', exact: true }).click();
    await home.getByText('Verified and active').waitFor();
    await chat.shows('Order 815 was packed');
    await step(shop, 'recovered');
    await says(shop, 'The bot is active and well.');
    await says(shop, 'That was all of it.');
    const took = performance.now() - began;
    console.log(`the tour took ${(took / 1000).toFixed(1)} s`);
    expect(took).toBeLessThan(TOUR_MS);

    const words = await chat.words();
    for (const said of ['I am a person', 'Order 815']) {
      expect(words.filter((each) => each.includes(said) && !each.includes('My order'))).toHaveLength(1);
    }
    await home.getByRole('navigation').getByRole('link', { name: 'Home' }).click();
    await home.getByRole('heading', { name: 'First steps' }).waitFor();
    await expectAccessible(shop);
  });

  it('is there again after Ctrl+C, with what was said and what was seen', async () => {
    const { page } = await windows.open([base]);
    await page.goto(`${base}/demo/`);
    await step(page, 'recovered');
    await end();
    await dev();
    const again = new Tab((await windows.open([base])).page);
    await again.page.goto(`${base}/demo/`);
    await step(again.page, 'recovered');
    await again.start();
    await again.write('hello');
    await again.shows('bot of the demo shop');
    await again.page.getByRole('button', { name: 'take the tour again' }).click();
    await until('nothing is ticked', async () => (await ticked(again.page)).length === 0);
    windows.forgive(DOWN);
  });

  it('says so when nobody is at the desk, and ticks no handover for it', async () => {
    const chat = new Tab((await windows.open([base])).page);
    await chat.page.goto(`${base}/demo/`);
    await chat.start();
    await chat.write('human');
    await chat.shows('Nobody is at the desk just now.');
    await chat.write('hello');
    await chat.shows('bot of the demo shop');
    await step(chat.page, 'asked');
    expect(await ticked(chat.page)).not.toContain('handed_over');
  });

  it('heals its bot with a restart, and sends what waited', async () => {
    const chat = new Tab((await windows.open([base])).page);
    await chat.page.goto(`${base}/demo/`);
    await chat.page.locator('#switch').click();
    await says(chat.page, 'nobody knows yet');
    await chat.start();
    await chat.write('order 1234');
    await says(chat.page, 'The bot is inactive.');
    await end();
    await dev();
    await chat.shows('Order 1234 was packed');
    windows.forgive(DOWN);
  });

  it('lets no other page turn the switch', async () => {
    const post = (headers: Record<string, string>) => call('POST', `${base}/demo/bot/break`, { headers });
    expect((await post({})).status).toBe(403);
    expect((await post({ origin: 'https://elsewhere.example' })).status).toBe(403);
    expect((await post({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    const { body } = await call('GET', `${base}/demo/tour`);
    expect(body.bot.broken).toBe(false);
    expect((await call('GET', `${base}/demo/../dev.json`)).status).toBe(404);
    expect((await call('GET', `${base}/demo/dev.json`)).status).toBe(404);
  });

  it('fits on a telephone and on a wide screen, closed and open', async () => {
    for (const viewport of [
      { width: 320, height: 640 },
      { width: 360, height: 740 },
      { width: 1920, height: 1000 },
    ]) {
      const chat = new Tab((await windows.open([base], { viewport })).page);
      await chat.page.goto(`${base}/demo/`);
      await says(chat.page, 'The bot is active and well.');
      await expectNoSidewaysScroll(chat.page);
      await expectAccessible(chat.page);
      await chat.start();
      await expectNoSidewaysScroll(chat.page);
    }
  });

  it('gives the shop to demo data that was made before there was one', async () => {
    await end();
    const file = join(folder, 'dev.json');
    const { shop: _, tour: __, ...older } = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify(older));
    await dev();
    expect(out).toContain(`${base}/demo/`);
    const chat = new Tab((await windows.open([base])).page);
    await chat.page.goto(`${base}/demo/`);
    await chat.start();
    await chat.write('hello');
    await chat.shows('bot of the demo shop');
  });
});
