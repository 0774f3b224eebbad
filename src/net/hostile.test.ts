// Server-side request forgery: URLs and names that lead inside. Each is refused before a packet leaves, told by a trap
// that listens on every address of this machine and by a watch over every socket that this process tries to connect.
// The vectors are grouped by the trick they try; {port} is the trap's.
import { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import type { WayOut } from './client.ts';
import { closeAll, trap } from './fixtures/servers.ts';
import { names, wayOutTo } from './fixtures/way-out.ts';

const URLS: Record<string, string[]> = {
  'plain addresses inside': [
    ...['127.0.0.1', '127.0.0.2', '127.255.255.254', '10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.254'],
    ...['192.168.0.1', '192.168.255.254', '169.254.0.1', '169.254.169.254', '100.64.0.1', '100.127.255.254', '0.0.0.0'],
    ...['0.1.2.3', '192.0.0.8', '192.0.2.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '192.88.99.1', '224.0.0.1'],
    ...['239.255.255.250', '240.0.0.1', '255.255.255.255'],
  ].map((host) => `https://${host}:{port}/`),
  'short, octal, hexadecimal and decimal spellings': [
    ...[
      '127.1',
      '127.0.1',
      '0',
      '0x0',
      '00',
      '127.0.0.1.',
      '0177.0.0.1',
      '0177.1',
      '0x7f.0.0.1',
      '0x7f.1',
      '0x7f000001',
    ],
    ...[
      '0X7F000001',
      '017700000001',
      '2130706433',
      '0x7f.0.1',
      '0177.0.0x1',
      '10.1',
      '0xa.1',
      '012.0.0.1',
      '167772161',
    ],
    ...['192.168.1', '3232235777', '0xc0a80101', '0300.0250.1.1', '2852039166', '0xa9fea9fe', '0251.0376.0251.0376'],
    ...['0xA9.0xFE.0xA9.0xFE', '1684300', '256', '4294967295'],
  ].map((host) => `https://${host}:{port}/`),
  'digits of other scripts and percent-coding': [
    ...[
      '１２７.０.０.１',
      '①②⑦.⓪.⓪.①',
      '127。0。0。1',
      '127．0．0．1',
      '%31%32%37.0.0.1',
      '127%2E0%2E0%2E1',
      '0x７f.1',
    ],
    ...['ⓛⓞⓒⓐⓛⓗⓞⓢⓣ', 'ｌｏｃａｌｈｏｓｔ', '%6c%6f%63%61%6c%68%6f%73%74', '127.0.0\u00ad.1', '𝟏𝟐𝟕.𝟎.𝟎.𝟏'],
  ].map((host) => `https://${host}:{port}/`),
  'IPv6 inside': [
    ...[
      '::1',
      '::',
      '0:0:0:0:0:0:0:1',
      '0000::0001',
      'fc00::1',
      'fd00::1',
      'fdff:ffff::1',
      'fe80::1',
      'febf::1',
      'fec0::1',
    ],
    ...[
      'ff02::1',
      'ff0e::1',
      '2001:db8::1',
      '3fff::1',
      '100::1',
      '2001:2::1',
      '2001:10::1',
      '2001:20::1',
      '5f00::1',
      '1::1',
    ],
    ...['4000::1', 'fd00:ec2::254', 'fd20:ce::254'],
  ].map((host) => `https://[${host}]:{port}/`),
  'IPv4 inside IPv6': [
    ...[
      '::ffff:127.0.0.1',
      '::ffff:7f00:1',
      '::ffff:10.0.0.1',
      '::ffff:a9fe:a9fe',
      '::FFFF:192.168.0.1',
      '::127.0.0.1',
    ],
    ...['::7f00:1', '::ffff:0:127.0.0.1', '64:ff9b::127.0.0.1', '64:ff9b::a00:1', '64:ff9b::169.254.169.254'],
    ...['64:ff9b:1::127.0.0.1', '2002:7f00:1::', '2002:a00:1::1', '2002:a9fe:a9fe::1', '2001::7f00:1'],
    ...[
      '2001:0:4136:e378:8000:63bf:80ff:fffe',
      '2a00::5efe:127.0.0.1',
      '2a00::200:5efe:10.0.0.1',
      '0:0:0:0:0:ffff:7f00:1',
    ],
  ].map((host) => `https://[${host}]:{port}/`),
  'zone ids and brackets': [
    ...[
      '[fe80::1%25eth0]',
      '[fe80::1%eth0]',
      '[::1%25lo]',
      '[::1',
      '::1]',
      '[[::1]]',
      '[::1].example.com',
      '[127.0.0.1]',
    ],
    ...['[]', '[::ffff:127.0.0.1%250]'],
  ].map((host) => `https://${host}:{port}/`),
  'names inside': [
    ...[
      'localhost',
      'LOCALHOST',
      'localhost.',
      'a.localhost',
      'a.b.localhost.',
      'localhost.localdomain',
      'router',
      'postgres',
    ],
    ...[
      'printer.local',
      'db.internal',
      'metadata.google.internal',
      'metadata',
      'nas.lan',
      'nas.home.arpa',
      'intranet',
      'x.corp',
    ],
  ].map((host) => `https://${host}:{port}/`),
  'user names that look like hosts': [
    'https://example.com@127.0.0.1:{port}/',
    'https://example.com:443@127.0.0.1:{port}/',
    'https://user:secret@example.com/',
    'https://:secret@example.com/',
    'https://user@example.com/',
    'https://@example.com/',
    'https://:@example.com/',
    'https://127.0.0.1:{port}%40example.com/',
    'https://example.com%2f@127.0.0.1:{port}/',
    'https://127.0.0.1:{port}\u3000@example.com/',
  ],
  'what parsers read differently': [
    'https:\\\\127.0.0.1:{port}\\',
    'https:/\\127.0.0.1:{port}/',
    'https://example.com\\@127.0.0.1:{port}/',
    'https:127.0.0.1:{port}',
    'https:/127.0.0.1:{port}/',
    'https:///127.0.0.1:{port}/',
    ' https://127.0.0.1:{port}/',
    'https://127.0.0.1:{port}/ ',
    'https://127.0.\t0.1:{port}/',
    'https://127.0.0.1:{port}/\r\nhost: example.com',
    'ht\ntps://127.0.0.1:{port}/',
    'https://exam\u0000ple.com/',
    'https://127.0.0.1:{port}#@example.com/',
    'https://example.com/#',
    'https://example.com#@127.0.0.1:{port}/',
    'https://127.0.0.1:{port}?@example.com/',
    'https://example.com;127.0.0.1:{port}/',
    'https://example.com,127.0.0.1:{port}/',
    'https://example.com&@127.0.0.1:{port}/',
    'https://a..example.com/',
    'https://.example.com/',
    'https://example.com../',
    'https://*.example.com/',
    "https://ex'ample.com/",
    'https://-example.com/',
    `https://${'a'.repeat(64)}.com/`,
    `https://${'a.'.repeat(130)}com/`,
    `https://example.com/${'a'.repeat(2030)}`,
    'https://256.256.256.256/',
    'https://1.2.3.4.5/',
    'https://0x100000000/',
    'https://example.com:{port}:80/',
    'https://example.com:port/',
    'https://example.com:65536/',
    'https://example.com:-1/',
    'https://',
    'https://?',
    '//127.0.0.1:{port}/',
    '127.0.0.1:{port}',
    '',
    'about:blank',
  ],
  'other schemes': [
    ...[
      'ftp',
      'file',
      'gopher',
      'dict',
      'ldap',
      'ws',
      'wss',
      'httpss',
      'data',
      'javascript',
      'blob',
      'unix',
      'jar:https',
    ],
  ].map((scheme) => `${scheme}://127.0.0.1:{port}/`),
  'plain http': [
    'http://example.com/',
    'http://8.8.8.8/',
    'HTTP://example.com/',
    'http://[2606:4700::1111]/',
    'http://127.0.0.1:{port}/',
    'http://[::1]:{port}/',
    'http://localhost:{port}/',
    'http://169.254.169.254/latest/meta-data/',
    'http://100.100.100.200/latest/meta-data/',
    'https://168.63.129.16/metadata/',
    'http://192.0.0.192/opc/v2/',
    'http://169.254.170.2/v2/credentials/',
  ],
  'ports of other protocols': [0, 1, 22, 25, 53, 110, 143, 389, 465, 587, 993, 2049, 5060, 6000, 6667].map(
    (port) => `https://example.com:${port}/`,
  ),
};

/** Names that look public and lead inside; a name's answers may be mixed, but none of these has one that is public. */
const NAMES: Record<string, string[]> = {
  'loopback.test': ['127.0.0.1'],
  'loopback6.test': ['::1'],
  'unspecified.test': ['0.0.0.0', '::'],
  'private.test': ['10.0.0.5', '192.168.1.1', '172.20.0.2'],
  'metadata.test': ['169.254.169.254'],
  'azure.test': ['168.63.129.16'],
  'mapped.test': ['::ffff:127.0.0.1'],
  'compatible.test': ['::127.0.0.1'],
  'nat64.test': ['64:ff9b::7f00:1'],
  'sixtofour.test': ['2002:7f00:1::1'],
  'teredo.test': ['2001:0:7f00:1::1'],
  'linklocal.test': ['fe80::1', 'fe80::1%lo'],
  'unique-local.test': ['fd00::5'],
  'multicast.test': ['224.0.0.1', 'ff02::1'],
  'garbage.test': ['not an address', '', '127.1', '0x7f.0.0.1'],
  'many.test': Array.from({ length: 200 }, (_, i) => `10.0.0.${i}`),
  '127.0.0.1.nip.test': ['127.0.0.1'],
  'xn--bcher-kva.test': ['127.0.0.1'],
};

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

const wayOutWith = (allow: string): WayOut => wayOutTo({ allow, lookup: names(NAMES) });

async function expectRefused(url: string): Promise<void> {
  const answer = await wayOut.send({ url, key: 'k', headers: {}, body: '{}', timeoutMs: 500 });
  expect(answer).toMatchObject({ ok: false, sent: 'no', detail: expect.stringMatching(/[.?]$/) });
  expect(answer.ok ? '' : answer.reason).toMatch(/^(bad_url|https_required|forbidden_address)$/);
  expect(dialled).not.toHaveBeenCalled();
  expect(trapped.caught()).toBe(0);
}

describe.each(Object.entries(URLS))('%s', (_trick, urls) => {
  it.each(urls)('%j', async (template) => {
    const url = template.replaceAll('{port}', String(trapped.port));
    expect(wayOut.check(url)).toMatchObject({ ok: false });
    await expectRefused(url);
  });
});

describe('names that lead inside', () => {
  it.each(Object.keys(NAMES))('%s', async (host) => {
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
  const urls = Object.values(URLS).flat();
  expect(new Set(urls).size).toBe(urls.length);
  expect(urls.length + Object.keys(NAMES).length).toBeGreaterThanOrEqual(170);
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
