// Many alarms on one timer: a heap of times, one per key, with the clock asked for the earliest only.
// Not here: what rings (retries of lanes, deadlines of threads).
// The one thing to know: a key has one time; setting it again replaces it. Replaced entries stay in the heap until
// they come up or the heap is rebuilt, so that setting and clearing cost no search.
import type { Clock } from './ports.ts';

export type Alarms<K> = {
  set(key: K, at: number): void;
  clear(key: K): void;
  /** when the key rings, ms since 1970 */
  at(key: K): number | undefined;
  size(): number;
  /** nothing rings any more */
  stop(): void;
};

type Entry<K> = { at: number; key: K };

/** The heap may hold this many replaced entries beyond the live ones before it is rebuilt. */
const SLACK = 256;

/** `ring` gets every key that is due, soonest first; they are no longer set then. */
export function createAlarms<K>(clock: Clock, ring: (keys: K[]) => void): Alarms<K> {
  const times = new Map<K, number>();
  let heap: Entry<K>[] = [];
  let armed: { at: number; cancel: () => void } | null = null;
  let stopped = false;

  const live = (entry: Entry<K>): boolean => times.get(entry.key) === entry.at;

  function arm(): void {
    while (heap[0] && !live(heap[0])) pop(heap);
    const next = heap[0];
    if (!next || stopped || (armed && armed.at <= next.at)) return;
    armed?.cancel();
    armed = { at: next.at, cancel: clock.at(next.at, wake) };
  }

  function wake(): void {
    armed = null;
    if (stopped) return;
    const now = clock.now();
    const due: K[] = [];
    for (let next = heap[0]; next && next.at <= now; next = heap[0]) {
      pop(heap);
      if (!live(next)) continue;
      times.delete(next.key);
      due.push(next.key);
    }
    arm();
    if (due.length > 0) ring(due);
  }

  return {
    set(key, at) {
      if (times.get(key) === at) return;
      times.set(key, at);
      push(heap, { at, key });
      if (heap.length > times.size * 2 + SLACK) {
        heap = heap.filter(live).sort((a, b) => a.at - b.at);
      }
      arm();
    },
    clear: (key) => void times.delete(key),
    at: (key) => times.get(key),
    size: () => times.size,
    stop() {
      stopped = true;
      armed?.cancel();
    },
  };
}

function push<K>(heap: Entry<K>[], entry: Entry<K>): void {
  let i = heap.length;
  heap.push(entry);
  while (i > 0) {
    const parent = (i - 1) >> 1;
    const above = heap[parent] as Entry<K>;
    if (above.at <= entry.at) break;
    heap[i] = above;
    i = parent;
  }
  heap[i] = entry;
}

function pop<K>(heap: Entry<K>[]): void {
  const last = heap.pop() as Entry<K>;
  if (heap.length === 0) return;
  let i = 0;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= heap.length) break;
    const right = heap[child + 1];
    if (right && right.at < (heap[child] as Entry<K>).at) child += 1;
    const below = heap[child] as Entry<K>;
    if (below.at >= last.at) break;
    heap[i] = below;
    i = child;
  }
  heap[i] = last;
}
