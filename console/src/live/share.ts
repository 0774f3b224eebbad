// One connection for all tabs of a browser: one tab holds it and tells the others.
// Not here: the connection (stream.ts). The one thing to know: the tab is chosen by a Web Lock, which the browser gives
// on when that tab goes; where there are no locks (plain http on a LAN), each tab has a connection of its own.
import { openStream, type Told } from './stream.ts';

const NAME = 'signalbox-feed';
/** A newcomer asks how things stand; the holder of the connection answers with its state. */
type Word = Told | { kind: 'how' };

export function shareStream(tell: (told: Told) => void): () => void {
  if (!('locks' in navigator) || typeof BroadcastChannel === 'undefined') return openStream(tell);
  const channel = new BroadcastChannel(NAME);
  const gone = new AbortController();
  let state: Told | undefined;
  let close: () => void = () => undefined;
  let holds = false;

  channel.onmessage = ({ data }: MessageEvent<Word>) => {
    if (data.kind === 'how') {
      if (holds && state) channel.postMessage(state);
    } else if (!holds) tell(data);
  };
  channel.postMessage({ kind: 'how' } satisfies Word);

  const hold = (): Promise<void> =>
    new Promise((resolve) => {
      if (gone.signal.aborted) return resolve();
      holds = true;
      const end = openStream((told) => {
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
