// The inbox of agents: from a customer who was handed over to the bot that has them again, by hand and by keys alone.
import { describe, expect, it } from 'vitest';
import { until } from '../parties/call.ts';
import { expectAccessible } from './axe.ts';
import { consolePlace, expectNoSidewaysScroll, hasFocus, hold } from './console.ts';
import {
  accept,
  acceptButton,
  addConsoleDesk,
  answerField,
  goOnline,
  makeCounter,
  noteField,
  row,
  transcript,
} from './desk-place.ts';

describe('The inbox', () => {
  const place = consolePlace();

  it('says what a desk of agents is for where there is none, and how to get one', async () => {
    const { page } = await place.open('/inbox', { role: 'admin' });
    await page.getByRole('heading', { name: 'No desk of agents yet' }).waitFor();
    await page.getByRole('link', { name: 'Add a desk' }).waitFor();
    await expectAccessible(page);
  });

  it('lets one of two agents have a customer, and tells the other who has them', async () => {
    const counter = await makeCounter(place);
    const people = [await place.person('agent'), await place.person('agent')] as const;
    const [{ page: fast }, { page: late }] = [
      await place.open('/inbox', { person: people[0] }),
      await place.open('/inbox', { person: people[1] }),
    ];
    await Promise.all([goOnline(fast), goOnline(late)]);
    await counter.waits('Racing customer');
    for (const page of [fast, late]) {
      await row(page, 'Racing customer').click();
      await acceptButton(page).waitFor();
      await transcript(page).getByText('One moment, please.').waitFor();
    }
    // Both press before either sees that the other did: the later request is held on its way.
    const arrive = await hold(late, '**/accept');
    await acceptButton(late).click();
    await acceptButton(fast).click();
    await answerField(fast).waitFor();
    arrive();
    await late.getByText('Somebody was faster').waitFor();
    await late.getByText(`${people[0].name} has this conversation`).first().waitFor();
    await acceptButton(late).waitFor({ state: 'detached' });
    expect(await answerField(late).count()).toBe(0);
    await late.getByRole('tab', { name: /Colleagues/ }).click();
    await row(late, 'Racing customer').waitFor();
    await fast.getByRole('tab', { name: /Mine/, selected: true }).waitFor();
  });

  it('carries a customer from the bot to a person and back to the bot', async () => {
    const counter = await makeCounter(place);
    const person = await place.person('agent');
    const { page } = await place.open('/inbox', { person });
    await goOnline(page);
    const line = await counter.waits('Greta', 'I need help');
    await row(page, 'Greta').click();
    await transcript(page).getByText('I need help').waitFor();
    await transcript(page).getByText('One moment, please.').waitFor();
    await page.getByRole('region', { name: 'Customer' }).getByText('gold member').waitFor();
    await expectAccessible(page);
    await accept(page);

    await answerField(page).fill('Good morning.\nHow can I help?');
    await answerField(page).press('Enter');
    await until('the customer has the answer', () =>
      counter.channel.texts(line.address).includes('Good morning.\nHow can I help?'),
    );
    const said = transcript(page).getByRole('article').filter({ hasText: 'How can I help?' });
    await said.getByText('Sent', { exact: true }).waitFor();
    const sent = counter.channel.delivered(line.address).at(-1)?.body;
    expect(sent?.author).toEqual({ type: 'agent', name: person.name });
    await counter.channel.receipt(sent?.message_id, 'read');
    await said.getByText('Read', { exact: true }).waitFor();

    await page.getByRole('radiogroup', { name: 'What you write' }).getByText('Note').click();
    await noteField(page).fill('Prefers to be called in the evening');
    await noteField(page).press('Enter');
    await transcript(page).getByText(`Note by ${person.name}`).waitFor();
    await expectAccessible(page);

    await page.getByRole('button', { name: 'Give back to the bot' }).click();
    await page.getByText('The bot has Greta again').waitFor();
    await counter.says(line.address, 'thank you');
    await until('the bot hears the customer again', () => counter.bot.words(line.address).includes('thank you'));
    await counter.replies(line.conversation, 'You are welcome.');
    await until('the bot answers again', () => counter.channel.texts(line.address).includes('You are welcome.'));
    const everything = [...counter.channel.posts, ...counter.bot.posts].map(({ raw }) => raw).join('\n');
    expect(everything).not.toContain('Prefers to be called');
  });

  it('can be worked in by keys alone', async () => {
    const counter = await makeCounter(place);
    const { page } = await place.open('/inbox', { role: 'agent' });
    await goOnline(page);
    const line = await counter.waits('Keyboard customer');
    await row(page, 'Keyboard customer').waitFor();
    const press = (...keys: string[]) =>
      keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await press('j');
    await acceptButton(page).waitFor();
    await press('Enter');
    await answerField(page).waitFor();
    await hasFocus(answerField(page));
    await page.keyboard.type('First line');
    await press('Shift+Enter');
    await page.keyboard.type('second line');
    await press('Enter');
    await until('the customer has the answer', () =>
      counter.channel.texts(line.address).includes('First line\nsecond line'),
    );
    await press('Escape', 'n');
    await hasFocus(noteField(page));
    await page.keyboard.type('by keys');
    await press('Enter');
    await transcript(page).getByText('by keys').waitFor();
    await press('Escape', 't');
    await page.getByRole('dialog', { name: 'Transfer Keyboard customer' }).waitFor();
    await expectAccessible(page);
    await press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await press('?');
    await page.getByRole('dialog').getByText('Give back to the bot').waitFor();
    await press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await press('e');
    const dialog = page.getByRole('dialog', { name: /Close the conversation/ });
    await hasFocus(dialog.getByRole('textbox', { name: 'Reason' }).or(dialog.getByRole('combobox')));
    await page.keyboard.type('answered by keys');
    await press('Escape', 'Enter');
    await page.getByText('The conversation with Keyboard customer is closed').waitFor();
    const closed = await place.box.must('GET', `/conversations/${line.deskConversation}`);
    expect(closed).toMatchObject({ status: 'closed', close_reason: 'answered by keys' });
  });

  it('keeps what was typed, and sends what failed again only once', async () => {
    const counter = await makeCounter(place);
    const { page } = await place.open('/inbox', { role: 'agent' });
    await goOnline(page);
    const [one, other] = [await counter.waits('Draft one'), await counter.waits('Draft two')];
    await row(page, 'Draft one').click();
    await accept(page);
    await answerField(page).fill('half a sentence');
    await page.getByRole('tab', { name: /Waiting/ }).click();
    await row(page, 'Draft two').click();
    await accept(page);
    await until('the other field is empty', async () => (await answerField(page).inputValue()) === '');
    await page.reload();
    await row(page, 'Draft one').click();
    await until('the draft is back', async () => (await answerField(page).inputValue()) === 'half a sentence');

    await page.route('**/messages', (route) =>
      route.request().method() === 'POST' ? route.abort() : route.continue(),
    );
    await answerField(page).press('Enter');
    await transcript(page).getByText('Failed').waitFor();
    place.windows.forgive(/net::ERR_FAILED/);
    await page.unroute('**/messages');
    await transcript(page).getByRole('button', { name: 'Try again' }).click();
    const sent = transcript(page).getByRole('article').filter({ hasText: 'half a sentence' });
    await sent.getByText('Sent', { exact: true }).waitFor();
    await until('the customer has it', () => counter.channel.texts(one.address).includes('half a sentence'));
    expect(counter.channel.texts(one.address).filter((text) => text === 'half a sentence')).toHaveLength(1);
    expect(counter.channel.texts(other.address)).not.toContain('half a sentence');
  });

  it('shows a file that an agent sends, and gives it to the customer', async () => {
    const counter = await makeCounter(place);
    const { page } = await place.open('/inbox', { role: 'agent' });
    await goOnline(page);
    const line = await counter.waits('Wants a picture');
    await row(page, 'Wants a picture').click();
    await accept(page);
    const dot = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNg+M/wHwAEAQH/7yMK/gAAAABJRU5ErkJggg==',
      'base64',
    );
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: '<b>dot</b>.png', mimeType: 'image/png', buffer: dot });
    await page
      .getByRole('list', { name: 'Attached files' })
      .getByRole('listitem')
      .and(page.locator('[aria-busy=false]'))
      .waitFor();
    await page.getByRole('button', { name: 'Send' }).click();
    const picture = transcript(page).locator('article img');
    await picture.waitFor();
    await until('the picture is drawn', () => picture.evaluate((img) => (img as HTMLImageElement).naturalWidth === 1));
    const sent = await until('the customer has it', () =>
      counter.channel.delivered(line.address).find(({ body }) => body.message.media?.length > 0),
    );
    expect(sent.body.message.media[0]).toMatchObject({ type: 'image/png' });
  });

  it('lets a colleague take over from who is away, and an administrator lend a hand', async () => {
    const counter = await makeCounter(place);
    const people = { owner: await place.person('agent'), other: await place.person('agent') };
    const { page: mine } = await place.open('/inbox', { person: people.owner });
    await goOnline(mine);
    const line = await counter.waits('Left alone');
    await row(mine, 'Left alone').click();
    await accept(mine);

    const { page: boss } = await place.open(`/inbox?tab=others&c=${line.deskConversation}`, { role: 'admin' });
    await boss.getByText(/you may answer by your own name/).waitFor();
    await answerField(boss).fill('A word from above');
    await answerField(boss).press('Enter');
    await transcript(mine).getByText('A word from above').waitFor();

    const { page: other } = await place.open(`/inbox?tab=others&c=${line.deskConversation}`, { person: people.other });
    await goOnline(other);
    await other.getByText(`${people.owner.name} has this conversation`).first().waitFor();
    expect(await other.getByRole('button', { name: 'Take over' }).count()).toBe(0);
    await mine.getByRole('button', { name: 'You are: Online' }).click();
    await mine.getByRole('menuitem', { name: /^Away/ }).click();
    await other.getByRole('button', { name: 'Take over' }).click();
    await other.getByRole('dialog').getByRole('button', { name: 'Take over' }).click();
    await answerField(other).waitFor();
    await mine.getByText(`${people.other.name} has this conversation`).first().waitFor();
  });

  it('shows who types, passes on to another desk, and rings in the title', async () => {
    const counter = await makeCounter(place);
    const second = await addConsoleDesk(place, counter.service, 'Second line');
    const { page } = await place.open('/inbox', { role: 'agent' });
    await goOnline(page);
    const asset_id = counter.channel.asset.id;
    const address = 'sim-typist';
    const says = (event: object) =>
      place.box.must('POST', '/simulator/events', { asset_id, address, name: 'Typist', event });
    await says({ type: 'message', message: { text: 'hello' } });
    const heard = await until('the bot hears it', () => counter.bot.heard(address)[0]);
    await counter.bot.handOver(heard.body.Conversationid);
    await row(page, 'Typist').click();
    await until('the title counts who waits', async () => /^\(\d+\) Inbox/.test(await page.title()));
    await accept(page);
    // It fades by itself: who types goes on.
    await until('it is seen that they type', async () => {
      await says({ type: 'typing', on: true });
      return page.getByText('Typist is typing…').isVisible();
    });
    await page.getByRole('button', { name: 'Transfer' }).click();
    const dialog = page.getByRole('dialog', { name: 'Transfer Typist' });
    await dialog.getByRole('combobox', { name: 'To' }).click();
    await page.getByRole('option', { name: /Second line/ }).click();
    await dialog.getByLabel('Reason').fill('knows this better');
    await dialog.getByRole('button', { name: 'Transfer' }).click();
    await page.getByText('Typist is transferred').waitFor();
    const { data } = await place.box.must('GET', `/conversations?party_id=${second}&status=offered`);
    expect(data).toHaveLength(1);
    await page.getByRole('tab', { name: /Waiting/ }).click();
    await row(page, 'Typist').getByText('Second line').waitFor();
  });

  it('shows what strangers wrote as words and nothing else', async () => {
    const counter = await makeCounter(place);
    const bad = '<img src=x onerror="window.broken=1"><script>window.broken=2</script>';
    const { page } = await place.open('/inbox', { role: 'agent' });
    await goOnline(page);
    const line = await counter.waits(bad, `${bad} [x](javascript:window.broken=3)`);
    const media = [
      { url: 'https://elsewhere.example/x.svg', type: 'image/svg+xml', name: bad },
      {
        url: 'http://elsewhere.example/y',
        type: 'text/html"><svg onload=window.broken=4>',
        name: 'javascript:window.broken=5',
      },
    ];
    const message = { type: 'image', text: '', media };
    await counter.channel.post({ type: 'message', id: 'bad', from: { address: line.address, name: bad }, message });
    await row(page, bad).click();
    await transcript(page)
      .getByRole('link', { name: /onerror/ })
      .waitFor();
    await page.getByRole('heading', { name: bad }).waitFor();
    expect(await transcript(page).locator('img, script, svg[onload]').count()).toBe(0);
    expect(await page.evaluate(() => 'broken' in window)).toBe(false);
    const links = await transcript(page)
      .getByRole('link')
      .evaluateAll((all) => all.map((a) => (a as HTMLAnchorElement).rel));
    expect(new Set(links)).toEqual(new Set(['noopener noreferrer']));
    await accept(page);
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    await page.getByRole('dialog').waitFor();
    expect(await page.evaluate(() => 'broken' in window)).toBe(false);
  });

  it('shows one pane at a time on a small telephone, from the right too', async () => {
    const counter = await makeCounter(place);
    const options = { viewport: { width: 320, height: 640 }, locale: 'ar' };
    const { page } = await place.open('/inbox', { role: 'agent' }, options);
    await page.getByRole('button', { name: 'اتصل', exact: true }).click();
    await page.getByRole('button', { name: /متصل/ }).waitFor();
    await counter.waits('سارة');
    await row(page, 'سارة').waitFor();
    await expectNoSidewaysScroll(page);
    await expectAccessible(page);
    await row(page, 'سارة').click();
    await page.getByRole('button', { name: 'قبول' }).waitFor();
    await row(page, 'سارة').waitFor({ state: 'hidden' });
    await expectNoSidewaysScroll(page);
    await expectAccessible(page);
    await page.getByRole('button', { name: 'العميل' }).click();
    await page.getByRole('heading', { name: 'السمات' }).waitFor();
    await expectNoSidewaysScroll(page);
    await page.getByRole('button', { name: 'إخفاء العميل' }).click();
    await page.getByRole('button', { name: 'العودة إلى القائمة' }).click();
    await row(page, 'سارة').waitFor();
  });
});
