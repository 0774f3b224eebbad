// What is committed and not yet settled survives whatever happens: a crash before, during and after the settling, a disk
// that refuses it, and reading while it does. A crash is a copy of the files as they are at that instant.
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Applied } from '../../engine/store-port.ts';
import type { Input } from '../../routing/inputs.ts';
import {
  ASSET,
  attempt,
  BOT,
  type CustomerInput,
  DAY_MS,
  newThread,
  Script,
  say,
  take,
  world,
} from '../conformance/script.ts';
import { applyBatch } from './apply.ts';
import { openWriter } from './connection.ts';
import { createSqliteCore, type SqliteCore } from './core.ts';
import { openFile } from './driver.ts';
import { CustomerReads } from './read-customer.ts';
import { openTables, type Tables } from './tables.ts';

const FILES = ['signalbox.db', 'signalbox.db-wal'];

let folder: string;
let script: Script;
let copies = 0;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-settling-'));
  script = new Script();
});
afterEach(() => rmSync(folder, { recursive: true }));

function open(in_: string): SqliteCore {
  const run = { ...script, now: () => script.now, decide: script.decide };
  const core = createSqliteCore({ ...run, file: join(in_, 'signalbox.db') });
  core.setWorld(world());
  return core;
}

/** The files as a crash would leave them now. */
function crashed(from = folder): string {
  const copy = join(folder, `crashed-${++copies}`);
  mkdirSync(copy);
  for (const name of FILES) if (existsSync(join(from, name))) copyFileSync(join(from, name), join(copy, name));
  return copy;
}

const rowsOf = (in_: string, table: string): number => {
  const db = openFile(join(in_, 'signalbox.db'), { readOnly: true });
  const row = db.prepare(`SELECT count(*) AS n FROM ${table}`).get();
  db.close();
  return Number(row?.n);
};

/** Everything that is read of tables that follow late. */
function everything(core: SqliteCore) {
  const threads = core.listThreads({ limit: 100 }).data;
  return {
    threads,
    timelines: threads.map(({ id }) => core.timeline(id, { limit: 500 }).data),
    counts: core.counts(),
    due: core.dueThreads(null, 100),
    held: core.heldThreads(BOT, null, 100),
    waiting: core.listThreads({ limit: 100, waiting: true }).data.map(({ id }) => id),
    owed: core.pendingPage({ type: 'bot', id: BOT }, 'main', 0, 100),
  };
}

/** Two customers, who speak and are heard, in several commits. */
function live(apply: (...inputs: Input[]) => Applied[], from = 0): void {
  for (let round = from; round < from + 6; round++) {
    script.now += 10;
    const said = apply(say(`+${round % 2}`, `${round}`), say('+2', `${round}`));
    const [first] = said[0]?.queued ?? [];
    if (first && round % 3 > 0) apply(attempt(first.delivery.threadId, first.delivery.id));
  }
}

describe('a crash', () => {
  it('before the settling loses nothing: states, order, due times, sums and what was taken', () => {
    const core = open(folder);
    live((...inputs) => core.apply(inputs));
    const copy = crashed();
    expect(rowsOf(copy, 'unsettled')).toBeGreaterThan(5);
    expect(rowsOf(copy, 'timeline')).toBe(0);
    const again = open(copy);
    expect(again.apply([say('+0', '0'), say('+2', '5')]).map(({ reply }) => reply)).toEqual([
      { ok: true, duplicate: true, messageId: expect.any(String) },
      { ok: true, duplicate: true, messageId: expect.any(String) },
    ]);
    expect(everything(again)).toEqual(everything(core));
    expect(everything(again).timelines.every((entries) => entries.length > 5)).toBe(true);
    again.close();
    core.close();
    for (const at of [copy, folder]) expect(rowsOf(at, 'unsettled')).toBe(0);
    const third = open(copy);
    const reply = third.apply([say('+0', '0')])[0]?.reply;
    expect(reply).toMatchObject({ duplicate: true });
    third.close();
  });

  it('and another one, after more was said, and read in between', () => {
    const core = open(folder);
    live((...inputs) => core.apply(inputs));
    const second = open(crashed());
    everything(core);
    live((...inputs) => core.apply(inputs), 6);
    const third = open(crashed());
    live((...inputs) => third.apply(inputs), 12);
    expect(third.listThreads({ limit: 9 }).data.map(({ turn }) => turn)).toEqual([9, 18, 9]);
    expect(core.listThreads({ limit: 9 }).data.map(({ turn }) => turn)).toEqual([6, 12, 6]);
    expect(second.listThreads({ limit: 9 }).data.map(({ turn }) => turn)).toEqual([3, 6, 3]);
    for (const each of [core, second, third]) each.close();
  });

  it('is nothing to a number that was given before: the order goes on behind it', () => {
    const core = open(folder);
    script.on('say:broken', (input, facts, c) => {
      const taken = take(input as CustomerInput, facts, c);
      return { ...taken, conversations: [newThread(input as CustomerInput, c).conversation] };
    });
    core.apply([say('+1', 'a'), say('+1', 'broken')]);
    const [thread] = core.listThreads({ limit: 1 }).data;
    // What was undone took numbers too, and left none of them in a row.
    expect(script.errors).toHaveLength(1);
    const again = open(crashed());
    again.apply([say('+1', 'b')]);
    const entries = again.timeline(thread?.id ?? '', { limit: 9 }).data;
    expect(entries.map(({ type }) => type)).toEqual(['message', 'event', 'delivery', 'message', 'event', 'delivery']);
    again.close();
    core.close();
  });
});

describe('a settling', () => {
  /** Tables over a database that calls `hook` ahead of a statement. */
  function tablesWith(hook: (sql: string) => void): { tables: Tables; apply: (...inputs: Input[]) => Applied[] } {
    const db = openWriter(join(folder, 'signalbox.db'));
    const tables = openTables(
      {
        exec: (sql) => {
          hook(sql);
          db.exec(sql);
        },
        prepare(sql) {
          const statement = db.prepare(sql);
          const run: typeof statement.run = (...values) => {
            hook(sql);
            return statement.run(...values);
          };
          return { run, get: (...values) => statement.get(...values), all: (...values) => statement.all(...values) };
        },
        close: () => db.close(),
      },
      () => script.now,
    );
    tables.health.setWorld(world());
    const deciding = { ...script, now: () => script.now, decide: script.decide };
    return { tables, apply: (...inputs) => applyBatch(tables, deciding, inputs) };
  }
  const full = () => Object.assign(new Error('database or disk is full'), { errcode: 13 });

  it.each([
    'INSERT OR IGNORE INTO timeline',
    'UPDATE threads',
    'INSERT INTO counters',
    'DELETE FROM unsettled',
    'COMMIT',
  ])('that is cut off at %s is done at the next start', (sql) => {
    let cut: string | undefined;
    let cutting = false;
    const { tables, apply } = tablesWith((ran) => {
      if (cutting && ran.startsWith(sql)) cut ??= crashed();
    });
    live(apply);
    cutting = true;
    tables.catchUp();
    tables.db.close();
    const [whole, again] = [open(folder), open(cut ?? '')];
    expect(everything(again)).toEqual(everything(whole));
    expect(again.apply([say('+0', '0')])[0]?.reply).toMatchObject({ duplicate: true });
    for (const core of [whole, again]) core.close();
  });

  it.each(['UPDATE threads', 'INSERT INTO counters', 'DELETE FROM unsettled', 'COMMIT'])(
    'that the disk refuses at %s leaves all as it was, can be read meanwhile, and is done later',
    (sql) => {
      let refuses = false;
      const { tables, apply } = tablesWith((ran) => {
        if (refuses && ran.startsWith(sql)) throw full();
      });
      live(apply);
      const sums = tables.counters.under('delivery');
      refuses = true;
      expect(tables.catchUp()).toBe(false);
      expect(tables.counters.under('delivery')).toEqual(sums);
      const reads = new CustomerReads(tables.db, tables);
      const turn = () => tables.read(() => reads.thread(ASSET, '+2')?.turn);
      const said = () =>
        tables.read(() => reads.said(tables.threads.byCustomer(ASSET, '+2')?.state.id ?? '', null, 50));
      if (sql === 'COMMIT') {
        expect(turn()).toBe(6);
        expect(said().map(({ message }) => message.text)).toEqual(['5', '4', '3', '2', '1', '0']);
        expect(() => apply(say('+2', 'refused'))).toThrow('the disk is full');
        expect(turn()).toBe(6);
      } else expect(turn).toThrow('the disk is full');
      refuses = false;
      const [applied] = apply(say('+2', 'more'));
      expect(applied?.queued[0]?.message?.turn).toBe(7);
      expect(apply(say('+2', '0'))[0]?.reply).toMatchObject({ duplicate: true });
      expect(turn()).toBe(7);
      expect(said()).toHaveLength(7);
      expect(tables.db.prepare('SELECT count(*) AS n FROM unsettled').get()).toEqual({ n: 0 });
      tables.db.close();
    },
  );

  it('comes by itself when much waits', () => {
    const core = open(folder);
    for (let batch = 0; batch < 40; batch++) {
      core.apply(Array.from({ length: 40 }, (_, i) => say(`+${i}`, `${batch}`)));
    }
    const copy = crashed();
    expect(rowsOf(copy, 'unsettled')).toBeLessThan(20);
    expect(rowsOf(copy, 'timeline')).toBeGreaterThan(3_000);
    expect(
      open(copy)
        .listThreads({ limit: 100 })
        .data.every(({ turn }) => turn === 40),
    ).toBe(true);
    core.close();
  });

  it('comes sooner where little is going on, when it is worth it', () => {
    const settledAfter = (in_: string, batches: number, of: number): boolean => {
      const core = open(in_);
      for (let batch = 0; batch < batches; batch++) {
        core.apply(Array.from({ length: of }, (_, i) => say(`+${i}`, `${batch}`)));
      }
      const before = crashed(in_);
      core.rest();
      const after = crashed(in_);
      const settled = [before, after].map((copy) => rowsOf(copy, 'timeline') > 0);
      const [first, second] = [open(before), open(after)];
      expect(everything(second)).toEqual(everything(first));
      for (const each of [first, second, core]) each.close();
      expect(settled[0]).toBe(false);
      return settled[1] as boolean;
    };
    const places = ['a', 'b', 'c'].map((name) => join(folder, name));
    for (const place of places) mkdirSync(place);
    const [few, many, large] = places as [string, string, string];
    expect(settledAfter(few, 20, 2)).toBe(false);
    expect(settledAfter(many, 150, 2)).toBe(true);
    expect(settledAfter(large, 10, 30)).toBe(false);
  });

  it('is done before anything is removed by its age', () => {
    const core = open(folder);
    live((...inputs) => core.apply(inputs));
    script.now += 400 * DAY_MS;
    const days = { messages: 365, attempts: 7, dedupe: 7 };
    while (core.retain(script.now, days, 1_000) > 0);
    const left = everything(core);
    expect(left.threads).toHaveLength(3);
    expect(left.timelines.flat().filter(({ type }) => type === 'event')).toEqual([]);
    // Taken so long ago that it is taken anew.
    expect(core.apply([say('+0', '0')])[0]?.reply).not.toHaveProperty('duplicate');
    core.close();
  });
});
