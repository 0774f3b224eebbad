// The refusing disk: a batch that cannot be written leaves nothing, in the data or in memory, and the store goes on
// when there is room again. The disk is made small by SQLite's own limit of pages.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ASSET, BOT, Script, say, world } from '../conformance/script.ts';
import { applyBatch } from './apply.ts';
import { openWriter } from './connection.ts';
import { CountReads } from './counts.ts';
import type { Database } from './driver.ts';
import { Eraser } from './erase.ts';
import { asUnavailable, StoreFailure } from './failure.ts';
import { openTables, type Tables } from './tables.ts';

describe('a full disk', () => {
  let folder: string;
  let db: Database;
  let tables: Tables;
  let script: Script;

  const apply = (...inputs: Parameters<typeof applyBatch>[2]) =>
    applyBatch(tables, { ...script, now: () => script.now, decide: script.decide }, inputs);
  const counts = () => new CountReads(db, tables).counts();
  const pages = (pragma: string) => Number(Object.values(db.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'signalbox-full-'));
    script = new Script();
    db = openWriter(join(folder, 'signalbox.db'));
    tables = openTables(db, () => script.now);
    tables.health.setWorld(world());
  });

  afterEach(() => {
    db.close();
    rmSync(folder, { recursive: true });
  });

  it('refuses the whole batch, forgets it, and takes the next when there is room', () => {
    apply(say('+1', 'first'));
    const before = counts();
    db.exec(`PRAGMA max_page_count = ${pages('page_count')}`);
    const batch = Array.from({ length: 200 }, (_, i) => say(`+${i}`, `${i} ${'long '.repeat(50)}`));
    for (let again = 0; again < 2; again++) {
      expect(() => apply(...batch)).toThrow(expect.objectContaining({ kind: 'unavailable' }));
      expect(() => apply(...batch)).toThrow(/the disk is full/);
      expect(counts()).toEqual(before);
    }
    db.exec('PRAGMA max_page_count = 1000000');
    const applied = apply(...batch);
    expect(applied.every(({ reply }) => reply.ok && !reply.duplicate)).toBe(true);
    const item = applied[1]?.queued[0];
    expect([item?.message?.seq, item?.message?.turn]).toEqual([2, 2]);
    expect(counts()).toMatchObject({ threads: 200, waiting: 200, deliveries: { parked: 201 } });
    expect(script.errors).toEqual([]);
    expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  });

  it('takes back a health that a refused batch had changed', () => {
    const health = { id: BOT, status: 'active' as const, failures: 0, generation: 1, reason: null, since: 0 };
    expect(() =>
      tables.write(() => {
        tables.health.save(health);
        throw new StoreFailure('unavailable', 'no');
      }),
    ).toThrow('no');
    expect(tables.health.world.bots.get(BOT)?.health.status).toBe('unverified');
  });

  it('that cannot empty the WAL does not make an erasure look undone', () => {
    apply(say('+1', 'first'));
    const full = Object.assign(new Error('database or disk is full'), { errcode: 13 });
    const prepare = (sql: string) => {
      if (sql.includes('wal_checkpoint')) throw full;
      return db.prepare(sql);
    };
    const broken = { prepare, exec: (sql: string) => db.exec(sql), close: () => db.close() };
    expect(new Eraser(broken, tables, () => script.now).erase(ASSET, '+1')).toMatchObject({
      threads: [expect.any(String)],
      messages: 1,
    });
  });

  it("tells the disk's trouble from a mistake in a statement", () => {
    expect(asUnavailable(Object.assign(new Error('x'), { errcode: 778 }))).toMatchObject({ kind: 'unavailable' });
    expect(asUnavailable(Object.assign(new Error('x'), { errcode: 2067 }))).toBeUndefined();
    expect(asUnavailable(new Error('x'))).toBeUndefined();
    expect(asUnavailable(new Error('database disk image is malformed'))).toMatchObject({ kind: 'unavailable' });
    const refused = Object.assign(new Error('x'), { code: 'EROFS', path: '/data/signalbox.db' });
    expect(asUnavailable(refused)).toMatchObject({
      kind: 'unavailable',
      message: 'The store cannot be used now: the file system is read-only (/data/signalbox.db).',
    });
    expect(asUnavailable(Object.assign(new Error('x'), { code: 'ERR_INVALID_ARG_TYPE' }))).toBeUndefined();
  });
});
