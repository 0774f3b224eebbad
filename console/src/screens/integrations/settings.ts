// The settings of an integration, as a form has them: which there are for whom, in which groups, with their defaults.
// Pure. Not here: their explanations (en.json). The one thing to know: lists of seconds are text in the form; the server
// says what is wrong with them.
import type { Integration } from './words.ts';

export const DEFAULTS = {
  retry_spacing_s: '60, 300, 900, 2280',
  failure_threshold: 5,
  failure_scope: 'attempt',
  recovery: 'manual',
  take_within_s: 60,
  reply_within_s: 0,
  accept_within_s: 60,
  queue_within_s: 600,
  max_in_flight: 64,
  max_per_minute: 30,
  merge_window_ms: 0,
  extended_events: false,
  require_signature: false,
} as const;
export type SettingName = keyof typeof DEFAULTS;
export type SettingValues = { name: string } & { [K in SettingName]: string | number | boolean };

/** The number fields with their bounds. */
export const RANGES: Partial<Record<SettingName, readonly [number, number]>> = {
  failure_threshold: [1, 1_000],
  take_within_s: [1, 86_400],
  reply_within_s: [0, 86_400],
  accept_within_s: [1, 86_400],
  queue_within_s: [1, 86_400],
  max_in_flight: [1, 1_000],
  max_per_minute: [1, 10_000],
  merge_window_ms: [0, 10_000],
};
export const CHOICES = { failure_scope: ['attempt', 'message'], recovery: ['manual', 'automatic'] } as const;

export type GroupName = 'failing' | 'waiting' | 'pace' | 'telling';
const FAILING: SettingName[] = ['retry_spacing_s', 'failure_threshold', 'failure_scope', 'recovery'];

/** Settings by group; those that mean nothing to this kind are left out. */
export function groupsOf(one: Integration): [GroupName, SettingName[]][] {
  if (one.type === 'bot') {
    return [
      ['failing', FAILING],
      ['waiting', ['take_within_s', 'reply_within_s']],
      ['pace', ['max_in_flight', 'max_per_minute', 'merge_window_ms']],
      ['telling', ['extended_events', 'require_signature']],
    ];
  }
  // Nothing is offered or sent to whoever answers in a provider's own app.
  if (one.kind === 'app') return [['waiting', ['reply_within_s']]];
  const waiting: [GroupName, SettingName[]] = ['waiting', ['accept_within_s', 'queue_within_s', 'reply_within_s']];
  return one.kind === 'console' ? [waiting] : [['failing', FAILING], waiting, ['pace', ['max_in_flight']]];
}

export function valuesOf(one: Integration): SettingValues {
  const { name, retry_spacing_s, ...rest } = one;
  const known = Object.fromEntries((Object.keys(DEFAULTS) as SettingName[]).map((key) => [key, rest[key as never]]));
  return { ...DEFAULTS, ...known, name, retry_spacing_s: retry_spacing_s.join(', ') } as SettingValues;
}

/** What was changed, as the API takes it. */
export function changesOf(values: SettingValues, one: Integration): Record<string, unknown> {
  const before = valuesOf(one);
  const names: (keyof SettingValues)[] = ['name', ...groupsOf(one).flatMap(([, settings]) => settings)];
  const changed = names.filter((key) => values[key] !== before[key]);
  return Object.fromEntries(
    changed.map((key) => [key, key === 'retry_spacing_s' ? secondsIn(String(values[key])) : values[key]]),
  );
}

/** What is no number stays as it is, for the server to name. */
const secondsIn = (text: string): (number | string)[] =>
  text
    .split(/[\s,;،]+/)
    .filter((part) => part !== '')
    .map((part) => (/^\d{1,6}$/.test(part) ? Number(part) : part));
