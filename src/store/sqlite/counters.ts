// Sums that are kept instead of counted: threads, who waits, limbo, deliveries per target and status.
// Not here: what they mean on the home screen (counts.ts). The one thing to know: memory has them all; the table follows
// when it is settled, and after a rollback `reload` with what was not settled takes back what was not kept.
import type { Database, Statement } from './driver.ts';
import type { Late } from './unsettled.ts';

/** Parts of a key are joined by a character that stands in no id. */
const SEPARATOR = '|';
export const counterKey = (...parts: string[]): string => parts.join(SEPARATOR);

export class Counters implements Late {
  #values = new Map<string, number>();
  /** since the last commit, and since the last settling */
  readonly #changed = new Set<string>();
  readonly #late = new Set<string>();
  readonly #all: Statement;
  readonly #save: Statement;
  readonly #drop: Statement;

  constructor(db: Database) {
    this.#all = db.prepare('SELECT key, n FROM counters');
    this.#save = db.prepare(
      'INSERT INTO counters (key, n) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET n = excluded.n',
    );
    this.#drop = db.prepare('DELETE FROM counters WHERE key = ?');
    this.reload();
  }

  reload(): void {
    this.#changed.clear();
    this.#late.clear();
    this.#values = new Map(this.#all.all().map((row) => [String(row.key), Number(row.n)]));
  }

  add(key: string, by: number): void {
    this.#values.set(key, (this.#values.get(key) ?? 0) + by);
    this.#changed.add(key);
  }

  changes(): Record<string, number> | undefined {
    if (this.#changed.size === 0) return undefined;
    const changes: Record<string, number> = {};
    for (const key of this.#changed) {
      changes[key] = this.get(key);
      this.#late.add(key);
    }
    this.#changed.clear();
    return changes;
  }

  recall(changes: unknown): void {
    for (const [key, n] of Object.entries(changes as Record<string, number>)) {
      this.#values.set(key, n);
      this.#late.add(key);
    }
  }

  settle(): void {
    for (const key of [...this.#late, ...this.#changed].sort()) {
      const n = this.get(key);
      if (n !== 0) this.#save.run(key, n);
      else {
        this.#drop.run(key);
        this.#values.delete(key);
      }
    }
    this.#late.clear();
    this.#changed.clear();
  }

  get(key: string): number {
    return this.#values.get(key) ?? 0;
  }

  /** All sums below a first part, as the remaining parts with their number. */
  under(first: string): { parts: string[]; n: number }[] {
    const prefix = first + SEPARATOR;
    return [...this.#values]
      .filter(([key, n]) => n !== 0 && key.startsWith(prefix))
      .map(([key, n]) => ({ parts: key.slice(prefix.length).split(SEPARATOR), n }));
  }
}
