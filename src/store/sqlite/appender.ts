// Rows that are only appended in a transaction, written several at a time: half the cost of one by one.
// Not here: which tables can wait. The one thing to know: until `flush` the rows are not in the table; whoever reads
// the table inside a transaction flushes first, and the end of a transaction flushes for all.
import type { Database, SqlValue, Statement } from './driver.ts';

/** Rows to a statement, largest first; ending in one, so that any number is a sum of them. */
const STEPS = [16, 4, 1] as const;

export class Appender {
  readonly #width: number;
  readonly #statements: [rows: number, statement: Statement][];
  #values: SqlValue[] = [];

  /** `insert`: an INSERT up to and without VALUES; `width`: how many columns it names. */
  constructor(db: Database, insert: string, width: number) {
    this.#width = width;
    const row = `(${Array(width).fill('?').join(', ')})`;
    this.#statements = STEPS.map((rows) => [rows, db.prepare(`${insert} VALUES ${Array(rows).fill(row).join(', ')}`)]);
  }

  /** Takes one row's values. */
  add(...row: SqlValue[]): void {
    for (const value of row) this.#values.push(value);
  }

  flush(): void {
    const values = this.#values;
    if (values.length === 0) return;
    this.#values = [];
    let at = 0;
    for (const [rows, statement] of this.#statements) {
      const width = rows * this.#width;
      for (; at + width <= values.length; at += width) statement.run(...values.slice(at, at + width));
    }
  }

  /** Forgets what was not written: the transaction failed. */
  clear(): void {
    this.#values = [];
  }
}
