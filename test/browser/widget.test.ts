// The web chat in a real browser, on a page with the strictest policy, against the real program (issue: what people see).
// Not here: how the server answers a client that is none of ours (test/flows/web-chat.test.ts). The one thing to know:
// each test has a browser profile of its own, so each is a new visitor.
import { createHmac } from 'node:crypto';
import type { BrowserContext, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Box, startBox } from '../parties/box.ts';
import { calm, type Loose, until } from '../parties/call.ts';
import { AGENT, makeWorld, type World } from '../parties/world.ts';
import { chromiumWindows } from './chromium.ts';
import { openSite, type Site, type SiteOptions, Tab } from './shop.ts';

let box: Box;
let world: World;
let asset: Loose;
let site: Site;
const windows = chromiumWindows();

beforeAll(async () => {
  box = await startBox();
  world = await makeWorld(box, { rule: 'bot_and_desk' });
  site = await openSite({ base: () => box.base, asset: () => asset.id });
  asset = await chat({ title: 'A small shop', greeting: 'Ask us anything.' });
});
afterAll(async () => {
  await site.close();
  await world.close();
  await box.close();
});

async function chat(config: Loose, origins: string[] = [site.origin]): Promise<Loose> {
  const body = { name: 'shop', channel: 'webchat', config: { allowed_origins: origins, ...config } };
  const made = await box.must('POST', '/assets', body);
  const action = { type: 'forward_to_bot_and_desk', bot_id: world.bot.id, desk_id: world.desk.id };
  await world.addRule({ event: 'message.received', asset_id: made.id }, action);
  return made;
}

async function visitor(options: BrowserContextOptions = {}, other: Site = site): Promise<BrowserContext> {
  return (await windows.open([other.origin, box.base], options)).context;
}

async function opened(context?: BrowserContext): Promise<Tab> {
  const tab = await Tab.open(context ?? (await visitor()), site);
  await tab.start();
  return tab;
}

/** Another page with the same chat, or another one's; closed with the test's end. */
async function otherSite<T>(options: Partial<SiteOptions>, use: (site: Site) => Promise<T>): Promise<T> {
  const other = await openSite({ base: () => box.base, asset: () => asset.id, ...options });
  try {
    return await use(other);
  } finally {
    await other.close();
  }
}

/** The visitor speaks, and the bot has heard it. */
async function conversationOf(tab: Tab): Promise<string> {
  const address = await tab.address();
  const post = await until('the bot hears the visitor', () => world.bot.heard(address)[0]);
  const conversation: string = post.body.Conversationid;
  await world.deliveryOf(world.bot.id, conversation, (delivery) => delivery.status === 'delivered');
  return conversation;
}

const heard = async (tab: Tab): Promise<string[]> => world.bot.words(await tab.address());
/** A browser says of every failed request what we say once. */
const NO_LINE = /net::ERR_|blocked by CORS policy|\b503\b/;
const SOON = { timeout: 20_000 };
/** What of the chat could catch a click anywhere on the page. */
const catching = `(() => {
  const found = [];
  for (let x = 5; x < innerWidth; x += 20) for (let y = 5; y < innerHeight; y += 20) {
    if (document.elementFromPoint(x, y)?.localName === 'signalbox-chat') found.push([x, y]);
  }
  return found.length;
})()`;

describe('A visitor', () => {
  it('writes, is answered, sees how far the message came, and chooses a quick reply', async () => {
    const tab = await opened();
    await tab.log.getByText('Ask us anything.').waitFor();
    await tab.write('hello');
    await tab.shows('hello');
    const conversation = await conversationOf(tab);
    await tab.log.getByRole('img', { name: 'Delivered' }).waitFor();
    await world.replies(conversation, 'good day\nsee https://example.com/a?b=1.', {
      quick_replies: [{ title: 'Track it', payload: 'TRACK' }, 'Nothing'],
    });
    await tab.shows('good day');
    await tab.log.getByRole('img', { name: 'Read' }).waitFor();
    const link = tab.log.getByRole('link');
    expect(await link.getAttribute('href')).toBe('https://example.com/a?b=1');
    expect(await link.getAttribute('rel')).toContain('noopener');
    await tab.panel.getByText(/You are talking to bot/).waitFor();
    await tab.panel.getByRole('button', { name: 'Track it' }).click();
    await until('the bot gets the payload', async () => (await heard(tab)).includes('TRACK'));
    expect(await tab.panel.getByRole('button', { name: 'Nothing' }).count()).toBe(0);
    expect(tab.console).toEqual([]);
  });

  it('is told who answers: the bot, nobody yet, a person by name, and the bot again', async () => {
    const tab = await opened();
    await tab.write('a person, please');
    const conversation = await conversationOf(tab);
    await world.replies(conversation, 'I ask my colleagues.');
    await tab.panel.getByText(/You are talking to bot/).waitFor();
    const { body } = await world.bot.handOver(conversation);
    await tab.panel.getByText('Waiting for a person').waitFor();
    await world.desk.accept(body.desk_conversation_id);
    await tab.panel.getByText(`You are talking to ${AGENT}`).waitFor();
    // It fades by itself, and with any news of who answers: who types goes on.
    await until('it is seen that they type', async () => {
      await world.desk.tell('typing', body.desk_conversation_id, { on: true });
      return tab.log.getByRole('img', { name: /is typing/ }).isVisible();
    });
    await world.desk.say(body.desk_conversation_id, 'I am here');
    await tab.shows('I am here');
    await world.desk.finish(body.desk_conversation_id);
    await tab.panel.getByText(/You are talking to bot/).waitFor();
    expect(tab.console).toEqual([]);
  });

  it('sends a picture and a file, and sees both where the page forbids foreign pictures', async () => {
    const tab = await opened();
    const png = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    );
    const choose = (files: { name: string; mimeType: string; buffer: Buffer }[]): Promise<void> =>
      tab.host.locator('input[type=file]').setInputFiles(files);
    await choose([{ name: 'torn.png', mimeType: 'image/png', buffer: png }]);
    await tab.log.getByRole('img', { name: 'torn.png' }).waitFor();
    await tab.log.locator('canvas').waitFor();
    await choose([{ name: 'order.txt', mimeType: 'text/plain', buffer: Buffer.from('order 4711') }]);
    await tab.log.getByRole('link', { name: /order\.txt/ }).waitFor();
    const address = await tab.address();
    const types = await until('the bot hears both', () => {
      const all = world.bot.heard(address).map((post) => post.body.MessageType);
      return all.length === 2 && all;
    });
    expect(types).toEqual(['image', 'file']);
    await choose([{ name: 'run.exe', mimeType: 'application/x-msdownload', buffer: Buffer.from('MZ\0\0') }]);
    await tab.log.getByText(/^Not sent: /).waitFor();
    await tab.log.getByRole('button', { name: 'Discard' }).click();
    await until('it is gone', async () => (await tab.log.getByText(/^Not sent: /).count()) === 0);
    // The pictures were tried first, as most pages allow them.
    windows.forgive(/Loading the image/);
  });

  it('reads on after a reload, and scrolls back through what was said before', async () => {
    const tab = await opened();
    for (let index = 1; index <= 45; index += 1) await tab.write(`message ${index}`);
    await until('the bot has heard all', async () => (await heard(tab)).length === 45, 20_000);
    expect(await heard(tab)).toEqual(Array.from({ length: 45 }, (_, index) => `message ${index + 1}`));
    await tab.page.reload();
    await tab.panel.waitFor();
    await tab.shows('message 45');
    expect((await tab.words()).length).toBeLessThan(45);
    // Not by the mouse, which scrolls there first: that asks for them already, and the button may be gone before the press.
    await tab.panel.getByRole('button', { name: 'Show earlier messages' }).dispatchEvent('click');
    await until('all are there', async () => (await tab.words()).length === 45);
    expect(await tab.words()).toEqual(Array.from({ length: 45 }, (_, index) => `message ${index + 1}`));
  });

  it('sees how many new messages wait while the window is closed', async () => {
    const tab = await opened();
    await tab.write('hello');
    const conversation = await conversationOf(tab);
    await tab.page.keyboard.press('Escape');
    await expect.poll(() => tab.inside('root.activeElement?.id'), SOON).toBe('launcher');
    await world.replies(conversation, 'one');
    await world.replies(conversation, 'two');
    await tab.host.getByRole('button', { name: 'Open chat, new messages: 2' }).click();
    await tab.shows('two');
    await tab.page.keyboard.press('Escape');
    await tab.host.getByRole('button', { name: 'Open chat', exact: true }).waitFor();
  });
});

describe('Without a connection', () => {
  it('what is written is kept, says so, and is sent once and in order when it is back', async () => {
    const context = await visitor();
    const tab = await opened(context);
    await tab.write('before');
    await conversationOf(tab);
    await context.setOffline(true);
    await tab.write('first');
    await tab.write('second');
    await tab.log.getByText('Not sent yet. It is tried again.').waitFor();
    await context.setOffline(false);
    await until('all are heard', async () => (await heard(tab)).length === 3, 25_000);
    expect(await heard(tab)).toEqual(['before', 'first', 'second']);
    await until('all are shown once', async () => (await tab.words()).join() === 'before,first,second');
    windows.forgive(NO_LINE);
  });

  it('what is written survives a reload, and what the server took without our hearing it is not sent twice', async () => {
    const tab = await opened();
    await tab.write('before');
    await conversationOf(tab);
    // The server takes it, and the answer is lost on its way back.
    await tab.page.route('**/messages', async (route) => {
      await route.fetch();
      await route.abort();
    });
    await tab.write('taken');
    await until('the bot hears it', async () => (await heard(tab)).includes('taken'));
    // Over the one before, which is only taken away with it: nothing gets through between the two.
    await tab.page.route('**/messages', (route) => route.abort());
    await tab.write('kept');
    await calm();
    await tab.page.unroute('**/messages');
    await tab.page.reload();
    await tab.panel.waitFor();
    await until('all are heard', async () => (await heard(tab)).length === 3, 25_000);
    await calm();
    expect(await heard(tab)).toEqual(['before', 'taken', 'kept']);
    await until('all are shown once', async () => (await tab.words()).join() === 'before,taken,kept');
    windows.forgive(NO_LINE);
  });

  it('and with a server that is killed in mid-conversation nothing is lost or doubled', async () => {
    const tab = await opened();
    await tab.write('before');
    const conversation = await conversationOf(tab);
    await world.replies(conversation, 'answer before');
    await tab.shows('answer before');
    await box.kill9();
    await tab.write('meanwhile one');
    await tab.write('meanwhile two');
    await tab.panel.getByText('No connection.').waitFor();
    await box.start();
    await until('all are heard', async () => (await heard(tab)).length === 3, 40_000);
    await world.replies(conversation, 'answer after');
    await tab.shows('answer after');
    await until('the news is over', async () => (await tab.panel.getByText('No connection.').count()) === 0, 25_000);
    expect(await heard(tab)).toEqual(['before', 'meanwhile one', 'meanwhile two']);
    const all = ['before', 'answer before', 'meanwhile one', 'meanwhile two', 'answer after'];
    await expect.poll(() => tab.words(), SOON).toEqual(all);
    windows.forgive(NO_LINE);
  });
});

describe('Several tabs', () => {
  it('share one stream and show the same; when the one that speaks is closed, another goes on', async () => {
    const context = await visitor();
    const [one, two] = [await opened(context), await opened(context)];
    await until('both are one customer', async () => (await two.address()) === (await one.address()));
    await one.write('from one');
    await two.shows('from one');
    await two.write('from two');
    await one.shows('from two');
    const conversation = await conversationOf(one);
    await until('the bot hears both', async () => (await heard(one)).length === 2);
    await world.replies(conversation, 'to both');
    await Promise.all([one.shows('to both'), two.shows('to both')]);
    expect([one.streams.length, two.streams.length]).toEqual([1, 0]);
    await one.page.close();
    await until('the other has its own stream', () => two.streams.length === 1);
    await two.write('alone');
    await until('the bot hears it', async () => (await heard(two)).length === 3);
    await world.replies(conversation, 'to you');
    await two.shows('to you');
    await expect.poll(() => two.words(), SOON).toEqual(['from one', 'from two', 'to both', 'alone', 'to you']);
    expect(await heard(two)).toEqual(['from one', 'from two', 'alone']);
  });

  it('become another customer together when the site says who it is', async () => {
    const context = await visitor();
    const [one, two] = [await opened(context), await opened(context)];
    const id = `customer-${Date.now()}`;
    const hmac = createHmac('sha256', asset.identity_secret).update(id).digest('hex');
    await one.call('identify', { id, name: 'Grace', hmac });
    await until(
      'both are',
      async () => (await two.address()) === (await one.address()) && (await one.address()) === id,
    );
    await one.write('it is me');
    await two.shows('it is me');
    await two.call('identify', { id, hmac });
    await calm();
    await one.call('reset');
    await until('it is forgotten', async () => (await one.address()) !== id);
    await until('in both', async () => (await two.words()).length === 0);
    // Logged out is logged out, whatever the page in the other tab once said.
    await calm(500);
    await until('both are one customer', async () => (await two.address()) === (await one.address()));
    expect(await one.address()).not.toBe(id);
    await one.call('identify', { id, hmac: 'f'.repeat(64) });
    await until('a false one is refused', () => one.console.some((line) => /identify\(\) was refused/.test(line)));
    expect(await one.address()).not.toBe(id);
    windows.forgive(/identify\(\) was refused/);
  });
});

describe('What others write', () => {
  const CORPUS = [
    '<img src=x onerror=pwned()>',
    '<script>pwned()</script>',
    '"><svg onload=pwned()>',
    'javascript:pwned()',
    'https://example.com/"onmouseover="pwned()',
    '[x](javascript:pwned())',
    'data:text/html,<script>pwned()</script>',
    '{{constructor.constructor("pwned()")()}}',
    '\u202Etxt.exe',
  ];

  it('is text and nothing else, wherever it stands', async () => {
    const tab = await opened();
    await tab.page.evaluate('window.ran = 0; window.pwned = () => { window.ran += 1; };');
    await tab.write('<b>mine</b>');
    const conversation = await conversationOf(tab);
    for (const text of CORPUS) {
      const media = [{ url: 'https://example.com/x.png', type: 'file', name: text }];
      await world.replies(conversation, text, { media, quick_replies: [{ title: text.slice(0, 20), payload: text }] });
    }
    await tab.shows('txt.exe');
    const shown = await tab.words();
    for (const text of ['<b>mine</b>', ...CORPUS])
      expect(shown.some((line) => line.includes(text.slice(0, 14)))).toBe(true);
    const { body } = await world.bot.handOver(conversation);
    await world.desk.tell('conversation.accepted', body.desk_conversation_id, { agent: CORPUS[0] });
    await tab.panel.getByText(`You are talking to ${CORPUS[0]}`).waitFor();
    const hrefs = await tab.inside("[...root.querySelectorAll('a')].map((one) => one.href)");
    expect((hrefs as string[]).filter((href) => !/^https:\/\/example\.com\//.test(href))).toEqual([]);
    expect(await tab.host.locator('script, svg[onload], img[onerror], iframe, b').count()).toBe(0);
    expect(await tab.page.evaluate('window.ran')).toBe(0);
  });
});

describe('A page', () => {
  it('whose origin is not allowed shows nothing that catches a click, and says why in one line', async () => {
    await otherSite({}, async (stranger) => {
      const tab = await Tab.open(await visitor({}, stranger), stranger);
      await until('it is said', () => tab.console.some((line) => line.startsWith('Signalbox: ')));
      await calm(3_000);
      const said = tab.console.filter((line) => line.startsWith('Signalbox: '));
      expect(said).toHaveLength(1);
      expect(said[0]).toContain(stranger.origin);
      expect(said[0]).toContain('allowed_origins');
      expect(await tab.host.count()).toBe(0);
      expect(await tab.page.evaluate(catching)).toBe(0);
      await tab.page.close();
      windows.forgive(NO_LINE);
      windows.forgive(/Signalbox: /);
    });
  });

  it.each([
    ['names an asset that is not there', 'ast_nobody', /Signalbox: the chat is not shown: /],
    ['names no asset', '', /Signalbox: .*data-asset/],
  ])('that %s shows nothing, and says why in one line', async (_, id, why) => {
    await otherSite({ asset: () => id }, async (mistaken) => {
      const tab = await Tab.open(await visitor({}, mistaken), mistaken);
      await until('it is said', () => tab.console.some((line) => why.test(line)));
      await calm();
      expect(tab.console.filter((line) => line.startsWith('Signalbox: '))).toHaveLength(1);
      expect(await tab.host.count()).toBe(0);
      windows.forgive(/Signalbox: /);
    });
  });

  it('catches clicks only where the chat is seen', async () => {
    const tab = await Tab.open(await visitor({ viewport: { width: 800, height: 600 }, reducedMotion: 'reduce' }), site);
    await tab.launcher.waitFor();
    const points = Number(await tab.page.evaluate(catching));
    expect(points).toBeGreaterThan(3);
    expect(points).toBeLessThan(16);
    // Whatever the page's style sheet says of all its elements.
    await tab.page.evaluate(`{
      const sheet = new CSSStyleSheet();
      sheet.replaceSync('* { position: relative; display: block; padding: 40px; min-height: 50vh; width: 100%; }');
      document.adoptedStyleSheets = [sheet];
    }`);
    expect(Number(await tab.page.evaluate(catching))).toBe(points);
    await tab.page.evaluate('document.adoptedStyleSheets = []');
    await tab.page.getByRole('button', { name: 'Buy' }).click();
  });

  it('that exchanges its body, and runs the tag again, keeps the chat it has', async () => {
    const tab = await opened();
    await tab.write('still here?');
    await tab.shows('still here?');
    await tab.page.evaluate(`{
      const old = document.querySelector('script[data-asset]');
      const tag = document.createElement('script');
      tag.src = old.src;
      tag.dataset.asset = old.dataset.asset;
      const body = document.createElement('body');
      body.append(document.createElement('h1'), tag);
      document.body.replaceWith(body);
    }`);
    await calm();
    await tab.shows('still here?');
    expect(await tab.host.count()).toBe(1);
    await tab.write('yes');
    await tab.shows('yes');
    expect(tab.streams).toHaveLength(1);
  });

  it('may call before the chat is there, and hears what happens', async () => {
    const script = `
      window.heard = [];
      window.Signalbox = window.Signalbox || [];
      for (const event of ['ready', 'open', 'close', 'message', 'unread', 'holder'])
        Signalbox.push(['on', event, (detail) => window.heard.push([event, detail])]);
      Signalbox.push(['setLocale', 'ar'], ['setTheme', { scheme: 'dark', accent: '#ffd166' }], ['open']);`;
    const own: Loose = {};
    await otherSite({ script, asset: () => own.id }, async (other) => {
      Object.assign(own, await chat({ title: 'Other' }, [other.origin]));
      const tab = await Tab.open(await visitor({}, other), other);
      await tab.panel.waitFor();
      const root = tab.host.locator('#root');
      expect(await root.getAttribute('dir')).toBe('rtl');
      expect(await root.getAttribute('data-scheme')).toBe('dark');
      expect(await tab.inside("getComputedStyle(root.getElementById('root')).getPropertyValue('--accent-text')")).toBe(
        '#14171c',
      );
      await tab.write('مرحبا');
      const conversation = await conversationOf(tab);
      await tab.call('close');
      await world.replies(conversation, 'hello');
      await until('the page hears of it', async () => {
        const names = ((await tab.page.evaluate('window.heard')) as [string, unknown][]).map(([name]) => name);
        return ['ready', 'open', 'close', 'message', 'unread', 'holder'].every((name) => names.includes(name));
      });
    });
  });
});
