// What was taken before: a channel's message ids and a sender's own idempotency keys, with the message they became.
// Not here: Idempotency-Key of the management API (tasks.ts). The one thing to know: only a hash is kept, so erasing a
// customer leaves nothing of theirs here; and rows lie in generations of a week, which go as a whole.
import { createHash } from 'node:crypto';
import type { Database, Statement } from './driver.ts';

/** "Kept at least 7 days" [ours, contract 6]: looked up in this generation and the last, so for 7 to 14 days. */
const GENERATION_MS = 7 * 24 * 3_600_000;
/** 128 bits: no two keys meet by accident. */
const HASH_BYTES = 16;

const digest = (text: string): Uint8Array => createHash('sha256').update(text).digest().subarray(0, HASH_BYTES);

export class Dedupe {
  readonly #find: Statement;
  readonly #add: Statement;
  readonly #drop: Statement;

  constructor(db: Database) {
    this.#find = db.prepare('SELECT message_id FROM dedupe WHERE generation IN (?, ?) AND hash = ? LIMIT 1');
    this.#add = db.prepare('INSERT OR IGNORE INTO dedupe (generation, hash, message_id) VALUES (?, ?, ?)');
    this.#drop = db.prepare(
      'DELETE FROM dedupe WHERE (generation, hash) IN (SELECT generation, hash FROM dedupe WHERE generation < ? LIMIT ?)',
    );
  }

  /** The hash of a customer's message on an asset, and of a sender's own key: they never meet. */
  static customer = (assetId: string, externalId: string): Uint8Array => digest(`c\n${assetId}\n${externalId}`);
  static key = (key: string): Uint8Array => digest(`k\n${key}`);

  /** undefined: never seen; else the message it became, null if it became none. */
  find(hash: Uint8Array, now: number): string | null | undefined {
    const generation = Math.floor(now / GENERATION_MS);
    const row = this.#find.get(generation, generation - 1, hash);
    return row && (row.message_id as string | null);
  }

  add(hash: Uint8Array, messageId: string | null, now: number): void {
    this.#add.run(Math.floor(now / GENERATION_MS), hash, messageId);
  }

  /** Removes at most `limit` rows of generations that ended before `cutoff`; returns how many. */
  dropBefore(cutoff: number, limit: number): number {
    return Number(this.#drop.run(Math.floor(cutoff / GENERATION_MS), limit).changes);
  }
}
