// The table `aliases`: further addresses of customers, and the thread that each leads to.
// Not here: which addresses are one customer (a decision says so). The one thing to know: while there are none, nobody
// pays for them; an alias leads before the address that a thread began with.
import type { Database, Statement } from './driver.ts';

export class Aliases {
  readonly #find: Statement;
  readonly #add: Statement;
  readonly #forget: Statement;
  #any: boolean;

  constructor(db: Database) {
    this.#find = db.prepare('SELECT thread FROM aliases WHERE asset_id = ? AND address = ?');
    this.#add = db.prepare('INSERT OR REPLACE INTO aliases (asset_id, address, thread) VALUES (?, ?, ?)');
    this.#forget = db.prepare('DELETE FROM aliases WHERE thread = ?');
    this.#any = db.prepare('SELECT 1 AS found FROM aliases LIMIT 1').get() !== undefined;
  }

  /** The number of the thread that the address leads to. */
  find(assetId: string, address: string): number | undefined {
    const row = this.#any ? this.#find.get(assetId, address) : undefined;
    return row && Number(row.thread);
  }

  add(assetId: string, address: string, thread: number): void {
    this.#any = true;
    this.#add.run(assetId, address, thread);
  }

  /** The thread's addresses lead nowhere any more. */
  forget(thread: number): void {
    if (this.#any) this.#forget.run(thread);
  }
}
