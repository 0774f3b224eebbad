// Configuration with its versions, audit, replay tasks and idempotency keys.
// Not here: what a document means. The one thing to know: a conflict is an error of the class ConfigConflict, and
// undoes the whole call.
import { describe, expect, it } from 'vitest';
import type { AuditEntry, ConfigWrite, ReplayTask } from '../../engine/store-port.ts';
import type { Input } from '../../routing/inputs.ts';
import type { Health } from '../../routing/model.ts';
import type { Ground } from '../conformance.ts';
import { one } from './applying.ts';
import { BOT, DAY_MS, DESK, decision, OTHER_BOT, type Script, START } from './script.ts';

export function configuring(ground: Ground): void {
  describe('configuration and tasks', () => {
    versions(ground);
    verifying(ground);
    tasks(ground);
    keys(ground);
  });
}

const audit = (id: string): AuditEntry => ({
  id,
  at: START,
  actor: 'usr_1',
  action: 'bot.updated',
  kind: 'bot',
  target: BOT,
  detail: { before: 1 },
});

function versions(ground: Ground): void {
  it('counts versions and keeps when a document was made', async () => {
    const [first] = await ground.store.writeConfig(
      [{ kind: 'bot', id: BOT, data: { name: 'a' }, expectVersion: 0 }],
      [],
    );
    ground.script.now += 5;
    const [second] = await ground.store.writeConfig(
      [{ kind: 'bot', id: BOT, data: { name: 'b' }, expectVersion: 1 }],
      [],
    );
    expect([first, second]).toEqual([
      { kind: 'bot', id: BOT, data: { name: 'a' }, version: 1, createdAt: START, updatedAt: START },
      { kind: 'bot', id: BOT, data: { name: 'b' }, version: 2, createdAt: START, updatedAt: START + 5 },
    ]);
    await ground.reopen();
    expect(await ground.store.loadConfig()).toEqual({ rows: [second], health: [] });
  });

  it('keeps nothing of a call with a version that is not the expected one', async () => {
    await ground.store.writeConfig([{ kind: 'bot', id: BOT, data: {} }], []);
    const call = ground.store.writeConfig(
      [
        { kind: 'desk', id: 'desk_1', data: {} },
        { kind: 'bot', id: BOT, data: { name: 'late' }, expectVersion: 3 },
      ],
      [audit('aud_1')],
    );
    await expect(call).rejects.toSatisfy((error: Error) => error.constructor.name === 'ConfigConflict');
    const { rows } = await ground.store.loadConfig();
    expect(rows.map(({ id, version }) => [id, version])).toEqual([[BOT, 1]]);
    expect((await ground.store.listAudit({ limit: 5 })).data).toEqual([]);
    expect(await ground.store.events(0, 5)).toEqual([]);
  });

  it('drops the health with the bot, keeps the audit, and tells the feed', async () => {
    const health = { id: BOT, status: 'active', failures: 0, generation: 1, reason: null, since: START } as const;
    ground.script.on('integration', () => decision({ ok: true }, { health }));
    await one(ground, { type: 'integration', id: BOT, status: 'active', reason: null });
    await ground.store.writeConfig([{ kind: 'bot', id: BOT, data: {} }], [audit('aud_1'), audit('aud_2')]);
    expect(await ground.store.writeConfig([{ kind: 'bot', id: BOT, data: null }], [audit('aud_3')])).toEqual([]);
    await ground.reopen();
    expect(await ground.store.loadConfig()).toEqual({ rows: [], health: [] });
    const page = await ground.store.listAudit({ limit: 2 });
    expect(page.data).toEqual([audit('aud_3'), audit('aud_2')]);
    const rest = await ground.store.listAudit({ limit: 2, after: page.nextCursor ?? '' });
    expect(rest).toEqual({ data: [audit('aud_1')], nextCursor: null });
    const [event] = await ground.store.events(0, 1);
    expect(event).toMatchObject({ type: 'config.changed', threadId: null, data: { kind: 'bot', id: BOT } });
    expect(JSON.stringify(event)).not.toContain('before');
  });
}

const isConflict = (error: Error): boolean => error.constructor.name === 'ConfigConflict';

/** Health becomes what an input says, if the document is still the one that it speaks of. */
export function guards(script: Script): void {
  script.on('integration', (input, { version }) => {
    const { id, status, version: of } = input as Extract<Input, { type: 'integration' }>;
    if (of !== undefined && of !== version) return decision({ ok: false, code: 'conflict', detail: 'another' });
    const health: Health = { id, status, failures: 0, generation: 1, reason: null, since: START };
    return decision({ ok: true }, { health });
  });
}

export const activates = (id: string, version?: number): Input => ({
  ...{ type: 'integration', id, status: 'active', reason: null },
  ...(version !== undefined && { version }),
});

export const moves = (id: string, expectVersion: number): ConfigWrite => ({
  ...{ kind: 'bot', id, data: { url: 'elsewhere' }, expectVersion, unlessActive: true },
});

function verifying(ground: Ground): void {
  const document = async (): Promise<number | undefined> =>
    (await ground.store.loadConfig()).rows.find(({ id }) => id === BOT)?.version;
  const status = async (): Promise<string | undefined> =>
    (await ground.store.loadConfig()).health.find(({ id }) => id === BOT)?.status;

  it('shows a decision that speaks of a version the one that the document has at that instant', async () => {
    const { store, script } = ground;
    const desk = { kind: 'desk', id: DESK, data: {} } as const;
    await store.writeConfig([{ kind: 'bot', id: BOT, data: {} }, desk], []);
    await store.writeConfig([desk], []);
    await store.apply([activates(BOT, 1), activates(DESK, 1), activates(OTHER_BOT, 1)]);
    expect(script.seen.map(({ version }) => version)).toEqual([1, 2, null]);
    await store.writeConfig([{ kind: 'bot', id: BOT, data: { url: 'elsewhere' } }], []);
    await one(ground, activates(BOT, 1));
    await ground.reopen();
    await one(ground, activates(BOT, 2));
    await ground.store.writeConfig([{ kind: 'bot', id: BOT, data: null }], []);
    await one(ground, activates(BOT, 2));
    expect(script.seen.slice(3).map(({ version }) => version)).toEqual([2, 2, null]);
  });

  it('keeps nothing of a call that moves what is active, and moves what is not', async () => {
    guards(ground.script);
    const { store } = ground;
    await store.writeConfig([{ kind: 'bot', id: BOT, data: {} }], []);
    await one(ground, activates(BOT));
    const call = store.writeConfig([{ kind: 'desk', id: DESK, data: {} }, moves(BOT, 1)], [audit('aud_1')]);
    await expect(call).rejects.toSatisfy(isConflict);
    expect((await store.loadConfig()).rows.map(({ id, version }) => [id, version])).toEqual([[BOT, 1]]);
    expect((await store.listAudit({ limit: 5 })).data).toEqual([]);
    await ground.reopen();
    await expect(ground.store.writeConfig([moves(BOT, 1)], [])).rejects.toSatisfy(isConflict);
    for (const [n, left] of (['unverified', 'inactive', 'disabled'] as const).entries()) {
      await one(ground, { type: 'integration', id: BOT, status: left, reason: null });
      await ground.store.writeConfig([moves(BOT, n + 1)], []);
    }
    expect(await document()).toBe(4);
    await ground.store.writeConfig([{ ...moves(OTHER_BOT, 0) }], []);
  });

  it.each(['verified', 'moved'])('of one that is verified and moved at once the first stands: %s', async (first) => {
    guards(ground.script);
    await ground.store.writeConfig([{ kind: 'bot', id: BOT, data: {} }], []);
    const verify = async () => (await ground.store.apply([activates(BOT, 1)]))[0]?.reply.ok;
    const move = () => ground.store.writeConfig([moves(BOT, 1)], []).then(() => true, isRefused);
    if (first === 'verified') {
      expect(await Promise.all([verify(), move()])).toEqual([true, false]);
      expect([await document(), await status()]).toEqual([1, 'active']);
    } else {
      expect(await Promise.all([move(), verify()])).toEqual([true, false]);
      expect([await document(), await status()]).toEqual([2, undefined]);
    }
  });
}

/** false: by a conflict */
function isRefused(error: Error): boolean {
  if (!isConflict(error)) throw error;
  return false;
}

function tasks(ground: Ground): void {
  it('keeps replay tasks and their progress', async () => {
    const task = (id: string, done: number): ReplayTask => ({
      id,
      status: 'running',
      filter: { status: 'dead', targetId: BOT },
      total: 9,
      done,
      failed: 0,
      cursor: done > 0 ? 'x' : null,
      failures: [],
      createdAt: START,
      updatedAt: START + done,
      actor: 'usr_1',
    });
    for (const saved of [task('rpl_1', 0), task('rpl_2', 0), task('rpl_1', 5)]) await ground.store.saveReplay(saved);
    await ground.reopen();
    expect(await ground.store.replay('rpl_1')).toEqual(task('rpl_1', 5));
    expect(await ground.store.replay('rpl_none')).toBeNull();
    const { data } = await ground.store.listReplays({ limit: 10 });
    expect(data).toEqual([task('rpl_2', 0), task('rpl_1', 5)]);
    expect((await ground.store.events(0, 10)).at(-1)).toMatchObject({ type: 'replay.progress', data: { done: 5 } });
  });
}

function keys(ground: Ground): void {
  it('gives a key to the first, and its answer to the others for a day', async () => {
    const { store } = ground;
    expect(await store.claimKey('k', 'hash', START)).toBeNull();
    expect(await store.claimKey('k', 'other', START + 1)).toEqual({
      key: 'k',
      bodyHash: 'hash',
      answer: null,
      at: START,
    });
    await store.finishKey('k', { status: 201, body: '{"a":1}' });
    await ground.reopen();
    const answer = { status: 201, body: '{"a":1}' };
    expect(await ground.store.claimKey('k', 'hash', START + DAY_MS - 1)).toMatchObject({ answer, at: START });
    expect(await ground.store.claimKey('k', 'hash', START + DAY_MS)).toBeNull();
  });

  it('shows the kept answers by key, and takes other bodies for them', async () => {
    const { store } = ground;
    for (const key of ['c', 'a', 'b', 'running']) await store.claimKey(key, 'hash', START);
    for (const key of ['c', 'a', 'b']) await store.finishKey(key, { status: 201, body: `old ${key}` });
    expect(await store.keptAnswers(null, 2)).toEqual(['a', 'b'].map((key) => ({ key, body: `old ${key}` })));
    expect(await store.keptAnswers('b', 2)).toEqual([{ key: 'c', body: 'old c' }]);
    await store.replaceAnswers([{ key: 'a', body: 'new a' }]);
    expect(await store.claimKey('a', 'hash', START)).toMatchObject({ answer: { status: 201, body: 'new a' } });
    expect(await store.claimKey('b', 'hash', START)).toMatchObject({ answer: { status: 201, body: 'old b' } });
  });

  it('gives a key again when it was given back, or when its request died with the process', async () => {
    await ground.store.claimKey('a', 'hash', START);
    await ground.store.finishKey('a', null);
    expect(await ground.store.claimKey('a', 'hash', START)).toBeNull();
    await ground.reopen();
    expect(await ground.store.claimKey('a', 'hash', START)).toBeNull();
  });
}
