// The one road to the store: groups of inputs wait here, and go in batches, one flush on its way at a time.
// Not here: what an input means (the store calls `decide`) and what follows from it (engine.ts).
// The one thing to know: answers of the store are looked at in the order in which it was asked, commits and page
// reads alike. So, while a page is being looked at, memory is exactly what it was on disk when the page was read.
import type { Input } from '../routing/inputs.ts';
import type { Clock } from './ports.ts';
import type { Limits, Log } from './settings.ts';
import { type Applied, type Store, StoreUnavailable } from './store-port.ts';

/** Pause after a failed flush: doubles from the first to the last while the store stays away. */
const PAUSE_FIRST_MS = 200;
const PAUSE_LAST_MS = 2_000;
/**
 * A result waits this long for a flush to ride in: a bot that answers while it replies would else cost two, and the reply,
 * which a customer waits for, would stand behind the commit of the answer.
 */
const LINGER_MS = 3;

/**
 * A flush that takes longer hangs: its hooks are told to come again, as are all others until it ends. What becomes of it
 * is told then, as of every flush: it may be kept although its sender was told to come again.
 */
const HANG_MS = 5_000;

type Group = {
  inputs: Input[];
  /** kept and sent again until it is stored: nobody outside waits who could send it again */
  keep: boolean;
  /** the result of an attempt: nobody outside waits for it, and losing it in a crash only repeats the attempt */
  lingers: boolean;
  /** goes alone, because a batch that it was in failed for a reason that is not the disk */
  alone: boolean;
  /** of which life of this process: results of one before are not its own any more */
  life: number;
  resolve(applied: Applied[]): void;
  reject(error: unknown): void;
};

export type CommitterParts = {
  store: Pick<Store, 'apply'>;
  clock: Clock;
  limits: Pick<Limits, 'flushInputs' | 'queuedInputs'>;
  log: Log;
  /**
   * Called once per commit, after its promises were resolved, before anything newer is looked at. `ofBefore`: it was asked for
   * in a life of this process that another has ended since.
   */
  committed(inputs: Input[], applied: Applied[], ofBefore: boolean): void;
  stateChanged(): void;
};

export class Committer {
  readonly #parts: CommitterParts;
  readonly #counts = { flushes: 0, flushed_inputs: 0, flush_failures: 0, commit_ms: 0, overloaded: 0 };
  #queue: Group[] = [];
  #queuedInputs = 0;
  #flushing = false;
  #scheduled = false;
  /** `down`: the store refused and is left alone for a moment; `trying`: the next flush will tell */
  #state: 'up' | 'trying' | 'down' = 'up';
  #pauseMs = 0;
  #linger: NodeJS.Timeout | undefined;
  #life = 0;
  #endPause: (() => void) | null = null;
  /** whose inputs are not taken any more */
  #closed: 'no' | 'hooks' | 'all' = 'no';
  #tail: Promise<void> = Promise.resolve();

  constructor(parts: CommitterParts) {
    this.#parts = parts;
  }

  /** For those who can send again: rejects with StoreUnavailable when the store refuses, the queue is full, or we stop. */
  submit(inputs: Input[]): Promise<Applied[]> {
    if (inputs.length === 0) return Promise.resolve([]);
    const why = this.#whyNot(inputs.length);
    return why === null ? this.#add(inputs, false, false) : Promise.reject(new StoreUnavailable(why));
  }

  /** For the engine's own: resolves when stored, however long it takes; rejects for a bug, or when it was closed first. */
  async keep(input: Input): Promise<Applied> {
    if (this.#closed === 'all') throw new StoreUnavailable('stopping');
    const [applied] = await this.#add([input], true, input.type === 'attempt');
    if (applied === undefined) throw new Error('the store answered fewer inputs than it was given');
    return applied;
  }

  /** Asks the store, and hands its answer to `look` in the order of asking; `look` must not wait for anything. */
  ask<T>(call: () => Promise<T>, look: (value: T) => void, failed: (error: unknown) => void): void {
    const answer = (async () => call())().then(
      (value) => () => look(value),
      (error: unknown) => () => failed(error),
    );
    this.#tail = this.#tail
      .then(() => answer)
      .then((then) => then())
      .catch((error: unknown) => {
        this.#parts.log.error({ err: error }, 'a bug: what the store answered could not be looked at');
      });
  }

  state(): 'up' | 'trying' | 'down' {
    return this.#state;
  }

  idle(): boolean {
    return !this.#flushing && this.#queue.length === 0;
  }

  /** Takes no more from hooks; what is kept still goes. */
  refuse(): void {
    if (this.#closed === 'no') this.#closed = 'hooks';
  }

  /** Results that are not stored yet are given up, also those on their way: their threads are another process's now. */
  forgetResults(): void {
    this.#life += 1;
    const gone = this.#queue.filter((group) => this.#isPast(group));
    this.#queue = this.#queue.filter((group) => !this.#isPast(group));
    for (const group of gone) {
      this.#queuedInputs -= group.inputs.length;
      group.reject(new StoreUnavailable('another process has taken over'));
    }
  }

  /** Gives up what is not stored yet. */
  close(): void {
    this.#closed = 'all';
    this.#endPause?.();
    clearTimeout(this.#linger);
    const left = this.#queue;
    this.#queue = [];
    this.#queuedInputs = 0;
    for (const group of left) group.reject(new StoreUnavailable('stopping'));
  }

  stats(): Record<string, number> {
    return { ...this.#counts, queued_inputs: this.#queuedInputs, store_up: this.#state === 'up' ? 1 : 0 };
  }

  #isPast({ lingers, life }: Group): boolean {
    return lingers && life !== this.#life;
  }

  #whyNot(inputs: number): string | null {
    if (this.#closed !== 'no') return 'stopping';
    if (this.#state === 'down') return 'the store refuses writes';
    if (this.#queuedInputs === 0 || this.#queuedInputs + inputs <= this.#parts.limits.queuedInputs) return null;
    this.#counts.overloaded += 1;
    return 'overloaded';
  }

  #add(inputs: Input[], keep: boolean, lingers: boolean): Promise<Applied[]> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ inputs, keep, lingers, alone: false, life: this.#life, resolve, reject });
      this.#queuedInputs += inputs.length;
      if (lingers) this.#lingering();
      else this.#schedule();
    });
  }

  /** A result rides in the next flush, or in one of its own a little later. */
  #lingering(): void {
    if (this.#flushing || this.#linger !== undefined) return;
    this.#linger = setTimeout(() => {
      this.#linger = undefined;
      this.#schedule();
    }, LINGER_MS);
  }

  /** At the end of this turn of the loop, so that what arrives in one turn rides in one flush. */
  #schedule(): void {
    if (this.#scheduled || this.#flushing || this.#state === 'down') return;
    this.#scheduled = true;
    clearTimeout(this.#linger);
    this.#linger = undefined;
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#flushing || this.#state === 'down' || this.#queue.length === 0) return;
    const groups = this.#take();
    const inputs = groups.length === 1 ? (groups[0] as Group).inputs : groups.flatMap((group) => group.inputs);
    this.#queuedInputs -= inputs.length;
    this.#flushing = true;
    const life = this.#life;
    const began = performance.now();
    const hanging = setTimeout(() => this.#hangs(groups), HANG_MS);
    this.ask(
      () => this.#parts.store.apply(inputs),
      (applied) => {
        clearTimeout(hanging);
        this.#flushing = false;
        this.#counts.flushes += 1;
        this.#counts.flushed_inputs += inputs.length;
        this.#counts.commit_ms += performance.now() - began;
        this.#up();
        // The store works on the next while we look at this one.
        if (this.#queue.some((group) => !group.lingers)) this.#flush();
        else if (this.#queue.length > 0) this.#lingering();
        this.#settle(groups, inputs, applied, life !== this.#life);
      },
      (error) => {
        clearTimeout(hanging);
        this.#flushing = false;
        this.#counts.flush_failures += 1;
        if (error instanceof StoreUnavailable) this.#unavailable(groups, error);
        else this.#broken(groups, error);
      },
    );
  }

  /** The next batch: whole groups up to the limit, in order; the first in any case; one that must go alone goes alone. */
  #take(): Group[] {
    let count = 0;
    let end = 0;
    for (const group of this.#queue) {
      if (end > 0 && (group.alone || count + group.inputs.length > this.#parts.limits.flushInputs)) break;
      count += group.inputs.length;
      end += 1;
      if (group.alone) break;
    }
    const groups = this.#queue.slice(0, end);
    this.#queue = this.#queue.slice(end);
    return groups;
  }

  #settle(groups: Group[], inputs: Input[], applied: Applied[], ofBefore: boolean): void {
    let from = 0;
    for (const group of groups) {
      group.resolve(groups.length === 1 ? applied : applied.slice(from, from + group.inputs.length));
      from += group.inputs.length;
    }
    this.#parts.committed(inputs, applied, ofBefore);
  }

  #up(): void {
    this.#pauseMs = 0;
    if (this.#state === 'up') return;
    this.#state = 'up';
    this.#parts.log.info({}, 'the store takes writes again');
    this.#parts.stateChanged();
  }

  #hangs(groups: Group[]): void {
    const error = new StoreUnavailable('the store does not answer');
    for (const group of [...groups, ...this.#queue]) if (!group.keep) group.reject(error);
    this.#queue = this.#queue.filter(({ keep }) => keep);
    this.#queuedInputs = this.#queue.reduce((sum, group) => sum + group.inputs.length, 0);
    if (this.#state === 'down') return;
    if (this.#state === 'up') this.#parts.log.error({}, 'the store does not answer; hooks are answered 503 meanwhile');
    this.#state = 'down';
    this.#parts.stateChanged();
  }

  #unavailable(groups: Group[], error: StoreUnavailable): void {
    const { clock, log, stateChanged } = this.#parts;
    const all = [...groups, ...this.#queue];
    const kept = this.#closed === 'all' ? [] : all.filter((group) => group.keep && !this.#isPast(group));
    this.#queue = kept;
    this.#queuedInputs = kept.reduce((sum, group) => sum + group.inputs.length, 0);
    for (const group of all) if (!kept.includes(group)) group.reject(error);
    if (this.#closed === 'all') return;
    if (this.#state === 'up') log.error({ err: error }, 'the store refuses writes; hooks are answered 503 meanwhile');
    this.#state = 'down';
    stateChanged();
    this.#pauseMs = Math.min(Math.max(PAUSE_FIRST_MS, this.#pauseMs * 2), PAUSE_LAST_MS);
    this.#endPause = clock.at(clock.now() + this.#pauseMs, () => {
      this.#state = 'trying';
      if (this.#queue.length > 0) this.#schedule();
      stateChanged();
    });
  }

  /** Not the disk but a bug, on one of the inputs: each goes alone, so that one cannot stop all others for ever. */
  #broken(groups: Group[], error: unknown): void {
    // It hung, and answers after all: no pause is under way that would end.
    if (this.#state === 'down') {
      this.#state = 'trying';
      this.#parts.stateChanged();
    }
    const only = groups.length === 1 ? groups[0] : undefined;
    if (only) {
      const types = only.inputs.map((input) => input.type);
      this.#parts.log.error({ err: error, inputs: types }, 'a bug: an input could not be decided');
      only.reject(error);
    } else {
      for (const group of groups) {
        group.alone = true;
        this.#queuedInputs += group.inputs.length;
      }
      this.#queue = [...groups, ...this.#queue];
    }
    this.#schedule();
  }
}
