// Reading a request: its id, its headers as adapters take them, its body with a limit.
// Not here: what the body means. The one thing to know: no more than the limit is ever kept in memory.
import type { IncomingMessage } from 'node:http';
import type { NewId } from '../routing/model.ts';

/** What is learned about a request on its way, for the log and the metrics: its row in the access table, its refusal. */
export type Seen = { readonly requestId: string; route: string; code: string | null };

/** What a caller may call its request: enough for a UUID, a trace id or our own ids; nothing that could forge a log line. */
const SANE_REQUEST_ID = /^[\w.:-]{8,128}$/;

export function requestIdOf(incoming: IncomingMessage, newId: NewId): string {
  const given = incoming.headers['x-request-id'];
  return typeof given === 'string' && SANE_REQUEST_ID.test(given) ? given : newId('req');
}

/** One string per header; repeated ones are joined as HTTP allows. */
export function plainHeaders(incoming: IncomingMessage): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) plain[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return plain;
}

/** A target of ours (it begins with a slash) in two parts. */
export function pathOf(target: string): { path: string; query: string } {
  const mark = target.indexOf('?');
  return mark === -1 ? { path: target, query: '' } : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

/** What is read and thrown away of a body that is too large, so that its sender gets to read the answer. */
const DISCARD_BYTES = 4 * 1024 * 1024;

/** `aborted`: the caller hung up, there is nobody to answer. `unread`: the rest still stands in the connection. */
export type BodyRead =
  | { ok: true; body: Buffer }
  | { ok: false; why: 'too_large' | 'encoded' | 'no_room' | 'slow' | 'aborted'; unread: boolean };

/** A body that is no file must be here by then. */
const BODY_MS = 10_000;

/** The body's bytes, at most `limit` of them. `room` is told of each part before it is kept; false ends the reading. */
export function readBody(
  incoming: IncomingMessage,
  limit: number,
  room: (bytes: number) => boolean = () => true,
): Promise<BodyRead> {
  const encoding = incoming.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    return Promise.resolve({ ok: false, why: 'encoded', unread: true });
  }
  if (Number(incoming.headers['content-length'] ?? 0) > limit + DISCARD_BYTES) {
    return Promise.resolve({ ok: false, why: 'too_large', unread: true });
  }
  if (incoming.destroyed) return Promise.resolve({ ok: false, why: 'aborted', unread: false });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const giveUp = (why: 'too_large' | 'no_room' | 'slow'): void => {
      clearTimeout(late);
      incoming.off('data', take);
      incoming.pause();
      resolve({ ok: false, why, unread: true });
    };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > limit) chunks.length = 0;
      else if (room(chunk.length)) chunks.push(chunk);
      else giveUp('no_room');
      if (size > limit + DISCARD_BYTES) giveUp('too_large');
    };
    const late = setTimeout(() => giveUp('slow'), BODY_MS);
    incoming.on('data', take);
    incoming.once('end', () => {
      clearTimeout(late);
      if (size > limit) resolve({ ok: false, why: 'too_large', unread: false });
      else resolve({ ok: true, body: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks) });
    });
    incoming.once('close', () => {
      clearTimeout(late);
      resolve({ ok: false, why: 'aborted', unread: false });
    });
  });
}
