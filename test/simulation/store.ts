// The port of the store over the disk, for one process: answers come late, in the order of asking, or not at all.
// Not here: what is kept and decided (disk.ts), and when it refuses (weather.ts says so). The one thing to know: what is
// asked is done at one instant and answered at a later one; a process that dies between the two never hears of it.
import {
  ConfigConflict,
  type ConfigRow,
  type ConfigWrite,
  type DeliveryFilter,
  type DeliveryRow,
  type PageAsk,
  type Store,
  StoreUnavailable,
  type ThreadFilter,
} from '../../src/engine/store-port.ts';
import type { Input } from '../../src/routing/inputs.ts';
import type { Delivery, Id, World } from '../../src/routing/model.ts';
import { columnsOf } from '../../src/store/rows/state.ts';
import type { Disk } from './disk.ts';
import type { Noted, Owners } from './owners.ts';
import type { Member } from './peers.ts';
import type { Time } from './virtual.ts';

export type StoreParts = {
  disk: Disk;
  time: Time;
  owners: Owners;
  /** ms until it is done, and again until that is known */
  latency(): number;
  refuses(): boolean;
  /** what was asked is answered so much later */
  late(ms: number): void;
  /** it is asked to keep this */
  asked(inputs: Input[]): void;
  /** something was decided and is on disk, and is not answered yet */
  done(): void;
};
/** In good weather an answer is there within milliseconds. */
const LATE_MS = 1_000;

export type StoreHere = { store: Store; ask<T>(run: () => T): Promise<T>; member: Member | null };

export function storeOf(parts: StoreParts): StoreHere {
  const { disk, time, owners } = parts;
  let tail = 0;
  let world: World | null = null;
  const member = (): Member => here.member as Member;
  const isOurs = (threadId: Id): boolean => owners.isOurs(member().number(), threadId);

  /** Does it at one instant, and answers at a later one. */
  function ask<T>(run: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const doneAt = Math.max(time.now, tail) + parts.latency();
      const answerAt = doneAt + parts.latency();
      tail = answerAt;
      // One behind the other they outlast the bad weather: what a process knows by then may be that old.
      if (answerAt - time.now > LATE_MS) parts.late(answerAt - time.now);
      time.at(doneAt, () => {
        const refused = parts.refuses() || member().isFenced();
        disk.now = time.now;
        const value = refused ? undefined : attempted(run);
        time.at(answerAt, () => {
          if (value === undefined) reject(new StoreUnavailable('the store refuses'));
          else if (!value.ok) reject(value.error);
          else resolve(value.value);
        });
      });
    });
  }

  function decideAll(inputs: Input[]) {
    if (world && disk.worldBy !== world) {
      disk.health.setWorld(world);
      disk.worldBy = world;
    }
    const noted: Noted = { touched: false, loose: false, world: false };
    const applied = owners.decide(member().number(), inputs, noted);
    member().tell(noted);
    parts.done();
    return applied;
  }

  const asked: Partial<Store> = {
    apply: (inputs) => {
      parts.asked(inputs);
      return ask(() => decideAll(inputs));
    },
    loadConfig: () =>
      ask(() => {
        member().read();
        return { rows: [...disk.rows], health: disk.health.list() };
      }),
    writeConfig: (writes) =>
      ask(() => {
        const written = write(disk, writes, time.now);
        member().tell({ touched: false, loose: false, world: true });
        return written;
      }),
    setWorld: (given) =>
      ask(() => {
        world = given;
        disk.health.setWorld(given);
        disk.worldBy = given;
      }),
    pendingPage: (target, lane, after, limit) =>
      ask(() =>
        disk
          .pending(target, lane, after)
          .filter(({ threadId }) => isOurs(threadId))
          .slice(0, limit)
          .map((each) => disk.owed(each)),
      ),
    pendingOf: (target, threadIds, after, limit) =>
      ask(() =>
        disk
          .pending(target, 'main', after)
          .filter(({ threadId }) => threadIds.includes(threadId) && isOurs(threadId))
          .slice(0, limit)
          .map((each) => disk.owed(each)),
      ),
    targetsWithPending: () => ask(() => owners.owedTargets(member().number())),
    dueThreads: () =>
      ask(() =>
        [...disk.threads.values()].flatMap((thread) => {
          const { dueAt } = columnsOf(thread);
          return dueAt === null || !isOurs(thread.id) ? [] : [{ id: thread.id, dueAt }];
        }),
      ).then((all) => all.sort((a, b) => a.dueAt - b.dueAt)),
    heldThreads: (id) =>
      ask(() =>
        [...disk.threads.values()]
          .filter((thread) => {
            const { holderId, waiting, offeredTo } = columnsOf(thread);
            return (holderId === id && waiting === 1) || offeredTo === id;
          })
          .map((thread) => thread.id),
      ),
    listThreads: ({ limbo }: PageAsk & ThreadFilter) =>
      ask(() => {
        const data = [...disk.threads.values()].filter((thread) => thread.limbo === limbo);
        return { data: data.map((thread) => ({ ...thread, dueAt: null, updatedAt: 0, last: null })), nextCursor: null };
      }),
    heard: (threadId) =>
      ask(() => {
        const last = [...disk.messages.values()].findLast((each) => each.threadId === threadId && each.turn !== null);
        return last ? { at: last.at, externalId: last.externalId ?? null } : null;
      }),
    transcript: (threadId, uptoSeq) =>
      ask(() => {
        const messages = [...disk.messages.values()].filter((m) => m.threadId === threadId && m.seq <= uptoSeq);
        return { messages, total: messages.length };
      }),
    listDeliveries: (filter) => ask(() => page(disk, filter)),
    countDeliveries: (filter) => ask(() => matching(disk, filter).length),
    saveReplay: (task) =>
      ask(() => {
        disk.tasks.set(task.id, structuredClone(task));
        member().tellReplay(task.id, task.status);
      }),
    replay: (id) => ask(() => structuredClone(disk.tasks.get(id) ?? null)),
    listReplays: () => ask(() => ({ data: structuredClone([...disk.tasks.values()]), nextCursor: null })),
    lastEventSeq: () => ask(() => disk.events.length),
    retain: () => ask(() => 0),
    close: async () => member().close(),
  };
  const here: StoreHere = { store: asked as Store, ask, member: null };
  return here;
}

type Attempted<T> = { ok: true; value: T } | { ok: false; error: unknown };

function attempted<T>(run: () => T): Attempted<T> {
  try {
    return { ok: true, value: run() };
  } catch (error) {
    return { ok: false, error };
  }
}

function write(disk: Disk, writes: ConfigWrite[], now: number): ConfigRow[] {
  const before = (each: ConfigWrite) => disk.rows.find(({ kind, id }) => kind === each.kind && id === each.id);
  for (const each of writes) {
    if (each.expectVersion !== undefined && before(each)?.version !== each.expectVersion)
      throw new ConfigConflict('it');
    if (each.unlessActive && disk.healthOf(each.id)?.status === 'active') throw new ConfigConflict('it is active');
  }
  return writes.flatMap((each) => {
    const old = before(each);
    disk.rows = disk.rows.filter((row) => row !== old);
    if (each.data === null) return [];
    const row = {
      ...{ kind: each.kind, id: each.id, data: each.data, version: (old?.version ?? 0) + 1 },
      ...{ createdAt: old?.createdAt ?? now, updatedAt: now },
    };
    disk.rows.push(row);
    return [row];
  });
}

function matching(disk: Disk, filter: DeliveryFilter): DeliveryRow[] {
  const shown = (each: Delivery): DeliveryRow => {
    const open = each.status === 'pending' || each.status === 'retrying';
    return open && !disk.health.isActive(each.target) ? { ...each, status: 'parked' } : each;
  };
  return disk.deliveries
    .map(shown)
    .filter(
      (each) =>
        (filter.status === undefined || each.status === filter.status) &&
        (filter.targetId === undefined || each.target.id === filter.targetId) &&
        (filter.threadId === undefined || each.threadId === filter.threadId) &&
        (filter.messageId === undefined || each.messageId === filter.messageId) &&
        (filter.since === undefined || each.createdAt >= filter.since) &&
        (filter.until === undefined || each.createdAt <= filter.until),
    );
}

function page(disk: Disk, ask: PageAsk & DeliveryFilter & { oldestFirst?: boolean }) {
  const all = matching(disk, ask);
  const ordered = ask.oldestFirst ? all : all.reverse();
  const from = ask.after === undefined ? 0 : ordered.findIndex(({ ord }) => ord > Number(ask.after));
  const data = from < 0 ? [] : ordered.slice(from, from + ask.limit);
  const last = data.at(-1);
  const more = last !== undefined && ordered.at(-1) !== last;
  return { data, nextCursor: more ? String(last.ord) : null };
}
