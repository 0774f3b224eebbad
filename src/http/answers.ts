// Writing answers: JSON and problems, to the raw response of a hook and as a Response for the framework.
// Not here: which problems there are (problems.ts). The one thing to know: every answer to a machine carries the same
// headers, and none of them may be stored by a cache, for many hold secrets or a customer's words.
import type { ServerResponse } from 'node:http';
import type { PlainAnswer } from '../engine/channel-port.ts';
import { PROBLEMS, problemDocument, RETRY_AFTER_S, type Refusal } from './problems.ts';

export const JSON_TYPE = 'application/json';
export const STREAM_TYPE = 'text/event-stream';
export const PROBLEM_TYPE = 'application/problem+json';

/** For answers to machines: nothing may be loaded, framed, guessed at or kept. */
export const API_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** What a handler answers: JSON, nothing, a refusal, or a whole Response (pages, streams). */
export type Answer =
  | { status: 200 | 201 | 202; json: unknown; location?: string }
  | { status: 204 }
  | Refusal
  | Response;

export const ok = (json: unknown): Answer => ({ status: 200, json });
export const created = (location: string, json: unknown): Answer => ({ status: 201, json, location });
export const accepted = (json: unknown): Answer => ({ status: 202, json });
export const done: Answer = { status: 204 };

/** Headers of a refusal beyond the usual: how long to wait, how to log in. */
function headersOf(refusal: Refusal): Record<string, string> {
  const { status } = PROBLEMS[refusal.refusal];
  const wait = refusal.retryAfterS ?? (status === 503 ? RETRY_AFTER_S : undefined);
  return {
    ...(wait === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(wait))) }),
    ...(refusal.refusal === 'unauthorized' ? { 'www-authenticate': 'Bearer realm="signalbox"' } : {}),
    ...refusal.headers,
  };
}

export function problemResponse(refusal: Refusal, requestId: string, publicUrl: string): Response {
  return new Response(JSON.stringify(problemDocument(refusal, requestId, publicUrl)), {
    status: PROBLEMS[refusal.refusal].status,
    headers: { ...API_HEADERS, ...headersOf(refusal), 'content-type': PROBLEM_TYPE },
  });
}

export function jsonResponse(status: number, body: string, headers: Record<string, string> = {}): Response {
  return new Response(body, { status, headers: { ...API_HEADERS, 'content-type': JSON_TYPE, ...headers } });
}

export const emptyResponse = (): Response => new Response(null, { status: 204, headers: API_HEADERS });

/** What a hook's answer carries beside its length and its id: for programs, which render nothing. A list, for speed. */
const HOOK_HEADERS = ['cache-control', 'no-store', 'x-content-type-options', 'nosniff', 'content-type', JSON_TYPE];

/** Writes JSON to a hook's raw response. False: the caller is gone. */
export function sendJson(outgoing: ServerResponse, status: number, value: unknown, requestId: string): boolean {
  if (outgoing.destroyed || outgoing.headersSent) return false;
  const body = JSON.stringify(value);
  const own = ['content-length', String(Buffer.byteLength(body)), 'x-request-id', requestId];
  outgoing.writeHead(status, [...HOOK_HEADERS, ...own]);
  outgoing.end(body);
  return true;
}

/** Writes what an adapter wants its provider to be answered: nothing of it is ever rendered. False: the caller is gone. */
export function sendPlain(outgoing: ServerResponse, answer: PlainAnswer, requestId: string): boolean {
  if (outgoing.destroyed || outgoing.headersSent) return false;
  const { status, type, body } = answer;
  const own = { 'content-type': type, 'content-length': Buffer.byteLength(body), 'x-request-id': requestId };
  outgoing.writeHead(status, { ...API_HEADERS, ...own });
  outgoing.end(body);
  return true;
}

/** Writes a problem to a raw response. False: the caller is gone. */
export function sendProblem(outgoing: ServerResponse, refusal: Refusal, publicUrl: string, requestId: string): boolean {
  if (outgoing.destroyed || outgoing.headersSent) return false;
  const body = JSON.stringify(problemDocument(refusal, requestId, publicUrl));
  outgoing.writeHead(PROBLEMS[refusal.refusal].status, {
    ...API_HEADERS,
    ...headersOf(refusal),
    'content-type': PROBLEM_TYPE,
    'content-length': Buffer.byteLength(body),
    'x-request-id': requestId,
  });
  outgoing.end(body);
  return true;
}
