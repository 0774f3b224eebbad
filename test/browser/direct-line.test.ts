// Bot Framework Web Chat, as its makers publish it, in a real browser against the real program: it needs to be told
// nothing but the domain and a token. What the library does by itself is held in test/flows/direct-line.test.ts.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Box, ROOT, startBox } from '../parties/box.ts';
import { call, type Loose, until } from '../parties/call.ts';
import { ask } from '../parties/direct-line.ts';
import { makeWorld, type World } from '../parties/world.ts';
import { chromiumWindows } from './chromium.ts';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);

let box: Box;
let world: World;
let asset: Loose;
let site: Awaited<ReturnType<typeof openSite>>;
const windows = chromiumWindows();
beforeAll(async () => {
  site = await openSite();
  box = await startBox();
  world = await makeWorld(box, { rule: 'bot_and_desk' });
  const config = { allowed_origins: [site.origin] };
  asset = await box.must('POST', '/assets', { name: 'page', channel: 'webchat', config });
  const action = { type: 'forward_to_bot_and_desk', bot_id: world.bot.id, desk_id: world.desk.id };
  await world.addRule({ event: 'message.received', asset_id: asset.id }, action);
});
afterAll(async () => {
  await world.close();
  await box.close();
  await site.close();
});

/** Somebody's page with Web Chat on it: `/?domain=…&token=…`. */
async function openSite() {
  const file = execFileSync(process.execPath, [join(ROOT, 'scripts', 'web-chat-client.mjs')], { encoding: 'utf8' });
  const library = readFileSync(file.trim().split('\n').at(-1) ?? '');
  const script = `
    const asked = new URLSearchParams(location.search);
    const directLine = WebChat.createDirectLine({ domain: asked.get('domain'), token: asked.get('token') });
    directLine.connectionStatus$.subscribe((status) => { document.body.dataset.connection = status; });
    WebChat.renderWebChat({ directLine, locale: 'en-US' }, document.getElementById('chat'));`;
  const page =
    '<!doctype html><html lang="en"><title>A small shop</title><link rel="icon" href="data:,"><style>html,body,#chat' +
    '{height:100%;margin:0}</style><div id="chat"></div><script src="/webchat.js"></script><script src="/page.js"></script>';
  const files: Record<string, [string, string | Buffer]> = {
    '/webchat.js': ['text/javascript', library],
    '/page.js': ['text/javascript', script],
  };
  const server = createServer(({ url = '' }, response) => {
    const [type, body] = files[url] ?? ['text/html', page];
    response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Of the library's numbers for how a connection stands. What is written before may be let fall. */
const ONLINE = 2;

async function openChat(user: string): Promise<Page> {
  const body = { user: { id: user, name: 'Ada' } };
  const { token } = (await ask(box.base, asset.direct_line_secret, 'POST', '/tokens/generate', { body })).body;
  const { page } = await windows.open([site.origin, box.base]);
  await page.goto(`${site.origin}/?${new URLSearchParams({ domain: `${box.base}/v3/directline`, token })}`);
  await page.getByRole('textbox', { name: 'Message input box' }).waitFor();
  await page.locator(`body[data-connection="${ONLINE}"]`).waitFor();
  return page;
}

async function write(page: Page, text: string): Promise<void> {
  const field = page.getByRole('textbox', { name: 'Message input box' });
  await field.fill(text);
  await field.press('Enter');
}

/** The bubbles, oldest first, without what is only for ears. */
const bubbles = (page: Page): Promise<string[]> =>
  page.locator('.webchat__bubble__content .webchat__text-content').allInnerTexts();
const shows = (page: Page, text: string) =>
  until(`the page shows ${text}`, async () => (await bubbles(page)).some((each) => each.includes(text)), 30_000);

describe('Bot Framework Web Chat', () => {
  it('talks with the bot and an agent, presses buttons, sends a file, and lives through a restart', async () => {
    const user = 'dl_browser-1';
    const page = await openChat(user);
    await write(page, 'hello');
    const post = await until('the bot hears it', () => world.bot.heard(user)[0]);
    const conversation: string = post.body.Conversationid;
    await world.replies(conversation, 'good day', {
      quick_replies: [{ title: 'Track it', payload: 'TRACK:4711' }, 'Thanks'],
    });
    await shows(page, 'good day');
    // The customer's own words have arrived, as Web Chat sees it: none is being sent, none failed.
    await until('it is settled', async () => !/Sending|not sent|Failed/i.test(await page.locator('body').innerText()));
    await page.getByRole('toolbar').getByRole('button', { name: 'Track it' }).click();
    const pressed = await until('the bot gets the button', () => world.bot.heard(user)[1]);
    expect(pressed.body).toMatchObject({ Event: 'POSTBACK', PostbackPayload: 'TRACK:4711' });
    await shows(page, 'Track it');

    const { body } = await world.bot.handOver(conversation);
    await until('the desk is offered it', () => world.desk.offers(user)[0]);
    await world.desk.accept(body.desk_conversation_id);
    await world.desk.say(body.desk_conversation_id, 'agent here');
    await shows(page, 'agent here');
    await page.locator('input[type=file]').setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: PNG });
    // Web Chat takes the file a moment later, and ticks its button then: a press before that would send nothing.
    await page.locator('.webchat__attachment-icon--checked').waitFor();
    await page.getByRole('button', { name: 'Send' }).click();
    const file = await until('the desk gets the file', () =>
      world.desk
        .told(body.desk_conversation_id, 'message.received')
        .find((each) => each.body.data.message.media?.length > 0),
    );
    const [medium] = file.body.data.message.media;
    expect([medium.type, medium.name, (await call('GET', medium.url)).status]).toEqual(['image/png', 'me.png', 200]);
    await world.desk.finish(body.desk_conversation_id);

    await box.stop();
    await box.start();
    await world.replies(conversation, 'we were away');
    await shows(page, 'we were away');
    await write(page, 'so was I');
    await until('the bot hears it', () => world.bot.words(user).includes('so was I'));
    await shows(page, 'so was I');
    const said = (await bubbles(page)).map((text) => text.trim());
    for (const text of ['hello', 'agent here', 'we were away']) {
      expect([text, said.filter((each) => each.includes(text)).length]).toEqual([text, 1]);
    }
    // How a line breaks, and whether the program that comes up is asked too early, is chance.
    windows.forgive(/net::ERR_|\b503\b|WebSocket connection to .* failed/);
  });

  it('runs nothing of what others write', async () => {
    const user = 'dl_browser-2';
    const page = await openChat(user);
    await write(page, '<img src=x onerror="window.hurt=1"> <b>me</b>');
    const post = await until('the bot hears it', () => world.bot.heard(user)[0]);
    await world.replies(
      post.body.Conversationid,
      '<script>window.hurt=2</script> [click](javascript:window.hurt=3) done',
    );
    await shows(page, 'done');
    expect(await page.evaluate('window.hurt')).toBeUndefined();
    await shows(page, '<b>me</b>');
  });
});
