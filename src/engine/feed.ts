// Tells listeners after commits how far the feed of events goes now.
// Not here: the events (the store keeps them), and who listens (the live feed in src/http).
// The one thing to know: the store is asked for the last number only while somebody listens, and once for all commits
// that happened while it was being asked.
import type { Log } from './settings.ts';
import type { Store } from './store-port.ts';

export type CommitFeed = {
  listen(listener: (lastSeq: number) => void): () => void;
  committed(): void;
  idle(): boolean;
};

export function createFeed(store: Pick<Store, 'lastEventSeq'>, log: Log): CommitFeed {
  const listeners = new Set<(lastSeq: number) => void>();
  let asking = false;
  let behind = false;

  async function tell(): Promise<void> {
    asking = true;
    while (behind && listeners.size > 0) {
      behind = false;
      try {
        const seq = await store.lastEventSeq();
        for (const listener of listeners) listener(seq);
      } catch (error) {
        log.warn({ err: error }, 'listeners of the feed could not be told');
      }
    }
    asking = false;
  }

  return {
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    committed() {
      behind = true;
      if (!asking && listeners.size > 0) void tell();
    },
    idle: () => !asking,
  };
}
