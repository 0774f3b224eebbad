// The web chat by axe: nothing that keeps anybody out, closed and open, empty and full, dark and light, in each direction.
// The one thing to know: axe must be put into the page past its policy; the chat itself never is.
import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Box, startBox } from '../parties/box.ts';
import { type Loose, until } from '../parties/call.ts';
import { makeWorld, type World } from '../parties/world.ts';
import { chromiumWindows } from './chromium.ts';
import { openSite, type Site, Tab } from './shop.ts';

let box: Box;
let world: World;
const windows = chromiumWindows();
let asset: Loose;
let site: Site;

beforeAll(async () => {
  box = await startBox();
  world = await makeWorld(box, { rule: 'bot' });
  site = await openSite({ base: () => box.base, asset: () => asset.id });
  const config = {
    allowed_origins: [site.origin],
    title: 'A small shop',
    subtitle: 'Here for you',
    greeting: 'Hello!',
  };
  asset = await box.must('POST', '/assets', { name: 'shop', channel: 'webchat', config });
  const action = { type: 'forward_to_bot', bot_id: world.bot.id };
  await world.addRule({ event: 'message.received', asset_id: asset.id }, action);
});
afterAll(async () => {
  await site.close();
  await world.close();
  await box.close();
});

async function violations(tab: Tab): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page: tab.page })
    .include('signalbox-chat')
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  return found.flatMap((one) =>
    one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 160)} ${node.failureSummary}`),
  );
}

describe.each([
  ['light', 'en-GB', 1280],
  ['dark', 'en-GB', 1280],
  ['light', 'ar', 360],
  ['dark', 'de', 360],
] as const)('In %s, %s, %i px wide', (colorScheme, locale, width) => {
  it('nothing is in the way of anybody', async () => {
    const viewport = { width, height: 740 };
    const options = { colorScheme, locale, viewport, reducedMotion: 'reduce' as const };
    const { context } = await windows.open([site.origin, box.base], options);
    const tab = await Tab.open(context, site);
    await tab.call('setLocale', locale);
    await tab.launcher.waitFor();
    expect(await violations(tab)).toEqual([]);
    await tab.start();
    expect(await violations(tab)).toEqual([]);
    await tab.write('hello https://example.com');
    const address = await tab.address();
    const post = await until('the bot hears it', () => world.bot.heard(address)[0]);
    const media = [{ url: 'https://example.com/label.pdf', type: 'file', name: 'label.pdf' }];
    const quick_replies = [{ title: 'Yes', payload: 'Y' }, 'No'];
    await world.replies(post.body.Conversationid, 'good day https://example.com', { media, quick_replies });
    await tab.shows('good day');
    expect(await violations(tab)).toEqual([]);
    const targets = await tab.inside(`[...root.querySelectorAll('button')]
      .filter((one) => one.getClientRects().length > 0 && (one.offsetWidth < 44 || one.offsetHeight < 44))
      .map((one) => one.outerHTML)`);
    expect(targets).toEqual([]);
    await context.setOffline(true);
    await tab.write('later');
    await tab.panel.locator('.news p').waitFor();
    expect(await violations(tab)).toEqual([]);
    // It goes on trying as long as the page is there.
    await tab.page.close();
    windows.forgive(/net::ERR_/);
  });
});
