// What is looked at when a connection that writes begins: the server, the schema, and how our last transaction ended.
// Not here: the connection's life (writer.ts), and who may write (processes.ts). The one thing to know: each process has a
// lock of its own, which the server gives back when its session has ended; so whoever has it knows that no transaction of
// a session before is still under way.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Link } from './connection.ts';
import { Away, TAKEN_SENTENCE, Taken } from './failure.ts';
import { MIGRATIONS } from './schema.ts';

/** First halves of our keys of advisory locks; the second has the schema's name in it, so that tests may share a database. */
const OWNER = 0x5349_474e;
const MIGRATING = 0x5349_474d;
/** Of a process: its number, in this schema. */
const KEY = "hashtext(current_schema() || ' ' || $1::bigint)";
const PAUSE_MS = 150;

/**
 * Takes the lock of our number within `waitMs`: the session before has ended then. `mine`: server processes of sessions of
 * ours that broke; they are ended if still there.
 */
export async function lockNumber(link: Link, number: number, mine: ReadonlySet<number>, waitMs: number): Promise<void> {
  const until = performance.now() + waitMs;
  for (;;) {
    const { rows } = await link.query(`SELECT pg_try_advisory_lock(${OWNER}, ${KEY}) AS got`, [number]);
    if (rows[0]?.got === true) return;
    const holder = await holderOf(link, number);
    if (holder !== null && mine.has(holder)) await link.query('SELECT pg_terminate_backend($1)', [holder]);
    if (performance.now() > until) throw new Away('The database cannot be used now: our last session has not ended.');
    await sleep(PAUSE_MS);
  }
}

async function holderOf(link: Link, number: number): Promise<number | null> {
  const { rows } = await link.query(
    `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = ${OWNER}
       AND objid = (${KEY}::bigint & 4294967295)::oid
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [number],
  );
  return rows[0] === undefined ? null : Number(rows[0].pid);
}

/** Refuses a server that cannot keep our data, with a sentence. */
export async function checkServer(link: Link): Promise<void> {
  const { rows } = await link.query(
    `SELECT current_setting('server_encoding') AS encoding, current_schema() AS schema`,
  );
  const { encoding, schema } = rows[0] ?? {};
  if (encoding !== 'UTF8') throw new Away(`The database has the encoding ${encoding}; it must be made with UTF8.`);
  if (schema === null) throw new Away('The search_path of the database URL names no schema that exists.');
}

/** Brings the schema up to date, all in one transaction. */
export async function migrate(link: Link): Promise<void> {
  await link.query('BEGIN');
  try {
    await lockSchema(link);
    await build(link);
    await link.query('COMMIT');
  } catch (error) {
    if (!link.dead) await link.query('ROLLBACK');
    throw error;
  }
}

/** Holds off whoever else would change the schema, until the transaction ends. */
export async function lockSchema(link: Link): Promise<void> {
  await link.query(`SELECT pg_advisory_xact_lock(${MIGRATING}, hashtext(current_schema()))`);
}

/** Runs the migrations that are missing. Refuses a schema that a newer program wrote. */
export async function build(link: Link): Promise<void> {
  await link.query('CREATE TABLE IF NOT EXISTS schema_version (version integer NOT NULL)');
  const { rows } = await link.query('SELECT version FROM schema_version');
  const version = Number(rows[0]?.version ?? 0);
  if (version > MIGRATIONS.length) {
    throw new Away(
      `The data was written by a newer Signalbox (schema ${version}, this program knows ${MIGRATIONS.length}). ` +
        'Start that version, or restore a backup made before the upgrade.',
    );
  }
  for (const sql of MIGRATIONS.slice(version)) await link.query(sql);
  if (version < MIGRATIONS.length) {
    await link.query('DELETE FROM schema_version');
    await link.query('INSERT INTO schema_version (version) VALUES ($1)', [MIGRATIONS.length]);
  }
}

export type Kept = { last: number; batch: number };

/** The last transaction of ours that was kept. Throws Taken when another has taken over from us. */
export async function lastKept(link: Link, number: number): Promise<Kept> {
  const { rows } = await link.query('SELECT holder, last, batch FROM processes WHERE id = $1', [number]);
  if (Number(rows[0]?.holder) !== number) throw new Taken(TAKEN_SENTENCE);
  return { last: Number(rows[0]?.last), batch: Number(rows[0]?.batch) };
}
