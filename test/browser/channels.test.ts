// Connecting a channel from the console: from the provider's own words to the first message, seen live.
// The one thing to know: the provider is a server of ours that takes only what the real one documents (test/parties).
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTelegram, type Telegram } from '../parties/telegram.ts';
import { expectAccessible } from './axe.ts';
import { consolePlace, expectNoSidewaysScroll } from './console.ts';

const FORM = { name: 'Add asset' };

describe('A channel', () => {
  const place = consolePlace();
  let telegram: Telegram;
  /** of the asset, once it is there */
  let path = '';
  const look = async (): Promise<Page> => (await place.open(path)).page;
  beforeAll(async () => {
    telegram = await startTelegram();
  });
  afterAll(() => telegram.down());

  it('is set up by what its provider shows, with the wrong word at its field', async () => {
    const { page } = await place.open('/assets');
    await page.getByRole('button', FORM).click();
    const form = page.getByRole('dialog', FORM);
    await form.getByRole('radio', { name: /^Telegram/ }).click();
    await form.getByText('Create the bot', { exact: true }).waitFor();
    await form.getByLabel('Name').fill('Our bot');
    await form.getByLabel('Bot token', { exact: false }).first().fill('not a token');
    await form.getByRole('button', { name: /seldom changed/ }).click();
    await form.getByLabel('Bot API server').fill(telegram.url);
    await form.getByRole('button', FORM).click();
    await form.locator('.mantine-InputWrapper-error').first().waitFor();
    await expectAccessible(page);
    await form.getByLabel('Bot token', { exact: false }).first().fill(telegram.token);
    await form.getByRole('button', FORM).click();
    await page.getByRole('heading', { name: 'Our bot', level: 1 }).waitFor();
    await form.waitFor({ state: 'detached' });
    expect(await page.content()).not.toContain(telegram.token);
    path = new URL(page.url()).pathname.replace('/console', '');
  });

  it('is verified for real, and its hook is registered', async () => {
    const page = await look();
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.getByRole('list', { name: 'What the verification found' }).getByRole('listitem').first().waitFor();
    expect(await page.getByRole('img', { name: 'Failed:' }).count()).toBe(0);
    expect(telegram.webhook?.url).toMatch(/\/hooks\/channels\/ast_/);
    await expectAccessible(page);
  });

  it('shows its first event without a reload', async () => {
    const page = await look();
    await page.getByText('No event from the provider yet').waitFor();
    expect((await telegram.says(4711, 'hello')).status).toBe(200);
    await page.getByText('Last event from the provider').waitFor();
  });

  it('sends a test message that arrives, and says why one did not', async () => {
    const page = await look();
    await page.getByLabel("Customer's address").fill('4711');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByRole('status').getByText('Sent.').waitFor();
    expect(telegram.texts(4711)).toEqual(['A test message from Signalbox']);
    await page.getByLabel("Customer's address").fill('nobody');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByRole('status').getByText('Not sent.').waitFor();
  });

  it('says what it tells and takes, and keeps its token when the name is changed', async () => {
    const page = await look();
    await page.getByRole('heading', { name: 'What this channel tells and takes' }).waitFor();
    await page
      .getByRole('row', { name: /delivered/ })
      .getByRole('img', { name: 'No' })
      .waitFor();
    await page.getByLabel('Name').fill('Our other bot');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Our other bot', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.getByRole('list', { name: 'What the verification found' }).waitFor();
    expect(await page.getByRole('img', { name: 'Failed:' }).count()).toBe(0);
  });

  it('fits on a small telephone, and in Arabic from the right', async () => {
    const small = await place.open(path, {}, { viewport: { width: 320, height: 640 }, locale: 'ar' });
    await small.page.getByText('ما تخبر به هذه القناة وما تقبله').waitFor();
    await expectNoSidewaysScroll(small.page);
  });
});
