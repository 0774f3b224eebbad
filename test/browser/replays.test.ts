// Bulk replay in the console: counted before it begins, watched while it runs, paused, reloaded, gone on with after a
// restart of the program, cancelled; and what could not be sent again is listed.
import { describe, expect, it } from 'vitest';
import { until } from '../parties/call.ts';
import type { World } from '../parties/world.ts';
import { expectAccessible } from './axe.ts';
import { consolePlace, expectNoSidewaysScroll } from './console.ts';

const place = consolePlace();
const BATCH = 100;

/** So many customers say one thing each. */
async function many(world: World, count: number): Promise<void> {
  for (let from = 0; from < count; from += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, count - from) }, (_, index) => {
      const address = world.newcomer();
      return {
        type: 'message',
        id: `${address}-${from + index}`,
        from: { address },
        message: { type: 'text', text: 'hello' },
      };
    });
    expect((await world.channel.post(batch)).status).toBe(202);
  }
}

const countOf = async (world: World, status: string): Promise<number> =>
  (await place.box.must('POST', '/replays', { filter: { status, target: world.bot.id }, dry_run: true })).count;

describe('A replay of many deliveries', () => {
  it('is counted, started, paused in the middle, survives a reload and a restart, comes to its end, or is cancelled', async () => {
    const world = await place.world({ rule: 'bot', bot: { name: 'Helper', max_in_flight: 64 } });
    const total = 3_000;
    await many(world, total);
    await until('all are delivered', async () => (await countOf(world, 'delivered')) === total, 60_000);

    const { page } = await place.open(`/deliveries?status=delivered&target=${world.bot.id}`, { role: 'developer' });
    await page.getByRole('link', { name: 'Replay these…' }).click();
    await page.getByRole('heading', { level: 1, name: 'Replays' }).waitFor();
    await page.getByRole('heading', { name: 'No replay yet' }).waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Count them' }).click();
    await page.getByText('3,000 deliveries would be sent again').waitFor();
    await page.getByRole('button', { name: 'Start the replay' }).click();
    await page.getByRole('dialog').getByText('Status: Delivered · To: Helper').waitFor();
    // As fast as no person is: the task must still run when the word to pause comes.
    await page.evaluate(`{
      const watch = new MutationObserver(() => {
        const pause = [...document.querySelectorAll('article button')].find((one) => one.textContent === 'Pause');
        if (!pause) return;
        watch.disconnect();
        pause.click();
      });
      watch.observe(document.body, { childList: true, subtree: true });
    }`);
    await page.getByRole('dialog').getByRole('button', { name: 'Start the replay' }).click();
    const task = page.getByRole('article', { name: 'Replay' });
    await task.getByText('Paused').waitFor();
    await page.reload();
    await task.getByText('Paused').waitFor();
    // The step that was under way when the word came is still counted.
    const halted = async () => (await place.box.must('GET', '/replays')).data[0];
    await until('it had begun', async () => (await halted()).done > 0);
    await place.box.restart();
    const { id, done } = await halted();
    expect(done).toBeLessThan(total);
    await page.reload();
    await task.getByText('Paused').waitFor();
    await task.getByText(`${done.toLocaleString('en')} of 3,000`).waitFor();
    await expectAccessible(page);
    // A reload takes back what the window had not sent yet.
    const resumed = page.waitForResponse((answer) => answer.request().method() === 'PATCH');
    await task.getByRole('button', { name: 'Resume' }).click();
    await resumed;
    await page.reload();
    await task.getByText('3,000 of 3,000').waitFor();
    await task.getByText('Done').waitFor();
    await task.getByText(/a second$/).waitFor();
    await task.getByRole('button', { name: 'Pause' }).waitFor({ state: 'detached' });
    expect(await place.box.must('GET', `/replays/${id}`)).toMatchObject({ done: total, failed: 0 });
    await until('all are delivered again', async () => (await countOf(world, 'delivered')) === 2 * total, 60_000);

    const again = await place.box.must('POST', '/replays', { filter: { target: world.bot.id } });
    await place.box.must('PATCH', `/replays/${again.id}`, { status: 'paused' });
    await task.filter({ hasText: 'Paused' }).getByRole('button', { name: 'Cancel the replay' }).click();
    await page.getByRole('dialog').getByText('stays sent').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel the replay' }).click();
    await task.getByText('Cancelled').waitFor();
    expect(await place.box.must('GET', `/replays/${again.id}`)).toMatchObject({ status: 'cancelled' });
    place.windows.forgive(/Failed to load resource|ERR_|^503 /);
  });

  it('lists what could not be sent again, with links', async () => {
    const world = await place.world({ rule: 'bot', unverified: true, bot: { name: 'Sleeper' } });
    await many(world, 120);
    await until('all are parked', async () => (await countOf(world, 'parked')) === 120, 20_000);
    const path = `/replays?status=parked&target=${world.bot.id}`;
    const viewport = { width: 320, height: 640 };
    const { page } = await place.open(path, { role: 'developer' }, { viewport });
    await page.getByRole('button', { name: 'Count them' }).click();
    await page.getByRole('button', { name: 'Start the replay' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Start the replay' }).click();
    const task = page.getByRole('article', { name: 'Replay' }).first();
    await task.getByText('120 not sent').waitFor();
    await task.getByText('What could not be sent again: 120 deliveries').click();
    await task.getByText('The first 100 are kept and listed.').waitFor();
    await expect.poll(() => task.getByRole('listitem').count(), { timeout: 20_000 }).toBe(100);
    await expectNoSidewaysScroll(page);
    await expectAccessible(page);
    await task.getByRole('link').first().click();
    await page.getByText('Kept in order until its target is active again').waitFor();
  });

  it('may be watched by those who may not start one', async () => {
    const { page } = await place.open('/replays', { role: 'viewer' });
    await page.getByRole('article', { name: 'Replay' }).first().waitFor();
    expect(await page.getByRole('button', { name: 'Count them' }).count()).toBe(0);
    await expectAccessible(page);
  });
});
