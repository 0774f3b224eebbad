// What Meta's three channels share: the signature of a webhook, the proof of its address, Graph's URLs and errors.
// Not here: any payload (meta-messaging.ts and each adapter). The one thing to know: the signature is over the raw bytes,
// since Meta escapes what is not ASCII before it signs; JSON that was parsed and written again never fits.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { PlainAnswer } from '../engine/channel-port.ts';
import type { ExchangeAnswer, RawRequest } from '../engine/ports.ts';
import { sameToken } from '../net/signature.ts';
import type { Outcome } from '../routing/inputs.ts';
import { isObject, type Refused, refused } from './json.ts';
import { outcomeOf, retryAfter } from './outcome.ts';

/** What Meta is answered when all is on disk. */
export const EVENT_RECEIVED: PlainAnswer = { status: 200, type: 'text/plain', body: 'EVENT_RECEIVED' };

/** Meta's challenges are numbers; a long one is somebody who wants to see their own page under our name. */
const MAX_CHALLENGE = 256;
/** A wait that Graph names may be hours; the asset asks again after this at the latest. */
const MAX_PAUSE_S = 3600;
/** Meta's windows of counting are an hour that slides: a minute later there is room for some again. */
const PAUSE_S = 60;
const MAX_QUOTED = 300;

// ───────────────────────────── what comes in ─────────────────────────────

/** 401, or null when `X-Hub-Signature-256` is the HMAC of the raw body by one of the app secrets. */
export function checkHubSignature(request: RawRequest, appSecrets: readonly string[]): Refused | null {
  const header = request.headers['x-hub-signature-256'];
  if (header === undefined || header === '') return refused(401, 'bad_signature', 'X-Hub-Signature-256 is missing.');
  const hex = /^sha256=([0-9a-f]{64})$/i.exec(header)?.[1];
  const given = Buffer.from(hex ?? '', 'hex');
  let matches = false;
  for (const secret of appSecrets) {
    if (secret === '') continue;
    const expected = createHmac('sha256', secret).update(request.body).digest();
    if (given.length === expected.length && timingSafeEqual(given, expected)) matches = true;
  }
  if (matches) return null;
  return refused(401, 'bad_signature', 'X-Hub-Signature-256 does not fit: compare the app secret with the app’s own.');
}

/** Answers `hub.challenge` when `hub.verify_token` is ours, else 403; null when this is no handshake at all. */
export function hubHandshake(request: RawRequest, verifyToken: unknown): PlainAnswer | null {
  if (request.query.get('hub.mode') !== 'subscribe') return null;
  const given = request.query.get('hub.verify_token') ?? '';
  const challenge = request.query.get('hub.challenge') ?? '';
  const ours = typeof verifyToken === 'string' && sameToken(verifyToken, given);
  const plain = /^[\w.-]+$/.test(challenge) && challenge.length <= MAX_CHALLENGE;
  if (ours && plain) return { status: 200, type: 'text/plain', body: challenge };
  return { status: 403, type: 'text/plain', body: ours ? 'The challenge is missing.' : 'The verify token is wrong.' };
}

/** A stand-in for the id of an event that has none: the same event told twice has the same. */
export function digestId(prefix: string, ...parts: unknown[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
  return `${prefix}:${digest.slice(0, 32)}`;
}

// ───────────────────────────── what goes out ─────────────────────────────

/** `graphUrl('https://graph.facebook.com', 'v23.0', id, 'messages')`; each part is one segment, whatever is in it. */
export function graphUrl(base: unknown, version: unknown, ...parts: string[]): string {
  const start = String(base).replace(/\/+$/, '');
  return [start, ...[String(version), ...parts].map(encodeURIComponent)].join('/');
}

/** Meta's proof that whoever has the token has the app secret too: apps may demand it of every call. */
export function appSecretProof(token: string, appSecret: string): string {
  return createHmac('sha256', appSecret).update(token).digest('hex');
}

export type GraphError = { code: number; subcode: number | null; message: string };

/** The error in an answer of Graph, or null when it names none. */
export function graphError(body: string): GraphError | null {
  const error = parsed(body)?.error;
  if (!isObject(error) || typeof error.code !== 'number') return null;
  return {
    code: error.code,
    subcode: typeof error.error_subcode === 'number' ? error.error_subcode : null,
    message: typeof error.message === 'string' ? error.message : '',
  };
}

/** What an answer of Graph says, when it is a JSON object. */
export function parsed(body: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** What an error of Graph means for the message: an Outcome's own part of it. */
export type Ruling = Pick<Outcome, 'result' | 'reason' | 'detail'> & { slowDown?: 'asset' | number };

export type GraphClassing = {
  mask: (text: string) => string;
  now: number;
  /** a channel's own codes, asked first; null: the codes that all of Graph shares */
  ruling: (error: GraphError) => Ruling | null;
};

/**
 * The outcome of a send by Graph. It takes no idempotency key: what left and was not answered is unknown.
 * `slowDown: 'asset'` pauses all of the asset, a number of seconds this customer's message alone.
 */
export function graphOutcome(answer: ExchangeAnswer, by: GraphClassing): Outcome {
  const outcome = outcomeOf(answer, { clientErrors: 'final', keyless: true, mask: by.mask, now: by.now });
  if (!answer.ok) return outcome;
  const error = graphError(answer.body);
  if (error === null)
    return outcome.reason === 'throttled' ? { ...outcome, ...waits('asset', answer, by.now) } : outcome;
  const { slowDown, ...ruling } = by.ruling(error) ?? sharedRuling(error, answer.status);
  const code = error.subcode === null ? `${error.code}` : `${error.code}/${error.subcode}`;
  const words = quoted(by.mask(error.message));
  const detail = `${ruling.detail} (Meta’s error ${code}${words === '' ? '' : `: ${words}`})`;
  const { retryAfterS, gone, ...rest } = outcome;
  const wait = slowDown === undefined ? {} : waits(slowDown, answer, by.now);
  return { ...rest, ...ruling, detail, ...wait };
}

/** Codes that mean the same wherever Graph is asked (developers.facebook.com, Graph API, Handle Errors, and Rate Limits). */
function sharedRuling({ code }: GraphError, status: number): Ruling {
  if (RATE_CODES.includes(code))
    return { result: 'retry', reason: 'throttled', detail: 'Meta asks us to send less.', slowDown: 'asset' };
  if (code === 190 || code === 102)
    return final(
      'bad_credentials',
      'The access token is not valid any more: make a new one at Meta and enter it here.',
    );
  if (code === 10 || code === 3 || (code >= 200 && code <= 299))
    return final('no_permission', 'The app lacks a permission for this: look at its permissions at Meta.');
  if (code === 368) return final('blocked_by_policy', 'Meta blocks this account for now because of its policies.');
  if (code === 100) return final('rejected', 'Meta did not take the request as it was.');
  if (code === 1 || code === 2 || status >= 500)
    return { result: 'retry', reason: 'server_error', detail: 'Meta has a passing trouble of its own.' };
  return final('rejected', 'Meta refused it.');
}

/** Limits of the app, the user, the page, the account; the 800xx are those of business use cases. */
const RATE_CODES: readonly number[] = [
  4, 17, 32, 341, 613, 80000, 80001, 80002, 80003, 80004, 80005, 80006, 80007, 80008, 80009, 80014,
];

export const final = (reason: string, detail: string): Ruling => ({ result: 'final', reason, detail });

function waits(how: 'asset' | number, answer: Extract<ExchangeAnswer, { ok: true }>, now: number) {
  if (typeof how === 'number') return { retryAfterS: how };
  const { 'retry-after': header, 'x-business-use-case-usage': usage } = answer.headers;
  const asked = Math.max(retryAfter(header, now) ?? 0, regainS(usage));
  const seconds = Math.min(asked || PAUSE_S, MAX_PAUSE_S);
  return { retryAfterS: seconds, pauseS: seconds };
}

/** The longest `estimated_time_to_regain_access` (minutes) in Meta's usage header, in seconds; 0 when it tells none. */
function regainS(header: string | undefined): number {
  const uses = header === undefined ? [] : Object.values(parsed(header) ?? {}).flat();
  const minutes = uses.map((use) => (isObject(use) ? Number(use.estimated_time_to_regain_access) : 0));
  return Math.max(0, ...minutes.filter((value) => Number.isFinite(value))) * 60;
}

/** A peer's words in a sentence of ours: one line, not long; masked before, since half a secret is found by no mask. */
function quoted(words: string): string {
  return words
    .slice(0, MAX_QUOTED)
    .replace(/[\p{Cc}\p{Cs}]+/gu, ' ')
    .trim();
}
