// Whose new words need not wait until everything older of others was read from disk: who is owed little gets into memory at
// once. Else a customer who comes while thousands of deliveries to the same bot are on disk would wait for all of them.
// Not here: the reading in its turn (loading.ts), and who is sent what next (deliver.ts).
// The one thing to know: a thread is `whole` while all that it is owed by this target is in memory. It is so once the store
// was asked, for as long as every delivery after that gets into memory too; the first that does not ends it.
import type { Id } from '../routing/model.ts';
import type { LoadingParts } from './loading.ts';
import type { LaneItem } from './store-port.ts';
import type { Feed, TargetState } from './targets.ts';

/** Threads of which something is known, the newest; of the others it is asked again. Some 2 MB. */
const KNOWN_MAX = 20_000;
/** Threads that are asked for together: who has just come is owed a few things. */
const TOGETHER = 8;

export class Ahead {
  readonly #parts: Pick<LoadingParts, 'store' | 'committer' | 'lanes' | 'limits' | 'log'>;
  /** feeds for which the store is being asked */
  readonly #asking = new Set<Feed>();

  constructor(parts: LoadingParts) {
    this.#parts = parts;
  }

  /** A new delivery of a feed that is loading. True: it is in its lane. False: it is left on disk, and perhaps asked for. */
  takes(of: TargetState, feed: Feed, item: LaneItem, hasRoom: boolean): boolean {
    const { lanes, limits } = this.#parts;
    const { threadId } = item.delivery;
    const { known } = feed.threads;
    const now = known.get(threadId);
    const mayTake = hasRoom && (feed.lanes.get(threadId)?.entries.length ?? 0) < limits.page;
    if (now === 'whole' && mayTake) {
      lanes.put(of, feed, item, 'ahead');
      return true;
    }
    if (now === 'whole') known.delete(threadId);
    else if (now === undefined && mayTake && feed.lane === 'main' && feed.cursor > 0) {
      want(feed, threadId);
      this.#ask(of, feed);
    }
    return false;
  }

  idle(): boolean {
    return this.#asking.size === 0;
  }

  #ask(of: TargetState, feed: Feed): void {
    const threadIds = this.#asking.has(feed) ? undefined : feed.threads.wanted.shift();
    if (threadIds === undefined) return;
    const { store, committer, limits, log } = this.#parts;
    const { run, cursor } = feed;
    this.#asking.add(feed);
    committer.ask(
      () => store.pendingOf(of.target, threadIds, cursor, limits.page),
      (items) => {
        this.#asking.delete(feed);
        // Where the reading came to its end meanwhile, it has met them.
        if (feed.run === run && feed.mode === 'loading') this.#met(of, feed, threadIds, items);
        this.#ask(of, feed);
      },
      (error) => {
        log.warn({ err: error, target: of.target }, 'what a thread is owed could not be read: it waits for its turn');
        this.#asking.delete(feed);
        if (feed.run === run) for (const threadId of threadIds) feed.threads.known.delete(threadId);
        this.#ask(of, feed);
      },
    );
  }

  #met(of: TargetState, feed: Feed, threadIds: readonly Id[], items: readonly LaneItem[]): void {
    const { lanes, limits } = this.#parts;
    const { known, wanted } = feed.threads;
    if (items.length < limits.page) {
      for (const item of items) lanes.put(of, feed, item, 'ahead');
      // Who is owed nothing any more, or is no thread, is not known to be whole.
      for (const threadId of threadIds) known.delete(threadId);
      for (const { delivery } of items) known.set(delivery.threadId, 'whole');
      return;
    }
    const [alone] = threadIds;
    if (threadIds.length === 1) known.set(alone as Id, 'deep');
    else
      for (const threadId of threadIds) {
        known.set(threadId, 'alone');
        wanted.push([threadId]);
      }
  }
}

/** Together with others that are to be asked for, where there are any. */
function want({ threads: { known, wanted } }: Feed, threadId: Id): void {
  const [oldest] = known.size < KNOWN_MAX ? [] : known.keys();
  if (oldest !== undefined) known.delete(oldest);
  known.set(threadId, 'asked');
  const last = wanted.at(-1);
  const isOpen = last !== undefined && last.length < TOGETHER && known.get(last[0] as Id) === 'asked';
  if (isOpen) last.push(threadId);
  else wanted.push([threadId]);
}
