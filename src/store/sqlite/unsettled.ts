// What was committed and does not yet stand in its tables: rows whose places lie all over the file. A commit appends one
// row of a log for all of them; later they are settled together, each once however often it changed.
// Not here: what the parts hold, and when it is time (tables.ts). The one thing to know: memory has everything of the log
// and more is never needed to decide; who reads such a table with SQL settles first.
import type { Database, Statement } from './driver.ts';

/** A table, or columns of one, whose rows are settled later. What is given out must survive JSON. */
export type Late = {
  /** what changed since the last call; undefined: nothing */
  changes(): unknown;
  /** takes changes back that were not settled: at the start, and when a transaction failed */
  recall(changes: unknown): void;
  /** writes everything into its table, in the order of its key */
  settle(): void;
};

export class Unsettled {
  readonly #parts: readonly Late[];
  readonly #append: Statement;
  readonly #all: Statement;
  readonly #clear: Statement;
  #rows = 0;

  constructor(db: Database, parts: readonly Late[]) {
    this.#parts = parts;
    this.#append = db.prepare('INSERT INTO unsettled (doc) VALUES (?)');
    this.#all = db.prepare('SELECT doc FROM unsettled ORDER BY n');
    this.#clear = db.prepare('DELETE FROM unsettled');
    this.recall();
  }

  /** how many commits' rows lie in the log */
  get rows(): number {
    return this.#rows;
  }

  /** Appends what changed to the log: at the end of a transaction. */
  flush(): void {
    const changes = this.#parts.map((part) => part.changes());
    if (changes.every((each) => each === undefined)) return;
    this.#append.run(JSON.stringify(changes.map((each) => each ?? null)));
    this.#rows++;
  }

  /** Writes everything where it belongs, and empties the log. Inside a transaction. */
  settle(): void {
    for (const part of this.#parts) part.settle();
    if (this.#rows > 0) this.#clear.run();
    this.#rows = 0;
  }

  /** Brings the parts, which hold what their tables say, up to the log. */
  recall(): void {
    const rows = this.#all.all();
    for (const { doc } of rows) {
      const changes = JSON.parse(String(doc)) as unknown[];
      for (const [index, part] of this.#parts.entries()) {
        if (changes[index] !== null) part.recall(changes[index]);
      }
    }
    this.#rows = rows.length;
  }
}
