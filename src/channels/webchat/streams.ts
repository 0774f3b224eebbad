// The live side of the web chat: each open stream reads its customer's thread after a cursor, and is woken by commits.
// Not here: how a stream is written (its transport). The one thing to know: streams pull. A commit costs one look-up for
// each thread that it changed, whatever the number of streams; a slow reader holds its cursor and one page, no more.
import type { Clock, Directory, Engine } from '../../engine/ports.ts';
import type { FeedEvent, Said, Store } from '../../engine/store-port.ts';
import type { Transient } from '../../routing/inputs.ts';
import type { Id } from '../../routing/model.ts';
import type { StreamEvents } from './protocol.ts';
import { Reader } from './reader.ts';
import type { Linked } from './wire.ts';

/** One event of a stream; `cursor` of those that are replayed, `said` of a message: for faces that show it in their own way. */
export type StreamItem = {
  [E in keyof StreamEvents]: { event: E; cursor?: string; data: StreamEvents[E]; said?: Said };
}[keyof StreamEvents];

export type Stream = {
  /** what is new, at once or within `waitMs`; then maybe nothing. null: it has ended */
  next(waitMs: number): Promise<StreamItem[] | null>;
  end(reason: StreamEvents['bye']['reason']): void;
  close(): void;
};

export type Streams = {
  /** `after`: the cursor of the last thing seen; null: from now on. null: as many streams as there may be */
  open(assetId: Id, address: string, after: number | null): Stream | null;
  /** a customer spoke: their streams belong to this thread from now on */
  bind(assetId: Id, address: string, threadId: Id): void;
  count(): number;
  stop(): void;
};

export type StreamsParts = {
  engine: Pick<Engine, 'onCommit' | 'onSignal'>;
  directory: Directory;
  store: Pick<Store, 'events' | 'lastEventSeq' | 'customerThread' | 'said' | 'happened' | 'conversation'>;
  clock: Clock;
  linked: Linked;
};

/** Each holds a connection and a few hundred bytes; half of the server's connections are for everything else. */
const STREAMS_MAX = 5_000;
/** Of one customer: tabs share one, devices do not. The oldest gives way: it may be a dead connection. */
const STREAMS_OF_ONE_MAX = 6;
/** Events looked through at once for threads that changed. */
const EVENTS = 200;
/** After a failed look at the store. */
const AGAIN_MS = 1_000;

/** What changes something that a customer is shown. */
const SHOWN: ReadonlySet<string> = new Set([
  'message.received',
  'message.sent',
  'message.receipt',
  'holder.changed',
  'conversation.opened',
  'conversation.updated',
  'conversation.closed',
  'delivery.delivered',
  'thread.unrouted',
  'thread.needs_person',
]);

export type Line = {
  customer: string;
  threadId: Id | null;
  ended: StreamEvents['bye']['reason'] | null;
  /** nobody reads it any more */
  closed: boolean;
  typing: StreamEvents['typing'] | null;
  wake(): void;
};

export function createStreams(parts: StreamsParts): Streams {
  return new Hub(parts);
}

class Hub implements Streams {
  readonly #parts: StreamsParts;
  readonly #byCustomer = new Map<string, Set<Line>>();
  readonly #byThread = new Map<Id, Set<Line>>();
  #count = 0;
  #stopped = false;
  /** up to which event streams were woken */
  #seen = 0;
  #behind = false;
  #looking = false;
  #begun: Promise<void> | null = null;
  #forget: (() => void) | null = null;

  constructor(parts: StreamsParts) {
    this.#parts = parts;
  }

  open(assetId: Id, address: string, after: number | null): Stream | null {
    if (this.#stopped || this.#count >= STREAMS_MAX) return null;
    const customer = key(assetId, address);
    const [oldest, ...others] = this.#byCustomer.get(customer) ?? [];
    if (oldest && others.length + 1 >= STREAMS_OF_ONE_MAX) {
      end(oldest, 'replaced');
      this.#leave(oldest);
    }
    const line: Line = { customer, threadId: null, ended: null, closed: false, typing: null, wake: () => undefined };
    join(this.#byCustomer, customer, line);
    this.#count += 1;
    const begin = () => this.#begin();
    const bind = (threadId: Id) => this.#bindLine(line, threadId);
    const reader = new Reader(this.#parts, line, { assetId, address, after, begin, bind });
    return {
      next: (waitMs) => reader.next(waitMs),
      end: (reason) => end(line, reason),
      close: () => this.#close(line),
    };
  }

  bind(assetId: Id, address: string, threadId: Id): void {
    for (const line of this.#byCustomer.get(key(assetId, address)) ?? []) {
      this.#bindLine(line, threadId);
      line.wake();
    }
  }

  count(): number {
    return this.#count;
  }

  stop(): void {
    this.#stopped = true;
    for (const lines of this.#byCustomer.values()) for (const line of lines) end(line, 'restart');
  }

  #bindLine(line: Line, threadId: Id): void {
    if (line.threadId === threadId) return;
    if (line.threadId !== null) part(this.#byThread, line.threadId, line);
    line.threadId = threadId;
    join(this.#byThread, threadId, line);
  }

  /** It is let go; what it still has to say (goodbye), it may. */
  #leave(line: Line): void {
    if (!part(this.#byCustomer, line.customer, line)) return;
    if (line.threadId !== null) part(this.#byThread, line.threadId, line);
    this.#count -= 1;
    if (this.#count === 0) this.#rest();
  }

  #close(line: Line): void {
    this.#leave(line);
    line.closed = true;
    line.wake();
  }

  /** Nothing that is committed after it resolves is missed. */
  #begin(): Promise<void> {
    const { engine, store } = this.#parts;
    this.#begun ??= store.lastEventSeq().then(
      (seq) => {
        this.#seen = seq;
        const ends = [engine.onCommit(() => this.#committed()), engine.onSignal((signal) => this.#signal(signal))];
        this.#forget = () => {
          for (const each of ends) each();
        };
        if (this.#count === 0) this.#rest();
      },
      (error) => {
        this.#begun = null;
        throw error;
      },
    );
    return this.#begun;
  }

  /** Nobody reads: nothing is listened to. */
  #rest(): void {
    if (this.#forget === null) return;
    this.#forget();
    this.#forget = null;
    this.#begun = null;
  }

  #committed(): void {
    this.#behind = true;
    if (this.#looking) return;
    this.#looking = true;
    this.#look()
      .catch(() => {
        const { clock } = this.#parts;
        clock.at(clock.now() + AGAIN_MS, () => this.#committed());
      })
      .finally(() => {
        this.#looking = false;
      });
  }

  /** Reads what was committed since the last look, once for all streams. */
  async #look(): Promise<void> {
    while (this.#behind && this.#count > 0) {
      this.#behind = false;
      for (let full = true; full; ) {
        const events = await this.#parts.store.events(this.#seen, EVENTS);
        for (const event of events) this.#take(event);
        this.#seen = events.at(-1)?.seq ?? this.#seen;
        full = events.length === EVENTS;
      }
    }
  }

  #take({ threadId, type }: FeedEvent): void {
    const lines = threadId === null ? undefined : this.#byThread.get(threadId);
    if (lines === undefined) return;
    for (const line of lines) {
      if (type === 'customer.erased') end(line, 'gone');
      else if (SHOWN.has(type)) line.wake();
    }
  }

  #signal({ to, threadId, on, author }: Transient): void {
    if (to.type !== 'asset' || author.type === 'customer') return;
    for (const line of this.#byThread.get(threadId) ?? []) {
      line.typing = { on, author: { type: author.type, name: author.name } };
      line.wake();
    }
  }
}

function end(line: Line, reason: StreamEvents['bye']['reason']): void {
  line.ended ??= reason;
  line.wake();
}

const key = (assetId: Id, address: string): string => `${assetId}\n${address}`;

function join<K>(map: Map<K, Set<Line>>, of: K, line: Line): void {
  const lines = map.get(of);
  if (lines) lines.add(line);
  else map.set(of, new Set([line]));
}

function part<K>(map: Map<K, Set<Line>>, of: K, line: Line): boolean {
  const lines = map.get(of);
  const was = lines?.delete(line) ?? false;
  if (lines?.size === 0) map.delete(of);
  return was;
}
