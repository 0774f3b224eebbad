// What one batch knows and what it will write: threads, conversations, messages and deliveries as of the input that is
// decided now. Not here: loading (load.ts) and the statements (flush.ts).
// The one thing to know: `null` in a map means looked for and not there; what is missing in it was never looked for.
import type { MessageRow } from '../../engine/store-port.ts';
import type { EventDraft } from '../../routing/inputs.ts';
import type {
  Attempt,
  Conversation,
  Delivery,
  DeliveryChange,
  Health,
  Id,
  Message,
  NewDelivery,
  ReceiptStatus,
  ThreadState,
} from '../../routing/model.ts';
import { changed, newDelivery } from '../rows/delivery.ts';
import { BESIDE_TIMELINE } from '../rows/event.ts';
import { type Columns, columnsOf } from '../rows/state.ts';

/** `owner`: the number of the process that it belongs to. `stays`: with it, whatever is owed. */
export type Entry = { state: ThreadState; columns: Columns; owner: number; touched: boolean; stays: boolean };
/** A conversation; `from` and `to`: from before the decision that opened it to after the one that closed it. */
export type Talk = { conversation: Conversation; place: number; from: number; to: number | null };
type Placed<T> = { place: number; value: T };
export type NewEvent = { threadId: Id | null; at: number; shown: boolean; type: string; data: string };

export const customerKey = (assetId: string, address: string): string => `${assetId}\n${address}`;
export const counterKey = (...parts: string[]): string => parts.join('|');

export class Book {
  /** of the process that decides; 0 where nothing is added */
  readonly me: number;
  /** threads of other processes; those that are ours from now on; ours for which another process has decided */
  /** messages of ours that a channel knows by an id now; whether health changed in more than a count; the first of all aliases */
  readonly sent: [assetId: Id, externalId: string][] = [];
  healthMoved = false;
  firstAliases = false;
  readonly claims = { foreign: new Set<Id>(), claimed: new Set<Id>(), renewed: new Set<Id>() };
  /** places used so far: numbers from 1, of which the database makes places when it takes them */
  used = 0;
  readonly threads = new Map<Id, Entry | null>();
  readonly customers = new Map<string, Id | null>();
  /** further addresses, and the thread that each leads to */
  readonly aliases = new Map<string, Id>();
  readonly conversations = new Map<Id, Conversation | null>();
  readonly deliveries = new Map<Id, Delivery | null>();
  /** by message: its send to the channel of which nobody knew what came when the batch began */
  readonly held = new Map<Id, Id>();
  readonly messages = new Map<Id, MessageRow | null>();
  /** of the documents of bots and desks */
  readonly versions = new Map<Id, number | null>();
  /** hashes with the message they became, null if none; false: never seen */
  readonly dedupe = new Map<string, Id | null | false>();

  /** What is to be written. */
  readonly write = {
    /** changed threads, and the places of new ones */
    /** `was`: what its row says; null: it is new */
    threads: new Map<Id, { place: number | null; at: number; was: Columns | null }>(),
    messages: [] as Placed<Message>[],
    receipts: new Map<Id, ReceiptStatus>(),
    externalIds: new Map<Id, string>(),
    rewritten: new Map<Id, Message>(),
    aliases: new Map<string, [assetId: Id, address: string, threadId: Id]>(),
    events: [] as Placed<NewEvent>[],
    newDeliveries: new Map<Id, number>(),
    changedDeliveries: new Set<Id>(),
    attempts: [] as Placed<Attempt>[],
    talks: new Map<Id, Talk>(),
    dedupe: new Map<string, Id | null>(),
    health: new Map<Id, Health | null>(),
    counters: new Map<string, number>(),
  };
  /** every object with a number that is not a place yet */
  readonly #unplaced: Delivery[] = [];

  constructor(me = 0) {
    this.me = me;
  }

  next(): number {
    this.used += 1;
    return this.used;
  }

  thread(id: Id): Entry | undefined {
    return this.threads.get(id) ?? undefined;
  }

  customer(assetId: Id, address: string): Entry | undefined {
    const key = customerKey(assetId, address);
    const id = this.aliases.get(key) ?? this.customers.get(key);
    return id ? this.thread(id) : undefined;
  }

  /** The eldest thread that one of a customer's addresses leads to; ids sort by time. */
  eldest(assetId: Id, addresses: readonly string[]): Entry | undefined {
    const found = addresses.flatMap((address) => this.customer(assetId, address) ?? []);
    return found.sort(({ state: a }, { state: b }) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))[0];
  }

  /** These addresses lead to the thread from now on. */
  lead({ id, assetId }: ThreadState, addresses: readonly string[]): void {
    for (const address of addresses) {
      const key = customerKey(assetId, address);
      this.aliases.set(key, id);
      this.write.aliases.set(key, [assetId, address, id]);
    }
  }

  /** Keeps a new or changed state; the sums follow. */
  saveThread(state: ThreadState, at: number): Entry {
    const before = this.thread(state.id);
    const columns = columnsOf(state);
    this.#countThread(before?.columns, columns);
    const entry = {
      state,
      columns,
      owner: before?.owner ?? this.me,
      touched: before?.touched ?? false,
      stays: before?.stays ?? false,
    };
    const place = this.write.threads.get(state.id)?.place ?? (before === undefined ? this.next() : null);
    const was = this.write.threads.get(state.id)?.was ?? before?.columns ?? null;
    this.write.threads.set(state.id, { place, at, was });
    this.threads.set(state.id, entry);
    this.customers.set(customerKey(state.assetId, state.address), state.id);
    return entry;
  }

  addMessage(message: Message): void {
    this.write.messages.push({ place: this.next(), value: message });
    this.messages.set(message.id, { ...message, receipt: null });
  }

  /** As the batch knows it by now. From here on it follows what becomes of it. */
  known(kept: MessageRow): MessageRow {
    const known = this.messages.get(kept.id);
    if (!known) this.messages.set(kept.id, kept);
    return known ?? kept;
  }

  setReceipt(id: Id, receipt: ReceiptStatus): void {
    this.write.receipts.set(id, receipt);
    const message = this.messages.get(id);
    if (message) this.messages.set(id, { ...message, receipt });
  }

  setExternalId(id: Id, externalId: string): void {
    this.write.externalIds.set(id, externalId);
    const message = this.messages.get(id);
    if (message) this.messages.set(id, { ...message, externalId });
  }

  /** It reads otherwise from now on. */
  rewrite(message: Message): void {
    this.write.rewritten.set(message.id, message);
    const known = this.messages.get(message.id);
    if (known) this.messages.set(message.id, { ...message, receipt: known.receipt });
  }

  /** `data` never has secrets (the decision's duty). */
  addEvent(threadId: Id | null, at: number, { type, data }: EventDraft): void {
    const value = { threadId, at, shown: !BESIDE_TIMELINE.has(type), type, data: JSON.stringify(data) };
    this.write.events.push({ place: this.next(), value });
  }

  addAttempt(attempt: Attempt): void {
    this.write.attempts.push({ place: this.next(), value: attempt });
  }

  /** Adds a delivery at the tail of its lane. */
  addDelivery(draft: NewDelivery, at: number): Delivery {
    const delivery = newDelivery(draft, this.next(), at);
    this.#unplaced.push(delivery);
    this.write.newDeliveries.set(delivery.id, delivery.ord);
    this.deliveries.set(delivery.id, delivery);
    this.countDelivery(delivery, 1);
    return delivery;
  }

  /** Changes a delivery that is in the book. */
  changeDelivery(before: Delivery, change: DeliveryChange): Delivery {
    const after = changed(before, change);
    if (change.join) {
      after.merged = [...before.merged, change.join.messageId];
      after.turn = Math.max(before.turn ?? 0, change.join.turn);
    }
    if (after.status !== before.status) {
      this.countDelivery(before, -1);
      this.countDelivery(after, 1);
    }
    if (!this.write.newDeliveries.has(after.id)) this.write.changedDeliveries.add(after.id);
    this.deliveries.set(after.id, after);
    return after;
  }

  saveConversation(conversation: Conversation, from: number, to: number): void {
    const before = this.write.talks.get(conversation.id);
    const end = before?.to ?? (conversation.status === 'closed' ? to : null);
    const place = before?.place ?? this.next();
    this.write.talks.set(conversation.id, { conversation, place, from: before?.from ?? from, to: end });
    this.conversations.set(conversation.id, conversation);
  }

  remember(hash: string, messageId: Id | null): void {
    if (typeof this.dedupe.get(hash) === 'string') return;
    this.dedupe.set(hash, messageId);
    this.write.dedupe.set(hash, messageId);
  }

  count(key: string, by: number): void {
    this.write.counters.set(key, (this.write.counters.get(key) ?? 0) + by);
  }

  /** Keeps the sum of its target and status. */
  countDelivery({ target, status }: Pick<Delivery, 'target' | 'status'>, by: number): void {
    this.count(counterKey('delivery', target.type, status, target.id), by);
  }

  /** The places are taken, `last` is the last of them: numbers that were handed out become places. */
  placed(last: number): void {
    const base = last - this.used;
    for (const delivery of this.#unplaced) delivery.ord += base;
  }

  /** Takes a thread out of the sums: its row is about to be deleted. */
  discountThread({ columns }: Entry): void {
    this.#countThread(columns, undefined);
  }

  /** The sums of a thread's row as it comes (`after`), changes or goes (`before`). */
  #countThread(before: Columns | undefined, after: Columns | undefined): void {
    if (!before) this.count('threads', 1);
    if (!after) this.count('threads', -1);
    if (before?.waiting !== after?.waiting || before?.holderId !== after?.holderId) {
      if (before?.waiting) this.count(counterKey('waiting', before.holderId ?? ''), -1);
      if (after?.waiting) this.count(counterKey('waiting', after.holderId ?? ''), 1);
    }
    if (before?.limbo !== after?.limbo) {
      if (before?.limbo) this.count(counterKey('limbo', before.limbo), -1);
      if (after?.limbo) this.count(counterKey('limbo', after.limbo), 1);
    }
  }
}
