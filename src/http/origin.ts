// Which page a browser sent a request for, and from which address a caller comes.
// Not here: who the caller is. The one thing to know: a cookie comes along with whatever any page makes the browser
// send, so a request that changes something must show that one of our own pages sent it.
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';

export type From = 'ours' | 'another' | 'unknown';

/**
 * Browsers say it in Sec-Fetch-Site, and over plain http at least in Origin. An Origin is ours when it is the public
 * URL's, or has the host that the request was sent to: no page can choose that header for its visitor's browser.
 */
export function sentFrom(headers: IncomingHttpHeaders, publicUrl: string): From {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' ? 'ours' : 'another';
  const { origin, host } = headers;
  if (origin === undefined) return 'unknown';
  if (!URL.canParse(origin)) return 'another'; // `null`: a sandboxed frame, a file
  const theirs = new URL(origin);
  const ours = URL.canParse(publicUrl) && new URL(publicUrl).origin === theirs.origin;
  return ours || theirs.host === host?.toLowerCase() ? 'ours' : 'another';
}

/** From where a proxy of the house calls, or the house itself. */
const NEAR = ['loopback', 'private', 'uniqueLocal'];

/**
 * For counting failures. A proxy of the house stands for its callers; it adds their address at the end of the header.
 * Whoever has one address of IPv6 has 2^64 of them: they count as one.
 */
export function addressOf(incoming: IncomingMessage): string {
  const peer = read(incoming.socket.remoteAddress);
  if (peer === null) return '';
  const passed = NEAR.includes(peer.range()) ? String(incoming.headers['x-forwarded-for'] ?? '') : '';
  const address = read(passed.split(',').at(-1)?.trim()) ?? peer;
  return address.kind() === 'ipv4' ? address.toString() : address.toByteArray().slice(0, 8).join('.');
}

/** IPv4 that is written as IPv6 becomes IPv4. */
const read = (text: string | undefined): ipaddr.IPv4 | ipaddr.IPv6 | null =>
  text !== undefined && ipaddr.isValid(text) ? ipaddr.process(text) : null;
