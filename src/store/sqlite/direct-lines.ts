// The table `direct_lines`: which conversation of a Direct Line client is a window on whose thread, and from where on.
// Not here: what is seen through it (read-customer.ts). The one thing to know: whose a conversation is is said once, by
// whoever speaks first, and never changes; so a row is saved again and again, and only what is missing is taken.
import type { DirectLineRow } from '../../engine/store-port.ts';
import type { Id } from '../../routing/model.ts';
import type { Database, Row, Statement } from './driver.ts';

const readLine = (row: Row): DirectLineRow => ({
  id: String(row.id),
  assetId: String(row.asset_id),
  address: row.address as string | null,
  userId: row.user_id as string | null,
  after: Number(row.after_ord),
  keepUntil: Number(row.keep_until),
});

export class DirectLines {
  readonly #statements: Record<'save' | 'byId' | 'forget' | 'dropOld', Statement>;

  constructor(db: Database) {
    this.#statements = {
      save: db.prepare(
        `INSERT INTO direct_lines (id, asset_id, address, user_id, after_ord, keep_until) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET address = coalesce(address, excluded.address),
           user_id = coalesce(user_id, excluded.user_id), keep_until = max(keep_until, excluded.keep_until)
         RETURNING *`,
      ),
      byId: db.prepare('SELECT * FROM direct_lines WHERE id = ?'),
      forget: db.prepare('DELETE FROM direct_lines WHERE asset_id = ? AND address = ?'),
      dropOld: db.prepare(
        'DELETE FROM direct_lines WHERE id IN (SELECT id FROM direct_lines WHERE keep_until < ? ORDER BY keep_until LIMIT ?)',
      ),
    };
  }

  /** Gives the row as it is now: what was said before stands. */
  save({ id, assetId, address, userId, after, keepUntil }: DirectLineRow): DirectLineRow {
    const row = this.#statements.save.get(id, assetId, address, userId, after, keepUntil);
    return readLine(row as Row);
  }

  byId(id: Id): DirectLineRow | null {
    const row = this.#statements.byId.get(id);
    return row === undefined ? null : readLine(row);
  }

  forget(assetId: Id, address: string): void {
    this.#statements.forget.run(assetId, address);
  }

  dropOld(now: number, limit: number): number {
    return limit <= 0 ? 0 : Number(this.#statements.dropOld.run(now, limit).changes);
  }
}
