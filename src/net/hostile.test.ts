// Server-side request forgery: URLs and names that lead inside. Each is refused before a packet leaves, told by a trap
// that listens on every address of this machine and by a watch over every socket that this process tries to connect.
// The vectors are in fixtures/hostile.ts; {port} is the trap's.
import { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import type { WayOut } from './client.ts';
import { HOSTILE_NAMES, HOSTILE_URLS } from './fixtures/hostile.ts';
import { closeAll, trap } from './fixtures/servers.ts';
import { names, wayOutTo } from './fixtures/way-out.ts';

let trapped: Awaited<ReturnType<typeof trap>>;
let wayOut: WayOut;
let dialled: MockInstance;

beforeAll(async () => {
  trapped = await trap();
});
afterAll(closeAll);
beforeEach(() => {
  wayOut = wayOutWith('');
  dialled = vi.spyOn(Socket.prototype, 'connect');
});
afterEach(async () => {
  dialled.mockRestore();
  await wayOut.close();
});

const wayOutWith = (allow: string): WayOut => wayOutTo({ allow, lookup: names(HOSTILE_NAMES) });

async function expectRefused(url: string): Promise<void> {
  const answer = await wayOut.send({ url, key: 'k', headers: {}, body: '{}', timeoutMs: 500 });
  expect(answer).toMatchObject({ ok: false, sent: 'no', detail: expect.stringMatching(/[.?]$/) });
  expect(answer.ok ? '' : answer.reason).toMatch(/^(bad_url|https_required|forbidden_address)$/);
  expect(dialled).not.toHaveBeenCalled();
  expect(trapped.caught()).toBe(0);
}

describe.each(Object.entries(HOSTILE_URLS))('%s', (_trick, urls) => {
  it.each(urls)('%j', async (template) => {
    const url = template.replaceAll('{port}', String(trapped.port));
    expect(wayOut.check(url)).toMatchObject({ ok: false });
    await expectRefused(url);
  });
});

describe('names that lead inside', () => {
  it.each(Object.keys(HOSTILE_NAMES))('%s', async (host) => {
    expect(wayOut.check(`https://${host}:${trapped.port}/`)).toMatchObject({ ok: true });
    await expectRefused(`https://${host}:${trapped.port}/`);
  });

  it('are refused on each try, whatever was answered before', async () => {
    const answers = ['10.0.0.1', '127.0.0.1', '::1', '169.254.169.254', '::ffff:127.0.0.1', '0.0.0.0'];
    let asked = 0;
    wayOut = wayOutTo({ allow: '', lookup: async () => [{ address: answers[asked++] ?? '::1' }] });
    for (const _ of answers) await expectRefused(`https://rebinding.test:${trapped.port}/`);
    expect(asked).toBe(answers.length);
  });
});

describe('an allow-list that opens something else', () => {
  const URLS_STILL_SHUT = [
    'http://127.0.0.1:{port}/',
    'https://127.0.0.1:{port}/',
    'https://[::1]:{port}/',
    'https://[::ffff:127.0.0.1]:{port}/',
    'https://2130706433:{port}/',
    'http://loopback.test:{port}/',
    'https://loopback.test:{port}/',
    'http://localhost:{port}/',
    'http://169.254.169.254/',
    'https://metadata.test/',
    'http://open.test.loopback.test:{port}/',
  ];
  it.each(URLS_STILL_SHUT)('leaves %s shut', async (template) => {
    wayOut = wayOutWith('10.9.0.0/16, 169.254.0.0/16, open.test, 127.0.0.1:1, [::1]:1, localhost:1');
    const url = template.replaceAll('{port}', String(trapped.port));
    const answer = await wayOut.send({ url, key: 'k', headers: {}, timeoutMs: 500 });
    expect(answer).toMatchObject({ ok: false, sent: 'no' });
    expect(dialled).not.toHaveBeenCalled();
    expect(trapped.caught()).toBe(0);
  });
});

it('refuses to save a name that only a listed loopback block could excuse', () => {
  wayOut = wayOutWith('127.0.0.0/8');
  for (const url of ['http://example.com/', 'http://metadata.google.internal/', 'https://metadata.google.internal/']) {
    expect(wayOut.check(url)).toMatchObject({ ok: false });
  }
  expect(wayOut.check('http://localhost:3000/bot')).toMatchObject({ ok: true });
  wayOut = wayOutWith('10.0.0.0/8');
  expect(wayOut.check('http://bots.corp/bot')).toMatchObject({ ok: true });
});

it('has at least 170 vectors', () => {
  const urls = Object.values(HOSTILE_URLS).flat();
  expect(new Set(urls).size).toBe(urls.length);
  expect(urls.length + Object.keys(HOSTILE_NAMES).length).toBeGreaterThanOrEqual(170);
});

it('heeds no proxy of the environment', async () => {
  const proxy = `http://127.0.0.1:${trapped.port}`;
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy']) {
    vi.stubEnv(name, proxy);
  }
  await expectRefused('https://loopback.test/');
  vi.unstubAllEnvs();
});

it('lets public names and addresses pass the check, in their normal form', () => {
  const passing = {
    'https://example.com': 'https://example.com/',
    'HTTPS://Example.COM:443/a?b=c': 'https://example.com/a?b=c',
    'https://example.com./hook': 'https://example.com/hook',
    'https://bücher.example:8443/ü': 'https://xn--bcher-kva.example:8443/%C3%BC',
    'https://8.8.8.8:3978/api/messages': 'https://8.8.8.8:3978/api/messages',
    'https://134744072/': 'https://8.8.8.8/',
    'https://[2606:4700::1111]/x': 'https://[2606:4700::1111]/x',
    'https://my_bot.example.com/': 'https://my_bot.example.com/',
    'https://example.com/a@b': 'https://example.com/a@b',
  };
  for (const [url, normal] of Object.entries(passing)) expect(wayOut.check(url)).toEqual({ ok: true, url: normal });
});

it('is a test that can fail: where the list opens loopback, the trap and the watch both see it', async () => {
  wayOut = wayOutWith('127.0.0.0/8');
  const answer = await wayOut.send({ url: `http://loopback.test:${trapped.port}/`, key: 'k', headers: {} });
  expect(answer).toMatchObject({ ok: true, body: 'caught' });
  expect(dialled).toHaveBeenCalledTimes(1);
  expect(trapped.caught()).toBe(1);
});
