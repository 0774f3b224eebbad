// What is on its way to channels, and who waits until nothing is: until then an echo that a channel tells of may be our own.
// Not here: the sending (deliver.ts). The one thing to know: it counts until its outcome is on disk.
import type { Id } from '../routing/model.ts';
import { isOf } from './lanes.ts';
import type { ThreadView } from './store-port.ts';
import type { Entry } from './targets.ts';

export class Leaving {
  readonly #view: (threadId: Id) => ThreadView | null;
  readonly #entries = new Set<Entry>();
  #waiters: (() => boolean)[] = [];

  constructor(view: (threadId: Id) => ThreadView | null) {
    this.#view = view;
  }

  begins(entry: Entry): void {
    this.#entries.add(entry);
  }

  ends(entry: Entry): void {
    this.#entries.delete(entry);
    this.#waiters = this.#waiters.filter((done) => !done());
  }

  /** Resolves when nothing is on its way to this customer, or after `ms`. */
  left(assetId: Id, address: string, ms: number): Promise<void> {
    if (!this.#isLeaving(assetId, address)) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#waiters.push(() => {
        if (this.#isLeaving(assetId, address)) return false;
        clearTimeout(timer);
        resolve();
        return true;
      });
    });
  }

  #isLeaving(assetId: Id, address: string): boolean {
    for (const { item } of this.#entries) {
      const { target, threadId } = item.delivery;
      const view = target.id === assetId ? (this.#view(threadId) ?? item.thread) : null;
      if (view && isOf(view, assetId, address)) return true;
    }
    return false;
  }
}
