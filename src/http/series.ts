// How the last hours went, step by step, for the charts of the home screen: sampled from the engine's counts.
// Not here: the counting (src/engine/pulse.ts) and the route (api/overview.ts). The one thing to know: this is memory of
// this process; it begins anew with it, and says since when it goes.
import type { Clock, Engine } from '../engine/ports.ts';
import { between, type PulseReading, percentile } from '../engine/pulse.ts';

export const STEP_S = 10;
/** Two hours of steps at some hundred bytes each; what is longer ago belongs to whoever scrapes /metrics. */
export const MINUTES_KEPT = 120;
const STEPS_KEPT = (MINUTES_KEPT * 60) / STEP_S;
/** What "now" means: the last minute. */
const NOW_STEPS = 60 / STEP_S;

export type Point = {
  /** the end of the step */
  at: number;
  in: number;
  out: number;
  failed: number;
  bot_p50_ms: number | null;
  bot_p95_ms: number | null;
};
export type Now = { messages_per_minute: number; bot_p50_ms: number | null; bot_p95_ms: number | null };

export type Series = {
  /** when the first step began */
  since: number;
  /** oldest first; the last step is the one under way */
  points(minutes: number): Point[];
  now(): Now;
  /** ends the step under way; for the timer, and for tests instead of it */
  step(): void;
  stop(): void;
};

type Mark = { at: number; reading: PulseReading };

export function createSeries({ engine, clock }: { engine: Pick<Engine, 'pulse'>; clock: Pick<Clock, 'now'> }): Series {
  const mark = (): Mark => ({ at: clock.now(), reading: engine.pulse() });
  const since = clock.now();
  /** the newest ends of steps, enough for "now"; the last one begins the step under way */
  let marks: Mark[] = [{ at: since, reading: engine.pulse() }];
  let points: Point[] = [];

  const latest = (): Mark => marks.at(-1) as Mark;
  function step(): void {
    const end = mark();
    points = [...points, pointOf(latest(), end)].slice(-STEPS_KEPT);
    marks = [...marks, end].slice(-NOW_STEPS);
  }
  // Real time, not the clock: a clock that a test moves by days must not be walked in steps of seconds.
  const timer = setInterval(step, STEP_S * 1_000);
  timer.unref();

  return {
    since,
    points(minutes) {
      const end = mark();
      const oldest = end.at - minutes * 60_000;
      return [...points.filter(({ at }) => at > oldest), pointOf(latest(), end)];
    },
    now() {
      const lately = between((marks[0] as Mark).reading, engine.pulse());
      return { messages_per_minute: lately.in + lately.out, ...times(lately) };
    },
    step,
    stop: () => clearInterval(timer),
  };
}

function pointOf(from: Mark, to: Mark): Point {
  const passed = between(from.reading, to.reading);
  return { at: to.at, in: passed.in, out: passed.out, failed: passed.failed, ...times(passed) };
}

const times = (reading: PulseReading): Pick<Point, 'bot_p50_ms' | 'bot_p95_ms'> => ({
  bot_p50_ms: percentile(reading, 0.5),
  bot_p95_ms: percentile(reading, 0.95),
});
