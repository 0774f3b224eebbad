// A moment in the person's time: how long ago, and on hover or focus exactly when, here and in UTC.
// Not here: durations of requests. The one thing to know: one clock ticks for all of them.
import { Tooltip } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import { useLocale } from '../i18n/locale.tsx';

const TICK_MS = 10_000;
const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

let now = Date.now();
const watching = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
function watch(tick: () => void): () => void {
  if (watching.size === 0) {
    now = Date.now();
    timer = setInterval(() => {
      now = Date.now();
      for (const each of watching) each();
    }, TICK_MS);
  }
  watching.add(tick);
  return () => {
    watching.delete(tick);
    if (watching.size === 0) clearInterval(timer);
  };
}
const useNow = (): number => useSyncExternalStore(watch, () => now);

const formats = new Map<string, Intl.RelativeTimeFormat>();
function relativeFormat(tag: string, style: 'narrow' | 'long'): Intl.RelativeTimeFormat {
  const key = `${tag} ${style}`;
  const format = formats.get(key) ?? new Intl.RelativeTimeFormat(tag, { numeric: 'auto', style });
  formats.set(key, format);
  return format;
}

/** Arabic has no short forms that are read without effort. */
const styleOf = (tag: string): 'narrow' | 'long' => (tag.startsWith('ar') ? 'long' : 'narrow');

export function sayAgo(at: number, from: number, tag: string): string {
  const format = relativeFormat(tag, styleOf(tag));
  const s = Math.round((at - from) / 1000);
  const size = Math.abs(s);
  if (size < MINUTE) return size < 10 ? format.format(0, 'second') : format.format(s, 'second');
  if (size < HOUR) return format.format(Math.trunc(s / MINUTE), 'minute');
  if (size < DAY) return format.format(Math.trunc(s / HOUR), 'hour');
  if (size < 30 * DAY) return format.format(Math.trunc(s / DAY), 'day');
  return new Intl.DateTimeFormat(tag, { dateStyle: 'medium' }).format(at);
}

export function sayExactly(at: number, tag: string): string {
  const local = new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'medium' }).format(at);
  return `${local} · ${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

type Props = { at: string | null | undefined /** the clock's time instead of how long ago */; exact?: boolean };

export function RelativeTime({ at, exact = false }: Props) {
  const { tag } = useLocale();
  const present = useNow();
  if (!at) return <span>–</span>;
  const ms = Date.parse(at);
  const shown = exact ? new Intl.DateTimeFormat(tag, { timeStyle: 'medium' }).format(ms) : sayAgo(ms, present, tag);
  return (
    <Tooltip label={sayExactly(ms, tag)}>
      <time dateTime={at} className="sb-number">
        {shown}
      </time>
    </Tooltip>
  );
}
