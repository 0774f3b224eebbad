// The simulator: a customer who is nobody, everything else real, and the trace of what they cause.
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { until } from '../parties/call.ts';
import { expectAccessible } from './axe.ts';
import { consolePlace, expectNoSidewaysScroll } from './console.ts';

describe('The simulator', () => {
  const place = consolePlace();
  const chat = (page: Page) => page.getByRole('log', { name: 'What the customer sees' });
  const trace = (page: Page) => page.getByRole('region', { name: 'Live trace' });
  const say = async (page: Page, words: string): Promise<void> => {
    await page.getByRole('textbox', { name: 'Say as the customer' }).fill(words);
    await page.getByRole('button', { name: 'Send' }).click();
  };
  const addressOf = (page: Page) => page.locator('code').filter({ hasText: /^sim-/ }).first().textContent();
  const choose = async (page: Page, id: string): Promise<void> => {
    await page.goto(`${place.box.base}/console/simulator?asset=${id}`);
    await page.getByRole('heading', { name: 'Live trace' }).waitFor();
  };

  it('asks for an asset where there is none', async () => {
    const { page } = await place.open('/simulator', { role: 'developer' });
    await page.getByRole('heading', { name: 'There is no address to write to' }).waitFor();
    await page.getByRole('link', { name: 'Add an asset' }).waitFor();
    await expectAccessible(page);
  });

  it('says something as the customer, shows why the bot was asked, and presses what the bot offers', async () => {
    const world = await place.world();
    const { page } = await place.open('/simulator');
    await choose(page, world.channel.asset.id);
    await expectAccessible(page);
    await say(page, 'Where is my parcel?');
    await chat(page).getByText('Where is my parcel?').waitFor();
    const address = (await addressOf(page)) as string;
    const heard = await until('the bot hears it', () => world.bot.heard(address)[0]);
    await trace(page).getByText('no conditions').waitFor();
    await trace(page)
      .getByText(/Attempt 1/)
      .first()
      .waitFor();
    const quick_replies = [{ title: 'Track it', payload: 'TRACK' }, { title: 'Never mind' }];
    await world.bot.say(heard.body.Conversationid, 'What shall I do?', { quick_replies });
    await chat(page).getByRole('button', { name: 'Track it' }).click();
    await until('the bot hears the press', () => world.bot.words(address).includes('TRACK'));
    await trace(page).getByText('Simulated customer; nothing left.').first().waitFor();
    expect(world.channel.posts).toEqual([]);
    await expectAccessible(page);
    await page.reload();
    await chat(page).getByText('Where is my parcel?').waitFor();
  });

  it('plays: a duplicate counts once, receipts come in any order, a burst keeps its order', async () => {
    const world = await place.world();
    const { page } = await place.open('/simulator');
    await choose(page, world.channel.asset.id);
    await page.getByRole('button', { name: 'Duplicate' }).click();
    await page.getByText('The same again: taken as a duplicate, without effect.').waitFor();
    const address = (await addressOf(page)) as string;
    const heard = await until('the bot hears it', () => world.bot.heard(address)[0]);
    expect(world.bot.words(address)).toEqual(['Once only, please']);
    await world.replies(heard.body.Conversationid, 'Yes?');
    await chat(page).getByText('Yes?').waitFor();
    await page.getByRole('button', { name: 'Out of order' }).click();
    await page.getByText('The message stays read.').waitFor();
    await trace(page)
      .getByText(/· read/)
      .waitFor();
    await page.getByRole('button', { name: 'Burst' }).click();
    await page.getByText('10 messages went in.').waitFor();
    await until('the bot hears all', () => world.bot.words(address).length === 11);
    const { data } = await place.box.must('GET', `/threads?q=${address}`);
    const { data: items } = await place.box.must('GET', `/threads/${data[0].id}/timeline?limit=100`);
    const said = items.flatMap((item: { message?: { text: string } }) => (item.message ? [item.message.text] : []));
    expect(world.bot.words(address)).toEqual(said.filter((text: string) => text !== 'Yes?'));
  });

  it('plays: a desk takes the line in mid-turn, and the late word of the bot is refused', async () => {
    const world = await place.world({ rule: 'bot' });
    await world.addDesk();
    world.bot.reply = () => ({ ...world.bot.ok(), delayMs: 1_500 });
    const { page } = await place.open('/simulator');
    await choose(page, world.channel.asset.id);
    // There are other desks in the house: which one it is, is chosen once the screen knows them.
    const { name } = await place.box.must('GET', `/desks/${world.desk.id}`);
    await page.getByRole('combobox', { name: 'Desk of the take-over' }).click();
    await page.getByRole('option', { name }).click();
    await page.getByRole('button', { name: 'Take-over in mid-turn' }).click();
    await page.getByText(/The desk has the line, epoch 2/).waitFor();
    const address = (await addressOf(page)) as string;
    const heard = await until('the bot hears it', () => world.bot.told(address)[0]);
    const late = await world.bot.say(heard.body.Conversationid, 'too late');
    expect(late.status).toBe(409);
    await trace(page).getByText('message.refused').waitFor();
    expect(await chat(page).getByText('too late').count()).toBe(0);
  });

  it('lays a fault over a bot for this customer, which never makes it inactive', async () => {
    const world = await place.world();
    const { page } = await place.open('/simulator');
    await choose(page, world.channel.asset.id);
    const { name } = await place.box.must('GET', `/bots/${world.bot.id}`);
    const faults = page.getByRole('region', { name: 'Faults of a bot' });
    await faults.getByRole('combobox', { name: 'Bot' }).click();
    await page.getByRole('option', { name }).click();
    await faults.getByText('500', { exact: true }).click();
    await faults.getByText('Attempts are answered 500.').waitFor();
    await faults.getByText(/do not count against the bot/).waitFor();
    await expectAccessible(page);
    await say(page, 'into the void');
    await trace(page).getByText('Retrying').waitFor();
    const address = (await addressOf(page)) as string;
    expect(world.bot.told(address)).toEqual([]);
    expect(await world.botStatus()).toBe('active');
    await page.getByRole('button', { name: 'New customer' }).click();
    await page.getByRole('heading', { name: 'Nothing was said yet' }).waitFor();
    await say(page, 'as somebody else');
    const other = (await addressOf(page)) as string;
    expect(other).not.toBe(address);
    await until('the bot hears the other', () => world.bot.words(other).includes('as somebody else'));
  });

  it('shows what bots and people wrote as words and nothing else', async () => {
    const world = await place.world();
    const bad = '<img src=x onerror="window.broken=1">';
    const { page } = await place.open('/simulator');
    await choose(page, world.channel.asset.id);
    await page.getByRole('textbox', { name: "Customer's name" }).fill(bad);
    await say(page, bad);
    const address = (await addressOf(page)) as string;
    const heard = await until('the bot hears it', () => world.bot.heard(address)[0]);
    const quick_replies = [{ title: bad, payload: bad }];
    const media = [{ url: 'https://elsewhere.example/a', type: 'image/png', name: bad }];
    await world.bot.say(heard.body.Conversationid, bad, { quick_replies, media });
    await chat(page).getByRole('button', { name: bad }).waitFor();
    await trace(page).getByText(bad).first().waitFor();
    expect(await page.getByRole('main').locator('img').count()).toBe(0);
    expect(await page.evaluate(() => 'broken' in window)).toBe(false);
  });

  it('fits on a small telephone, from the right too', async () => {
    const options = { viewport: { width: 320, height: 640 }, locale: 'ar' };
    const { page } = await place.open('/simulator', {}, options);
    await page.getByRole('heading', { name: 'الأثر الحي' }).waitFor();
    await expectNoSidewaysScroll(page);
    await expectAccessible(page);
  });
});
