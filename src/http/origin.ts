// Which page a browser sent a request for, and from which address a caller comes.
// Not here: who the caller is. The one thing to know: a cookie comes along with whatever any page makes the browser
// send, so a request that changes something must show that one of our own pages sent it.
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

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

/** Loopback and the private networks: a proxy of the house, or the house itself. */
const NEAR = /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|::1$|f[cd][0-9a-f]{2}:)/i;

/** For counting failures. A proxy of the house stands for its callers; it adds their address at the end of the header. */
export function addressOf(incoming: IncomingMessage): string {
  const peer = (incoming.socket.remoteAddress ?? '').replace(/^::ffff:/i, '');
  if (!NEAR.test(peer)) return peer;
  const passed = String(incoming.headers['x-forwarded-for'] ?? '')
    .split(',')
    .at(-1)
    ?.trim();
  return passed ? passed.slice(0, 64) : peer;
}
