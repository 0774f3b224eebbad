// Sends what the outbox holds, in the order it was written, again and again until the server has taken it.
// Not here: keeping it (outbox.ts). The one thing to know: one request is on its way at a time, and it always begins with
// the oldest message; the server knows each by its id, so one whose answer was lost is sent again without harm.
import { MESSAGES_MAX } from '../../../src/channels/webchat/protocol.ts';
import { backoff } from './backoff.ts';
import { type Outbox, posted } from './outbox.ts';
import type { Queued } from './transcript.ts';
import { type Answer, passes, type Refusal } from './wire.ts';

export type SenderPorts = {
  outbox: Pick<Outbox, 'items' | 'put' | 'drop'>;
  address(): string;
  post(items: ReturnType<typeof posted>[]): Promise<Answer<{ results: { id: string }[] }>>;
  /** the token is not taken: whether there is another now */
  renew(): Promise<boolean>;
  /** waits, or less if woken */
  pause(ms: number): Promise<void>;
  random(): number;
  taken(ids: string[]): void;
  refused(id: string, why: string): void;
  /** tries fail (true), or one has succeeded after such (false) */
  failing(fails: boolean): void;
};

export type Sender = { poke(): void; stop(): void };

export function startSender(ports: SenderPorts): Sender {
  let stopped = false;
  let busy = false;
  let again = false;

  const waiting = (): Queued[] => ports.outbox.items(ports.address()).filter((item) => item.state === 'queued');

  /** Sends one request; gives how many tries in a row have failed by now. */
  const step = async (attempt: number, most: number): Promise<{ attempt: number; most: number }> => {
    const items = waiting().slice(0, most);
    const answer = await ports.post(items.map(posted));
    if (stopped) return { attempt, most };
    if (answer.ok) {
      const ids = items.map((item) => item.id);
      for (const id of ids) ports.outbox.drop(id);
      ports.taken(ids);
      ports.failing(false);
      return { attempt: 0, most: MESSAGES_MAX };
    }
    if (answer.status === 401 && attempt === 0 && (await ports.renew())) return { attempt: 1, most };
    if (passes(answer) || answer.status === 401) {
      ports.failing(true);
      await ports.pause(Math.max(answer.retryMs, backoff(attempt, ports.random)));
      return { attempt: attempt + 1, most };
    }
    return { attempt: 0, most: refuse(items, answer, ports) };
  };

  const run = async (): Promise<void> => {
    let at = { attempt: 0, most: MESSAGES_MAX };
    while (!stopped && waiting().length > 0) at = await step(at.attempt, at.most);
  };

  const poke = (): void => {
    again = true;
    if (busy) return;
    busy = true;
    void (async () => {
      while (again && !stopped) {
        again = false;
        await run();
      }
      busy = false;
    })();
  };
  poke();
  return {
    poke,
    stop: () => {
      stopped = true;
    },
  };
}

/** All or none were refused: the one that is named is to blame, or the one that was alone; else each must go alone. */
function refuse(items: Queued[], answer: Refusal, ports: SenderPorts): number {
  const index = Number(/^\/(\d+)/.exec(answer.pointer)?.[1] ?? (items.length === 1 ? 0 : Number.NaN));
  const bad = items[index];
  if (bad === undefined) return 1;
  ports.outbox.put({ ...bad, state: 'refused', why: answer.detail });
  ports.refused(bad.id, answer.detail);
  return items.length === 1 ? 1 : MESSAGES_MAX;
}
