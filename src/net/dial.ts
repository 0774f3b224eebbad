// Opens one connection to a target: looks the name up, judges every address, connects to the judged ones only, and
// adds TLS. Not here: HTTP, and how long a connection is kept (pool.ts).
// The one thing to know: a socket is only ever told an address that was just judged, never a name, so there is no
// second lookup that could answer differently. With several addresses a next one is tried while the last still waits.
import { lookup as systemLookup } from 'node:dns/promises';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext } from 'node:tls';
import { readAddress } from './address.ts';
import type { AllowList } from './allow-list.ts';
import { type Refusal, Refused } from './answer.ts';
import { refusalOfConnect, refusalOfDns, refusalOfTls } from './failure.ts';
import { type Target, whyRefused } from './target.ts';

/** All addresses of a name, in the order in which they should be tried. */
export type LookupFn = (host: string) => Promise<{ address: string }[]>;

export type DialTools = {
  allowPrivate: AllowList;
  lookup: LookupFn;
  now: () => number;
  /** made once, when first needed: reading all authorities takes longer than a handshake */
  secureContext: () => SecureContext;
};
export type Dialled = { socket: Socket; dnsMs: number; connectMs: number };
/** Kept per pool: the last TLS session, which saves the next connection most of the handshake. */
export type SessionSlot = { session: Buffer | undefined };
/** How far a connection has come, so that one which is given up can say what it waited for. */
export type Progress = { phase: 'lookup' | 'connect' | 'tls' | 'open' };

/** A name with hundreds of addresses would otherwise be a port scanner. */
const ADDRESSES_TRIED_MAX = 8;
/** RFC 8305's pause before the next address is tried beside the one that does not answer. */
const NEXT_ADDRESS_AFTER_MS = 250;
const KEEPALIVE_PROBE_AFTER_MS = 60_000;

/** Opens a connection, or throws Refused. Aborting the signal gives it up and closes what was opened. */
export async function dial(
  target: Target,
  tools: DialTools,
  slot: SessionSlot,
  progress: Progress,
  signal: AbortSignal,
): Promise<Dialled> {
  const startedAt = tools.now();
  progress.phase = 'lookup';
  const addresses = await judgedAddresses(target, tools);
  const foundAt = tools.now();
  signal.throwIfAborted();
  progress.phase = 'connect';
  let socket = await firstToConnect(addresses, target, signal);
  if (target.secure) {
    progress.phase = 'tls';
    socket = await secured(socket, target, tools, slot, signal);
  }
  progress.phase = 'open';
  return { socket, dnsMs: foundAt - startedAt, connectMs: tools.now() - foundAt };
}

/** One lookup per name at a time: a burst of connections to one slow name must not fill the resolver's threads. */
export function sharedLookup(lookup: LookupFn = systemLookupAll): LookupFn {
  const underWay = new Map<string, Promise<{ address: string }[]>>();
  return (host) => {
    const running = underWay.get(host);
    if (running !== undefined) return running;
    const started = lookup(host).finally(() => underWay.delete(host));
    underWay.set(host, started);
    return started;
  };
}

const systemLookupAll: LookupFn = (host) => systemLookup(host, { all: true, verbatim: true });

/** The addresses that may be dialled. Forbidden ones among the answers are left out; if none remains, Refused. */
async function judgedAddresses(target: Target, tools: DialTools): Promise<string[]> {
  const found = target.literal === null ? await lookUp(target, tools) : [target.host];
  let refusal: Refusal | null = null;
  const judged: string[] = [];
  for (const text of found) {
    const address = readAddress(text);
    const why = address === null ? UNREADABLE : whyRefused(target, address, tools.allowPrivate);
    if (why === null) judged.push(text);
    else refusal ??= why;
  }
  if (judged.length === 0) throw new Refused(refusal ?? refusalOfDns({ code: 'ENOTFOUND' }, target.host));
  return judged.slice(0, ADDRESSES_TRIED_MAX);
}

async function lookUp(target: Target, tools: DialTools): Promise<string[]> {
  try {
    return (await tools.lookup(target.host)).map((entry) => entry.address);
  } catch (error) {
    throw new Refused(refusalOfDns(error, target.host));
  }
}

/** Tries the addresses in turn, the next when one fails or is slow, and keeps the first that connects. */
function firstToConnect(addresses: string[], target: Target, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const waiting = [...addresses];
    const open = new Set<Socket>();
    let timer: NodeJS.Timeout | undefined;
    let tellingError: unknown;
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abandon);
      for (const socket of open) socket.destroy();
      open.clear();
    };
    const abandon = (): void => {
      finish();
      reject(signal.reason);
    };
    const tryNext = (): void => {
      clearTimeout(timer);
      const address = waiting.shift();
      if (address === undefined) return;
      const socket = connectTcp({ host: address, port: target.port, noDelay: true });
      open.add(socket);
      socket.on('error', (error) => {
        // The listener stays for the socket's life: an error without one would end the process.
        if (!open.delete(socket)) return;
        // Of several, a refusal tells most: IPv6 without a route is common and says nothing of the target.
        if (tellingError === undefined || ('code' in error && error.code === 'ECONNREFUSED')) tellingError = error;
        if (waiting.length > 0) tryNext();
        else if (open.size === 0) {
          finish();
          reject(new Refused(refusalOfConnect(tellingError, target)));
        }
      });
      socket.once('connect', () => {
        open.delete(socket);
        socket.setKeepAlive(true, KEEPALIVE_PROBE_AFTER_MS);
        finish();
        resolve(socket);
      });
      if (waiting.length > 0) timer = setTimeout(tryNext, NEXT_ADDRESS_AFTER_MS);
    };
    signal.addEventListener('abort', abandon, { once: true });
    tryNext();
  });
}

function secured(
  tcp: Socket,
  target: Target,
  tools: DialTools,
  slot: SessionSlot,
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      socket: tcp,
      // The certificate is checked against the name, or against the address when the URL has no name.
      host: target.host,
      ...(target.literal === null ? { servername: target.host } : {}),
      ALPNProtocols: ['http/1.1'],
      secureContext: tools.secureContext(),
      // Said aloud, so that NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment does not switch it off.
      rejectUnauthorized: true,
      session: slot.session,
    });
    let opened = false;
    const abandon = (): void => {
      socket.destroy();
      reject(signal.reason);
    };
    socket.on('session', (session) => {
      slot.session = session;
    });
    socket.on('error', (error) => {
      // After the handshake the error is undici's to hear, or its own way of closing; the session stays good.
      if (opened) return;
      signal.removeEventListener('abort', abandon);
      slot.session = undefined;
      reject(new Refused(refusalOfTls(error, target)));
    });
    socket.once('secureConnect', () => {
      opened = true;
      signal.removeEventListener('abort', abandon);
      resolve(socket);
    });
    signal.addEventListener('abort', abandon, { once: true });
  });
}

const UNREADABLE: Refusal = {
  reason: 'forbidden_address',
  detail: 'The name leads to an address that belongs to one network interface only, which cannot be used.',
};
