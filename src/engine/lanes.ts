// What is to be sent next, in which order: the lanes in memory, and the latest view of their threads.
// Not here: who may send now (deliver.ts), and how deliveries get from disk into lanes (loading.ts).
// The one thing to know: a lane is (thread, target, class), in commit order, and only its head moves: it is sent, or
// waits for its time, and everything behind it waits with it.
import type { Delivery, Id, Message, StoredStatus, Target } from '../routing/model.ts';
import { type Alarms, createAlarms } from './alarms.ts';
import { type CloseWindow, NOT_BEGUN_MS } from './begin.ts';
import type { Clock } from './ports.ts';
import type { Applied, LaneItem, ThreadView } from './store-port.ts';
import { type Entry, type Feed, type Lane, newTarget, type TargetState, targetKey } from './targets.ts';

/**
 * No retry and no merge window waits longer, by the contract and by what can be set. What is planned for later than that was
 * planned by a clock that has gone back since, and does not wait.
 */
const RETRY_MAX_MS = 3_600_000;
const WINDOW_MAX_MS = 10_000;

export type LanesParts = {
  clock: Clock;
  /** how often a bot or desk became active: a retry of an older generation does not wait for its time */
  generation(target: Target): number;
  closeWindow: CloseWindow;
  /** how long this process could begin no attempt at all, so far */
  blockedMs(): number;
  /** a lane of this target can be sent from */
  ready(of: TargetState): void;
  /** deliveries of this target left memory */
  room(of: TargetState): void;
};

type Change = Applied['changes'][number];

export class Lanes {
  readonly #parts: LanesParts;
  readonly #alarms: Alarms<Lane>;
  readonly #targets = new Map<string, TargetState>();
  readonly #entries = new Map<Id, Entry>();
  readonly #threads = new Map<Id, { view: ThreadView | null; lanes: number }>();
  readonly #handed = new Map<Id, number>();
  #laneCount = 0;

  constructor(parts: LanesParts) {
    this.#parts = parts;
    this.#alarms = createAlarms<Lane>(parts.clock, (lanes) => {
      for (const lane of lanes) this.#look(lane);
    });
  }

  target(of: Target): TargetState {
    const key = targetKey(of);
    let state = this.#targets.get(key);
    if (state === undefined) {
      state = newTarget(of);
      this.#targets.set(key, state);
    }
    return state;
  }

  targets(): IterableIterator<TargetState> {
    return this.#targets.values();
  }

  /** The latest committed view of a thread that has a lane in memory. */
  view(threadId: Id): ThreadView | null {
    return this.#threads.get(threadId)?.view ?? null;
  }

  /** Replaces the view of a thread, if it has a lane in memory. */
  see(view: ThreadView): void {
    const thread = this.#threads.get(view.id);
    if (thread) thread.view = view;
  }

  /** The highest turn handed over in an attempt that began, and that may have been taken. */
  handed(conversationId: Id): number | undefined {
    return this.#handed.get(conversationId);
  }

  /** The target answered that it did not take what was handed to it. What went before it, it has acknowledged. */
  refused({ item }: Entry): void {
    if (item.delivery.conversationId !== null) this.#handed.delete(item.delivery.conversationId);
  }

  /** Puts a delivery into its lane, at its place in commit order; one that is there already stays as it is. */
  put(of: TargetState, feed: Feed, item: LaneItem, from: 'commit' | 'page' | 'ahead'): void {
    const { id, ord, threadId } = item.delivery;
    if (this.#entries.has(id)) return;
    const lane = feed.lanes.get(threadId) ?? this.#open(of, feed, threadId);
    const window = mayGrow(item.delivery) ? 'open' : 'over';
    const [loaded, ahead] = [from === 'page', from === 'ahead'];
    const entry: Entry = { item, lane, loaded, ahead, over: false, heldUntil: 0, window };
    const first = lane.state === 'busy' ? 1 : 0;
    let place = lane.entries.length;
    while (place > first && (lane.entries[place - 1] as Entry).item.delivery.ord > ord) place -= 1;
    if (place === lane.entries.length) lane.entries.push(entry);
    else lane.entries.splice(place, 0, entry);
    this.#entries.set(id, entry);
    feed.count += 1;
    if (ahead) feed.ahead += 1;
    if (lane.state === 'waiting') feed.blocked += 1;
    if (loaded && feed === of.main) of.drainLeft += 1;
    if (item.thread) this.see(item.thread);
    if (place === 0) this.#look(lane);
    else this.#passes(lane);
  }

  /** A decided change of a delivery that may be in memory. False: it is not. */
  change(change: Change): boolean {
    const entry = this.#entries.get(change.id);
    if (entry === undefined) return false;
    const { lane } = entry;
    entry.over = isOver(change.status ?? entry.item.delivery.status);
    if (!entry.over) entry.item = changed(entry.item, change);
    const inFlight = lane.state === 'busy' && lane.entries[0] === entry;
    if (inFlight) return true;
    if (entry.over) this.#remove(entry);
    this.#look(lane);
    return true;
  }

  /** A message reads otherwise from now on: what waits here says what is on disk. */
  rewrite(messageId: Id, reads: (message: Message) => Message): void {
    const read = (each: Message): Message => (each.id === messageId ? reads(each) : each);
    for (const entry of this.#entries.values()) {
      const { message, merged } = entry.item;
      if (message?.id !== messageId && merged.every(({ id }) => id !== messageId)) continue;
      entry.item = { ...entry.item, message: message && read(message), merged: merged.map(read) };
    }
  }

  /** The head of the next lane of a target that can be sent from, now in flight; undefined when there is none. */
  take(of: TargetState): Entry | undefined {
    for (let lane = of.ready.shift(); lane !== undefined; lane = of.ready.shift()) {
      lane.inQueue = false;
      const head = lane.entries[0];
      if (lane.state !== 'ready' || head === undefined) continue;
      this.#enter(lane, 'busy');
      const blocked = this.#parts.blockedMs() - lane.blockedMs;
      lane.inLineMs = Math.max(0, this.#parts.clock.now() - lane.readyAt - blocked);
      this.#hand(lane, head.item.delivery);
      return head;
    }
    return undefined;
  }

  /** The head in flight came to rest: it stays as head (a retry) or leaves memory, and the lane goes on. */
  release(entry: Entry, stays: boolean): void {
    const { lane } = entry;
    this.#enter(lane, 'new');
    if (stays && !entry.over && lane.feed.mode !== 'off') {
      for (const each of lane.entries) this.#drained(each);
    } else this.#remove(entry);
    this.#look(lane);
    this.#parts.room(lane.target);
  }

  /** The lane is as it is on disk: `owed` is all that it holds but what is in flight. */
  renew(of: TargetState, feed: Feed, threadId: Id, owed: readonly LaneItem[]): void {
    const ids = new Map(owed.map((item) => [item.delivery.id, item]));
    const lane = feed.lanes.get(threadId);
    for (const entry of [...(lane?.entries ?? [])]) {
      const item = ids.get(entry.item.delivery.id);
      entry.over = item === undefined;
      if (item) entry.item = item;
      const inFlight = lane?.state === 'busy' && lane.entries[0] === entry;
      if (entry.over && !inFlight) this.#remove(entry);
    }
    if (lane) this.#look(lane);
    for (const item of owed) this.put(of, feed, item, 'commit');
  }

  /** What was in flight, and all that waits behind it, is not ours to send any more, or will be read again. */
  abandon({ lane }: Entry): void {
    this.#enter(lane, 'new');
    this.#empty(lane);
    this.#parts.room(lane.target);
  }

  /** Forgets what a target is owed, except what is in flight. */
  drop(of: TargetState): void {
    for (const feed of [of.main, of.receipt]) {
      for (const lane of [...feed.lanes.values()]) this.#empty(lane);
    }
  }

  /** Forgets what these threads are owed, except what is in flight. */
  forget(threadIds: readonly Id[]): void {
    for (const threadId of threadIds) {
      for (const of of this.#targets.values()) {
        for (const lane of [of.main.lanes.get(threadId), of.receipt.lanes.get(threadId)]) if (lane) this.#empty(lane);
      }
    }
  }

  /** Looks at all lanes of a target again: its generation may have changed. */
  wake(of: TargetState): void {
    for (const feed of [of.main, of.receipt]) for (const lane of [...feed.lanes.values()]) this.#look(lane);
  }

  stop(): void {
    this.#alarms.stop();
  }

  stats(): Record<string, number> {
    return {
      lanes: this.#laneCount,
      lanes_waiting: this.#alarms.size(),
      deliveries_in_memory: this.#entries.size,
    };
  }

  #open(of: TargetState, feed: Feed, threadId: Id): Lane {
    const still = { state: 'new', inQueue: false, readyAt: 0, blockedMs: 0, inLineMs: 0 } as const;
    const lane: Lane = { threadId, target: of, feed, entries: [], ...still, handed: [] };
    feed.lanes.set(threadId, lane);
    this.#laneCount += 1;
    const thread = this.#threads.get(threadId);
    if (thread) thread.lanes += 1;
    else this.#threads.set(threadId, { view: null, lanes: 1 });
    return lane;
  }

  #close(lane: Lane): void {
    this.#enter(lane, 'closed');
    this.#alarms.clear(lane);
    lane.feed.lanes.delete(lane.threadId);
    this.#laneCount -= 1;
    for (const conversationId of lane.handed) this.#handed.delete(conversationId);
    const thread = this.#threads.get(lane.threadId);
    if (thread && --thread.lanes === 0) this.#threads.delete(lane.threadId);
    const { main, target } = lane.target;
    // Bots, desks and assets are as many as were configured; urls come and go.
    if (target.type === 'url' && main.lanes.size === 0 && main.mode === 'direct')
      this.#targets.delete(targetKey(target));
  }

  #enter(lane: Lane, state: Lane['state']): void {
    if (lane.state === 'waiting') lane.feed.blocked -= lane.entries.length;
    lane.state = state;
    if (state === 'waiting') lane.feed.blocked += lane.entries.length;
  }

  /** Lets a lane that is not in flight do what its head asks for: be sent, wait, or, empty, go. */
  #look(lane: Lane): void {
    if (lane.state === 'busy' || lane.state === 'closed') return;
    const head = lane.entries[0];
    if (head === undefined) {
      this.#close(lane);
      return;
    }
    const at = this.#startOf(head);
    if (at > this.#parts.clock.now()) {
      this.#enter(lane, 'waiting');
      this.#alarms.set(lane, at);
      this.#passes(lane);
      return;
    }
    this.#alarms.clear(lane);
    if (head.window !== 'over') {
      this.#enter(lane, 'waiting');
      this.#closeWindow(head);
      return;
    }
    if (lane.state !== 'ready') {
      lane.readyAt = this.#parts.clock.now();
      lane.blockedMs = this.#parts.blockedMs();
    }
    this.#enter(lane, 'ready');
    if (lane.inQueue) return;
    lane.inQueue = true;
    lane.target.ready.push(lane);
    this.#parts.ready(lane.target);
  }

  /** What was decided in time and we have not looked at yet goes along: later it could only come out of order. */
  #closeWindow(head: Entry): void {
    if (head.window === 'closing') return;
    head.window = 'closing';
    this.#parts.closeWindow(head.item.delivery, (how) => {
      head.window = how === 'not_begun' ? 'open' : 'over';
      if (how === 'not_begun') head.heldUntil = this.#parts.clock.now() + NOT_BEGUN_MS;
      if (how === 'over') this.#remove(head);
      this.#look(head.lane);
    });
  }

  /** When the head may be sent. What failed before its target became active again begins afresh, at once. */
  #startOf({ item: { delivery }, heldUntil }: Entry): number {
    const fresh = delivery.attempts > 0 && delivery.generation < this.#parts.generation(delivery.target);
    const longest = mayGrow(delivery) ? WINDOW_MAX_MS : RETRY_MAX_MS;
    const odd = delivery.notBefore > this.#parts.clock.now() + longest;
    return Math.max(fresh || odd ? 0 : delivery.notBefore, heldUntil);
  }

  #hand(lane: Lane, { conversationId, turn }: Delivery): void {
    if (conversationId === null || turn === null) return;
    if (!lane.handed.includes(conversationId)) lane.handed.push(conversationId);
    this.#handed.set(conversationId, Math.max(turn, this.#handed.get(conversationId) ?? 0));
  }

  #empty(lane: Lane): void {
    for (const entry of lane.entries.slice(lane.state === 'busy' ? 1 : 0).reverse()) this.#remove(entry);
    this.#look(lane);
  }

  /** Takes a delivery out of memory; its lane is looked at by the caller. */
  #remove(entry: Entry): void {
    const { lane } = entry;
    const place = lane.entries.indexOf(entry);
    if (place < 0) return;
    lane.entries.splice(place, 1);
    this.#entries.delete(entry.item.delivery.id);
    lane.feed.count -= 1;
    if (entry.ahead) lane.feed.ahead -= 1;
    if (lane.state === 'waiting') lane.feed.blocked -= 1;
    this.#drained(entry);
    this.#parts.room(lane.target);
  }

  /** A lane that waits for a retry does not keep the receipts of all others waiting. */
  #passes({ state, entries }: Lane): void {
    const tried = (entries[0]?.item.delivery.attempts ?? 0) > 0;
    if (tried && state === 'waiting') for (const each of entries) this.#drained(each);
  }

  #drained(entry: Entry): void {
    if (!entry.loaded) return;
    entry.loaded = false;
    if (entry.lane.feed === entry.lane.target.main) entry.lane.target.drainLeft -= 1;
  }
}

/** Whether a thread is this customer's. */
export function isOf(view: ThreadView, assetId: Id, address: string): boolean {
  return view.assetId === assetId && (view.address === address || view.aliases?.includes(address) === true);
}

/** It waits for the end of a merge window, as far as one can see: only a retry waits as well. */
function mayGrow({ notBefore, attempts }: Delivery): boolean {
  return notBefore > 0 && attempts === 0;
}

function isOver(status: StoredStatus): boolean {
  return status !== 'pending' && status !== 'retrying';
}

function changed(item: LaneItem, change: Change): LaneItem {
  const { join, joined, target: _target, threadId: _thread, ...fields } = change;
  const delivery: Delivery = { ...item.delivery };
  for (const [name, value] of Object.entries(fields))
    if (value !== undefined) Object.assign(delivery, { [name]: value });
  if (!join || delivery.merged.includes(join.messageId)) return { ...item, delivery };
  delivery.merged = [...delivery.merged, join.messageId];
  delivery.turn = join.turn;
  return { ...item, delivery, merged: joined ? [...item.merged, joined] : item.merged };
}
