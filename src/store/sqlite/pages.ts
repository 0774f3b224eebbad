// How lists are asked of SQLite: statements prepared once per text, and conditions put together.
// Not here: the queries, and cursors (rows/cursors.ts). The one thing to know: values stand in the order of conditions.
import type { Database, SqlValue, Statement } from './driver.ts';

/** Prepares each text once: lists have more shapes than are worth naming, but a fixed number of them. */
export function preparer(db: Database): (sql: string) => Statement {
  const prepared = new Map<string, Statement>();
  return (sql) => {
    let statement = prepared.get(sql);
    if (statement === undefined) {
      statement = db.prepare(sql);
      prepared.set(sql, statement);
    }
    return statement;
  };
}

/** Conditions of a list as they are found to be asked for, with their values in the same order. */
export class Where {
  readonly #conditions: string[] = [];
  readonly values: SqlValue[] = [];

  /** Adds a condition with its values. */
  and(condition: string, ...values: SqlValue[]): this {
    this.#conditions.push(condition);
    this.values.push(...values);
    return this;
  }

  /** Adds `column = value` when a value was asked for. */
  equals(column: string, value: SqlValue | undefined): this {
    return value === undefined ? this : this.and(`${column} = ?`, value);
  }

  get sql(): string {
    return this.#conditions.length > 0 ? `WHERE ${this.#conditions.join(' AND ')}` : '';
  }
}
