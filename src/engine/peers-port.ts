// The port of a store on which several processes work: what they make known to each other, and what one takes from another.
// Types only. The one thing to know: SQLite has one process and none of this; it stands beside the store's port.
import type { Transient } from '../routing/inputs.ts';
import type { Health, Id, Target, World } from '../routing/model.ts';
import type { ConfigRow, LaneItem, ReplayTask, ThreadView } from './store-port.ts';

/** A thread of ours as others have left it. */
export type ThreadNow = { thread: ThreadView; dueAt: number | null; owed: LaneItem[] };

/** What the other processes on the same database make known. */
export type PeersTold = {
  /** they have decided for threads of ours: `catchUp` */
  touched(): void;
  /** something is owed that no thread has, and is ours to send */
  loose(): void;
  /** configuration or health is another */
  world(): void;
  /** the whole configuration and health, as they are where a decision is made by them: gives what decisions look at */
  configured(rows: ConfigRow[], health: Health[]): World;
  /** something was committed */
  committed(): void;
  signal(signal: Transient): void;
  /** the asset's channel knows a message by this id now */
  sent(assetId: Id, externalId: string): void;
  /** a lease is ours again */
  resumed(): void;
  /** a replay task was saved */
  replay(id: Id, status: ReplayTask['status']): void;
  /** there is somebody to take over from: `takeOver` */
  gone(): void;
  /** another has taken over from this one: nothing that is in memory is ours any more */
  fenced(): void;
};

/** Several processes on one database; SQLite has one. Beside the store, which each of them has. */
export type Peers = {
  /** from here on `told` is told; it ends with the store */
  begin(told: PeersTold): void;
  /** a lease is ours: what is in memory may be sent */
  mayAct(): boolean;
  /** what is to be done once is done here */
  leads(): boolean;
  /**
   * Takes the threads of processes that are gone, and tells all targets that are owed something now; null: there was
   * nothing to take. What is asked of the store later may find them ours already.
   */
  takeOver(): Promise<Target[] | null>;
  /** what others decided for our threads, a page at a time; empty when there is nothing left */
  catchUp(): Promise<ThreadNow[]>;
  /** console desks at which somebody is, here and elsewhere */
  setOnline(deskIds: readonly Id[]): void;
  online(): ReadonlySet<Id>;
  stats(): Record<string, number>;
};
