// Time: the real clock, and one that a unit test moves by hand.
// Not here: the movable clock of the flow tests (src/settings/clock.ts), and heaps of alarms (alarms.ts).
// The one thing to know: `at` is by wall time and looks again at least every RECHECK_MS, so that a stepped or suspended
// clock is noticed soon; it never rings early.
import type { Clock } from './ports.ts';

/** How late an alarm may be after the wall clock was stepped forward or the machine slept. Also below Node's 31-bit limit. */
const RECHECK_MS = 30_000;

export function realClock(): Clock {
  return {
    now: Date.now,
    at(at, wake) {
      let timer: NodeJS.Timeout;
      const look = (): void => {
        const left = at - Date.now();
        if (left <= 0) wake();
        else wait(left);
      };
      const wait = (left: number): void => {
        timer = setTimeout(look, Math.min(left, RECHECK_MS));
        timer.unref();
      };
      wait(Math.max(0, at - Date.now()));
      return () => clearTimeout(timer);
    },
  };
}

export type ManualClock = Clock & {
  /** moves time forward by `ms` and rings what is due, in order, each at its own time; new alarms inside the span too */
  advance(ms: number): void;
};

/** Starts at `start` (ms since 1970) and stands still until it is moved. */
export function manualClock(start: number): ManualClock {
  let time = start;
  const alarms = new Set<{ at: number; wake: () => void }>();
  return {
    now: () => time,
    at(at, wake) {
      const alarm = { at, wake };
      alarms.add(alarm);
      return () => alarms.delete(alarm);
    },
    advance(ms) {
      const end = time + ms;
      for (;;) {
        let next: { at: number; wake: () => void } | undefined;
        for (const alarm of alarms) if (alarm.at <= end && (next === undefined || alarm.at < next.at)) next = alarm;
        if (next === undefined) break;
        alarms.delete(next);
        time = Math.max(time, next.at);
        next.wake();
      }
      time = end;
    },
  };
}
