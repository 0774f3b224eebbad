// Chatwoot's signature of a webhook: hex HMAC-SHA256 over `timestamp.body` in `X-Chatwoot-Signature: sha256=…`.
// Not here: what is signed (read.ts). The one thing to know: API inboxes sign from Chatwoot 4.13 on, with a secret that
// Chatwoot makes; so it is compulsory where that secret is known, and not looked at where it is not.
import { createHmac } from 'node:crypto';
import type { RawRequest } from '../../engine/ports.ts';
import { sameSignature, TOLERANCE_S } from '../../net/signature.ts';
import { type Refused, refused } from '../../wire/json.ts';

/** 401, or null when it holds. */
export function checkSignature({ headers, body, now }: RawRequest, secret: string): Refused | null {
  const given = headers['x-chatwoot-signature'];
  const timestamp = headers['x-chatwoot-timestamp'];
  if (given === undefined || timestamp === undefined)
    return bad('X-Chatwoot-Signature and X-Chatwoot-Timestamp are missing; Chatwoot sends them from 4.13 on.');
  if (!/^\d{1,12}$/.test(timestamp)) return bad('X-Chatwoot-Timestamp must be in whole seconds since 1970.');
  const expected = `sha256=${createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex')}`;
  if (!sameSignature(expected, given)) return bad('The signature does not fit: compare the webhook secret.');
  const seconds = now / 1000 - Number(timestamp);
  return Math.abs(seconds) > TOLERANCE_S ? bad('X-Chatwoot-Timestamp is more than 5 minutes away.') : null;
}

const bad = (detail: string): Refused => refused(401, 'bad_signature', detail);
