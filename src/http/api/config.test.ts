// Services, assets, bots, desks: made, shown, changed, guarded against each other; malformed fields named.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { furnish, type House, type Loose, openHouse, TOKEN } from '../fixtures/house.ts';

let house: House;
let url: string;
let keys: Record<'developer' | 'viewer', string>;
beforeAll(async () => {
  house = await openHouse();
  url = `${house.peer.url}/bot`;
  const make = async (role: string): Promise<string> =>
    (await house.api('POST', '/keys', { body: { name: role, role } })).body.key;
  keys = { developer: await make('developer'), viewer: await make('viewer') };
});
afterAll(() => house.close());

const must = async (method: string, path: string, body?: unknown): Promise<Loose> => {
  const answer = await house.api(method, path, { body });
  if (answer.status >= 300) throw new Error(`${method} ${path} → ${answer.status} ${answer.text}`);
  return answer.body;
};
const newBot = (more: object = {}): object => ({
  name: 'B',
  platform: 'other',
  url,
  verification_token: TOKEN,
  ...more,
});
const pointers = (answer: Loose): string[] => answer.body.errors.map((error: { pointer: string }) => error.pointer);

describe('a bot', () => {
  it('is made unverified, with its secrets shown once', async () => {
    const answer = await house.api('POST', '/bots', { body: newBot({ failure_threshold: 3 }) });
    const made = answer.body;
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe(`${house.url}/api/v1/bots/${made.id}`);
    expect(made.id).toMatch(/^bot_/);
    expect(made.status).toBe('unverified');
    expect(made.hook_url).toMatch(new RegExp(`^${house.url}/hooks/bots/[\\w-]{43}$`));
    expect(made.signing_secret).toMatch(/^whsec_/);
    expect(made).toMatchObject({ failure_threshold: 3, retry_spacing_s: [60, 300, 900, 2280], max_in_flight: 64 });
    const shown = await house.api('GET', `/bots/${made.id}`);
    expect(shown.text).not.toContain(made.signing_secret);
    expect(shown.text).not.toContain(TOKEN);
    expect(shown.body.signing_secret).toBe(`••••${made.signing_secret.slice(-4)}`);
    expect(JSON.stringify(house.parts.directory.row('bot', made.id))).not.toContain(TOKEN);
    expect((await house.api('GET', '/audit?limit=1')).text).not.toContain(TOKEN);
  });

  it('shows its hook URL to administrators only', async () => {
    const { id } = await must('POST', '/bots', newBot());
    expect((await house.api('GET', `/bots/${id}`)).body.hook_url).toContain('/hooks/bots/');
    for (const key of [keys.developer, keys.viewer]) {
      expect((await house.api('GET', `/bots/${id}`, { key })).body.hook_url).toBeNull();
      expect((await house.api('GET', '/bots', { key })).text).not.toContain('/hooks/bots/');
    }
  });

  it.each([
    [{ platform: 'imi', verification_token: undefined }, ['/access_token']],
    [{ platform: 'imi', access_token: 'abc' }, ['/verification_token']],
    [{ verification_token: undefined }, ['/verification_token']],
    [{ access_token: 'abc' }, ['/access_token']],
    [{ platform: 'skynet' }, ['/platform']],
    [{ name: '' }, ['/name']],
    [{ name: 'x'.repeat(101) }, ['/name']],
    [{ name: 'a\nb' }, ['/name']],
    [{ name: 7 }, ['/name']],
    [{ url: 'ftp://example.com/x' }, ['/url']],
    [{ url: 'https://10.0.0.1/x' }, ['/url']],
    [{ url: 'http://169.254.169.254/latest' }, ['/url']],
    [{ url: 'not a url' }, ['/url']],
    [{ verification_token: 'a\u0000b' }, ['/verification_token']],
    [{ verification_token: '••••oken' }, ['/verification_token']],
    [{ platform: 'imi', verification_token: undefined, access_token: 'a b' }, ['/access_token']],
    [{ retry_spacing_s: [60, 300, 900, 2280, 5] }, ['/retry_spacing_s']],
    [{ retry_spacing_s: [3000, 600] }, ['/retry_spacing_s']],
    [{ retry_spacing_s: [0] }, ['/retry_spacing_s/0']],
    [{ retry_spacing_s: [1.5] }, ['/retry_spacing_s/0']],
    [{ failure_threshold: 0 }, ['/failure_threshold']],
    [{ failure_scope: 'week' }, ['/failure_scope']],
    [{ max_in_flight: 0 }, ['/max_in_flight']],
    [{ max_in_flight: 1001 }, ['/max_in_flight']],
    [{ merge_window_ms: -1 }, ['/merge_window_ms']],
    [{ merge_window_ms: 10_001 }, ['/merge_window_ms']],
    [{ recovery: 'maybe' }, ['/recovery']],
    [{ extended_events: 'yes' }, ['/extended_events']],
    [{ status: 'active' }, ['/status']],
    [{ retry_spacing: [1] }, ['/retry_spacing']],
    [{ failure_threshold: 0, max_in_flight: 0 }, ['/failure_threshold', '/max_in_flight']],
  ])('is refused when malformed: %j', async (more, expected) => {
    const answer = await house.api('POST', '/bots', { body: newBot(more) });
    expect([answer.status, answer.body.code, pointers(answer)]).toEqual([422, 'invalid', expected]);
  });

  it('becomes active by verification, and unverified again by another URL or token, not by another name', async () => {
    const { id } = await must('POST', '/bots', newBot());
    const status = async (): Promise<string> => (await must('GET', `/bots/${id}`)).status;
    const verify = (draft = {}): Promise<Loose> => must('POST', `/bots/${id}/verification`, draft);
    expect(await verify()).toMatchObject({ verified: true, status: 'active' });
    await must('PATCH', `/bots/${id}`, { name: 'Another', url, verification_token: TOKEN, max_per_minute: 5 });
    expect(await status()).toBe('active');
    await must('PATCH', `/bots/${id}`, { url: `${url}/2` });
    expect(await status()).toBe('unverified');
    await verify();
    await must('PATCH', `/bots/${id}`, { verification_token: 'another' });
    expect(await status()).toBe('unverified');
    expect((await verify()).verified).toBe(false);
    expect(await verify({ verification_token: TOKEN })).toMatchObject({ verified: true, status: 'active' });
    expect((await house.api('POST', `/bots/${id}/verification`, { body: { url: 'http://10.1.1.1/' } })).status).toBe(
      422,
    );
    expect((await house.api('POST', `/bots/${id}/verification`, { body: { uri: url } })).status).toBe(422);
    // What could not be saved by PATCH is not saved by way of a draft either.
    const unfit = { access_token: 'a b', verification_token: 'a\nb' };
    const tried = await house.api('POST', `/bots/${id}/verification`, { body: unfit });
    expect([tried.status, pointers(tried).sort()]).toEqual([422, ['/access_token', '/verification_token']]);
    expect((await house.api('POST', '/bots/bot_none/verification', { body: {} })).status).toBe(404);
  });

  it('is tried before it is created, and nothing is kept of it', async () => {
    const before = [await must('GET', '/bots'), await must('GET', '/audit')];
    const { name: _, ...draft } = newBot() as Loose;
    expect(await must('POST', '/bots/verification', draft)).toMatchObject({ verified: true, status: 'unverified' });
    const wrong = await must('POST', '/bots/verification', { ...draft, verification_token: 'another' });
    expect(wrong).toMatchObject({ verified: false });
    expect(wrong.checks.at(-1)).toMatchObject({ name: 'token', ok: false });
    const inside = await must('POST', '/bots/verification', { ...draft, url: 'http://10.1.1.1/' });
    expect(inside.checks).toMatchObject([{ name: 'address', ok: false }]);
    const noToken = { platform: 'other', url };
    expect(pointers(await house.api('POST', '/bots/verification', { body: noToken }))).toEqual(['/verification_token']);
    expect(await must('POST', '/desks/verification', { kind: 'webhook', url })).toMatchObject({ verified: true });
    expect([await must('GET', '/bots'), await must('GET', '/audit')]).toEqual(before);
  });

  it('is switched off and on by hand, and comes back unverified', async () => {
    const { id, hook_url } = await must('POST', '/bots', newBot());
    await must('POST', `/bots/${id}/verification`, {});
    expect((await must('PATCH', `/bots/${id}`, { enabled: true })).status).toBe('active');
    expect(await must('PATCH', `/bots/${id}`, { status: 'disabled' })).toMatchObject({ status: 'disabled' });
    const answer = await house.call('POST', new URL(hook_url).pathname, { key: null, body: {} });
    expect([answer.status, answer.body.code]).toEqual([403, 'integration_disabled']);
    expect((await must('PATCH', `/bots/${id}`, { url: `${url}/9` })).status).toBe('disabled');
    expect((await must('PATCH', `/bots/${id}`, { enabled: true })).status).toBe('unverified');
    expect((await must('PATCH', `/bots/${id}`, { enabled: false })).status).toBe('disabled');
    const wish = await house.api('PATCH', `/bots/${id}`, { body: { status: 'active' } });
    expect([wish.status, pointers(wish)]).toEqual([422, ['/status']]);
  });

  it('gets a new hook URL, and the old one works for the overlap', async () => {
    const { id, hook_url: old } = await must('POST', '/bots', newBot());
    const hook = (address: string): Promise<Loose> =>
      house.call('POST', new URL(address).pathname, { key: null, body: { eventid: 1003, conversation_id: 'conv_x' } });
    const fresh = await must('POST', `/bots/${id}/rotation`, { what: 'hook_url', overlap_s: 60 });
    expect(fresh.old_until).not.toBeNull();
    for (const each of [old, fresh.hook_url]) expect((await hook(each)).body.detail).not.toContain('hook');
    await house.clock.advance(61_000);
    expect((await hook(old)).body.detail).toContain('no such bot hook');
    expect((await hook(fresh.hook_url)).body.detail).not.toContain('hook');
    const last = await must('POST', `/bots/${id}/rotation`, { what: 'hook_url', overlap_s: 0 });
    expect((await hook(fresh.hook_url)).body.detail).toContain('no such bot hook');
    expect((await must('GET', `/bots/${id}`)).hook_url).toBe(last.hook_url);
    const signing = await must('POST', `/bots/${id}/rotation`, { what: 'signing_secret' });
    expect(signing.signing_secret).toMatch(/^whsec_/);
    expect(house.parts.directory.bot(id)?.signingSecrets).toHaveLength(2);
    for (let i = 0; i < 4; i++) await must('POST', `/bots/${id}/rotation`, { what: 'signing_secret' });
    expect(house.parts.directory.bot(id)?.signingSecrets).toHaveLength(3);
    const wrong = await house.api('POST', `/bots/${id}/rotation`, { body: { what: 'secret' } });
    expect([wrong.status, pointers(wrong)]).toEqual([422, ['/what']]);
  });
});

describe('a desk', () => {
  it('of kind webhook is made unverified with three secrets; of kind console it is active', async () => {
    const made = await must('POST', '/desks', { name: 'D', kind: 'webhook', url });
    expect(made).toMatchObject({ status: 'unverified', online: true });
    expect(made.hook_url).toContain('/hooks/desks/');
    expect([made.secret, made.signing_secret]).toEqual([
      expect.stringMatching(/^sec_/),
      expect.stringMatching(/^whsec_/),
    ]);
    const shown = await house.api('GET', `/desks/${made.id}`);
    expect(shown.text).not.toContain(made.secret);
    const own = await must('POST', '/desks', { name: 'C', kind: 'console' });
    expect(own).toMatchObject({ status: 'active', online: false, hook_url: null, secret: null, url: null });
    const none = await house.api('POST', `/desks/${own.id}/rotation`, { body: { what: 'secret' } });
    expect([none.status, pointers(none)]).toEqual([422, ['/what']]);
  });

  it.each([
    [{ kind: 'webhook' }, ['/url']],
    [{ kind: 'console', url: 'https://example.com/' }, ['/url']],
    [{ kind: 'carrier-pigeon' }, ['/kind']],
    [{ kind: 'webhook', url: 'http://10.0.0.1/' }, ['/url']],
    [{ kind: 'console', accept_within_s: 0 }, ['/accept_within_s']],
  ])('is refused when malformed: %j', async (more, expected) => {
    const answer = await house.api('POST', '/desks', { body: { name: 'D', ...more } });
    expect([answer.status, pointers(answer)]).toEqual([422, expected]);
  });

  it('of kind console is online while an agent says so', async () => {
    const { id } = await must('POST', '/desks', { name: 'C', kind: 'console' });
    const online = async (): Promise<boolean> => (await must('GET', `/desks/${id}`)).online;
    expect(await must('PUT', `/desks/${id}/presence`, { online: true })).toMatchObject({ online: true });
    await expect.poll(online).toBe(true);
    await house.clock.advance(50_000);
    await must('PUT', `/desks/${id}/presence`, { online: true });
    await house.clock.advance(50_000);
    expect(await online()).toBe(true);
    await house.clock.advance(11_000);
    await expect.poll(online).toBe(false);
    await must('PUT', `/desks/${id}/presence`, { online: true });
    expect(await must('PUT', `/desks/${id}/presence`, { online: false })).toEqual({
      online: false,
      agents: [],
      until: null,
    });
    for (const body of [{}, { online: true, state: 'away' }, { state: 'asleep' }])
      expect((await house.api('PUT', `/desks/${id}/presence`, { body })).status).toBe(422);
    const webhook = await must('POST', '/desks', { name: 'D', kind: 'webhook', url });
    const wrong = await house.api('PUT', `/desks/${webhook.id}/presence`, { body: { online: true } });
    expect([wrong.status, wrong.body.code]).toEqual([409, 'not_console_desk']);
  });
});

describe('an asset', () => {
  it('is made with its secrets shown once', async () => {
    const made = await must('POST', '/assets', { name: 'A', channel: 'http', config: { url } });
    expect(made.hook_url).toBe(`${house.url}/hooks/channels/${made.id}`);
    const shown = await house.api('GET', `/assets/${made.id}`);
    expect(shown.body).toMatchObject({ config: { url }, on_unknown: 'hold', service_id: null });
    expect(shown.text).not.toContain(made.secret);
    const fresh = await must('POST', `/assets/${made.id}/rotation`, { what: 'secret', overlap_s: 0 });
    expect(fresh.secret).not.toBe(made.secret);
    await must('PATCH', `/assets/${made.id}`, { name: 'A2', on_unknown: 'resend', config: { url: `${url}/2` } });
    expect((await must('GET', `/assets/${made.id}`)).config.url).toBe(`${url}/2`);
    expect((await house.api('DELETE', `/assets/${made.id}`)).status).toBe(204);
    expect((await house.api('GET', `/assets/${made.id}`)).status).toBe(404);
  });

  it.each([
    [{ channel: 'telegram', config: {} }, ['/config/token'], 'is required'],
    [{ channel: 'webchat', config: { title: 5 } }, ['/config/title'], 'string'],
    [{ channel: 'smoke' }, ['/channel'], 'must be one of'],
    [{ config: {} }, ['/config/url'], ''],
    [{ config: { url: 'http://10.0.0.1/' } }, ['/config/url'], ''],
    [{ config: 'x' }, ['/config'], ''],
    [{ on_unknown: 'pray' }, ['/on_unknown'], ''],
  ])('is refused when malformed: %j', async (more, expected, words) => {
    const body = { name: 'A', channel: 'http', config: { url }, ...more };
    const answer = await house.api('POST', '/assets', { body });
    expect([answer.status, pointers(answer)]).toEqual([422, expected]);
    expect(answer.body.errors[0].detail).toContain(words);
  });
});

describe('a service', () => {
  it('maps what is there, and keeps what a rule uses', async () => {
    const { service, bot, desk, asset, rule } = await furnish(house);
    const shown = await must('GET', `/services/${service}`);
    expect(shown).toMatchObject({ integrations: [bot.id, desk.id], assets: [asset.id] });
    const refused = [
      ['DELETE', `/services/${service}/integrations/${bot.id}`],
      ['DELETE', `/bots/${bot.id}`],
      ['DELETE', `/desks/${desk.id}`],
      ['DELETE', `/assets/${asset.id}`],
      ['DELETE', `/services/${service}/assets/${asset.id}`],
      ['DELETE', `/services/${service}`],
    ] as const;
    for (const [method, path] of refused) {
      const answer = await house.api(method, path);
      expect([path, answer.status, answer.body.code]).toEqual([path, 409, 'in_use']);
      expect(answer.body.rules).toEqual([{ id: rule, name: 'all' }]);
    }
    expect((await must('GET', `/bots/${bot.id}`)).status).toBe('active');
    expect((await house.api('DELETE', `/rules/${rule}`)).status).toBe(204);
    expect((await house.api('DELETE', `/services/${service}`)).body.assets).toEqual([asset.id]);
    for (const [method, path] of [refused[0], refused[1], refused[2], refused[4], refused[5]]) {
      expect([path, (await house.api(method, path)).status]).toEqual([path, 204]);
      expect([path, (await house.api(method, path)).status]).toEqual([path, 404]);
    }
  });

  it('unmaps a bot that is deleted', async () => {
    const { id } = await must('POST', '/bots', newBot());
    const service = (await must('POST', '/services', { name: 'S' })).id;
    await must('PUT', `/services/${service}/integrations/${id}`);
    await must('PUT', `/services/${service}/integrations/${id}`);
    expect((await must('GET', `/bots/${id}`)).services).toEqual([service]);
    expect((await house.api('DELETE', `/bots/${id}`)).status).toBe(204);
    expect((await must('GET', `/services/${service}`)).integrations).toEqual([]);
  });

  it('does not take what is not there, or an asset of another', async () => {
    const { service, asset } = await furnish(house);
    const other = (await must('POST', '/services', { name: 'Other' })).id;
    const taken = await house.api('PUT', `/services/${other}/assets/${asset.id}`);
    expect([taken.status, taken.body.code, taken.body.service_id]).toEqual([409, 'asset_taken', service]);
    for (const path of ['/integrations/bot_none', '/integrations/ast_none', '/assets/ast_none']) {
      expect((await house.api('PUT', `/services/${other}${path}`)).status).toBe(404);
    }
    expect((await house.api('PUT', `/services/svc_none/assets/${asset.id}`)).status).toBe(404);
  });

  it('survives two edits at once: both count, or one is told', async () => {
    const service = (await must('POST', '/services', { name: 'S' })).id;
    const bots = await Promise.all([1, 2, 3, 4].map(() => must('POST', '/bots', newBot())));
    await Promise.all(bots.map((bot) => must('PUT', `/services/${service}/integrations/${bot.id}`)));
    const ids = bots.map((bot) => bot.id).sort();
    expect((await must('GET', `/services/${service}`)).integrations.sort()).toEqual(ids);
  });
});

describe('lists', () => {
  it('go page by page, each row once', async () => {
    for (let i = 0; i < 5; i++) await must('POST', '/services', { name: `P${i}` });
    const seen: string[] = [];
    for (let after = ''; ; ) {
      const { data, next_cursor } = await must('GET', `/services?limit=2${after}`);
      seen.push(...data.map((row: Loose) => row.id));
      expect(data.length).toBeLessThanOrEqual(2);
      if (next_cursor === null) break;
      after = `&after=${next_cursor}`;
    }
    const all = (await must('GET', '/services?limit=100')).data.map((row: Loose) => row.id);
    expect(seen).toEqual(all);
  });

  it.each([
    'limit=0',
    'limit=101',
    'limit=x',
    'limit=',
    'limit=-1',
    'limit=1.5',
    'after=%00',
    `after=${'x'.repeat(300)}`,
    'limti=5',
  ])('refuse %s and name it', async (query) => {
    for (const path of ['/bots', '/threads', '/deliveries', '/rules', '/audit']) {
      const answer = await house.api('GET', `${path}?${query}`);
      expect([path, answer.status, pointers(answer)]).toEqual([path, 422, [`/${query.split('=')[0]}`]]);
    }
  });
});

describe('a body', () => {
  it.each([
    ['that is no JSON', '{"name": ', {}, 400, 'bad_json'],
    ['that is empty', '', {}, 400, 'bad_json'],
    ['that is not UTF-8', Buffer.from('{"name":"\xfc"}', 'latin1'), {}, 400, 'bad_json'],
    [
      'of another type',
      'name=x',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'unsupported_media_type',
    ],
    ['that is compressed', '{}', { 'content-encoding': 'gzip' }, 415, 'unsupported_media_type'],
    ['that is a list', '[]', {}, 422, 'invalid'],
    ['that is null', 'null', {}, 422, 'invalid'],
    ['with an unknown field', '{"name":"x","nmae":"y"}', {}, 422, 'invalid'],
    ['with a dangerous name', '{"name":"x","__proto__":{"role":"owner"}}', {}, 422, 'invalid'],
    ['that nests for ever', `{"name":${'['.repeat(50_000)}${']'.repeat(50_000)}}`, {}, 422, 'invalid'],
    ['that is too large', `{"name":"${'x'.repeat(300_000)}"}`, {}, 413, 'too_large'],
  ])('%s is refused', async (_, raw, headers, status, code) => {
    const answer = await house.api('POST', '/services', { raw, headers });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });
});

describe('what no store can hold', () => {
  it('becomes a visible replacement in a body, and leads nowhere in a path', async () => {
    const answer = await house.api('POST', '/users', {
      raw: '{"name":"a\\u0000b\\ud800c \\ud83d\\ude00","role":"agent"}',
    });
    expect(answer.body.name).toBe('a\ufffdb\ufffdc \u{1f600}');
    for (const path of ['/bots/%00', '/threads/a%00b', `/customers/x/a%00`]) {
      const method = path.startsWith('/customers') ? 'DELETE' : 'GET';
      expect([path, (await house.api(method, path)).status]).toEqual([path, 404]);
    }
    const query = await house.api('GET', '/threads?holder_id=%00');
    expect([query.status, pointers(query)]).toEqual([422, ['/holder_id']]);
  });
});
