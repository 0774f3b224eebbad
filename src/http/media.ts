// GET /media/{id}/{name}: a file that somebody uploaded, for whoever has a signed link that has not ended.
// Not here: making links (src/media). The one thing to know: a stranger made the file, so a browser is told to take it for
// nothing but what it is: images, sound and film are shown, all else is saved, and nothing in it may run.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { MediumRow } from '../engine/store-port.ts';
import type { Absent } from '../media/remote.ts';
import { accessOf } from './access.ts';
import { sendProblem } from './answers.ts';
import type { Site } from './parts.ts';
import { type Refusal, refuse } from './problems.ts';
import { pathOf, type Seen } from './request.ts';

export const MEDIA = '/media/';
const ROUTE = 'GET /media/{id}/{name}';
accessOf('GET', ROUTE.slice('GET '.length));

/** Shown in the page; everything else is a download. */
const SHOWN = /^(image|audio|video)\//;
/** As long as a link stays the same. */
const KEPT_S = 3_600;

export type MediaServer = (incoming: IncomingMessage, outgoing: ServerResponse, seen: Seen) => Promise<void>;

/** Never rejects. */
export function createMediaServer(site: Site): MediaServer {
  return async (incoming, outgoing, seen) => {
    seen.route = ROUTE;
    const refusal = await serve(site, incoming, outgoing).catch((error: unknown) => {
      if (outgoing.headersSent) outgoing.destroy();
      // A reader that left in the middle is nothing to write down.
      if (!incoming.destroyed) site.log.error({ err: error }, 'a medium could not be read');
      return outgoing.headersSent ? null : refuse('internal');
    });
    if (refusal === null) return;
    seen.code = refusal.refusal;
    sendProblem(outgoing, refusal, site.publicUrl(), seen.requestId);
  };
}

async function serve(site: Site, incoming: IncomingMessage, outgoing: ServerResponse): Promise<Refusal | null> {
  const { method = '' } = incoming;
  if (method !== 'GET' && method !== 'HEAD') {
    return refuse('method_not_allowed', 'Use GET.', { headers: { allow: 'GET, HEAD' } });
  }
  if (!site.ready()) return refuse('starting');
  const { path, query } = pathOf(incoming.url ?? '');
  const [id = '', , ...rest] = path.slice(MEDIA.length).split('/');
  const asked = new URLSearchParams(query);
  const found = rest.length > 0 ? null : await site.media.byLink(id, asked.get('e') ?? '', asked.get('s') ?? '');
  if (found === 'expired')
    return refuse('not_found', 'This link has ended. Open the conversation again for a new one.');
  if (found === null) return refuse('not_found', 'There is no such file, or the link is not complete.');
  const row = await site.remote.present(found);
  if ('absent' in row) return absence(row);
  const range = rangeOf(incoming.headers.range, row.bytes);
  outgoing.writeHead(range ? 206 : 200, {
    ...headersOf(row),
    'content-length': range ? range.end - range.start + 1 : row.bytes,
    ...(range ? { 'content-range': `bytes ${range.start}-${range.end}/${row.bytes}` } : {}),
  });
  if (method === 'HEAD') outgoing.end();
  else await pipeline(site.media.read(row, range ?? undefined), outgoing);
  return null;
}

/** What a provider has and did not give. */
const absence = ({ absent, detail, retryAfterS }: Absent): Refusal =>
  absent === 'gone' ? refuse('not_found', detail) : refuse('media_unavailable', detail, { retryAfterS });

function headersOf({ type, name }: MediumRow): Record<string, string> {
  const how = SHOWN.test(type) ? 'inline' : 'attachment';
  const ascii = name.replace(/[^\w.-]+/g, '_');
  return {
    'content-type': type === 'text/plain' ? 'text/plain; charset=utf-8' : type,
    'content-disposition': `${how}; filename="${ascii}"; filename*=UTF-8''${encoded(name)}`,
    'accept-ranges': 'bytes',
    'cache-control': `private, max-age=${KEPT_S}, immutable`,
    'content-security-policy': "sandbox; default-src 'none'; style-src 'unsafe-inline'; media-src 'self'",
    // Other sites' pages show it: that is what it is for.
    'cross-origin-resource-policy': 'cross-origin',
    // Whoever has the signed link may read it, and no cookie counts: the web chat paints pictures that it fetched.
    'access-control-allow-origin': '*',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
}

/** As RFC 8187 wants it: encodeURIComponent leaves a few characters that end the value. */
const encoded = (name: string): string =>
  encodeURIComponent(name).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** One range, as players ask for; anything else is answered with the whole. */
export function rangeOf(header: string | undefined, bytes: number): { start: number; end: number } | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return null;
  const last = bytes - 1;
  const start = match[1] === '' ? Math.max(0, bytes - Number(match[2])) : Number(match[1]);
  const end = match[1] === '' || match[2] === '' ? last : Math.min(Number(match[2]), last);
  return start <= end ? { start, end } : null;
}
