// The tables `media` and `media_refs`: what was uploaded, and which messages show it.
// Not here: the bytes (src/media). The one thing to know: a medium that no message shows is loose since its upload, or
// since ever when its last message went; the triggers of the schema count, whoever deletes a message.
import type { LooseMedium, MediumRow, RemoteMedium } from '../../engine/store-port.ts';
import type { Id, Message } from '../../routing/model.ts';
import type { Database, Row, Statement } from './driver.ts';

/** How a message names a medium of ours: `media:<id>`. */
const REFERENCE = /^media:(med_[0-9a-z]{26})$/;

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
  fetchAt: row.fetch_at as number | null,
  problem: row.problem as string | null,
});

type Remote = MediumRow & { remote: RemoteMedium };
type Name =
  | 'add'
  | 'byId'
  | 'refer'
  | 'shown'
  | 'loose'
  | 'drop'
  | 'used'
  | 'forget'
  | 'addRemote'
  | 'save'
  | 'toFetch';

export class MediaBook {
  readonly #statements: Record<Name, Statement>;

  constructor(db: Database) {
    this.#statements = {
      add: db.prepare(
        'INSERT INTO media (id, sha256, asset_id, owner, type, name, bytes, loose_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      ),
      byId: db.prepare('SELECT * FROM media WHERE id = ?'),
      refer: db.prepare('INSERT OR IGNORE INTO media_refs (message, media) VALUES (?, ?)'),
      shown: db.prepare('UPDATE media SET refs = (SELECT count(*) FROM media_refs WHERE media = id) WHERE id = ?'),
      loose: db.prepare('SELECT id, sha256 FROM media WHERE refs = 0 AND loose_at < ? ORDER BY loose_at LIMIT ?'),
      drop: db.prepare('DELETE FROM media WHERE id = ? AND refs = 0'),
      used: db.prepare('SELECT 1 AS found FROM media WHERE sha256 = ? LIMIT 1'),
      forget: db.prepare("UPDATE media SET loose_at = 0, name = '' WHERE asset_id = ? AND owner = ? AND refs = 0"),
      addRemote: db.prepare(
        `INSERT INTO media (id, sha256, asset_id, owner, type, name, bytes, loose_at, reference, fetch_at)
         VALUES (?, '', ?, ?, ?, ?, 0, ?, ?, ?)
         ON CONFLICT (asset_id, owner, reference) WHERE reference IS NOT NULL DO UPDATE SET
           loose_at = excluded.loose_at, name = CASE WHEN name = '' THEN excluded.name ELSE name END
         RETURNING *`,
      ),
      save: db.prepare(
        `UPDATE media SET sha256 = ?, type = ?, bytes = ?, fetch_at = ?, problem = ?,
           name = CASE WHEN refs = 0 AND loose_at = 0 THEN '' ELSE ? END WHERE id = ?`,
      ),
      toFetch: db.prepare('SELECT * FROM media WHERE fetch_at IS NOT NULL AND refs > 0 ORDER BY fetch_at, id LIMIT ?'),
    };
  }

  add(row: MediumRow): void {
    const { id, sha256, assetId, owner, type, name, bytes, looseAt } = row;
    this.#statements.add.run(id, sha256, assetId, owner, type, name, bytes, looseAt);
  }

  byId(id: Id): MediumRow | null {
    const row = this.#statements.byId.get(id);
    return row === undefined ? null : readMedium(row);
  }

  /** A provider sends the same again: one row, which is no rubbish now. */
  addRemote(rows: readonly Remote[]): MediumRow[] {
    return rows.map(({ id, assetId, owner, type, name, looseAt, remote: { reference, fetchAt } }) =>
      readMedium(this.#statements.addRemote.get(id, assetId, owner, type, name, looseAt, reference, fetchAt) as Row),
    );
  }

  save({ id, sha256, type, bytes, name, remote }: MediumRow): boolean {
    const { fetchAt = null, problem = null } = remote ?? {};
    return Number(this.#statements.save.run(sha256, type, bytes, fetchAt, problem, name, id).changes) > 0;
  }

  toFetch(limit: number): MediumRow[] {
    return this.#statements.toFetch.all(limit).map(readMedium);
  }

  /** Notes what a message shows. */
  refer(message: number, media: Message['media']): void {
    for (const { url } of media) {
      const id = REFERENCE.exec(url)?.[1];
      if (id === undefined) continue;
      this.#statements.refer.run(message, id);
      this.#statements.shown.run(id);
    }
  }

  loose(before: number, limit: number): LooseMedium[] {
    return this.#statements.loose.all(before, limit).map((row) => ({ id: String(row.id), sha256: String(row.sha256) }));
  }

  /** Drops what is still loose; gives the digests that nothing has any more. */
  drop(media: readonly LooseMedium[]): string[] {
    const dropped = media.filter(({ id }) => Number(this.#statements.drop.run(id).changes) > 0);
    const digests = [...new Set(dropped.map(({ sha256 }) => sha256))];
    return digests.filter((sha256) => sha256 !== '' && this.#statements.used.get(sha256) === undefined);
  }

  /** What a customer uploaded and never sent is rubbish at once. */
  forget(assetId: Id, owner: string): void {
    this.#statements.forget.run(assetId, owner);
  }
}
