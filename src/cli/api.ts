// A client of the management API for the command line: JSON in, JSON out, problems as sentences.
// Not here: finding the running server (running.ts).
// The one thing to know: an expected refusal is a value; only the unexpected throws.

/** No answer of the API takes longer on a healthy machine; verification waits 5 s for a bot. */
const TIMEOUT_MS = 15_000;

export type ApiAnswer = { ok: boolean; status: number; body: Record<string, unknown>; problem: string };
export type Api = {
  get(path: string): Promise<ApiAnswer>;
  post(path: string, body: unknown): Promise<ApiAnswer>;
  put(path: string, body?: unknown): Promise<ApiAnswer>;
  patch(path: string, body: unknown): Promise<ApiAnswer>;
  delete(path: string): Promise<ApiAnswer>;
};

/** `base` is the server's address without a slash at the end; paths are below `/api/v1`. */
export function apiClient(base: string, key: string): Api {
  async function call(method: string, path: string, body?: unknown): Promise<ApiAnswer> {
    const headers: Record<string, string> = { authorization: `Bearer ${key}`, accept: 'application/json' };
    if (body !== undefined) headers['content-type'] = 'application/json';
    let response: Response;
    try {
      response = await fetch(`${base}/api/v1${path}`, {
        method,
        headers,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return read(method, path, response.status, await response.text());
    } catch (error) {
      const cause = (error as { cause?: { code?: string } }).cause?.code ?? (error as Error).message;
      return { ok: false, status: 0, body: {}, problem: `${base} cannot be reached (${cause})` };
    }
  }
  return {
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
    put: (path, body) => call('PUT', path, body),
    patch: (path, body) => call('PATCH', path, body),
    delete: (path) => call('DELETE', path),
  };
}

function read(method: string, path: string, status: number, text: string): ApiAnswer {
  const ok = status >= 200 && status < 300;
  let body: Record<string, unknown> = {};
  try {
    const value: unknown = text === '' ? {} : JSON.parse(text);
    if (typeof value === 'object' && value !== null) body = value as Record<string, unknown>;
  } catch {
    return { ok: false, status, body, problem: `${method} ${path}: ${status}, and the answer is not JSON` };
  }
  const errors = Array.isArray(body.errors) ? (body.errors as { pointer?: string; detail?: string }[]) : [];
  const fields = errors.map((error) => ` ${error.pointer}: ${error.detail}`).join(';');
  const problem = ok ? '' : `${method} ${path}: ${status} ${String(body.detail ?? body.title ?? '')}${fields}`;
  return { ok, status, body, problem };
}
