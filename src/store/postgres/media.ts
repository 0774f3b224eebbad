// The tables `media` and `direct_lines`: what was uploaded, and which conversation of a Direct Line client is a window on
// whose thread. Not here: the bytes (src/media), and which messages show a medium (flush.ts).
// The one thing to know: triggers of the schema let a medium go with its last message, whoever deletes that; and whose a
// Direct Line conversation is is said once, by whoever speaks first, and never changes.
import type { DirectLineRow, LooseMedium, MediumRow, RemoteMedium } from '../../engine/store-port.ts';
import type { Id } from '../../routing/model.ts';
import type { Row } from '../rows/row.ts';
import { plain } from './bulk.ts';
import type { Ask } from './reader.ts';
import type { Transaction, Writer } from './writer.ts';

const readMedium = (row: Row): MediumRow => ({
  id: String(row.id),
  sha256: String(row.sha256),
  assetId: row.asset_id as Id | null,
  owner: String(row.owner),
  type: String(row.type),
  name: String(row.name),
  bytes: Number(row.bytes),
  looseAt: Number(row.loose_at),
  ...(row.reference === null ? {} : { remote: readRemote(row) }),
});

const readRemote = (row: Row): RemoteMedium => ({
  reference: String(row.reference),
  fetchAt: row.fetch_at === null ? null : Number(row.fetch_at),
  problem: row.problem as string | null,
});

const readLine = (row: Row): DirectLineRow => ({
  id: String(row.id),
  assetId: String(row.asset_id),
  address: row.address as string | null,
  userId: row.user_id as string | null,
  after: Number(row.after_ord),
  keepUntil: Number(row.keep_until),
});

export class MediaBook {
  readonly #writer: Writer;
  readonly #ask: Ask;

  constructor(writer: Writer, ask: Ask) {
    this.#writer = writer;
    this.#ask = ask;
  }

  add({ id, sha256, assetId, owner, type, name, bytes, looseAt }: MediumRow): Promise<void> {
    return this.#writer.write(async (tx) => {
      tx.send(
        `INSERT INTO media (id, sha256, asset_id, owner, type, name, bytes, loose_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [id, sha256, assetId, plain(owner), type, plain(name), bytes, looseAt],
      );
      return () => undefined;
    });
  }

  async byId(id: Id): Promise<MediumRow | null> {
    const [row] = await this.#ask('SELECT * FROM media WHERE id = $1', [plain(id)]);
    return row ? readMedium(row) : null;
  }

  /** A provider sends the same again: one row, which is no rubbish now. */
  addRemote(rows: readonly (MediumRow & { remote: RemoteMedium })[]): Promise<MediumRow[]> {
    return this.#writer.write(async (tx) => {
      const found: MediumRow[] = [];
      for (const { id, assetId, owner, type, name, looseAt, remote } of rows) {
        const { rows: given } = await tx.query(
          `INSERT INTO media AS m (id, sha256, asset_id, owner, type, name, bytes, loose_at, reference, fetch_at)
           VALUES ($1, '', $2, $3, $4, $5, 0, $6, $7, $8)
           ON CONFLICT (asset_id, owner, reference) WHERE reference IS NOT NULL DO UPDATE SET
             loose_at = excluded.loose_at, name = CASE WHEN m.name = '' THEN excluded.name ELSE m.name END
           RETURNING *`,
          [id, assetId, plain(owner), plain(type), plain(name), looseAt, plain(remote.reference), remote.fetchAt],
        );
        found.push(readMedium(given[0] as Row));
      }
      return () => found;
    });
  }

  save({ id, sha256, type, bytes, name, remote }: MediumRow): Promise<boolean> {
    return this.#writer.write(async (tx) => {
      const { count } = await tx.query(
        `UPDATE media SET sha256 = $1, type = $2, bytes = $3, fetch_at = $4, problem = $5,
           name = CASE WHEN refs = 0 AND loose_at = 0 THEN '' ELSE $6 END WHERE id = $7`,
        [sha256, type, bytes, remote?.fetchAt ?? null, plain(remote?.problem ?? null), plain(name), id],
      );
      return () => count > 0;
    });
  }

  async toFetch(limit: number): Promise<MediumRow[]> {
    const sql = 'SELECT * FROM media WHERE fetch_at IS NOT NULL AND refs > 0 ORDER BY fetch_at, id LIMIT $1';
    return (await this.#ask(sql, [limit])).map(readMedium);
  }

  async loose(before: number, limit: number): Promise<LooseMedium[]> {
    const sql = 'SELECT id, sha256 FROM media WHERE refs = 0 AND loose_at < $1 ORDER BY loose_at LIMIT $2';
    return (await this.#ask(sql, [before, limit])).map((row) => ({ id: String(row.id), sha256: String(row.sha256) }));
  }

  /** Drops what is still loose; gives the digests that nothing has any more. */
  drop(media: readonly LooseMedium[]): Promise<string[]> {
    return this.#writer.write(async (tx) => {
      const sql = 'DELETE FROM media WHERE id = ANY($1) AND refs = 0 RETURNING sha256';
      const { rows } = await tx.query(sql, [media.map(({ id }) => id)]);
      const digests = [...new Set(rows.map(({ sha256 }) => String(sha256)))].filter((sha256) => sha256 !== '');
      const used = await tx.query('SELECT DISTINCT sha256 FROM media WHERE sha256 = ANY($1)', [digests]);
      const left = new Set(used.rows.map(({ sha256 }) => String(sha256)));
      return () => digests.filter((sha256) => !left.has(sha256));
    });
  }

  /** What a customer uploaded and never sent is rubbish at once, and so are the customer's windows. */
  static forget(tx: Transaction, assetId: Id, owner: string): void {
    const of = [assetId, plain(owner)];
    tx.send("UPDATE media SET loose_at = 0, name = '' WHERE asset_id = $1 AND owner = $2 AND refs = 0", of);
    tx.send('DELETE FROM direct_lines WHERE asset_id = $1 AND address = $2', of);
  }

  /** Gives the row as it is now: what was said before stands. */
  saveLine({ id, assetId, address, userId, after, keepUntil }: DirectLineRow): Promise<DirectLineRow> {
    return this.#writer.write(async (tx) => {
      const { rows } = await tx.query(
        `INSERT INTO direct_lines AS d (id, asset_id, address, user_id, after_ord, keep_until)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO UPDATE SET
           address = coalesce(d.address, excluded.address), user_id = coalesce(d.user_id, excluded.user_id),
           keep_until = greatest(d.keep_until, excluded.keep_until)
         RETURNING *`,
        [id, assetId, plain(address), plain(userId), after, keepUntil],
      );
      return () => readLine(rows[0] as Row);
    });
  }

  async line(id: Id): Promise<DirectLineRow | null> {
    const [row] = await this.#ask('SELECT * FROM direct_lines WHERE id = $1', [plain(id)]);
    return row ? readLine(row) : null;
  }

  static async dropOldLines(tx: Transaction, now: number, limit: number): Promise<number> {
    const sql = `DELETE FROM direct_lines WHERE id IN
      (SELECT id FROM direct_lines WHERE keep_until < $1 ORDER BY keep_until LIMIT $2)`;
    return (await tx.query(sql, [now, Math.max(0, limit)])).count;
  }
}
