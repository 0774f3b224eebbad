// One connection for all tabs of a browser: one tab holds it and tells the others.
// Not here: the connection (stream.ts). The one thing to know: the tab is chosen by a Web Lock, which the browser gives
// on when that tab goes; where there are no locks (plain http on a LAN), each tab has a connection of its own.
import { openStream, type Told } from './stream.ts';

const NAME = 'signalbox-feed';
/** A newcomer asks how things stand; the holder of the connection answers with its state. */
type Word = Told | { kind: 'how' };

/** `after` is the seq of the last event that this tab need not be told; null: unknown. */
export function shareStream(after: number | null, tell: (told: Told) => void): () => void {
  if (!('locks' in navigator) || typeof BroadcastChannel === 'undefined') return openStream(after, tell);
  const channel = new BroadcastChannel(NAME);
  const gone = new AbortController();
  let state: Told | undefined;
  let close: () => void = () => undefined;
  let holds = false;
  // Which is where this tab goes on when the one that holds the connection is closed.
  let last = after;

  channel.onmessage = ({ data }: MessageEvent<Word>) => {
    if (data.kind === 'how') {
      if (holds && state) channel.postMessage(state);
    } else if (!holds) {
      if (data.kind === 'event') last = data.event.seq;
      tell(data);
    }
  };
  channel.postMessage({ kind: 'how' } satisfies Word);

  const hold = (): Promise<void> =>
    new Promise((resolve) => {
      if (gone.signal.aborted) return resolve();
      holds = true;
      const end = openStream(last, (told) => {
        if (told.kind === 'state') state = told;
        channel.postMessage(told);
        tell(told);
      });
      close = () => {
        end();
        resolve();
      };
    });
  navigator.locks.request(NAME, { signal: gone.signal }, hold).catch(() => undefined);

  return () => {
    gone.abort();
    close();
    channel.close();
  };
}
