// Configuration documents with their versions, the audit of who changed what, and replay tasks.
// Not here: what a document means, and the health of bots and desks beyond dropping it with them.
// The one thing to know: a version that is not the expected one undoes all writes of the call.

import type { AuditEntry, ConfigRow, ConfigWrite, Page, PageAsk, ReplayTask } from '../../engine/store-port.ts';
import type { Health, Id } from '../../routing/model.ts';
import { readAudit, readConfig, readReplay } from '../rows/config.ts';
import { page, pageLimit, readCursor } from '../rows/cursors.ts';
import type { Database, Row, Statement } from './driver.ts';
import { StoreFailure } from './failure.ts';
import type { Tables } from './tables.ts';

const NEWEST = Number.MAX_SAFE_INTEGER;
const place = (row: Row): number => Number(row.n);

export class Config {
  readonly #tables: Tables;
  readonly #now: () => number;
  readonly #all: Statement;
  readonly #one: Statement;
  readonly #save: Statement;
  readonly #drop: Statement;
  readonly #audit: Statement;
  readonly #audits: Statement;
  readonly #saveReplay: Statement;
  readonly #replays: Statement;
  readonly #replay: Statement;

  constructor(db: Database, tables: Tables, now: () => number) {
    this.#tables = tables;
    this.#now = now;
    this.#all = db.prepare('SELECT * FROM config ORDER BY kind, id');
    this.#one = db.prepare('SELECT * FROM config WHERE kind = ? AND id = ?');
    this.#save = db.prepare(
      `INSERT INTO config (kind, id, data, version, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (kind, id) DO UPDATE
         SET data = excluded.data, version = excluded.version, updated_at = excluded.updated_at`,
    );
    this.#drop = db.prepare('DELETE FROM config WHERE kind = ? AND id = ?');
    this.#audit = db.prepare(
      'INSERT INTO audit (id, at, actor, action, kind, target, detail) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    this.#audits = db.prepare('SELECT * FROM audit WHERE n < ? ORDER BY n DESC LIMIT ?');
    this.#saveReplay = db.prepare(
      `INSERT INTO replays (id, updated_at, doc) VALUES (?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET updated_at = excluded.updated_at, doc = excluded.doc`,
    );
    this.#replays = db.prepare('SELECT n, doc FROM replays WHERE n < ? ORDER BY n DESC LIMIT ?');
    this.#replay = db.prepare('SELECT doc FROM replays WHERE id = ?');
  }

  load(): { rows: ConfigRow[]; health: Health[] } {
    return { rows: this.#all.all().map(readConfig), health: this.#tables.health.list() };
  }

  /** Saves or deletes documents, all or none; the saved rows in the order of the writes. */
  write(writes: ConfigWrite[], audit: AuditEntry[]): ConfigRow[] {
    return this.#tables.write(() => {
      const rows = writes.map((write) => this.#writeOne(write)).filter((row) => row !== null);
      for (const entry of audit) this.#writeAudit(entry);
      return rows;
    });
  }

  listAudit(ask: PageAsk): Page<AuditEntry> {
    const limit = pageLimit(ask);
    return page(this.#audits.all(readCursor(ask.after, NEWEST), limit + 1), limit, place, readAudit);
  }

  /** Saves a replay task; its progress is an event, for whoever watches. */
  saveReplay(task: ReplayTask): void {
    const { id, status, total, done, failed } = task;
    this.#tables.write(() => {
      this.#saveReplay.run(id, task.updatedAt, JSON.stringify(task));
      const data = { replay_id: id, status, total, done, failed };
      this.#tables.journal.write(null, this.#now(), { type: 'replay.progress', data });
    });
  }

  listReplays(ask: PageAsk): Page<ReplayTask> {
    const limit = pageLimit(ask);
    return page(this.#replays.all(readCursor(ask.after, NEWEST), limit + 1), limit, place, readReplay);
  }

  replay(id: Id): ReplayTask | null {
    const row = this.#replay.get(id);
    return row ? readReplay(row) : null;
  }

  #writeOne({ kind, id, data, expectVersion, unlessActive }: ConfigWrite): ConfigRow | null {
    const row = this.#one.get(kind, id);
    const before = row && readConfig(row);
    const version = before?.version ?? 0;
    if (expectVersion !== undefined && expectVersion !== version) {
      const found = before ? `version ${version}` : 'nothing';
      throw new StoreFailure('config_conflict', `Expected version ${expectVersion} of ${kind} ${id}, found ${found}.`);
    }
    if (unlessActive && this.#tables.health.isKnownActive(id)) {
      throw new StoreFailure('config_conflict', `The ${kind} ${id} is active where it was verified.`);
    }
    if (data === null) {
      this.#drop.run(kind, id);
      if (kind === 'bot' || kind === 'desk') this.#tables.health.drop(id);
      return null;
    }
    const now = this.#now();
    const createdAt = before?.createdAt ?? now;
    this.#save.run(kind, id, JSON.stringify(data), version + 1, createdAt, now);
    return { kind, id, data, version: version + 1, createdAt, updatedAt: now };
  }

  /** Writes an audit entry and tells the feed that something changed, without what: details may be private. */
  #writeAudit(entry: AuditEntry): void {
    const { id, at, actor, action, kind, target } = entry;
    this.#audit.run(id, at, actor, action, kind, target, JSON.stringify(entry.detail));
    const data = { actor, action, kind, id: target };
    this.#tables.journal.write(null, at, { type: 'config.changed', data });
  }
}
