// What an asset of channel `webchat` may have in its `config`, and the settings that the widget is given of it.
// Not here: secrets, which stand beside the config. The one thing to know: what is shown on strangers' pages is checked
// here once: colours are colours, links are links, and texts are texts; the widget trusts it.
import { z } from 'zod';
import type { AssetConfig, FieldError } from '../../engine/ports.ts';
import { check, isObject } from '../../wire/json.ts';
import type { Settings } from './protocol.ts';

/** Sites of one owner; more is a list that nobody keeps. */
const ORIGINS_MAX = 100;

const CONTROL = /[\p{Cc}\p{Cs}]/u;
const words = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .refine((text) => !CONTROL.test(text.replaceAll('\n', '')), 'must not have control characters');

const ORIGIN = 'must be an origin as browsers send it: https://www.example.com, without a path';
const origin = z.string().max(300).refine(isOrigin, ORIGIN);

/** As a browser writes it; `http` too, for sites under development. */
function isOrigin(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

const colour = z.string().regex(/^(#[0-9a-f]{3}|#[0-9a-f]{6})?$/i, 'must be a colour: #rgb or #rrggbb, or empty');

const theme = z
  .strictObject({
    scheme: z.enum(['auto', 'light', 'dark']).default('auto'),
    accent: colour.default(''),
    accent_text: colour.default(''),
    background: colour.default(''),
    text: colour.default(''),
    bubble: colour.default(''),
    bubble_text: colour.default(''),
    radius: z.int().min(0).max(32).default(12),
    font: z.enum(['system', 'inherit']).default('system'),
  })
  .prefault({});

const link = z
  .string()
  .max(2000)
  .refine((text) => text === '' || (/^(https?|mailto|tel):/i.test(text) && URL.canParse(text) && !CONTROL.test(text)), {
    error: 'must be an http, https, mailto or tel link, or empty',
  });

function isLocale(text: string): boolean {
  try {
    return text === 'auto' || Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
}

const config = z.strictObject({
  allowed_origins: z.array(origin).max(ORIGINS_MAX).default([]),
  title: words(60).default('Chat'),
  subtitle: words(120).default(''),
  greeting: words(1000).default(''),
  launcher_text: words(40).default(''),
  locale: z.string().max(35).refine(isLocale, 'must be a language tag like en or ar-EG, or auto').default('auto'),
  position: z.enum(['end', 'start']).default('end'),
  theme,
  fallback_url: link.default(''),
  fallback_text: words(120).default(''),
  identity: z.enum(['optional', 'required']).default('optional'),
  uploads: z.boolean().default(true),
});

export type WebchatConfig = z.output<typeof config>;

export function checkConfig(
  given: unknown,
): { ok: true; config: Record<string, unknown> } | { ok: false; errors: FieldError[] } {
  const read = check(config, given, '/config');
  return read.ok ? { ok: true, config: read.value } : { ok: false, errors: read.errors.flatMap(namingUnknown(given)) };
}

/** An unknown field is named itself, not the object that it stands in. */
function namingUnknown(given: unknown): (error: FieldError) => FieldError[] {
  return (error) => {
    if (!error.detail.startsWith('Unrecognized key')) return [error];
    const names = [...error.detail.matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? '');
    return isObject(given)
      ? names.map((name) => ({ pointer: `${error.pointer}/${name}`, detail: 'is an unknown field' }))
      : [error];
  };
}

/** An asset's opened document is one object until it changes. */
const known = new WeakMap<AssetConfig['config'], WebchatConfig>();

/** The config as it was saved, with what has been added to this program since. */
export function configOf(asset: AssetConfig): WebchatConfig {
  const before = known.get(asset.config);
  if (before) return before;
  const read = config.safeParse(asset.config);
  // It was checked when it was saved; should a later version be stricter, the chat is closed to whom nobody vouches for.
  const found = read.success ? read.data : config.parse({ identity: 'required' });
  known.set(asset.config, found);
  return found;
}

export function settingsOf(asset: AssetConfig): Settings {
  const { allowed_origins: _, ...settings } = configOf(asset);
  return settings;
}
