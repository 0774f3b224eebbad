// The live feed: events in commit order, to many readers at once.
// Not here: how a stream is written (api/events.ts). The one thing to know: readers pull. The newest events are read
// from the store once for all readers and kept in a ring; a slow reader costs nothing but its place, and reads from
// the store what has left the ring.
import type { Engine } from '../engine/ports.ts';
import type { FeedEvent, Store } from '../engine/store-port.ts';

/** Readers at once: consoles, not customers. Each holds a connection. */
export const READERS_MAX = 100;
/** Events kept for readers that are nearly up to date: a second at full speed. */
const RING_MAX = 2_000;
/** Events read at once; also the most that one reader has on its way. */
const PAGE = 200;

export type Reader = {
  /** the events after the last ones, or none after `waitMs` without any; never more than a page. null: closed */
  next(waitMs: number): Promise<FeedEvent[] | null>;
  close(): void;
};

export type Feed = {
  /** reads after `afterSeq`; `lastSeq` is the last event of the store now. null: as many readers as there may be */
  open(afterSeq: number, lastSeq: number): Reader | null;
  readers(): number;
  stop(): void;
};

export function createFeed(engine: Engine, store: Store, wait: (ms: number, wake: () => void) => () => void): Feed {
  const open = new Map<object, () => void>();
  let ring: FeedEvent[] = [];
  let committed = 0;
  let loading: Promise<void> | null = null;
  let stopped = false;
  let forget: (() => void) | null = null;

  const wakeAll = (): void => {
    for (const wake of open.values()) wake();
  };
  const listen = (): (() => void) =>
    engine.onCommit((lastSeq) => {
      committed = Math.max(committed, lastSeq);
      wakeAll();
    });

  /** Nobody reads: nothing is listened to, nothing is kept. */
  function rest(): void {
    forget?.();
    forget = null;
    ring = [];
  }

  /** Brings the ring up to date; one reading at a time, whoever asks. */
  function load(): Promise<void> {
    loading ??= (async () => {
      const last = ring.at(-1)?.seq ?? committed - 1;
      const fresh = await store.events(last, PAGE);
      ring = [...ring, ...fresh].slice(-RING_MAX);
    })().finally(() => {
      loading = null;
    });
    return loading;
  }

  async function after(seq: number): Promise<FeedEvent[]> {
    if (committed <= seq) return [];
    if ((ring.at(-1)?.seq ?? 0) <= seq) await load();
    const first = ring[0];
    if (first === undefined || seq < first.seq - 1) return store.events(seq, PAGE);
    const from = ring.findIndex((event) => event.seq > seq);
    return from === -1 ? [] : ring.slice(from, from + PAGE);
  }

  function reader(afterSeq: number): Reader {
    const self = {};
    let cursor = afterSeq;
    let wake = (): void => undefined;
    open.set(self, () => wake());
    forget ??= listen();
    return {
      async next(waitMs) {
        for (let waited = false; ; ) {
          if (stopped || !open.has(self)) return null;
          const events = await after(cursor);
          if (events.length > 0 || waited) {
            cursor = events.at(-1)?.seq ?? cursor;
            return events;
          }
          await new Promise<void>((resolve) => {
            const cancel = wait(waitMs, () => {
              waited = true;
              resolve();
            });
            wake = () => {
              cancel();
              resolve();
            };
            if (stopped || committed > cursor || !open.has(self)) wake();
          });
        }
      },
      close() {
        open.delete(self);
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
    stop() {
      stopped = true;
      wakeAll();
      rest();
    },
  };
}
