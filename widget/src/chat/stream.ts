// Keeps one stream of events open, for as long as it is wanted, from where the last one ended.
// Not here: what the events mean. The one thing to know: a stream that is silent for longer than the server's heartbeat
// is dead, whatever the browser believes; and coming back is spread over time, because all pages come back at once.
import { HEARTBEAT_MS, type StreamEvents } from '../../../src/channels/webchat/protocol.ts';
import { backoff } from './backoff.ts';
import { eventReader, type ServerEvent } from './sse.ts';

/** Two heartbeats may be late on a bad line; more are not coming. */
const SILENCE_MS = HEARTBEAT_MS * 2 + 5_000;
/** After this much of an open stream, the next failure counts as the first. */
const STEADY_MS = 10_000;
/** We were put off the line for another one: no contest. */
const REPLACED_MS = 60_000;

export type StreamPorts = {
  open(signal: AbortSignal): Promise<Response>;
  event(event: ServerEvent): void;
  link(live: boolean): void;
  /** the token is not taken (any more): whether there is another now */
  renew(forget: boolean): Promise<boolean>;
  /** waits, or less if woken */
  pause(ms: number): Promise<void>;
  now(): number;
  random(): number;
};

type End = 'refused' | 'gone' | 'replaced' | 'restart' | 'broken';

/** Runs until `stop` is called. */
export function keepStream(ports: StreamPorts): { stop(): void } {
  const over = new AbortController();
  void (async () => {
    let attempt = 0;
    while (!over.signal.aborted) {
      const openedAt = ports.now();
      const end = await once(ports, over.signal);
      if (over.signal.aborted) return;
      ports.link(false);
      if (ports.now() - openedAt > STEADY_MS) attempt = 0;
      const forget = end === 'gone';
      if ((end === 'refused' || forget) && attempt === 0 && (await ports.renew(forget))) {
        attempt = 1;
        continue;
      }
      await ports.pause(end === 'replaced' ? REPLACED_MS : backoff(attempt, ports.random));
      attempt += 1;
    }
  })();
  return { stop: () => over.abort() };
}

async function once(ports: StreamPorts, over: AbortSignal): Promise<End> {
  const line = new AbortController();
  const cut = (): void => line.abort();
  over.addEventListener('abort', cut);
  let watch = setTimeout(cut, SILENCE_MS);
  try {
    const response = await ports.open(line.signal);
    if (response.status === 401 || response.status === 403) return 'refused';
    if (!response.ok || response.body === null) return 'broken';
    const bytes = response.body.getReader();
    const words = new TextDecoder();
    const read = eventReader();
    for (;;) {
      const { done, value } = await bytes.read();
      if (done) return 'broken';
      clearTimeout(watch);
      watch = setTimeout(cut, SILENCE_MS);
      for (const event of read(words.decode(value, { stream: true }))) {
        if (event.event === 'bye') return reasonOf(event.data);
        if (event.event === 'ready') ports.link(true);
        ports.event(event);
      }
    }
  } catch {
    return 'broken';
  } finally {
    clearTimeout(watch);
    over.removeEventListener('abort', cut);
    line.abort();
  }
}

function reasonOf(data: string): End {
  const { reason } = JSON.parse(data) as StreamEvents['bye'];
  return reason;
}
