// What was taken before: a channel's message ids and a sender's own idempotency keys, with the message they became.
// Not here: Idempotency-Key of the management API (idempotency.ts). The one thing to know: only a hash is kept, so erasing a
// customer leaves nothing of theirs here; and rows lie in generations of a week, which go as a whole.
import { GENERATION_MS } from '../rows/dedupe.ts';
import { Appender } from './appender.ts';
import type { Database, Statement } from './driver.ts';
import type { Late } from './unsettled.ts';

type Taken = [generation: number, hash: string, messageId: string | null];

export class Dedupe implements Late {
  readonly #find: Statement;
  readonly #rows: Appender;
  /** what was taken since the last commit, and since the last settling with what it became */
  #changed: Taken[] = [];
  readonly #late = new Map<string, Taken>();
  readonly #drop: Statement;
  readonly #nearest: Statement;
  /** the generation of now, and all that are looked in: it, the last, and where the clock has leapt those next to them */
  #now: number | null = null;
  #looked: readonly number[] = [];

  constructor(db: Database) {
    this.#find = db.prepare('SELECT message_id FROM dedupe WHERE generation = ? AND hash = ?');
    this.#nearest = db.prepare(
      `SELECT (SELECT min(generation) FROM dedupe WHERE generation > ?1) AS after,
         (SELECT max(generation) FROM dedupe WHERE generation < ?1 - 1) AS before`,
    );
    this.#rows = new Appender(db, 'INSERT OR IGNORE INTO dedupe (generation, hash, message_id)', 3);
    this.#drop = db.prepare(
      'DELETE FROM dedupe WHERE (generation, hash) IN (SELECT generation, hash FROM dedupe WHERE generation < ? LIMIT ?)',
    );
  }

  /** undefined: never seen; else the message it became, null if it became none. */
  find(hash: string, now: number): string | null | undefined {
    const late = this.#late.get(hash);
    if (late !== undefined) return late[2];
    const generation = Math.floor(now / GENERATION_MS);
    if (generation !== this.#now) this.#look(generation);
    for (const each of this.#looked) {
      const row = this.#find.get(each, hash);
      if (row) return row.message_id as string | null;
    }
    return undefined;
  }

  add(hash: string, messageId: string | null, now: number): void {
    const taken: Taken = [Math.floor(now / GENERATION_MS), hash, messageId];
    this.#changed.push(taken);
    this.#late.set(hash, taken);
  }

  changes(): Taken[] | undefined {
    const changes = this.#changed;
    if (changes.length === 0) return undefined;
    this.#changed = [];
    return changes;
  }

  recall(changes: unknown): void {
    for (const taken of changes as Taken[]) this.#late.set(taken[1], taken);
  }

  settle(): void {
    const rows = [...this.#late.values()].sort((a, b) => (a[1] < b[1] ? -1 : 1));
    for (const taken of rows) this.#rows.add(...taken);
    this.#rows.flush();
    this.clear();
  }

  clear(): void {
    this.#rows.clear();
    this.#changed = [];
    this.#late.clear();
    this.#now = null;
  }

  /** Removes at most `limit` rows of generations that ended before `cutoff`; returns how many. */
  dropBefore(cutoff: number, limit: number): number {
    return Number(this.#drop.run(Math.floor(cutoff / GENERATION_MS), limit).changes);
  }

  #look(generation: number): void {
    const { after, before } = this.#nearest.get(generation) ?? {};
    this.#looked = [generation, generation - 1, before, after].flatMap((each) => (each == null ? [] : [Number(each)]));
    this.#now = generation;
  }
}
