// What a bot may expect of each try, as contract §3 says it: a model of its own, written from the contract's words.
// Not here: how histories come about (numbers.ts). The one thing to know: it is told what arrives at the bot and how
// it answered; of the program it looks at the bot's status and at what became of a delivery, and only to compare.
export type Promised = { retry_spacing_s: number[]; failure_threshold: number; failure_scope: 'attempt' | 'message' };
/** 1, 5, 15, 38 minutes; five failures. */
export const SEED_PROMISES: Promised = {
  retry_spacing_s: [60, 300, 900, 2_280],
  failure_threshold: 5,
  failure_scope: 'attempt',
};
/** `took`: ms. `later`: 429 with a Retry-After. `gone`: 410. */
export type Answer = { is: 'ok' | 'fails' | 'gone'; took: number } | { is: 'later'; took: number; afterS: number };

const HOUR = 3_600_000;
/** The last try begins a little before the hour is over. */
const BEFORE_THE_HOUR = 5_000;
const JITTER = 0.05;
const ROUNDED = 1;

type Try = { id: string; lane: string; ord: number; at: number };
/**
 * What does not count into the hour: the process was down when the try was due. When it was due is known to 5 %, so it is
 * at `least` this and at `most` that.
 */
type Excused = { least: number; most: number };
type Series = {
  of: number;
  count: number;
  from: number;
  lastEnd: number;
  askedMs: number;
  excused: Excused;
  /** as it was when the last try ended: one that was cut off in the middle begins again from there */
  excusedBefore: Excused;
  downMs: number;
};
type Owed = Try & { series: Series | null; became: 'open' | 'delivered' | 'dead'; flying: boolean };

function must(holds: boolean, what: string, more: unknown): void {
  if (!holds) throw new Error(`${what}: ${JSON.stringify(more)}`);
}

export class BotsView {
  tries = 0;
  trips = 0;
  dead = 0;
  /** the most tries of one series, and its longest time from first to last */
  most = 0;
  longestMs = 0;
  #status = 'active';
  #failures = 0;
  #activations = 1;
  readonly #promised: Promised;
  readonly #owed = new Map<string, Owed>();
  readonly #became: (id: string) => string;

  constructor(promised: Promised, became: (id: string) => string) {
    this.#promised = promised;
    this.#became = became;
  }

  /** By a person, or by a verification that held, which is a success too. */
  turned(status: 'active' | 'disabled' | 'unverified'): void {
    if (status === 'active' && this.#status !== 'active') this.#activations += 1;
    this.#status = status;
    this.#failures = 0;
  }

  begins(now: Try): void {
    this.tries += 1;
    must(this.#status === 'active', 'nothing is sent to a bot that is not active', { status: this.#status, now });
    const known = this.#owed.get(now.id) ?? { ...now, series: null, became: 'open', flying: false };
    must(known.became === 'open' && !known.flying, 'what is over, or under way, is not tried', { known, now });
    for (const other of this.#owed.values()) {
      if (other.lane !== now.lane || other.became !== 'open') continue;
      must(other.ord >= now.ord && !other.flying, 'what came before goes before, one at a time', { other, now });
    }
    const { series } = known;
    if (series?.of === this.#activations) this.#again(series, now);
    this.#owed.set(now.id, { ...known, at: now.at, flying: true });
  }

  /** A further try of a series. */
  #again(series: Series, now: Try): void {
    const { retry_spacing_s: spacing } = this.#promised;
    must(series.count <= spacing.length, `at most ${spacing.length + 1} tries`, { series, now });
    const { least, most } = series.excusedBefore;
    const hour = series.from + HOUR;
    must(now.at < hour + most + series.downMs, 'inside one hour', { series, now });
    const planned = (spacing[series.count - 1] ?? 0) * 1_000;
    const inHour = (at: number, excused: number): number => Math.min(at, hour + excused - BEFORE_THE_HOUR);
    const soonest = inHour(series.lastEnd + Math.max(planned * (1 - JITTER), series.askedMs), least);
    const latest = Math.max(series.lastEnd, inHour(series.lastEnd + Math.max(planned, series.askedMs), most));
    must(now.at >= soonest - ROUNDED, 'not before its time', { soonest, series, now });
    must(now.at <= latest + series.downMs + ROUNDED, 'and at its time', { latest, series, now });
    if (series.downMs === 0) return;
    const lateBy = (due: number): number => Math.min(Math.max(0, now.at - due), series.downMs);
    series.excused = { least: least + lateBy(latest + ROUNDED), most: most + lateBy(soonest - ROUNDED) };
  }

  ends(id: string, at: number, answer: Answer, status: string): void {
    const owed = this.#owed.get(id);
    if (!owed?.flying) throw new Error(`${id} ended and had not begun`);
    owed.flying = false;
    const fresh = owed.series?.of !== this.#activations;
    const series: Series =
      fresh || !owed.series
        ? {
            of: this.#activations,
            count: 0,
            from: owed.at,
            lastEnd: 0,
            askedMs: 0,
            excused: { least: 0, most: 0 },
            excusedBefore: { least: 0, most: 0 },
            downMs: 0,
          }
        : owed.series;
    owed.series = series;
    series.count += 1;
    series.lastEnd = at;
    series.excusedBefore = series.excused;
    series.downMs = 0;
    series.askedMs = answer.is === 'later' ? answer.afterS * 1_000 : 0;
    this.most = Math.max(this.most, series.count);
    this.longestMs = Math.max(this.longestMs, owed.at - series.from - series.excused.most);
    const used = series.count > this.#promised.retry_spacing_s.length;
    const over = (excused: number): boolean => at >= series.from + excused + HOUR - BEFORE_THE_HOUR;
    // Between the two only the program knows whether the hour is over.
    const says = this.#became(id) === 'dead' || status !== this.#status;
    const last = used || over(series.excused.most) || (over(series.excused.least) && says);
    this.#count(answer, last);
    must(status === this.#status, `after ${this.#failures} failures in a row it is ${this.#status}`, {
      status,
      id,
      answer,
    });
    const gaveUp = answer.is !== 'ok' && last && this.#status === 'active';
    owed.became = answer.is === 'ok' ? 'delivered' : gaveUp ? 'dead' : 'open';
    if (gaveUp) this.dead += 1;
    const kept = owed.became === 'open' ? 'retrying' : owed.became;
    must(this.#became(id) === kept, `it is ${kept} then`, { shown: this.#became(id), series, last, status });
  }

  /** Five in a row, and any success begins anew; 410 at once. */
  #count(answer: Answer, last: boolean): void {
    if (answer.is === 'ok') this.#failures = 0;
    else if (this.#status === 'active') {
      const counts = answer.is === 'gone' || this.#promised.failure_scope === 'attempt' || last;
      if (counts) this.#failures += 1;
      if (answer.is !== 'gone' && (!counts || this.#failures < this.#promised.failure_threshold)) return;
      this.#status = 'inactive';
      this.trips += 1;
    }
  }

  /** The process ends at `at` and is back `ms` later; what was under way is never heard of, and goes again. */
  down(at: number, ms: number, flying: { id: string; startedAt: number }[]): void {
    for (const owed of this.#owed.values()) if (owed.series) owed.series.downMs += ms;
    for (const { id, startedAt } of flying) {
      const owed = this.#owed.get(id);
      if (!owed) continue;
      owed.flying = false;
      if (owed.series) owed.series.downMs += at - startedAt;
    }
  }

  /** The bot is well and all is sent. */
  over(): void {
    for (const owed of this.#owed.values()) must(owed.became !== 'open', 'everything comes in the end', owed);
  }
}
