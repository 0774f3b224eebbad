// Setting up a bot: the configuration, the calls that connect it, and where the bytes of a file are found.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Reply } from '../../../test/parties/listener.ts';
import { failed, startTelegram, type Telegram } from '../../../test/parties/telegram.ts';
import type { AssetConfig } from '../../engine/ports.ts';
import type { WayOut } from '../../net/client.ts';
import { asset, NOW, wayOut } from '../../wire/fixtures/samples.ts';
import { telegramChannel } from './adapter.ts';
import { UPDATES } from './connect.ts';
import { FIELDS, STEPS } from './fields.ts';
import { config, SECRET, TOKEN } from './fixtures/signed.ts';

let telegram: Telegram;
let out: WayOut;
let here: AssetConfig;
const connect = async (more: Partial<AssetConfig> = {}) =>
  (await telegramChannel.connect?.({ ...here, ...more }, out.send, NOW)) ?? [];
const locate = (reference: string) => telegramChannel.locate?.(here, reference, out.send, NOW);

beforeAll(async () => {
  telegram = await startTelegram();
  out = wayOut();
  here = asset({ channel: 'telegram', config: { token: telegram.token, secret_token: SECRET, api_url: telegram.url } });
});
afterAll(async () => {
  await telegram.down();
  await out.close();
});
beforeEach(() => {
  telegram.calls.length = 0;
  telegram.faults.length = 0;
  telegram.instead.length = 0;
  telegram.webhook = null;
});

describe('the configuration', () => {
  it('is a token; the rest is known', () => {
    const given = { token: TOKEN };
    const whole = { token: TOKEN, api_url: 'https://api.telegram.org' };
    expect(telegramChannel.checkConfig(given)).toEqual({ ok: true, config: whole });
    expect(telegramChannel.checkConfig(config)).toEqual({ ok: true, config });
  });

  it.each([
    [{}, 'token'],
    [{ token: 'abc' }, 'token'],
    [{ token: `${TOKEN}/../getMe` }, 'token'],
    [{ token: TOKEN, secret_token: 'no spaces here' }, 'secret_token'],
    [{ token: TOKEN, secret_token: 'ä' }, 'secret_token'],
    [{ token: TOKEN, secret_token: 'a'.repeat(257) }, 'secret_token'],
    [{ token: TOKEN, api_url: 'api.telegram.org' }, 'api_url'],
    [{ token: TOKEN, chat: '5' }, 'chat'],
  ])('is not %j', (given, field) => {
    const result = telegramChannel.checkConfig(given);
    expect(result.ok ? [] : [...new Set(result.errors.map(({ pointer }) => pointer))]).toEqual([`/config/${field}`]);
  });

  it('asks for nothing that it does not explain', () => {
    for (const field of FIELDS) expect(field.help).toMatch(/\.$/);
    expect(STEPS.map((step) => step.text).join(' ')).toContain('{hook_url}');
  });
});

describe('connecting', () => {
  it('shows whose token it is, registers the hook, and looks at what waits', async () => {
    const checks = await connect();
    expect(telegram.faults).toEqual([]);
    expect(checks.map(({ name, ok }) => [name, ok])).toEqual([
      ['credentials', true],
      ['webhook', true],
      ['updates', true],
    ]);
    expect(checks[0]?.detail).toContain('@front_door_bot');
    expect(telegram.webhook).toEqual({ url: here.hookUrl, secret_token: SECRET, allowed_updates: UPDATES });
    expect(checks[2]).not.toHaveProperty('advice');
  });

  it.each<[string, string, Reply, string, RegExp]>([
    ['a wrong token', 'getMe', failed(401, 'Unauthorized'), 'credentials', /BotFather/],
    ['a malformed token', 'getMe', failed(404, 'Not Found'), 'credentials', /BotFather/],
    ['another server', 'getMe', { status: 200, body: '<html>' }, 'credentials', /address of the Bot API server/],
    ['a broken connection', 'getMe', { fault: 'reset' }, 'credentials', /connection/],
    [
      'an address without https',
      'setWebhook',
      failed(400, 'Bad Request: bad webhook: An HTTPS URL must be provided for webhook'),
      'webhook',
      /SIGNALBOX_PUBLIC_URL/,
    ],
    ['too many tries', 'setWebhook', failed(429, 'Too Many Requests', { retry_after: 3 }), 'webhook', /wait 3 seconds/],
    ['a refusal', 'setWebhook', failed(400, 'Bad Request: strange'), 'webhook', /refused: Bad Request: strange/],
    ['no word of updates', 'getWebhookInfo', failed(500, 'Internal Server Error'), 'updates', /Internal Server Error/],
    [
      'another program',
      'getWebhookInfo',
      { body: { ok: true, result: { url: 'https://other.example/hook', pending_update_count: 0 } } },
      'updates',
      /another program/,
    ],
  ])('meets %s and says what to do', async (_, method, reply, name, words) => {
    telegram.instead.push({ method, reply });
    const checks = await connect();
    const last = checks.at(-1);
    expect(last).toMatchObject({ name, ok: false });
    expect(last?.detail).toMatch(words);
    expect(checks.slice(0, -1).every(({ ok }) => ok)).toBe(true);
    expect(telegram.instead).toEqual([]);
  });

  it('advises when Telegram could not reach us of late', async () => {
    const result = (ago: number) => ({
      url: here.hookUrl,
      pending_update_count: 7,
      last_error_date: Math.floor(NOW / 1000) - ago,
      last_error_message: `Wrong response from the webhook: 502 Bad Gateway (${telegram.token})`,
    });
    telegram.instead.push({ method: 'getWebhookInfo', reply: { body: { ok: true, result: result(60) } } });
    const recent = (await connect()).at(-1);
    expect(recent).toMatchObject({ ok: true, detail: expect.stringContaining('7 updates') });
    expect(recent?.advice).toMatch(/502 Bad Gateway \(\[masked\]\)/);
    telegram.instead.push({ method: 'getWebhookInfo', reply: { body: { ok: true, result: result(7200) } } });
    expect((await connect()).at(-1)).not.toHaveProperty('advice');
  });

  it('needs a secret token, or anybody could post', async () => {
    const checks = await connect({ config: { token: telegram.token, api_url: telegram.url } });
    expect(checks.at(-1)).toMatchObject({ name: 'webhook', ok: false });
    expect(telegram.webhook).toBeNull();
  });

  it('tells no secret', async () => {
    const told = JSON.stringify(await connect());
    expect(told).not.toContain(telegram.token);
    expect(told).not.toContain(SECRET);
  });
});

describe('a file', () => {
  it('is found at the server, by the token', async () => {
    telegram.files.set('AgACfile', { path: 'photos/file_1.jpg', type: 'image/jpeg', bytes: Buffer.from('bytes') });
    const url = `${telegram.url}/file/bot${telegram.token}/photos/file_1.jpg`;
    expect(await locate('AgACfile')).toEqual({ ok: true, url, headers: {} });
    const answer = await fetch(url);
    expect(await answer.text()).toBe('bytes');
  });

  it.each<[string, Reply, boolean]>([
    ['is gone', failed(400, 'Bad Request: invalid file_id'), false],
    ['is too big', failed(400, 'Bad Request: file is too big'), false],
    ['is asked for too often', failed(429, 'Too Many Requests', { retry_after: 1 }), true],
    ['waits for a good token', failed(401, 'Unauthorized'), true],
    ['waits for the server', failed(500, 'Internal Server Error'), true],
    ['is not told by Telegram', { status: 502, body: '<html>' }, true],
    ['is not told at all', { fault: 'reset' }, true],
    ['lies on the disk of the server', { body: { ok: true, result: { file_path: '/var/lib/bot/1.jpg' } } }, false],
    ['would lead elsewhere', { body: { ok: true, result: { file_path: 'photos/../../getMe' } } }, false],
    ['has no path', { body: { ok: true, result: {} } }, false],
  ])('that %s is no place', async (_, reply, again) => {
    telegram.instead.push({ method: 'getFile', reply });
    const place = await locate('AgACfile');
    expect(place).toMatchObject({ ok: false, again, detail: expect.stringMatching(/^\S.{20,}[.)]$/) });
    expect(JSON.stringify(place)).not.toContain(telegram.token);
  });
});
