// The live feed: events in commit order, to many readers at once; and signals, which are told to whoever reads now.
// Not here: how a stream is written (api/events.ts). The one thing to know: readers pull. The newest events are read
// from the store once for all readers and kept in a ring; a slow reader costs nothing but its place, and reads from
// the store what has left the ring. Signals have no place in the order and are never kept.
import type { FeedEvent, Store } from '../engine/store-port.ts';
import type { HttpParts } from './parts.ts';
import { type Signal, Signals, typingSignal } from './signals.ts';

/** Readers at once: consoles, not customers. Each holds a connection. */
export const READERS_MAX = 100;
/** Events kept for readers that are nearly up to date: a second at full speed. */
const RING_MAX = 2_000;
/** Events read at once; also the most that one reader has on its way. */
const PAGE = 200;
export type Reader = {
  /** the events after the last ones, or none after `waitMs` without any; never more than a page. null: closed */
  next(waitMs: number): Promise<FeedEvent[] | null>;
  /** the signals since they were last asked for; `next` ends its waiting for them */
  signals(): Signal[];
  close(): void;
};

export type Feed = {
  /** reads after `afterSeq`; `lastSeq` is the last event of the store now. null: as many readers as there may be */
  open(afterSeq: number, lastSeq: number): Reader | null;
  readers(): number;
  /** tells everybody who reads now */
  signal(signal: Signal): void;
  stop(): void;
};

type Parts = Pick<HttpParts, 'engine' | 'directory' | 'store' | 'clock'>;

export function createFeed({ engine, directory, store, clock }: Parts): Feed {
  const open = new Map<Signals, () => void>();
  const ring = new Ring(store);
  let committed = 0;
  let stopped = false;
  let forget: (() => void) | null = null;

  const wakeAll = (): void => {
    for (const wake of open.values()) wake();
  };
  const reached = (lastSeq: number): void => {
    if (lastSeq <= committed) return;
    committed = lastSeq;
    wakeAll();
  };
  /** For what is written beside the engine's commits; when the store cannot say, the next commit or look will. */
  const look = (): Promise<void> => store.lastEventSeq().then(reached, () => undefined);
  const signal = (told: Signal): void => {
    for (const signals of open.keys()) signals.put(told);
    wakeAll();
  };
  const listen = (): (() => void) => {
    const ends = [
      engine.onCommit(reached),
      engine.onSignal((transient) => signal(typingSignal(transient, clock.now()))),
      directory.onChange(() => void look()),
    ];
    return () => {
      for (const end of ends) end();
    };
  };

  /** Nobody reads: nothing is listened to, nothing is kept. */
  function rest(): void {
    forget?.();
    forget = null;
    ring.empty();
  }

  function reader(afterSeq: number): Reader {
    const signals = new Signals();
    let cursor = afterSeq;
    let wake = (): void => undefined;
    const isOpen = (): boolean => !stopped && open.has(signals);

    /** Until something was committed after the cursor, the time is over (true), or the reader is closed. */
    const pause = (ms: number): Promise<boolean> =>
      new Promise((resolve) => {
        const cancel = clock.at(clock.now() + ms, () => void look().then(() => resolve(true)));
        wake = () => {
          cancel();
          resolve(false);
        };
        if (committed > cursor || signals.some || !isOpen()) wake();
      });

    open.set(signals, () => wake());
    forget ??= listen();
    return {
      async next(waitMs) {
        for (let waited = false; ; waited = await pause(waitMs)) {
          if (!isOpen()) return null;
          const read = committed > cursor ? await ring.after(cursor, committed) : { events: [], upto: cursor };
          cursor = read.upto;
          if (read.events.length > 0 || signals.some || waited) return read.events;
        }
      },
      signals: () => signals.take(),
      close() {
        open.delete(signals);
        wake();
        if (open.size === 0) rest();
      },
    };
  }

  return {
    open(afterSeq, lastSeq) {
      if (stopped || open.size >= READERS_MAX) return null;
      committed = Math.max(committed, lastSeq);
      return reader(afterSeq);
    },
    readers: () => open.size,
    signal,
    stop() {
      stopped = true;
      wakeAll();
      rest();
    },
  };
}

/** All events after `start`, up to and with `end`; the newest that anybody reads. */
class Ring {
  readonly #store: Pick<Store, 'events'>;
  #events: FeedEvent[] = [];
  #start = -1;
  #end = -1;
  #extending: Promise<void> | null = null;

  constructor(store: Pick<Store, 'events'>) {
    this.#store = store;
  }

  empty(): void {
    this.#restart(-1);
  }

  /** A page of the events after `seq`, and how far that page reaches: numbers may have gaps where things were erased. */
  async after(seq: number, committed: number): Promise<{ events: FeedEvent[]; upto: number }> {
    if (seq > this.#end) this.#restart(seq);
    if (seq === this.#end) await this.#extend(committed);
    if (seq < this.#start || seq > this.#end) return page(await this.#store.events(seq, PAGE), committed);
    const from = this.#events.findIndex((event) => event.seq > seq);
    return page(from === -1 ? [] : this.#events.slice(from, from + PAGE), this.#end);
  }

  #restart(seq: number): void {
    this.#events = [];
    this.#start = seq;
    this.#end = seq;
    this.#extending = null;
  }

  /** Reads on from the end; one reading at a time, whoever asks. */
  #extend(committed: number): Promise<void> {
    const from = this.#end;
    this.#extending ??= this.#store.events(from, PAGE).then(
      (fresh) => {
        if (this.#end !== from) return; // begun anew meanwhile
        this.#extending = null;
        this.#events.push(...fresh);
        this.#end = fresh.at(-1)?.seq ?? committed;
        const over = this.#events.length - RING_MAX;
        if (over > 0) this.#start = this.#events.splice(0, over).at(-1)?.seq ?? this.#start;
      },
      (error) => {
        this.#extending = null;
        throw error;
      },
    );
    return this.#extending;
  }
}

const page = (events: FeedEvent[], end: number): { events: FeedEvent[]; upto: number } => ({
  events,
  upto: events.at(-1)?.seq ?? end,
});
