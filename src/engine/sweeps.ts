// What follows for threads when an integration's status changes: those it holds move on when it goes down, those that
// need a person are routed again when a bot comes back.
// Not here: the deciding for each thread (routing/clock.ts), and deliveries (deliver.ts).
// The one thing to know: a sweep may be cut by a crash and is run again at the start; each of its inputs is decided
// against the thread as it is then, so that running one twice changes nothing.
import type { Input } from '../routing/inputs.ts';
import type { Id, Rule, World } from '../routing/model.ts';
import type { Committer } from './committer.ts';
import type { Clock } from './ports.ts';
import type { Log } from './settings.ts';
import type { Store } from './store-port.ts';

const PAGE = 200;
/** After a page could not be read. */
const READ_AGAIN_MS = 1_000;

export type Sweeps = {
  /** the integration is not active: moves every thread that waits for it; resolves when all have been */
  unavailable(id: Id): Promise<void>;
  /** the bot is active again: routes every thread that needs a person; resolves when all have been */
  recovered(id: Id): Promise<void>;
  idle(): boolean;
  stop(): void;
};

export type SweepsParts = {
  store: Pick<Store, 'heldThreads' | 'listThreads'>;
  committer: Pick<Committer, 'keep'>;
  clock: Clock;
  log: Log;
  active(id: Id): boolean;
};

type Kind = 'unavailable' | 'recovered';
type ThreadPage = { ids: Id[]; next: string | null };

/**
 * Who is not active and shares a service with `id`, which is active again, by its rules or as mapped to it: a thread that waits
 * for one of them may be its own now, because it was stood in for, stands in itself, or is a fallback.
 */
export function downBeside({ services, bots, desks }: World, id: Id): Id[] {
  const beside = new Set<Id>();
  for (const { rules, mapped } of services.values()) {
    const named = new Set([...mapped, ...rules.flatMap(namedBy)]);
    if (named.has(id)) for (const each of named) beside.add(each);
  }
  return [...beside].filter((each) => {
    const status = (bots.get(each) ?? desks.get(each))?.health.status;
    return each !== id && status !== undefined && status !== 'active';
  });
}

function namedBy({ trigger, action }: Rule): Id[] {
  const named = [trigger.bot_id, trigger.desk_id];
  if ('bot_id' in action) named.push(action.bot_id, action.fallback?.desk_id);
  if ('desk_id' in action) named.push(action.desk_id);
  return named.flatMap((id) => id ?? []);
}

export function createSweeps({ store, committer, clock, log, active }: SweepsParts): Sweeps {
  /** running sweeps, and whether one was asked for again meanwhile */
  const running = new Map<string, { again: boolean; over: Promise<void> }>();
  let waiting = 0;
  let stopped = false;

  const read: Record<Kind, (id: Id, after: string | null) => Promise<ThreadPage>> = {
    async unavailable(id, after) {
      const ids = await store.heldThreads(id, after, PAGE);
      return { ids, next: ids.length < PAGE ? null : (ids.at(-1) as Id) };
    },
    async recovered(_id, after) {
      const page = await store.listThreads({ limit: PAGE, limbo: 'needs_person', ...(after ? { after } : {}) });
      return { ids: page.data.map((thread) => thread.id), next: page.nextCursor };
    },
  };

  async function page(kind: Kind, id: Id, after: string | null): Promise<ThreadPage> {
    for (;;) {
      try {
        return await read[kind](id, after);
      } catch (error) {
        log.warn({ err: error, integration: id }, 'threads of an integration could not be read; trying again');
        waiting += 1;
        await new Promise<void>((resolve) => clock.at(clock.now() + READ_AGAIN_MS, resolve));
        waiting -= 1;
      }
    }
  }

  async function sweep(kind: Kind, id: Id): Promise<void> {
    const still = (): boolean => !stopped && active(id) === (kind === 'recovered');
    for (let after: string | null = null; still(); ) {
      const { ids, next } = await page(kind, id, after);
      const inputs = ids.map((threadId): Input => ({ type: kind, threadId, integrationId: id }));
      await Promise.all(inputs.map((input) => committer.keep(input).catch(() => undefined)));
      if (next === null) return;
      after = next;
    }
  }

  function run(kind: Kind, id: Id): Promise<void> {
    const key = `${kind}:${id}`;
    const now = running.get(key);
    if (now) {
      now.again = true;
      return now.over;
    }
    const one = { again: true, over: Promise.resolve() };
    running.set(key, one);
    one.over = (async () => {
      while (one.again) {
        one.again = false;
        await sweep(kind, id);
      }
      running.delete(key);
    })();
    return one.over;
  }

  return {
    unavailable: (id) => run('unavailable', id),
    recovered: (id) => run('recovered', id),
    idle: () => running.size - waiting <= 0,
    stop() {
      stopped = true;
    },
  };
}
