// Typing signals, and marks that the customer's words were seen: sent at once, once, outside the ledger; nobody misses one
// after a crash. Not here: the wire of a signal (the adapters), and who may send one (routing).
import type { Transient } from '../routing/inputs.ts';
import type { Id, Message, Target } from '../routing/model.ts';
import { isSimulated } from '../routing/simulated.ts';
import { type Adapters, reached } from './attempt.ts';
import type { Directory, Send } from './ports.ts';
import type { Limits } from './settings.ts';
import type { Store, ThreadView } from './store-port.ts';

/** Threads of which is remembered what was seen: a repeated mark does no harm. */
const SEEN_MAX = 10_000;

export type TypingParts = {
  store: Pick<Store, 'heard'>;
  directory: Directory;
  adapters: Adapters;
  send: Send;
  wall(): number;
  limits: Pick<Limits, 'typing'>;
  /** whether anything may be told there now */
  open(target: Target): boolean;
};

export type Typing = {
  /** never waits and never fails: what cannot be sent now is dropped and counted */
  send(signal: Transient, thread: ThreadView | null): void;
  /** whoever holds the line has what the customer said: told once to channels that can show it */
  seen(thread: ThreadView, message: Message): void;
  idle(): boolean;
  stats(): Record<string, number>;
};

export function createTyping(parts: TypingParts): Typing {
  const { store, directory, adapters, send, wall, limits, open } = parts;
  const marked = new Map<Id, number>();
  let inFlight = 0;
  let sent = 0;
  let dropped = 0;

  async function toChannel({ to, on, author }: Transient, thread: ThreadView): Promise<void> {
    const asset = directory.asset(to.id);
    const adapter = asset && adapters.channels.get(asset.channel);
    if (!asset || !adapter?.typing) return;
    const heard = adapter.needsHeard ? await store.heard(thread.id) : undefined;
    await adapter.typing(asset, reached(thread).address, on, author, send, wall(), heard);
  }

  function dispatch(signal: Transient, thread: ThreadView): Promise<void> | undefined {
    const { to, on, conversationId } = signal;
    if (to.type === 'asset') {
      return isSimulated(thread.address) ? undefined : toChannel(signal, thread);
    }
    const desk = to.type === 'desk' ? directory.desk(to.id) : undefined;
    const adapter = desk && adapters.desks.get(desk.kind);
    return adapter ? adapter.typing?.(desk, conversationId ?? '', on, send, wall(), thread) : undefined;
  }

  function begin(work: () => Promise<void> | undefined): void {
    inFlight += 1;
    Promise.resolve()
      .then(work)
      .then(
        () => {
          sent += 1;
        },
        () => {
          dropped += 1;
        },
      )
      .finally(() => {
        inFlight -= 1;
      });
  }

  return {
    send(signal, thread) {
      if (thread === null || inFlight >= limits.typing || !open(signal.to)) dropped += 1;
      else begin(() => dispatch(signal, thread));
    },
    seen(thread, { turn, at, sentAt, externalId }) {
      const asset = directory.asset(thread.assetId);
      const adapter = asset && adapters.channels.get(asset.channel);
      if (!asset || !adapter?.seen || turn === null || isSimulated(thread.address)) return;
      if (turn <= (marked.get(thread.id) ?? 0) || inFlight >= limits.typing) return;
      if (!open({ type: 'asset', id: asset.id })) return;
      marked.delete(thread.id);
      marked.set(thread.id, turn);
      for (const oldest of marked.keys()) {
        if (marked.size <= SEEN_MAX) break;
        marked.delete(oldest);
      }
      const heard = { at: sentAt ?? at, externalId: externalId ?? null };
      begin(() => adapter.seen?.(asset, reached(thread).address, heard, send, wall()));
    },
    idle: () => inFlight === 0,
    stats: () => ({ typing_in_flight: inFlight, typing_sent: sent, typing_dropped: dropped }),
  };
}
