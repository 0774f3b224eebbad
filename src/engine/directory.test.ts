// The configuration in memory: secrets, hook tokens, the World, and changes.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDirectory } from './directory.ts';
import { type Box, openBox } from './fixtures/box.ts';
import { secretPlace } from './opened.ts';
import type { SealedSecret } from './ports.ts';
import { DEFAULT_SETTINGS } from './settings.ts';
import { ConfigConflict, type ConfigRow, StoreUnavailable } from './store-port.ts';

let box: Box;
beforeEach(async () => {
  box = await openBox();
});
afterEach(() => box.close());

const seal = (
  kind: 'bot' | 'asset',
  id: string,
  field: string,
  plain: string,
  until: number | null = null,
): SealedSecret => ({
  sealed: box.vault.seal(plain, secretPlace(kind, id, field)),
  until,
});
const rowOf = (kind: 'bot' | 'asset' | 'service' | 'rule', id: string): ConfigRow => {
  const row = box.directory.row(kind, id);
  if (!row) throw new Error(`no ${kind} ${id}`);
  return row;
};
const edit = ({ kind, id, data, version }: ConfigRow, change: Record<string, unknown>) =>
  box.directory.change([{ kind, id, data: { ...data, ...change }, expectVersion: version }], []);

describe('hook tokens', () => {
  it('find their bot, until their overlap ends, and nobody else’s', async () => {
    expect(box.directory.botByHook('hook-of-bot_1')?.id).toBe('bot_1');
    expect(box.directory.deskByHook('hook-of-bot_1')).toBeUndefined();
    expect(box.directory.botByHook('hook-of-bot_2')).toBeUndefined();
    const end = box.clock.now() + 1_000;
    const hook_tokens = [
      seal('bot', 'bot_1', 'hook_tokens', 'new'),
      seal('bot', 'bot_1', 'hook_tokens', 'hook-of-bot_1', end),
    ];
    await edit(rowOf('bot', 'bot_1'), { hook_tokens });
    expect(box.directory.botByHook('hook-of-bot_1')?.hookTokens).toEqual(['new', 'hook-of-bot_1']);
    box.clock.advance(1_000);
    expect(box.directory.botByHook('hook-of-bot_1')).toBeUndefined();
    expect(box.directory.botByHook('new')?.hookTokens).toEqual(['new']);
    await box.directory.change([{ kind: 'bot', id: 'bot_1', data: null }], []);
    expect(box.directory.botByHook('new')).toBeUndefined();
    expect(box.directory.bot('bot_1')).toBeUndefined();
  });
});

describe('secrets', () => {
  it('are opened for use, inside a channel’s config too, and stay sealed on disk', async () => {
    const config = { url: 'https://c.example', bot_token: seal('asset', 'ast_1', 'config.bot_token', 'secret word') };
    await edit(rowOf('asset', 'ast_1'), { config, secrets: [seal('asset', 'ast_1', 'secrets', 'bearer')] });
    expect(box.directory.asset('ast_1')).toMatchObject({
      config: { url: 'https://c.example', bot_token: 'secret word' },
      secrets: ['bearer'],
    });
    expect(JSON.stringify(await box.store.loadConfig())).not.toContain('secret word');
    expect(JSON.stringify([...box.directory.world().assets.values()])).not.toContain('secret word');
  });

  it('that were moved to another place keep the program from starting', async () => {
    const stolen = rowOf('bot', 'bot_1').data.hook_tokens;
    const { data } = rowOf('bot', 'bot_1');
    await box.store.writeConfig([{ kind: 'bot', id: 'bot_2', data: { ...data, hook_tokens: stolen } }], []);
    const again = createDirectory({
      store: box.store,
      vault: box.vault,
      now: box.clock.now,
      log: { info: () => {}, warn: () => {}, error: () => {} },
    });
    await expect(again).rejects.toThrow('bot/bot_2/hook_tokens');
  });
});

describe('changes', () => {
  it('that conflict change nothing', async () => {
    const row = rowOf('bot', 'bot_1');
    await edit(row, { name: 'first' });
    await expect(edit(row, { name: 'second' })).rejects.toBeInstanceOf(ConfigConflict);
    expect(box.directory.bot('bot_1')?.name).toBe('first');
    expect(box.directory.world().bots.get('bot_1')?.name).toBe('first');
  });

  it('that the store could not be handed are told with the next that it is', async () => {
    const told: string[] = [];
    const { setWorld } = box.store;
    const { store, vault, clock } = box;
    const log = { info: () => {}, warn: () => {}, error: () => {} };
    const directory = await createDirectory({ store, vault, now: clock.now, log });
    directory.onChange((changed) => told.push(...changed.map(({ id }) => id)));
    await edit(rowOf('bot', 'bot_1'), { name: 'Other' });
    box.store.setWorld = () => Promise.reject(new StoreUnavailable('not now'));
    await expect(directory.reload()).rejects.toBeInstanceOf(StoreUnavailable);
    expect(told).toEqual([]);
    box.store.setWorld = setWorld;
    await directory.reload();
    expect(told).toEqual(['bot_1']);
  });

  describe('of another process', () => {
    let directory: Awaited<ReturnType<typeof createDirectory>>;
    let told: string[];
    beforeEach(async () => {
      told = [];
      const { store, vault, clock } = box;
      const log = { info: () => {}, warn: () => {}, error: () => {} };
      directory = await createDirectory({ store, vault, now: clock.now, log });
      directory.onChange((changed) => {
        // What is sent by it is looked at by whoever is told.
        const { bots } = directory.world();
        told.push(...changed.map(({ id }) => `${id} ${bots.get(id)?.name} ${bots.get(id)?.health.status}`));
      });
    });

    it('are decided by at once, and told at once: nobody is sent to meanwhile by what was', async () => {
      await edit(rowOf('bot', 'bot_1'), { name: 'Other' });
      const { rows, health } = await box.store.loadConfig();
      const without = rows.filter(({ id }) => id !== 'rul_bot_1');
      expect(directory.renew(without, health).bots.get('bot_1')?.name).toBe('Other');
      expect(directory.row('rule', 'rul_bot_1')).toBeUndefined();
      expect(told).toEqual(['rul_bot_1 undefined undefined', 'bot_1 Other unverified']);
      await directory.reload();
      expect(told.slice(2)).toEqual(['rul_bot_1 undefined undefined']);
      expect(directory.row('rule', 'rul_bot_1')).toBeDefined();
    });

    it('are taken over with the health of that instant: where a bot was moved to, nobody has verified it', async () => {
      await box.engine.verify('bot', 'bot_1', {}, 'test');
      await directory.reload();
      expect(directory.world().bots.get('bot_1')?.health.status).toBe('active');
      await box.engine.setStatus('bot_1', 'unverified', null);
      await edit(rowOf('bot', 'bot_1'), { url: 'https://elsewhere.example' });
      const { rows, health } = await box.store.loadConfig();
      const world = directory.renew(rows, health);
      expect(directory.bot('bot_1')?.url).toBe('https://elsewhere.example');
      expect(world.bots.get('bot_1')?.health.status).toBe('unverified');
      expect(directory.world()).toBe(world);
      expect(told.at(-1)).toBe('bot_1 bot_1 unverified');
    });

    it('to the health are met by who moves a bot, though nobody has told of them yet: it is not active there', async () => {
      await box.engine.verify('bot', 'bot_1', {}, 'test');
      await directory.reload();
      await box.store.apply([{ type: 'integration', id: 'bot_1', status: 'unverified', reason: null }]);
      expect(directory.world().bots.get('bot_1')?.health.status).toBe('active');
      const { kind, id, data, version } = rowOf('bot', 'bot_1');
      const elsewhere = { ...data, url: 'https://elsewhere.example' };
      await directory.change([{ kind, id, data: elsewhere, expectVersion: version, unlessActive: true }], []);
      expect(directory.bot('bot_1')?.url).toBe('https://elsewhere.example');
      expect(directory.world().bots.get('bot_1')?.health.status).toBe('unverified');
      await directory.reload();
      expect(directory.world().bots.get('bot_1')?.health.status).toBe('unverified');
    });

    it('are taken over as a whole or not at all, as often as a secret does not open', async () => {
      const { rows, health } = await box.store.loadConfig();
      const strange = rows.map((row) => ({
        ...{ ...row, version: row.version + 1 },
        ...(row.id === 'bot_1' && { data: { ...row.data, name: 'Other' } }),
        ...(row.id === 'ast_1' && { data: { ...row.data, secrets: [seal('bot', 'bot_1', 'secrets', 'moved')] } }),
      }));
      for (let i = 0; i < 2; i++) expect(() => directory.renew(strange, health)).toThrow('asset/ast_1/secrets');
      expect([directory.bot('bot_1')?.name, directory.row('bot', 'bot_1')?.data.name]).not.toContain('Other');
      expect(directory.row('asset', 'ast_1')).toEqual(rowOf('asset', 'ast_1'));
      expect(told).toEqual([]);
    });
  });

  it('are told to listeners after they were taken over', async () => {
    const heard: unknown[] = [];
    const stop = box.directory.onChange((changed) => heard.push([changed, box.directory.bot('bot_1')?.name]));
    await edit(rowOf('bot', 'bot_1'), { name: 'new' });
    stop();
    await edit(rowOf('bot', 'bot_1'), { name: 'newer' });
    expect(heard).toEqual([[[{ kind: 'bot', id: 'bot_1' }], 'new']]);
  });
});

describe('the World', () => {
  it('has rules by position, then by id, with their times, and settings over the defaults', async () => {
    const { data } = rowOf('rule', 'rul_bot_1');
    const rule = (id: string, position: number, more = {}) => ({
      kind: 'rule' as const,
      id,
      data: { ...data, position, ...more },
    });
    await box.directory.change(
      [rule('rul_c', 1), rule('rul_b', 1), rule('rul_a', 2, { starts_at: '2026-01-01T00:00:00Z' })],
      [],
    );
    const rules = box.directory.world().services.get('svc_1')?.rules ?? [];
    expect(rules.map(({ id }) => id)).toEqual(['rul_bot_1', 'rul_b', 'rul_c', 'rul_a']);
    expect(rules.at(-1)).toMatchObject({ startsAt: 1_767_225_600_000, endsAt: null });
    await edit(rowOf('bot', 'bot_1'), { settings: { take_within_s: 9 } });
    expect(box.directory.world().bots.get('bot_1')?.settings).toEqual({ ...DEFAULT_SETTINGS, take_within_s: 9 });
    expect(box.directory.world().assets.get('ast_1')?.retrySpacingS).toEqual([5, 30, 120]);
  });

  it('has the health that was decided, through edits and restarts', async () => {
    expect(box.directory.world().bots.get('bot_1')?.health.status).toBe('unverified');
    await box.engine.verify('bot', 'bot_1', {}, 'test');
    await edit(rowOf('bot', 'bot_1'), { name: 'new' });
    expect(box.directory.world().bots.get('bot_1')?.health).toMatchObject({ status: 'active', generation: 1 });
    await box.close(false);
    box = await openBox({ folder: box.folder });
    expect(box.directory.world().bots.get('bot_1')?.health).toMatchObject({ status: 'active', generation: 1 });
  });

  it('knows a console desk as active from its birth, and online while somebody is there', async () => {
    const data = {
      name: 'Console',
      kind: 'console',
      url: null,
      hook_tokens: [],
      secrets: [],
      signing_secrets: [],
      settings: {},
    };
    await box.directory.change([{ kind: 'desk', id: 'desk_2', data }], []);
    const desk = () => box.directory.world().desks.get('desk_2');
    expect(desk()).toMatchObject({ online: false, health: { status: 'active' } });
    box.directory.setOnline('desk_2', true);
    await box.directory.change([], []);
    expect(desk()?.online).toBe(true);
    box.directory.setOnline('desk_2', false);
    await box.directory.change([], []);
    expect(desk()?.online).toBe(false);
  });
});
