// The server's own manners: request ids, problems, limits on size and time, health, and how it closes.
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, openHouse } from './fixtures/house.ts';
import { PROBLEMS } from './problems.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

/** Sends bytes as they are and gives what comes back until the server closes. */
function raw(lines: string, stay = false): Promise<string> {
  const { hostname, port } = new URL(house.url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.write(lines));
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
      if (!stay && text.includes('\r\n\r\n')) socket.end();
    });
    socket.on('error', () => resolve(text));
    socket.on('close', () => resolve(text));
  });
}

describe('every answer', () => {
  it('carries a request id, and keeps a sane one', async () => {
    const made = (await house.call('GET', '/')).headers.get('x-request-id');
    expect(made).toMatch(/^req_/);
    for (const path of ['/api/v1/bots', '/hooks/bots/none', '/nowhere', '/health/live']) {
      const answer = await house.call('GET', path, { headers: { 'x-request-id': 'trace-1234567890' } });
      expect(answer.headers.get('x-request-id')).toBe('trace-1234567890');
    }
    for (const insane of ['a b c d e f g', 'x'.repeat(200), 'short', '"><script>']) {
      const answer = await house.call('GET', '/', { headers: { 'x-request-id': insane } });
      expect(answer.headers.get('x-request-id')).toMatch(/^req_/);
    }
  });

  it('that refuses is a problem with a page that explains it', async () => {
    const answer = await house.call('GET', '/nowhere', { headers: { 'x-request-id': 'trace-1234567890' } });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.body).toEqual({
      type: `${house.url}/problems/not_found`,
      title: PROBLEMS.not_found.title,
      status: 404,
      detail: 'There is nothing at this address.',
      code: 'not_found',
      request_id: 'trace-1234567890',
    });
    expect((await fetch(answer.body.type)).status).toBe(200);
  });

  it.each([
    ['without a Host', 'GET / HTTP/1.1\r\n\r\n'],
    ['to a hook without a Host', 'POST /hooks/bots/x HTTP/1.1\r\ncontent-length: 0\r\n\r\n'],
    ['with a Host that is none', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n'],
    ['to no path', 'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['with a backslash in its path', 'GET /a\\b HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['that is no HTTP', 'HELLO\r\n\r\n'],
  ])('to a request %s is a problem, with the id that is in its header', async (_what, lines) => {
    const [head = '', body = ''] = (await raw(lines.replace('\r\n', '\r\nconnection: close\r\n'), true)).split(
      '\r\n\r\n',
    );
    expect(head).toMatch(/^HTTP\/1.1 400 /);
    expect(head).toMatch(/^content-type: application\/problem\+json\r?$/m);
    const id = /^x-request-id: (req_\w+)\r?$/m.exec(head)?.[1];
    expect(JSON.parse(body)).toMatchObject({ code: 'bad_request', request_id: id });
  });

  it('is given to a load balancer that speaks HTTP/1.0 and names no host', async () => {
    expect(await raw('GET /health/live HTTP/1.0\r\n\r\n', true)).toMatch(/^HTTP\/1.1 200 /);
  });

  it('names the methods of a path that exists', async () => {
    const answer = await house.call('POST', '/docs', { body: {} });
    expect([answer.status, answer.headers.get('allow'), answer.body.code]).toEqual([
      405,
      'GET, HEAD',
      'method_not_allowed',
    ]);
    const put = await house.call('PUT', '/api/v1/bots', { body: {} });
    expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, POST, HEAD']);
    expect((await house.call('OPTIONS', '/api/v1/bots/x')).headers.get('allow')).toBe('GET, PATCH, DELETE, HEAD');
    expect((await house.call('HEAD', '/docs')).status).toBe(200);
  });
});

describe('every error code', () => {
  it('has a page', async () => {
    for (const code of Object.keys(PROBLEMS)) {
      const answer = await house.call('GET', `/problems/${code}`);
      expect([code, answer.status]).toEqual([code, 200]);
      expect(answer.text).toContain(code);
    }
    expect((await house.call('GET', '/problems/none')).status).toBe(404);
    expect((await house.call('GET', '/problems/__proto__')).status).toBe(404);
  });
});

describe('what is not well-formed', () => {
  it('HTTP is 400, with a problem', async () => {
    const text = await raw('GET / HTTP/1.1\r\nbad header\r\n\r\n');
    expect(text).toMatch(/^HTTP\/1.1 400 /);
    expect(text).toMatch(/x-request-id: req_/);
    expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n')))).toMatchObject({ code: 'bad_request', status: 400 });
  });

  it('headers beyond 16 KiB are 431', async () => {
    const text = await raw(`GET / HTTP/1.1\r\nhost: x\r\nx-long: ${'a'.repeat(20_000)}\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1.1 431 /);
    expect(text).toContain('headers_too_large');
  });

  it('a host that is none does no harm', async () => {
    const text = await raw('GET / HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n');
    expect(text).toMatch(/^HTTP\/1.1 400 /);
    expect(text).toMatch(/"request_id":"req_/);
  });
});

describe('a slow sender', () => {
  it('is told 408 after ten seconds, on hooks as elsewhere', async () => {
    const head = 'content-type: application/json\r\ncontent-length: 100\r\nhost: x\r\n\r\n{';
    const asset = { name: 'Page', channel: 'http', config: { url: `${house.peer.url}/out` } };
    const { id } = (await house.api('POST', '/assets', { body: asset })).body;
    const started = Date.now();
    const texts = await Promise.all([
      raw(`POST /hooks/channels/${id} HTTP/1.1\r\n${head}`, true),
      raw(`POST /api/v1/bots HTTP/1.1\r\nauthorization: Bearer a-settings-key-for-tests\r\n${head}`, true),
      raw(`GET /slow HTTP/1.1\r\nhost: x\r\nx-never: `, true),
    ]);
    for (const text of texts) expect(text).toMatch(/^HTTP\/1.1 408 [\s\S]*request_timeout/);
    expect(Date.now() - started).toBeGreaterThan(9_000);
    expect(Date.now() - started).toBeLessThan(14_000);
  }, 20_000);
});

describe('health', () => {
  it('is alive at once, and ready when the engine is', async () => {
    expect((await house.call('GET', '/health/ready', { key: null })).status).toBe(200);
    house.setReady(false);
    try {
      expect((await house.call('GET', '/health/live', { key: null })).status).toBe(200);
      for (const path of ['/health/ready', '/health']) {
        const answer = await house.call('GET', path, { key: null });
        expect([answer.status, answer.body, answer.headers.get('retry-after')]).toEqual([503, { ready: false }, '1']);
      }
      const refused = await house.call('GET', '/api/v1/bots');
      expect([refused.status, refused.body.code, refused.headers.get('retry-after')]).toEqual([503, 'starting', '2']);
      expect((await house.call('POST', '/hooks/bots/x', { body: {} })).status).toBe(503);
    } finally {
      house.setReady(true);
    }
  });
});

describe('metrics', () => {
  it('tell what is owed and what was asked, with no id and no token', async () => {
    await house.call('POST', '/hooks/bots/secret-token-in-path', { body: {} });
    await house.call('GET', '/api/v1/bots/bot_stranger');
    const { text, headers } = await house.call('GET', '/metrics', { key: null });
    expect(headers.get('content-type')).toContain('text/plain');
    expect(text).toContain('signalbox_limbo{kind="unrouted"} 0');
    expect(text).toContain('signalbox_deliveries{status="dead"} 0');
    expect(text).toMatch(/signalbox_http_requests_total\{route="POST \/hooks\/bots\/\{token\}",status="4xx"\} \d/);
    expect(text).toMatch(/signalbox_http_refusals_total\{code="not_found"\} \d/);
    expect(text).toContain('signalbox_store_up 1');
    expect(text).not.toMatch(/secret-token|bot_stranger/);
    expect(house.logged()).not.toMatch(/secret-token/);
  });
});

describe('closing', () => {
  it('finishes what is in flight and takes nothing more', async () => {
    const other = await openHouse();
    const { hostname, port } = new URL(other.url);
    const slow = request({ hostname, port, method: 'POST', path: '/api/v1/services', headers: JSON_HEADERS });
    const answered = new Promise<number>((resolve, reject) => {
      slow.on('response', (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
      });
      slow.on('error', reject);
    });
    slow.write('{"name":');
    await new Promise((resolve) => setTimeout(resolve, 50));
    const closing = other.http.close(3_000);
    await expect(fetch(`${other.url}/`)).rejects.toThrow();
    slow.end('"late but in time"}');
    expect(await answered).toBe(201);
    const began = Date.now();
    await closing;
    expect(Date.now() - began).toBeLessThan(1_000);
    await other.close();
  });

  it('ends streams and cuts off what is not over in time', async () => {
    const other = await openHouse();
    const stream = await fetch(`${other.url}/api/v1/events`, {
      headers: { authorization: JSON_HEADERS.authorization, accept: 'text/event-stream' },
    });
    const { hostname, port } = new URL(other.url);
    const stuck = request({ hostname, port, method: 'POST', path: '/api/v1/services', headers: JSON_HEADERS });
    stuck.on('error', () => undefined);
    stuck.write('{');
    await new Promise((resolve) => setTimeout(resolve, 50));
    const began = Date.now();
    await other.http.close(300);
    expect(Date.now() - began).toBeLessThan(1_000);
    expect(await stream.text()).toContain('retry:');
    await other.close();
  });
});

const JSON_HEADERS = { authorization: 'Bearer a-settings-key-for-tests', 'content-type': 'application/json' };
