// Rules made by hand: with conditions, tried on past messages, put into another order by keyboard, warned of when an
// earlier one leaves them nothing, and with a desk that stands in for the bot.
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { type Loose, until } from '../parties/call.ts';
import type { World } from '../parties/world.ts';
import { expectAccessible } from './axe.ts';
import { consolePlace, expectNoSidewaysScroll } from './console.ts';

const SOON = { timeout: 20_000 };
const HOSTILE = `<img src=x onerror="globalThis.hacked=1">{when}`;

describe('Rules', () => {
  const place = consolePlace();
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
  const names = (page: Page) => page.getByRole('list', { name: 'Rules' }).locator('> li > div > a').allTextContents();
  const rulesOf = async (world: World): Promise<Loose[]> =>
    (await place.box.must('GET', `/services/${world.service}/rules`)).data;
  const section = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
  const named = (page: Page) => page.getByRole('textbox', { name: 'Name', exact: true });

  it('are made by hand with conditions, tried on past messages, and do what they say', async () => {
    const world = await place.world({ rule: 'none' });
    await world.says(world.newcomer(), 'I want a REFUND, please');
    await world.says(world.newcomer(), 'Good morning');
    await until('both are kept', async () => {
      const { data } = await place.box.must('GET', `/threads?asset_id=${world.channel.asset.id}`);
      return data.length === 2;
    });
    const { page } = await place.open(`/services/${world.service}`);
    await page.getByRole('link', { name: 'Add rule' }).click();
    await page.getByRole('heading', { name: 'New rule', level: 1 }).waitFor();
    await named(page).fill('Refunds');
    const conditions = section(page, 'Conditions');
    await conditions.getByRole('button', { name: 'Condition', exact: true }).click();
    await conditions.getByRole('textbox', { name: 'Value' }).fill('refund');
    await page.getByRole('checkbox', { name: 'Hand over to a desk', checked: true }).waitFor();
    const fallback = page.getByRole('combobox', { name: 'Fallback desk' });
    await expect.poll(() => fallback.inputValue(), SOON).toBe(world.desk.id);
    await page.getByRole('textbox', { name: 'Holding text' }).fill('A colleague comes at once.');
    const says = section(page, 'What the rule says');
    await says.getByText(/the text contains .*refund.* in any case/).waitFor();
    await says.getByText(/if the bot is unavailable or silent/).waitFor();
    await press(page, 'Try this draft');
    await page.getByText('1 of 2 match').waitFor();
    await page.getByText('this draft wins').waitFor();
    await conditions.getByRole('textbox', { name: 'Value' }).fill('refunds');
    await page.getByText('The draft has changed since.').waitFor();
    await conditions.getByRole('textbox', { name: 'Value' }).fill('refund');
    await expectAccessible(page);

    await press(page, 'Save rule');
    await page.getByRole('link', { name: 'Refunds' }).waitFor();
    expect((await rulesOf(world))[0]).toMatchObject({
      conditions: { field: 'message.text', op: 'contains_ignore_case', value: 'refund' },
      action: {
        type: 'forward_to_bot',
        bot_id: world.bot.id,
        fallback: { desk_id: world.desk.id, on: ['unavailable', 'silent'], holding_text: 'A colleague comes at once.' },
      },
    });
    const customer = world.newcomer();
    await world.says(customer, 'a refund');
    await until('the bot hears of it', () => world.bot.words(customer).length === 1);
  });

  it('keep what was typed when they are refused, and say where', async () => {
    const world = await place.world({ rule: 'none' });
    const { page } = await place.open(`/services/${world.service}?rule=new`);
    await named(page).fill('Nobody came');
    await page
      .getByRole('combobox', { name: 'What happens' })
      .selectOption({ label: 'a desk does not take a customer' });
    await page.getByRole('combobox', { name: 'Which desk' }).selectOption(world.desk.id);
    await page.getByRole('combobox', { name: 'What is done' }).selectOption({ label: 'Notify a URL' });
    await page.getByRole('textbox', { name: 'URL' }).fill('http://10.1.1.1/x');
    await press(page, 'Save rule');
    await page.getByRole('alert').getByText('/action/url').waitFor();
    expect(await named(page).inputValue()).toBe('Nobody came');
    await expectAccessible(page);
    const action = page.getByRole('combobox', { name: 'What is done' });
    await action.selectOption({ label: 'Say something to the customer' });
    await page.getByRole('textbox', { name: 'What is said' }).fill('Nobody is here just now.');
    await press(page, 'Save rule');
    await page.getByRole('link', { name: 'Nobody came' }).waitFor();
    expect((await rulesOf(world))[0]).toMatchObject({
      trigger: { event: 'desk.failed', desk_id: world.desk.id },
      action: { type: 'send_message', text: 'Nobody is here just now.' },
    });
  });

  it('are put into another order by keyboard, and warn of one that never has a turn', async () => {
    const world = await place.world({ rule: 'none' });
    const forward = { type: 'forward_to_bot', bot_id: world.bot.id };
    const event = { event: 'message.received' };
    const conditions = { field: 'message.text', op: 'contains', value: 'x' };
    await world.addRule(event, forward, { name: 'Everything' });
    await world.addRule(event, forward, { name: 'Only x', conditions });
    const { page } = await place.open(`/services/${world.service}`);
    const other = await place.open(`/services/${world.service}`);
    await page.getByText('This rule never has a turn').waitFor();
    await other.page.getByText('This rule never has a turn').waitFor();
    await expect.poll(() => names(page), SOON).toEqual(['Everything', 'Only x']);
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Move the rule Only x' }).focus();
    await page.keyboard.press('Space');
    // The first announcement of a move is that it is over itself. The library listens to arrows a moment later, which no hand
    // is quick enough to notice: pressed again, an arrow that was heard already moves nothing.
    await page.getByText('Only x is now at place 2 of 2.').waitFor({ state: 'attached' });
    await until('the arrow is heard', async () => {
      await page.keyboard.press('ArrowUp');
      return page.getByText('Only x is now at place 1 of 2.').isVisible();
    });
    await page.keyboard.press('Space');
    await page.getByText('This rule never has a turn').waitFor({ state: 'hidden' });
    const moved = ['Only x', 'Everything'];
    await expect.poll(() => names(page), SOON).toEqual(moved);
    // It is seen where it was put before the server has answered.
    await expect.poll(async () => (await rulesOf(world)).map(({ name }) => name), SOON).toEqual(moved);
    await other.page.getByText('This rule never has a turn').waitFor({ state: 'hidden' });
    await expect.poll(() => names(other.page), SOON).toEqual(moved);
    await section(page, 'Who changed what').getByText('put the rules into another order').waitFor();
  });

  it('take a hostile name for a name, are for reading only to a viewer, and fit on a telephone from the right', async () => {
    const world = await place.world({ rule: 'none' });
    const conditions = { field: 'message.text', op: 'equals', value: HOSTILE };
    const says = { type: 'send_message', text: HOSTILE };
    await world.addRule({ event: 'message.received' }, says, { name: HOSTILE, conditions });
    const viewer = await place.open(`/services/${world.service}`, { role: 'viewer' });
    await viewer.page.getByText(HOSTILE).first().waitFor();
    expect(
      await viewer.page
        .getByRole('main')
        .getByRole('button', { name: /Delete|Move|Add/ })
        .count(),
    ).toBe(0);
    const options = { viewport: { width: 320, height: 700 }, locale: 'ar' };
    const { page } = await place.open(`/services/${world.service}`, {}, options);
    await page.getByRole('link', { name: HOSTILE }).waitFor();
    await expectNoSidewaysScroll(page);
    await expectAccessible(page);
    await page.getByRole('link', { name: HOSTILE }).click();
    await page.getByRole('heading', { name: HOSTILE, level: 1 }).waitFor();
    await expectNoSidewaysScroll(page);
    await expectAccessible(page);
    expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false);
  });
});
