// Writes a customer's stream as Server-Sent Events.
// Not here: what is in it (the web chat's core). The one thing to know: the next page is read when the last one has left;
// who does not read for a while is let go, and comes back with the cursor.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { API_HEADERS, STREAM_TYPE } from '../answers.ts';

/** Proxies drop a connection on which nothing was said for 30 to 60 s; the widget waits for two. */
const HEARTBEAT_MS = 15_000;
/** A reader that has not taken a page in this time is gone, or means harm. */
const DRAIN_MS = 30_000;

/** What is written here of the core's stream. */
export type Source = {
  next(waitMs: number): Promise<{ event: string; cursor?: string; data: unknown }[] | null>;
  end(reason: 'gone' | 'restart'): void;
  close(): void;
};

/** Resolves when the stream is over, whoever ended it. `stillValid` is asked at each pause. */
export async function writeStream(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  source: Source,
  stillValid: () => boolean,
): Promise<void> {
  outgoing.once('close', () => source.close());
  outgoing.writeHead(200, {
    ...API_HEADERS,
    'content-type': STREAM_TYPE,
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
  });
  incoming.resume();
  try {
    for (let items = await source.next(0); items !== null; items = await source.next(HEARTBEAT_MS)) {
      if (outgoing.destroyed) return;
      if (!(await written(outgoing, items.length === 0 ? ': \n\n' : items.map(textOf).join('')))) return;
      if (!stillValid()) source.end('gone');
    }
  } finally {
    source.close();
    if (!outgoing.destroyed) outgoing.end();
  }
}

/** JSON has no line breaks in it, so one data line holds all. */
const textOf = ({ event, cursor, data }: { event: string; cursor?: string; data: unknown }): string =>
  `event: ${event}\n${cursor === undefined ? '' : `id: ${cursor}\n`}data: ${JSON.stringify(data)}\n\n`;

/** True when there is room for more; false when the reader is gone or does not read. */
function written(outgoing: ServerResponse, text: string): Promise<boolean> {
  if (outgoing.write(text)) return Promise.resolve(true);
  return new Promise((resolve) => {
    const done = (room: boolean): void => {
      clearTimeout(late);
      outgoing.off('drain', drained);
      outgoing.off('close', closed);
      if (!room) outgoing.destroy();
      resolve(room);
    };
    const drained = (): void => done(true);
    const closed = (): void => done(false);
    const late = setTimeout(closed, DRAIN_MS);
    outgoing.once('drain', drained);
    outgoing.once('close', closed);
  });
}
