// Typing signals: sent at once, once, outside the ledger; nobody misses one after a crash.
// Not here: the wire of a signal (the adapters), and who may send one (routing).
import type { Transient } from '../routing/inputs.ts';
import type { Target } from '../routing/model.ts';
import { isSimulated } from '../routing/simulated.ts';
import type { Adapters } from './attempt.ts';
import type { Clock, Directory, Send } from './ports.ts';
import type { Limits } from './settings.ts';
import type { ThreadView } from './store-port.ts';

export type TypingParts = {
  directory: Directory;
  adapters: Adapters;
  send: Send;
  clock: Clock;
  limits: Pick<Limits, 'typing'>;
  active(target: Target): boolean;
};

export type Typing = {
  /** never waits and never fails: what cannot be sent now is dropped and counted */
  send(signal: Transient, thread: ThreadView | null): void;
  idle(): boolean;
  stats(): Record<string, number>;
};

export function createTyping({ directory, adapters, send, clock, limits, active }: TypingParts): Typing {
  let inFlight = 0;
  let sent = 0;
  let dropped = 0;

  function dispatch({ to, on, author, conversationId }: Transient, thread: ThreadView): Promise<void> | undefined {
    if (to.type === 'asset') {
      if (isSimulated(thread.address)) return undefined;
      const asset = directory.asset(to.id);
      const adapter = asset && adapters.channels.get(asset.channel);
      return adapter ? adapter.typing?.(asset, thread.address, on, author, send, clock.now()) : undefined;
    }
    const desk = to.type === 'desk' ? directory.desk(to.id) : undefined;
    const adapter = desk && adapters.desks.get(desk.kind);
    return adapter ? adapter.typing?.(desk, conversationId ?? '', on, send, clock.now(), thread) : undefined;
  }

  return {
    send(signal, thread) {
      if (thread === null || inFlight >= limits.typing || !active(signal.to)) {
        dropped += 1;
        return;
      }
      inFlight += 1;
      Promise.resolve()
        .then(() => dispatch(signal, thread))
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
    },
    idle: () => inFlight === 0,
    stats: () => ({ typing_in_flight: inFlight, typing_sent: sent, typing_dropped: dropped }),
  };
}
