// The engine: puts its parts together, hands each commit's consequences around, starts and stops.
// Not here: what is decided (routing, inside the store) and anything that waits for one thing only (its own file).
// The one thing to know: a promise of `submit` resolves when its inputs are on disk, and before anything that follows
// from them is sent.
import type { Input, Reply, Transient } from '../routing/inputs.ts';
import type { Health, Id, NewId, Target } from '../routing/model.ts';
import { type Remark, rewritten } from '../routing/remarks.ts';
import { type Adapters, createAttempter } from './attempt.ts';
import { Committer } from './committer.ts';
import { createDeadlines, type Deadlines } from './deadlines.ts';
import { Deliver } from './deliver.ts';
import { EarlyReceipts } from './early.ts';
import { type CommitFeed, createFeed } from './feed.ts';
import { createHousekeeping, type Housekeeping } from './housekeeping.ts';
import { adoptedInput, type MediaLinks } from './links.ts';
import type { Peers } from './peers-port.ts';
import type { Clock, Directory, Engine, Rehearsal, Send, Vault, VerificationDraft } from './ports.ts';
import type { PulseReading } from './pulse.ts';
import { Replays } from './replays.ts';
import { LIMITS, type Limits, type Log } from './settings.ts';
import { createSimulator, type Simulator } from './simulator.ts';
import type { Applied, DeliveryFilter, LaneItem, Store, ThreadView } from './store-port.ts';
import { createSweeps, downBeside, type Sweeps } from './sweeps.ts';
import { Together } from './together.ts';
import { createTyping, type Typing } from './typing.ts';
import { createVerifier, type Kind, type Verifier } from './verify.ts';

/** How often `stop` and `settled` look whether all is at rest. Real time: a clock that is moved by hand stands still. */
const LOOK_MS = 2;

/** Our sends end within seconds; then an echo is somebody else's, and providers wait no longer for an answer either. */
const ECHO_WAITS_MS = 6_000;
type Echo = Extract<Input, { type: 'echo' }>;
const mayBeOurs = (input: Input): input is Echo => input.type === 'echo' && input.messageId === undefined;

export type EngineParts = {
  store: Store;
  directory: Directory;
  vault: Vault;
  clock: Clock;
  /** the machine's own time, for signatures and ages; without: there is one time only */
  wall?: () => number;
  adapters: Adapters;
  /** the guarded client */
  send: Send;
  /** media of ours; without: there are none */
  media?: MediaLinks;
  newId: NewId;
  log: Log;
  limits?: Partial<Limits>;
  /** other processes on the same database, where there may be any */
  peers?: Peers;
};

export function createEngine(parts: EngineParts): Engine {
  return new Works(parts);
}

class Works implements Engine {
  readonly #parts: EngineParts;
  readonly #committer: Committer;
  readonly #deliver: Deliver;
  readonly #deadlines: Deadlines;
  readonly #sweeps: Sweeps;
  readonly #verifier: Verifier;
  readonly #replays: Replays;
  readonly #housekeeping: Housekeeping;
  readonly #typing: Typing;
  readonly #early: EarlyReceipts;
  readonly #feed: CommitFeed;
  readonly #listeners = new Set<(signal: Transient) => void>();
  readonly simulator: Simulator;
  readonly #refused = new Map<string, number>();
  #together: Together | null = null;
  #stale = 0;
  #stopListening: (() => void) | null = null;
  #stopped: Promise<void> | null = null;

  constructor(parts: EngineParts) {
    this.#parts = parts;
    const { store, clock, log } = parts;
    const limits: Limits = { ...LIMITS, ...parts.limits };
    this.simulator = createSimulator(clock);
    const { peers } = parts;
    const mayAct = (): boolean => peers?.mayAct() ?? true;
    const leads = (): boolean => peers?.leads() ?? true;
    const shared = { ...parts, wall: parts.wall ?? clock.now, limits, simulator: this.simulator, mayAct, leads };
    const committer = new Committer({
      ...shared,
      committed: (inputs, applied, ofBefore) => this.#committed(inputs, applied, ofBefore),
      stateChanged: () => this.#deliver.pump(),
    });
    this.#committer = committer;
    const attempter = createAttempter({ ...shared, committer });
    const taken = (item: LaneItem, view: ThreadView): void => {
      const message = item.merged.at(-1) ?? item.message;
      if (message) this.#typing.seen(view, message);
    };
    this.#deliver = new Deliver({ ...shared, committer, attempter, taken });
    this.#early = new EarlyReceipts(clock);
    const active = (target: Target): boolean => this.#deliver.active(target);
    this.#deadlines = createDeadlines({ store, committer, clock, log });
    this.#sweeps = createSweeps({ store, committer, clock, log, active: (id) => active(this.#targetOf(id)) });
    this.#verifier = createVerifier({ ...shared, committer });
    this.#replays = new Replays({ ...shared, committer });
    this.#housekeeping = createHousekeeping(shared);
    this.#typing = createTyping({ ...shared, open: (target) => this.#deliver.open(target) });
    this.#feed = createFeed(store, log);
  }

  async start(): Promise<void> {
    const { store, directory } = this.#parts;
    await this.#deadlines.load();
    this.#deliver.start(await store.targetsWithPending());
    this.#stopListening = directory.onChange((changed) => {
      for (const { kind, id } of changed) if (kind === 'bot' || kind === 'desk') this.#changed(kind, id);
    });
    const { bots, desks } = directory.world();
    this.#sweepAll();
    for (const { id } of [...bots.values(), ...desks.values()]) {
      this.#verifier.watch(bots.has(id) ? 'bot' : 'desk', id);
    }
    await this.#replays.resume();
    this.#housekeeping.start();
    this.#joins();
  }

  #joins(): void {
    const { peers, store, directory, log } = this.#parts;
    if (peers === undefined) return;
    this.#together = new Together({
      ...{ peers, store, directory, log },
      committer: this.#committer,
      deliver: this.#deliver,
      deadlines: this.#deadlines,
      replays: this.#replays,
      feed: this.#feed,
      signal: (signal) => this.#signal(signal),
      sent: (assetId, externalId) => this.#known(assetId, externalId),
      sweep: () => this.#sweepAll(),
    });
    this.#together.begin();
  }

  #signal(signal: Transient): void {
    for (const listener of this.#listeners) listener(signal);
  }

  /** What follows from how bots and desks are: threads that wait for one that is not there move on. */
  #sweepAll(): void {
    const { bots, desks } = this.#parts.directory.world();
    for (const { id, health } of [...bots.values(), ...desks.values()]) {
      if (health.status !== 'active') void this.#sweeps.unavailable(id);
      else if (bots.has(id)) void this.#sweeps.recovered(id);
    }
  }

  stop(graceMs: number): Promise<void> {
    this.#stopped ??= this.#stop(graceMs);
    return this.#stopped;
  }

  async #stop(graceMs: number): Promise<void> {
    const end = performance.now() + graceMs;
    this.#stopListening?.();
    this.#together?.stop();
    this.#committer.refuse();
    this.#deliver.stop();
    for (const part of [this.#deadlines, this.#sweeps, this.#verifier, this.#replays, this.#housekeeping]) part.stop();
    const atRest = (): boolean => this.#deliver.busy === 0 && this.#committer.idle();
    while (!atRest() && performance.now() < end) await pause();
    if (!atRest()) {
      this.#parts.log.warn(
        { left: this.#deliver.busy },
        'stopped before all attempts were over; they will be repeated',
      );
    }
    this.#committer.close();
    await this.#parts.store.close();
  }

  submit(inputs: Input[]): Promise<Applied[]> {
    return inputs.some(mayBeOurs) ? this.#afterOurs(inputs) : this.#commit(inputs);
  }

  /** What the channel shows as said may be what we are sending now: by its answer we know our own words. */
  async #afterOurs(inputs: Input[]): Promise<Applied[]> {
    const echoes = inputs.filter(mayBeOurs);
    const customers = new Map(echoes.map((echo) => [`${echo.assetId}\n${echo.address}`, echo]));
    const left = [...customers.values()].map((of) => this.#deliver.left(of.assetId, of.address, ECHO_WAITS_MS));
    await Promise.all(left);
    return this.#commit(inputs);
  }

  #commit(inputs: Input[]): Promise<Applied[]> {
    const { media } = this.#parts;
    return this.#committer.submit(media ? inputs.map((input) => adoptedInput(input, media)) : inputs);
  }

  handed(conversationId: Id): number | undefined {
    return this.#deliver.handed(conversationId);
  }

  verify(kind: Kind, id: Id, draft: VerificationDraft, actor: string) {
    return this.#verifier.verify(kind, id, draft, actor);
  }

  rehearse(party: Rehearsal) {
    return this.#verifier.rehearse(party);
  }

  async setStatus(id: Id, status: 'disabled' | 'unverified' | 'active', reason: string | null): Promise<void> {
    await this.#committer.submit([{ type: 'integration', id, status, reason }]);
  }

  startReplay(filter: DeliveryFilter, actor: string) {
    return this.#replays.start(filter, actor);
  }

  changeReplay(id: Id, status: 'running' | 'paused' | 'cancelled') {
    return this.#replays.change(id, status);
  }

  erase(assetId: Id, address: string): ReturnType<Engine['erase']> {
    return new Promise((resolve, reject) => {
      this.#committer.ask(
        () => this.#parts.store.erase(assetId, address),
        ({ threads, ...counts }) => {
          this.#deliver.erased(threads);
          this.#feed.committed();
          resolve({ threads: threads.length, ...counts });
        },
        reject,
      );
    });
  }

  onCommit(listener: (lastSeq: number) => void): () => void {
    return this.#feed.listen(listener);
  }

  onSignal(listener: (signal: Transient) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async settled(): Promise<void> {
    const waiting = [this.#deadlines, this.#sweeps, this.#verifier, this.#replays, this.#feed, this.#typing];
    const atRest = (): boolean =>
      this.#deliver.idle() &&
      waiting.every((part) => part.idle()) &&
      (this.#committer.idle() || this.#committer.state() === 'down');
    // Twice: between a commit and what follows from it there is a moment in which nothing is on its way.
    for (let quiet = 0; quiet < 2; ) {
      await pause();
      quiet = atRest() ? quiet + 1 : 0;
    }
  }

  pulse(): PulseReading {
    return this.#deliver.pulse.read();
  }

  stats(): Record<string, number> {
    const refused = Object.fromEntries([...this.#refused].map(([code, count]) => [`refused_${code}`, count]));
    return {
      ...this.#committer.stats(),
      ...this.#deliver.stats(),
      ...this.#deadlines.stats(),
      ...this.#typing.stats(),
      ...this.#early.stats(),
      ...this.#housekeeping.stats(),
      ...this.#parts.peers?.stats(),
      stale_writes: this.#stale,
      ...refused,
    };
  }

  #committed(inputs: Input[], applied: Applied[], ofBefore: boolean): void {
    for (const [i, each] of (ofBefore ? this.#ofBefore(applied) : applied).entries()) {
      const input = inputs[i] as Input;
      if (input.type === 'customer' && each.reply.ok && !each.reply.duplicate) this.#deliver.pulse.came();
      // Health first: what follows is sent or left on disk by it.
      if (each.health) this.#health(each.health);
      if (each.stale) this.#stale += 1;
      if (each.ours !== false) {
        this.#deliver.applied(each);
        if (each.owed && each.thread) this.#deliver.renewed(each.thread, each.owed);
        this.#deadlines.applied(input, each);
      } else this.#deliver.applied({ ...each, thread: null, changes: [] });
      this.#receipts(input, each);
      if (input.type === 'remark') this.#remarked(input.remark, each.reply);
      for (const signal of each.transients) {
        this.#typing.send(signal, each.thread ?? this.#deliver.view(signal.threadId));
        this.#signal(signal);
      }
      const refused = each.reply.ok ? (each.reply.refused ?? []) : [each.reply.code];
      for (const code of refused) this.#refused.set(code, (this.#refused.get(code) ?? 0) + 1);
    }
    this.#feed.committed();
  }

  /** Without what would be sent: perhaps another process has it now. */
  #ofBefore(applied: Applied[]): Applied[] {
    this.#deliver.readAgain(applied.flatMap(({ queued, owed }) => [...queued, ...(owed ?? [])]));
    return applied.map(({ owed: _, ...each }) => ({ ...each, queued: [] }));
  }

  /** What the customer took back is gone from what waits in memory, too. */
  #remarked(remark: Remark, reply: Reply): void {
    if (remark.kind === 'reaction' || !reply.ok || reply.duplicate || reply.messageId === undefined) return;
    const now = this.#parts.clock.now();
    this.#deliver.rewrite(reply.messageId, (message) => rewritten(message, remark, now) ?? message);
  }

  /** A receipt that nobody knew waits for the answer to our send, which tells the provider's id. */
  #receipts(input: Input, { reply, changes }: Applied): void {
    if (input.type === 'receipt' && reply.ok && reply.ignored) this.#early.keep(input);
    if (input.type !== 'attempt' || input.outcome.externalId === undefined || this.#early.size === 0) return;
    const target = changes.find(({ id }) => id === input.deliveryId)?.target;
    if (target?.type === 'asset') this.#known(target.id, input.outcome.externalId);
  }

  /** A message is known by the provider's id. */
  #known(assetId: Id, externalId: string): void {
    for (const receipt of this.#early.take(assetId, externalId)) {
      this.#committer.keep(receipt).catch((error: unknown) => {
        this.#parts.log.warn({ err: error }, 'a receipt that had come early was lost');
      });
    }
  }

  #health(health: Health): void {
    const { directory } = this.#parts;
    const { bots, desks } = directory.world();
    const kind = desks.has(health.id) ? 'desk' : 'bot';
    const before = (bots.get(health.id) ?? desks.get(health.id))?.health;
    directory.noteHealth(health);
    // Failures are counted at each attempt; only what changes who is sent to is looked at.
    if (before?.status === health.status && before.generation === health.generation) return;
    const isBack = kind === 'bot' && health.status === 'active';
    // Who needs a person is led to the bot first: what is parked for it is then a question, and no copy and a question.
    this.#changed(kind, health.id, isBack ? this.#sweeps.recovered(health.id) : undefined);
    if (health.status !== 'active') void this.#sweeps.unavailable(health.id);
    else void this.#sweepBeside(health.id);
  }

  /** Who waits for one that is down may be its own now. One after the other: what is said meanwhile goes between. */
  async #sweepBeside(id: Id): Promise<void> {
    for (const down of downBeside(this.#parts.directory.world(), id)) await this.#sweeps.unavailable(down);
  }

  /** A bot or desk has another health or document, or is gone. */
  #changed(kind: Kind, id: Id, after?: Promise<void>): void {
    this.#deliver.statusChanged({ type: kind, id }, after);
    this.#verifier.watch(kind, id);
  }

  #targetOf(id: Id): Target {
    return { type: this.#parts.directory.world().desks.has(id) ? 'desk' : 'bot', id };
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}
