// Replays of many deliveries by a filter: tasks with progress, which survive a restart and can be paused.
// Not here: the replay of one delivery (an input, decided by routing), and the listing (the store).
// The one thing to know: a task walks oldest first, so that each lane gets its replays in the old order, and looks at
// nothing created since the task was made, so that it never meets its own.
import type { Input, Reply } from '../routing/inputs.ts';
import type { Id, NewId } from '../routing/model.ts';
import type { Committer } from './committer.ts';
import type { Clock } from './ports.ts';
import type { Log } from './settings.ts';
import type { DeliveryFilter, DeliveryRow, ReplayTask, Store } from './store-port.ts';

/** Deliveries per step: hooks ride in the same flush, so that a replay takes little from them. */
const STEP = 50;
/** Failures kept with the task; `failed` counts them all. */
const FAILURES_KEPT = 100;
/** After the store refused. */
const AGAIN_MS = 2_000;
/** Rows per page when tasks, or replays of one message, are looked for. */
const PAGE = 100;

export type ReplaysParts = {
  store: Pick<Store, 'listDeliveries' | 'countDeliveries' | 'saveReplay' | 'listReplays' | 'replay'>;
  committer: Pick<Committer, 'submit'>;
  clock: Clock;
  newId: NewId;
  log: Log;
  /** of several processes one works, and the others tell it what is to be done */
  leads(): boolean;
};

export class Replays {
  readonly #parts: ReplaysParts;
  /** tasks whose loop runs; the loop and `change` share the object, so that neither overwrites the other */
  readonly #running = new Map<Id, ReplayTask>();
  #waiting = 0;
  #stopped = false;

  constructor(parts: ReplaysParts) {
    this.#parts = parts;
  }

  /** Goes on with what was running when the process ended. */
  async resume(): Promise<void> {
    let after: string | null = null;
    do {
      const page: { data: ReplayTask[]; nextCursor: string | null } = await this.#parts.store.listReplays({
        limit: PAGE,
        ...(after === null ? {} : { after }),
      });
      for (const task of page.data) if (task.status === 'running') void this.#run({ ...task }, true);
      after = page.nextCursor;
    } while (after !== null);
  }

  async start(filter: DeliveryFilter, actor: string): Promise<ReplayTask> {
    const { store, clock, newId } = this.#parts;
    const at = clock.now();
    const before = at - 1; // its own replays are made at `at` or later
    const bounded = { ...filter, until: Math.min(filter.until ?? before, before) };
    const task: ReplayTask = {
      id: newId('rpl'),
      status: 'running',
      filter: bounded,
      total: await store.countDeliveries(bounded),
      done: 0,
      failed: 0,
      cursor: null,
      failures: [],
      createdAt: at,
      updatedAt: at,
      actor,
    };
    await this.#save(task);
    void this.#run(task, false);
    return { ...task };
  }

  /** null: there is no such task. One that is done or cancelled stays so. */
  async change(id: Id, status: 'running' | 'paused' | 'cancelled'): Promise<ReplayTask | null> {
    const task = this.#running.get(id) ?? (await this.#parts.store.replay(id));
    if (task === null) return null;
    if (task.status === 'done' || task.status === 'cancelled') return { ...task };
    task.status = status;
    await this.#save(task);
    if (status === 'running') void this.#run(task, true);
    return { ...task };
  }

  /** Another process has made or changed a task. */
  told(id: Id, status: ReplayTask['status']): void {
    const { store, leads, log } = this.#parts;
    if (!leads()) return;
    const task = this.#running.get(id);
    if (task) {
      if (status !== 'done' && task.status !== 'done') task.status = status;
      if (status !== 'running') void this.#save(task).catch(() => undefined);
    } else if (status === 'running') {
      store.replay(id).then(
        (found) => found && void this.#run(found, true),
        (error: unknown) => log.warn({ err: error, replay: id }, 'a replay could not be read'),
      );
    }
  }

  idle(): boolean {
    return this.#running.size - this.#waiting <= 0;
  }

  stop(): void {
    this.#stopped = true;
  }

  #save(task: ReplayTask): Promise<void> {
    const { clock, store } = this.#parts;
    task.updatedAt = clock.now();
    return store.saveReplay({ ...task, failures: [...task.failures] });
  }

  async #run(task: ReplayTask, resumed: boolean): Promise<void> {
    const { clock, log } = this.#parts;
    if (this.#running.has(task.id) || !this.#parts.leads()) return;
    this.#running.set(task.id, task);
    let mayRepeat = resumed;
    let unsaved = false;
    while ((unsaved || task.status === 'running') && !this.#stopped && this.#parts.leads()) {
      try {
        if (!unsaved) await this.#step(task, mayRepeat);
        mayRepeat = false;
        unsaved = true;
        await this.#save(task);
        unsaved = false;
      } catch (error) {
        mayRepeat = !unsaved; // the step may have been stored although it was not counted
        log.warn({ err: error, replay: task.id }, 'a replay was held up; trying again');
        this.#waiting += 1;
        await new Promise<void>((resolve) => clock.at(clock.now() + AGAIN_MS, resolve));
        this.#waiting -= 1;
      }
    }
    this.#running.delete(task.id);
  }

  /** One page, and what became of it in the task, which is not saved yet. */
  async #step(task: ReplayTask, mayRepeat: boolean): Promise<void> {
    const { store, committer, clock } = this.#parts;
    const began = clock.now();
    const page = await store.listDeliveries({
      ...task.filter,
      limit: STEP,
      oldestFirst: true,
      ...(task.cursor === null ? {} : { after: task.cursor }),
    });
    const rows: DeliveryRow[] = [];
    let known = 0;
    for (const row of page.data) {
      if (mayRepeat && (await this.#wasReplayed(row, task))) known += 1;
      else rows.push(row);
    }
    const inputs = rows.map(({ threadId, id }): Input => ({ type: 'replay', threadId, deliveryId: id }));
    const applied = await committer.submit(inputs);
    task.done += known;
    for (const [i, { reply }] of applied.entries()) count(task, rows[i] as DeliveryRow, reply);
    task.cursor = page.nextCursor;
    task.workedMs = (task.workedMs ?? 0) + Math.max(1, clock.now() - began);
    if (page.nextCursor === null && task.status === 'running') task.status = 'done';
  }

  /** Whether a step that was cut had replayed this one already: its replay, younger than the task, is there. */
  async #wasReplayed(row: DeliveryRow, task: ReplayTask): Promise<boolean> {
    const { data } = await this.#parts.store.listDeliveries({
      limit: PAGE,
      since: task.createdAt,
      threadId: row.threadId,
      targetId: row.target.id,
      ...(row.messageId === null ? {} : { messageId: row.messageId }),
    });
    return data.some(
      (each) =>
        each.replay && each.kind === row.kind && each.turn === row.turn && each.data?.status === row.data?.status,
    );
  }
}

function count(task: ReplayTask, row: DeliveryRow, reply: Reply): void {
  task.done += 1;
  if (reply.ok) return;
  task.failed += 1;
  if (task.failures.length < FAILURES_KEPT) task.failures.push({ deliveryId: row.id, detail: reply.detail });
}
