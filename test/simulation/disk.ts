// What is kept, in memory: the real `decide` on facts as the stores load them, and what a store tells of each decision.
// Not here: latency, refusals and deaths (store.ts), and who may write (owners.ts). The one thing to know: after every
// decision the invariants of routing are checked (src/routing/fixtures/invariants.ts); what they throw ends the run.
import type { Applied, ConfigRow, LaneItem, ReplayTask, ThreadView } from '../../src/engine/store-port.ts';
import { isOpen, Memory } from '../../src/routing/fixtures/memory.ts';
import type { Decision, Input } from '../../src/routing/inputs.ts';
import type { Attempt, Delivery, Health, Id, Message, Target, ThreadState, World } from '../../src/routing/model.ts';
import { HealthView } from '../../src/store/rows/health.ts';
import { columnsOf, sameView, viewOf } from '../../src/store/rows/state.ts';

const EMPTY: World = { services: new Map(), assets: new Map(), bots: new Map(), desks: new Map() };

/** Under this an input is taken once. */
const onceKey = (input: Input): string | null =>
  'externalId' in input && 'address' in input ? `${input.assetId} ${input.externalId}` : null;

/** What no decision came to. */
const nothing = (reply: Applied['reply']): Applied => ({
  ...{ reply, thread: null, dueAt: undefined, queued: [], changes: [], health: null, transients: [] },
});

/** An attempt that is kept, in the order of commits, and its delivery as it is then. */
export type Kept = { attempt: Attempt; delivery: Delivery; committedAt: number };

export class Disk extends Memory {
  rows: ConfigRow[] = [];
  health = new HealthView(() => this.now);
  tasks = new Map<Id, ReplayTask>();
  /** attempts in the order of commits */
  kept: Kept[] = [];
  /** which input made a delivery what it is now */
  endedBy = new Map<Id, Input['type']>();
  /** what somebody had sent again, whatever became of it since */
  resent = new Set<Id>();
  /** the configuration of which process the health lies over */
  worldBy: World | null = null;
  /** single deliveries that somebody replayed */
  replaysByHand = 0;
  /** what the last input came to; null: it had come before */
  decided: Decision | null = null;
  /** told after each input */
  watch: (input: Input, decision: Decision, before: ThreadState | undefined) => void = () => undefined;
  readonly #once = new Map<string, Id | null>();
  /** threads as they were before the input */
  readonly #before = new Map<Id, ThreadState>();
  /** since when deliveries are cancelled, of which lanes were told */
  readonly cancelledAt = new Map<Id, number>();

  constructor() {
    super(EMPTY);
  }

  /** Decides and keeps one input. `world`: as the process that asks knows it, with the health that is kept. */
  take(input: Input): Applied {
    const key = onceKey(input);
    const first = key === null ? undefined : this.#once.get(key);
    if (first !== undefined) return nothing({ ok: true, duplicate: true, ...(first !== null && { messageId: first }) });
    this.world = this.health.world;
    this.decided = null;
    const from = this.deliveries.length;
    const reply = this.submit(input);
    const decision = this.last as Decision;
    this.decided = decision;
    if (key !== null && reply.ok) this.#once.set(key, reply.messageId ?? decision.messages[0]?.id ?? null);
    if (decision.health) this.health.set(decision.health);
    for (const { id } of decision.changes) this.endedBy.set(id, input.type);
    if (input.type === 'resolution' && input.outcome === 'resend' && reply.ok) this.resent.add(input.deliveryId);
    this.#keep(decision);
    const of = decision.thread?.id ?? this.#threadOf(input, decision);
    const before = of === undefined ? undefined : this.#before.get(of);
    const applied = this.#applied(decision, before, of, this.deliveries.slice(from));
    if (input.type === 'clock') applied.dueAt = this.#due(input.threadId);
    this.watch(input, decision, before);
    if (decision.thread) this.#before.set(decision.thread.id, decision.thread);
    return applied;
  }

  #keep({ attempt }: Decision): void {
    const delivery = attempt && this.delivery(attempt.deliveryId);
    if (attempt && delivery) this.kept.push({ attempt, delivery, committedAt: this.now });
  }

  /** The thread that an input is about, as far as there is one yet. */
  threadOf(input: Input): Id | null {
    if (input.type === 'bot' || input.type === 'desk')
      return this.conversations.get(input.command.conversationId)?.threadId ?? null;
    if (input.type === 'receipt') return this.messages.get(input.messageId)?.threadId ?? null;
    if ('threadId' in input) return this.threads.has(input.threadId) ? input.threadId : null;
    if (!('address' in input)) return null;
    return [...this.threads.values()].find(({ address }) => address === input.address)?.id ?? null;
  }

  #threadOf(input: Input, decision: Decision): Id | undefined {
    const id = decision.deliveries[0]?.threadId ?? decision.transients[0]?.threadId;
    if (id !== undefined) return id;
    if ('threadId' in input) return input.threadId;
    if (input.type === 'bot' || input.type === 'desk')
      return this.conversations.get(input.command.conversationId)?.threadId;
    return undefined;
  }

  /** What a decision cancelled by the conversation. */
  #cancelled({ cancel, changes }: Decision): Applied['changes'] {
    if (cancel.length === 0) return [];
    const gone = this.deliveries.filter(
      ({ id, status, conversationId }) =>
        status === 'cancelled' &&
        !this.cancelledAt.has(id) &&
        cancel.some((each) => each.conversationId === conversationId) &&
        !changes.some((each) => each.id === id),
    );
    for (const { id } of gone) this.cancelledAt.set(id, this.now);
    return gone.map(({ id, reason, target, threadId }) => ({ id, status: 'cancelled', reason, target, threadId }));
  }

  #applied(decision: Decision, before: ThreadState | undefined, of: Id | undefined, added: Delivery[]): Applied {
    const after = of === undefined ? undefined : this.threads.get(of);
    const changes = decision.changes.map((change) => {
      const { target, threadId } = this.delivery(change.id) as Delivery;
      const joined = change.join && this.messages.get(change.join.messageId);
      return { ...change, target, threadId, ...(joined && { joined }) };
    });
    const dueAt = after ? columnsOf(after).dueAt : null;
    const moved = decision.thread !== null && dueAt !== (before ? columnsOf(before).dueAt : null);
    const minded = moved && decision.attempt === null;
    const signals = decision.transients.length > 0;
    const news = minded || signals || !before || (after && !sameView(before, after));
    return {
      reply: decision.reply,
      thread: after && (news || added.length > 0) ? viewOf(after) : null,
      dueAt: moved ? dueAt : undefined,
      queued: added.map((delivery) => this.item(delivery, null)),
      changes: [...changes, ...this.#cancelled(decision)],
      health: decision.health,
      transients: decision.transients,
    };
  }

  #due(threadId: Id): number | null {
    const thread = this.threads.get(threadId);
    return thread ? columnsOf(thread).dueAt : null;
  }

  item(delivery: Delivery, thread: ThreadView | null): LaneItem {
    const find = (id: Id): Message | undefined => this.messages.get(id);
    const merged = delivery.merged.flatMap((id) => find(id) ?? []);
    return { delivery, message: (delivery.messageId && find(delivery.messageId)) || null, merged, thread };
  }

  owed(delivery: Delivery): LaneItem {
    const thread = this.threads.get(delivery.threadId);
    return this.item(delivery, thread ? viewOf(thread) : null);
  }

  /** What is pending for a target, in the order of commits; of receipts only the last of each message. */
  pending({ type, id }: Target, lane: Delivery['lane'], after: number): Delivery[] {
    const all = this.deliveries.filter(
      (each) => each.target.id === id && each.target.type === type && each.lane === lane && isOpen(each),
    );
    if (lane === 'main') return all.filter(({ ord }) => ord > after);
    const last = new Map(all.map((each) => [each.messageId, each]));
    for (const each of all) {
      if (each.messageId === null || last.get(each.messageId) === each) continue;
      this.#replace(each);
    }
    return all.filter((each) => each.ord > after && (each.messageId === null || last.get(each.messageId) === each));
  }

  #replace(delivery: Delivery): void {
    const i = this.deliveries.indexOf(delivery);
    this.deliveries[i] = { ...delivery, status: 'cancelled', reason: 'A newer receipt replaced it.' };
  }

  override version(id: Id): number | null {
    return this.rows.find((row) => row.id === id)?.version ?? null;
  }

  healthOf(id: Id): Health | undefined {
    return (this.health.world.bots.get(id) ?? this.health.world.desks.get(id))?.health;
  }

  delivery(id: Id): Delivery | undefined {
    return this.deliveries.find((each) => each.id === id);
  }
}
