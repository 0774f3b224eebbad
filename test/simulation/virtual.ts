// Virtual time: what the engine takes for timers, turns of the loop and clocks while it is simulated.
// Not here: what happens at which time (life.ts). esbuild puts these names in the place of the real ones (build.ts).
// The one thing to know: an event belongs to a process, and so does all that follows from it; what belongs to a process
// that is dead never happens, and what belongs to a frozen one happens when it wakes.

/** Whose events they are: a process that may die or freeze; null: the world around. */
export type Owner = { dead: boolean; frozenUntil: number };

type Event = { at: number; order: number; run: () => void; owner: Owner | null; off: boolean };

/** Beyond so many events a run goes round in circles. */
const EVENTS_MAX = 60_000;

/** Ends when all that was promised so far has been looked at: nothing real is waited for. */
const drained = (): Promise<void> => new Promise((resolve) => globalThis.setImmediate(resolve));

export class Time {
  now: number;
  events = 0;
  #order = 0;
  readonly #heap: Event[] = [];
  #current: Owner | null = null;

  constructor(start: number) {
    this.now = start;
  }

  /** Runs something at a time; it belongs to whoever is at work now, unless said. */
  at(at: number, run: () => void, owner: Owner | null = this.#current): () => void {
    const event = { at: Math.max(at, this.now), order: ++this.#order, run, owner, off: false };
    push(this.#heap, event);
    return () => {
      event.off = true;
    };
  }

  /** Goes on until `end`, or until something is wrong. */
  async run(end: number, wrong: () => boolean): Promise<void> {
    for (let next = this.#heap[0]; next && next.at <= end && !wrong(); next = this.#heap[0]) {
      pop(this.#heap);
      const { owner } = next;
      if (next.off || owner?.dead) continue;
      if (owner && owner.frozenUntil > next.at) {
        // The same event, so that who has set it can still take it back.
        push(this.#heap, Object.assign(next, { at: owner.frozenUntil, order: ++this.#order }));
        continue;
      }
      if (++this.events > EVENTS_MAX) throw new Error('it never comes to rest');
      this.now = Math.max(this.now, next.at);
      this.#current = owner;
      next.run();
      await drained();
      this.#current = null;
    }
    this.now = Math.max(this.now, end);
  }
}

const before = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

function push(heap: Event[], event: Event): void {
  let i = heap.length;
  heap.push(event);
  while (i > 0) {
    const parent = (i - 1) >> 1;
    const above = heap[parent] as Event;
    if (before(above, event)) break;
    heap[i] = above;
    i = parent;
  }
  heap[i] = event;
}

function pop(heap: Event[]): void {
  const last = heap.pop() as Event;
  if (heap.length === 0) return;
  let i = 0;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= heap.length) break;
    const right = heap[child + 1];
    if (right && before(right, heap[child] as Event)) child += 1;
    if (!before(heap[child] as Event, last)) break;
    heap[i] = heap[child] as Event;
    i = child;
  }
  heap[i] = last;
}

/** 2026-01-05T09:00:00Z, a Monday. */
export const START = 1_767_603_600_000;
let running = new Time(START);

/** A new time, for a new run. */
export function begin(): Time {
  running = new Time(START);
  return running;
}

export const setTimeout = (run: () => void, ms = 0) => {
  const cancel = running.at(running.now + ms, run);
  return { cancel, unref: () => undefined };
};
export const clearTimeout = (timer: { cancel(): void } | undefined): void => timer?.cancel();
export const setImmediate = (run: () => void) => running.at(running.now, run);
export const performance = { now: () => running.now - START };
