// Conversations in the console: the list and its filters, one conversation with its ribbon, its whys and its ticks, what
// can be done with the line by hand, and that what customers write is text and nothing else.
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Loose, until } from '../parties/call.ts';
import type { World } from '../parties/world.ts';
import { expectAccessible } from './axe.ts';
import { consolePlace, expectNoSidewaysScroll } from './console.ts';

const HOSTILE = [
  '<img src=x onerror="window.pwned=1">',
  '"><script>window.pwned=1</script>',
  "javascript:window.pwned=1//'",
  '<svg/onload=window.pwned=1>',
  '{{constructor.constructor("window.pwned=1")()}}',
  '\u202Egnp.exe<b>',
];

const place = consolePlace();
let world: World;
beforeAll(async () => {
  world = await place.world({ rule: 'none', bot: { name: 'Helper' }, desk: { name: 'Support desk' } });
  const trigger = { event: 'message.received', asset_id: world.channel.asset.id };
  const action = { type: 'forward_to_bot_and_desk', bot_id: world.bot.id, desk_id: world.desk.id };
  const conditions = { field: 'message.text', op: 'contains', value: 'invoice' };
  await world.addRule(trigger, action, { name: 'Invoices first', conditions });
  await world.addRule(trigger, action, { name: 'Everybody else' });
});

/** What a screen says is waited for: names come after what they name. */
const SOON = { timeout: 20_000 };

const ribbonOf = (page: Page): Promise<string[]> =>
  page.getByRole('list', { name: 'Who had the line' }).getByRole('listitem').allInnerTexts();

describe('The list of conversations', () => {
  it('is live, is filtered by its address, and opens by keyboard', async () => {
    const { page } = await place.open('/threads', { role: 'viewer' });
    const line = await world.meet('Good day');
    const row = page.getByRole('row').filter({ hasText: line.address });
    await row.getByText('Helper: Good day').waitFor();
    await row.getByText('Answered').waitFor();
    await world.says(line.address, 'and now?');
    await row.getByText('Waiting').waitFor();

    await page.getByRole('searchbox', { name: 'Customer' }).fill(line.address);
    await page.waitForURL(`**/threads?q=${line.address}`);
    await page.getByRole('combobox', { name: 'Holder' }).selectOption({ label: 'Support desk' });
    await page.getByRole('heading', { name: 'No conversation fits' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'No conversation fits' }).waitFor();
    expect(await page.getByRole('searchbox', { name: 'Customer' }).inputValue()).toBe(line.address);
    await page.getByRole('combobox', { name: 'Holder' }).selectOption({ label: 'Helper' });
    await page.getByRole('combobox', { name: 'State' }).selectOption({ label: 'Waiting for an answer' });
    await row.waitFor();
    await expectAccessible(page);

    await page.getByRole('heading', { level: 1 }).focus();
    await page.keyboard.press('j');
    await page.locator('[data-row-link]:focus').waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: line.address }).waitFor();
  });

  it('says what to do when there is nothing, and fits on a small telephone', async () => {
    const { page } = await place.open(
      '/threads?q=nobody-is-called-so',
      { role: 'viewer' },
      { viewport: { width: 320, height: 640 } },
    );
    await page.getByRole('link', { name: 'Clear the filters' }).click();
    await page.getByRole('table', { name: 'Conversations' }).waitFor();
    expect(new URL(page.url()).search).toBe('');
    await expectNoSidewaysScroll(page);
    await expectAccessible(page);
  });
});

describe('One conversation', () => {
  it('shows who had the line through a handover and back, live', async () => {
    const line = await world.meet('Good day');
    const { page } = await place.open(`/threads/${line.thread}`, { role: 'viewer' });
    await page.getByRole('article').getByText('Good day').waitFor();
    await expect.poll(() => ribbonOf(page), SOON).toEqual([expect.stringContaining('Helper')]);
    const { body } = await world.bot.handOver(line.conversation, {
      reason: 'asked for a person',
      customparam1: 'gold',
    });
    await page.getByRole('listitem').filter({ hasText: 'Waiting for Support desk' }).first().waitFor();
    await world.desk.tell('conversation.accepted', body.desk_conversation_id, { agent: 'Maya' });
    await page.getByText('Accepted by Maya').waitFor();
    await world.desk.say(body.desk_conversation_id, 'Maya here', { agent: 'Maya' });
    await page.getByText('Maya here').waitFor();
    await world.desk.finish(body.desk_conversation_id, 'solved');
    const names = async () => (await ribbonOf(page)).map((words) => words.split('\n')[0]);
    await expect.poll(names, SOON).toEqual(['Helper', 'Waiting for Support desk', 'Maya', 'Helper']);

    await page.getByText('As a list, with who did it and why').click();
    const table = page.getByRole('region', { name: 'As a list' }).getByRole('table');
    const rowOf = async (index: number) => (await table.getByRole('row').allInnerTexts())[index] ?? '';
    await expect.poll(() => rowOf(2), SOON).toMatch(/Waiting for Support desk\s+Helper\s+asked for a person\s+2/);
    await expect.poll(() => rowOf(4), SOON).toMatch(/Helper\s+Support desk\s+solved\s+3/);
    await page.getByText('gold').waitFor();
    expect(await page.getByRole('button', { name: 'Transfer' }).count()).toBe(0);
    await expectAccessible(page);
  });

  it('says of a message why it went there: the rules that were looked at, and the one that won', async () => {
    const address = world.newcomer();
    await world.says(address, 'where is my parcel?');
    const post = await until('the bot hears it', () => world.bot.heard(address)[0]);
    const { thread_id } = await place.box.must('GET', `/conversations/${post.body.Conversationid}`);
    const { page } = await place.open(`/threads/${thread_id}`, { role: 'viewer' });
    await page.getByRole('button', { name: 'Why here?' }).click();
    const why = page.getByRole('region', { name: 'Why here' });
    await why.getByText('Decided by the rule').waitFor();
    const looked = async (index: number) => (await why.getByRole('listitem').allInnerTexts())[index] ?? '';
    const first = /Invoices first did not match.*message\.text not contains “invoice”/s;
    await expect.poll(() => looked(0), SOON).toMatch(first);
    await expect.poll(() => looked(1), SOON).toMatch(/Everybody else won.*it has no conditions/s);
    await why.getByRole('link', { name: 'Everybody else' }).waitFor();
    await expectAccessible(page);
  });

  it('is linked to by message, however far back, with its attempts there', async () => {
    const line = await world.meet();
    const [first] = (await place.box.must('GET', `/threads/${line.thread}/timeline?limit=1`)).data;
    const batch = Array.from({ length: 60 }, (_, index) => ({
      type: 'message',
      id: `${line.address}-${index}`,
      from: { address: line.address },
      message: { type: 'text', text: `message ${index}` },
    }));
    expect((await world.channel.post(batch)).status).toBe(202);
    await until('all are heard', () => world.bot.heard(line.address).length === 61);
    const { page } = await place.open(`/threads/${line.thread}#${first.message.id}`, { role: 'viewer' });
    const message = page.locator(`[id="${first.message.id}"]`);
    await message.getByText('hello').waitFor();
    await until('it is in view', () =>
      message.evaluate((it) => {
        const { top } = it.getBoundingClientRect();
        return top > 0 && top < innerHeight;
      }),
    );
    await message.getByRole('group').filter({ hasText: 'Message · Helper' }).locator('summary').first().click();
    await message.getByText('Attempt 1').waitFor();
    await message.getByRole('img', { name: /in all/ }).waitFor();
    await expectAccessible(page);
  });

  it('shows ticks by the word of the channel', async () => {
    const line = await world.meet('Good day');
    const { page } = await place.open(`/threads/${line.thread}`, { role: 'viewer' });
    await page.getByText('Sent to the customer').waitFor();
    const id: string = world.channel.delivered(line.address)[0]?.body.message_id;
    await world.channel.receipt(id, 'delivered');
    await page.getByText('Delivered to the customer').waitFor();
    await world.channel.receipt(id, 'read');
    await page.getByText('Read by the customer').waitFor();
  });

  it('takes notes, which keep their words when they are refused, and never leave', async () => {
    const line = await world.meet('Good day');
    const { page } = await place.open(`/threads/${line.thread}`, { role: 'agent' });
    await page.route('**/notes', (route) => route.abort(), { times: 1 });
    const field = page.getByRole('textbox', { name: 'Note for colleagues' });
    await field.fill('be careful <b>here</b>');
    await page.getByRole('button', { name: 'Add note' }).click();
    await page.getByRole('alert').getByText('The server does not answer').waitFor();
    place.windows.forgive(/Failed to load resource/);
    expect(await field.inputValue()).toBe('be careful <b>here</b>');
    await page.getByRole('button', { name: 'Add note' }).click();
    await page.getByRole('article', { name: 'Note', exact: true }).getByText('be careful <b>here</b>').waitFor();
    // The feed may tell of the note before the answer to it empties the field.
    await expect.poll(() => field.inputValue(), SOON).toBe('');
    expect(JSON.stringify(world.bot.told(line.address))).not.toContain('be careful');
  });
});

describe('The line, moved by hand', () => {
  it('goes to a desk and is given back to the bot, each with its reason', async () => {
    const line = await world.meet('Good day');
    const { page } = await place.open(`/threads/${line.thread}`, { role: 'developer' });
    await page.getByRole('button', { name: 'Transfer' }).click();
    const form = page.getByRole('dialog');
    await form.waitFor();
    await expectAccessible(page);
    await form.getByRole('textbox', { name: 'Reason' }).fill('too hard for a bot');
    await form.getByRole('button', { name: 'Transfer' }).click();
    // It fades: meanwhile there would be two of them.
    await form.waitFor({ state: 'detached' });
    await until('the desk is offered it', () => world.desk.offers(line.address)[0]);
    await page.getByText('too hard for a bot').first().waitFor();
    await page.getByRole('button', { name: 'Give back to the bot' }).click();
    await form.getByRole('textbox', { name: 'Reason' }).fill('a mistake');
    await form.getByRole('button', { name: 'Give back to the bot' }).click();
    await until('the bot has it', async () => (await world.holder(line.thread)).type === 'bot');
    await until('it is seen', async () => (await ribbonOf(page)).length === 3);
  });

  it('is taken over at a console desk, and closed there with a reason', async () => {
    const desk = await place.box.must('POST', '/desks', { name: 'Our desk', kind: 'console' });
    await place.box.must('POST', `/desks/${desk.id}/verification`, {});
    await place.box.must('PUT', `/services/${world.service}/integrations/${desk.id}`);
    const line = await world.meet('Good day');
    const person = await place.person('agent');
    const { page } = await place.open(`/threads/${line.thread}`, { person });
    await page.getByRole('button', { name: 'Take over' }).click();
    const form = page.getByRole('dialog');
    await form.getByRole('textbox', { name: 'Reason' }).fill('I know them');
    await form.getByRole('button', { name: 'Take over' }).click();
    await page.waitForURL(/\/console\/inbox/);
    const { holder } = await world.thread(line.thread);
    expect(holder).toMatchObject({ type: 'desk', id: desk.id, phase: 'accepted', agent: person.name });
    await page.goto(`${place.box.base}/console/threads/${line.thread}`);
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    await form.getByRole('textbox', { name: 'Reason' }).fill('all said');
    await form.getByRole('button', { name: 'Close', exact: true }).last().click();
    await until('the bot has it', async () => (await world.holder(line.thread)).type === 'bot');
    await page.getByText('all said').first().waitFor();
  });
});

describe('What customers and bots write', () => {
  it('is text, wherever it is shown: names, messages, buttons, files, attributes', async () => {
    const address = world.newcomer();
    for (const [index, text] of HOSTILE.entries()) {
      const media =
        index === 0 ? [{ url: 'https://elsewhere.example/x.png', type: 'image/png', name: HOSTILE[1] }] : [];
      const answer = await world.channel.says(address, text, {
        from: { address, name: HOSTILE[1] },
        message: { type: media.length > 0 ? 'image' : 'text', text, media },
      });
      expect(answer.status).toBe(202);
    }
    const post: Loose = await until('the bot hears them', () => world.bot.heard(address)[HOSTILE.length - 1]);
    const conversation = post.body.Conversationid;
    await world.replies(conversation, HOSTILE[0] ?? '', {
      quick_replies: [{ title: HOSTILE[1], payload: HOSTILE[2] }],
      customparam1: HOSTILE[3],
    });
    const { thread_id } = await place.box.must('GET', `/conversations/${conversation}`);
    const { page } = await place.open('/threads', { role: 'agent' });
    await page.getByRole('link', { name: HOSTILE[1] }).first().click();
    await page.getByRole('heading', { level: 1, name: HOSTILE[1] }).waitFor();
    expect(page.url()).toContain(thread_id);
    for (const text of HOSTILE) await page.getByText(text, { exact: true }).first().waitFor();
    const { data } = await place.box.must('GET', `/threads/${thread_id}/timeline?limit=100`);
    for (const { message } of data.filter((item: Loose) => item.type === 'message')) {
      const line = page.locator(`[id="${message.id}"]`);
      await line.getByRole('button', { expanded: false }).click();
      await line.locator('summary', { hasText: 'Raw JSON' }).last().waitFor();
      // From below: what opens has folds of its own.
      for (const summary of (await line.locator('summary').all()).toReversed()) await summary.click();
      await line.getByRole('region', { name: 'Raw JSON' }).last().waitFor();
    }
    // The file is named, not loaded: a request to another host would be a fault of the window.
    await page.getByRole('link', { name: 'Open at elsewhere.example in a new tab' }).waitFor();
    expect(await page.evaluate('window.pwned')).toBeUndefined();
    expect(await page.locator('main script, main svg[onload], main img[onerror], main iframe').count()).toBe(0);
    const hrefs = await page.locator('a').evaluateAll((all) => all.map((one) => (one as HTMLAnchorElement).protocol));
    expect(hrefs.filter((protocol) => !/^https?:$/.test(protocol))).toEqual([]);
  });

  it('fits on a small telephone, in Arabic from the right', async () => {
    const line = await world.meet('Good day');
    const options = { viewport: { width: 320, height: 700 } };
    const { page } = await place.open('/threads', { role: 'agent' }, options);
    await page.evaluate("localStorage.setItem('signalbox-locale', 'ar')");
    await page.goto(`${place.box.base}/console/threads/${line.thread}`);
    await page.getByRole('heading', { name: 'من تولى الخط' }).waitFor();
    await page.getByRole('button', { name: 'لماذا هنا؟' }).first().click();
    await page.getByText('قررته القاعدة').waitFor();
    expect(await page.locator('html').getAttribute('dir')).toBe('rtl');
    await expectNoSidewaysScroll(page);
    await expectAccessible(page);
  });
});
