// Live streams of Direct Line conversations: the web chat's own streams, told as sets of activities.
// Not here: waking and reading (../streams.ts), sockets. The one thing to know: a server may open a stream before anybody
// has spoken in its conversation; such a stream waits until it is said whose it is, and then reads their thread.
import type { DirectLineRow } from '../../../engine/store-port.ts';
import type { Id } from '../../../routing/model.ts';
import type { Webchat, WebchatParts } from '../core.ts';
import type { Stream, StreamItem } from '../streams.ts';
import type { ActivitySet } from './protocol.ts';
import { showEnd, showItem } from './show.ts';

/** What goes out at once. `messages`: those of others among it. `last`: nothing comes after, and why. */
export type LinePart = ActivitySet & { messages: Id[]; last?: 'replaced' | 'gone' | 'restart' };

export type LineStream = {
  /** what is new, at once or within `waitMs`; maybe without activities. null: it has ended */
  next(waitMs: number): Promise<LinePart | null>;
  end(reason: 'gone' | 'restart'): void;
  close(): void;
};

type Parts = Pick<WebchatParts, 'store' | 'clock' | 'linked'> & { webchat: Webchat };

/** Waiting for their conversation's first word; each holds a connection. */
const WAITING_MAX = 1_000;

export function createLineStreams(parts: Parts) {
  const waiting = new Map<Id, Set<(line: DirectLineRow) => void>>();
  let count = 0;
  return {
    /** null: as many are open as there may be */
    open(line: DirectLineRow, after: number | null): LineStream | null {
      if (line.address !== null) return new Reading(parts, line, after).opened();
      if (count >= WAITING_MAX) return null;
      count += 1;
      const reading = new Reading(parts, line, after);
      const wakes = waiting.get(line.id) ?? new Set();
      waiting.set(line.id, wakes);
      const wake = (named: DirectLineRow): void => reading.named(named);
      wakes.add(wake);
      reading.onNamed = () => {
        if (!wakes.delete(wake)) return;
        count -= 1;
        if (wakes.size === 0) waiting.delete(line.id);
      };
      return reading;
    },
    /** it is known whose conversation this is */
    named(line: DirectLineRow): void {
      for (const wake of [...(waiting.get(line.id) ?? [])]) wake(line);
    },
  };
}

class Reading implements LineStream {
  readonly #parts: Parts;
  #line: DirectLineRow;
  #cursor: number;
  #stream: Stream | null = null;
  #ended: 'gone' | 'restart' | null = null;
  #closed = false;
  #wake: () => void = () => undefined;
  /** it waits no more: somebody spoke, or it was closed */
  onNamed: () => void = () => undefined;

  constructor(parts: Parts, line: DirectLineRow, after: number | null) {
    this.#parts = parts;
    this.#line = line;
    this.#cursor = Math.max(after ?? 0, line.after);
  }

  opened(): LineStream | null {
    return this.#open() ? this : null;
  }

  named(line: DirectLineRow): void {
    this.#line = line;
    this.onNamed();
    this.#wake();
  }

  async next(waitMs: number): Promise<LinePart | null> {
    if (this.#stream === null) {
      if (this.#line.address === null) await this.#awaitName(waitMs);
      if (this.#closed) return null;
      if (this.#ended !== null) return this.#last(this.#ended);
      if (this.#line.address === null) return this.#part([]);
      if (!this.#open()) return this.#last('restart');
    }
    const items = (await this.#stream?.next(waitMs)) ?? null;
    return items && this.#part(items);
  }

  end(reason: 'gone' | 'restart'): void {
    if (this.#stream) this.#stream.end(reason);
    else this.#ended = reason;
    this.#wake();
  }

  close(): void {
    this.#closed = true;
    this.onNamed();
    this.#stream?.close();
    this.#wake();
  }

  #open(): boolean {
    const { assetId, address } = this.#line;
    const customer = { assetId, address: address ?? '', name: '', verified: false };
    this.#stream = this.#parts.webchat.stream(customer, this.#cursor);
    return this.#stream !== null;
  }

  async #awaitName(ms: number): Promise<void> {
    const { clock, store } = this.#parts;
    await new Promise<void>((resolve) => {
      const cancel = clock.at(clock.now() + ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
    this.#wake = () => undefined;
    if (this.#line.address !== null || this.#closed) return;
    // Another process may have heard the first word.
    const line = await store.directLine(this.#line.id);
    if (line?.address) this.named(line);
  }

  #last(last: 'gone' | 'restart'): LinePart {
    this.#closed = true;
    return { ...this.#part([]), last };
  }

  #part(items: StreamItem[]): LinePart {
    const { clock, linked } = this.#parts;
    const part: LinePart = { activities: [], watermark: '', messages: [] };
    for (const item of items) {
      const activity = showItem(this.#line, item, linked, clock.now());
      if (activity) part.activities.push(activity);
      if (item.cursor !== undefined) this.#cursor = Number(item.cursor);
      if (item.event === 'message' && item.data.author.type !== 'customer') part.messages.push(item.data.id);
      if (item.event !== 'bye') continue;
      part.last = item.data.reason;
      if (item.data.reason === 'gone') part.activities.push(showEnd(this.#line, clock.now()));
    }
    part.watermark = String(this.#cursor);
    return part;
  }
}
