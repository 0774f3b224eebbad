// GET /v3/directline/conversations/{id}/stream: a conversation's activities over a WebSocket.
// Not here: what is in them (src/channels/webchat/directline). The one thing to know: the next part is read when the last
// one has left; who neither reads nor answers a ping is let go, and comes back with its watermark. A ping follows what was
// sent, and its answer proves that all before it arrived.
import { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Id } from '../../routing/model.ts';
import { addressOf, sentFrom } from '../origin.ts';
import type { DirectLine, Site } from '../parts.ts';
import { pathOf } from '../request.ts';
import { createPlaces, createRates, OF_CALLER, OF_CUSTOMER, STREAMS_OF_CALLER_MAX } from '../webchat/rates.ts';
import { type Refusal, refuse, tooMany, written } from './errors.ts';
import { DIRECT_LINE } from './server.ts';

const PATH = new RegExp(`^${DIRECT_LINE}/conversations/([\\w-]{1,64})/stream$`);
/** Proxies drop a connection on which nothing was said for 30 to 60 s. */
const HEARTBEAT_MS = 15_000;
/** A reader that has not taken a part in this time is gone, or means harm. */
const DRAIN_MS = 30_000;
/** Who has not answered a ping for so long is gone. */
const SILENCE_MS = 45_000;
/** Clients send nothing but an empty word now and then. */
const WORD_BYTES_MAX = 4 * 1024;
const WORDS_PER_HEARTBEAT = 100;
/** What a closing server gives its readers to say goodbye. */
const GOODBYE_MS = 250;
/** Codes of closing (RFC 6455): come back, and do not. */
const CODES = { restart: 1012, replaced: 1008, gone: 1008 } as const;

type Source = NonNullable<ReturnType<DirectLine['stream']>>;

/**
 * A request that asks for another protocol than ours is an ordinary request (RFC 9110: Upgrade may be ignored). Node asks
 * this property, and hands over the connection if it holds.
 */
export class Arrival extends IncomingMessage {
  declare private wanted: boolean | null;
  get upgrade(): boolean {
    if (this.method === 'CONNECT') return this.wanted === true;
    const protocol = this.headers?.upgrade ?? '';
    return this.wanted === true && /^websocket$/i.test(protocol) && (this.url ?? '').startsWith(`${DIRECT_LINE}/`);
  }
  set upgrade(wanted: boolean | null) {
    this.wanted = wanted;
  }
}

export type Sockets = {
  upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** ends what is open */
  stop(): void;
};

export function createSockets(site: Site): Sockets {
  const server = new WebSocketServer({ noServer: true, maxPayload: WORD_BYTES_MAX, perMessageDeflate: false });
  const rates = createRates(site.clock);
  const places = createPlaces(STREAMS_OF_CALLER_MAX);
  return {
    upgrade(incoming, socket, head) {
      socket.on('error', () => socket.destroy());
      const refused = (refusal: Refusal): void => writeRefusal(socket, refusal);
      admitted(site, rates, incoming).then(
        (found) => {
          if ('code' in found) return refused(found);
          const leave = places.enter(addressOf(incoming));
          // Also of a handshake that comes to nothing: then there is no WebSocket that could end the stream.
          const over = (): void => {
            found.source.close();
            leave?.();
          };
          if (socket.destroyed) return over();
          socket.once('close', over);
          if (leave === null) return refused(tooMany(HEARTBEAT_MS / 1000));
          server.handleUpgrade(incoming, socket, head, (ws) => void run(site, ws, found));
        },
        (error: unknown) => {
          site.log.error({ err: error }, 'a stream could not be opened');
          refused(refuse('ServerError', 'Something went wrong on our side. Try again.'));
        },
      );
    },
    stop() {
      for (const ws of server.clients) ws.close(CODES.restart, 'restart');
      setTimeout(() => {
        for (const ws of server.clients) ws.terminate();
      }, GOODBYE_MS).unref();
    },
  };
}

function writeRefusal(socket: Duplex, refusal: Refusal): void {
  const { status, headers, body } = written({ ...refusal, close: true });
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(`HTTP/1.1 ${status} Refused\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
}

type Admitted = { source: Source; token: string; line: Parameters<DirectLine['delivered']>[0] };

async function admitted(
  site: Site,
  rates: ReturnType<typeof createRates>,
  incoming: IncomingMessage,
): Promise<Admitted | Refusal> {
  const { path, query } = pathOf(incoming.url ?? '');
  const id = PATH.exec(path)?.[1];
  if (id === undefined || incoming.method !== 'GET') return refuse('NotFound', 'There is nothing at this address.');
  if (!site.ready()) return refuse('ServiceUnavailable', 'Signalbox is starting.');
  const asked = new URLSearchParams(query);
  const token = asked.get('t') ?? '';
  const wait = rates.take(OF_CALLER.streams, addressOf(incoming));
  if (wait > 0) return tooMany(wait);
  if (token === '') return refuse('MissingToken', 'Open the streamUrl as it was given.');
  const caller = site.directLine.streamer(token, true);
  if (caller === null || caller.claims.conv !== id) {
    return refuse('Forbidden', 'The address of this stream has ended. Ask for the conversation again.');
  }
  const { origin, host } = incoming.headers;
  const ours = origin === undefined || sentFrom({ origin, host }, site.publicUrl()) === 'ours';
  if (!ours && !site.directLine.origins(caller).includes(origin)) {
    return refuse('OriginNotAllowed', 'The page that asks is not of an allowed origin of this web chat.');
  }
  const again = rates.take(OF_CUSTOMER.streams, `${caller.asset.id}\n${id}`);
  if (again > 0) return tooMany(again);
  const watermark = asked.get('watermark') ?? '';
  const line = await site.directLine.line(caller, id);
  if (line === null) return refuse('ConversationNotFound', 'There is no such conversation.');
  const source = site.directLine.stream(line, /^\d{1,15}$/.test(watermark) ? Number(watermark) : null);
  return source === null ? tooMany(HEARTBEAT_MS / 1000) : { source, token, line };
}

async function run(site: Site, ws: WebSocket, { source, token, line }: Admitted): Promise<void> {
  const receipts = new Receipts((ids) => {
    // One that is lost is told by the next part, or never: nobody waits for it.
    site.directLine.delivered(line, ids).catch(() => undefined);
  });
  let words = 0;
  ws.on('error', () => ws.terminate());
  ws.on('close', () => source.close());
  ws.on('pong', (data) => receipts.answered(Number(data.toString())));
  ws.on('message', () => {
    words += 1;
    if (words > WORDS_PER_HEARTBEAT) ws.close(CODES.replaced, 'too many words');
  });
  try {
    for (let part = await source.next(0); part !== null; part = await source.next(HEARTBEAT_MS)) {
      if (ws.readyState !== ws.OPEN) return;
      const { activities, watermark, messages, last } = part;
      const left = activities.length === 0 || (await send(ws, JSON.stringify({ activities, watermark })));
      if (!left || receipts.silentMs() > SILENCE_MS) {
        ws.terminate();
        return;
      }
      if (last !== undefined) {
        ws.close(CODES[last], last);
        return;
      }
      if (activities.length === 0) words = 0;
      ws.ping(String(receipts.asked(messages)));
      if (site.directLine.streamer(token, false) === null) source.end('gone');
    }
  } catch (error) {
    site.log.warn({ err: error }, 'a stream broke off');
    ws.close(CODES.restart, 'restart');
  } finally {
    source.close();
  }
}

/** True when it has left; false when the reader is gone or does not read. */
function send(ws: WebSocket, text: string): Promise<boolean> {
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(false), DRAIN_MS);
    ws.send(text, (error) => {
      clearTimeout(late);
      resolve(error === undefined || error === null);
    });
  });
}

/** Which messages a ping vouches for. */
class Receipts {
  readonly #tell: (ids: Id[]) => void;
  readonly #pings = new Map<number, { at: number; messages: Id[] }>();
  #last = 0;

  constructor(tell: (ids: Id[]) => void) {
    this.#tell = tell;
  }

  /** how long the oldest ping has waited for its answer */
  silentMs(): number {
    const [oldest] = this.#pings.values();
    return oldest === undefined ? 0 : performance.now() - oldest.at;
  }

  asked(messages: Id[]): number {
    this.#last += 1;
    this.#pings.set(this.#last, { at: performance.now(), messages });
    return this.#last;
  }

  answered(ping: number): void {
    const reached: Id[] = [];
    for (const [each, { messages }] of this.#pings) {
      if (each > ping) break;
      reached.push(...messages);
      this.#pings.delete(each);
    }
    if (reached.length > 0) this.#tell(reached);
  }
}
