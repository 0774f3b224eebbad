// Time: the program's own, the machine's, and one that a unit test moves by hand.
// Not here: the movable clock of the flow tests (src/settings/clock.ts), and heaps of alarms (alarms.ts).
// The one thing to know: the machine's clock may be set forward and back while we run. The program's time follows it forward
// at once and never goes back, so that nothing that waits is early, and nothing waits for ten years.
import type { Clock } from './ports.ts';

/** How late an alarm may be after the wall clock was stepped forward or the machine slept. Also below Node's 31-bit limit. */
const RECHECK_MS = 30_000;
/** So often time is looked at when nobody asks: what passed unseen before a step back is all that is lost by it. */
const TICK_MS = 1_000;
/** While the wall clock is behind us we go a little slower than it, until it has caught up. */
const BEHIND_PACE = 0.95;

/** A time that follows the wall clock, but where that went back goes on by the steady one. */
export function evenTime(wall: () => number, steady: () => number): () => number {
  let time = wall();
  let behindSince: number | null = null;
  return () => {
    const now = wall();
    if (now >= time) {
      behindSince = null;
      time = now;
      return now;
    }
    const at = steady();
    time += (at - (behindSince ?? at)) * BEHIND_PACE;
    behindSince = at;
    return Math.floor(time);
  };
}

/** The time of this thread of the program. */
export function threadTime(): () => number {
  const now = evenTime(Date.now, () => performance.now());
  setInterval(now, TICK_MS).unref();
  return now;
}

function clockOf(now: () => number, left: (at: number) => () => number): Clock {
  return {
    now,
    at(at, wake) {
      const due = left(at);
      let timer: NodeJS.Timeout;
      const wait = (ms: number): void => {
        timer = setTimeout(look, Math.min(Math.max(0, ms), RECHECK_MS));
        timer.unref();
      };
      const look = (): void => {
        const ms = due();
        if (ms <= 0) wake();
        else wait(ms);
      };
      wait(due());
      return () => clearTimeout(timer);
    },
  };
}

/** By the program's time: what was promised, is retried or has a deadline. An alarm never rings early. */
export function programClock(): Clock {
  const now = threadTime();
  return clockOf(now, (at) => () => at - now());
}

/** The machine's time, as others have it: signatures, sessions, links, ages. An alarm rings by whichever clock is there first. */
export function machineClock(): Clock {
  return clockOf(Date.now, (at) => {
    const ends = performance.now() + (at - Date.now());
    return () => Math.min(at - Date.now(), ends - performance.now());
  });
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
