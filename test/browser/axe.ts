// What axe finds on a page, in the light and in the dark.
// Not here: the web chat (widget-axe.test.ts), which lies in somebody else's page and has a policy to get past.
// The one thing to know: what fades is taken to its end first, since half-way there colours are nobody's.
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { until } from '../parties/call.ts';

/** What fades, slides or turns is taken to its end, but what never ends. */
const AT_REST = `document.getAnimations().every((one) => {
  if (one.playState !== 'running' || one.effect?.getComputedTiming().endTime === Infinity) return true;
  one.finish();
  return false;
})`;

/** Of the console's pages, which say on <html> which colours they have, and of others. */
const inColours = (of: string) => `html[data-mantine-color-scheme="${of}"], html:not([data-mantine-color-scheme])`;

/** Each as colours, rule and place. */
export async function axeFindings(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.locator(inColours(colorScheme)).waitFor();
    await until('the page comes to rest', () => page.evaluate(AT_REST));
    // Its other way opens one more window for each look, for the sake of frames of other origins. There are none here.
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
    for (const { id, nodes } of violations)
      found.push(...nodes.map(({ html }) => `${colorScheme} ${id}: ${html.slice(0, 200)}`));
  }
  return found;
}

export const expectAccessible = async (page: Page): Promise<void> => expect(await axeFindings(page)).toEqual([]);
