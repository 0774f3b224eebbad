// A file on its way in: one GET whose answer is read as it comes, as fast as it is taken, and no further than a limit.
// Not here: where redirects lead (client.ts), connections (pool.ts), what is done with the bytes (src/media).
// The one thing to know: the answer's head has its own deadline, the whole another; whoever is given the body and does
// not want it destroys it, which breaks the connection off.
import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { type Refusal, Refused } from './answer.ts';
import { refusalOfExchange } from './failure.ts';
import type { Link, Pool, Rider } from './pool.ts';

export type Download = {
  url: string;
  /** as of an exchange; left behind when a redirect leads to another host */
  headers: Record<string, string>;
  key: string;
  bytesMax: number;
  /** ms from the request to the head of the answer; connecting has as long again. Default 5000 */
  headMs?: number;
  /** ms from the head of the answer to its end */
  bodyMs: number;
};

export type Downloaded =
  | { ok: true; status: number; headers: Record<string, string>; body: Readable }
  | ({ ok: false } & Refusal);

const HEAD_MS = 5_000;
/** Beside twice the file's own size: heads, chunk lengths, and the next read that is already on its way. */
const FRAMING_BYTES_MAX = 262_144;
const INFORMATIONAL_MAX = 16;

/** Runs one GET; redirects are answers here. Calls back once, with the head or why there is none. */
export class DownloadRun implements Rider, Dispatcher.DispatchHandler {
  readonly #download: Download;
  readonly #path: string;
  readonly #pool: Pool;
  readonly #headers: string[];
  readonly #resolve: (answer: Downloaded) => void;
  #timer: NodeJS.Timeout;
  #link: Link | null = null;
  #controller: Dispatcher.DispatchController | null = null;
  #body: Readable | null = null;
  #keepAlive: string | undefined;
  #hangsUp = false;
  #begun = false;
  #informational = 0;
  #length = 0;
  #done = false;

  constructor(download: Download, path: string, pool: Pool, headers: string[], resolve: (answer: Downloaded) => void) {
    this.#download = download;
    this.#path = path;
    this.#pool = pool;
    this.#headers = headers;
    this.#resolve = resolve;
    this.#timer = this.#late(download.headMs ?? HEAD_MS, 'did not answer');
    pool.take(this);
  }

  start(link: Link): void {
    this.#link = link;
    link.renew(2 * this.#download.bytesMax + FRAMING_BYTES_MAX);
    link.client.dispatch({ path: this.#path, method: 'GET', headers: this.#headers, body: null }, this);
  }

  refuse(refusal: Refusal): void {
    this.#fail(refusal);
  }

  // ── as undici's handler; none of these may throw ──

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#begun) {
      controller.abort(new Refused(BEGUN_TWICE));
      return;
    }
    this.#begun = true;
    this.#controller = controller;
    this.#timer.refresh();
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) {
      this.#informational += 1;
      if (this.#informational > INFORMATIONAL_MAX) controller.abort(new Refused(FLOODED));
      return;
    }
    const plain = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value ?? '')]));
    if (Number(plain['content-length']) > this.#download.bytesMax) {
      controller.abort(new Refused(this.#tooLarge()));
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = this.#late(this.#download.bodyMs, 'did not complete its answer');
    this.#keepAlive = plain['keep-alive'];
    this.#hangsUp = plain.connection?.toLowerCase() === 'close';
    const body = new Readable({ read: () => controller.resume(), destroy: (error, then) => this.#left(error, then) });
    // Whoever gave the body up before its end has heard why.
    body.on('error', () => undefined);
    this.#body = body;
    this.#resolve({ ok: true, status, headers: plain, body });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#length += chunk.length;
    if (this.#length > this.#download.bytesMax) controller.abort(new Refused(this.#tooLarge()));
    else if (this.#body?.push(chunk) === false) controller.pause();
  }

  onResponseEnd(): void {
    const error = this.#link?.error ?? null;
    if (error !== null) {
      this.#fail(refusalOfExchange(error, this.#pool.target));
      return;
    }
    const body = this.#body;
    this.#end(!this.#hangsUp && this.#link?.clean === true);
    body?.push(null);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(refusalOfExchange(error, this.#pool.target));
  }

  // ── how it ends: exactly once ──

  #fail(refusal: Refusal): void {
    if (this.#done) return;
    this.#end(false);
    if (this.#body === null) this.#resolve({ ok: false, ...refusal });
    else this.#body.destroy(new Refused(refusal));
  }

  /** The reader had enough before the end. */
  #left(error: Error | null, then: (error: Error | null) => void): void {
    if (!this.#done) {
      const link = this.#link;
      this.#end(false);
      link?.destroy();
    }
    then(error);
  }

  #end(reusable: boolean): void {
    this.#done = true;
    clearTimeout(this.#timer);
    this.#pool.leave(this);
    if (this.#link !== null) this.#pool.give(this.#link, reusable, this.#keepAlive);
  }

  #late(ms: number, what: string): NodeJS.Timeout {
    return setTimeout(() => {
      if (this.#done) return;
      const { host, port } = this.#pool.target;
      const link = this.#link;
      this.#controller?.abort(new Refused(GIVEN_UP));
      this.#fail({ reason: 'timeout', detail: `${host}:${port} ${what} within ${ms / 1000} s.` });
      link?.destroy();
    }, ms);
  }

  #tooLarge(): Refusal {
    return { reason: 'too_large', detail: `The file is larger than ${this.#download.bytesMax} bytes.` };
  }
}

const BEGUN_TWICE: Refusal = { reason: 'closed', detail: 'The connection broke while the request was being sent.' };
const FLOODED: Refusal = { reason: 'bad_answer', detail: 'Too many interim answers (1xx) came before the real one.' };
const GIVEN_UP: Refusal = { reason: 'timeout', detail: 'It was given up.' };
