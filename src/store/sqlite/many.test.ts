// What people look at stays quick with 10,000 threads, 300,000 messages and 100,000 deliveries: every query of a list, a
// search or a number goes through an index, and none sorts a table. Asserted on the plans, which do not depend on the
// machine; how long each takes stands beside, far below what a person notices.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { DeliveryFilter } from '../../engine/store-port.ts';
import { createSqliteCore, type SqliteCore } from './core.ts';
import { type Database, openFile } from './driver.ts';
import { fillMany, MANY } from './fixtures/many.ts';
import type { Counted } from './read-deliveries.ts';

/** The texts of all queries that ran. */
const ran = vi.hoisted(() => new Set<string>());
vi.mock('./driver.ts', async (original) => {
  const driver = await original<typeof import('./driver.ts')>();
  return {
    ...driver,
    openFile(...given: Parameters<typeof driver.openFile>): Database {
      const db = driver.openFile(...given);
      return {
        exec: (sql) => db.exec(sql),
        close: () => db.close(),
        prepare(sql) {
          const statement = db.prepare(sql);
          const noting =
            <A extends unknown[], R>(run: (...values: A) => R) =>
            (...values: A): R => {
              ran.add(sql);
              return run(...values);
            };
          return {
            run: noting((...values) => statement.run(...values)),
            get: noting((...values) => statement.get(...values)),
            all: noting((...values) => statement.all(...values)),
          };
        },
      };
    },
  };
});

const NOW = Date.UTC(2026, 5, 1);
const DAY_MS = 24 * 3_600_000;
const THREAD = `thr_${'5'.padStart(26, '0')}`;
/** Commits wait behind a read: none of these may take the store's thread for longer, on a busy machine too. */
const READ_MS_MAX = 150;
/** A step of a plan that goes through a big table as a whole, or sorts one. Partial indexes hold the few they are for. */
const isSlow = (step: string): boolean =>
  step.includes('TEMP B-TREE FOR ORDER BY') ||
  (/^SCAN (threads|messages|deliveries|timeline|events|attempts|conversations|[acdemtx])\b/.test(step) &&
    !/ INDEX threads_(waiting|offered|limbo)/.test(step));

const page = { limit: 50 };
const standings = ['bot', 'desk', 'none', 'offered', 'limbo'] as const;
const READS: [string, (core: SqliteCore) => unknown][] = [
  ['threads', (core) => core.listThreads(page)],
  ...standings.map((standing): (typeof READS)[number] => [
    `threads: ${standing}`,
    (core) => core.listThreads({ ...page, standing }),
  ]),
  ['threads: needs_person', (core) => core.listThreads({ ...page, limbo: 'needs_person' })],
  ['threads: waiting', (core) => core.listThreads({ ...page, waiting: true })],
  ['threads: of a holder', (core) => core.listThreads({ ...page, holderId: 'bot_1' })],
  ['threads: of assets', (core) => core.listThreads({ ...page, assetIds: ['ast_1', 'ast_2'], waiting: false })],
  ['threads: by words', (core) => core.listThreads({ ...page, words: 'no such name' })],
  ['threads: by words of any script', (core) => core.listThreads({ ...page, words: 'ü' })],
  ['threads: by address', (core) => core.threadsByAddress(['ast_1', 'ast_2'], '+49171', 10)],
  ['messages: by words', (core) => core.listMessages({ ...page, words: 'no such word' })],
  ['messages: by words of any script', (core) => core.listMessages({ ...page, words: 'ü' })],
  ...['thr_', 'conv_', 'msg_', 'dlv_', 'att_'].map((id): (typeof READS)[number] => [
    `an id: ${id}`,
    (core) => core.findIds(`${id}${'3'.padStart(26, '0')}`, 10),
  ]),
  ['a thread', (core) => core.thread(THREAD)],
  ['its timeline', (core) => core.timeline(THREAD, { limit: 100 })],
  ['its newest timeline', (core) => core.timeline(THREAD, { limit: 100, newestFirst: true })],
  ['its holders', (core) => core.holderChanges(THREAD, 50)],
  ['its deliveries', (core) => core.listDeliveries({ ...page, threadId: THREAD })],
  ['deliveries', (core) => core.listDeliveries(page)],
  ['deliveries: dead since yesterday', (core) => core.listDeliveries({ ...page, status: 'dead', since: NOW - DAY_MS })],
  ['deliveries: held', (core) => core.listDeliveries({ ...page, status: 'held' })],
  [
    'deliveries: of a day',
    (core) => core.listDeliveries({ ...page, since: NOW - 9 * DAY_MS, until: NOW - 8 * DAY_MS }),
  ],
  [
    'deliveries: of a kind of target that was never sent anything',
    (core) => core.listDeliveries({ ...page, targetType: 'url' }),
  ],
  [
    'deliveries: the first of a kind of target',
    (core) => core.listDeliveries({ ...page, targetType: 'bot', status: 'delivered', oldestFirst: true }),
  ],
  ['deliveries: dead, of who has none', (core) => core.listDeliveries({ ...page, targetId: 'desk_1', status: 'dead' })],
  ['deliveries: a slice of how many until a time', (core) => core.countDeliveries({ until: NOW })],
  ['deliveries: how many', (core) => core.countDeliveries({ targetId: 'bot_1', status: 'delivered' })],
  ['a delivery', (core) => core.laneItem(`dlv_${'3'.padStart(26, '0')}`)],
  ['conversations: offered', (core) => core.listConversations({ ...page, statuses: ['offered'] })],
  [
    'conversations: an inbox',
    (core) =>
      core.listConversations({ ...page, partyId: 'desk_1', statuses: ['offered', 'queued'], oldestFirst: true }),
  ],
  ['conversations: of an agent', (core) => core.listConversations({ ...page, agentId: 'usr_1' })],
  ['conversations: of a bot', (core) => core.listConversations({ ...page, partyId: 'bot_1' })],
  ['a conversation', (core) => core.listConversations({ limit: 1, id: `conv_${'5'.padStart(26, '0')}` })],
  ['numbers', (core) => core.counts()],
  ['voices', (core) => core.voices(500)],
];

describe(`with ${MANY.threads} threads, ${MANY.messages} messages and ${MANY.deliveries} deliveries`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-many-'));
  const file = join(folder, 'signalbox.db');
  let core: SqliteCore;

  beforeAll(() => {
    const decide = (): never => {
      throw new Error('nothing is decided here');
    };
    const deciding = { decide, now: () => NOW, newId: (prefix: string) => prefix, random: () => 0 };
    const options = { ...deciding, file, onError: () => undefined };
    createSqliteCore(options).close();
    fillMany(file, { assetId: 'ast_1', botId: 'bot_1', serviceId: 'svc_1' }, NOW);
    core = createSqliteCore(options);
  }, 60_000);
  afterAll(() => {
    core.close();
    rmSync(folder, { recursive: true });
  });

  it('has them', () => {
    const { threads, deliveries } = core.counts();
    expect(threads).toBe(MANY.threads);
    expect(Object.values(deliveries).reduce((sum, n) => sum + n, 0)).toBe(MANY.deliveries);
    expect(core.timeline(THREAD, { limit: 500 }).data.length).toBeGreaterThan(40);
    expect(core.holderChanges(THREAD, 50).length).toBeGreaterThan(0);
    expect(core.listDeliveries({ ...page, status: 'dead', since: NOW - DAY_MS }).data.length).toBeGreaterThan(0);
  });

  it('counts in slices what there is until a time, and from one to another', () => {
    const count = (filter: DeliveryFilter): { n: number; slices: number } => {
      let [n, slices] = [0, 0];
      for (let from: number | null = 0; from !== null; slices++) {
        const part: Counted = core.countDeliveries(filter, from);
        n += part.n;
        from = part.next;
      }
      return { n, slices };
    };
    const all = count({ until: NOW });
    expect(all).toMatchObject({ n: MANY.deliveries, slices: expect.any(Number) });
    expect(all.slices).toBeGreaterThan(3);
    const [before, day, after] = [
      { until: NOW - 9 * DAY_MS - 1 },
      { since: NOW - 9 * DAY_MS, until: NOW },
      { since: NOW + 1 },
    ].map(count);
    expect([before?.n ?? 0, day?.n ?? 0].reduce((sum, n) => sum + n)).toBe(MANY.deliveries);
    expect(day?.slices).toBeLessThan(before?.slices ?? 0);
    expect(after).toEqual({ n: 0, slices: 1 });
    const statuses = (['delivered', 'dead', 'held', 'parked'] as const).map(
      (status) => count({ status, until: NOW }).n,
    );
    expect(statuses.reduce((sum, n) => sum + n)).toBe(MANY.deliveries);
  });

  it.each(READS)('%s: read through indexes, soon', (_name, read) => {
    ran.clear();
    const times = [1, 2, 3].map(() => {
      const began = performance.now();
      read(core);
      return performance.now() - began;
    });
    expect(Math.min(...times)).toBeLessThan(READ_MS_MAX);
    const db = openFile(file, { readOnly: true });
    for (const sql of [...ran]) {
      const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
      expect([sql, plan.map(({ detail }) => String(detail)).filter(isSlow)]).toEqual([sql, []]);
    }
    db.close();
  });
});
