// Getting into the console and out of it: by password, by the first owner's link, by an invitation, and thrown out.
import { describe, expect, it } from 'vitest';
import { until } from '../parties/call.ts';
import { expectAccessible } from './axe.ts';
import { consolePlace, expectNoSidewaysScroll, invited, PASSWORD, tokenIn } from './console.ts';

describe('The door of the console', () => {
  const place = consolePlace();

  it('lets the first owner in by the link that the server printed, once', async () => {
    const link = await until(
      'the link is printed',
      () => /\S+\/console\/welcome#token=\S+/.exec(place.box.logs())?.[0],
    );
    const token = tokenIn(link);
    const { page } = await place.openOutside(`/welcome#token=${token}`);
    await page.getByRole('heading', { name: /first owner/ }).waitFor();
    await until('the address has no token', () => !page.url().includes(token));
    await expectAccessible(page);
    await page.getByLabel('Your name').fill('Ada');
    await page.getByLabel('Email').fill('ada@example.com');
    await page.getByRole('textbox', { name: 'Password' }).fill('short');
    await page.getByRole('button', { name: 'Save and sign in' }).click();
    expect(new URL(page.url()).pathname).toBe('/console/welcome');
    await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Save and sign in' }).click();
    await page.getByRole('navigation').getByRole('link', { name: 'Settings' }).waitFor();

    const again = await place.openOutside(`/welcome#token=${token}`);
    await again.page.getByRole('heading', { name: /does not work any more/ }).waitFor();
    await expectAccessible(again.page);
  });

  it('lets in who was invited, who only chooses a password', async () => {
    const { link, name, email } = await invited(place.box, 'agent');
    const { page } = await place.openOutside(`/welcome#token=${tokenIn(link)}`);
    await page.getByRole('heading', { name: 'You are invited' }).waitFor();
    const filled = () => Promise.all(['Your name', 'Email'].map((label) => page.getByLabel(label).inputValue()));
    await expect.poll(filled, { timeout: 20_000 }).toEqual([name, email]);
    await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Save and sign in' }).click();
    const places = page.getByRole('navigation');
    await places.getByRole('link', { name: 'Inbox' }).waitFor();
    expect(await places.getByRole('link', { name: 'Developers' }).count()).toBe(0);
  });

  it('asks for a password, says when it is wrong, and leads to where one wanted to go', async () => {
    const person = await place.person('viewer');
    const { page } = await place.openOutside('/assets?q=x');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await expectAccessible(page);
    await page.getByLabel('Email').fill(person.email);
    await page.getByRole('textbox', { name: 'Password' }).fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page
      .getByRole('alert')
      .getByText(/not right/)
      .waitFor();
    await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Assets', level: 1 }).waitFor();
    expect(page.url()).toBe(`${place.box.base}/console/assets?q=x`);

    await page.getByRole('button', { name: /account and appearance/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  it('leads nobody to another site after signing in', async () => {
    const person = await place.person('viewer');
    const { page } = await place.openOutside('/sign-in?next=//evil.example/x');
    await page.getByLabel('Email').fill(person.email);
    await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Home', level: 1 }).waitFor();
    expect(page.url()).toBe(`${place.box.base}/console/`);
  });

  it('shuts behind who loses the account, in the middle of the work', async () => {
    const person = await place.person('developer');
    const { page } = await place.open('/assets', { person });
    await page.getByRole('img', { name: 'Live' }).waitFor();
    await place.box.must('DELETE', `/users/${person.id}`);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  it('fits on a small telephone, in Arabic from the right', async () => {
    const { page } = await place.openOutside('/sign-in', { viewport: { width: 320, height: 640 } });
    await page.getByRole('button', { name: 'العربية' }).click();
    await page.getByRole('heading', { name: 'تسجيل الدخول' }).waitFor();
    expect(await page.locator('html').getAttribute('dir')).toBe('rtl');
    await expectNoSidewaysScroll(page);
    await expectAccessible(page);
  });
});
