// Statements that write many rows at once, from one array a column (UNNEST): what makes a batch cheap.
// Not here: which rows. The one thing to know: a column of type `place` holds numbers that count from 1 within what the
// transaction took; the statement turns them into places in the order of commits.
import type { Transaction } from './writer.ts';

/** PostgreSQL keeps no NUL in a text; in documents, which are JSON, it is escaped anyway. */
export const plain = <T>(value: T): T =>
  typeof value === 'string' && value.includes('\0') ? (value.replaceAll('\0', '\ufffd') as T) : value;

export type Bulk = { name: string; text: string; width: number };
type Column = { name: string; type: string };

const columnsOf = (spec: string): Column[] =>
  spec.split(',').map((each) => {
    const [name = '', type = ''] = each.trim().split(/\s+/);
    return { name, type };
  });

/** The arrays as a table `x`. The first value of every statement is how many places were taken. */
const table = (columns: Column[]): string => {
  const arrays = columns.map(({ type }, i) => `$${i + 2}::${type === 'place' ? 'bigint' : type}[]`);
  return `unnest(${arrays.join(', ')}) AS x (${columns.map(({ name }) => name).join(', ')})`;
};
const BASE = '(SELECT last FROM journal) - $1::bigint';
const value = ({ name, type }: Column): string => (type === 'place' ? `${BASE} + x.${name}` : `x.${name}`);

/** INSERT with the columns of `spec` (`name type, …`); `more` comes after it (ON CONFLICT …). */
export function insert(into: string, spec: string, more = ''): Bulk {
  const columns = columnsOf(spec);
  const names = columns.map(({ name }) => name).join(', ');
  const text = `INSERT INTO ${into} (${names}) SELECT ${columns.map(value).join(', ')} FROM ${table(columns)} ${more}`;
  return { name: `insert ${into}`, text: `WITH taken AS (SELECT $1::bigint) ${text}`, width: columns.length };
}

/** UPDATE of the rows whose first column is the first of `spec`, with the others. */
export function update(which: string, spec: string): Bulk {
  const columns = columnsOf(spec);
  const [key, ...set] = columns;
  const sets = set.map((column) => `${column.name} = ${value(column)}`).join(', ');
  const text = `UPDATE ${which} SET ${sets} FROM ${table(columns)} WHERE ${which}.${key?.name} = x.${key?.name}`;
  const name = `update ${which} ${set.map((column) => column.name).join(' ')}`.slice(0, 60);
  return { name, text: `WITH taken AS (SELECT $1::bigint) ${text}`, width: columns.length };
}

/** Rows by column. */
export class Columns {
  readonly #arrays: unknown[][];
  #count = 0;

  constructor(width: number) {
    this.#arrays = Array.from({ length: width }, () => []);
  }

  add(...row: unknown[]): void {
    this.#count += 1;
    this.#arrays.forEach((array, i) => {
      array.push(plain(row[i] ?? null));
    });
  }

  send(tx: Transaction, { name, text }: Bulk, taken: number): void {
    if (this.#count > 0) tx.send({ name, text }, [taken, ...this.#arrays]);
  }
}
