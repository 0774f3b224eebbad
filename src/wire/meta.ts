// What Meta's three channels share: the signature of a webhook, the proof of its address, Graph's URLs and errors.
// Not here: any payload (meta-messaging.ts, meta-send.ts, whatsapp/). The one thing to know: the signature is over the raw bytes,
// since Meta escapes what is not ASCII before it signs; JSON that was parsed and written again never fits.
import { createHash, createHmac } from 'node:crypto';
import type { PlainAnswer } from '../engine/channel-port.ts';
import type { AssetConfig, Exchange, ExchangeAnswer, RawRequest } from '../engine/ports.ts';
import { sameSignature, sameToken } from '../net/signature.ts';
import type { Outcome } from '../routing/inputs.ts';
import { connectionOf, textIn } from './config.ts';
import { isObject, objectIn, objectOf, type Refused, refused } from './json.ts';
import { type Mask, maskFor } from './mask.ts';
import { outcomeOf, retryAfter } from './outcome.ts';
import { again, badCredentials, behind, final, notIn, quoted, type Ruling, ruled, slower, sourceOf } from './ruling.ts';

/** What Meta is answered when all is on disk. */
export const EVENT_RECEIVED: PlainAnswer = { status: 200, type: 'text/plain', body: 'EVENT_RECEIVED' };

/** Meta's challenges are numbers; a long one is somebody who wants to see their own page under our name. */
const MAX_CHALLENGE = 256;
/** Meta's windows of counting are an hour that slides: a minute later there is room for some again. */
const PAUSE_S = 60;

// ───────────────────────────── what comes in ─────────────────────────────

/** 401, or null when `X-Hub-Signature-256` is the HMAC of the raw body by one of the app secrets. */
export function checkHubSignature(request: RawRequest, appSecrets: readonly string[]): Refused | null {
  const header = request.headers['x-hub-signature-256'];
  if (header === undefined || header === '') return refused(401, 'bad_signature', 'X-Hub-Signature-256 is missing.');
  let matches = false;
  for (const secret of appSecrets) {
    const expected = `sha256=${createHmac('sha256', secret).update(request.body).digest('hex')}`;
    if (secret !== '' && sameSignature(expected, header.toLowerCase())) matches = true;
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

/** Whose line it is at Graph: made of an asset's config by its adapter. */
export type MetaLine = {
  base: string;
  version: string;
  /** the page, account or number that speaks */
  id: string;
  token: string;
  /** null: not asked for there */
  proofSecret: string | null;
  mask: Mask;
};

/** Removes an asset's secrets, and the proofs made of them. */
export function metaMask(asset: AssetConfig, secrets: readonly string[], proofs: readonly string[]): Mask {
  return maskFor(asset, () => [...secrets.map((name) => textIn(asset.config, name)), ...proofs]);
}

/** A request to Graph in this line's name; the token is in a header, never in the URL. */
export function graphExchange(
  asset: AssetConfig,
  line: MetaLine,
  path: string[],
  what: { body: unknown } | { query: Record<string, string> },
): Exchange {
  const query = new URLSearchParams('query' in what ? what.query : {});
  if (line.proofSecret !== null) query.set('appsecret_proof', appSecretProof(line.token, line.proofSecret));
  const asked = query.size === 0 ? '' : `?${query}`;
  const url = graphUrl(line.base, line.version, ...path) + asked;
  const bearer = { authorization: `Bearer ${line.token}` };
  const to = { url, key: connectionOf(asset) };
  if ('query' in what) return { ...to, method: 'GET', headers: bearer, body: '' };
  return { ...to, headers: { ...bearer, 'content-type': 'application/json' }, body: JSON.stringify(what.body) };
}

// ───────────────────────────── what Graph answers ─────────────────────────────

export type GraphError = { code: number; subcode: number | null; message: unknown };

/** The error in an answer of Graph, or null when it names none. */
export function graphError(body: string): GraphError | null {
  const { error } = objectIn(body);
  if (!isObject(error) || typeof error.code !== 'number') return null;
  const subcode = typeof error.error_subcode === 'number' ? error.error_subcode : null;
  return { code: error.code, subcode, message: error.message };
}

export type GraphClassing = {
  mask: Mask;
  now: number;
  /** a channel's own codes, asked first; null: the codes that all of Graph shares */
  ruling: (error: GraphError) => Ruling | null;
};

/** The outcome of a request of Graph. It takes no idempotency key: what left and was not answered is unknown. */
export function graphOutcome(answer: ExchangeAnswer, by: GraphClassing): Outcome {
  const outcome = outcomeOf(answer, { clientErrors: 'final', keyless: true, mask: by.mask, now: by.now });
  if (!answer.ok) return outcome;
  const error = graphError(answer.body);
  const askedS = askedWait(answer, by.now);
  if (error === null) {
    if (outcome.result === 'ok') return isEmpty(objectOf(answer)) ? ruled(outcome, notIn('Meta')) : outcome;
    if (answer.status === 429) return ruled(outcome, SLOWER, { askedS });
    return answer.status >= 500 ? ruled(outcome, behind('Meta')) : outcome;
  }
  const code = error.subcode === null ? error.code : `${error.code}/${error.subcode}`;
  const ruling = by.ruling(error) ?? sharedRuling(error, answer.status);
  return ruled(outcome, ruling, {
    source: sourceOf('Meta', code, quoted(by.mask, error.message)),
    ...(ruling.slow?.of === 'asset' ? { askedS } : {}),
  });
}

/** The same of a message: whoever takes it and gives no id is not Meta. */
export function graphSent(
  answer: ExchangeAnswer,
  by: GraphClassing,
  idIn: (said: Record<string, unknown>) => string,
): Outcome {
  const outcome = graphOutcome(answer, by);
  if (outcome.result !== 'ok') return outcome;
  const externalId = idIn(objectOf(answer));
  return externalId === '' ? ruled(outcome, notIn('Meta')) : { ...outcome, externalId };
}

const isEmpty = (said: Record<string, unknown>): boolean => Object.keys(said).length === 0;

/** Codes that mean the same wherever Graph is asked (developers.facebook.com, Graph API, Handle Errors, and Rate Limits). */
function sharedRuling({ code }: GraphError, status: number): Ruling {
  if (RATE_CODES.includes(code)) return SLOWER;
  if (code === 190 || code === 102) return BAD_TOKEN;
  if (code === 10 || code === 3 || (code >= 200 && code <= 299))
    return final('not_permitted', 'The app lacks a permission for this: look at its permissions at Meta.');
  if (code === 368) return final('restricted', 'Meta blocks this account for now because of its policies.');
  if (code === 100) return final('rejected', 'Meta did not take the request as it was.');
  if (code === 1 || code === 2 || status >= 500) return again('Meta has a passing trouble of its own.');
  return final('rejected', 'Meta refused it.');
}

export const BAD_TOKEN = badCredentials(
  'The access token is not valid any more: make a new one at Meta and enter it here.',
);

const SLOWER = slower('asset', PAUSE_S, 'Meta asks us to send less.');

/** Limits of the app, the user, the page, the account; the 800xx are those of business use cases. */
const RATE_CODES: readonly number[] = [
  4, 17, 32, 341, 613, 80000, 80001, 80002, 80003, 80004, 80005, 80006, 80007, 80008, 80009, 80014,
];

/** How long Meta asks us to wait, in seconds, by either of its headers; undefined: it does not say. */
function askedWait(answer: Extract<ExchangeAnswer, { ok: true }>, now: number): number | undefined {
  const { 'retry-after': header, 'x-business-use-case-usage': usage = '' } = answer.headers;
  const seconds = Math.max(retryAfter(header, now) ?? 0, regainS(usage));
  return seconds === 0 ? undefined : seconds;
}

/** The longest `estimated_time_to_regain_access` (minutes) in Meta's usage header, in seconds; 0 when it tells none. */
function regainS(header: string): number {
  const uses = Object.values(objectIn(header)).flat();
  const minutes = uses.map((use) => (isObject(use) ? Number(use.estimated_time_to_regain_access) : 0));
  return Math.max(0, ...minutes.filter((value) => Number.isFinite(value))) * 60;
}
