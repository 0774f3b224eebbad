// The live feed as the screens see it: is it live, since when not, what just happened, who is typing.
// Not here: the connection, and which events touch what. The one thing to know: most screens need nothing of this;
// `useGet` and `usePages` are asked again by themselves. `useEvents` and `useSignals` are for what must not wait.
import { type Query, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useSession } from '../api/session.ts';
import type { Event, Signal } from '../api/types.ts';
import { shareStream } from './share.ts';
import type { Told } from './stream.ts';
import { ALL_IDS, onTouched, type Touched, touch, touchEverything } from './touched.ts';

export type LiveState = {
  state: 'connecting' | 'live' | 'broken' /** ms; the last time it was live */;
  liveAt: number;
};

const Context = createContext<LiveState>({ state: 'connecting', liveAt: 0 });
const eventListeners = new Set<(event: Event) => void>();
const signalListeners = new Set<(signal: Signal) => void>();
/** of the last event that this page was told */
let toldSeq = 0;
/** Shorter breaks are nobody's business. */
const PATIENCE_MS = 2_500;
const ID_IN_PATH = /\/([a-z]{2,6}_[0-9a-z]{26})(?=\/|$)/g;

/** Whether a query is about something that was touched. */
function concerns(query: Query, touched: Touched): boolean {
  const [topic, path] = query.queryKey;
  if (typeof topic !== 'string' || !touched.topics.has(topic)) return false;
  if (touched.ids.has(ALL_IDS) || typeof path !== 'string') return true;
  const named = [...path.matchAll(ID_IN_PATH)].map((match) => match[1] as string);
  const follow = (query.meta?.follow as string[] | undefined) ?? [];
  const about = [...named, ...follow];
  return about.length === 0 || about.some((id) => touched.ids.has(id));
}

export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [live, setLive] = useState<LiveState>({ state: 'connecting', liveAt: Date.now() });
  // As it was first: a later one would begin the feed anew. And not what was told already, if this is not the first time.
  const { last_event_seq } = useSession();
  const [after] = useState(last_event_seq && Math.max(last_event_seq, toldSeq));

  // Before what the screens read in their effects: then nothing lies between what they read and what the feed tells.
  useLayoutEffect(() => {
    let patience: ReturnType<typeof setTimeout> | undefined;
    let mayBeOld = after === null;
    const end = shareStream(after, (word: Told) => {
      if (word.kind === 'event') {
        toldSeq = word.event.seq;
        for (const listener of eventListeners) listener(word.event);
        touch(word.event);
      } else if (word.kind === 'signal') {
        for (const listener of signalListeners) listener(word.signal);
      } else if (word.state === 'live') {
        clearTimeout(patience);
        patience = undefined;
        if (mayBeOld) touchEverything();
        mayBeOld = false;
        setLive({ state: 'live', liveAt: word.at });
      } else {
        mayBeOld = true;
        patience ??= setTimeout(() => setLive({ state: 'broken', liveAt: word.at }), PATIENCE_MS);
      }
    });
    const stop = onTouched((touched) => {
      void client.invalidateQueries({ predicate: (query) => concerns(query, touched) });
    });
    return () => {
      clearTimeout(patience);
      end();
      stop();
    };
  }, [client, after]);

  return <Context value={live}>{children}</Context>;
}

export const useLive = (): LiveState => useContext(Context);

function useListener<T>(listeners: Set<(value: T) => void>, act: (value: T) => void): void {
  const latest = useRef(act);
  useEffect(() => {
    latest.current = act;
  });
  useEffect(() => {
    const listener = (value: T): void => latest.current(value);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }, [listeners]);
}

/** Every event of the feed, as it comes. */
export const useEvents = (act: (event: Event) => void): void => useListener(eventListeners, act);
/** Every signal (typing), as it comes. */
export const useSignals = (act: (signal: Signal) => void): void => useListener(signalListeners, act);
