// The only way in: one node:http server that leads hooks to the hot road and all else to the framework.
// Not here: what is answered. The one thing to know: every limit on time and size of a request stands here, because a
// peer that is slow on purpose must cost nothing.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { problemResponse, sendProblem } from './answers.ts';
import { createApp } from './app.ts';
import { createConnections } from './connections.ts';
import { createDirectLineServer, DIRECT_LINE } from './directline/server.ts';
import { Arrival, createSockets } from './directline/sockets.ts';
import { createDoor } from './door.ts';
import { createFeed } from './feed.ts';
import { CALLER_GONE, createHooks, HOOKS } from './hooks.ts';
import { createDoorkeeper } from './keys.ts';
import { firstLink } from './links.ts';
import { createMediaServer, MEDIA } from './media.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import type { Http, HttpParts, Site } from './parts.ts';
import { createPresence } from './presence.ts';
import { PROBLEMS, type ProblemCode, problemDocument, refuse } from './problems.ts';
import { requestIdOf, type Seen } from './request.ts';
import { createSeries } from './series.ts';
import { createSessions } from './sessions.ts';
import { channelSignal, presenceSignal } from './signals.ts';
import { createWebchatServer, WEBCHAT } from './webchat/server.ts';

/** The whole request, head and body, must be here by then: a slow sender holds a connection no longer. */
const REQUEST_MS = 10_000;
/** 10 MiB at a megabit a second. */
const UPLOAD_MS = 100_000;
/** How often Node looks for requests over their time. */
const CHECK_MS = 1_000;
/** Longer than the 60 s after which most load balancers drop an idle connection, so that it is them who close it. */
const KEEP_ALIVE_MS = 65_000;
/** Neither side said anything for so long: a stream sends a heartbeat every 15 s, a verification takes 5 s. */
const SILENCE_MS = 70_000;
const HEADER_BYTES_MAX = 16 * 1024;
const CONNECTIONS_MAX = 10_000;
/** How often a closing server looks for connections that have become idle. */
const CLOSING_LOOK_MS = 25;

export function createHttp(parts: HttpParts): Http {
  let base = parts.settings.publicUrl ?? '';
  const site: Site = { ...parts, publicUrl: () => base };
  const feed = createFeed(parts);
  const presence = createPresence(parts.directory, parts.clock);
  presence.onChange((deskId) => feed.signal(presenceSignal(deskId)));
  const connections = createConnections(site, (assetId) => feed.signal(channelSignal(assetId)));
  const metrics = createMetrics(parts, feed.readers);
  const series = createSeries(parts);
  const sessions = createSessions(site);
  const keys = createDoorkeeper(parts.directory, parts.settings.apiKey, parts.clock);
  const door = createDoor(keys, sessions, site.publicUrl);
  const app = createApp(site, { door, sessions, feed, presence, connections, metrics, series });
  const hooks = createHooks(site, connections);
  const noted = noting(parts, metrics);
  const beside = withoutFramework(site);

  const arrivals = new WeakMap<IncomingMessage, { requestId: string; seen: Seen }>();
  const framework = getRequestListener(
    (request, bindings) => {
      const { incoming, outgoing } = bindings as { incoming: IncomingMessage; outgoing: ServerResponse };
      return app.fetch(request, { incoming, outgoing, ...arrivals.get(incoming) });
    },
    {
      overrideGlobalObjects: false,
      // HTTP/1.0 needs no Host, and a load balancer's probe has none.
      hostname: 'localhost',
      errorHandler: () => problemResponse(refuse('bad_request'), '', site.publicUrl()),
    },
  );

  const options = {
    IncomingMessage: Arrival,
    connectionsCheckingInterval: CHECK_MS,
    headersTimeout: REQUEST_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: HEADER_BYTES_MAX,
    // Node's own refusal is no problem document; ours follows below.
    requireHostHeader: false,
    // A file from a telephone takes its time; other bodies have ten seconds (request.ts).
    requestTimeout: UPLOAD_MS,
  };
  const server = createServer(options, (incoming, outgoing) => {
    const begin = performance.now();
    const requestId = requestIdOf(incoming, parts.newId);
    const seen: Seen = { requestId, route: 'unmatched', code: null };
    const note = (status: number): void => noted(incoming.method, seen, status, performance.now() - begin);
    const named = incoming.headers.host !== undefined || incoming.httpVersion === '1.0';
    if (named && incoming.url?.startsWith(HOOKS)) {
      void hooks(incoming, outgoing, seen).then(note);
      return;
    }
    outgoing.setHeader('x-request-id', requestId);
    outgoing.once('close', () => note(outgoing.headersSent ? outgoing.statusCode : CALLER_GONE));
    if (!named || !isSound(incoming)) {
      const refusal = refuse('bad_request', 'The Host header or the target is malformed.');
      sendProblem(outgoing, refusal, site.publicUrl(), requestId);
    } else if (!serveBeside(beside, incoming, outgoing, seen)) {
      arrivals.set(incoming, { requestId, seen });
      void framework(incoming, outgoing);
    }
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.timeout = SILENCE_MS;
  const sockets = createSockets(site);
  server.on('upgrade', sockets.upgrade);
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => answerRaw(site, error, socket));

  return {
    async listen() {
      const url = await listening(server, parts.settings);
      if (base === '') base = url;
      return { url };
    },
    wayIn: () => firstLink(site),
    async close(graceMs) {
      feed.stop();
      site.webchat.stop();
      sockets.stop();
      presence.stop();
      series.stop();
      await closed(server, graceMs);
    },
  };
}

const withoutFramework = (site: Site): Beside[] => [
  [WEBCHAT, createWebchatServer(site, site.webchat)],
  [`${DIRECT_LINE}/`, createDirectLineServer(site)],
  [MEDIA, createMediaServer(site)],
  ...demoShop(site),
];

/** No row in the access table: it is a site of the demo's, not a route of ours, and `start` has none. */
function demoShop({ demo }: HttpParts): Beside[] {
  if (demo === null) return [];
  const serve: Beside[1] = (incoming, outgoing, seen) => {
    seen.route = 'demo';
    return demo.serve(incoming, outgoing);
  };
  return [['/demo/', serve]];
}

type Beside = [path: string, serve: (incoming: IncomingMessage, outgoing: ServerResponse, seen: Seen) => Promise<void>];

/** What is served without the framework, by the beginning of its path. */
function serveBeside(beside: Beside[], incoming: IncomingMessage, outgoing: ServerResponse, seen: Seen): boolean {
  const server = beside.find(([beginning]) => incoming.url?.startsWith(beginning))?.[1];
  if (server === undefined) return false;
  void server(incoming, outgoing, seen);
  return true;
}

/** What the framework can take: a path or a whole address, for a host that is one. */
function isSound({ url = '', headers: { host = 'localhost' } }: IncomingMessage): boolean {
  const target = /^(\/|https?:\/\/)[^?\\]*(\?|$)/i.test(url);
  return target && !/[/?#@\\]/.test(host) && URL.canParse(url, `http://${host}`);
}

/** One line in the log and one count in the metrics for each answer; never the path, which may hold a token. */
function noting({ log }: HttpParts, metrics: Metrics) {
  return (method: string | undefined, seen: Seen, status: number, ms: number): void => {
    const { requestId, route, code } = seen;
    metrics.observe(route, status, ms / 1000);
    if (code !== null) metrics.refused(code);
    log.debug({ request_id: requestId, method, route, status, code, ms: Math.round(ms) }, 'request');
  };
}

function listening(server: Server, { port, host }: HttpParts['settings']): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, () => {
      server.off('error', reject);
      const { address, port: taken, family } = server.address() as AddressInfo;
      // Nobody can call a wildcard address; from this machine, loopback reaches it.
      const wildcard = address === '0.0.0.0' || address === '::';
      const shown = wildcard ? '127.0.0.1' : family === 'IPv6' ? `[${address}]` : address;
      resolve(`http://${shown}:${taken}`);
    });
  });
}

/** Takes no new connections, closes each as its request ends, and all that are left when the time is over. */
function closed(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    if (!server.listening) {
      resolve();
      return;
    }
    const idle = setInterval(() => server.closeIdleConnections(), CLOSING_LOOK_MS);
    const end = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearInterval(idle);
      clearTimeout(end);
      resolve();
    });
    server.closeIdleConnections();
  });
}

const RAW_CODES: Readonly<Record<string, ProblemCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
  HPE_HEADER_OVERFLOW: 'headers_too_large',
};

/** A problem for what was no request, or not in time: there is no response to write to, only the connection. */
function answerRaw(site: Site, error: NodeJS.ErrnoException, socket: Socket & { _httpMessage?: ServerResponse }): void {
  if (error.code === 'ECONNRESET' || !socket.writable || socket._httpMessage?.headersSent) {
    socket.destroy();
    return;
  }
  const code = RAW_CODES[error.code ?? ''] ?? 'bad_request';
  const requestId = site.newId('req');
  const body = JSON.stringify(problemDocument(refuse(code), requestId, site.publicUrl()));
  const head = [
    `HTTP/1.1 ${PROBLEMS[code].status} ${PROBLEMS[code].title}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
