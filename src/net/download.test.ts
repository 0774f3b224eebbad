// Files through the way out: what is asked, how far redirects are followed, and what ends a download.
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Download, Downloaded, WayOut } from './client.ts';
import { wayOutTo } from './fixtures/way-out.ts';

const MAX = 1_000_000;
let wayOut: WayOut;
const servers: Server[] = [];

beforeEach(() => {
  wayOut = wayOutTo();
});
afterEach(async () => {
  await wayOut.close();
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function serving(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const get = (url: string, change: Partial<Download> = {}): Promise<Downloaded> =>
  wayOut.download({ url, key: 'k', headers: {}, bytesMax: MAX, bodyMs: 5_000, ...change });

async function whole(answer: Downloaded): Promise<Buffer> {
  if (!answer.ok) throw new Error(answer.detail);
  return buffer(answer.body);
}

describe('a download', () => {
  it('is a GET with the headers that were given, and gives the file as it is', async () => {
    const file = Buffer.alloc(600_000, 'abc');
    const seen: unknown[] = [];
    const url = await serving((request, response) => {
      seen.push([request.method, request.url, request.headers.authorization, request.headers['content-length']]);
      response.writeHead(200, { 'content-type': 'image/png' }).end(file);
    });
    const answer = await get(`${url}/a?b=c`, { headers: { authorization: 'Bearer t' } });
    expect(answer).toMatchObject({ ok: true, status: 200, headers: { 'content-type': 'image/png' } });
    expect(await whole(answer)).toEqual(file);
    expect(seen).toEqual([['GET', '/a?b=c', 'Bearer t', undefined]]);
  });

  it('waits for whoever reads it, and uses the connection again', async () => {
    let connections = 0;
    const url = await serving((_request, response) => {
      response.end(Buffer.alloc(900_000));
    });
    servers[0]?.on('connection', () => {
      connections += 1;
    });
    for (let n = 0; n < 3; n += 1) {
      const answer = await get(url);
      if (!answer.ok) throw new Error(answer.detail);
      let bytes = 0;
      for await (const chunk of answer.body) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        bytes += (chunk as Buffer).length;
      }
      expect(bytes).toBe(900_000);
    }
    expect(connections).toBe(1);
  });

  it('follows a redirect, and takes the headers along only to the same origin', async () => {
    const seen: (string | undefined)[] = [];
    const other = await serving((request, response) => {
      seen.push(request.headers.authorization);
      response.end('there');
    });
    const url = await serving((request, response) => {
      seen.push(request.headers.authorization);
      const location = request.url === '/one' ? '/two' : `${other}/three`;
      response.writeHead(307, { location }).end('elsewhere');
    });
    const answer = await get(`${url}/one`, { headers: { authorization: 'Bearer t' } });
    expect((await whole(answer)).toString()).toBe('there');
    expect(seen).toEqual(['Bearer t', 'Bearer t', undefined]);
  });

  it('follows no more than three, and none without an address', async () => {
    let asked = 0;
    const url = await serving((request, response) => {
      asked += 1;
      response.writeHead(302, request.url === '/none' ? {} : { location: '/again' }).end();
    });
    expect(await get(`${url}/first`)).toMatchObject({ ok: false, reason: 'bad_answer' });
    expect(asked).toBe(4);
    expect(await get(`${url}/none`)).toMatchObject({ ok: false, reason: 'bad_answer' });
  });

  it.each([
    'http://10.0.0.1/x',
    'http://[::1]:9/x',
    'http://169.254.169.254/latest',
    'ftp://127.0.0.1/x',
    'file:///etc',
  ])('is not led to %s', async (location) => {
    const url = await serving((_request, response) => {
      response.writeHead(302, { location }).end();
    });
    wayOut = wayOutTo({ allow: '127.0.0.1/32' });
    const answer = await get(url);
    expect(answer.ok).toBe(false);
    expect(['forbidden_address', 'bad_url']).toContain(answer.ok || answer.reason);
  });

  it('ends at its limit, said or not', async () => {
    const url = await serving((request, response) => {
      if (request.url === '/said') response.writeHead(200, { 'content-length': MAX + 1 });
      response.write(Buffer.alloc(MAX));
      response.end('x');
    });
    expect(await get(`${url}/said`)).toMatchObject({ ok: false, reason: 'too_large' });
    await expect(whole(await get(`${url}/unsaid`))).rejects.toMatchObject({ reason: 'too_large' });
  });

  it('ends when nothing comes, before its head and after it', async () => {
    const url = await serving((request, response) => {
      if (request.url === '/stuck') response.writeHead(200).write('begun');
    });
    expect(await get(`${url}/silent`, { headMs: 50 })).toMatchObject({ ok: false, reason: 'timeout' });
    await expect(whole(await get(`${url}/stuck`, { bodyMs: 50 }))).rejects.toMatchObject({ reason: 'timeout' });
  });

  it('ends when the other side breaks off in the middle', async () => {
    const url = await serving((_request, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('half');
      setTimeout(() => response.destroy(), 20);
    });
    await expect(whole(await get(url))).rejects.toThrow();
  });

  it('is broken off when its reader has had enough', async () => {
    let gone = false;
    const url = await serving((_request, response) => {
      response.once('close', () => {
        gone = true;
      });
      response.writeHead(200).write('begun');
    });
    const answer = await get(url);
    if (!answer.ok) throw new Error(answer.detail);
    answer.body.destroy();
    await expect.poll(() => gone).toBe(true);
  });

  it('is refused when the way out is closed', async () => {
    await wayOut.close();
    expect(await get('http://127.0.0.1:1/')).toMatchObject({ ok: false, reason: 'shutdown' });
    wayOut = wayOutTo();
  });
});
