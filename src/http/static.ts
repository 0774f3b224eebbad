// The console and the web chat as built: an exact map of files, read at the start, with their headers.
// Not here: building them (scripts/build.mjs). The one thing to know: a path is looked up in the map and never on the
// disk, so there is no path to climb out by; the console's page gets a fresh nonce each time, for the style elements
// that its components make.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.mp3': 'audio/mpeg',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};
/** What shrinks; pictures and fonts are packed already. */
const SHRINKS = /^(text\/|image\/svg|application\/(json|manifest))/;
/** Below, the headers outweigh what is saved. */
const COMPRESS_FROM_BYTES = 1024;
/** Nearly as small as the best, in a tenth of its time; each file is compressed once, when first asked for. */
const BROTLI_QUALITY = 6;
/** A name with a hash of the contents never means anything else: all of the console's assets, and the web chat. */
const HASHED = /^files\/|-[0-9a-f]{8,}\.js$/;
/** A built file larger than this is a mistake; all are held in memory. */
const FILE_BYTES_MAX = 8 * 1024 * 1024;

const FOREVER = 'public, max-age=31536000, immutable';
const ASK_AGAIN = 'no-cache';
/** The loader's name never changes: a new web chat reaches every page within this time. */
const LOADER = 'public, max-age=300';

const NONCE = /__NONCE__/g;
const NONCE_BYTES = 18;

/** On all that is served from here. */
const GUARDED: Readonly<Record<string, string>> = { 'x-content-type-options': 'nosniff' };
/** Only our own pages use the console's files. */
const OURS: Readonly<Record<string, string>> = { ...GUARDED, 'cross-origin-resource-policy': 'same-origin' };
/** Any page may load the web chat; nothing of it is secret. */
const FOR_ALL: Readonly<Record<string, string>> = {
  ...GUARDED,
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
};

/** Scripts and styles from here only, nothing inline but what carries this answer's nonce; framed by nobody. */
export const consolePolicy = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "connect-src 'self'",
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "font-src 'self'",
    "manifest-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ].join('; ');

type Encoding = 'br' | 'gzip' | 'identity';
type File = { type: string; etag: string; cache: string; packed(encoding: Encoding): Promise<Buffer> };

export type Built = {
  /** whether there is a console to serve */
  hasConsole: boolean;
  /** a file of the console, or its page for any other address below `/console/` that a person opens; null: nothing */
  console(path: string, request: Request): Promise<Response | null>;
  /** a file of the web chat; `widget.js` is the loader */
  widget(name: string, request: Request): Promise<Response | null>;
};

/** Reads `console/` and `widget/` in the folder `built`; either may be missing. */
export function readBuilt(built: string): Built {
  const page = pageIn(join(built, 'console', 'index.html'));
  const consoleFiles = filesIn(join(built, 'console'), (name) => (HASHED.test(name) ? FOREVER : ASK_AGAIN));
  const widgetFiles = filesIn(join(built, 'widget'), (name) => (HASHED.test(name) ? FOREVER : LOADER));
  consoleFiles.delete('index.html');
  return {
    hasConsole: page !== null,
    async console(path, request) {
      const file = consoleFiles.get(path);
      if (file !== undefined) return answer(file, OURS, request);
      return page !== null && isNavigation(path, request) ? pageResponse(page) : null;
    },
    async widget(name, request) {
      const file = widgetFiles.get(name);
      return file === undefined ? null : answer(file, FOR_ALL, request);
    },
  };
}

/** A missing script must be a 404 and not a page; addresses of the console's screens have no dot at their end. */
const isNavigation = (path: string, { headers }: Request): boolean =>
  !path.startsWith('files/') && /\btext\/html\b/i.test(headers.get('accept') ?? '');

const pageIn = (file: string): string | null => (existsSync(file) ? readFileSync(file, 'utf8') : null);

function pageResponse(page: string): Response {
  const nonce = randomBytes(NONCE_BYTES).toString('base64');
  return new Response(page.replace(NONCE, nonce), {
    headers: {
      ...OURS,
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': consolePolicy(nonce),
      // a nonce that is used twice is none
      'cache-control': 'no-store',
      'cross-origin-opener-policy': 'same-origin',
      'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
      'referrer-policy': 'no-referrer',
    },
  });
}

function filesIn(folder: string, cacheOf: (name: string) => string): Map<string, File> {
  const files = new Map<string, File>();
  if (!existsSync(folder)) return files;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const full = join(entry.parentPath, entry.name);
    const type = TYPES[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const name = relative(folder, full).split(sep).join('/');
    const bytes = readFileSync(full);
    if (bytes.length > FILE_BYTES_MAX) throw new Error(`${full} is larger than any file of the console should be.`);
    files.set(name, fileOf(bytes, type, cacheOf(name)));
  }
  return files;
}

function fileOf(bytes: Buffer, type: string, cache: string): File {
  const packed = new Map<Encoding, Promise<Buffer>>();
  const shrinks = SHRINKS.test(type) && bytes.length >= COMPRESS_FROM_BYTES;
  return {
    type,
    cache,
    etag: createHash('sha256').update(bytes).digest('base64url').slice(0, 22),
    packed(encoding) {
      if (encoding === 'identity' || !shrinks) return Promise.resolve(bytes);
      const found = packed.get(encoding) ?? (encoding === 'br' ? brotli(bytes) : promisify(gzip)(bytes));
      packed.set(encoding, found);
      return found;
    },
  };
}

const brotli = (bytes: Buffer): Promise<Buffer> =>
  promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } });

/** The smallest that the browser takes; `q=0` says that it does not. Read word by word: the header is a stranger's. */
function encodingFor(request: Request): Encoding {
  const words = (request.headers.get('accept-encoding') ?? '').toLowerCase().split(',');
  const taken = words.flatMap((word) => {
    const [name = '', quality = ''] = word.split(';').map((part) => part.trim());
    return /^q=0(\.0*)?$/.test(quality) ? [] : [name];
  });
  return (['br', 'gzip'] as const).find((each) => taken.includes(each)) ?? 'identity';
}

async function answer(file: File, shared: Readonly<Record<string, string>>, request: Request): Promise<Response> {
  const body = await file.packed(encodingFor(request));
  const encoding = body === (await file.packed('identity')) ? 'identity' : encodingFor(request);
  const etag = `"${file.etag}${encoding === 'identity' ? '' : `-${encoding}`}"`;
  const headers = { ...shared, etag, 'cache-control': file.cache, vary: 'Accept-Encoding' };
  const known = (request.headers.get('if-none-match') ?? '').split(',').map((each) => each.trim().replace(/^W\//, ''));
  if (known.includes(etag)) return new Response(null, { status: 304, headers });
  return new Response(new Uint8Array(body), {
    headers: {
      ...headers,
      'content-type': file.type,
      'content-length': String(body.length),
      ...(encoding === 'identity' ? {} : { 'content-encoding': encoding }),
    },
  });
}
