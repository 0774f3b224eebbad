// Settings and developers: people who come and go, what each role sees, keys, backups, the audit.
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { call } from '../parties/call.ts';
import { expectAccessible } from './axe.ts';
import { consolePlace, expectNoSidewaysScroll, PASSWORD, tokenIn } from './console.ts';

describe('Settings', () => {
  const place = consolePlace();
  const table = (page: Page) => page.getByRole('table', { name: 'People' });
  const dialog = (page: Page) => page.getByRole('dialog');

  it('invite a colleague by a link that works once, and the audit says who did', async () => {
    const boss = await place.person('admin');
    const { page } = await place.open('/settings?tab=people', { person: boss });
    await table(page).getByText(boss.name).waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Invite a person' }).click();
    const form = page.getByRole('dialog', { name: 'Invite a person' });
    await form.getByLabel('Name').fill('Maya <b>Meer</b>');
    await form.getByLabel('Email').fill(boss.email);
    await form.getByLabel('Role').selectOption({ label: 'Agent' });
    expect(await form.getByRole('option', { name: 'Owner' }).count()).toBe(0);
    await form.getByRole('button', { name: 'Make the invitation' }).click();
    await form.getByText('Somebody else has this address.').waitFor();
    await expectAccessible(page);
    await form.getByLabel('Email').fill('maya@example.com');
    await form.getByRole('button', { name: 'Make the invitation' }).click();
    const once = page.getByRole('dialog', { name: 'Link for Maya <b>Meer</b>' });
    const link = (await once.locator('code').textContent()) as string;
    await expectAccessible(page);
    await once.getByRole('button', { name: 'I have copied it' }).click();
    await table(page).getByRole('row', { name: /Maya/ }).getByText('Invited').waitFor();

    const maya = await place.openOutside(`/welcome#token=${tokenIn(link)}`);
    await maya.page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await maya.page.getByRole('button', { name: 'Save and sign in' }).click();
    await maya.page.getByRole('navigation').getByRole('link', { name: 'Inbox' }).waitFor();
    await table(page).getByRole('row', { name: /Maya/ }).getByText('Active').waitFor();

    await page.getByRole('tab', { name: 'Audit' }).click();
    const audit = page.getByRole('table', { name: 'Audit' });
    const entry = audit.getByRole('row', { name: /invite user/ }).first();
    await entry.getByText(boss.name).waitFor();
    await expectAccessible(page);
  });

  it('change a role, and delete a person when the name was typed', async () => {
    const person = await place.person('viewer');
    const { page } = await place.open('/settings?tab=people');
    await page.getByRole('button', { name: `Actions for ${person.name}` }).click();
    await page.getByRole('menuitem', { name: 'Edit' }).click();
    await dialog(page).getByLabel('Role').selectOption({ label: 'Developer' });
    await dialog(page).getByRole('button', { name: 'Save' }).click();
    await table(page)
      .getByRole('row', { name: new RegExp(`${person.name} .*Developer`) })
      .waitFor();
    await page.getByRole('button', { name: `Actions for ${person.name}` }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    const remove = dialog(page).getByRole('button', { name: 'Delete person' });
    expect(await remove.isDisabled()).toBe(true);
    await dialog(page)
      .getByLabel(/To go on, type/)
      .fill(person.name);
    await remove.click();
    await page.getByText('The person is deleted').waitFor();
    await table(page).getByText(person.name, { exact: true }).waitFor({ state: 'detached' });
  });

  it('show each role only what it may see', async () => {
    const { page } = await place.open('/settings?tab=audit', { role: 'agent' });
    await expect.poll(() => page.getByRole('tab').allTextContents(), { timeout: 20_000 }).toEqual(['You', 'About']);
    const places = page.getByRole('navigation');
    expect(await places.getByRole('link', { name: 'Developers' }).count()).toBe(0);
    expect(await places.getByRole('link', { name: 'Simulator' }).count()).toBe(0);
    const viewer = await place.open('/', { role: 'viewer' });
    expect(await viewer.page.getByRole('navigation').getByRole('link', { name: 'Inbox' }).count()).toBe(0);
    const developer = await place.open('/developers', { role: 'developer' });
    await developer.page.getByText('API keys are made by administrators.').waitFor();
    expect(await developer.page.getByRole('button', { name: 'Make a key' }).count()).toBe(0);
  });

  it('take a new password when the present one is right', async () => {
    const person = await place.person('agent');
    const { page } = await place.open('/settings', { person });
    const fields = {
      now: page.getByRole('textbox', { name: 'Present password' }),
      next: page.getByRole('textbox', { name: 'New password' }),
    };
    await fields.now.fill('not the password');
    await fields.next.fill('an even longer password');
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.locator('.mantine-InputWrapper-error').waitFor();
    expect(await fields.next.inputValue()).toBe('an even longer password');
    await expectAccessible(page);
    await fields.now.fill(PASSWORD);
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByText('The password is changed').waitFor();
    const headers = { origin: place.box.base };
    const body = { email: person.email, password: 'an even longer password' };
    expect((await call('POST', `${place.box.base}/api/v1/session`, { body, headers })).status).toBe(200);
  });

  it('make a backup, and say where each setting comes from', async () => {
    const { page } = await place.open('/settings?tab=backups');
    await page.getByRole('heading', { name: 'No backups yet' }).waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Start a backup' }).click();
    await page.getByRole('list', { name: 'Backups' }).getByText('Done').waitFor();
    await expectAccessible(page);
    await page.getByRole('tab', { name: 'Configuration' }).click();
    const port = page
      .getByRole('list', { name: 'Configuration' })
      .getByRole('listitem')
      .filter({ hasText: 'SIGNALBOX_PORT' });
    await port.getByText(new URL(place.box.base).port, { exact: true }).waitFor();
    await expectAccessible(page);
    expect(await page.content()).not.toContain(place.box.key);
  });

  it('fit on a small telephone, from the right too', async () => {
    const options = { viewport: { width: 320, height: 640 }, locale: 'ar' };
    const { page } = await place.open('/settings?tab=people', {}, options);
    await page.getByRole('table', { name: 'الأشخاص' }).waitFor();
    await expectNoSidewaysScroll(page);
    for (const tab of ['السجل', 'النسخ الاحتياطية', 'الإعداد', 'حول']) {
      await page.getByRole('tab', { name: tab }).click();
      await page.getByRole('tab', { name: tab, selected: true }).waitFor();
      await expectNoSidewaysScroll(page);
      await expectAccessible(page);
    }
  });
});

describe('The developers’ screen', () => {
  const place = consolePlace();

  it('fills in this instance, and makes a key that works and is shown once', async () => {
    const { page } = await place.open('/developers', { role: 'admin' });
    const program = page.getByRole('region', { name: 'A bot', exact: true });
    await program.getByText(`${place.box.base}/api/v1/bots`).first().waitFor();
    await expectAccessible(page);
    await page.getByRole('tab', { name: 'A desk' }).click();
    await page.getByRole('radiogroup', { name: 'Language' }).getByText('Node.js').click();
    await page.getByText(`${place.box.base}/hooks/desks/`).waitFor();
    await page.getByRole('button', { name: 'Make a key' }).click();
    const form = page.getByRole('dialog', { name: 'Make a key' });
    await form.getByLabel('Name').fill('deploy script');
    await form.getByLabel('Role').selectOption({ label: 'Viewer' });
    await form.getByRole('button', { name: 'Make a key' }).click();
    const once = page.getByRole('dialog', { name: 'deploy script' });
    const key = (await once.locator('code').textContent()) as string;
    const headers = { authorization: `Bearer ${key}` };
    expect((await call('GET', `${place.box.base}/api/v1/threads`, { headers })).status).toBe(200);
    expect((await call('POST', `${place.box.base}/api/v1/services`, { headers, body: { name: 'x' } })).status).toBe(
      403,
    );
    await once.getByRole('button', { name: 'I have copied them' }).click();
    await once.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Delete the key deploy script' }).click();
    expect(await page.content()).not.toContain(key);
    await page.getByRole('dialog').getByRole('button', { name: 'Delete key' }).click();
    await page.getByText('The key is deleted').waitFor();
    expect((await call('GET', `${place.box.base}/api/v1/threads`, { headers })).status).toBe(401);
  });

  it('fits on a small telephone, from the right too', async () => {
    const options = { viewport: { width: 320, height: 640 }, locale: 'ar' };
    const { page } = await place.open('/developers', {}, options);
    await page.getByRole('heading', { name: 'البداية السريعة' }).waitFor();
    await expectNoSidewaysScroll(page);
    await expectAccessible(page);
  });
});
