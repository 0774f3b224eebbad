// The connections of one key to one origin: reused, bounded, waited for, closed when idle.
// Not here: how a connection is opened (dial.ts) and what is said on it (run.ts).
// The one thing to know: a Link is one undici Client with one socket and one exchange at a time. undici's own Pool
// would hide from us whose socket an exchange runs on, and cannot give up a request that still waits for one.
import type { Socket } from 'node:net';
import { Client } from 'undici';
import { type Refusal, Refused } from './answer.ts';
import { type Dialled, type DialTools, dial, type Progress, type SessionSlot } from './dial.ts';
import type { Target } from './target.ts';

/** What a pool gives connections to. */
export type Rider = { start(link: Link): void; refuse(refusal: Refusal): void };

/** Below the 5 s after which Node, uvicorn and others close idle connections: a request must not meet that. */
const IDLE_MS = 4_000;
/** When the other side offers more in Keep-Alive: timeout=. */
const IDLE_MS_MAX = 60_000;
/** So much before the end that it offers is the connection used no more. */
const IDLE_MARGIN_MS = 2_000;
const HEAD_BYTES_MAX = 16_384;
/** A connection that died idle is replaced once on an exchange's way; a server that always hangs up is not courted. */
const DIALS_PER_EXCHANGE_MAX = 2;

const CLIENT_OPTIONS = {
  pipelining: 1,
  // One deadline over everything is kept in run.ts; undici's timers restart with each chunk and are not needed.
  headersTimeout: 0,
  bodyTimeout: 0,
  keepAliveTimeout: IDLE_MS,
  keepAliveMaxTimeout: IDLE_MS_MAX,
  keepAliveTimeoutThreshold: IDLE_MARGIN_MS,
  maxHeaderSize: HEAD_BYTES_MAX,
} as const;

export class Pool {
  readonly target: Target;
  /** when it was last asked, in ms of the way out's clock */
  usedAt = 0;
  readonly #tools: DialTools;
  readonly #socketsMax: number;
  readonly #slot: SessionSlot = { session: undefined };
  readonly #idle: Link[] = [];
  readonly #waiting = new Set<Rider>();
  #links = 0;
  #onEmpty: (() => void) | null = null;

  constructor(target: Target, tools: DialTools, socketsMax: number) {
    this.target = target;
    this.#tools = tools;
    this.#socketsMax = socketsMax;
  }

  /** Whether an exchange waits for a connection. */
  get awaited(): boolean {
    return this.#waiting.size > 0;
  }

  /** Starts the rider on a free connection or a new one, or when one becomes free. The most recently used goes first. */
  take(rider: Rider): void {
    const link = this.#freshestIdle() ?? this.#newLink();
    if (link === null) this.#waiting.add(rider);
    else rider.start(link);
  }

  /** Takes the rider out of those that wait for a connection. */
  leave(rider: Rider): void {
    this.#waiting.delete(rider);
  }

  /** Takes a connection back, with the Keep-Alive header of its last answer; one not to be used again is closed. */
  give(link: Link, reusable: boolean, keepAlive: string | undefined): void {
    if (reusable && this.#onEmpty === null) {
      link.idleUntil = this.#tools.now() + idleMs(keepAlive);
      this.#idle.push(link);
    } else this.#drop(link);
    const next = this.#waiting.values().next();
    if (next.done === true) return;
    this.#waiting.delete(next.value);
    this.take(next.value);
  }

  /** Closes what is idle, refuses what waits, and resolves when the exchanges under way are over. */
  retire(): Promise<void> {
    return new Promise((resolve) => {
      this.#onEmpty = resolve;
      for (const rider of [...this.#waiting]) rider.refuse(RETIRED);
      this.#waiting.clear();
      for (const link of this.#idle.splice(0)) this.#drop(link);
      if (this.#links === 0) resolve();
    });
  }

  /** By the clock, for after a pause of this process neither undici's timers nor the other side's end were heard yet. */
  #freshestIdle(): Link | null {
    for (let link = this.#idle.pop(); link !== undefined; link = this.#idle.pop()) {
      if (link.clean && this.#tools.now() < link.idleUntil) return link;
      this.#drop(link);
    }
    return null;
  }

  #newLink(): Link | null {
    if (this.#links >= this.#socketsMax) return null;
    this.#links += 1;
    return new Link(this.target, this.#tools, this.#slot, (link) => this.#lost(link));
  }

  /** The other side closed a connection, or it was idle for long. If it is in use, its rider hears it from undici. */
  #lost(link: Link): void {
    const index = this.#idle.indexOf(link);
    if (index < 0) return;
    this.#idle.splice(index, 1);
    this.#drop(link);
  }

  #drop(link: Link): void {
    this.#links -= 1;
    link.close();
    if (this.#links === 0) this.#onEmpty?.();
  }
}

export class Link {
  readonly client: Client;
  socket: Socket | null = null;
  /** in ms of the way out's clock: when it has been idle for too long to be used again */
  idleUntil = 0;
  /** what broke the present socket, not one before it; undici takes some resets for a complete answer */
  error: Error | null = null;
  /** set when a connection was opened, until the exchange that caused it has read it */
  dialled: Dialled | null = null;
  readonly progress: Progress = { phase: 'lookup' };
  #dialsLeft = 0;
  #bytesMax = 0;
  #bytesBefore = 0;
  #stop: AbortController | null = null;

  constructor(target: Target, tools: DialTools, slot: SessionSlot, onLost: (link: Link) => void) {
    this.client = new Client(target.origin, {
      ...CLIENT_OPTIONS,
      connect: (_options, callback) => {
        this.#connect(target, tools, slot).then(
          (socket) => callback(null, socket),
          (error: Error) => callback(error, null),
        );
      },
    });
    this.client.on('connect', () => this.socket?.on('readable', () => this.#watch()));
    this.client.on('disconnect', () => {
      this.socket = null;
      onLost(this);
    });
  }

  /** Called before each exchange on this connection, with the most that may be read for it, framing included. */
  renew(bytesMax: number): void {
    this.#dialsLeft = DIALS_PER_EXCHANGE_MAX;
    this.error = null;
    this.#bytesMax = bytesMax;
    this.#bytesBefore = this.socket?.bytesRead ?? 0;
  }

  /** Whether all that was written has left and the socket is whole: only then may another request follow. */
  get clean(): boolean {
    return this.socket !== null && !this.socket.destroyed && this.socket.writableLength === 0 && this.error === null;
  }

  /** Closes it once nothing runs on it. */
  close(): void {
    this.client.close().catch(ignore);
  }

  /** Breaks it off at once, whatever it is doing. */
  destroy(): void {
    this.client.destroy().catch(ignore);
    this.#stop?.abort(new Refused(GIVEN_UP));
  }

  /** The parser skips line breaks before an answer and whatever stands in chunk extensions, without end. */
  #watch(): void {
    const socket = this.socket;
    if (socket !== null && socket.bytesRead - this.#bytesBefore > this.#bytesMax) socket.destroy(new Refused(FLOODED));
  }

  async #connect(target: Target, tools: DialTools, slot: SessionSlot): Promise<Socket> {
    if (this.#dialsLeft === 0) throw new Refused(HUNG_UP);
    this.#dialsLeft -= 1;
    const stop = new AbortController();
    this.#stop = stop;
    const dialled = await dial(target, tools, slot, this.progress, stop.signal);
    if (stop.signal.aborted || dialled.socket.destroyed) {
      dialled.socket.destroy();
      throw new Refused(stop.signal.aborted ? GIVEN_UP : HUNG_UP);
    }
    dialled.socket.on('error', (error: Error) => {
      if (this.socket === dialled.socket) this.error = error;
    });
    this.#bytesBefore = 0;
    this.error = null;
    this.socket = dialled.socket;
    this.dialled = dialled;
    return dialled.socket;
  }
}

/** As undici reckons, whose timer does the same unless this process was paused or busy. */
function idleMs(keepAlive: string | undefined): number {
  const seconds = /timeout=(\d+)/.exec(keepAlive ?? '')?.[1];
  return seconds === undefined ? IDLE_MS : Math.min(Number(seconds) * 1_000 - IDLE_MARGIN_MS, IDLE_MS_MAX);
}

/** `close` of a client that is already closed rejects; there is nothing left to do then. */
const ignore = (): void => {};

const RETIRED: Refusal = { reason: 'shutdown', detail: 'Not sent: Signalbox is stopping.' };
const GIVEN_UP: Refusal = { reason: 'shutdown', detail: 'The connection was given up.' };
const FLOODED: Refusal = {
  reason: 'too_large',
  detail: 'What came back is mostly framing, and more of it than is read.',
};
const HUNG_UP: Refusal = { reason: 'closed', detail: 'The other side closes each connection as soon as it is open.' };
