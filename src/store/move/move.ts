// Moves everything from SQLite to an empty PostgreSQL, and proves that it is there: rows and checksums of every table.
// Not here: what a row is (tables.ts), and the command (src/cli/move.ts).
// The one thing to know: schema, rows and proof are one transaction. Whatever ends a move early, the database is left as
// empty as it was, and the move can be begun again.
import { Link } from '../postgres/connection.ts';
import { build, checkServer, lockSchema } from '../postgres/guard.ts';
import { MIGRATIONS } from '../postgres/schema.ts';
import type { Database } from '../sqlite/driver.ts';
import { openSource, rowsOf } from './source.ts';
import { Sum, valuesOf } from './sum.ts';
import { LAST_NUMBER, type MovingTable, TABLES } from './tables.ts';

/** So many rows go in one statement, or as many as have so many characters: bounds the memory of both ends. */
const ROWS_AT_ONCE = 500;
const CHARACTERS_AT_ONCE = 1_000_000;
const ROWS_READ_AT_ONCE = 200;
/** A move that was killed just now is rolled back by the server within a moment. */
const LOCK_WAIT = '15s';
const TABLES_NAMED = 5;

/** Why nothing was moved, as a sentence. */
export class MoveStopped extends Error {}

/** Told as rows are written and read again. */
export type Tell = (step: 'copying' | 'checking', table: string, rows: number, of: number) => void;
export type MoveOptions = {
  /** the SQLite database */
  file: string;
  /** the PostgreSQL */
  url: string;
  /** what the SQLite database is called when it has moved */
  aside: string;
  tell: Tell;
};
export type Moved = {
  tables: { table: string; rows: number; checksum: string }[];
  /** a move before was cut off after its end: it was only checked, and set aside */
  already: boolean;
};

/** Rejects with MoveStopped, StoreFailure (SQLite) or Away (PostgreSQL), each with a sentence. */
export async function moveToPostgres({ file, url, aside, tell }: MoveOptions): Promise<Moved> {
  const source = openSource(file);
  try {
    const link = await Link.open(url);
    try {
      const moved = await move(source.db, link, tell);
      source.setAside(aside);
      return moved;
    } finally {
      await link.end();
    }
  } finally {
    source.close();
  }
}

async function move(db: Database, link: Link, tell: Tell): Promise<Moved> {
  await checkServer(link);
  await link.query('BEGIN');
  // Reading a large table takes its time; and all of it is read, in whatever order is quickest.
  await link.query(`SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0;
    SET LOCAL enable_seqscan = on; SET LOCAL lock_timeout = '${LOCK_WAIT}'`);
  await lockSchema(link);
  const there = await namesThere(link);
  const sums = there.length > 0 ? await sameAlready(db, link, there, tell) : await copyAll(db, link, tell);
  await link.query('COMMIT');
  const tables = [...sums].map(([table, { rows, shown }]) => ({ table, rows, checksum: shown }));
  return { tables, already: there.length > 0 };
}

/** Tables of our names that the schema has. */
async function namesThere(link: Link): Promise<string[]> {
  const { rows } = await link.query(
    'SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename = ANY($1) ORDER BY tablename',
    [[...TABLES.map(({ name }) => name), 'journal', 'schema_version']],
  );
  return rows.map((row) => String(row.tablename));
}

async function copyAll(db: Database, link: Link, tell: Tell): Promise<Map<string, Sum>> {
  await build(link);
  const sums = new Map<string, Sum>();
  for (const table of TABLES) sums.set(table.name, await copy(db, link, table, tell));
  await link.query('UPDATE journal SET last = $1', [Number(db.prepare(LAST_NUMBER).get()?.last ?? 0)]);
  // Plans of the first hour are made from what is there now.
  await link.query(`ANALYZE ${TABLES.map(({ name }) => name).join(', ')}`);
  for (const table of TABLES) {
    const [sent, kept] = [sums.get(table.name), await readBack(link, table, tell)];
    if (sent?.equals(kept)) continue;
    throw new MoveStopped(
      `What PostgreSQL has of ${table.name} is not what was sent: ${kept.rows} rows (${kept.shown}) ` +
        `and not ${sent?.rows} (${sent?.shown}). Nothing was moved.`,
    );
  }
  return sums;
}

async function copy(db: Database, link: Link, table: MovingTable, tell: Tell): Promise<Sum> {
  const { name, columns } = table;
  const total = Number(db.prepare(table.count).get()?.n ?? 0);
  const arrays = Object.values(columns).map((type, i) => `$${i + 1}::${type}[]`);
  const text = `INSERT INTO ${name} (${Object.keys(columns).join(', ')}) SELECT * FROM unnest(${arrays.join(', ')})`;
  const sum = new Sum();
  let batch: unknown[][] = [];
  let characters = 0;
  const send = async (): Promise<void> => {
    if (batch.length === 0) return;
    const rows = batch;
    batch = [];
    characters = 0;
    await link.query(
      { name: `move ${name}`, text },
      arrays.map((_, i) => rows.map((row) => row[i])),
    );
    tell('copying', name, sum.rows, total);
  };
  for (const row of rowsOf(db, table)) {
    const values = valuesOf(table, row);
    sum.add(values);
    batch.push(values);
    for (const value of values) characters += typeof value === 'string' ? value.length : 0;
    if (batch.length === ROWS_AT_ONCE || characters > CHARACTERS_AT_ONCE) await send();
  }
  await send();
  if (sum.rows === total) return sum;
  throw new MoveStopped(
    `The SQLite database is not whole: of ${total} rows of ${name} ${total - sum.rows} belong to nothing. Nothing was moved.`,
  );
}

async function readBack(link: Link, table: MovingTable, tell: Tell): Promise<Sum> {
  const sum = new Sum();
  const { rows: counted } = await link.query(`SELECT count(*) AS n FROM ${table.name}`);
  const total = Number(counted[0]?.n);
  await link.query(
    `DECLARE moved NO SCROLL CURSOR FOR SELECT ${Object.keys(table.columns).join(', ')} FROM ${table.name}`,
  );
  for (;;) {
    const { rows } = await link.query(`FETCH ${ROWS_READ_AT_ONCE} FROM moved`);
    if (rows.length === 0) break;
    for (const row of rows) sum.add(valuesOf(table, row));
    tell('checking', table.name, sum.rows, total);
  }
  await link.query('CLOSE moved');
  return sum;
}

/** A move whose process ended just after its commit left all of it. Anything else that is there is not ours to touch. */
async function sameAlready(db: Database, link: Link, there: string[], tell: Tell): Promise<Map<string, Sum>> {
  const refusal = new MoveStopped(
    `The database is not empty: it has the tables ${there.slice(0, TABLES_NAMED).join(', ')}${there.length > TABLES_NAMED ? ' …' : ''}. ` +
      'Nothing was moved; give an empty database, or a schema of its own.',
  );
  const version = there.includes('schema_version') ? await link.query('SELECT version FROM schema_version') : undefined;
  if (Number(version?.rows[0]?.version) !== MIGRATIONS.length) throw refusal;
  const sums = new Map<string, Sum>();
  for (const table of TABLES) {
    const kept = await readBack(link, table, tell);
    const ours = new Sum();
    for (const row of rowsOf(db, table)) ours.add(valuesOf(table, row));
    if (!ours.equals(kept)) throw refusal;
    sums.set(table.name, kept);
  }
  return sums;
}
