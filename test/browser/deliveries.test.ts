// Deliveries in the console: found by filters, looked at with each attempt, tried now, sent again, settled by hand.
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { beforeAll, describe, expect, it } from 'vitest';
import { until } from '../parties/call.ts';
import type { World } from '../parties/world.ts';
import { expectAccessible } from './axe.ts';
import { consolePlace, expectNoSidewaysScroll } from './console.ts';

const place = consolePlace();
let world: World;
beforeAll(async () => {
  const settings = { name: 'Helper', failure_threshold: 100, retry_spacing_s: [900], take_within_s: 86_400 };
  world = await place.world({ rule: 'bot', bot: settings });
});

/** A customer's message that the bot failed to take; gives the delivery's id once it waits for its next attempt. */
async function failing(status = 500): Promise<{ id: string; address: string }> {
  world.bot.reply = () => ({ status, body: { error: '<b>the database is down</b>', was: world.bot.token } });
  const address = world.newcomer();
  await world.says(address, 'is anybody there?');
  const post = await until('the bot is tried', () => world.bot.told(address)[0]);
  const query = `target=${world.bot.id}&conversation_id=${post.body.Conversationid}&status=retrying`;
  const { id } = await until('it waits', async () => (await world.deliveries(query))[0]);
  return { id, address };
}

describe('A delivery that failed', () => {
  it('is found by its filters, says how each attempt went, and is tried now when the bot is mended', async () => {
    const { id, address } = await failing();
    const { page } = await place.open('/deliveries', { role: 'developer' });
    await page.getByRole('combobox', { name: 'Status' }).selectOption({ label: 'Retrying' });
    await page.getByRole('combobox', { name: 'To' }).selectOption({ label: 'Helper' });
    await page.getByRole('combobox', { name: 'When' }).selectOption({ label: 'Last hour' });
    await page.waitForURL(new RegExp(`status=retrying&target=${world.bot.id}&since=`));
    await page.reload();
    const found = page.getByRole('row').filter({ hasText: 'Answered 500' }).getByRole('link');
    await found.waitFor();
    await expectAccessible(page);
    await found.click();
    await page.waitForURL(`**/deliveries/${id}`);
    await page.getByRole('heading', { level: 1, name: 'Message to Helper' }).waitFor();
    await page.getByText('Attempt 1').first().waitFor();
    await page.getByRole('img', { name: '1 attempt on a line of time' }).waitFor();
    await page.getByRole('timer').first().waitFor();
    await page.getByText('Answer', { exact: true }).click();
    await page.getByRole('region', { name: 'Answer' }).getByText('<b>the database is down</b>').waitFor();
    await expectAccessible(page);

    world.bot.reply = () => world.bot.ok();
    await page.getByRole('button', { name: 'Retry now' }).click();
    await page.getByText('The target has acknowledged it.').waitFor();
    await page.getByText('Attempt 2').waitFor();
    expect(world.bot.told(address)).toHaveLength(2);
    expect(new Set(world.bot.told(address).map((post) => post.headers['webhook-id'])).size).toBe(1);
  });

  it('is shown as a command without its secrets', async () => {
    const { id } = await failing();
    const { page } = await place.open(`/deliveries/${id}`, { role: 'viewer' });
    await page.getByRole('button', { name: 'Show the command' }).click();
    const command = await page.getByRole('region', { name: 'Copy as cURL' }).innerText();
    expect(command).toMatch(/^curl -X POST 'http/);
    expect(command).toContain(`-H 'webhook-signature: <WEBHOOK_SIGNATURE>'`);
    expect(command).toContain('"Message":"is anybody there?"');
    const all = await page.content();
    for (const secret of [world.bot.token, ...world.bot.secrets]) expect(all).not.toContain(secret);
    expect(await page.getByRole('button', { name: 'Retry now' }).count()).toBe(0);
  });

  it('is sent again after it died, as a new one that leads to its conversation', async () => {
    const { id, address } = await failing();
    await place.box.advance(16 * 60_000);
    await until('it is dead', async () => (await world.delivery(id)).status === 'dead');
    const { page } = await place.open(`/deliveries/${id}`, { role: 'developer' });
    await page.getByText('All attempts failed.').waitFor();
    await page.getByRole('img', { name: '2 attempts on a line of time' }).waitFor();
    world.bot.reply = () => world.bot.ok();
    await page.getByRole('button', { name: 'Replay' }).click();
    await page.waitForURL((url) => /deliveries\/dlv_/.test(url.pathname) && !url.pathname.endsWith(id));
    await page.getByText('The target has acknowledged it.').waitFor();
    await page.getByText('Sent again by hand').waitFor();
    expect(world.bot.told(address).at(-1)?.body.Signalbox.Replay).toBe(true);
    // Delivered: sending it once more asks first.
    await page.getByRole('button', { name: 'Replay' }).click();
    await page
      .getByRole('dialog')
      .getByText(/a second time/)
      .waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('link', { name: 'Show it there' }).click();
    await page.getByRole('heading', { level: 1, name: address }).waitFor();
    await page.getByRole('region', { name: 'Why here' }).waitFor();
  });

  it('fits on a small telephone', async () => {
    const { id } = await failing();
    const viewport = { width: 320, height: 640 };
    const { page } = await place.open(`/deliveries/${id}`, { role: 'developer' }, { viewport });
    await page.getByRole('button', { name: 'Retry now' }).waitFor();
    await expectNoSidewaysScroll(page);
    await page.goto(`${place.box.base}/console/deliveries?status=retrying`);
    await page.getByRole('table', { name: 'Deliveries' }).waitFor();
    await expectNoSidewaysScroll(page);
  });
});

describe('A delivery of which nobody knows whether it arrived', () => {
  it('is settled by a person, who is asked what they saw', async () => {
    world.bot.reply = () => world.bot.ok();
    const line = await world.meet();
    await world.channel.down();
    await world.bot.say(line.conversation, 'did you get this?');
    const query = `target=${world.channel.asset.id}&thread_id=${line.thread}`;
    const { id } = await until('it failed once', async () => (await world.deliveries(`${query}&status=retrying`))[0]);
    // Only channels that take no idempotency key leave this open; what they would leave is put on the disk.
    await place.box.stop();
    const disk = new DatabaseSync(join(place.box.data, 'signalbox.db'));
    disk.prepare("UPDATE deliveries SET status = 'held', not_before = 0 WHERE id = ?").run(id);
    disk.close();
    await place.box.start();
    await world.channel.up();
    const { page } = await place.open('/deliveries?status=held', { role: 'developer' });
    await page.getByRole('row').filter({ hasText: 'Held' }).getByRole('link').click();
    await page.getByText('Look at the channel').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'It arrived' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'It arrived' }).click();
    await page.getByText('The target has acknowledged it.').waitFor();
    expect(await world.delivery(id)).toMatchObject({ status: 'delivered' });
    expect(world.channel.texts(line.address)).not.toContain('did you get this?');
  });
});
