// Sends what lanes hold: who may begin an attempt now, the attempt, and what follows when its result is on disk.
// Not here: what is sent and to whom (attempt.ts), lanes and their order (lanes.ts), reading from disk (loading.ts).
// The one thing to know: a lane is busy until its result is committed, but the target's slot is free as soon as the
// exchange is over: `max_in_flight` counts requests at the peer, not our disk.
import type { Outcome } from '../routing/inputs.ts';
import type { Id, Message, Target } from '../routing/model.ts';
import { type Attempted, type Attempter, holdsIn, refuses } from './attempt.ts';
import { NOT_BEGUN_MS, windowsOf } from './begin.ts';
import type { Committer } from './committer.ts';
import { Lanes } from './lanes.ts';
import { Leaving } from './leaving.ts';
import { Loading } from './loading.ts';
import type { Peers } from './peers-port.ts';
import type { Clock, Directory } from './ports.ts';
import { Pulse } from './pulse.ts';
import { Rounds, type Turn } from './rounds.ts';
import type { Limits, Log } from './settings.ts';
import { type Applied, type LaneItem, type Store, StoreUnavailable, type ThreadView } from './store-port.ts';
import { type Entry, type TargetState, targetKey } from './targets.ts';

/** A target may have this part of the slots that are free: however many targets hang, there is room for one more. */
const PART_OF_FREE = 1 / 4;
/** A provider that asks for more than an hour of silence is tried again then: each delivery has its own hour anyway. */
const MAX_PAUSE_S = 3_600;

export type DeliverParts = {
  store: Pick<Store, 'pendingPage' | 'pendingOf'>;
  committer: Committer;
  peers?: Peers;
  directory: Pick<Directory, 'world'>;
  attempter: Attempter;
  clock: Clock;
  limits: Limits;
  log: Log;
  /** false: another process may send what is in memory here */
  mayAct(): boolean;
  /** the party that held the line in this attempt has what the customer said */
  taken(item: LaneItem, view: ThreadView): void;
};

export class Deliver {
  readonly #parts: DeliverParts;
  readonly #lanes: Lanes;
  readonly #loading: Loading;
  readonly #rounds = new Rounds();
  readonly #results: Record<Outcome['result'], number> = { ok: 0, retry: 0, final: 0, unknown: 0 };
  readonly #leaving = new Leaving((threadId) => this.#lanes.view(threadId));
  readonly pulse = new Pulse();
  #inFlight = 0;
  #unstored = 0;
  /** grows when another process has taken over: attempts of a life before are not ours to tell of */
  #life = 0;
  #stale = 0;
  #pumping = false;
  /** since when no attempt may begin at all, if so; and how long that was before */
  #blockedSince: number | null = null;
  #blockedMs = 0;
  #running = false;

  constructor(parts: DeliverParts) {
    this.#parts = parts;
    const { clock, limits, log, store, committer } = parts;
    this.#lanes = new Lanes({
      clock,
      closeWindow: windowsOf(parts),
      blockedMs: () => this.#blockedMs + (this.#blockedSince === null ? 0 : clock.now() - this.#blockedSince),
      generation: (target) => this.#party(target)?.health.generation ?? 0,
      ready: (of) => this.#ready(of),
      room: (of) => this.#loading.room(of),
    });
    this.#loading = new Loading({ store, committer, lanes: this.#lanes, clock, limits, log });
  }

  /** Begins to deliver. `pending`: the targets that are owed something. Call before anything is submitted. */
  start(pending: Target[]): void {
    this.#running = true;
    this.load(pending);
  }

  /** Reads from the beginning what these are owed; others are owed nothing so far. */
  load(pending: Target[]): void {
    if (!this.#running) return;
    const { bots, desks } = this.#parts.directory.world();
    for (const target of pending) if (this.active(target)) this.#loading.begin(this.#lanes.target(target));
    const owed = new Set(pending.map(targetKey));
    const parties: Target[] = [
      ...[...bots.keys()].map((id) => ({ type: 'bot' as const, id })),
      ...[...desks.keys()].map((id) => ({ type: 'desk' as const, id })),
    ];
    for (const target of parties) {
      const of = this.active(target) && !owed.has(targetKey(target)) ? this.#lanes.target(target) : undefined;
      if (of?.main.mode === 'off') this.#loading.direct(of);
    }
  }

  /** The consequences of one input, after its commit, in the order of commits; its health was noted before. */
  applied({ thread, changes, queued }: Applied): void {
    if (thread) this.#lanes.see(thread);
    for (const change of changes) {
      const found = this.#lanes.change(change);
      // Sent again by hand after it had left memory: met by reading from the beginning.
      if (!found && change.status === 'pending' && this.#running && this.active(change.target))
        this.#loading.begin(this.#lanes.target(change.target));
    }
    for (const item of queued) {
      const { target } = item.delivery;
      if (this.#running && this.active(target)) this.#loading.offer(this.#known(target), { ...item, thread });
    }
  }

  /** Other processes have decided for a thread of ours: this is all that it owes now. */
  renewed(thread: ThreadView, owed: readonly LaneItem[]): void {
    if (!this.#running) return;
    this.#lanes.see(thread);
    const targets = new Map([...this.#lanes.targets()].map((of) => [targetKey(of.target), of]));
    for (const { delivery } of owed) {
      if (this.active(delivery.target)) targets.set(targetKey(delivery.target), this.#known(delivery.target));
    }
    for (const [key, of] of targets) {
      if (of.main.mode === 'off') continue;
      for (const feed of [of.main, of.receipt]) {
        const theirs = owed.filter(({ delivery: d }) => targetKey(d.target) === key && d.lane === feed.lane);
        if (theirs.length > 0 || feed.lanes.has(thread.id)) this.#lanes.renew(of, feed, thread.id, theirs);
      }
    }
  }

  /** What was told of them is of a life that is over: whose they are now is on disk alone. */
  readAgain(items: readonly LaneItem[]): void {
    const targets = new Map(items.map(({ delivery: { target } }) => [targetKey(target), target]));
    for (const target of targets.values())
      if (this.#running && this.active(target)) this.#loading.begin(this.#lanes.target(target));
  }

  /** Nothing in memory is ours any more; what is in flight ends without a word. */
  reset(): void {
    this.#life += 1;
    for (const of of [...this.#lanes.targets()]) {
      this.#loading.end(of);
      this.#lanes.drop(of);
    }
  }

  /** A bot's or desk's health or existence changed: sending to it begins, goes on or ends. `after`: begins not before that. */
  statusChanged(target: Target, after?: Promise<void>): void {
    if (!this.#running) return;
    const of = this.#lanes.target(target);
    if (!this.active(target)) {
      this.#loading.end(of);
      this.#lanes.drop(of);
    } else if (of.main.mode !== 'off') this.#lanes.wake(of);
    else {
      of.allowance = 1;
      this.#loading.begin(of, after);
    }
  }

  /** A message was rewritten on disk. */
  rewrite(messageId: Id, reads: (message: Message) => Message): void {
    this.#lanes.rewrite(messageId, reads);
  }

  /** A customer was erased on disk. */
  erased(threadIds: readonly Id[]): void {
    this.#lanes.forget(threadIds);
  }

  /** Whether anything but a verification may be sent there now. */
  active(target: Target): boolean {
    return (target.type !== 'bot' && target.type !== 'desk') || this.#party(target)?.health.status === 'active';
  }

  /** The same, where a provider may have asked us to be quiet. */
  open(target: Target): boolean {
    return this.active(target) && !this.#paused(this.#lanes.target(target));
  }

  handed(conversationId: Id): number | undefined {
    return this.#lanes.handed(conversationId);
  }

  view(threadId: Id): ThreadView | null {
    return this.#lanes.view(threadId);
  }

  /** Resolves when nothing is on its way to this customer, or after `ms`. */
  left(assetId: Id, address: string, ms: number): Promise<void> {
    return this.#leaving.left(assetId, address, ms);
  }

  /** Once at the end of this turn of the loop: the answers of hooks leave before what they cause is sent. */
  pump(): void {
    if (this.#pumping || !this.#running) return;
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      this.#takeTurns();
    });
  }

  /** Attempts in flight, and results that are not on disk yet. */
  get busy(): number {
    return this.#inFlight + this.#unstored;
  }

  /** Nothing is on its way: what is left waits for the clock, a slot or the store. */
  idle(): boolean {
    return this.busy === 0 && !this.#pumping && this.#loading.idle();
  }

  /** No attempt begins any more; those in flight end as ever. */
  stop(): void {
    this.#running = false;
    this.#lanes.stop();
  }

  stats(): Record<string, number> {
    const { ok, retry, final, unknown } = this.#results;
    return {
      ...this.#lanes.stats(),
      ...this.#loading.stats(),
      attempts_in_flight: this.#inFlight,
      results_unstored: this.#unstored,
      attempts_ok: ok,
      attempts_retry: retry,
      attempts_final: final,
      attempts_unknown: unknown,
      stale_results: this.#stale,
      targets_paused: [...this.#lanes.targets()].filter((of) => this.#paused(of)).length,
    };
  }

  #party({ type, id }: Target) {
    const world = this.#parts.directory.world();
    return type === 'bot' ? world.bots.get(id) : type === 'desk' ? world.desks.get(id) : undefined;
  }

  /** A target that something new is owed to. One that was not owed anything at the start has nothing on disk. */
  #known(target: Target): TargetState {
    const of = this.#lanes.target(target);
    if (of.main.mode === 'off') this.#loading.direct(of);
    return of;
  }

  #ready(of: TargetState): void {
    this.#rounds.join(of);
    this.pump();
  }

  #takeTurns(): void {
    // Also where nothing is to be sent: it notes since when.
    this.#mayBegin();
    const mayBegin = (): boolean => this.#mayBegin();
    if (this.#rounds.turn(mayBegin, (of) => this.#begin(of))) this.pump();
  }

  #begin(of: TargetState): Turn {
    if (!this.#hasSlot(of)) return 'full';
    const entry = this.active(of.target) ? this.#lanes.take(of) : undefined;
    if (entry === undefined) return 'empty';
    this.#attempt(of, entry).catch((error: unknown) => {
      this.#parts.log.error({ err: error, delivery: entry.item.delivery.id }, 'a bug: an attempt was lost');
    });
    return 'begun';
  }

  /** Whether one more attempt may begin at all. While the store is being tried again, one result is risked at a time. */
  #mayBegin(): boolean {
    const { committer, limits, clock } = this.#parts;
    const state = committer.state();
    const stores = state === 'up' ? this.#unstored < limits.unstoredResults : state === 'trying' && this.busy === 0;
    const free = stores && this.#running && this.#inFlight < limits.attempts && this.#parts.mayAct();
    if (!free) this.#blockedSince ??= clock.now();
    else if (this.#blockedSince !== null) {
      this.#blockedMs += Math.max(0, clock.now() - this.#blockedSince);
      this.#blockedSince = null;
    }
    return free;
  }

  #hasSlot(of: TargetState): boolean {
    if (this.#paused(of)) return false;
    const part = Math.max(1, Math.floor((this.#parts.limits.attempts - this.#inFlight) * PART_OF_FREE));
    return of.inFlight < Math.min(this.#most(of.target), of.allowance, part);
  }

  #paused({ pausedUntil }: TargetState): boolean {
    return pausedUntil > 0 && pausedUntil > this.#parts.clock.now();
  }

  #most(target: Target): number {
    if (target.type === 'asset') return this.#parts.limits.assetAttempts;
    if (target.type === 'url') return this.#parts.limits.urlAttempts;
    return this.#party(target)?.settings.max_in_flight ?? 1;
  }

  async #attempt(of: TargetState, entry: Entry): Promise<void> {
    this.#inFlight += 1;
    of.inFlight += 1;
    const { item } = entry;
    const life = this.#life;
    const view = this.#lanes.view(item.delivery.threadId);
    const toChannel = of.target.type === 'asset';
    if (toChannel) this.#leaving.begins(entry);
    const done = await this.#parts.attempter(
      item,
      () => this.#lanes.view(item.delivery.threadId),
      () => life === this.#life && this.#parts.mayAct() && this.active(of.target),
    );
    this.#inFlight -= 1;
    of.inFlight -= 1;
    if (life !== this.#life) this.#outlived(entry);
    else if (done === 'not_begun') {
      entry.heldUntil = this.#parts.clock.now() + NOT_BEGUN_MS;
      this.#lanes.release(entry, true);
    } else if (done === 'over') this.#lanes.release(entry, false);
    else {
      this.#results[done.outcome.result] += 1;
      this.pulse.attempted(item.delivery, done.outcome);
      this.#prove(of, done.outcome);
      if (refuses(done.outcome)) this.#lanes.refused(entry);
      if (toChannel && done.outcome.pauseS) this.#pause(of, done.outcome.pauseS);
      this.#unstored += 1;
      this.pump();
      await this.#settle(entry, item.delivery.merged.length, done);
      this.#unstored -= 1;
      if (view && done.outcome.result === 'ok' && holdsIn(view, item.delivery)) this.#parts.taken(item, view);
    }
    if (toChannel) this.#leaving.ends(entry);
    this.pump();
  }

  /** Nothing goes out on this asset for a while, whoever it is for. */
  #pause(of: TargetState, seconds: number): void {
    const { clock, log } = this.#parts;
    const until = clock.now() + Math.min(seconds, MAX_PAUSE_S) * 1000;
    if (until <= of.pausedUntil) return;
    of.pausedUntil = until;
    log.warn({ target: of.target, seconds }, 'the provider asks us to slow down: nothing is sent there for a while');
    clock.at(until, () => this.pump());
  }

  /** Another process has taken over meanwhile, and tells of its own attempts. */
  #outlived(entry: Entry): void {
    this.#stale += 1;
    this.#lanes.abandon(entry);
    const { target } = entry.item.delivery;
    if (this.#running && this.active(target)) this.#loading.begin(this.#lanes.target(target));
  }

  /** Brings a result to disk, however long it takes, and lets the lane go on. */
  async #settle(entry: Entry, merged: number, done: Attempted): Promise<void> {
    const life = this.#life;
    const { committer, log } = this.#parts;
    const { id, threadId } = entry.item.delivery;
    // A channel may have been asked to be left alone for a while: that is not its line.
    const inLineMs = entry.lane.target.target.type === 'asset' ? 0 : entry.lane.inLineMs;
    const next = entry.lane.entries.slice(1).find((each) => each.item.delivery.turn !== null)?.item.delivery;
    try {
      const applied = await committer.keep({
        type: 'attempt',
        threadId,
        deliveryId: id,
        ...done,
        merged,
        ...(next ? { next: { turn: next.turn as number, at: next.createdAt } } : {}),
        ...(inLineMs > 0 ? { inLineMs } : {}),
      });
      if (applied.stale) return this.#outlived(entry);
      const changed = applied.changes.some((change) => change.id === id);
      if (!changed && !entry.over) log.warn({ delivery: id }, 'an attempt changed nothing: its delivery leaves memory');
      this.#lanes.release(entry, changed);
    } catch (error) {
      if (life !== this.#life) return this.#outlived(entry);
      // Stopping: memory ends anyway. A bug: it stays pending on disk, is shown as such, and the next one goes.
      if (!(error instanceof StoreUnavailable)) log.error({ err: error }, 'the result of an attempt was not taken');
      this.#lanes.release(entry, false);
    }
  }

  /**
   * Whether it answers; and slow start: one more at once for each success, which doubles it each round; half as many after a
   * failure. What is final was our own decision or an answer. Where the head of an answer came in time and its end did
   * not, there is a status: it hangs all the same.
   */
  #prove(of: TargetState, { result, status, reason, simulated }: Outcome): void {
    if (simulated) return;
    if (result !== 'final') of.silent = result !== 'ok' && (status === null || reason === 'timeout');
    if (of.allowance === Number.POSITIVE_INFINITY) return;
    if (result !== 'ok') of.allowance = Math.max(1, Math.floor(of.allowance / 2));
    else if (++of.allowance >= this.#most(of.target)) of.allowance = Number.POSITIVE_INFINITY;
  }
}
