// What is served of the console and the web chat: exact names, their headers, compressed where it helps, and pages for
// addresses that a person opens.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { layBuilt, PAGE, SCRIPT } from './fixtures/built.ts';
import { type Built, readBuilt } from './static.ts';

const folder = mkdtempSync(join(tmpdir(), 'signalbox-built-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, 'secret.txt'), 'not for anybody');
const built = readBuilt(layBuilt(folder));

const asked = (headers: Record<string, string> = {}): Request => new Request('http://box/', { headers });
const page = asked({ accept: 'text/html,application/xhtml+xml' });
const ASSET = 'files/index-3fK9aQ2x.js';

async function got(answer: Promise<Response | null>): Promise<Response> {
  const response = await answer;
  if (response === null) throw new Error('there was nothing');
  return response;
}

describe('a file', () => {
  it('with a hash in its name is kept for ever, others are asked for again', async () => {
    const cache = async (path: string): Promise<string | null> =>
      (await got(built.console(path, asked()))).headers.get('cache-control');
    expect(await cache(ASSET)).toBe('public, max-age=31536000, immutable');
    expect(await cache('favicon.svg')).toBe('no-cache');
  });

  it('is compressed for whoever takes it, each form with a tag of its own', async () => {
    const forms: [string, string | null, (bytes: Buffer) => Buffer][] = [
      ['gzip, deflate, br', 'br', brotliDecompressSync],
      ['gzip', 'gzip', gunzipSync],
      ['br;q=0, gzip', 'gzip', gunzipSync],
      ['identity', null, (bytes) => bytes],
    ];
    const tags = new Set<string>();
    for (const [taken, encoding, unpack] of forms) {
      const answer = await got(built.console(ASSET, asked({ 'accept-encoding': taken })));
      expect([taken, answer.headers.get('content-encoding')]).toEqual([taken, encoding]);
      expect(answer.headers.get('vary')).toBe('Accept-Encoding');
      const bytes = Buffer.from(await answer.arrayBuffer());
      expect(answer.headers.get('content-length')).toBe(String(bytes.length));
      expect(unpack(bytes).toString()).toBe(SCRIPT);
      tags.add(answer.headers.get('etag') ?? '');
    }
    expect(tags.size).toBe(3);
  });

  it('keeps nobody waiting for somebody’s endless header', async () => {
    const begin = performance.now();
    await got(built.console(ASSET, asked({ 'accept-encoding': 'a-'.repeat(7_900) })));
    expect(performance.now() - begin).toBeLessThan(100);
  });

  it('that is known is not sent again', async () => {
    const etag = (await got(built.console(ASSET, asked()))).headers.get('etag') ?? '';
    const again = await got(built.console(ASSET, asked({ 'if-none-match': `"old", W/${etag}` })));
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  it('is what it says, to a browser that would rather guess', async () => {
    const { headers } = await got(built.console(ASSET, asked()));
    expect(headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
  });

  it.each(['../../secret.txt', '..%2f..%2fsecret.txt', 'files/../../../secret.txt', 'files', '', 'toString'])(
    'is not found by %s',
    async (path) => {
      expect(await built.console(path, asked())).toBeNull();
      expect(await built.widget(path, asked())).toBeNull();
    },
  );
});

describe('the page', () => {
  it('is answered to any address of a screen, with a nonce that is used once', async () => {
    const nonces = new Set<string>();
    for (const path of ['', 'index.html', 'threads/thr_1', 'sign-in']) {
      const answer = await got(built.console(path, page));
      const nonce = /'nonce-([A-Za-z0-9+/]+)'/.exec(answer.headers.get('content-security-policy') ?? '')?.[1] ?? '';
      expect(await answer.text()).toBe(PAGE.replace('__NONCE__', nonce));
      expect(answer.headers.get('cache-control')).toBe('no-store');
      nonces.add(nonce);
    }
    expect(nonces.size).toBe(4);
  });

  it('is no answer to a script that is gone, nor to who asked for no page', async () => {
    expect(await built.console('files/index-gone0000.js', page)).toBeNull();
    expect(await built.console('threads/thr_1', asked({ accept: 'application/json' }))).toBeNull();
  });

  it('is missing where nothing was built', async () => {
    const empty: Built = readBuilt(join(folder, 'nowhere'));
    expect(empty.hasConsole).toBe(false);
    expect(await empty.console('', page)).toBeNull();
  });
});

describe('the web chat', () => {
  it('may be loaded by any page: its loader for five minutes, the rest for ever', async () => {
    const rows = { 'widget.js': 'public, max-age=300', 'chat-0123456789.js': 'public, max-age=31536000, immutable' };
    for (const [name, cache] of Object.entries(rows)) {
      const { headers } = await got(built.widget(name, asked()));
      expect([name, headers.get('cache-control')]).toEqual([name, cache]);
      expect(headers.get('access-control-allow-origin')).toBe('*');
      expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    }
  });
});
