// From what came back of an exchange to an Outcome: the classes of HTTP status, Retry-After, the answer as it is kept.
// Not here: a platform's own conditions (a bot's token) and who counts what (routing).
// The one thing to know: only a complete 2xx is ok; redirects are failures and nobody follows them [seed, ours].
import type { MediumPlace } from '../engine/channel-port.ts';
import type { ExchangeAnswer } from '../engine/ports.ts';
import type { Outcome } from '../routing/inputs.ts';

/** What is kept of an answer: enough to see an error page, and no more of a peer's data than that. */
const MAX_ANSWER_BYTES = 16_384;
/** Longer waits than a day are no answer to "when again"; retries end long before. */
const MAX_RETRY_AFTER_S = 86_400;

/** Reasons of attempts that reached the other side; those that did not have the client's reasons (src/net/answer.ts). */
export const ANSWER_REASONS = {
  ok: 'A complete answer with a status of 200 to 299.',
  redirect: 'A redirect (3xx); redirects are failures and are never followed.',
  gone: 'Status 410: the address wants nothing any more.',
  throttled: 'Status 429: too many requests.',
  rejected: 'Another status of 400 to 499.',
  server_error: 'A status of 500 to 599.',
  bad_status: 'A status outside 200 to 599.',
  token_missing: 'A 2xx answer without the verification token.',
  token_wrong: 'A 2xx answer with a token that is not the verification token.',
  unsupported: 'This kind of delivery does not exist on this wire.',
} as const;
export type AnswerReason = keyof typeof ANSWER_REASONS;

export type Classing = {
  /** what a 4xx other than 408 and 429 means: `retry` for bots and desks [seed], `final` for channels */
  clientErrors: 'retry' | 'final';
  /** removes secrets from what the peer said */
  mask: (text: string) => string;
  now: number;
  /** a channel that takes no idempotency key: what may have left and was not answered is unknown, and not sent again */
  keyless?: true;
};

/** For a send without an idempotency key: giving up early saves nothing, it only makes an outcome unknown that was on its way. */
export const SEND_MS = 15_000;

/** The outcome of an exchange, by the rules that all wires share. Network failures pass with their reason. */
export function outcomeOf(answer: ExchangeAnswer, by: Classing): Outcome {
  if (!answer.ok) {
    const { reason, detail, timing } = answer;
    const result = by.keyless && answer.sent === 'maybe' ? 'unknown' : 'retry';
    return { result, status: answer.status ?? null, reason, detail, timing, answer: '' };
  }
  const { status, timing } = answer;
  const said = { status, timing, answer: clip(by.mask(answer.body)) };
  const failed = (result: Outcome['result'], reason: AnswerReason, detail: string): Outcome => ({
    result,
    reason,
    detail,
    ...said,
  });
  if (status >= 200 && status < 300) return { result: 'ok', reason: 'ok', detail: `Answered ${status}.`, ...said };
  if (status >= 300 && status < 400) {
    return failed(
      'retry',
      'redirect',
      `Answered ${status}, a redirect. Redirects are not followed: enter the final URL.`,
    );
  }
  if (status === 410) return { ...failed(by.clientErrors, 'gone', 'Answered 410: gone.'), gone: true };
  if (status === 429)
    return { ...failed('retry', 'throttled', 'Answered 429: too many requests.'), ...wait(answer, by.now) };
  if (status === 408) return failed('retry', 'rejected', 'Answered 408: request timeout.');
  if (status >= 400 && status < 500) return failed(by.clientErrors, 'rejected', `Answered ${status}.`);
  if (status === 503) return { ...failed('retry', 'server_error', 'Answered 503.'), ...wait(answer, by.now) };
  if (status >= 500 && status < 600) return failed('retry', 'server_error', `Answered ${status}.`);
  return failed('retry', 'bad_status', `Answered ${status}, which is no HTTP status.`);
}

/** Seconds to wait by `Retry-After` (a number, or an HTTP date; RFC 9110 §10.2.3), or undefined when it says neither. */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const value = header.trim();
  if (/^\d{1,9}$/.test(value)) return Math.min(Number(value), MAX_RETRY_AFTER_S);
  // Only dates with a zone: Date.parse also takes "1.5" and would call it January.
  const at = /^[A-Za-z]{3,9},? .* GMT$/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at)) return undefined;
  return Math.min(Math.max(Math.ceil((at - now) / 1000), 0), MAX_RETRY_AFTER_S);
}

/** Refused before sending: nothing left, and another try would be no different. */
export function unsent(reason: string, detail: string): Outcome {
  return { result: 'final', status: null, reason, detail, timing: { totalMs: 0 }, answer: '' };
}

/** No place of a medium, as the outcome of the question for it says why. */
export function nowhere({ result, detail }: Outcome): Extract<MediumPlace, { ok: false }> {
  return { ok: false, again: result === 'retry' || result === 'unknown', detail };
}

/** For a delivery that a wire has no form for: nothing was sent, and trying again would not help. */
export function unsupported(kind: string): Outcome {
  return unsent('unsupported', `A delivery of kind ${kind} cannot be told on this wire.`);
}

function wait(answer: Extract<ExchangeAnswer, { ok: true }>, now: number): { retryAfterS?: number } {
  const seconds = retryAfter(answer.headers['retry-after'], now);
  return seconds === undefined ? {} : { retryAfterS: seconds };
}

/** The first bytes, cut between characters. */
function clip(text: string): string {
  if (text.length * 3 <= MAX_ANSWER_BYTES) return text;
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= MAX_ANSWER_BYTES) return text;
  return new TextDecoder().decode(bytes.subarray(0, MAX_ANSWER_BYTES), { stream: true });
}
