// Idempotency-Key of the management API: who came first, and what was answered.
// Not here: keys of bots, desks and channels (dedupe). The one thing to know: a request that was running when the process
// died will never answer, so its claim is given back when another takes over from it (processes.ts).
import type { IdempotencyRow, KeptAnswer } from '../../engine/store-port.ts';
import type { Ask } from './reader.ts';
import type { Transaction, Writer } from './writer.ts';

/** How long an answer is kept [ours]: longer than any client retries. */
const KEEP_MS = 24 * 3_600_000;

export class Idempotency {
  readonly #writer: Writer;
  readonly #ask: Ask;

  constructor(writer: Writer, ask: Ask) {
    this.#writer = writer;
    this.#ask = ask;
  }

  /** Claims a key: null when it is new and now the caller's, else the row that is there. */
  claim(key: string, bodyHash: string, at: number): Promise<IdempotencyRow | null> {
    return this.#writer.write(async (tx) => {
      const { count } = await tx.query(
        `INSERT INTO idempotency (key, body_hash, status, body, at, process) VALUES ($1, $2, NULL, NULL, $3, $5)
         ON CONFLICT (key) DO UPDATE SET body_hash = excluded.body_hash, status = NULL, body = NULL, at = excluded.at,
             process = excluded.process
           WHERE idempotency.at <= $4`,
        [key, bodyHash, at, at - KEEP_MS, this.#writer.me],
      );
      if (count > 0) return () => null;
      const { rows } = await tx.query('SELECT key, body_hash, status, body, at FROM idempotency WHERE key = $1', [key]);
      const row = rows[0] ?? {};
      const answer = row.status === null ? null : { status: Number(row.status), body: String(row.body) };
      return () => ({ key, bodyHash: String(row.body_hash), answer, at: Number(row.at) });
    });
  }

  /** Keeps the answer of a claimed key; null gives the claim back, so that the request may be tried again. */
  finish(key: string, answer: { status: number; body: string } | null): Promise<void> {
    if (answer === null) return this.#run('DELETE FROM idempotency WHERE key = $1', [key]);
    const sql = 'UPDATE idempotency SET status = $2, body = $3 WHERE key = $1';
    return this.#run(sql, [key, answer.status, answer.body]);
  }

  async kept(after: string | null, limit: number): Promise<KeptAnswer[]> {
    const sql = 'SELECT key, body FROM idempotency WHERE body IS NOT NULL AND key > $1 ORDER BY key LIMIT $2';
    const rows = await this.#ask(sql, [after ?? '', limit]);
    return rows.map(({ key, body }) => ({ key: String(key), body: String(body) }));
  }

  replace(answers: KeptAnswer[]): Promise<void> {
    return this.#run(
      `UPDATE idempotency SET body = x.body FROM unnest($1::text[], $2::text[]) AS x (key, body)
       WHERE idempotency.key = x.key`,
      [answers.map(({ key }) => key), answers.map(({ body }) => body)],
    );
  }

  /** Removes at most `limit` rows that are past their time; returns how many. */
  static async dropOld(tx: Transaction, now: number, limit: number): Promise<number> {
    const sql = `DELETE FROM idempotency WHERE key IN
      (SELECT key FROM idempotency WHERE at <= $1 ORDER BY at LIMIT $2)`;
    return (await tx.query(sql, [now - KEEP_MS, Math.max(0, limit)])).count;
  }

  #run(sql: string, values: unknown[] = []): Promise<void> {
    return this.#writer.write(async (tx) => {
      tx.send(sql, values);
      return () => undefined;
    });
  }
}
