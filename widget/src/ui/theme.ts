// Colours and shape as custom properties: what the page's style sheet says wins, then `setTheme`, then the asset.
// Pure. The one thing to know: nothing of what comes in reaches a style sheet as text; a colour is a colour or nothing.
import type { Theme } from '../../../src/channels/webchat/protocol.ts';

export type ThemeWish = Partial<Theme>;

const COLOUR = /^#(?:[\da-f]{3}|[\da-f]{6})$/i;
const LARGEST_RADIUS = 32;
const WHITE = '#ffffff';
const DARK = '#14171c';

/** Property values by name; an empty one is to be taken away. */
export function properties(theme: ThemeWish): Record<string, string> {
  const colour = (value: string | undefined): string => (value !== undefined && COLOUR.test(value) ? value : '');
  const accent = colour(theme.accent);
  const background = colour(theme.background);
  const bubble = colour(theme.bubble);
  const radius = theme.radius;
  return {
    '--t-accent': accent,
    '--t-accent-text': colour(theme.accent_text) || (accent && textOn(accent)),
    // Words in the accent's colour stand on the background, too: a light one is mixed with much dark.
    '--t-share': accent && textOn(accent) !== WHITE ? '45%' : '',
    '--t-background': background,
    '--t-text': colour(theme.text) || (background && textOn(background)),
    '--t-bubble': bubble,
    '--t-bubble-text': colour(theme.bubble_text) || (bubble && textOn(bubble)),
    '--t-radius': Number.isFinite(radius) ? `${Math.min(LARGEST_RADIUS, Math.max(0, Number(radius)))}px` : '',
  };
}

/** Near-black or white: which of the two is easier to read on it (WCAG's contrast). */
export function textOn(colour: string): string {
  const light = luminance(colour);
  return 1.05 / (light + 0.05) >= (light + 0.05) / (luminance(DARK) + 0.05) ? WHITE : DARK;
}

function luminance(colour: string): number {
  const hex = colour.slice(1);
  const full = hex.length === 3 ? [...hex].map((digit) => digit + digit).join('') : hex;
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((at) => {
    const part = Number.parseInt(full.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
