// Reads for people and for a customer's chat: on a few connections of their own, so that no commit waits behind a search.
// Not here: what lanes are loaded from, which must stand in the order of commits (writer.ts).
// The one thing to know: a read that begins after a commit was answered sees it.
import pg from 'pg';
import type { Row } from '../rows/row.ts';
import { settingsOf } from './connection.ts';
import { asAway } from './failure.ts';

const CONNECTIONS = 4;
/** A search looks at a limited step of rows; whoever takes longer than this is ended. */
const READ_MS = 15_000;

/** Asks and gives rows. */
export type Ask = (sql: string, values?: unknown[]) => Promise<Row[]>;

export class Reader {
  readonly #pool: pg.Pool;

  constructor(url: string) {
    this.#pool = new pg.Pool({
      ...settingsOf(url),
      max: CONNECTIONS,
      statement_timeout: READ_MS,
      query_timeout: READ_MS + 1_000,
      idleTimeoutMillis: 60_000,
    });
    // One that breaks while nobody uses it is replaced when it is needed.
    this.#pool.on('error', () => undefined);
  }

  ask: Ask = async (sql, values = []) => {
    try {
      return (await this.#pool.query(sql, values)).rows;
    } catch (error) {
      throw asAway(error);
    }
  };

  async close(): Promise<void> {
    await this.#pool.end();
  }
}
