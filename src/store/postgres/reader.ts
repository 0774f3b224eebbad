// Reads for people and for a customer's chat: on a few connections of their own, so that no commit waits behind a search.
// Not here: what lanes are loaded from, which must stand in the order of commits (writer.ts).
// The one thing to know: a read that begins after a commit was answered sees it.
import pg from 'pg';
import type { Row } from '../rows/row.ts';
import { Link, settingsOf } from './connection.ts';
import { Away, asAway } from './failure.ts';
import { urlsOf } from './hosts.ts';

const CONNECTIONS = 4;
/** A search looks at a limited step of rows; whoever takes longer than this is ended. */
const READ_MS = 15_000;

/** Asks and gives rows. */
export type Ask = (sql: string, values?: unknown[]) => Promise<Row[]>;

export class Reader {
  readonly #url: string;
  #pool: Promise<pg.Pool> | undefined;
  #closed = false;

  constructor(url: string) {
    this.#url = url;
  }

  ask: Ask = async (sql, values = []) => {
    const pool = this.#opened();
    try {
      return (await (await pool).query(sql, values)).rows;
    } catch (error) {
      const told = asAway(error);
      if (told instanceof Away) this.#leave(pool);
      throw told;
    }
  };

  async close(): Promise<void> {
    this.#closed = true;
    await (await this.#pool?.catch(() => undefined))?.end();
  }

  #opened(): Promise<pg.Pool> {
    if (this.#closed) return Promise.reject(new Away('The store is closed.'));
    this.#pool ??= this.#open();
    return this.#pool;
  }

  async #open(): Promise<pg.Pool> {
    const pool = new pg.Pool({
      ...settingsOf(await this.#whereToRead()),
      max: CONNECTIONS,
      statement_timeout: READ_MS,
      query_timeout: READ_MS + 1_000,
      idleTimeoutMillis: 60_000,
    });
    // One that breaks while nobody uses it is replaced when it is needed.
    pool.on('error', () => this.#leave(this.#pool));
    return pool;
  }

  /** Of several servers the one that takes writes: what a replica says may be old. */
  async #whereToRead(): Promise<string> {
    if (urlsOf(this.#url).length === 1) return this.#url;
    const link = await Link.open(this.#url);
    await link.end();
    return link.url;
  }

  /** What broke may have been followed by another server: the next question looks for it. */
  #leave(pool: Promise<pg.Pool> | undefined): void {
    if (pool === undefined || pool !== this.#pool || this.#closed) return;
    this.#pool = undefined;
    pool.then((each) => each.end()).catch(() => undefined);
  }
}
