// The assets screen: the way from nothing to an asset whose secret was shown once, and to its end.
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { call, until } from '../parties/call.ts';
import { expectAccessible } from './axe.ts';
import { consolePlace, expectNoSidewaysScroll } from './console.ts';

const FORM = { name: 'Add asset' };
/** Pages of 50; the rows that are drawn are those in view and some around. */
const PAGE = 50;
const DRAWN_MAX = 60;
/** To the end of three pages, each asked for on the way. */
const SCROLLED_MS = 60_000;

describe('The assets', () => {
  const place = consolePlace();
  const table = (page: Page) => page.getByRole('table', { name: 'Assets' });
  const codes = (dialog: Locator) => dialog.locator('code').allTextContents();

  it('begin with what an asset is and one button, which a viewer does not have', async () => {
    const { page } = await place.open('/assets');
    await page.getByRole('heading', { name: 'No assets yet' }).waitFor();
    expect(await page.getByRole('main').getByRole('button').count()).toBe(1);
    await expectAccessible(page);
    const viewer = await place.open('/assets', { role: 'viewer' });
    await viewer.page.getByRole('heading', { name: 'No assets yet' }).waitFor();
    expect(await viewer.page.getByRole('main').getByRole('button').count()).toBe(0);
  });

  it('are added with the wrong word shown at its field, and the secrets shown once', async () => {
    const { page } = await place.open('/assets');
    await page.getByRole('button', FORM).click();
    const form = page.getByRole('dialog', FORM);
    await form.getByRole('radio', { name: /^HTTP/ }).click();
    await form.getByLabel('Name').fill('Till');
    await form.getByLabel(/URL for messages/).fill('https://10.0.0.1/out');
    await form.getByRole('button', FORM).click();
    await form.locator('.mantine-InputWrapper-error').waitFor();
    await expectAccessible(page);
    await form.getByLabel(/URL for messages/).fill(`${(await place.listener()).url}/out`);
    await form.getByRole('button', FORM).click();

    const once = page.getByRole('dialog', { name: 'Till' });
    await once.getByText('They are shown this once').waitFor();
    const [hook, secret, signing] = await codes(once);
    expect(hook).toMatch(/\/hooks\/channels\/ast_/);
    expect(signing).toMatch(/^whsec_/);
    const event = { id: '1', type: 'message', from: { id: 'sim' }, message: { type: 'text', text: 'hi' } };
    const posted = await call('POST', hook as string, { headers: { authorization: `Bearer ${secret}` }, body: event });
    expect(posted.status).not.toBe(401);
    await page.keyboard.press('Escape');
    expect(await once.isVisible()).toBe(true);
    await expectAccessible(page);
    await once.getByRole('button', { name: 'I have copied them' }).click();
    await once.waitFor({ state: 'hidden' });
    expect(await page.content()).not.toContain(secret);
  });

  it('of the web chat come with the script tag and the secrets of their own', async () => {
    const { page } = await place.open('/assets');
    await page.getByRole('button', FORM).click();
    const form = page.getByRole('dialog', FORM);
    await form.getByLabel('Name').fill('Site');
    await form.getByLabel(/Sites that may show it/).fill('nonsense');
    await form.getByRole('button', FORM).click();
    await form.getByText(/must be an origin/).waitFor();
    await form.getByLabel(/Sites that may show it/).fill('https://www.example.com');
    await form.getByRole('button', FORM).click();
    const once = page.getByRole('dialog', { name: 'Site' });
    await once.getByText('They are shown this once').waitFor();
    const shown = await codes(once);
    expect(shown).toHaveLength(3);
    expect(shown[0]).toMatch(/^<script async src="[^"]+\/widget\.js" data-asset="ast_\w+"><\/script>$/);
    expect(new Set(shown).size).toBe(3);
  });

  it('are changed, and another window sees it without a reload', async () => {
    const { id } = await place.box.must('POST', '/assets', { name: 'Before', channel: 'webchat', config: {} });
    const [one, other] = [await place.open(`/assets/${id}`), await place.open('/assets')];
    await table(other.page).getByRole('link', { name: 'Before' }).waitFor();
    await one.page.getByLabel('Name').fill('Afterwards');
    await one.page.getByLabel(/Sites that may show it/).fill('https://www.example.com/');
    await one.page.getByRole('button', { name: 'Save' }).click();
    await one.page.getByRole('heading', { name: 'Afterwards', level: 1 }).waitFor();
    await table(other.page).getByRole('link', { name: 'Afterwards' }).waitFor();
    const saved = await place.box.must('GET', `/assets/${id}`);
    expect(saved.config.allowed_origins).toEqual(['https://www.example.com']);
    await one.page.getByText(`data-asset="${id}"`).waitFor();
    await expectAccessible(one.page);
  });

  it('get a new secret, and a developer may not ask for one', async () => {
    const body = { name: 'Rotating', channel: 'http', config: { url: `${(await place.listener()).url}/out` } };
    const { id, secret } = await place.box.must('POST', '/assets', body);
    const { page } = await place.open(`/assets/${id}`, { role: 'admin' });
    await page.getByRole('button', { name: 'Replace Secret' }).click();
    await page.getByLabel('The old one works for').selectOption({ label: 'No longer at all' });
    await page.getByRole('dialog').getByRole('button', { name: 'Replace' }).click();
    const once = page.getByRole('dialog').filter({ hasText: 'Copy these now' });
    await once.waitFor();
    const [fresh] = await codes(once);
    expect(fresh).not.toBe(secret);
    expect(fresh?.length).toBeGreaterThan(20);
    const developer = await place.open(`/assets/${id}`, { role: 'developer' });
    await developer.page.getByRole('heading', { name: 'How customers reach it' }).waitFor();
    expect(await developer.page.getByRole('button', { name: /Replace/ }).count()).toBe(0);
  });

  it('are deleted when the name was typed, and not before', async () => {
    const { id } = await place.box.must('POST', '/assets', { name: 'Old till', channel: 'webchat', config: {} });
    const { page } = await place.open(`/assets/${id}`);
    await page.getByRole('button', { name: 'Delete asset' }).click();
    const confirm = page.getByRole('dialog').getByRole('button', { name: 'Delete asset' });
    expect(await confirm.isDisabled()).toBe(true);
    await page.getByLabel(/To go on, type/).fill('Old till');
    // The news goes by itself after a while: it is looked for while the screen changes.
    await Promise.all([page.getByText('The asset is deleted').waitFor(), confirm.click()]);
    await page.getByRole('heading', { name: 'Assets', level: 1 }).waitFor();
    expect((await place.box.api('GET', `/assets/${id}`)).status).toBe(404);
    await table(page).getByRole('row').nth(1).waitFor();
    await table(page).getByRole('link', { name: 'Old till' }).waitFor({ state: 'detached' });
  });

  it('that do not exist say so, with the code and the id of the request', async () => {
    const { page } = await place.openOutside('/sign-in');
    const person = await place.person('viewer');
    await page.close();
    const inside = await place.windows.open([place.box.base]);
    const headers = { origin: place.box.base };
    const data = { email: person.email, password: 'a long enough password' };
    await inside.context.request.post(`${place.box.base}/api/v1/session`, { headers, data });
    await inside.page.goto(`${place.box.base}/console/assets/ast_00000000000000000000000000`);
    await inside.page.getByRole('alert').getByText('not_found').waitFor();
    expect(await inside.page.getByRole('alert').textContent()).toMatch(/req_\w+/);
  });

  it('are read a page at a time and drawn a screen at a time, however many there are', async () => {
    for (let n = 0; n < 3 * PAGE; n++) {
      await place.box.must('POST', '/assets', { name: `Many ${n}`, channel: 'webchat', config: {} });
    }
    const { page } = await place.open('/');
    const asked: string[] = [];
    page.on('request', (request) => {
      if (/\/api\/v1\/assets\?/.test(request.url())) asked.push(new URL(request.url()).search);
    });
    await page.getByRole('navigation').getByRole('link', { name: 'Assets' }).click();
    await table(page).getByRole('row').nth(5).waitFor();
    expect(asked.filter((query) => !query.includes('after'))).toHaveLength(1);
    expect(asked.length).toBeLessThanOrEqual(2);
    const last = table(page).getByRole('link', { name: `Many ${3 * PAGE - 1}`, exact: true });
    await until(
      'the last is there',
      async () => {
        await page.mouse.wheel(0, 2_000);
        expect(await table(page).getByRole('row').count()).toBeLessThan(DRAWN_MAX);
        return last.isVisible();
      },
      SCROLLED_MS,
    );
    expect(new Set(asked).size).toBe(asked.length);
    await page.getByText(/^That is all/).waitFor();
  });

  it('fit on a small telephone, from the right too', async () => {
    const options = { viewport: { width: 320, height: 640 }, locale: 'ar' };
    const { page } = await place.open('/assets', {}, options);
    expect(await page.locator('html').getAttribute('dir')).toBe('rtl');
    await expectNoSidewaysScroll(page);
    await page.getByRole('button', { name: 'افتح الأقسام' }).click();
    await page.getByRole('navigation').getByRole('link', { name: 'الخدمات' }).waitFor();
    await expectAccessible(page);
    await page.getByRole('navigation').getByRole('link', { name: 'العناوين' }).click();
    await page.getByRole('link', { name: 'Afterwards' }).click();
    await page.getByRole('heading', { name: 'Afterwards', level: 1 }).waitFor();
    await expectNoSidewaysScroll(page);
    await expectAccessible(page);
  });
});
