// Idempotency-Key: the same POST sent twice acts once and is answered the same.
// Not here: where keys are kept (the store). The one thing to know: only answers of success are kept; a refused
// request changed nothing, so its key is free again. Kept answers are sealed, for some show a secret.
import { createHash } from 'node:crypto';
import type { HttpParts } from './parts.ts';
import { type Refusal, refuse } from './problems.ts';

/** Printable ASCII, as in a header; longer ones are no keys. */
const KEY = /^[\x21-\x7e]{1,255}$/;
/** How long the answer to a key is kept [contract: 24 h]. */
const KEPT_MS = 24 * 3_600_000;
/** A request without an answer after this time went down with its process: no route takes nearly as long. */
const ABANDONED_MS = 120_000;
/** While another of the same key runs: when to look again. */
const RUNNING_RETRY_S = 1;

export type Kept = { status: number; body: string };
export type Claim =
  | { state: 'ours'; finish(answer: Kept | null): Promise<void> }
  | { state: 'replayed'; answer: Kept }
  | { state: 'refused'; refusal: Refusal };

/** Where in the vault the answer to a key lies. */
export const answerPlace = (key: string): string => `idempotency/${key}/answer`;

type Parts = Pick<HttpParts, 'store' | 'vault' | 'clock'>;

/** @param scope who asks and for what: the same word of another key, or on another route, is another key */
export async function claim(parts: Parts, word: string, scope: string[], body: Buffer): Promise<Claim> {
  if (!KEY.test(word)) {
    const errors = [
      { pointer: '', detail: 'the header Idempotency-Key must have 1 to 255 printable ASCII characters' },
    ];
    return { state: 'refused', refusal: refuse('invalid', errors[0]?.detail, { errors }) };
  }
  const key = hash(JSON.stringify([...scope, word]));
  const place = answerPlace(key);
  const bodyHash = hash(body);
  const now = parts.clock.now();

  let found = await parts.store.claimKey(key, bodyHash, now);
  if (found !== null && now - found.at > (found.answer === null ? ABANDONED_MS : KEPT_MS)) {
    await parts.store.finishKey(key, null);
    found = await parts.store.claimKey(key, bodyHash, now);
  }
  if (found === null) {
    const seal = (answer: Kept): Kept => ({ status: answer.status, body: parts.vault.seal(answer.body, place) });
    return {
      state: 'ours',
      finish: (answer) => parts.store.finishKey(key, answer === null ? null : seal(answer)),
    };
  }
  if (found.bodyHash !== bodyHash) return { state: 'refused', refusal: refuse('idempotency_mismatch') };
  if (found.answer === null) {
    return { state: 'refused', refusal: refuse('idempotency_running', undefined, { retryAfterS: RUNNING_RETRY_S }) };
  }
  return {
    state: 'replayed',
    answer: { status: found.answer.status, body: parts.vault.open(found.answer.body, place) },
  };
}

const hash = (what: string | Buffer): string => createHash('sha256').update(what).digest('hex');
