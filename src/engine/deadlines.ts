// The deadlines of threads: one due time per thread, and a clock input when it comes.
// Not here: what a deadline is and what happens then (routing decides every deadline that has passed).
// The one thing to know: the due time is on disk too, so that all of this is read again at the start.
import type { Input } from '../routing/inputs.ts';
import type { Id } from '../routing/model.ts';
import { createAlarms } from './alarms.ts';
import type { Committer } from './committer.ts';
import type { Clock } from './ports.ts';
import type { Log } from './settings.ts';
import type { Applied, Store } from './store-port.ts';

/** Threads per page when they are read at the start. */
const PAGE = 1_000;
/** Clock inputs on their way at once: after a long stop, thousands are due, and hooks want in between. */
const BATCH = 256;
/** A deadline that is still past after it was decided would be decided for ever: it is looked at again after this. */
const SPIN_MS = 1_000;
/** A deadline of another life that is further away may have been set by a clock that has gone back: it is decided at once. */
const ODD_MS = 60_000;

export type Deadlines = {
  /** reads every due time of ours from disk; call before anything is submitted, and when threads are taken over */
  load(): Promise<void>;
  /** the consequence of one input, after its commit */
  applied(input: Input, applied: Applied): void;
  /** as another process has left it */
  set(threadId: Id, dueAt: number | null): void;
  idle(): boolean;
  stop(): void;
  stats(): Record<string, number>;
};

export type DeadlinesParts = {
  store: Pick<Store, 'dueThreads'>;
  committer: Pick<Committer, 'keep'>;
  clock: Clock;
  log: Log;
};

export function createDeadlines({ store, committer, clock, log }: DeadlinesParts): Deadlines {
  const due: Id[] = [];
  let submitting = false;
  let again = 0;
  const alarms = createAlarms<Id>(clock, (threads) => {
    for (const thread of threads) due.push(thread);
    void submit();
  });

  const lookAt = (dueAt: number): number => (dueAt > clock.now() + ODD_MS ? clock.now() : dueAt);

  async function submit(): Promise<void> {
    if (submitting) return;
    submitting = true;
    while (due.length > 0) {
      const batch = due.splice(0, BATCH);
      await Promise.all(batch.map((threadId) => committer.keep({ type: 'clock', threadId }).catch(() => undefined)));
    }
    submitting = false;
  }

  function repeat(threadId: Id): void {
    again += 1;
    log.warn({ thread: threadId }, 'a deadline was not settled by its decision; looking again');
    alarms.set(threadId, clock.now() + SPIN_MS);
  }

  return {
    async load() {
      let after: { dueAt: number; id: Id } | null = null;
      for (;;) {
        const page: { id: Id; dueAt: number }[] = await store.dueThreads(after, PAGE);
        for (const { id, dueAt } of page) alarms.set(id, lookAt(dueAt));
        after = page.at(-1) ?? null;
        if (page.length < PAGE) return;
      }
    },
    applied(input, { thread, dueAt }) {
      const threadId = thread?.id ?? ('threadId' in input ? input.threadId : undefined);
      if (threadId === undefined || dueAt === undefined) return;
      if (dueAt === null) alarms.clear(threadId);
      else if (input.type === 'clock' && dueAt <= clock.now()) repeat(threadId);
      else alarms.set(threadId, dueAt);
    },
    set(threadId, dueAt) {
      if (dueAt === null) alarms.clear(threadId);
      else alarms.set(threadId, lookAt(dueAt));
    },
    idle: () => !submitting,
    stop: () => alarms.stop(),
    stats: () => ({ deadlines: alarms.size(), deadlines_repeated: again }),
  };
}
