// Signals: who types, who is at a desk, whose hook was called. Told to whoever reads the live feed now, and never kept.
// Not here: how a stream is written (api/events.ts). The one thing to know: a reader that is slow loses the older of two
// signals about the same thing, and nothing else.
import type { Transient } from '../routing/inputs.ts';
import { timeOf } from './fields.ts';

/** Signals that wait for one slow reader. */
const SIGNALS_MAX = 100;

/** `key`: of two with the same only the newer is worth telling. `data`: as the stream shows it. */
export type Signal = { key: string; data: Record<string, unknown> };

/** What waits for one reader. */
export class Signals {
  readonly #waiting = new Map<string, Signal>();

  get some(): boolean {
    return this.#waiting.size > 0;
  }

  put(signal: Signal): void {
    this.#waiting.delete(signal.key);
    if (this.#waiting.size >= SIGNALS_MAX) this.#waiting.delete(this.#waiting.keys().next().value as string);
    this.#waiting.set(signal.key, signal);
  }

  take(): Signal[] {
    const taken = [...this.#waiting.values()];
    this.#waiting.clear();
    return taken;
  }
}

export function typingSignal({ threadId, conversationId, author, on }: Transient, now: number): Signal {
  const data = { type: 'typing', thread_id: threadId, conversation_id: conversationId, author, on, at: timeOf(now) };
  return { key: `typing ${threadId} ${author.type} ${author.name}`, data };
}

/** Somebody came to a console desk, left it or stepped away: who is there can be asked. */
export const presenceSignal = (deskId: string): Signal => ({
  key: `presence ${deskId}`,
  data: { type: 'presence', desk_id: deskId },
});

/** The hook of an asset was proved, heard something for the first time, or refused it: the asset says what. */
export const channelSignal = (assetId: string): Signal => ({
  key: `channel ${assetId}`,
  data: { type: 'channel', asset_id: assetId },
});
