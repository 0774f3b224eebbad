// Two stores on one database: whose thread is whose, what the owner is told, and what is refused of whoever was taken over
// from. Not here: the engine around them (test/flows/two-processes.test.ts).
// The one thing to know: both live in one process here, so that one is "gone" only when it has closed.
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Postgres, startPostgres } from '../../../test/parties/postgres.ts';
import type { PeersTold } from '../../engine/peers-port.ts';
import type { ConfigRow, LaneItem } from '../../engine/store-port.ts';
import * as errors from '../../engine/store-port.ts';
import type { BotView, Health, NewDelivery, World } from '../../routing/model.ts';
import { activates, guards, moves } from '../conformance/configuring.ts';
import { ASSET, attempt, BOT, decision, Script, SERVICE, say, world } from '../conformance/script.ts';
import { openPostgres, type PostgresStore } from './open.ts';

const LANE = { type: 'bot', id: BOT } as const;
/** Of no thread. */
const loose: NewDelivery = {
  ...{ id: 'dlv_loose', threadId: SERVICE, target: { type: 'url', id: 'rul_1' }, lane: 'main', kind: 'notify' },
  ...{ conversationId: null, messageId: null, turn: null, merged: [], data: {}, notBefore: 0, replay: false },
};
const WITHIN = { timeout: 8_000, interval: 20 };

describe('two stores on one database', () => {
  let postgres: Postgres;
  let url: string;
  let one: PostgresStore;
  let two: PostgresStore;
  let script: Script;
  beforeAll(async () => {
    postgres = await startPostgres();
  }, 60_000);
  afterAll(() => postgres.remove());
  beforeEach(async () => {
    url = postgres.database();
    // One script, so that ids differ.
    script = new Script();
    const options = { ...script, decide: script.decide, now: () => script.now, url, errors };
    one = await openPostgres(options);
    two = await openPostgres(options);
    for (const store of [one, two]) await store.setWorld(world());
  });
  afterEach(async () => {
    await one.close();
    await two.close();
  });

  /** Notes what a store's engine is told. */
  function hears(store: PostgresStore): string[] {
    const told: string[] = [];
    const noted = new Proxy({} as PeersTold, {
      get: (_, name) => () => {
        told.push(String(name));
        return name === 'configured' ? world() : undefined;
      },
    });
    store.peers.begin(noted);
    return told;
  }

  /** Begins to take part in nothing but the configuration. */
  function takesPart(store: PostgresStore, configured: PeersTold['configured']): void {
    const told: Partial<PeersTold> = { configured };
    store.peers.begin(new Proxy(told as PeersTold, { get: (own, name) => Reflect.get(own, name) ?? (() => {}) }));
  }

  const deliver = async (store: PostgresStore, address: string) => {
    const items = await store.pendingPage(LANE, 'main', 0, 100);
    const mine = items.filter(({ thread }) => thread?.address === address);
    for (const { delivery } of mine) await store.apply([attempt(delivery.threadId, delivery.id)]);
    return mine.length;
  };

  it('what is owed is sent by whoever decided first, and the other leaves it alone', async () => {
    const [first] = await one.apply([say('+1', 'hello')]);
    expect(first?.ours).toBeUndefined();
    const [second] = await two.apply([say('+1', 'there?')]);
    expect(second).toMatchObject({ ours: false, reply: { ok: true } });
    expect(await two.pendingPage(LANE, 'main', 0, 100)).toEqual([]);
    expect(await one.pendingPage(LANE, 'main', 0, 100)).toHaveLength(2);
  });

  it('the owner is told, and catches up; or meets all that is owed in its own next decision', async () => {
    const told = hears(one);
    await one.apply([say('+1', 'one')]);
    await two.apply([say('+1', 'two')]);
    await expect.poll(() => told, WITHIN).toContain('touched');
    const [now] = await one.peers.catchUp();
    expect(now?.owed.map(({ message }) => message?.text)).toEqual(['one', 'two']);
    expect(await one.peers.catchUp()).toEqual([]);
    await two.apply([say('+1', 'three')]);
    const [fourth] = await one.apply([say('+1', 'four')]);
    expect(fourth?.queued).toEqual([]);
    expect(fourth?.owed?.map(({ message }) => message?.text)).toEqual(['one', 'two', 'three', 'four']);
    expect(await one.peers.catchUp()).toEqual([]);
  });

  it('a word that was said before leaves it to the owner to catch up, and no thread changes hands for it', async () => {
    const [first, second] = [say('+1', 'one'), say('+1', 'two')];
    await one.apply([first]);
    await two.apply([second]);
    expect(await one.apply([first])).toMatchObject([{ reply: { duplicate: true } }]);
    const [now] = await one.peers.catchUp();
    expect(now?.owed.map(({ message }) => message?.text)).toEqual(['one', 'two']);
    expect(await deliver(one, '+1')).toBe(2);
    const due = await one.dueThreads(null, 10);
    expect(await two.apply([second])).toMatchObject([{ reply: { duplicate: true } }]);
    expect(await one.dueThreads(null, 10)).toEqual(due);
    expect(await two.dueThreads(null, 10)).toEqual([]);
  });

  it('a thread that owes nothing goes to whoever decides it next', async () => {
    await one.apply([say('+1', 'hello')]);
    expect(await deliver(one, '+1')).toBe(1);
    const [next] = await two.apply([say('+1', 'again')]);
    expect(next?.ours).toBeUndefined();
    expect(next?.queued).toHaveLength(1);
    expect(await one.pendingPage(LANE, 'main', 0, 100)).toEqual([]);
  });

  it('a decision is made by the configuration as it is kept, whoever changed it, and whether or not that was told', async () => {
    const named = (rows: ConfigRow[]): World => {
      const { bots, ...rest } = world();
      const bot = bots.get(BOT) as BotView;
      return { ...rest, bots: new Map([[BOT, { ...bot, name: String(rows[0]?.data.name) }]]) };
    };
    let fails = false;
    const configured = (rows: ConfigRow[]): World => {
      if (fails) throw new Error('a secret does not open');
      return named(rows);
    };
    takesPart(two, configured);
    const decidedBy: string[] = [];
    script.on('unavailable', (_input, _facts, { world }) => {
      decidedBy.push(world.bots.get(BOT)?.name ?? '');
      return decision({ ok: true });
    });
    const decide = () => two.apply([{ type: 'unavailable', threadId: 'thr_none', integrationId: BOT }]);
    for (const name of ['first', 'second']) {
      await one.writeConfig([{ kind: 'bot', id: BOT, data: { name } }], []);
      await decide();
    }
    fails = true;
    await one.writeConfig([{ kind: 'bot', id: BOT, data: { name: 'third' } }], []);
    await decide();
    expect(script.errors).toHaveLength(1);
    fails = false;
    await one.writeConfig([], []);
    await decide();
    expect(decidedBy).toEqual(['first', 'second', 'second', 'third']);
  });

  it('with the configuration goes the health of that instant: what was moved is not taken for active where nobody asked it', async () => {
    guards(script);
    const seen: unknown[] = [];
    const configured = (rows: ConfigRow[], health: Health[]): World => {
      seen.push([rows.map(({ data }) => data.url), health.map(({ status }) => status)]);
      return world();
    };
    takesPart(two, configured);
    await one.writeConfig([{ kind: 'bot', id: BOT, data: { url: 'here' } }], []);
    await one.apply([activates(BOT, 1)]);
    await two.apply([say('+1', 'one')]);
    await one.apply([{ type: 'integration', id: BOT, status: 'unverified', reason: null }]);
    await one.writeConfig([moves(BOT, 1)], []);
    await two.apply([say('+1', 'two')]);
    expect(seen).toEqual([
      [['here'], ['active']],
      [['elsewhere'], ['unverified']],
    ]);
  });

  it('a change that another makes after an input of ours was undone is seen, however the changes were counted', async () => {
    const configured = vi.fn((_rows: ConfigRow[]): World => world());
    takesPart(two, configured);
    const [said] = await two.apply([say('+1', 'hello')]);
    const health: Health = { id: BOT, status: 'active', failures: 0, generation: 1, reason: null, since: 0 };
    // Undone by the database: there is such a delivery already.
    const deliveries = said?.queued.map(({ delivery }) => delivery) ?? [];
    script.on('integration', () => decision({ ok: true }, { health, deliveries }));
    const [broken] = await two.apply([activates(BOT), say('+2', 'hello')]);
    expect(broken?.reply.ok).toBe(false);
    configured.mockClear();
    await one.writeConfig([{ kind: 'bot', id: BOT, data: {} }], []);
    await two.apply([say('+3', 'hello')]);
    expect(configured.mock.calls.map(([rows]) => rows.length)).toEqual([1]);
  });

  it('a health that a batch decides is what its later inputs see, though who is online changed in the middle of it', async () => {
    script.on('integration', (_input, _facts, { world: of }) => {
      const before = of.bots.get(BOT)?.health as Health;
      void two.setWorld(world());
      return decision({ ok: true }, { health: { ...before, status: 'active', failures: before.failures + 1 } });
    });
    await two.apply([activates(BOT), activates(BOT)]);
    expect((await one.loadConfig()).health).toMatchObject([{ id: BOT, failures: 2 }]);
  });

  it('what another changed while the engine took no part yet is decided by from its first decision on', async () => {
    await one.writeConfig([{ kind: 'bot', id: BOT, data: {} }], []);
    await two.apply([say('+1', 'before')]);
    const configured = vi.fn((_rows: ConfigRow[]): World => world());
    takesPart(two, configured);
    await two.apply([say('+1', 'after')]);
    expect(configured.mock.calls.map(([rows]) => rows.length)).toEqual([1]);
  });

  it('what was cancelled may have left already: its thread stays with its owner for as long as a send can take', async () => {
    const [said] = await one.apply([say('+1', 'hello')]);
    const { threadId, conversationId } = said?.queued[0]?.delivery ?? { threadId: '', conversationId: '' };
    const cancel = [{ conversationId: conversationId ?? '', reason: 'closed' }];
    script.on('clock', () => decision({ ok: true }, { cancel }));
    const [closed] = await one.apply([{ type: 'clock', threadId }]);
    expect(closed?.changes).toMatchObject([{ status: 'cancelled' }]);
    const [next] = await two.apply([say('+1', 'again')]);
    expect(next).toMatchObject({ ours: false, reply: { ok: true } });
    expect(await deliver(one, '+1')).toBe(1);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query("UPDATE threads SET stays_until = stays_until - interval '11 s'");
    await client.end();
    const [later] = await two.apply([say('+1', 'later')]);
    expect(later?.ours).toBeUndefined();
    expect(await two.pendingPage(LANE, 'main', 0, 100)).toHaveLength(1);
  });

  it('what no thread has is sent by the one that holds such things, whoever decided it', async () => {
    const [said] = await two.apply([say('+2', 'hello')]);
    const threadId = said?.thread?.id ?? '';
    const told = hears(one);
    script.on('clock', () => decision({ ok: true }, { deliveries: [loose] }));
    const [applied] = await two.apply([{ type: 'clock', threadId }]);
    expect(applied).toMatchObject({ reply: { ok: true }, queued: [] });
    await expect.poll(() => told, WITHIN).toContain('loose');
    expect(await one.pendingPage(loose.target, 'main', 0, 10)).toHaveLength(1);
    expect(await two.pendingPage(loose.target, 'main', 0, 10)).toEqual([]);
  });

  it('is told to the one that holds such things by its own decision, whatever became of the thread meanwhile', async () => {
    const ids = (queued: LaneItem[] | undefined): string[] | undefined => queued?.map(({ delivery }) => delivery.id);
    const [mine] = await one.apply([say('+1', 'hello')]);
    const [theirs] = await two.apply([say('+2', 'hello')]);
    await two.apply([say('+1', 'and that')]);
    script.on('clock', () => decision({ ok: true }, { deliveries: [loose] }));
    const [touched] = await one.apply([{ type: 'clock', threadId: mine?.thread?.id ?? '' }]);
    expect(touched?.owed).toHaveLength(2);
    expect(ids(touched?.queued)).toEqual(['dlv_loose']);
    script.on('clock', () => decision({ ok: true }, { deliveries: [{ ...loose, id: 'dlv_loose_2' }] }));
    const [foreign] = await one.apply([{ type: 'clock', threadId: theirs?.thread?.id ?? '' }]);
    expect(foreign?.ours).toBe(false);
    expect(ids(foreign?.queued)).toEqual(['dlv_loose_2']);
  });

  it('the result of an attempt by another than the owner changes nothing', async () => {
    const [applied] = await one.apply([say('+1', 'hello')]);
    const owed = applied?.queued[0]?.delivery;
    const [late] = await two.apply([attempt(owed?.threadId ?? '', owed?.id ?? '')]);
    expect(late).toMatchObject({ stale: true, changes: [] });
    expect(await deliver(one, '+1')).toBe(1);
  });

  it('when one ends, the other takes over all that it owed, once, and does what is done once', async () => {
    expect([one.peers.leads(), two.peers.leads()]).toEqual([true, false]);
    const told = hears(two);
    await one.apply([say('+1', 'hello'), say('+2', 'hello')]);
    await one.close();
    await expect.poll(() => told, WITHIN).toContain('gone');
    expect(await two.peers.takeOver()).toEqual([LANE]);
    expect(await two.peers.takeOver()).toBeNull();
    expect(await two.pendingPage(LANE, 'main', 0, 100)).toHaveLength(2);
    expect(two.peers.leads()).toBe(true);
  });

  it('places never go back: what is read up to one stays complete, whoever commits', async () => {
    const both = Array.from({ length: 20 }, (_, n) => (n % 2 ? one : two).apply([say(`+${n}`, 'hello')]));
    const seen: number[] = [];
    const looking = (async () => {
      for (let last = 0; seen.length < 20; ) {
        const events = await one.events(last, 100);
        seen.push(...events.map(({ seq }) => seq));
        last = seen.at(-1) ?? 0;
      }
    })();
    await Promise.all(both);
    await looking;
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
    expect((await one.counts()).threads).toBe(20);
  });

  it('a change of the configuration is made known to the other', async () => {
    const told = hears(two);
    await two.loadConfig();
    await one.writeConfig([{ kind: 'service', id: 'svc_9', data: { name: ASSET, mapped: [] } }], []);
    await expect.poll(() => told, WITHIN).toContain('world');
  });

  it('the configuration is read with the health of the same instant, whatever is changed meanwhile', async () => {
    await one.writeConfig([{ kind: 'bot', id: BOT, data: { url: 'nobody asked here' } }], []);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query('BEGIN');
    await client.query('LOCK TABLE health');
    const reading = two.loadConfig();
    const waiting = async () =>
      (await client.query("SELECT 1 FROM pg_locks WHERE relation = 'health'::regclass AND NOT granted")).rows.length;
    await expect.poll(waiting, WITHIN).toBe(1);
    // Another moved it, and verified it there.
    await client.query(`UPDATE config SET data = '{"url":"elsewhere"}', version = 2`);
    await client.query("INSERT INTO health (id, status, failures, generation, since) VALUES ($1, 'active', 0, 1, 0)", [
      BOT,
    ]);
    await client.query('COMMIT');
    await client.end();
    const read = ({ rows, health }: Awaited<typeof reading>) => [rows[0]?.data.url, health[0]?.status];
    expect(read(await reading)).toEqual(['nobody asked here', undefined]);
    expect(read(await two.loadConfig())).toEqual(['elsewhere', 'active']);
  });

  it('a bot is verified by one and moved by the other: the first stands, whoever knows of it', async () => {
    guards(script);
    const bots = Array.from({ length: 20 }, (_, n) => `bot_race_${n}`);
    await one.writeConfig(
      bots.map((id) => ({ kind: 'bot', id, data: {} })),
      [],
    );
    const outcomes = await Promise.all(
      bots.map(async (id, n) => {
        const [mine, theirs] = n % 2 ? [one, two] : [two, one];
        const moved = theirs.writeConfig([moves(id, 1)], []).then(
          () => true,
          () => false,
        );
        const verified = (await mine.apply([activates(id, 1)]))[0]?.reply.ok;
        return [verified, await moved];
      }),
    );
    for (const [verified, moved] of outcomes) expect(verified).toBe(!moved);
    const { rows, health } = await two.loadConfig();
    const active = health.filter(({ status }) => status === 'active').map(({ id }) => id);
    expect(active.sort()).toEqual(rows.flatMap(({ id, version }) => (version === 1 ? [id] : [])).sort());
  });
});
