// The clock that tests move: real time plus an offset, its alarms in one list.
// Not here: the clock of production (src/engine/clock.ts).
// The one thing to know: `advance` walks from alarm to alarm and lets what each wakes settle, so that a chain of
// deadlines falls one after the other as it would in real time, only sooner. The offset is shared with the store's
// thread, where decisions look at the time too.
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import type { Clock } from '../engine/ports.ts';

export type MovableClock = Clock & {
  /** moves time forward by `ms`; resolves when every alarm due by then has run and settled */
  advance(ms: number): Promise<void>;
};

type Alarm = { at: number; wake: () => void };
/** Node's timers hold 31 bits. */
const TIMER_MAX_MS = 2 ** 31 - 1;

const OFFSET_KEY = 'signalbox.clock_offset';

/** Time in a thread that this process starts, by the movable clock; null: there is none. */
export function movedTime(): (() => number) | null {
  const offset = getEnvironmentData(OFFSET_KEY);
  return offset instanceof BigInt64Array ? () => Date.now() + Number(Atomics.load(offset, 0)) : null;
}

/** Make it before the threads that shall share it. `settle` resolves when what an alarm woke has come to rest (attempts in flight, flushes). */
export function movableClock(settle: () => Promise<void>, ahead = 0): MovableClock {
  const alarms = new Set<Alarm>();
  const offset = new BigInt64Array(new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT));
  setEnvironmentData(OFFSET_KEY, offset);
  const forward = (ms: number): void => void Atomics.add(offset, 0, BigInt(Math.ceil(Math.max(0, ms))));
  forward(ahead);
  let timer: NodeJS.Timeout | undefined;
  let advancing = false;
  const now = (): number => Date.now() + Number(Atomics.load(offset, 0));

  function earliest(): Alarm | undefined {
    let first: Alarm | undefined;
    for (const alarm of alarms) if (first === undefined || alarm.at < first.at) first = alarm;
    return first;
  }

  function arm(): void {
    clearTimeout(timer);
    const next = earliest();
    if (next === undefined || advancing) return;
    timer = setTimeout(ring, Math.min(Math.max(0, next.at - now()), TIMER_MAX_MS));
    timer.unref();
  }

  function ring(): void {
    for (let next = earliest(); next !== undefined && next.at <= now(); next = earliest()) {
      alarms.delete(next);
      next.wake();
    }
    arm();
  }

  return {
    now,
    at(at, wake) {
      const alarm = { at, wake };
      alarms.add(alarm);
      arm();
      return () => {
        alarms.delete(alarm);
      };
    },
    async advance(ms) {
      await settle(); // what is under way now may set an alarm that this step must meet
      const target = now() + ms;
      advancing = true;
      try {
        for (let next = earliest(); next !== undefined && next.at <= target; next = earliest()) {
          forward(next.at - now());
          alarms.delete(next);
          next.wake();
          await settle();
        }
        forward(target - now());
      } finally {
        advancing = false;
        arm();
      }
    },
  };
}

type ClockCommand = { cmd: 'advance'; ms: number } | { cmd: 'now' };

function readCommand(message: unknown): ClockCommand | null {
  if (typeof message !== 'object' || message === null || !('cmd' in message)) return null;
  if (message.cmd === 'now') return { cmd: 'now' };
  const ms = 'ms' in message ? message.ms : null;
  return message.cmd === 'advance' && typeof ms === 'number' && ms >= 0 ? { cmd: 'advance', ms } : null;
}

/** Lets the parent process move the clock: `{cmd: 'advance', ms}` or `{cmd: 'now'}` → `{ok: true, now}`, in order. */
export function serveClock(clock: MovableClock, channel: NodeJS.Process): void {
  let last = Promise.resolve();
  channel.on('message', (message) => {
    const command = readCommand(message);
    if (command === null) return;
    last = last.then(async () => {
      if (command.cmd === 'advance') await clock.advance(command.ms);
      if (channel.connected) channel.send?.({ ok: true, now: clock.now() });
    });
  });
}
