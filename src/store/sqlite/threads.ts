// The table `threads`: a thread's state by id, by number and by customer, from memory where it is used a lot.
// Not here: lists (read-threads.ts). The one thing to know: a new thread is a row at once; what changes afterwards is in
// memory and in the log, and in its row when it is settled. After a rollback everything in memory is read again.
import type { ThreadState } from '../../routing/model.ts';
import { type Columns, columnsOf } from '../rows/state.ts';
import { Aliases } from './aliases.ts';
import { Cache } from './cache.ts';
import { type Counters, counterKey } from './counters.ts';
import type { Database, Row, SqlValue, Statement } from './driver.ts';
import { type Patch, patched, patchOf } from './patch.ts';
import type { Late } from './unsettled.ts';

/** About a kilobyte each: tens of megabytes for every thread that spoke lately. */
const CACHED_THREADS = 20_000;

/** A thread with its number `n` inside this file. */
export type Entry = { n: number; state: ThreadState; columns: Columns };

/** A thread whose row is older than its entry. */
type Moved = {
  entry: Entry;
  updatedAt: number;
  /** what its row has */
  row: Columns;
  /** what its row and the log have */
  logged: ThreadState;
};
type Change = [n: number, updatedAt: number, patch: Patch];

const FIELDS = 'n, id, state, due_at, holder_id, waiting, offered_to, limbo';
/** The indexed columns, in the order of their SQL names. */
const INDEXED = [
  ['dueAt', 'due_at'],
  ['holderId', 'holder_id'],
  ['waiting', 'waiting'],
  ['offeredTo', 'offered_to'],
  ['limbo', 'limbo'],
] as const;

const customerKey = (assetId: string, address: string): string => `${assetId}\n${address}`;

export class Threads implements Late {
  readonly #db: Database;
  readonly #counters: Counters;
  readonly #entries = new Cache<Entry>(CACHED_THREADS);
  readonly #customers = new Cache<string>(CACHED_THREADS);
  readonly #aliases: Aliases;
  /** by number: since the last settling, and of these since the last commit */
  readonly #late = new Map<number, Moved>();
  readonly #changed = new Set<Moved>();
  readonly #byNumber: Statement;
  readonly #byId: Statement;
  readonly #byCustomer: Statement;
  readonly #insert: Statement;
  /** UPDATE statements by the set of columns that changed: SQLite touches the index of every column it is told. */
  readonly #updates = new Map<number, Statement>();

  constructor(db: Database, counters: Counters) {
    this.#db = db;
    this.#counters = counters;
    this.#aliases = new Aliases(db);
    this.#byNumber = db.prepare(`SELECT ${FIELDS} FROM threads WHERE n = ?`);
    this.#byId = db.prepare(`SELECT ${FIELDS} FROM threads WHERE id = ?`);
    this.#byCustomer = db.prepare(`SELECT ${FIELDS} FROM threads WHERE asset_id = ? AND address = ?`);
    this.#insert = db.prepare(
      `INSERT INTO threads (id, asset_id, address, state, due_at, holder_id, waiting, offered_to, limbo, updated_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
  }

  byId(id: string): Entry | undefined {
    return this.#entries.get(id) ?? this.#keep(this.#byId.get(id));
  }

  byCustomer(assetId: string, address: string): Entry | undefined {
    const key = customerKey(assetId, address);
    const id = this.#customers.get(key);
    if (id !== undefined) return this.byId(id);
    const n = this.#aliases.find(assetId, address);
    const row = n === undefined ? this.#byCustomer.get(assetId, address) : this.#byNumber.get(n);
    if (row === undefined) return undefined;
    this.#customers.set(key, String(row.id));
    return this.#entries.get(String(row.id)) ?? this.#keep(row);
  }

  /** The eldest thread that one of a customer's addresses leads to. */
  byAddresses(assetId: string, addresses: readonly string[]): Entry | undefined {
    let eldest: Entry | undefined;
    for (const address of addresses) {
      const entry = this.byCustomer(assetId, address);
      if (entry && (eldest === undefined || entry.n < eldest.n)) eldest = entry;
    }
    return eldest;
  }

  /** All threads of a customer: what any of their addresses leads to, or led to before it became an alias. */
  allOf(assetId: string, address: string): Entry[] {
    const found = new Map<number, Entry>();
    const addresses = new Set([address]);
    for (const each of addresses) {
      const row = this.#byCustomer.get(assetId, each);
      for (const entry of [this.byCustomer(assetId, each), row && this.#keep(row)]) {
        if (entry === undefined || found.has(entry.n)) continue;
        found.set(entry.n, entry);
        for (const other of [entry.state.address, ...(entry.state.aliases ?? [])]) addresses.add(other);
      }
    }
    return [...found.values()];
  }

  /** These addresses lead to the thread from now on. */
  lead({ n, state }: Entry, addresses: readonly string[]): void {
    for (const address of addresses) {
      this.#aliases.add(state.assetId, address, n);
      this.#customers.set(customerKey(state.assetId, address), state.id);
    }
  }

  /** Addresses lead to the thread no more: it is erased, or about to be deleted. */
  unlead({ n, state }: Entry): void {
    this.#aliases.forget(n);
    for (const address of state.aliases ?? []) this.#customers.delete(customerKey(state.assetId, address));
  }

  /** Keeps a new or changed state; the row's columns and the sums follow. */
  save(state: ThreadState, now: number): Entry {
    const before = this.byId(state.id);
    const columns = columnsOf(state);
    this.#count(before?.columns, columns);
    const n = before?.n ?? this.#create(state, columns, now);
    const entry = { n, state, columns };
    if (before) this.#move(before, entry, now);
    this.#entries.set(state.id, entry);
    return entry;
  }

  changes(): Change[] | undefined {
    if (this.#changed.size === 0) return undefined;
    const changes: Change[] = [];
    for (const moved of this.#changed) {
      const { entry, updatedAt, logged } = moved;
      changes.push([entry.n, updatedAt, patchOf(logged, entry.state) ?? {}]);
      moved.logged = entry.state;
    }
    this.#changed.clear();
    return changes;
  }

  recall(changes: unknown): void {
    for (const [n, updatedAt, patch] of changes as Change[]) {
      const before = this.#late.get(n)?.entry ?? this.#keep(this.#byNumber.get(n));
      if (before === undefined) continue;
      const state = patched(before.state, patch) as ThreadState;
      const entry = { n, state, columns: columnsOf(state) };
      this.#move(before, entry, updatedAt).logged = state;
      this.#entries.set(state.id, entry);
    }
    this.#changed.clear();
  }

  settle(): void {
    for (const [n, moved] of [...this.#late].sort(([a], [b]) => a - b)) this.#update(n, moved);
    this.#late.clear();
    this.#changed.clear();
  }

  clear(): void {
    this.#late.clear();
    this.#changed.clear();
    this.#entries.clear();
    this.#customers.clear();
  }

  /** The sums of a thread's row as it comes (`after`), changes or goes (`before`). */
  #count(before: Columns | undefined, after: Columns | undefined): void {
    if (!before) this.#counters.add('threads', 1);
    if (!after) this.#counters.add('threads', -1);
    if (before?.waiting !== after?.waiting || before?.holderId !== after?.holderId) {
      if (before?.waiting) this.#counters.add(counterKey('waiting', before.holderId ?? ''), -1);
      if (after?.waiting) this.#counters.add(counterKey('waiting', after.holderId ?? ''), 1);
    }
    if (before?.limbo !== after?.limbo) {
      if (before?.limbo) this.#counters.add(counterKey('limbo', before.limbo), -1);
      if (after?.limbo) this.#counters.add(counterKey('limbo', after.limbo), 1);
    }
  }

  /** Takes a thread out of the sums: its row is about to be deleted. */
  discount(entry: Entry): void {
    this.unlead(entry);
    this.#count(entry.columns, undefined);
    this.#entries.delete(entry.state.id);
    this.#customers.delete(customerKey(entry.state.assetId, entry.state.address));
  }

  #create(state: ThreadState, columns: Columns, now: number): number {
    const { dueAt, holderId, waiting, offeredTo, limbo } = columns;
    const done = this.#insert.run(
      state.id,
      state.assetId,
      state.address,
      JSON.stringify(state),
      dueAt,
      holderId,
      waiting,
      offeredTo,
      limbo,
      now,
    );
    this.#customers.set(customerKey(state.assetId, state.address), state.id);
    return Number(done.lastInsertRowid);
  }

  #move(before: Entry, entry: Entry, updatedAt: number): Moved {
    let moved = this.#late.get(entry.n);
    if (moved === undefined) {
      moved = { entry, updatedAt, row: before.columns, logged: before.state };
      this.#late.set(entry.n, moved);
    } else {
      moved.entry = entry;
      moved.updatedAt = updatedAt;
    }
    this.#changed.add(moved);
    return moved;
  }

  #update(n: number, { entry, updatedAt, row }: Moved): void {
    const { state, columns } = entry;
    const values: SqlValue[] = [JSON.stringify(state), updatedAt];
    let changed = 0;
    INDEXED.forEach(([field], bit) => {
      if (row[field] === columns[field]) return;
      changed |= 1 << bit;
      values.push(columns[field]);
    });
    values.push(n);
    let update = this.#updates.get(changed);
    if (update === undefined) {
      const sets = INDEXED.filter((_, bit) => changed & (1 << bit)).map(([, column]) => `, ${column} = ?`);
      update = this.#db.prepare(`UPDATE threads SET state = ?, updated_at = ?${sets.join('')} WHERE n = ?`);
      this.#updates.set(changed, update);
    }
    update.run(...values);
  }

  #keep(row: Row | undefined): Entry | undefined {
    if (row === undefined) return undefined;
    const entry: Entry = {
      n: Number(row.n),
      state: JSON.parse(String(row.state)) as ThreadState,
      columns: {
        dueAt: row.due_at as number | null,
        holderId: row.holder_id as string | null,
        waiting: Number(row.waiting),
        offeredTo: row.offered_to as string | null,
        limbo: String(row.limbo),
      },
    };
    // The row may be older than what is known.
    const known = this.#late.get(entry.n)?.entry ?? entry;
    this.#entries.set(known.state.id, known);
    return known;
  }
}
