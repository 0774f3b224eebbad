// How deliveries come from disk into lanes: page by page when a target becomes active, at the start, and when there are
// too many for memory. Otherwise straight from the commits.
// Not here: lanes (lanes.ts) and sending (deliver.ts).
// The one thing to know: while a feed is loading, new deliveries are left to the reading, which meets them in commit
// order. Answers of the store are looked at in the order of asking (committer.ts), so when a short page is looked at,
// every commit looked at so far was on disk when it was read, and the feed can take commits directly from then on.
import { Ahead } from './ahead.ts';
import type { Committer } from './committer.ts';
import type { Lanes } from './lanes.ts';
import type { Clock } from './ports.ts';
import type { Limits, Log } from './settings.ts';
import type { LaneItem, Store } from './store-port.ts';
import { type Feed, nobody, type TargetState } from './targets.ts';

/** Of a lane, so many are sent while a page is read, and not many more. */
const SOON_PER_LANE = 4;
/** After a page could not be read. */
const READ_AGAIN_MS = 1_000;

export type LoadingParts = {
  store: Pick<Store, 'pendingPage' | 'pendingOf'>;
  committer: Pick<Committer, 'ask'>;
  lanes: Lanes;
  clock: Clock;
  limits: Limits;
  log: Log;
};

export class Loading {
  readonly #parts: LoadingParts;
  readonly #ahead: Ahead;
  #pages = 0;
  #reading = 0;

  constructor(parts: LoadingParts) {
    this.#parts = parts;
    this.#ahead = new Ahead(parts);
  }

  /**
   * Reads what a target is owed, from the beginning: main first, receipts when all of that was tried, or as much as memory
   * holds. `after`: not before that.
   */
  begin(of: TargetState, after?: Promise<void>): void {
    start(of.main, 'loading');
    start(of.receipt, 'loading');
    if (after !== undefined) of.held = after;
    void after?.then(() => {
      if (of.held !== after) return;
      of.held = null;
      this.room(of);
    });
    this.room(of);
  }

  /** Takes straight from commits: nothing is pending on disk. */
  direct(of: TargetState): void {
    of.held = null;
    start(of.main, 'direct');
    start(of.receipt, 'direct');
  }

  /** Stops reading; pages on their way are thrown away. */
  end(of: TargetState): void {
    of.held = null;
    start(of.main, 'off');
    start(of.receipt, 'off');
  }

  /** A newly decided delivery: into its lane, or left on disk for the reading. */
  offer(of: TargetState, item: LaneItem): void {
    const { limits, lanes } = this.#parts;
    const feed = item.delivery.lane === 'main' ? of.main : of.receipt;
    const { ord } = item.delivery;
    if (feed.mode === 'direct' && (runnable(feed) >= limits.backlog || feed.count >= limits.backlogBlocked)) {
      feed.mode = 'loading'; // from the cursor, which is the last that went into memory
    }
    if (feed.mode === 'loading') {
      const room = runnable(feed) < limits.backlog && feed.count < limits.backlogBlocked + limits.backlog;
      if (this.#ahead.takes(of, feed, item, room && of.held === null)) return;
      feed.skipped = Math.max(feed.skipped, ord);
      this.room(of);
    } else if (feed.mode === 'direct') {
      lanes.put(of, feed, item, 'commit');
      feed.cursor = Math.max(feed.cursor, ord);
    }
  }

  /** Deliveries left memory, or were tried: perhaps it is time for the next page. */
  room(of: TargetState): void {
    if (this.#mayRead(of, of.main)) this.#read(of, of.main);
    if (this.#mayRead(of, of.receipt)) this.#read(of, of.receipt);
  }

  idle(): boolean {
    return this.#reading === 0 && this.#ahead.idle();
  }

  stats(): Record<string, number> {
    let loading = 0;
    for (const { main } of this.#parts.lanes.targets()) if (main.mode === 'loading') loading += 1;
    return { targets_loading: loading, pages_read: this.#pages };
  }

  #mayRead(of: TargetState, feed: Feed): boolean {
    const { limits } = this.#parts;
    if (of.held !== null || feed.mode !== 'loading' || feed.reading) return false;
    // Who need not wait for the reading does not keep it from going on, either.
    if (runnable(feed) - feed.ahead >= limits.lowWater || feed.count >= limits.backlogBlocked) return false;
    const mainIsRead = of.main.mode === 'direct' || of.main.count >= limits.backlogBlocked;
    return feed === of.main || (mainIsRead && of.drainLeft === 0);
  }

  #read(of: TargetState, feed: Feed): void {
    const { store, committer, clock, limits, log } = this.#parts;
    feed.reading = true;
    feed.skipped = 0;
    this.#pages += 1;
    this.#reading += 1;
    const { run, cursor } = feed;
    committer.ask(
      () => store.pendingPage(of.target, feed.lane, cursor, limits.page),
      (items) => {
        this.#reading -= 1;
        if (feed.run !== run) return;
        feed.reading = false;
        this.#met(of, feed, items);
      },
      (error) => {
        this.#reading -= 1;
        log.warn({ err: error, target: of.target }, 'pending deliveries could not be read; trying again');
        clock.at(clock.now() + READ_AGAIN_MS, () => {
          if (feed.run !== run) return;
          feed.reading = false;
          this.room(of);
        });
      },
    );
  }

  #met(of: TargetState, feed: Feed, items: LaneItem[]): void {
    const { lanes, limits } = this.#parts;
    for (const item of items) lanes.put(of, feed, item, 'page');
    feed.cursor = Math.max(feed.cursor, items.at(-1)?.delivery.ord ?? 0);
    // A store that answers in the order of asking leaves nothing beyond a short page; with one that does not, or when
    // what was left is over already, one more page is read.
    if (items.length < limits.page && feed.skipped <= feed.cursor) {
      feed.mode = 'direct';
      feed.threads = nobody();
      // Nothing was parked: there is no drain that would have to begin slowly.
      if (feed === of.main && feed.count === 0) of.allowance = Number.POSITIVE_INFINITY;
    }
    this.room(of);
  }
}

/**
 * Deliveries that go soon. Of a lane only the head moves, so that of one customer's thousands a few count: else the
 * others' would stay on disk until all of these were sent.
 */
const runnable = (feed: Feed): number => Math.min(feed.count - feed.blocked, feed.lanes.size * SOON_PER_LANE);

function start(feed: Feed, mode: Feed['mode']): void {
  feed.mode = mode;
  feed.cursor = 0;
  feed.reading = false;
  feed.skipped = 0;
  feed.threads = nobody();
  feed.run += 1;
}
