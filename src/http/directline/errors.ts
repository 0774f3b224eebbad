// Refusals in Direct Line's form: {error: {code, message}}, with the statuses that its clients act upon.
// Not here: when something is refused. The one thing to know: to a client 403 means that its token has ended, and 404
// that the conversation has; so neither is said of anything that trying again would mend.
import type { ServerResponse } from 'node:http';
import { API_HEADERS, JSON_TYPE } from '../answers.ts';

const STATUS = {
  BadArgument: 400,
  MissingToken: 401,
  Forbidden: 403,
  TokenExpired: 403,
  OriginNotAllowed: 403,
  IdentityRequired: 403,
  NotFound: 404,
  ConversationNotFound: 404,
  MethodNotAllowed: 405,
  RequestTimeout: 408,
  ConversationOfAnotherUser: 409,
  TooLarge: 413,
  UnsupportedMediaType: 415,
  UpgradeRequired: 426,
  TooManyRequests: 429,
  ServerError: 500,
  ServiceUnavailable: 503,
  InsufficientStorage: 507,
} as const;
export type Code = keyof typeof STATUS;

export type Refusal = { code: Code; message: string; retryAfterS?: number; close?: boolean; headers?: Headers };
type Headers = Record<string, string>;

/** What a caller who comes too early is told to wait, where nobody knows better. */
const RETRY_AFTER_S = 5;

export const refuse = (code: Code, message: string, more: Omit<Refusal, 'code' | 'message'> = {}): Refusal => ({
  code,
  message,
  ...more,
});

export const tooMany = (waitS: number): Refusal =>
  refuse('TooManyRequests', 'This is more than one caller may ask for. Wait, and try again.', { retryAfterS: waitS });

/** Status, headers and body of a refusal. */
export function written({ code, message, retryAfterS, close, headers = {} }: Refusal): {
  status: number;
  headers: Headers;
  body: string;
} {
  const status = STATUS[code];
  const wait = retryAfterS ?? (status === 503 ? RETRY_AFTER_S : undefined);
  const body = JSON.stringify({ error: { code, message } });
  const own = {
    ...API_HEADERS,
    'content-type': JSON_TYPE,
    'content-length': String(Buffer.byteLength(body)),
    ...(wait === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(wait))) }),
    ...(status === 401 ? { 'www-authenticate': 'Bearer realm="directline"' } : {}),
    ...(close ? { connection: 'close' } : {}),
  };
  return { status, headers: { ...own, ...headers }, body };
}

export function sendRefusal(outgoing: ServerResponse, refusal: Refusal): void {
  if (outgoing.destroyed || outgoing.headersSent) return;
  const { status, headers, body } = written(refusal);
  outgoing.writeHead(status, headers).end(body);
}
