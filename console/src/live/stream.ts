// One connection to the server's event feed, opened again when it breaks, from where it was.
// Not here: sharing it among tabs (share.ts). The one thing to know: the browser's EventSource resumes by itself after a
// break, but gives up on any refusal; then this waits, longer each time, and opens it anew after the last event.
import { api } from '../api/client.ts';
import type { Event, Signal } from '../api/types.ts';

export type Told =
  | { kind: 'event'; event: Event }
  | { kind: 'signal'; signal: Signal }
  | { kind: 'state'; state: 'live' | 'broken'; at: number };

const WAIT_MS = [1_000, 2_000, 5_000, 10_000, 20_000];
const FEED = '/api/v1/events';

/** `after` is the seq of an event; null: from now on. */
export function openStream(after: number | null, tell: (told: Told) => void): () => void {
  let source: EventSource | undefined;
  let last = after;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  const open = (): void => {
    timer = undefined;
    source = new EventSource(last === null ? FEED : `${FEED}?after=${last}`);
    source.onopen = () => {
      failures = 0;
      tell({ kind: 'state', state: 'live', at: Date.now() });
    };
    source.onmessage = (message: MessageEvent<string>) => {
      const event: Event = JSON.parse(message.data);
      last = event.seq;
      tell({ kind: 'event', event });
    };
    source.addEventListener('signal', (message: MessageEvent<string>) => {
      tell({ kind: 'signal', signal: JSON.parse(message.data) });
    });
    source.onerror = () => {
      tell({ kind: 'state', state: 'broken', at: Date.now() });
      if (source?.readyState !== EventSource.CLOSED || closed) return;
      // It does not say why it was refused; an ordinary question is, and the client knows what a 401 means.
      api('GET', '/events', { params: { limit: 1 } }).catch(() => undefined);
      timer ??= setTimeout(open, WAIT_MS[Math.min(failures++, WAIT_MS.length - 1)]);
    };
  };
  open();

  return () => {
    closed = true;
    clearTimeout(timer);
    source?.close();
  };
}
