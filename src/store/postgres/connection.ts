// One connection to PostgreSQL: opened from the URL, statements sent one behind the other without waiting (pipelined).
// Not here: transactions and who may write (writer.ts). The one thing to know: a failed statement fails what follows it
// in the same transaction too, so whoever sends several waits for all of them.
import pg from 'pg';
import type { Row } from '../rows/row.ts';
import { Away, asAway, ONLY_READS_SENTENCE } from './failure.ts';
import { urlsOf } from './hosts.ts';

/** Connecting takes milliseconds; who needs longer is away. */
const CONNECT_MS = 2_000;
/** The server ends our session when we froze in the middle of a transaction: all other processes wait for it. */
const IDLE_IN_TRANSACTION_MS = 3_000;
/**
 * The server notices within some 10 s that our machine is gone, and gives our locks back. What is written is found by
 * key: a plan that was made while a table was empty must not read all of it when it has grown.
 */
const SESSION = `SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3;
  SET jit = off; SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
  SET enable_bitmapscan = off; SET plan_cache_mode = force_generic_plan`;
const INT8 = 20;

/** Numbers of 64 bits come as numbers: ours are safe integers. All else is text, as documents are kept. */
const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === INT8 ? Number : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
};

export function settingsOf(url: string): pg.ClientConfig {
  return {
    connectionString: url,
    connectionTimeoutMillis: CONNECT_MS,
    application_name: 'signalbox',
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    types,
  };
}

/** A statement with a name is planned once per connection: for those that run in every batch. */
export type Statement = { name?: string; text: string };
export type Result = { rows: Row[]; count: number };

export class Link {
  /** with the one host that it is to */
  readonly url: string;
  readonly #client: pg.Client;
  #dead = false;

  private constructor(client: pg.Client, url: string) {
    this.#client = client;
    this.url = url;
    const die = (): void => {
      this.#dead = true;
    };
    client.on('error', die);
    client.on('end', die);
  }

  /** To the first host of the URL that takes writes. Rejects with Away. */
  static async open(url: string): Promise<Link> {
    const urls = urlsOf(url);
    const problems: string[] = [];
    for (const each of urls) {
      try {
        return await Link.#to(each);
      } catch (error) {
        if (urls.length === 1 || !(error instanceof Away)) throw error;
        problems.push(`${URL.canParse(each) ? new URL(each).host : '?'}: ${error.message}`);
      }
    }
    throw new Away(`No server of the database takes writes now. ${problems.join(' ')}`);
  }

  static async #to(url: string): Promise<Link> {
    let link: Link | undefined;
    try {
      const client = new pg.Client({
        ...settingsOf(url),
        pipeline: true,
        idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
      } as pg.ClientConfig);
      link = new Link(client, url);
      await client.connect();
      await client.query(SESSION);
      const { rows } = await client.query("SELECT current_setting('transaction_read_only') AS only_reads");
      if (rows[0]?.only_reads === 'on') throw new Away(ONLY_READS_SENTENCE);
      return link;
    } catch (error) {
      link?.cut();
      throw asAway(error);
    }
  }

  /** Told of notifications on the channels that this connection listens to. */
  onNotice(told: (payload: string) => void): void {
    this.#client.on('notification', ({ payload }) => told(payload ?? ''));
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** The server's process that works for this connection. */
  get process(): number {
    return Number((this.#client as unknown as { processID: number | null }).processID ?? 0);
  }

  /** Sends a statement behind those already sent. Rejects with Away, or with what the server says of the statement. */
  async query(statement: Statement | string, values: unknown[] = []): Promise<Result> {
    const asked = typeof statement === 'string' ? { text: statement } : statement;
    try {
      const { rows, rowCount } = await this.#client.query({ ...asked, values });
      return { rows, count: rowCount ?? 0 };
    } catch (error) {
      throw this.#dead ? asAway(new Error('the connection broke', { cause: error })) : asAway(error);
    }
  }

  /** Ends it at once, whatever is under way. */
  cut(): void {
    this.#dead = true;
    (this.#client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  }

  async end(): Promise<void> {
    this.#dead = true;
    await this.#client.end().catch(() => undefined);
  }
}
