// A tiny real HTTP server that writes down every POST and answers as it is told to: the ground of channel, bot, desk.
// Not here: what the bodies mean. The one thing to know: `reply` may be exchanged at any time, also for a faulty one.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { flat, type Loose, parsed, sleep } from './call.ts';
import { faultOf } from './signature.ts';

export type Post = {
  /** real time of arrival, ms since 1970 */
  at: number;
  method: string;
  path: string;
  headers: Record<string, string>;
  raw: string;
  body: Loose;
  /** '' or what is wrong with its signature */
  signatureFault: string;
};

/** `hang`: never answers. `reset`: the connection breaks after the request was read. `drip`: a body without an end. */
export type Reply = {
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
  delayMs?: number;
  fault?: 'hang' | 'reset' | 'drip';
};

export type Listener = {
  url: string;
  port: number;
  posts: Post[];
  /** connections ever taken */
  connections: number;
  /** any of these may have signed what comes in; none: signatures are not looked at */
  secrets: string[];
  /** the time that signatures are judged by: the program's, which tests move */
  clock: () => number;
  reply: (post: Post) => Reply | Promise<Reply>;
  /** from now on connections are refused, as with a machine that is down */
  down(): Promise<void>;
  up(): Promise<void>;
};

const DRIP_EVERY_MS = 400;

/** Without repeated tries: of each `webhook-id` the first that arrived. */
export function firstTries(posts: Post[]): Post[] {
  const seen = new Set<string>();
  return posts.filter((post) => {
    const key = post.headers['webhook-id'] ?? '';
    return !seen.has(key) && seen.add(key);
  });
}

async function bytesOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

async function drip(response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json' });
  while (!response.destroyed) {
    response.write(' ');
    await sleep(DRIP_EVERY_MS);
  }
}

async function answer(response: ServerResponse, reply: Reply): Promise<void> {
  if (reply.delayMs) await sleep(reply.delayMs);
  if (reply.fault === 'hang') return;
  if (reply.fault === 'reset') return void response.destroy();
  if (reply.fault === 'drip') return drip(response);
  const plain = typeof reply.body === 'string' || Buffer.isBuffer(reply.body);
  const text = plain ? reply.body : JSON.stringify(reply.body ?? {});
  const type = plain ? 'text/plain' : 'application/json';
  response.writeHead(reply.status ?? 200, { 'content-type': type, ...reply.headers });
  response.end(text);
}

export async function listen(): Promise<Listener> {
  const sockets = new Set<Socket>();
  const server = createServer(async (request, response) => {
    try {
      const raw = await bytesOf(request);
      const headers = flat(request.headers);
      const faults = listener.secrets.map((secret) => faultOf(secret, headers, raw, listener.clock()));
      const post: Post = {
        at: Date.now(),
        method: request.method ?? '',
        path: request.url ?? '/',
        headers,
        raw,
        body: parsed(raw),
        signatureFault: faults.includes('') ? '' : (faults[0] ?? ''),
      };
      listener.posts.push(post);
      await answer(response, await listener.reply(post));
    } catch {
      response.destroy();
    }
  });
  server.on('connection', (socket) => {
    listener.connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });
  const open = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => resolve());
    });
  const listener: Listener = {
    url: '',
    port: 0,
    posts: [],
    connections: 0,
    secrets: [],
    clock: Date.now,
    reply: () => ({}),
    down: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
    up: () => open(listener.port),
  };
  await open(0);
  listener.port = (server.address() as AddressInfo).port;
  listener.url = `http://127.0.0.1:${listener.port}`;
  server.unref();
  return listener;
}
