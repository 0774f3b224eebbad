// Adding bots and desks by the wizard, in the vendor's words, and mending one that broke: from its card, verified again.
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { startBot } from '../parties/bot.ts';
import { call } from '../parties/call.ts';
import { ACCOUNT, TOKEN as CHATWOOT_TOKEN, INBOX, startChatwoot } from '../parties/chatwoot.ts';
import { startDesk } from '../parties/desk.ts';
import type { Listener } from '../parties/listener.ts';
import { expectAccessible } from './axe.ts';
import { consolePlace, expectNoSidewaysScroll, hasFocus } from './console.ts';

const SOON = { timeout: 20_000 };
const TOKEN = 'a token of good length';
const HOSTILE = `<img src=x onerror="globalThis.hacked=1"><script>globalThis.hacked=1</script>{count}`;

describe('The wizard', () => {
  const place = consolePlace();
  const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true }).waitFor();
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
  const field = (page: Page, name: string) => page.getByRole('textbox', { name, exact: true });
  const checks = (page: Page) => page.getByRole('list', { name: 'What was checked' });
  const step = (page: Page, name: string) =>
    checks(page)
      .getByRole('listitem')
      .filter({ has: page.getByText(name, { exact: true }) });
  const codes = (page: Page) => page.getByRole('main').locator('code').allTextContents();
  const posted = (party: Listener, event: string) => party.posts.filter((post) => post.body.Event === event);

  async function choose(page: Page, platform: RegExp, name: string): Promise<void> {
    await page.getByRole('radio', { name: /^BOTS/ }).click();
    await press(page, 'Next');
    await heading(page, 'Select BOT PLATFORM');
    await page.getByRole('radio', { name: platform }).click();
    await press(page, 'Next');
    await field(page, 'Name').fill(name);
    await press(page, 'Next');
  }

  it('leads from an empty list to an active bot of OTHERS, over a verification that fails and is mended', async () => {
    const bot = await startBot();
    const { page } = await place.open('/integrations');
    await page.getByRole('heading', { name: 'No integrations yet' }).waitFor();
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Add Integrations' }).click();
    await page.getByRole('heading', { name: 'Add Integrations', level: 2 }).waitFor();
    await expectAccessible(page);
    await choose(page, /^OTHERS/, 'Helper');
    await heading(page, 'Outbound Webhook');
    await field(page, 'Webhook URL').fill(`${bot.url}/in`);
    await field(page, 'Verification Token').fill(TOKEN);
    expect(await page.getByRole('button', { name: 'Save', exact: true }).isDisabled()).toBe(true);

    bot.reply = () => ({ status: 200, body: { hello: 'there' } });
    await press(page, 'Verify');
    await step(page, 'Token echoed').getByText('What to change:').waitFor();
    await step(page, 'Sample reply read').getByText('not reached').waitFor();
    expect(await page.getByRole('button', { name: 'Save', exact: true }).isDisabled()).toBe(true);
    await expectAccessible(page);

    bot.token = TOKEN;
    bot.reply = () => bot.ok({ events: [{ eventid: '1001', message: 'Hello' }] });
    await press(page, 'Verify');
    await step(page, 'Sample reply read').getByText('1 of 1 events').waitFor();
    for (const name of ['Address', 'Reachable', 'TLS', 'Answered in time', 'Token echoed', 'Signature']) {
      expect(
        await step(page, name)
          .getByRole('img', { name: /^Holds/ })
          .count(),
      ).toBe(1);
    }
    expect((await place.box.must('GET', '/bots')).data).toEqual([]);
    await press(page, 'Save');
    await page.getByText('verified, saved and active').waitFor();
    await expectAccessible(page);

    const [hook, signing] = await codes(page);
    expect(hook).toMatch(/\/hooks\/bots\/\S{20}/);
    expect(signing).toMatch(/^whsec_/);
    expect(await page.locator('pre').textContent()).toContain(hook);
    expect(await page.locator('pre').textContent()).toContain(TOKEN);
    expect((await call('POST', hook as string, { body: { eventid: '1001', conversation_id: 'x' } })).status).toBe(422);
    expect((await place.box.must('GET', '/bots')).data).toMatchObject([{ name: 'Helper', status: 'active' }]);
    expect(posted(bot, 'Verification').length).toBeGreaterThan(0);

    await field(page, 'Name of the service').fill('Shop');
    await press(page, 'Map and save');
    await page.getByRole('link', { name: 'Make a rule' }).click();
    await page.getByRole('heading', { name: 'New rule' }).waitFor();
    await expect.poll(() => page.getByLabel('Bot', { exact: true }).inputValue(), SOON).toMatch(/^bot_/);
    expect(await page.content()).not.toContain(signing);
    await bot.down();
  });

  it('adds an IMI BOT, which gets its access token with each request', async () => {
    const bot = await startBot();
    bot.reply = () => ({ status: 401 });
    const { page } = await place.open('/integrations/new');
    await choose(page, /^IMI BOT/, 'Vendor');
    await heading(page, 'BOT Endpoint');
    await field(page, "BOT's endpoint URL").fill(`${bot.url}/in`);
    await field(page, "BOT's access token").fill('imi-access');
    await press(page, 'Verify');
    await step(page, 'Status')
      .getByText(/compare the access token/)
      .waitFor();
    bot.reply = (post) => ({ status: post.headers.authorization === 'Bearer imi-access' ? 200 : 401 });
    await press(page, 'Verify');
    await step(page, 'Sample reply read')
      .getByText(/says nothing to the customer/)
      .waitFor();
    expect(await step(page, 'Token echoed').count()).toBe(0);
    await press(page, 'Save');
    await page.getByText('verified, saved and active').waitFor();
    await bot.down();
  });

  it('says which step failed, whatever failed, and keeps what was typed', async () => {
    const { page } = await place.open('/integrations/new');
    const before = (await place.box.must('GET', '/bots')).data.length;
    await choose(page, /^OTHERS/, 'Never');
    await field(page, 'Verification Token').fill(TOKEN);
    const gone = await place.listener();
    const url = gone.url;
    await gone.down();
    const failing: [string, string][] = [
      ['http://10.1.2.3/bot', 'Address'],
      [`${url}/in`, 'Reachable'],
      [`${url.replace('http:', 'https:')}/in`, 'Reachable'],
      [`${place.box.base.replace('http:', 'https:')}/in`, 'TLS'],
      [`${place.box.base}/nowhere`, 'Status'],
    ];
    for (const [address, name] of failing) {
      await field(page, 'Webhook URL').fill(address);
      await checks(page).waitFor({ state: 'hidden' });
      await press(page, 'Verify');
      await step(page, name).getByText('What to change:').waitFor();
      expect(await field(page, 'Webhook URL').inputValue()).toBe(address);
    }
    await press(page, 'Back');
    expect(await field(page, 'Name').inputValue()).toBe('Never');
    await page.getByRole('navigation').getByRole('link', { name: 'Integrations' }).click();
    await page.getByRole('heading', { name: 'Integrations', level: 1 }).waitFor();
    expect((await place.box.must('GET', '/bots')).data).toHaveLength(before);
  });

  it('adds desks too: one behind a webhook, saved before it runs, and one in the console', async () => {
    const desk = await startDesk();
    await desk.down();
    const { page } = await place.open('/integrations/new');
    await page.getByRole('radio', { name: /^DESKS/ }).click();
    await press(page, 'Next');
    await page.getByRole('radio', { name: /^Webhook/ }).click();
    await press(page, 'Next');
    await field(page, 'Name').fill('Centre');
    await press(page, 'Next');
    await heading(page, 'Desk webhook');
    await field(page, 'Webhook URL').fill(`${desk.url}/in`);
    await press(page, 'Verify');
    await step(page, 'Reachable').getByText('What to change:').waitFor();
    await press(page, 'Save without verifying');
    await page.getByText('not verified: nothing is sent to it yet').waitFor();
    const [hook, secret, signing] = await codes(page);
    expect([hook, signing]).toEqual([expect.stringContaining('/hooks/desks/'), expect.stringMatching(/^whsec_/)]);
    const headers = { authorization: `Bearer ${secret}` };
    expect((await call('POST', hook as string, { headers, body: { type: 'typing' } })).status).not.toBe(401);

    await desk.up();
    await page.getByRole('link', { name: 'Open its card' }).click();
    await page.getByRole('heading', { name: 'Centre', level: 1 }).waitFor();
    await press(page, 'Verify');
    await page.getByText('Verified and active').waitFor();
    await desk.down();

    await page.goto(`${place.box.base}/console/integrations/new`);
    await page.getByRole('radio', { name: /^DESKS/ }).click();
    await press(page, 'Next');
    await page.getByRole('radio', { name: /^Console/ }).click();
    await press(page, 'Next');
    await field(page, 'Name').fill('Our people');
    await press(page, 'Save');
    await page.getByText('verified, saved and active').waitFor();
    await page.getByRole('link', { name: 'Open the inbox' }).waitFor();
  });

  it('adds a Chatwoot by what its own pages show', async () => {
    const chatwoot = await startChatwoot();
    const { page } = await place.open('/integrations/new');
    await page.getByRole('radio', { name: /^DESKS/ }).click();
    await press(page, 'Next');
    await page.getByRole('radio', { name: /^Chatwoot/ }).click();
    await press(page, 'Next');
    await field(page, 'Name').fill('Our Chatwoot');
    await press(page, 'Next');
    await heading(page, 'Chatwoot');
    await page.getByText('Make an inbox', { exact: true }).waitFor();
    await field(page, 'Address of the Chatwoot').fill(chatwoot.url);
    await field(page, 'Account ID').fill(String(ACCOUNT));
    await field(page, 'Inbox ID').fill(String(INBOX));
    await page
      .getByLabel(/^Access Token/)
      .first()
      .fill('wrong-token');
    await press(page, 'Verify');
    await page.getByRole('img', { name: 'Failed:' }).first().waitFor();
    await page
      .getByLabel(/^Access Token/)
      .first()
      .fill(CHATWOOT_TOKEN);
    await press(page, 'Verify');
    await page.getByRole('button', { name: 'Save', exact: true }).and(page.locator(':enabled')).click();
    await page.getByText('verified, saved and active').waitFor();
    await page.getByRole('link', { name: 'Open its card' }).click();
    await page.getByRole('heading', { name: 'Our Chatwoot', level: 1 }).waitFor();
    await page.getByLabel('Account ID').waitFor();
    expect(await page.content()).not.toContain(CHATWOOT_TOKEN);
    await expectAccessible(page);
    await chatwoot.down();
  });

  it('is not for agents and viewers', async () => {
    const { page } = await place.open('/integrations', { role: 'viewer' });
    await page.getByRole('link', { name: 'Helper' }).waitFor();
    expect(await page.getByRole('link', { name: 'Add Integrations' }).count()).toBe(0);
    await page.goto(`${place.box.base}/console/integrations/new`);
    await page.getByText('Owners, administrators and developers add integrations.').waitFor();
  });

  it('shows an inactive bot with what made it so, and has it verified again from its card', async () => {
    const world = await place.world({ bot: { failure_threshold: 1 } });
    const name = (await place.box.must('GET', `/bots/${world.bot.id}`)).name;
    world.bot.reply = () => ({ status: 500 });
    const { page } = await place.open('/integrations');
    await page.getByRole('link', { name }).waitFor();
    await world.says(world.newcomer(), 'is anybody there?');
    const card = page.getByRole('listitem').filter({ hasText: name });
    await card.getByText('Inactive', { exact: true }).waitFor();
    await card.getByText(/500/).waitFor();
    await expectAccessible(page);

    await card.getByRole('link', { name }).click();
    await page.getByText('What made it so:').waitFor();
    await page.getByText('1 delivery waits for it.').waitFor();
    await press(page, 'Edit and re-verify');
    await hasFocus(field(page, 'Webhook URL'));
    await field(page, 'Webhook URL').fill(`${world.bot.url}/elsewhere`);
    await press(page, 'Verify and save');
    await step(page, 'Status').getByText('What to change:').waitFor();
    await page.getByText('Nothing was saved').waitFor();
    expect((await place.box.must('GET', `/bots/${world.bot.id}`)).url).toBe(`${world.bot.url}/in`);
    await expectAccessible(page);

    world.bot.reply = () => world.bot.ok();
    await press(page, 'Verify and save');
    await page.getByText('Verified, saved and active').waitFor();
    await page.getByText('Nothing waits for it.').waitFor();
    const saved = await place.box.must('GET', `/bots/${world.bot.id}`);
    expect(saved).toMatchObject({ status: 'active', url: `${world.bot.url}/elsewhere`, inactive_reason: null });
    expect(world.bot.posts.some((post) => post.body.Message === 'is anybody there?')).toBe(true);
  });

  it('changes settings, a secret with an overlap, switches off and on, and deletes what nothing uses', async () => {
    const world = await place.world();
    const { page } = await place.open(`/integrations/${world.bot.id}`);
    await page.getByLabel('Failures in a row that make it inactive').fill('0');
    await page.getByLabel('Pauses between tries (s)').fill('5, 10');
    const settings = page.getByRole('region', { name: 'Settings' });
    await settings.getByRole('button', { name: 'Save' }).click();
    await settings.locator('.mantine-InputWrapper-error').waitFor();
    await page.getByLabel('Failures in a row that make it inactive').fill('7');
    await settings.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The settings are saved').waitFor();
    const saved = await place.box.must('GET', `/bots/${world.bot.id}`);
    expect(saved).toMatchObject({ failure_threshold: 7, retry_spacing_s: [5, 10], status: 'active' });

    await press(page, 'Replace Signing secret');
    await page.getByRole('dialog').getByRole('button', { name: 'Replace' }).click();
    await page.getByText('Copy these now').waitFor();
    expect((await page.getByRole('dialog').locator('code').allTextContents())[0]).toMatch(/^whsec_/);
    await press(page, 'I have copied them');

    await press(page, 'Disable');
    await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
    await page.getByText('The integration is disabled').waitFor();
    await press(page, 'Enable');
    await page.getByRole('dialog').getByRole('button', { name: 'Enable' }).click();
    await page.getByText('The integration is enabled').waitFor();

    await press(page, 'Delete');
    await page.getByLabel(/To go on, type/).fill(saved.name);
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByText('in_use').waitFor();
    await press(page, 'Cancel');
    // It fades: meanwhile there would be two of what is typed into next.
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await place.box.must('DELETE', `/rules/${world.rule}`);
    await page.getByText('No rule uses it.').waitFor();
    await press(page, 'Delete');
    await page.getByLabel(/To go on, type/).fill(saved.name);
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('The integration is deleted').waitFor();
    expect((await place.box.api('GET', `/bots/${world.bot.id}`)).status).toBe(404);
  });

  it('takes a hostile name for a name, and fits on a telephone from the right', async () => {
    const bot = await startBot();
    const body = { name: HOSTILE, platform: 'other', url: `${bot.url}/in`, verification_token: TOKEN };
    const { id } = await place.box.must('POST', '/bots', body);
    const options = { viewport: { width: 320, height: 700 }, locale: 'ar' };
    const { page } = await place.open('/integrations', {}, options);
    await page.getByText(HOSTILE).waitFor();
    await expectNoSidewaysScroll(page);
    await expectAccessible(page);
    await page.goto(`${place.box.base}/console/integrations/${id}`);
    await page.getByRole('heading', { name: HOSTILE, level: 1 }).waitFor();
    await page.getByRole('button', { name: 'حذف' }).click();
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await expectNoSidewaysScroll(page);
    await expectAccessible(page);
    expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false);
    await page.goto(`${place.box.base}/console/integrations/new`);
    await page.getByRole('radio', { name: /BOTS/ }).waitFor();
    await expectNoSidewaysScroll(page);
    await expectAccessible(page);
    await bot.down();
  });
});
