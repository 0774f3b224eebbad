// The verification of a Chatwoot against a strict stand-in of its API: what it checks, says and sets; and its config.
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { type Chatwoot, startChatwoot, TOKEN } from '../../../test/parties/chatwoot.ts';
import type { DeskConfig } from '../../engine/ports.ts';
import { desk, NOW, wayOut } from '../../wire/fixtures/samples.ts';
import { createChatwootDesk } from './adapter.ts';

const HOOK = 'https://signalbox.example/hooks/desks/hook-token-of-the-desk';
const adapter = createChatwootDesk();
const out = wayOut();
const open: Chatwoot[] = [];
let there: Chatwoot;
beforeEach(async () => {
  there = await startChatwoot();
  open.push(there);
});
afterAll(async () => {
  expect(open.flatMap(({ faults }) => faults)).toEqual([]);
  await out.close();
  for (const each of open) await each.down();
});

const chatwoot = (more: Partial<DeskConfig> = {}, config: object = {}): DeskConfig =>
  desk({
    kind: 'chatwoot',
    url: `${there.url}/`,
    config: { account_id: '3', inbox_id: '7', api_token: TOKEN, ...config },
    ...more,
  });

describe('the verification', () => {
  const verify = async (by = chatwoot()): Promise<Record<string, [boolean, string]>> => {
    const checks = await adapter.verify(by, out.send, NOW);
    expect(JSON.stringify(checks)).not.toMatch(/chatwoot-token|hook-token|webhook-secret-of|hmac-token/);
    return Object.fromEntries(checks.map(({ name, ok, detail, advice = '' }) => [name, [ok, `${detail} ${advice}`]]));
  };
  const signed = { webhook_secret: 'webhook-secret-of-chatwoot' };

  it('looks at everything and sets the webhook', async () => {
    const checks = await verify(chatwoot({}, signed));
    expect(Object.entries(checks).map(([name, [ok]]) => `${name} ${ok}`)).toEqual(
      ['address', 'reachable', 'tls', 'answered', 'status', 'inbox', 'conversations', 'signature', 'webhook'].map(
        (name) => `${name} true`,
      ),
    );
    expect(there.inbox.webhook_url).toBe(HOOK);
    expect((await verify(chatwoot({}, signed))).webhook).toEqual([
      true,
      expect.stringContaining('posts its events to us'),
    ]);
  });

  it('sets its own webhook anew after a rotation, and never another program’s', async () => {
    there.inbox.webhook_url = 'https://old.example/hooks/desks/older-token';
    const rotated = { hookTokens: ['hook-token-of-the-desk', 'older-token'] };
    expect((await verify(chatwoot(rotated))).webhook?.[0]).toBe(true);
    expect(there.inbox.webhook_url).toBe(HOOK);
    there.inbox.webhook_url = 'https://other.example/x';
    expect((await verify()).webhook).toEqual([false, expect.stringContaining('another program')]);
    expect(there.inbox.webhook_url).toBe('https://other.example/x');
  });

  it('says what to do when the token may not set it', async () => {
    there.administrator = false;
    expect((await verify()).webhook).toEqual([false, expect.stringContaining('enter the hook URL')]);
  });

  it('tries one that is only in a form without setting anything', async () => {
    expect((await verify(chatwoot({ hookUrl: '', hookTokens: [] }))).webhook?.[0]).toBe(true);
    expect(there.inbox.webhook_url).toBe('');
  });

  it.each([
    ['status', { api_token: 'wrong' }, {}, 'does not know the access token'],
    ['status', { inbox_id: '8' }, {}, 'no such account or inbox'],
    ['inbox', {}, { channel_type: 'Channel::WebWidget' }, 'not of type API'],
    ['conversations', {}, { lock_to_single_conversation: true }, 'Lock to single conversation'],
    ['signature', { webhook_secret: 'another' }, {}, 'copy it again'],
  ])('fails at %s and says what to change', async (name, config, inbox, part) => {
    Object.assign(there.inbox, inbox);
    const checks = await verify(chatwoot({}, config));
    expect(checks[name]).toEqual([false, expect.stringContaining(part)]);
    expect(there.inbox.webhook_url).toBe('');
  });

  it('advises to check signatures where there are any', async () => {
    expect((await verify()).signature).toEqual([true, expect.stringContaining('Copy the webhook secret')]);
    there.secret = null;
    expect((await verify()).signature?.[0]).toBe(true);
    expect((await verify(chatwoot({}, signed))).signature).toEqual([
      true,
      expect.stringContaining('leave the webhook secret empty'),
    ]);
  });

  it('knows what is no Chatwoot', async () => {
    there.refuse = () => ({ status: 200, body: { hello: 'world' } });
    expect((await verify()).inbox).toEqual([false, expect.stringContaining('is this the address of a Chatwoot')]);
    expect(await verify(chatwoot({ url: null }))).toMatchObject({ address: [false, expect.any(String)] });
  });
});

describe('its config', () => {
  const good = { account_id: '3', inbox_id: '7', api_token: 'abc' };
  it.each([
    [{ ...good, account_id: 'x' }, '/config/account_id'],
    [{ ...good, inbox_id: '1/../2' }, '/config/inbox_id'],
    [{ ...good, api_token: 'a\nb' }, '/config/api_token'],
    [{ ...good, token: 'abc' }, '/config/token'],
    [{}, '/config/account_id'],
  ])('%j is refused', (config, pointer) => {
    expect(adapter.checkConfig?.(config)).toMatchObject({
      ok: false,
      errors: expect.arrayContaining([expect.objectContaining({ pointer })]),
    });
  });
  it('is taken with and without the secret', () => {
    expect(adapter.checkConfig?.(good)).toEqual({ ok: true, config: good });
    expect(adapter.checkConfig?.({ ...good, webhook_secret: 's' })).toMatchObject({ ok: true });
  });
});
