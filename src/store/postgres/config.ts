// Configuration documents with their versions, the audit of who changed what, and replay tasks.
// Not here: what a document means, and the health of bots and desks beyond dropping it with them.
// The one thing to know: a version that is not the expected one undoes all writes of the call.
import type { AuditEntry, ConfigRow, ConfigWrite, Page, PageAsk, ReplayTask } from '../../engine/store-port.ts';
import type { Health, Id } from '../../routing/model.ts';
import { readAudit, readConfig, readReplay } from '../rows/config.ts';
import { page, pageLimit, readCursor } from '../rows/cursors.ts';
import { readHealth } from '../rows/health.ts';
import type { Row } from '../rows/row.ts';
import { CONFIG, changed, type Memory } from './apply.ts';
import { Book } from './book.ts';
import { Columns, insert } from './bulk.ts';
import type { Link } from './connection.ts';
import { Conflict } from './failure.ts';
import { flush } from './flush.ts';
import type { Ask } from './reader.ts';
import type { Transaction, Writer } from './writer.ts';

const NEWEST = Number.MAX_SAFE_INTEGER;
const place = (row: Row): number => Number(row.n);
const AUDIT = insert(
  'audit',
  'n place, id text, at float8, actor text, action text, kind text, target text, detail text',
);
const REPLAYS = insert(
  'replays',
  'n place, id text, updated_at float8, doc text',
  'ON CONFLICT (id) DO UPDATE SET updated_at = excluded.updated_at, doc = excluded.doc',
);
const HEALTH = 'SELECT id, status, failures, generation, reason, since FROM health ORDER BY id';
const ACTIVE = "SELECT 1 AS found FROM health WHERE id = $1 AND status = 'active'";

export class Config {
  readonly #writer: Writer;
  readonly #ask: Ask;
  readonly #memory: Memory;
  readonly #now: () => number;

  constructor(writer: Writer, ask: Ask, memory: Memory, now: () => number) {
    this.#writer = writer;
    this.#ask = ask;
    this.#memory = memory;
    this.#now = now;
  }

  load(): Promise<{ rows: ConfigRow[]; health: Health[] }> {
    return this.#writer.read(async (link) => {
      const [journal, rows, health] = await atOneInstant(link, ['SELECT world FROM journal', CONFIG, HEALTH]);
      const known = (health ?? []).map(readHealth);
      this.#memory.health.replace(known);
      this.#memory.seen = Number(journal?.[0]?.world);
      return { rows: (rows ?? []).map(readConfig), health: known };
    });
  }

  /** Saves or deletes documents, all or none; the saved rows in the order of the writes. */
  write(writes: ConfigWrite[], audit: AuditEntry[]): Promise<ConfigRow[]> {
    return this.#writer.write(async (tx) => {
      const book = new Book();
      const rows: ConfigRow[] = [];
      for (const write of writes) {
        const row = await this.#writeOne(tx, write);
        if (row !== null) rows.push(row);
        else if (write.kind === 'bot' || write.kind === 'desk') book.write.health.set(write.id, null);
      }
      const columns = new Columns(AUDIT.width);
      for (const { id, at, actor, action, kind, target, detail } of audit) {
        columns.add(book.next(), id, at, actor, action, kind, target, JSON.stringify(detail));
        // The feed is told that something changed, without what: details may be private.
        book.addEvent(null, at, { type: 'config.changed', data: { actor, action, kind, id: target } });
      }
      tx.changeConfig();
      const world = await tx.world();
      void flush(tx, book, this.#now());
      columns.send(tx, AUDIT, book.used);
      return () => {
        for (const id of book.write.health.keys()) this.#memory.health.unset(id);
        changed(this.#memory, world);
        return rows;
      };
    });
  }

  async listAudit(ask: PageAsk): Promise<Page<AuditEntry>> {
    const limit = pageLimit(ask);
    const sql = 'SELECT * FROM audit WHERE n < $1 ORDER BY n DESC LIMIT $2';
    return page(await this.#ask(sql, [readCursor(ask.after, NEWEST), limit + 1]), limit, place, readAudit);
  }

  /** Saves a replay task; its progress is an event, for whoever watches. */
  saveReplay(task: ReplayTask): Promise<void> {
    const { id, status, total, done, failed } = task;
    return this.#writer.write(async (tx) => {
      const book = new Book();
      const columns = new Columns(REPLAYS.width);
      columns.add(book.next(), id, task.updatedAt, JSON.stringify(task));
      book.addEvent(null, this.#now(), {
        type: 'replay.progress',
        data: { replay_id: id, status, total, done, failed },
      });
      tx.notes.word({ replay: [id, status] });
      void flush(tx, book, this.#now());
      columns.send(tx, REPLAYS, book.used);
      return () => undefined;
    });
  }

  async listReplays(ask: PageAsk): Promise<Page<ReplayTask>> {
    const limit = pageLimit(ask);
    const sql = 'SELECT n, doc FROM replays WHERE n < $1 ORDER BY n DESC LIMIT $2';
    return page(await this.#ask(sql, [readCursor(ask.after, NEWEST), limit + 1]), limit, place, readReplay);
  }

  async replay(id: Id): Promise<ReplayTask | null> {
    const [row] = await this.#ask('SELECT doc FROM replays WHERE id = $1', [id]);
    return row ? readReplay(row) : null;
  }

  async #writeOne(tx: Transaction, write: ConfigWrite): Promise<ConfigRow | null> {
    const { kind, id, data, expectVersion, unlessActive } = write;
    const { rows } = await tx.query('SELECT * FROM config WHERE kind = $1 AND id = $2 FOR UPDATE', [kind, id]);
    const before = rows[0] && readConfig(rows[0]);
    const version = before?.version ?? 0;
    if (expectVersion !== undefined && expectVersion !== version) {
      const found = before ? `version ${version}` : 'nothing';
      throw new Conflict(`Expected version ${expectVersion} of ${kind} ${id}, found ${found}.`);
    }
    // As it is kept, not as it is in memory: another process may have verified it, and none can while this lasts.
    if (unlessActive && (await tx.query(ACTIVE, [id])).rows.length > 0) {
      throw new Conflict(`The ${kind} ${id} is active where it was verified.`);
    }
    if (data === null) {
      tx.send('DELETE FROM config WHERE kind = $1 AND id = $2', [kind, id]);
      return null;
    }
    const now = this.#now();
    const createdAt = before?.createdAt ?? now;
    tx.send(
      `INSERT INTO config (kind, id, data, version, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (kind, id) DO UPDATE
         SET data = excluded.data, version = excluded.version, updated_at = excluded.updated_at`,
      [kind, id, JSON.stringify(data), version + 1, createdAt, now],
    );
    return { kind, id, data, version: version + 1, createdAt, updatedAt: now };
  }
}

/** Else a document of before might come with a health of after, and be taken for active where nobody has verified it. */
async function atOneInstant(link: Link, texts: readonly string[]): Promise<Row[][]> {
  await link.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    const found: Row[][] = [];
    for (const text of texts) found.push((await link.query(text)).rows);
    return found;
  } finally {
    await link.query('COMMIT');
  }
}
