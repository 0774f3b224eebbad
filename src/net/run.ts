// One exchange under way: its deadline, what comes of the answer, and how it ended.
// Not here: connections (pool.ts), the words for failures (failure.ts).
// The one thing to know: there is one timer. It runs while a connection is waited for, is started anew when the first
// byte is sent, and ends the exchange whatever the other side does: drip, flood, stay silent or never stop.
import type { Dispatcher } from 'undici';
import { type Answer, type Exchange, type Failed, type Refusal, Refused, type Timing } from './answer.ts';
import { connectTimeoutDetail, refusalOfExchange } from './failure.ts';
import type { Link, Pool, Rider } from './pool.ts';

export const TIMEOUT_MS = 5_000;
const ANSWER_BYTES_MAX = 262_144;
/** Beside twice the answer's own size: heads, chunk lengths, and the next read that is already on its way. */
const FRAMING_BYTES_MAX = 262_144;
/** 103 Early Hints are honest; hundreds of them are a way to keep us reading. */
const INFORMATIONAL_MAX = 16;

export class Run implements Rider, Dispatcher.DispatchHandler {
  readonly #exchange: Exchange;
  readonly #path: string;
  readonly #pool: Pool;
  readonly #headers: string[];
  readonly #resolve: (answer: Answer) => void;
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #timer: NodeJS.Timeout;
  #link: Link | null = null;
  #sentAt: number | null = null;
  #firstByteAt: number | null = null;
  #informational = 0;
  #status = 0;
  #answerHeaders: Record<string, string> = {};
  #chunks: Buffer[] = [];
  #length = 0;
  #done = false;

  constructor(
    exchange: Exchange,
    path: string,
    pool: Pool,
    headers: string[],
    now: () => number,
    resolve: (answer: Answer) => void,
  ) {
    this.#exchange = exchange;
    this.#path = path;
    this.#pool = pool;
    this.#headers = headers;
    this.#now = now;
    this.#resolve = resolve;
    this.#startedAt = now();
    // The check comes after the poll phase: what arrived in time while this process was busy still counts.
    this.#timer = setTimeout(() => {
      const sentAt = this.#sentAt;
      setImmediate(() => this.#expire(sentAt));
    }, exchange.timeoutMs ?? TIMEOUT_MS);
    pool.take(this);
  }

  // ── as a rider of the pool ──

  start(link: Link): void {
    this.#link = link;
    link.renew(2 * ANSWER_BYTES_MAX + FRAMING_BYTES_MAX);
    const body = this.#exchange.body ?? null;
    link.client.dispatch(
      { path: this.#path, method: this.#exchange.method ?? 'POST', headers: this.#headers, body },
      this,
    );
  }

  refuse(refusal: Refusal): void {
    this.#fail(refusal);
  }

  // ── as undici's handler; none of these may throw ──

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // undici may begin a request anew on another connection; what may have left once is not sent twice by us.
    if (this.#sentAt !== null) {
      controller.abort(new Refused(BEGUN_TWICE));
      return;
    }
    // From here on bytes may leave.
    this.#sentAt = this.#now();
    this.#timer.refresh();
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#firstByteAt ??= this.#now();
    if (status < 200) {
      this.#informational += 1;
      if (this.#informational > INFORMATIONAL_MAX) controller.abort(new Refused(this.#flooded()));
      return;
    }
    this.#status = status;
    this.#answerHeaders = flat(headers);
    if (Number(this.#answerHeaders['content-length']) > ANSWER_BYTES_MAX)
      controller.abort(new Refused(this.#tooLarge()));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const room = ANSWER_BYTES_MAX - this.#length;
    this.#length += chunk.length;
    this.#chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk);
    if (chunk.length > room) controller.abort(new Refused(this.#tooLarge()));
  }

  onResponseEnd(): void {
    const error = this.#link?.error ?? null;
    if (error === null) this.#succeed();
    else this.#fail(refusalOfExchange(error, this.#pool.target));
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(refusalOfExchange(error, this.#pool.target));
  }

  // ── how it ends: exactly once ──

  #succeed(): void {
    if (this.#done) return;
    const answer: Answer = {
      ok: true,
      status: this.#status,
      headers: this.#answerHeaders,
      body: this.#text(),
      timing: this.#timing(),
    };
    const hangsUp = this.#answerHeaders.connection?.toLowerCase() === 'close';
    this.#end(!hangsUp && this.#link?.clean === true);
    this.#resolve(answer);
  }

  #fail(refusal: Refusal): void {
    if (this.#done) return;
    const answer: Failed = {
      ok: false,
      ...refusal,
      sent: this.#sentAt === null ? 'no' : 'maybe',
      timing: this.#timing(),
    };
    if (this.#status > 0) {
      answer.status = this.#status;
      answer.headers = this.#answerHeaders;
      answer.body = this.#text();
    }
    this.#end(false);
    this.#resolve(answer);
  }

  #end(reusable: boolean): void {
    this.#done = true;
    clearTimeout(this.#timer);
    this.#pool.leave(this);
    if (this.#link !== null) this.#pool.give(this.#link, reusable, this.#answerHeaders['keep-alive']);
  }

  #expire(sentAt: number | null): void {
    // Between the alarm and now the connection may have come: then the time of the answer has only begun.
    if (this.#done || sentAt !== this.#sentAt) return;
    const link = this.#link;
    this.#fail(this.#late(link));
    link?.destroy();
  }

  #late(link: Link | null): Refusal {
    const place = this.#pool.target;
    const where = `${place.host}:${place.port}`;
    if (link === null) return { reason: 'busy', detail: `All connections to ${where} were in use. It answers slowly.` };
    if (this.#sentAt !== null) {
      const state = this.#status > 0 ? 'did not complete its answer' : 'did not answer';
      const seconds = (this.#exchange.timeoutMs ?? TIMEOUT_MS) / 1000;
      return { reason: 'timeout', detail: `${where} took the request but ${state} within ${seconds} s.` };
    }
    if (link.progress.phase === 'lookup') {
      return { reason: 'dns', detail: `The name server did not answer for ${place.host} in time.` };
    }
    const inTls = link.progress.phase === 'tls';
    const detail = inTls
      ? `${where} accepted the connection but not the TLS handshake in time.`
      : connectTimeoutDetail(place);
    return { reason: 'connect_timeout', detail };
  }

  #tooLarge(): Refusal {
    return { reason: 'too_large', detail: `The answer is larger than ${ANSWER_BYTES_MAX} bytes. Answer with less.` };
  }

  #flooded(): Refusal {
    return {
      reason: 'bad_answer',
      detail: `More than ${INFORMATIONAL_MAX} interim answers (1xx) came before the real one.`,
    };
  }

  #text(): string {
    const encoding = this.#answerHeaders['content-encoding'];
    if (this.#length === 0) return '';
    if (encoding !== undefined && encoding !== 'identity') return '';
    const [first] = this.#chunks;
    const bytes = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks);
    const text = bytes.toString('utf8');
    return text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text;
  }

  #timing(): Timing {
    const timing: Timing = { totalMs: this.#now() - this.#startedAt };
    const link = this.#link;
    if (link?.dialled != null) {
      timing.dnsMs = link.dialled.dnsMs;
      timing.connectMs = link.dialled.connectMs;
      link.dialled = null;
    }
    if (this.#sentAt !== null && this.#firstByteAt !== null) timing.firstByteMs = this.#firstByteAt - this.#sentAt;
    return timing;
  }
}

const BEGUN_TWICE: Refusal = { reason: 'closed', detail: 'The connection broke while the request was being sent.' };

/** Some frameworks put one before their JSON. */
const BYTE_ORDER_MARK = 0xfeff;

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  for (const name in headers) {
    const value = headers[name];
    if (typeof value === 'object') headers[name] = value.join(', ');
  }
  return headers as Record<string, string>;
}
