// The only way out: one guarded HTTP client for bots, desks, channels and media.
// Not here: the rules for addresses and URLs (target.ts, allow-list.ts, address.ts), signatures (signature.ts), retries.
// The one thing to know: an exchange never throws. What happened is an Answer, and `sent` says honestly whether the
// other side may have acted on it.
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import type { AllowList } from './allow-list.ts';
import type { Answer, Exchange, Refusal } from './answer.ts';
import { type DialTools, type LookupFn, sharedLookup } from './dial.ts';
import { type Download, type Downloaded, DownloadRun } from './download.ts';
import { Pool } from './pool.ts';
import { Run } from './run.ts';
import { readTarget, type Target, type TargetResult } from './target.ts';

export { type AllowList, parseAllowPrivate } from './allow-list.ts';
export { type Answer, type Answered, type Exchange, type Failed, REASONS, type Reason, type Timing } from './answer.ts';
export type { LookupFn } from './dial.ts';
export type { Download, Downloaded } from './download.ts';

export type UrlVerdict = { ok: true; url: string } | ({ ok: false } & Refusal);

export type WayOut = {
  /** Sends one request and reads the answer. Never rejects; bounded by twice `timeoutMs`. */
  send(exchange: Exchange): Promise<Answer>;
  /**
   * Reads a file. Never rejects. A redirect is followed, as providers send to where their files lie: at most three times,
   * each judged like the first, and to another origin without the headers that were given.
   */
  download(download: Download): Promise<Downloaded>;
  /** What can be said about a URL when an integration is saved; `url` is its normal form. Asks no name server. */
  check(url: string): UrlVerdict;
  /** Takes no more exchanges and resolves when those under way are over. */
  close(): Promise<void>;
};

export type WayOutOptions = {
  allowPrivate: AllowList;
  userAgent?: string;
  /** a monotonic clock in ms, for the timings and for how long a connection was idle */
  now?: () => number;
  lookup?: LookupFn;
  /** default 64; how many exchanges a target gets at once is decided elsewhere and should be no more */
  maxSocketsPerKey?: number;
  /** default 1000; the least recently used target's idle connections are closed when there are more */
  maxPools?: number;
  /** certificates (PEM) to trust besides Node's own */
  ca?: string[];
};

/** Providers send on once: from their interface to the place of the file. */
const REDIRECTS_MAX = 3;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const SOCKETS_PER_KEY = 64;
/** A pool that nobody uses is small (its TLS session is worth keeping), but there are more targets than memory. */
const POOLS_MAX = 1_000;
/** URLs read and judged; when full it is emptied, for that costs microseconds and needs no bookkeeping. */
const TARGETS_MAX = 2_000;

/** Headers that frame or route the message: set here and by undici, never by an adapter. */
const OURS: ReadonlySet<string> = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Opens the way out. It holds no connection until it is used. */
export function createWayOut(options: WayOutOptions): WayOut {
  const tools = dialTools(options);
  const targets = new Map<string, TargetResult>();
  const pools = new PoolBook(tools, options.maxSocketsPerKey ?? SOCKETS_PER_KEY, options.maxPools ?? POOLS_MAX);
  const ownHeaders = ['user-agent', options.userAgent ?? 'Signalbox', 'accept-encoding', 'identity'];
  let closed = false;

  const targetOf = (url: string): TargetResult => {
    const known = targets.get(url);
    if (known !== undefined) return known;
    if (targets.size >= TARGETS_MAX) targets.clear();
    const target = readTarget(url, options.allowPrivate);
    targets.set(url, target);
    return target;
  };

  /** What goes over the wire, or why not. */
  const headersOf = (given: Record<string, string>): string[] | Refusal => {
    const headers = [...ownHeaders];
    for (const name in given) {
      if (OURS.has(name.toLowerCase())) return { reason: 'bad_request', detail: `Header ${name} is ours to set.` };
      headers.push(name, given[name] ?? '');
    }
    return headers;
  };

  const get = (download: Download): Promise<Downloaded> => {
    // Addresses of files are signed for a moment and never come again: they are not kept.
    const target = closed ? STOPPING : readTarget(download.url, options.allowPrivate);
    const headers = headersOf(download.headers);
    if ('reason' in target) return Promise.resolve({ ok: false, reason: target.reason, detail: target.detail });
    if (!Array.isArray(headers)) return Promise.resolve({ ok: false, ...headers });
    const pool = pools.of(download.key, target);
    return new Promise((resolve) => new DownloadRun(download, target.path, pool, headers, resolve));
  };

  return {
    send(exchange) {
      if (closed) return notSent(STOPPING);
      const target = targetOf(exchange.url);
      if (!target.ok) return notSent(target);
      const headers = headersOf(exchange.headers);
      if (!Array.isArray(headers)) return notSent(headers);
      const pool = pools.of(exchange.key, target);
      return new Promise((resolve) => new Run(exchange, target.path, pool, headers, tools.now, resolve));
    },
    async download(download) {
      let at = download;
      for (let redirects = 0; ; redirects += 1) {
        const answer = await get(at);
        if (!answer.ok || !REDIRECTS.has(answer.status)) return answer;
        answer.body.destroy();
        const { location = '' } = answer.headers;
        if (redirects === REDIRECTS_MAX || !URL.canParse(location, at.url)) return { ok: false, ...ASTRAY };
        const next = new URL(location, at.url);
        next.hash = '';
        at = { ...at, url: next.href, headers: next.origin === new URL(at.url).origin ? at.headers : {} };
      }
    },
    check(url) {
      const target = readTarget(url, options.allowPrivate, true);
      return target.ok ? { ok: true, url: target.url } : { ok: false, reason: target.reason, detail: target.detail };
    },
    close() {
      closed = true;
      return pools.close();
    },
  };
}

const STOPPING: Refusal = { reason: 'shutdown', detail: 'Not sent: Signalbox is stopping.' };
const ASTRAY: Refusal = { reason: 'bad_answer', detail: 'The file was not found: one redirect led to another.' };

function dialTools(options: WayOutOptions): DialTools {
  let context: SecureContext | undefined;
  return {
    allowPrivate: options.allowPrivate,
    lookup: sharedLookup(options.lookup),
    now: options.now ?? (() => performance.now()),
    secureContext() {
      context ??= createSecureContext({
        minVersion: 'TLSv1.2',
        ...(options.ca === undefined ? {} : { ca: [...rootCertificates, ...options.ca] }),
      });
      return context;
    },
  };
}

function notSent(refusal: Refusal): Promise<Answer> {
  const { reason, detail } = refusal;
  return Promise.resolve({ ok: false, reason, detail, sent: 'no', timing: { totalMs: 0 } });
}

/** The pools by key and origin, the least recently used of them retired when there are too many. */
class PoolBook {
  readonly #tools: DialTools;
  readonly #socketsMax: number;
  readonly #poolsMax: number;
  readonly #byKey = new Map<string, Map<string, Pool>>();
  readonly #leaving = new Set<Promise<void>>();
  #count = 0;
  #uses = 0;

  constructor(tools: DialTools, socketsMax: number, poolsMax: number) {
    this.#tools = tools;
    this.#socketsMax = socketsMax;
    this.#poolsMax = poolsMax;
  }

  of(key: string, target: Target): Pool {
    let mine = this.#byKey.get(key);
    let pool = mine?.get(target.origin);
    if (pool === undefined) {
      if (this.#count >= this.#poolsMax) this.#retireOldest();
      mine = this.#byKey.get(key) ?? new Map();
      pool = new Pool(target, this.#tools, this.#socketsMax);
      this.#byKey.set(key, mine.set(target.origin, pool));
      this.#count += 1;
    }
    this.#uses += 1;
    pool.usedAt = this.#uses;
    return pool;
  }

  async close(): Promise<void> {
    for (const mine of this.#byKey.values()) {
      for (const pool of mine.values()) this.#retire(pool);
    }
    this.#byKey.clear();
    await Promise.all(this.#leaving);
  }

  #retire(pool: Pool): void {
    this.#count -= 1;
    const leaving = pool.retire();
    this.#leaving.add(leaving);
    leaving.then(() => this.#leaving.delete(leaving));
  }

  #retireOldest(): void {
    let oldest: { key: string; origin: string; pool: Pool } | null = null;
    for (const [key, mine] of this.#byKey) {
      for (const [origin, pool] of mine) {
        const older = oldest === null || pool.usedAt < oldest.pool.usedAt;
        if (older && !pool.awaited) oldest = { key, origin, pool };
      }
    }
    if (oldest === null) return;
    const mine = this.#byKey.get(oldest.key);
    mine?.delete(oldest.origin);
    if (mine?.size === 0) this.#byKey.delete(oldest.key);
    this.#retire(oldest.pool);
  }
}
