// Who may speak through a hook: its bearer secret, or a Standard Webhooks signature over the raw bytes.
// Not here: the unguessable part of a hook's URL (http finds the party by it). The one thing to know: every comparison
// takes the same time whether it holds or not, and a refusal does not say which part was nearly right.
import type { RawRequest } from '../engine/ports.ts';
import { sameToken, verify, type WhyInvalid } from '../net/signature.ts';
import { type Refused, refused } from './json.ts';

/** Whether the request brings a signature at all. */
export function isSigned(request: RawRequest): boolean {
  return request.headers['webhook-signature'] !== undefined;
}

/** 401, or null when the signature holds by any of the secrets. */
export function checkSignature(request: RawRequest, signingSecrets: string[]): Refused | null {
  const { headers, body, now } = request;
  const result = verify({ headers, body, secrets: signingSecrets, now });
  return result.ok ? null : refused(401, 'bad_signature', WHY[result.why]);
}

/** 401, or null when `Authorization: Bearer` is one of the secrets or the signature holds. */
export function checkBearerOrSignature(
  request: RawRequest,
  by: { secrets: string[]; signingSecrets: string[] },
): Refused | null {
  const bearer = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
  if (bearer !== undefined && by.secrets.filter((secret) => sameToken(secret, bearer)).length > 0) return null;
  if (isSigned(request)) return checkSignature(request, by.signingSecrets);
  const detail =
    bearer === undefined ? 'Send Authorization: Bearer, or sign the request.' : 'The bearer secret is wrong.';
  return refused(401, 'bad_signature', detail);
}

const WHY: Record<WhyInvalid, string> = {
  missing_header: 'Send webhook-id, webhook-timestamp and webhook-signature.',
  bad_timestamp: 'webhook-timestamp must be in whole seconds since 1970.',
  too_old: 'webhook-timestamp is more than 5 minutes ago. Sign each try anew, and check the clock.',
  too_new: 'webhook-timestamp is more than 5 minutes ahead. Check the clock.',
  no_match: 'No webhook signature fits: sign id.timestamp.body, byte for byte as sent, with the signing secret.',
};
