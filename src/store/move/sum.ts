// A row as both stores tell it, and the checksum of many of them.
// Not here: which rows (tables.ts). The one thing to know: the hashes of rows are added up, so that the sum is the same in
// whatever order a store gives its rows.
import { createHash } from 'node:crypto';
import { plain } from '../postgres/bulk.ts';
import type { ColumnType, MovingTable } from './tables.ts';

type Value = string | number | boolean | null;

const MODULUS = 1n << 256n;
const SHOWN_DIGITS = 16;

function valueAs(type: ColumnType, value: unknown): Value {
  if (value === null || value === undefined) return null;
  if (type === 'text') return plain(String(value));
  return type === 'boolean' ? value === true || value === 1 : Number(value);
}

/** The row's values in the order of the table's columns, the same from SQLite and from PostgreSQL. */
export const valuesOf = ({ columns }: MovingTable, row: Readonly<Record<string, unknown>>): Value[] =>
  Object.entries(columns).map(([name, type]) => valueAs(type, row[name]));

export class Sum {
  rows = 0;
  #sum = 0n;

  add(values: Value[]): void {
    const hash = createHash('sha256').update(JSON.stringify(values)).digest('hex');
    this.rows += 1;
    this.#sum = (this.#sum + BigInt(`0x${hash}`)) % MODULUS;
  }

  equals(other: Sum): boolean {
    return this.rows === other.rows && this.#sum === other.#sum;
  }

  /** Its beginning, for people to compare. */
  get shown(): string {
    return this.#sum.toString(16).padStart(64, '0').slice(0, SHOWN_DIGITS);
  }
}
