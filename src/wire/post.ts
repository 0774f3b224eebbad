// A signed POST of JSON, as every party of ours gets it: Standard Webhooks headers over exactly the bytes that are sent.
// Not here: what the JSON says, and the sending. The one thing to know: `id` is the receiver's idempotency key, so it
// must be the same on every retry of the same thing.
import type { Exchange } from '../engine/ports.ts';
import { sign } from '../net/signature.ts';

export type Letter = {
  url: string;
  /** `webhook-id` */
  id: string;
  payload: unknown;
  /** newest first; during a rotation's overlap each signs */
  signingSecrets: string[];
  /** whose connection this is: changes with each edit of the webhook */
  key: string;
  /** ms since 1970: `webhook-timestamp` is of the attempt, not of the event */
  now: number;
  headers?: Record<string, string>;
};

/** The exchange that posts this letter. */
export function signedPost(letter: Letter): Exchange {
  const body = JSON.stringify(letter.payload);
  const signature = sign({
    id: letter.id,
    timestamp: Math.floor(letter.now / 1000),
    body,
    secrets: letter.signingSecrets,
  });
  return {
    url: letter.url,
    key: letter.key,
    body,
    headers: { 'content-type': 'application/json', ...letter.headers, ...signature },
  };
}
