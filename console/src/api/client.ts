// The one way to the server: JSON over fetch with the session's cookie, and every refusal as an ApiError.
// Not here: what is asked (hooks in query.ts, screens). The one thing to know: a POST that a person may press twice
// carries an Idempotency-Key, so that a lost answer never acts twice.

export type FieldProblem = { pointer: string; detail: string };
/** `offline`: no answer at all; `unreadable`: something between us and the server answered. */
export type ErrorCode = string;

export class ApiError extends Error {
  readonly status: number;
  readonly code: ErrorCode;
  readonly errors: FieldProblem[];
  readonly requestId: string | null;
  /** the whole document: some codes bring members of their own (`holder`, `rules`) */
  readonly document: Record<string, unknown>;
  readonly retryAfterS: number | null;

  constructor(about: { status: number; code: ErrorCode; detail: string } & Partial<ApiError>) {
    super(about.detail);
    this.name = 'ApiError';
    this.status = about.status;
    this.code = about.code;
    this.errors = about.errors ?? [];
    this.requestId = about.requestId ?? null;
    this.document = about.document ?? {};
    this.retryAfterS = about.retryAfterS ?? null;
  }
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type Params = Record<string, string | number | boolean | null | undefined>;
export type Ask = { params?: Params; body?: unknown; signal?: AbortSignal; headers?: Record<string, string> };

const BASE = '/api/v1';
/** Longer than the server takes for anything (a verification: 5 s per step); shorter than a person waits. */
const ANSWER_WITHIN_MS = 30_000;

let onSignedOut: () => void = () => undefined;
/** Called when the server no longer knows the session. */
export function whenSignedOut(act: () => void): void {
  onSignedOut = act;
}

export function pathWith(path: string, params: Params = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== null && value !== '') query.set(name, String(value));
  }
  return `${BASE}${path}${query.size > 0 ? `?${query}` : ''}`;
}

/** The answer's JSON (undefined for 204), or an ApiError is thrown. */
export async function api<T>(method: Method, path: string, ask: Ask = {}): Promise<T> {
  const limit = AbortSignal.timeout(ANSWER_WITHIN_MS);
  const signal = ask.signal ? AbortSignal.any([ask.signal, limit]) : limit;
  const headers: Record<string, string> = { accept: 'application/json', ...ask.headers };
  const sends = method !== 'GET' && method !== 'DELETE';
  if (sends) headers['content-type'] = 'application/json';
  if (method === 'POST') headers['idempotency-key'] ??= newKey();
  const body = sends ? JSON.stringify(ask.body ?? {}) : undefined;
  const options: RequestInit = { method, headers, signal, credentials: 'same-origin', ...(body ? { body } : {}) };
  let answer: Response;
  try {
    answer = await fetch(pathWith(path, ask.params), options);
  } catch (error) {
    if (ask.signal?.aborted) throw error;
    throw new ApiError({ status: 0, code: 'offline', detail: 'The server does not answer.' });
  }
  if (answer.ok) return (answer.status === 204 ? undefined : await answer.json()) as T;
  throw await problemOf(answer, path);
}

async function problemOf(answer: Response, path: string): Promise<ApiError> {
  const document: Record<string, unknown> = await answer.json().catch(() => ({}));
  const retryAfter = Number(answer.headers.get('retry-after'));
  const error = new ApiError({
    status: answer.status,
    code: typeof document.code === 'string' ? document.code : 'unreadable',
    detail: typeof document.detail === 'string' ? document.detail : `The server answered ${answer.status}.`,
    errors: Array.isArray(document.errors) ? document.errors : [],
    requestId: answer.headers.get('x-request-id'),
    document,
    retryAfterS: retryAfter > 0 ? retryAfter : null,
  });
  if (answer.status === 401 && path !== '/session') onSignedOut();
  return error;
}

/** crypto.randomUUID needs https or localhost; a console on a plain LAN address has neither. */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export const errorOf = (error: unknown): ApiError =>
  error instanceof ApiError
    ? error
    : new ApiError({ status: 0, code: 'console', detail: error instanceof Error ? error.message : String(error) });

/** Field errors of a 422 for a form: `/config/url` becomes `config.url`. */
export const formErrors = (error: unknown): Record<string, string> =>
  Object.fromEntries(
    errorOf(error).errors.map(({ pointer, detail }) => [pointer.slice(1).replaceAll('/', '.'), detail]),
  );
