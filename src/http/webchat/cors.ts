// Which pages may call a web chat: those of the asset's allowed origins, and our own.
// Not here: who the customer is. The one thing to know: an Origin is compared as a whole and never echoed unless it is
// on the list; a caller without one is no page of a browser, and has only what its token gives it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sentFrom } from '../origin.ts';
import { type Refusal, refuse } from '../problems.ts';

/** Chrome keeps it no longer than this. */
const PREFLIGHT_S = 7_200;

const METHODS = 'GET, POST, OPTIONS';
const HEADERS = 'authorization, content-type, x-ms-bot-agent, x-requested-with';
/** What a page may read of an answer beside its body. */
const EXPOSED = 'retry-after, x-request-id';

/** Sets the answer's CORS headers, or says why there are none. */
export function allowOrigin(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  origins: readonly string[],
  publicUrl: string,
): Refusal | null {
  outgoing.setHeader('vary', 'Origin');
  const { origin } = incoming.headers;
  if (origin === undefined) return null;
  if (origins.includes(origin) || isOurs(incoming, publicUrl)) {
    outgoing.setHeader('access-control-allow-origin', origin);
    outgoing.setHeader('access-control-expose-headers', EXPOSED);
    return null;
  }
  return refuse('origin_not_allowed', 'The page that asks is not of an allowed origin of this web chat.');
}

/** By Origin and Host alone: Sec-Fetch-Site says the same of a page of ours, and is missing over plain http. */
function isOurs({ headers: { origin, host } }: IncomingMessage, publicUrl: string): boolean {
  return sentFrom({ origin, host }, publicUrl) === 'ours';
}

/** Answers a preflight that may pass. */
export function preflight(outgoing: ServerResponse): void {
  outgoing.writeHead(204, {
    'access-control-allow-methods': METHODS,
    'access-control-allow-headers': HEADERS,
    'access-control-max-age': String(PREFLIGHT_S),
    'content-length': 0,
  });
  outgoing.end();
}
