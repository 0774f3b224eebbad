// Conditions of a query as they are found to be asked for, with their values.
// Not here: the queries. The one thing to know: a condition is written with `?`, and each becomes the next `$n`.

export class Where {
  readonly #conditions: string[] = [];
  readonly values: unknown[] = [];

  and(condition: string, ...values: unknown[]): this {
    const given = values[Symbol.iterator]();
    this.#conditions.push(condition.replaceAll('?', () => this.value(given.next().value)));
    return this;
  }

  /** Adds `column = value` when a value was asked for. */
  equals(column: string, value: unknown): this {
    return value === undefined ? this : this.and(`${column} = ?`, value);
  }

  /** A value that stands elsewhere in the query: its `$n`. */
  value(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }

  get sql(): string {
    return this.#conditions.length > 0 ? `WHERE ${this.#conditions.join(' AND ')}` : '';
  }
}
