// How long until a moment: ticking by the second, and "now" once it is over.
// Not here: how long ago something was (RelativeTime.tsx).
import { useEffect, useState } from 'react';
import { useT } from '../i18n/words.ts';

const SECOND_MS = 1_000;
const MINUTE = 60;
const HOUR = 3_600;

const two = (value: number): string => String(value).padStart(2, '0');

/** `42 s`, `4:05`, `1:02:30` */
export function sayDuration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < MINUTE) return `${s} s`;
  if (s < HOUR) return `${Math.floor(s / MINUTE)}:${two(s % MINUTE)}`;
  return `${Math.floor(s / HOUR)}:${two(Math.floor((s % HOUR) / MINUTE))}:${two(s % MINUTE)}`;
}

export function Countdown({ at }: { at: string }) {
  const t = useT();
  const [now, setNow] = useState(Date.now);
  const until = Date.parse(at);
  const over = now >= until;
  useEffect(() => {
    if (over) return;
    const timer = setInterval(() => setNow(Date.now()), SECOND_MS);
    return () => clearInterval(timer);
  }, [over]);
  // Not read out each second.
  return (
    <time dateTime={at} className="sb-number" role="timer" aria-live="off">
      {over ? t('now') : <bdi dir="ltr">{sayDuration((until - now) / SECOND_MS)}</bdi>}
    </time>
  );
}
