// A message that a channel takes in several requests only: sent one after the other, until one fails.
// Not here: what the parts are, and what an answer means (each channel). The one thing to know: the providers that need
// this take no idempotency key, so what was accepted in part is never sent again: it is final, and says what arrived.
import type { Exchange, ExchangeAnswer, Send } from '../engine/ports.ts';
import type { Outcome } from '../routing/inputs.ts';
import { SEND_MS, unsent } from './outcome.ts';

/** `what` a person would call it. */
export type Part = { what: string; exchange: Exchange };

/** All of them together: an attempt that takes longer is given up by the engine (`attemptMs`), without a word. */
const ALL_MS = 45_000;

/** The outcome of the whole. The id of the last part stands for the message: its text, or what the buttons hang on. */
export async function sendParts(
  parts: readonly Part[],
  send: Send,
  judge: (answer: ExchangeAnswer) => Outcome,
): Promise<Outcome> {
  const end = performance.now() + ALL_MS;
  let last = unsent('invalid', 'There is nothing in this message to send.');
  for (const [index, { exchange }] of parts.entries()) {
    const left = end - performance.now();
    const outcome = left <= 0 ? LATE : judge(await send({ ...exchange, timeoutMs: Math.min(SEND_MS, left) }));
    if (outcome.result !== 'ok') return index === 0 ? outcome : partly(outcome, last, parts, index);
    last = outcome;
  }
  return last;
}

const LATE = unsent('partly_sent', 'The parts before it took too long.');

function partly(failed: Outcome, sent: Outcome, parts: readonly Part[], index: number): Outcome {
  const { retryAfterS, ...rest } = failed;
  const names = parts.map(({ what }) => what);
  const fate = failed.result === 'unknown' ? 'Perhaps not sent' : 'Not sent';
  const detail = `Sent: ${names.slice(0, index).join(', ')}. ${fate}: ${names.slice(index).join(', ')}. ${failed.detail}`;
  const known = sent.externalId === undefined ? {} : { externalId: sent.externalId };
  return { ...rest, result: 'final', reason: 'partly_sent', detail, ...known };
}
