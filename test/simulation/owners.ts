// Whose thread is whose among processes on one store, as on PostgreSQL: numbers, leases, claims, and who took over whom.
// Not here: how a process learns of it (peers.ts), and what it does then (src/engine/together.ts). The one thing to know:
// a thread goes to whoever decides it while nothing of it is owed to anybody and nothing was cancelled lately, which may be
// on its way; else its owner is made to look.
import type { ThreadNow } from '../../src/engine/peers-port.ts';
import type { Applied } from '../../src/engine/store-port.ts';
import { isOpen } from '../../src/routing/fixtures/memory.ts';
import type { Input } from '../../src/routing/inputs.ts';
import type { Id, Target } from '../../src/routing/model.ts';
import { columnsOf, viewOf } from '../../src/store/rows/state.ts';
import type { Disk } from './disk.ts';
import type { Time } from './virtual.ts';

export const LEASE_MS = 6_000;
/** After a cancellation, as on PostgreSQL: longer than an exchange. */
const STAYS_MS = 11_000;
/** What belongs to nobody in particular. */
const NOBODY = 0;

/** What a transaction did that others must hear of. */
export type Noted = { touched: boolean; loose: boolean; world: boolean };

type Claims = { foreign: Set<Id>; claimed: Set<Id>; renewed: Set<Id>; ours: Set<Id> };

export class Owners {
  /** grows with each change of configuration or health */
  world = 0;
  readonly #alone: boolean;
  readonly #disk: Disk;
  readonly #time: Time;
  readonly #owner = new Map<Id, number>();
  readonly #touched = new Set<Id>();
  readonly #staysUntil = new Map<Id, number>();
  /** who has what a process had */
  readonly #holder = new Map<number, number>([[NOBODY, NOBODY]]);
  readonly #leases = new Map<number, number>();
  #numbers = 0;

  /** `alone`: there is one process at a time, as on SQLite, and all is its own */
  constructor(disk: Disk, time: Time, alone: boolean) {
    this.#alone = alone;
    this.#disk = disk;
    this.#time = time;
  }

  /** A process begins; those of whom it knows that they are dead lose their lease. */
  register(dead: readonly number[]): number {
    const number = ++this.#numbers;
    for (const each of dead) this.#leases.delete(each);
    this.#holder.set(number, number);
    this.#leases.set(number, this.#time.now + LEASE_MS);
    return number;
  }

  leave(number: number): void {
    this.#leases.delete(number);
  }

  isTaken(number: number): boolean {
    return !this.#alone && this.#holder.get(number) !== number;
  }

  renew(number: number, ms: number): void {
    this.#leases.set(number, this.#time.now + ms);
  }

  /** The numbers whose threads a process has. */
  has(number: number, other: number): boolean {
    return this.#alone || this.#holder.get(other) === number;
  }

  isOurs(number: number, threadId: Id): boolean {
    return this.has(number, this.#disk.threads.has(threadId) ? (this.#owner.get(threadId) ?? NOBODY) : NOBODY);
  }

  isGone(number: number): boolean {
    const { now } = this.#time;
    const late = [...this.#leases].some(([other, until]) => other !== number && until < now);
    return late || [...this.#holder.values()].some((holder) => holder !== number && !this.#leases.has(holder));
  }

  /** Takes what those had who are gone; false: there was nothing. */
  takeOver(number: number): boolean {
    const { now } = this.#time;
    for (const [other, until] of this.#leases) if (other !== number && until < now) this.#leases.delete(other);
    let taken = false;
    for (const [of, holder] of this.#holder) {
      if (holder === number || this.#leases.has(holder)) continue;
      this.#holder.set(of, number);
      taken = true;
    }
    return taken;
  }

  isTouched(number: number): boolean {
    return [...this.#touched].some((id) => this.isOurs(number, id));
  }

  /** What others decided for threads of ours since we looked. */
  catchUp(number: number): ThreadNow[] {
    const ids = [...this.#touched].filter((id) => this.isOurs(number, id));
    return ids.flatMap((id) => {
      this.#touched.delete(id);
      const state = this.#disk.threads.get(id);
      return state ? [{ thread: viewOf(state), dueAt: columnsOf(state).dueAt, owed: this.#owed(id) }] : [];
    });
  }

  owedTargets(number: number): Target[] {
    const targets = new Map<string, Target>();
    for (const each of this.#disk.deliveries) {
      const { target, threadId } = each;
      if (isOpen(each) && this.isOurs(number, threadId)) targets.set(`${target.type} ${target.id}`, target);
    }
    return [...targets.values()];
  }

  /** A batch, decided by one process. */
  decide(number: number, inputs: Input[], noted: Noted): Applied[] {
    const claims: Claims = { foreign: new Set(), claimed: new Set(), renewed: new Set(), ours: new Set() };
    for (const input of inputs) this.#claim(number, this.#disk.threadOf(input), claims);
    const all = inputs.map((input) => this.#one(number, input, claims, noted));
    // Of a thread that no answer tells of, nothing is known better than before: who says a word again decides nothing.
    const told = new Set(all.map(({ of }) => of));
    for (const ids of [claims.claimed, claims.renewed]) for (const id of ids) if (!told.has(id)) ids.delete(id);
    for (const id of claims.claimed) this.#owner.set(id, number);
    for (const id of claims.renewed) {
      this.#touched.delete(id);
      const theirs = all.filter(({ of }) => of === id);
      for (const { applied } of theirs)
        applied.queued = applied.queued.filter(({ delivery }) => delivery.threadId !== id);
      if (theirs[0]) theirs[0].applied.owed = this.#owed(id);
    }
    for (const id of [...claims.claimed, ...claims.renewed]) {
      const last = all.findLast(({ of }) => of === id)?.applied;
      const state = this.#disk.threads.get(id);
      const first = all.find(({ of }) => of === id)?.applied;
      if (!last || !first || !state) continue;
      last.dueAt = columnsOf(state).dueAt;
      last.thread ??= viewOf(state);
      first.thread = viewOf(state);
    }
    return all.map(({ applied }) => applied);
  }

  #owed(id: Id) {
    return this.#disk.deliveries.filter((each) => each.threadId === id && isOpen(each)).map((d) => this.#disk.owed(d));
  }

  #claim(number: number, id: Id | null, { foreign, claimed, renewed, ours }: Claims): void {
    if (id === null || foreign.has(id) || claimed.has(id) || renewed.has(id) || ours.has(id)) return;
    const touched = this.#touched.has(id);
    if (this.isOurs(number, id)) (touched ? renewed : ours).add(id);
    else if (touched || this.#owed(id).length > 0 || (this.#staysUntil.get(id) ?? 0) > this.#time.now) foreign.add(id);
    else claimed.add(id);
  }

  #one(number: number, input: Input, claims: Claims, noted: Noted): { of: Id | null; applied: Applied } {
    const disk = this.#disk;
    const of = disk.threadOf(input);
    const leads = this.has(number, NOBODY);
    const theirs = of === null ? !leads : claims.foreign.has(of) || claims.claimed.has(of);
    if ((input.type === 'attempt' || input.type === 'begin') && theirs) return { of, applied: stale() };
    const from = disk.deliveries.length;
    const applied = disk.take(input);
    if (applied.reply.ok && applied.reply.duplicate && input.type === 'customer') return { of: null, applied };
    const added = disk.deliveries.slice(from);
    const thread = (disk.decided?.thread ?? null)?.id ?? of;
    if (thread !== null && !this.#owner.has(thread)) this.#owner.set(thread, number);
    for (const { status, threadId } of applied.changes) {
      if (status === 'cancelled') this.#staysUntil.set(threadId, this.#time.now + STAYS_MS);
    }
    if (applied.health) noted.world = true;
    if (!leads && added.some(({ threadId }) => !disk.threads.has(threadId))) noted.loose = true;
    const changed = disk.decided?.thread != null || added.length > 0 || applied.changes.length > 0;
    if (thread !== null && claims.foreign.has(thread) && changed) {
      this.#touched.add(thread);
      noted.touched = true;
    }
    const ours = thread === null ? leads : !claims.foreign.has(thread);
    const isOurs = (id: Id): boolean => (disk.threads.has(id) ? ours : leads);
    applied.queued = applied.queued.filter(({ delivery }) => isOurs(delivery.threadId));
    return { of: thread, applied: ours ? applied : { ...applied, ours } };
  }
}

/** The result of an attempt by whoever owned the thread before. */
const stale = (): Applied => ({
  reply: { ok: false, code: 'conflict', detail: 'Another process has taken over this conversation since.' },
  ...{ thread: null, dueAt: undefined, queued: [], changes: [], health: null, transients: [], stale: true },
});
