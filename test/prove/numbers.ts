// Proof: the seed's numbers, seen from a bot's side over random histories: at most five tries of a message, inside one
// hour, at their distances; inactive exactly at the fifth failure in a row; nothing while inactive; then all in order.
// Not here: what is expected of each try (numbers-bot.ts), the real program (numbers-live.ts). The one thing to know:
// the real decisions run on a clock of their own, so that an hour takes no time; who fails prints a seed and a path.
import fc from 'fast-check';
import { Box, type Flight, failure, outcome } from '../../src/routing/fixtures/box.ts';
import { toBot, worldOf } from '../../src/routing/fixtures/world.ts';
import type { IntegrationSettings } from '../../src/routing/model.ts';
import { chance } from './chance.ts';
import { type Answer, BotsView, type Promised, SEED_PROMISES } from './numbers-bot.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const CUSTOMERS = 3;
const BOT = 'A';
/** A history that does not come to its end within so many moves never does. */
const MOVES_MAX = 5_000;

type Step = { do: 'say' | 'verify' | 'disable' | 'edit' | 'down' | 'wait'; who: number; ms: number };
type History = { promised: Promised; answers: Answer[]; steps: Step[]; luck: number };

const ms = fc.constantFrom(
  0,
  0,
  0,
  SECOND,
  4 * SECOND,
  30 * SECOND,
  MINUTE,
  6 * MINUTE,
  20 * MINUTE,
  40 * MINUTE,
  3 * HOUR,
);
const step: fc.Arbitrary<Step> = fc.record({
  do: fc.oneof(
    { weight: 10, arbitrary: fc.constant('say' as const) },
    { weight: 4, arbitrary: fc.constant('wait' as const) },
    { weight: 2, arbitrary: fc.constant('verify' as const) },
    { weight: 1, arbitrary: fc.constantFrom('disable' as const, 'edit' as const, 'down' as const) },
  ),
  who: fc.nat(CUSTOMERS - 1),
  ms,
});
const took = fc.constantFrom(0, 1, 40, 900, 4_999, 5_000);
const answer: fc.Arbitrary<Answer> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ is: fc.constant('ok' as const), took }) },
  { weight: 10, arbitrary: fc.record({ is: fc.constant('fails' as const), took }) },
  {
    weight: 2,
    arbitrary: fc.record({ is: fc.constant('later' as const), took, afterS: fc.constantFrom(1, 90, 1_200, 9_000) }),
  },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('gone' as const), took }) },
);
const promised: fc.Arbitrary<Promised> = fc.oneof(
  { weight: 2, arbitrary: fc.constant(SEED_PROMISES) },
  {
    weight: 1,
    arbitrary: fc.record({
      retry_spacing_s: fc.array(fc.integer({ min: 1, max: 890 }), { maxLength: 4 }),
      failure_threshold: fc.integer({ min: 1, max: 12 }),
      failure_scope: fc.constantFrom('attempt' as const, 'message' as const),
    }),
  },
);
const failing = fc.array(fc.record({ is: fc.constant('fails' as const), took }), { minLength: 1, maxLength: 3 });
const history: fc.Arbitrary<History> = fc.record({
  promised,
  answers: fc.oneof(fc.array(answer, { minLength: 1, maxLength: 24 }), failing),
  steps: fc.array(step, { minLength: 1, maxLength: 24 }),
  luck: fc.nat(1_000_000),
});

/** What a product could do wrong, for showing that it would be seen. */
export type Fault =
  | 'six tries'
  | 'one failure more'
  | 'one failure less'
  | 'sends while inactive'
  | 'too early'
  | 'no order';

const FAULTY: Partial<Record<Fault, (given: Promised) => Partial<IntegrationSettings>>> = {
  'six tries': ({ retry_spacing_s }) => ({ retry_spacing_s: [...retry_spacing_s, 1] }),
  'one failure more': ({ failure_threshold }) => ({ failure_threshold: failure_threshold + 1 }),
  'one failure less': ({ failure_threshold }) => ({ failure_threshold: Math.max(1, failure_threshold - 1) }),
};

class Life {
  readonly box: Box;
  readonly view: BotsView;
  readonly #answers: Answer[];
  readonly #ends = new Map<Flight, { at: number; answer: Answer }>();
  #tried = 0;
  #healed = false;

  constructor({ promised: kept, answers, luck }: History, fault?: Fault) {
    const settings = { ...kept, ...(fault ? FAULTY[fault]?.(kept) : {}) };
    const rules = [{ id: 'main', on: 'message.received' as const, do: toBot(BOT) }];
    this.box = new Box(worldOf({ bots: { [BOT]: { settings } }, rules }));
    const random = chance(luck);
    this.box.random = fault === 'too early' ? () => 3 : random;
    if (fault === 'sends while inactive') this.box.active = () => true;
    if (fault === 'no order') {
      const heads = this.box.heads.bind(this.box);
      this.box.heads = () => {
        const kept = this.box.deliveries;
        this.box.deliveries = kept.toReversed();
        const found = heads();
        this.box.deliveries = kept;
        return found;
      };
    }
    this.view = new BotsView(kept, (id) => this.box.deliveries.find((each) => each.id === id)?.status ?? 'unknown');
    this.#answers = answers;
  }

  get status(): string {
    return this.box.world.bots.get(BOT)?.health.status ?? '';
  }

  step({ do: what, who, ms: after }: Step): void {
    const { box, view } = this;
    if (what === 'say') box.say(`word ${box.messages.size}`, `c${who}`);
    else if (what === 'verify') this.#become('active');
    else if (what === 'disable') this.#become('disabled');
    else if (what === 'edit') this.#become('unverified');
    else if (what === 'down') {
      view.down(
        box.now,
        after,
        [...this.#ends.keys()].map(({ delivery, startedAt }) => ({ id: delivery.id, startedAt })),
      );
      this.#ends.clear();
      box.crash();
      box.now += after;
    }
    this.#settle();
    if (what !== 'down') this.#until(box.now + after);
  }

  /** The bot is well, is verified, and there is time for everything. */
  end(): void {
    this.#healed = true;
    this.#until(this.box.now + 3 * HOUR);
    this.#become('active');
    this.#settle();
    this.#until(this.box.now + 3 * HOUR);
    this.view.over();
  }

  #become(status: 'active' | 'disabled' | 'unverified'): void {
    this.view.turned(status);
    this.box.status(BOT, status);
  }

  /** Time goes on until then, and whatever is due happens at its time. */
  #until(end: number): void {
    for (let moves = 0; ; moves++) {
      if (moves > MOVES_MAX) throw new Error('it never comes to rest');
      this.#settle();
      const next = this.#next();
      if (next > end) break;
      this.box.pass(Math.max(0, next - this.box.now));
      for (const [flight, { at, answer: given }] of [...this.#ends])
        if (at <= this.box.now) this.#arrive(flight, given);
      this.box.sweep();
    }
    this.box.pass(Math.max(0, end - this.box.now));
  }

  #next(): number {
    const ends = [...this.#ends.values()].map(({ at }) => at);
    const flying = new Set([...this.#ends.keys()].map(({ delivery }) => delivery.id));
    const retries = this.box.deliveries
      .filter((each) => each.status === 'retrying' && each.notBefore > this.box.now && !flying.has(each.id))
      .map((each) => each.notBefore);
    return Math.min(...ends, ...retries);
  }

  /** Everything that may leave now leaves. */
  #settle(): void {
    this.box.pass(0);
    this.box.sweep();
    for (let moves = 0; moves < MOVES_MAX; moves++) {
      const head = this.box.heads()[0];
      if (!head) return;
      const flight = this.box.begin(head);
      if (head.target.id !== BOT) {
        this.box.end(flight, outcome());
        continue;
      }
      const given = this.#healed
        ? ({ is: 'ok', took: 1 } as const)
        : (this.#answers[this.#tried++ % this.#answers.length] as Answer);
      this.view.begins({ id: head.id, lane: head.threadId, ord: head.ord, at: this.box.now });
      this.#ends.set(flight, { at: this.box.now + given.took, answer: given });
    }
    throw new Error('it sends for ever');
  }

  #arrive(flight: Flight, given: Answer): void {
    this.#ends.delete(flight);
    const timing = { totalMs: given.took };
    const { is } = given;
    if (is === 'ok') this.box.end(flight, outcome({ timing }));
    else if (is === 'gone') this.box.end(flight, failure({ timing, gone: true, status: 410 }));
    else this.box.end(flight, failure({ timing, ...(is === 'later' ? { retryAfterS: given.afterS } : {}) }));
    this.view.ends(flight.delivery.id, this.box.now, given, this.status);
  }
}

export type Numbers = {
  histories: number;
  tries: number;
  trips: number;
  dead: number;
  most: number;
  longestS: number;
  broken: string[];
};

export function seedsNumbers(
  { times, seed, fault, path }: { times: number; seed: number; fault?: Fault; path?: string | undefined },
  tell: (done: number) => void = () => undefined,
): Numbers {
  const told: Numbers = { histories: 0, tries: 0, trips: 0, dead: 0, most: 0, longestS: 0, broken: [] };
  const property = fc.property(history, (given) => {
    const life = new Life(given, fault);
    for (const each of given.steps) life.step(each);
    life.end();
    const { tries, trips, dead, most, longestMs } = life.view;
    told.histories += 1;
    told.tries += tries;
    told.trips += trips;
    told.dead += dead;
    told.most = Math.max(told.most, most);
    told.longestS = Math.max(told.longestS, longestMs / SECOND);
    tell(told.histories);
  });
  const details = fc.check(property, { numRuns: times, seed, ...(path === undefined ? {} : { path }) });
  if (details.failed) told.broken.push(`${String(details.errorInstance)} ${fc.defaultReportMessage(details)}`);
  return told;
}
