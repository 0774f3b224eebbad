// What the demo parties share: a small web server in a process of its own, told by its parent where Signalbox is.
// Not here: what a bot or a desk says.
// The one thing to know: a party knows nothing of Signalbox but its wires; it could run anywhere, in any language.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { verify } from '../net/signature.ts';

/** The demo speaks of short texts. */
const BODY_BYTES_MAX = 512 * 1024;
const CALL_TIMEOUT_MS = 5_000;
/** A busy or restarting Signalbox is asked again; everything we send carries an idempotency id. */
const CALL_PAUSES_MS = [0, 300, 1_000, 3_000];
const SEEN_MAX = 2_000;

export type PartyRequest = { path: string; query: URLSearchParams; headers: IncomingMessage['headers']; body: Buffer };
export type PartyAnswer = { status: number; body?: unknown };
export type Handler<Config> = (request: PartyRequest, config: Config, signal: AbortSignal) => Promise<PartyAnswer>;

/** Parent → party. What a party must know is `config`; it may come again when something changed. */
export type ConfigureMessage<Config> = { cmd: 'configure'; config: Config };
/** Party → parent. */
export type ListeningMessage = { listening: number };

/**
 * Serves on 127.0.0.1 at the port of argv (0: any; another one when it is taken) and tells the parent the port.
 * Ends when the parent goes or asks.
 */
export function runParty<Config>(handler: Handler<Config>): void {
  let config: Config | null = null;
  const server = createServer((request, response) => {
    void answer(request, response, config, handler);
  });
  process.on('message', (message: ConfigureMessage<Config>) => {
    if (message.cmd === 'configure') config = message.config;
  });
  process.on('disconnect', () => process.exit(0));
  process.on('SIGTERM', () => process.exit(0));
  process.on('SIGINT', () => {}); // the terminal sends it to the whole group; the parent decides when we end

  server.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE') server.listen(0, '127.0.0.1');
    else throw error;
  });
  server.on('listening', () => {
    process.send?.({ listening: (server.address() as AddressInfo).port } satisfies ListeningMessage);
  });
  server.listen(Number(process.argv[2] ?? 0), '127.0.0.1');
}

async function answer<Config>(
  request: IncomingMessage,
  response: ServerResponse,
  config: Config | null,
  handler: Handler<Config>,
): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  let reply: PartyAnswer;
  try {
    const body = await readBody(request);
    const url = new URL(request.url ?? '/', 'http://party');
    if (config === null) reply = { status: 503, body: { detail: 'not configured yet' } };
    else if (body === null) reply = { status: 413 };
    else {
      const asked = { path: url.pathname, query: url.searchParams, headers: request.headers, body };
      reply = await handler(asked, config, gone.signal);
    }
  } catch (error) {
    console.error(`demo: ${String((error as Error).message)}`);
    reply = { status: 500 };
  }
  if (response.destroyed) return;
  response.writeHead(reply.status, { 'content-type': 'application/json' });
  response.end(reply.body === undefined ? '' : JSON.stringify(reply.body));
}

async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_BYTES_MAX) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Whether a request carries a good Standard Webhooks signature. */
export function signed(request: PartyRequest, secret: string): boolean {
  return verify({ headers: request.headers, body: request.body, secrets: [secret], now: Date.now() }).ok;
}

/** JSON of a body, or null. */
export function parse(body: Buffer): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** POSTs JSON to Signalbox, again if it was busy. Resolves to the status, 0 when nothing could be reached. */
export async function post(url: string, body: unknown, bearer?: string): Promise<number> {
  let status = 0;
  for (const pause of CALL_PAUSES_MS) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    try {
      const headers: Record<string, string> = { 'content-type': 'application/json' };
      if (bearer !== undefined) headers.authorization = `Bearer ${bearer}`;
      const signal = AbortSignal.timeout(CALL_TIMEOUT_MS);
      const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal });
      status = response.status;
      const text = await response.text();
      if (status >= 400) console.error(`demo: Signalbox answered ${status}: ${text.slice(0, 300)}`);
      if (status < 500 && status !== 429) return status;
    } catch {
      status = 0;
    }
  }
  return status;
}

/** Remembers ids that were dealt with; the oldest are forgotten. */
export function seenBook(): (id: string) => boolean {
  const seen = new Set<string>();
  return (id) => {
    if (seen.has(id)) return true;
    seen.add(id);
    if (seen.size > SEEN_MAX) seen.delete(seen.values().next().value as string);
    return false;
  };
}

/** The first value of a header. */
export const header = (request: PartyRequest, name: string): string => String(request.headers[name] ?? '');
