// The shapes of what is held in memory to be sent: targets, their feeds, lanes and entries.
// Shapes and the making of empty ones only: lanes.ts moves them, loading.ts fills them, deliver.ts sends from them.
// The one thing to know: everything here is a window on what is on disk; it may be dropped and read again at any time.
import type { Id, LaneClass, Target } from '../routing/model.ts';
import { Fifo } from './fifo.ts';
import type { LaneItem } from './store-port.ts';

/** A delivery in memory. */
export type Entry = {
  item: LaneItem;
  lane: Lane;
  /** it was read from disk and not tried yet: the drain is over when none of these is left */
  loaded: boolean;
  /** it did not wait for the reading */
  ahead: boolean;
  /** delivered, dead, held or cancelled on disk: it leaves memory as soon as it is not in flight */
  over: boolean;
  /** not to be begun before, for a reason of ours that no peer caused; 0: none */
  heldUntil: number;
  /** of a merge window; `closing`: its time is over, and something may have been joined to it that we have not looked at yet */
  window: 'open' | 'closing' | 'over';
};

/** (thread, target, class): one in flight, in commit order. */
export type Lane = {
  threadId: Id;
  target: TargetState;
  feed: Feed;
  entries: Entry[];
  /** `waiting`: for the head's time; `busy`: the head is in flight until its result is committed */
  state: 'new' | 'ready' | 'waiting' | 'busy' | 'closed';
  /** it stands in its target's queue of ready lanes */
  inQueue: boolean;
  /** since when its head could be sent */
  readyAt: number;
  /** how long this process had been unable to send anything at all, by then */
  blockedMs: number;
  /** how long its head stood in line until it was sent, but for that */
  inLineMs: number;
  /** conversations whose turns were handed over from this lane */
  handed: Id[];
};

/** One class of a target's deliveries, and where they come from: straight from commits, or read page by page. */
export type Feed = {
  lane: LaneClass;
  mode: 'off' | 'loading' | 'direct';
  /** the commit order up to which everything pending is, or was, in memory */
  cursor: number;
  reading: boolean;
  /** which of several beginnings a page belongs to: a page of an older one is thrown away */
  run: number;
  /** highest commit order that was left to the reading since the page on its way was asked for */
  skipped: number;
  lanes: Map<Id, Lane>;
  threads: KnownThreads;
  /** deliveries in memory, and those among them in lanes that wait for their head's time */
  count: number;
  blocked: number;
  /** those that did not wait for the reading */
  ahead: number;
};

/**
 * Threads that need not wait for the reading (ahead.ts). The store is being asked for all that one is owed: `asked`, or `alone`
 * when together with others that was too much; or that is all in memory: `whole`, or too much for that: `deep`.
 */
export type KnownThreads = { known: Map<Id, 'asked' | 'alone' | 'whole' | 'deep'>; wanted: Id[][] };

export type TargetState = {
  target: Target;
  main: Feed;
  receipt: Feed;
  /** nothing is read before this is over */
  held: Promise<void> | null;
  ready: Fifo<Lane>;
  inFlight: number;
  /** slow start: how many at once until it has proved itself; Infinity afterwards */
  allowance: number;
  /** main deliveries that were loaded and not tried yet: receipts wait for them */
  drainLeft: number;
  /** the provider asked us to slow down: no attempt begins before; 0: none */
  pausedUntil: number;
  /** it stands in a round of targets that have something to send */
  inTurn: boolean;
  /** it gave no answer to what was sent last */
  silent: boolean;
};

export const targetKey = (target: Target): string => `${target.type}:${target.id}`;

export function newTarget(target: Target): TargetState {
  return {
    target,
    main: newFeed('main'),
    receipt: newFeed('receipt'),
    held: null,
    ready: new Fifo(),
    inFlight: 0,
    allowance: Number.POSITIVE_INFINITY,
    drainLeft: 0,
    pausedUntil: 0,
    inTurn: false,
    silent: false,
  };
}

function newFeed(lane: LaneClass): Feed {
  const read = { cursor: 0, reading: false, run: 0, skipped: 0 };
  return { lane, mode: 'off', ...read, lanes: new Map(), threads: nobody(), count: 0, blocked: 0, ahead: 0 };
}

export const nobody = (): KnownThreads => ({ known: new Map(), wanted: [] });
