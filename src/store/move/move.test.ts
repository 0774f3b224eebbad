// Moving from SQLite to PostgreSQL: whatever the conformance suite can bring about, moved instead of reopened, and found
// on the other side; what is not moved, and when nothing is. The one thing to know: the database is a real one.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Postgres, startPostgres } from '../../../test/parties/postgres.ts';
import * as errors from '../../engine/store-port.ts';
import { Script, say, world } from '../conformance/script.ts';
import { type Deciding, storeConformance } from '../conformance.ts';
import { openPostgres } from '../postgres/open.ts';
import { openReader, openWriter } from '../sqlite/connection.ts';
import { openSqlite } from '../sqlite/open.ts';
import { MoveStopped, moveToPostgres } from './move.ts';
import { TABLES } from './tables.ts';

let postgres: Postgres;
let database = '';
let schemas = 0;
beforeAll(async () => {
  postgres = await startPostgres();
  database = postgres.database();
}, 60_000);
afterAll(() => postgres.remove());

/** A schema of its own in the one database. */
function emptyPlace(): { url: string; drop: () => void; names: () => string } {
  const schema = `test_${++schemas}`;
  postgres.sql(database, `CREATE SCHEMA ${schema}`);
  return {
    url: `${database}?options=${encodeURIComponent(`-c search_path=${schema} -c synchronous_commit=off`)}`,
    drop: () => void postgres.sql(database, `DROP SCHEMA ${schema} CASCADE`),
    names: () => postgres.sql(database, `SELECT tablename FROM pg_tables WHERE schemaname = '${schema}' ORDER BY 1`),
  };
}

/** A folder with a SQLite database. */
function newFolder(): { file: string; aside: string; remove: () => void; names: () => string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-move-'));
  return {
    file: join(folder, 'signalbox.db'),
    aside: join(folder, 'signalbox.db.moved'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
    names: () => readdirSync(folder).sort(),
  };
}
const tell = (): void => undefined;

// Each state that a test of the suite comes to is moved: at its first reopening, or else at its end.
storeConformance('SQLite that is moved to PostgreSQL', async (deciding) => {
  const { file, aside, remove } = newFolder();
  const place = emptyPlace();
  const { url } = place;
  let store = await openSqlite({ file, errors, onError: deciding.onError, run: deciding });
  let moved = false;
  const move = async (): Promise<void> => {
    await store.close();
    if (!moved) await moveToPostgres({ file, url, aside, tell });
    moved = true;
  };
  return {
    store,
    reopen: async () => {
      await move();
      store = await openPostgres({ ...deciding, url, errors });
      return store;
    },
    destroy: async () => {
      await move();
      place.drop();
      remove();
    },
  };
});

describe('A move', () => {
  /** SQLite with some words in it, closed. */
  async function spoken(words = 3): Promise<{ script: Script; deciding: Deciding } & ReturnType<typeof newFolder>> {
    const folder = newFolder();
    const script = new Script();
    const { decide, newId, random, onError } = script;
    const deciding: Deciding = { decide, newId, random, onError, now: () => script.now };
    const store = await openSqlite({ file: folder.file, errors, onError, run: deciding });
    await store.setWorld(world());
    const said = Array.from({ length: words }, (_, n) => say(`ann ${(n + 1) % 40}`, `word ${n} ${'x'.repeat(200)}`));
    for (let n = 0; n < words; n += 100) await store.apply(said.slice(n, n + 100));
    await store.close();
    return { ...folder, script, deciding };
  }

  it('takes along every table that PostgreSQL has, but for what is its own', async () => {
    const { file, aside, remove } = await spoken();
    const place = emptyPlace();
    const { tables, already } = await moveToPostgres({ file, url: place.url, aside, tell });
    const own = ['journal', 'leases', 'processes', 'schema_version'];
    expect([...tables.map(({ table }) => table), ...own].sort().join('\n')).toBe(place.names().trim());
    expect(tables.map(({ table }) => table)).toEqual(TABLES.map(({ name }) => name));
    expect(tables.find(({ table }) => table === 'messages')).toMatchObject({ rows: 3 });
    expect(already).toBe(false);
    place.drop();
    remove();
  });

  it('leaves the data under another name, so that nothing starts on them by mistake', async () => {
    const { file, aside, remove, names } = await spoken();
    const place = emptyPlace();
    await moveToPostgres({ file, url: place.url, aside, tell });
    expect(existsSync(file)).toBe(false);
    expect(names().filter((name) => !name.startsWith('signalbox.db.moved'))).toEqual(['signalbox.db.lock']);
    const db = openReader(aside);
    expect(db.prepare('SELECT count(*) AS n FROM messages').get()).toEqual({ n: 3 });
    db.close();
    place.drop();
    remove();
  });

  it('goes on in many steps, and tells of them', async () => {
    const { file, aside, remove } = await spoken(1_200);
    const place = emptyPlace();
    const told: string[] = [];
    await moveToPostgres({
      ...{ file, aside, url: place.url },
      tell: (step, table, rows, of) => told.push(`${step} ${table} ${rows}/${of}`),
    });
    expect(told.filter((line) => line.startsWith('copying messages'))).toEqual([
      'copying messages 500/1200',
      'copying messages 1000/1200',
      'copying messages 1200/1200',
    ]);
    expect(told).toContain('checking messages 1200/1200');
    place.drop();
    remove();
  });

  it('gives numbers above all that were given, so that the feed goes on', async () => {
    const { file, aside, remove, script, deciding } = await spoken();
    const place = emptyPlace();
    const before = await openSqlite({ file, errors, onError: script.onError, run: deciding });
    const last = await before.lastEventSeq();
    await before.close();
    await moveToPostgres({ file, url: place.url, aside, tell });
    const store = await openPostgres({ ...deciding, url: place.url, errors });
    await store.setWorld(world());
    expect(await store.lastEventSeq()).toBe(last);
    await store.apply([say('ann 1', 'again')]);
    const [event] = await store.events(last, 10);
    expect(event?.seq).toBeGreaterThan(last);
    await store.close();
    place.drop();
    remove();
  });

  it('into what is not empty is refused, and changes neither side', async () => {
    const { file, aside, remove } = await spoken();
    const place = emptyPlace();
    const other = await spoken(1);
    await moveToPostgres({ file: other.file, url: place.url, aside: other.aside, tell });
    const again = moveToPostgres({ file, url: place.url, aside, tell });
    await expect(again).rejects.toThrow(MoveStopped);
    await expect(again).rejects.toThrow(/not empty: it has the tables aliases, attempts/);
    expect(existsSync(file)).toBe(true);
    place.drop();
    remove();
    other.remove();
  });

  it('that was cut off after its end is only checked when it is begun again', async () => {
    const { file, aside, remove } = await spoken(600);
    const place = emptyPlace();
    const first = await moveToPostgres({ file, url: place.url, aside, tell });
    // As when the process was killed between the commit and the renaming.
    const again = await moveToPostgres({ file: aside, url: place.url, aside: `${aside}.again`, tell });
    expect(again).toEqual({ tables: first.tables, already: true });
    place.drop();
    remove();
  });

  it('finds out when a row of SQLite belongs to nothing, and leaves the database empty', async () => {
    const { file, aside, remove } = await spoken();
    const db = openWriter(file);
    db.exec('DELETE FROM threads WHERE n = (SELECT min(thread) FROM messages)');
    db.close();
    const place = emptyPlace();
    const moving = moveToPostgres({ file, url: place.url, aside, tell });
    await expect(moving).rejects.toThrow(/not whole: of \d+ rows of conversations 1 belong to nothing/);
    expect(place.names().trim()).toBe('');
    place.drop();
    remove();
  });

  it('finds out when PostgreSQL keeps other rows than it was sent, and leaves the database empty', async () => {
    const { file, aside, remove } = await spoken();
    const place = emptyPlace();
    const schema = `test_${schemas}`;
    // Somebody's trigger changes what is written; an event trigger makes it, for the tables are not there yet.
    postgres.sql(
      database,
      `CREATE FUNCTION ${schema}.other() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN NEW.limbo := 'other'; RETURN NEW; END $$;
       CREATE FUNCTION ${schema}.meddle() RETURNS event_trigger LANGUAGE plpgsql AS $$
         BEGIN
           IF EXISTS (SELECT 1 FROM pg_event_trigger_ddl_commands() WHERE object_identity = '${schema}.threads') THEN
             CREATE TRIGGER meddling BEFORE INSERT ON ${schema}.threads FOR EACH ROW EXECUTE FUNCTION ${schema}.other();
           END IF;
         END $$;
       CREATE EVENT TRIGGER meddler ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION ${schema}.meddle()`,
    );
    const moving = moveToPostgres({ file, url: place.url, aside, tell });
    await expect(moving).rejects.toThrow(/What PostgreSQL has of threads is not what was sent: 3 rows/);
    expect(place.names().trim()).toBe('');
    expect(existsSync(file)).toBe(true);
    postgres.sql(database, 'DROP EVENT TRIGGER meddler');
    place.drop();
    remove();
  });

  it('of data that another version wrote is refused, and leaves them as they are', async () => {
    const { file, aside, remove } = await spoken();
    const db = openWriter(file);
    db.exec('PRAGMA user_version = 5');
    db.close();
    const place = emptyPlace();
    const moving = moveToPostgres({ file, url: place.url, aside, tell });
    await expect(moving).rejects.toThrow(/another version of Signalbox \(schema 5, this program has/);
    place.drop();
    remove();
  });
});
