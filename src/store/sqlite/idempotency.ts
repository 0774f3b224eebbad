// Idempotency-Key of the management API: who came first, and what was answered.
// Not here: keys of bots, desks and channels (dedupe.ts). The one thing to know: a request that was running when the
// process died will never answer, so its claim is given back at the start.
import type { IdempotencyRow, KeptAnswer } from '../../engine/store-port.ts';
import type { Database, Statement } from './driver.ts';
import type { Tables } from './tables.ts';

/** How long an answer is kept [ours]: longer than any client retries. */
const KEEP_MS = 24 * 3_600_000;

export class Idempotency {
  readonly #tables: Tables;
  readonly #find: Statement;
  readonly #claim: Statement;
  readonly #finish: Statement;
  readonly #giveBack: Statement;
  readonly #kept: Statement;
  readonly #replace: Statement;
  readonly #dropOld: Statement;

  constructor(db: Database, tables: Tables) {
    this.#tables = tables;
    this.#find = db.prepare('SELECT key, body_hash, status, body, at FROM idempotency WHERE key = ? AND at > ?');
    this.#claim = db.prepare(
      'INSERT OR REPLACE INTO idempotency (key, body_hash, status, body, at) VALUES (?, ?, NULL, NULL, ?)',
    );
    this.#finish = db.prepare('UPDATE idempotency SET status = ?, body = ? WHERE key = ?');
    this.#giveBack = db.prepare('DELETE FROM idempotency WHERE key = ?');
    this.#kept = db.prepare(
      'SELECT key, body FROM idempotency WHERE body IS NOT NULL AND key > ? ORDER BY key LIMIT ?',
    );
    this.#replace = db.prepare('UPDATE idempotency SET body = ? WHERE key = ?');
    this.#dropOld = db.prepare(
      'DELETE FROM idempotency WHERE key IN (SELECT key FROM idempotency WHERE at <= ? ORDER BY at LIMIT ?)',
    );
    tables.write(() => db.exec('DELETE FROM idempotency WHERE status IS NULL'));
  }

  /** Claims a key: null when it is new and now the caller's, else the row that is there. */
  claim(key: string, bodyHash: string, at: number): IdempotencyRow | null {
    return this.#tables.write(() => {
      const row = this.#find.get(key, at - KEEP_MS);
      if (row === undefined) {
        this.#claim.run(key, bodyHash, at);
        return null;
      }
      const answer = row.status === null ? null : { status: Number(row.status), body: String(row.body) };
      return { key: String(row.key), bodyHash: String(row.body_hash), answer, at: Number(row.at) };
    });
  }

  /** Keeps the answer of a claimed key; null gives the claim back, so that the request may be tried again. */
  finish(key: string, answer: { status: number; body: string } | null): void {
    this.#tables.write(() => {
      if (answer) this.#finish.run(answer.status, answer.body, key);
      else this.#giveBack.run(key);
    });
  }

  kept(after: string | null, limit: number): KeptAnswer[] {
    return this.#kept.all(after ?? '', limit).map(({ key, body }) => ({ key: String(key), body: String(body) }));
  }

  replace(answers: KeptAnswer[]): void {
    this.#tables.write(() => {
      for (const { key, body } of answers) this.#replace.run(body, key);
    });
  }

  /** Removes at most `limit` rows that are past their time; returns how many. */
  dropOld(now: number, limit: number): number {
    return Number(this.#dropOld.run(now - KEEP_MS, limit).changes);
  }
}
