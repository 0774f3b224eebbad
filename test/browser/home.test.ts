// The home screen: calm when all is well, and leading to what needs a person when not.
import { describe, expect, it } from 'vitest';
import { expectAccessible } from './axe.ts';
import { consolePlace, expectNoSidewaysScroll } from './console.ts';
import { addConsoleDesk } from './desk-place.ts';

const PROMISES = ['In limbo', 'Stale sends refused', 'Waiting', 'Parked', 'Unknown outcomes'];

describe('Home', () => {
  const place = consolePlace();

  it('begins with five promises kept, nothing to do, and the first steps', async () => {
    const { page } = await place.open('/');
    const promises = page.getByRole('region', { name: 'The five promises' });
    for (const name of PROMISES) await promises.getByText(name, { exact: true }).waitFor();
    const numbers = () => promises.locator('[data-promise] p[class*=number]').allTextContents();
    await expect.poll(numbers, { timeout: 20_000 }).toEqual(['0', '0', '0', '0', '0']);
    await page.getByText('Nothing needs you').waitFor();
    const steps = page.getByRole('region', { name: 'First steps' });
    await steps.getByRole('link', { name: 'Add an asset' }).click();
    await page.getByRole('heading', { name: 'Assets', level: 1 }).waitFor();
    await page.goBack();
    await steps.getByRole('link', { name: 'Invite a colleague' }).click();
    await page.getByRole('tab', { name: 'People', selected: true }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'Messages a minute' }).waitFor();
    await expectAccessible(page);
  });

  it('shows without a reload that somebody is in limbo, and leads there', async () => {
    const world = await place.world({ rule: 'none' });
    const { page } = await place.open('/');
    await page.getByText('Nothing needs you').waitFor();
    const address = world.newcomer();
    await world.channel.says(address, 'is anybody there?', { from: { address, name: 'Lost customer' } });
    const need = page
      .getByRole('region', { name: 'Needs a person' })
      .getByRole('link', { name: 'Lost customer was not routed' });
    await need.waitFor();
    await page.locator('[data-promise="limbo"]').getByText('1', { exact: true }).waitFor();
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Show them: In limbo' }).click();
    await page.waitForURL(/\/console\/threads\?state=limbo/);
    await page.goBack();
    await need.click();
    await page.waitForURL(/\/console\/threads\/thr_/);
  });

  it('says which bot does not work, and that nothing of it is lost', async () => {
    const world = await place.world();
    await place.box.must('PATCH', `/bots/${world.bot.id}`, { url: `${world.bot.url}/moved` });
    await world.says(world.newcomer(), 'hello?');
    const { page } = await place.open('/');
    const needs = page.getByRole('region', { name: 'Needs a person' });
    await needs.getByText(/is not verified/).waitFor();
    await needs.getByText(/1 customer waits for it/).waitFor();
    await page.locator('[data-promise="parked"]').getByText('1', { exact: true }).waitFor();
    await needs.getByRole('link', { name: /is not verified/ }).click();
    await page.waitForURL(/\/console\/integrations\/bot_/);
  });

  it('leads agents to who waits at their desk', async () => {
    const world = await place.world({ rule: 'none' });
    const desk = await addConsoleDesk(place, world.service, 'Front desk');
    await place.box.must('PUT', `/desks/${desk}/presence`, { state: 'online' });
    const action = { type: 'forward_to_desk', desk_id: desk };
    await world.addRule({ event: 'message.received', asset_id: world.channel.asset.id }, action);
    await world.says(world.newcomer(), 'a person, please');
    const { page } = await place.open('/', { role: 'agent' });
    const leads = page.getByRole('link', { name: '1 customer waits at the desk “Front desk”' });
    await leads.waitFor();
    expect(await page.getByRole('region', { name: 'First steps' }).count()).toBe(0);
    await leads.click();
    await page.getByRole('heading', { name: 'Inbox', level: 1 }).waitFor();
  });

  it('fits on a small telephone, from the right too', async () => {
    const options = { viewport: { width: 320, height: 640 }, locale: 'ar' };
    const { page } = await place.open('/', {}, options);
    await page.getByRole('heading', { name: 'الوعود الخمسة' }).waitFor();
    await page.getByRole('heading', { name: 'الرسائل في الدقيقة' }).waitFor();
    await expectNoSidewaysScroll(page);
    await expectAccessible(page);
  });

  it('says what to do when the server does not tell', async () => {
    const { page } = await place.open('/settings');
    await page.route('**/api/v1/overview', (route) =>
      route.fulfill({ status: 403, json: { code: 'forbidden', detail: 'Not now.' } }),
    );
    await page.getByRole('navigation').getByRole('link', { name: 'Home' }).click();
    await page.getByRole('alert').getByText('Not now.').waitFor();
    await page.unroute('**/api/v1/overview');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'The five promises' }).waitFor();
  });
});
