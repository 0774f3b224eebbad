// Opening, locking, backing up: what is about files. What is about rows is in the conformance suite.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as errors from '../../engine/store-port.ts';
import { ASSET, type CustomerInput, Script, say, take, world } from '../conformance/script.ts';
import { backupTo } from './backup.ts';
import { openReader } from './connection.ts';
import { openFile } from './driver.ts';
import { StoreFailure } from './failure.ts';
import { openSqlite } from './open.ts';
import { MIGRATIONS } from './schema.ts';

let folder: string;
let file: string;
let script: Script;

const open = (path = file) =>
  openSqlite({
    file: path,
    errors,
    onError: script.onError,
    run: { ...script, now: () => script.now, decide: script.decide },
  });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-files-'));
  file = join(folder, 'data', 'signalbox.db');
  script = new Script();
});

afterEach(() => rmSync(folder, { recursive: true }));

describe('the data folder', () => {
  it('has one process at a time, and says which', async () => {
    const store = await open();
    const second = open();
    await expect(second).rejects.toBeInstanceOf(errors.StoreUnavailable);
    await expect(second).rejects.toThrow(new RegExp(`in use by process ${process.pid}\\. Stop that process first`));
    await store.close();
    await (await open()).close();
  });

  it('is taken over from a process that was killed', async () => {
    const held = await open();
    await held.close();
    const holder = `
      const { DatabaseSync } = require('@photostructure/sqlite');
      const db = new DatabaseSync(${JSON.stringify(`${file}.lock`)});
      db.exec('BEGIN EXCLUSIVE');
      require('fs').writeFileSync(${JSON.stringify(`${file}.pid`)}, String(process.pid));
      console.log('held');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['-e', holder], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await expect(open()).rejects.toThrow(`in use by process ${child.pid}.`);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    expect(existsSync(`${file}.pid`)).toBe(true);
    await (await open()).close();
    expect(existsSync(`${file}.pid`)).toBe(false);
  });

  it('is not opened when a newer program wrote it', async () => {
    await (await open()).close();
    const db = openFile(file, {});
    db.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    db.close();
    await expect(open()).rejects.toThrow(/written by a newer Signalbox \(schema \d+, this program knows \d+\)/);
    expect(existsSync(`${file}.pid`)).toBe(false);
  });

  it('is brought to the newest schema with all that is in it', async () => {
    const before = await open();
    await before.apply([say('+1', 'one'), say('+1', 'two')]);
    const [thread] = (await before.listThreads({ limit: 1 })).data;
    const entries = (await before.timeline(thread?.id ?? '', { limit: 50 })).data;
    await before.close();
    const db = openFile(file, {});
    // As it was before the log of late tables, and so before all that came after.
    db.exec('DROP TABLE aliases; DROP INDEX media_reference; DROP INDEX media_fetch');
    for (const column of ['reference', 'fetch_at', 'problem']) db.exec(`ALTER TABLE media DROP COLUMN ${column}`);
    db.exec("DROP TABLE unsettled; DELETE FROM meta WHERE key = 'placed'; PRAGMA user_version = 3");
    db.close();
    const after = await open();
    expect((await after.timeline(thread?.id ?? '', { limit: 50 })).data).toEqual(entries);
    const [applied] = await after.apply([say('+1', 'three')]);
    expect(applied?.queued[0]?.message?.turn).toBe(3);
    expect((await after.timeline(thread?.id ?? '', { limit: 50 })).data).toHaveLength(9);
    await after.close();
  });

  it('is not opened when its file is no database', async () => {
    await (await open()).close();
    rmSync(file);
    writeFileSync(file, 'not a database, '.repeat(1000));
    const opened = open();
    await expect(opened).rejects.toBeInstanceOf(errors.StoreUnavailable);
    await expect(opened).rejects.toThrow('the file is not a database');
  });

  it('can be read by its owner only, as can a backup', async () => {
    const store = await open();
    await store.apply([say('+1', 'hello')]);
    backupTo(file, join(folder, 'data', 'copy.db'));
    const rights = readdirSync(join(folder, 'data')).map((name) => statSync(join(folder, 'data', name)).mode & 0o777);
    expect(new Set(rights)).toEqual(new Set([0o600]));
    expect(statSync(join(folder, 'data')).mode & 0o777).toBe(0o700);
    await store.close();
  });

  it('is refused with a sentence when it cannot be made', async () => {
    writeFileSync(join(folder, 'data'), 'a file where the folder should be');
    await expect(open()).rejects.toThrow(/The data folder .* cannot be used: /);
    await expect(open()).rejects.toBeInstanceOf(errors.StoreUnavailable);
  });

  it('can be read beside the store', async () => {
    const store = await open();
    await store.apply([say('+1', 'hello')]);
    const reader = openReader(file);
    expect(reader.prepare('SELECT count(*) AS n FROM messages').get()).toEqual({ n: 1 });
    reader.close();
    await store.close();
  });

  it('is closed once, and refuses afterwards', async () => {
    const store = await open();
    await store.close();
    await store.close();
    await expect(store.counts()).rejects.toBeInstanceOf(errors.StoreUnavailable);
  });
});

describe('a backup', () => {
  it('is the data, and can be opened in its place', async () => {
    const store = await open();
    await store.setWorld(world());
    await store.writeConfig([{ kind: 'bot', id: 'bot_1', data: { name: 'x' } }], []);
    await store.apply(Array.from({ length: 50 }, (_, i) => say(`+${i % 7}`, `m${i}`)));
    const everything = async (from: errors.Store) => [
      await from.loadConfig(),
      await from.counts(),
      await from.listThreads({ limit: 100 }),
      await from.listDeliveries({ limit: 100 }),
      await from.events(0, 100),
      await from.pendingPage({ type: 'bot', id: 'bot_1' }, 'main', 0, 100),
    ];
    const before = await everything(store);
    const copy = join(folder, 'copy.db');
    backupTo(file, copy);
    await store.apply([say('+1', 'after the backup')]);
    await store.close();

    const restored = await open(copy);
    await restored.setWorld(world());
    expect(await everything(restored)).toEqual(before);
    expect((await restored.apply([say('+0', 'm0')]))[0]?.reply).toMatchObject({ duplicate: true });
    await restored.close();
  });

  it('is never written over a file, and leaves no half behind', async () => {
    const store = await open();
    const taken = join(folder, 'taken.db');
    writeFileSync(taken, 'mine');
    expect(() => backupTo(file, taken)).toThrow('There is a file already');
    expect(() => backupTo(file, join(folder, 'nowhere', 'copy.db'))).toThrow(StoreFailure);
    expect(readdirSync(folder).sort()).toEqual(['data', 'taken.db']);
    await store.close();
  });
});

describe('erased words', () => {
  it('are in no file of the folder', async () => {
    const store = await open();
    await store.apply([say('+1', 'the secret word'), say('+2', 'something else')]);
    const grep = () => {
      try {
        return execFileSync('grep', ['-rlaE', 'the secret word', join(folder, 'data')], { encoding: 'utf8' });
      } catch {
        return '';
      }
    };
    expect(grep()).not.toBe('');
    await store.erase(ASSET, '+1');
    expect(grep()).toBe('');
    await store.close();
  });

  it('are in no file either when they stood in what the thread was and no longer is', async () => {
    const store = await open();
    const grep = () => {
      try {
        return execFileSync('grep', ['-rlaE', 'secret-(name|colour)', join(folder, 'data')], { encoding: 'utf8' });
      } catch {
        return '';
      }
    };
    for (let round = 0; round < 40; round++) {
      script.on(`say:${round}`, (input, facts, c) => {
        const taken = take(input as CustomerInput, facts, c);
        const attributes = { colour: `secret-colour ${round} ${'x'.repeat(round * 50)}` };
        return { ...taken, thread: taken.thread && { ...taken.thread, name: `secret-name ${round}`, attributes } };
      });
      await store.apply([say('+1', `${round}`), say(`+2${round}`, 'something else')]);
      if (round % 8 === 0) await store.listThreads({ limit: 10 });
    }
    expect(grep()).not.toBe('');
    await store.erase(ASSET, '+1');
    expect(grep()).toBe('');
    await store.close();
  });
});
