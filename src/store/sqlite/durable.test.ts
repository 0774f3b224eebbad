// When a commit may be told of: after a sync that began after it; and what is done when the disk refuses to sync.
import { copyFileSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openReader, openWriter } from './connection.ts';
import type { Database } from './driver.ts';
import { Durable } from './durable.ts';

let folder: string;
let file: string;
let db: Database;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-durable-'));
  file = join(folder, 'signalbox.db');
  db = openWriter(file);
  db.exec('CREATE TABLE said (words TEXT)');
});

afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true });
});

const write = (durable: Durable, words: string): void => {
  db.prepare('INSERT INTO said VALUES (?)').run(words);
  durable.committed();
};
const soon = (durable: Durable, errors: unknown[] = []): Promise<void> =>
  new Promise((resolve) => durable.soon(resolve, (error) => errors.push(error)));

/** What the file alone has, without its log. */
function inTheFile(): unknown[] {
  const copy = join(folder, 'copy.db');
  copyFileSync(file, copy);
  const reader = openReader(copy);
  const rows = reader.prepare('SELECT words FROM said').all();
  reader.close();
  return rows.map(({ words }) => words);
}

describe('What is committed', () => {
  it('is owed a sync from the start, and after each commit', async () => {
    const durable = new Durable(db, file);
    expect(durable.owed).toBe(true);
    durable.now();
    expect(durable.owed).toBe(false);
    write(durable, 'one');
    expect(durable.owed).toBe(true);
    await soon(durable);
    expect(durable.owed).toBe(false);
    durable.close();
  });

  it('while a sync is under way is owed another one', async () => {
    const durable = new Durable(db, file);
    const first = soon(durable);
    write(durable, 'meanwhile');
    await first;
    expect(durable.owed).toBe(true);
    durable.close();
  });

  it('may be synced while the store closes', async () => {
    const durable = new Durable(db, file);
    const ended = soon(durable);
    durable.close();
    await ended;
  });
});

describe('A disk that refuses to sync', () => {
  /** Nothing can be synced there, whatever the machine. */
  const refused = (): Durable => {
    symlinkSync('/dev/null', join(folder, 'refused-wal'));
    return new Durable(db, join(folder, 'refused'));
  };

  it('has the log copied into the file instead, before anybody is told', async () => {
    const durable = refused();
    write(durable, 'kept');
    const errors: unknown[] = [];
    await soon(durable, errors);
    expect(errors).toEqual([expect.objectContaining({ syscall: 'fdatasync' })]);
    expect(statSync(`${file}-wal`).size).toBe(0);
    expect(inTheFile()).toEqual(['kept']);
    durable.close();
  });

  it('is asked again until it takes it', async () => {
    const durable = refused();
    write(durable, 'read by somebody');
    const reader = openReader(file);
    reader.exec('BEGIN');
    reader.prepare('SELECT * FROM said').all();
    write(durable, 'kept');
    let told = false;
    const ended = soon(durable).then(() => {
      told = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(told).toBe(false);
    reader.exec('COMMIT');
    await ended;
    reader.close();
    expect(inTheFile()).toEqual(['read by somebody', 'kept']);
    durable.close();
  });

  it('says so to who calls in this thread, each time', () => {
    const durable = refused();
    for (let again = 0; again < 2; again++) expect(() => durable.now()).toThrow(/fdatasync/);
    durable.close();
  });
});
