// How the fake parties and the tests speak: one HTTP request over a fresh connection, and waiting for something.
// Not here: retries, keep-alive, anything clever. A broken connection rejects; every status is an answer.
import { request } from 'node:http';

/** What came over the wire: of any shape, which the assertions are there to find out. */
export type Loose = ReturnType<typeof JSON.parse>;

export type Answer = { status: number; headers: Record<string, string>; text: string; body: Loose };
export type Asked = { headers?: Record<string, string>; body?: unknown; timeoutMs?: number };

/** Longer than anything the program may take to answer: a dozen passwords at once on a slow machine take half a minute. */
const ANSWER_WITHIN_MS = 60_000;
/** Longer than a bot's first retry: an exchange that a stalled machine let run out is tried again after a minute. */
const WITHIN_MS = 90_000;
const LATE_ANSWER_MS = 50;

export function parsed(text: string): Loose {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Strings and buffers go as they are, everything else as JSON. */
export function call(method: string, url: string, asked: Asked = {}): Promise<Answer> {
  const { body } = asked;
  const bytes = body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  const headers: Record<string, string> = { ...asked.headers };
  if (bytes !== undefined) {
    headers['content-type'] ??= 'application/json';
    headers['content-length'] = String(Buffer.byteLength(bytes));
  }
  return new Promise((resolve, reject) => {
    // From the first packet on: whose queue of connections is full answers none for minutes.
    const timeout = asked.timeoutMs ?? ANSWER_WITHIN_MS;
    const outgoing = request(url, { method, headers, agent: false, timeout }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: incoming.statusCode ?? 0, headers: flat(incoming.headers), text, body: parsed(text) });
      });
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer in time: ${method} ${url}`)));
    // A server may answer and close before it has read a body that is too large: its answer may still be on the way.
    outgoing.on('error', (error) => setTimeout(() => reject(error), LATE_ANSWER_MS));
    outgoing.end(bytes);
  });
}

export function flat(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Long enough for what must not happen to have happened: some turns of every process, and a commit. */
export const calm = (ms = 250): Promise<void> => sleep(ms);

type Truthy<T> = Exclude<T, undefined | null | false | 0 | ''>;

/** Looks again and again until there is something; `what` is the sentence that a failure says. */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  withinMs = WITHIN_MS,
): Promise<Truthy<Awaited<T>>> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen) return seen as Truthy<Awaited<T>>;
    if (Date.now() > deadline) throw new Error(`waited ${withinMs} ms in vain: ${what}`);
    await sleep(10);
  }
}
