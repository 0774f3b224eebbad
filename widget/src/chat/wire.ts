// The requests to the server, each answered by a value: what came, or why not.
// Not here: trying again, tokens' ages, the stream. The one thing to know: status 0 is "no answer at all": no network, a
// server that is away, or an origin that the asset does not allow; a browser does not tell which.
import type {
  HistoryPage,
  PostAnswer,
  PostedMessage,
  ReceiptAsk,
  Session,
  SessionAsk,
  TypingAsk,
  UploadedMedium,
} from '../../../src/channels/webchat/protocol.ts';

export type Refusal = { ok: false; status: number; code: string; detail: string; pointer: string; retryMs: number };
export type Answer<T> = { ok: true; value: T } | Refusal;

/** Longer than the server needs, shorter than a person waits. */
const ANSWER_WITHIN_MS = 15_000;
/** Ten megabytes over a slow line. */
const UPLOAD_WITHIN_MS = 180_000;

export type Wire = {
  session(ask: SessionAsk): Promise<Answer<Session>>;
  history(token: string, before: string): Promise<Answer<HistoryPage>>;
  post(token: string, messages: PostedMessage[]): Promise<Answer<PostAnswer>>;
  receipts(token: string, ask: ReceiptAsk): Promise<Answer<unknown>>;
  typing(token: string, ask: TypingAsk): Promise<Answer<unknown>>;
  upload(token: string, file: Blob, name: string): Promise<Answer<UploadedMedium>>;
  /** the open stream's response; `signal` ends it */
  events(token: string, after: string, signal: AbortSignal): Promise<Response>;
};

type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export function wireTo(root: string, fetch: Fetch): Wire {
  const headers = (token: string, type?: string): Record<string, string> => ({
    ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
    ...(type === undefined ? {} : { 'content-type': type }),
  });
  const ask = async <T>(path: string, token: string, more: RequestInit, type?: string, ms = ANSWER_WITHIN_MS) => {
    const signal = AbortSignal.timeout(ms);
    try {
      const init = { ...more, headers: headers(token, type), signal, credentials: 'omit', cache: 'no-store' } as const;
      return await read<T>(await fetch(root + path, init));
    } catch (error) {
      return none(String(error instanceof Error ? error.message : error));
    }
  };
  const send = <T>(path: string, token: string, body: unknown): Promise<Answer<T>> =>
    ask<T>(path, token, { method: 'POST', body: JSON.stringify(body) }, 'application/json');

  return {
    session: (body) => send('/sessions', '', body),
    history: (token, before) => ask(`/history?before=${encodeURIComponent(before)}`, token, {}),
    post: (token, messages) => send('/messages', token, messages),
    receipts: (token, body) => send('/receipts', token, body),
    typing: (token, body) => send('/typing', token, body),
    upload: (token, file, name) => {
      const type = file.type || 'application/octet-stream';
      const path = `/media?name=${encodeURIComponent(name)}`;
      return ask(path, token, { method: 'POST', body: file }, type, UPLOAD_WITHIN_MS);
    },
    events: (token, after, signal) => {
      const path = `/events?after=${encodeURIComponent(after)}`;
      const accept = { ...headers(token), accept: 'text/event-stream' };
      return fetch(root + path, { headers: accept, signal, credentials: 'omit', cache: 'no-store' });
    },
  };
}

async function read<T>(response: Response): Promise<Answer<T>> {
  const text = await response.text();
  const body = parsed(text);
  if (!response.ok) return refusalOf(response, body);
  // Something between us and the server may answer in its place, with a page of its own.
  if (body === undefined && response.status !== 204) return none('the answer is not from Signalbox');
  return { ok: true, value: body as T };
}

export function refusalOf(response: Response, body: unknown): Refusal {
  const said = (typeof body === 'object' && body !== null ? body : {}) as {
    code?: string;
    title?: string;
    detail?: string;
    errors?: { pointer?: string; detail?: string }[];
  };
  const first = said.errors?.[0];
  const seconds = Number(response.headers.get('retry-after'));
  return {
    ok: false,
    status: response.status,
    code: said.code ?? '',
    detail: first?.detail ?? said.detail ?? said.title ?? `the server answered ${response.status}`,
    pointer: first?.pointer ?? '',
    retryMs: Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 60) * 1000 : 0,
  };
}

function none(detail: string): Refusal {
  return { ok: false, status: 0, code: '', detail, pointer: '', retryMs: 0 };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether trying the same again can help. */
export const passes = (refusal: Refusal): boolean =>
  refusal.status === 0 || refusal.status === 408 || refusal.status === 429 || refusal.status >= 500;
