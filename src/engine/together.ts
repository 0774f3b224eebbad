// What this process does about the others on the same database: looks at what they decided for its threads, takes over
// from those that are gone, follows their changes of the configuration, and begins anew when it was thought gone itself.
// Not here: how processes know of each other (src/store/postgres/peers.ts), and what is sent (deliver.ts).
// The one thing to know: everything in memory is a window on what is on disk; what another process did is read again
// from there, never told in full.
import type { Input, Transient } from '../routing/inputs.ts';
import type { Target } from '../routing/model.ts';
import type { Committer } from './committer.ts';
import type { Deadlines } from './deadlines.ts';
import type { Deliver } from './deliver.ts';
import type { EarlyReceipts } from './early.ts';
import type { CommitFeed } from './feed.ts';
import type { Clock, Directory } from './ports.ts';
import type { Replays } from './replays.ts';
import type { Log } from './settings.ts';
import type { Peers, PeersTold, Store } from './store-port.ts';

/** After what is on disk could not be read. */
const AGAIN_MS = 500;
/** Between two readings of the configuration: a failing bot changes its health with every attempt. */
const WORLD_MS = 100;

export type TogetherParts = {
  peers: Peers;
  store: Pick<Store, 'targetsWithPending'>;
  directory: Pick<Directory, 'reload'>;
  committer: Committer;
  deliver: Deliver;
  deadlines: Deadlines;
  replays: Replays;
  early: EarlyReceipts;
  feed: CommitFeed;
  clock: Clock;
  log: Log;
  signal(signal: Transient): void;
  /** what follows from the health of bots and desks is looked at again */
  sweep(): void;
};

/** Begins to take part. */
export function begin(parts: TogetherParts): { stop(): void } {
  const { peers, committer, deliver, deadlines, feed, log } = parts;
  let stopped = false;

  /** Runs one at a time, and once more if it was asked for meanwhile; until it has worked. */
  function inTurn(what: string, run: () => Promise<void>): () => void {
    let running = false;
    let again = false;
    return () => {
      again = true;
      if (running) return;
      running = true;
      void (async () => {
        while (again && !stopped) {
          again = false;
          try {
            await run();
          } catch (error) {
            log.warn({ err: error }, `${what}; trying again`);
            again = true;
            await pause(AGAIN_MS);
          }
        }
        running = false;
      })();
    };
  }

  /** A page of what others decided for threads of ours; whether there may be more. */
  const page = (): Promise<boolean> =>
    new Promise((resolve, reject) => {
      committer.ask(
        () => peers.catchUp(),
        (threads) => {
          for (const each of threads) {
            deliver.renewed(each.thread, each.owed);
            deadlines.set(each.thread.id, each.dueAt);
          }
          resolve(threads.length > 0);
        },
        reject,
      );
    });

  const touched = inTurn('what other processes decided could not be read', async () => {
    while (await page());
  });
  const world = inTurn('a changed configuration could not be read', async () => {
    await parts.directory.reload();
    await pause(WORLD_MS);
  });
  /** In the order of asking: nothing that is decided later is sent before what was owed already. */
  const load = (targets: () => Promise<Target[] | null>): Promise<boolean> =>
    new Promise((resolve, reject) => {
      committer.ask(
        targets,
        (owed) => {
          if (owed) deliver.load(owed);
          resolve(owed !== null);
        },
        reject,
      );
    });
  const loose = inTurn('what is owed could not be read', async () => {
    await load(() => parts.store.targetsWithPending());
  });
  let taken = false;
  const gone = inTurn('what a process that is gone has left could not be taken over', async () => {
    taken = (await load(() => peers.takeOver())) || taken;
    if (!taken) return;
    log.warn({}, 'the conversations of a process that is gone are ours now');
    await deadlines.load();
    if (peers.leads()) await parts.replays.resume();
    parts.sweep();
    taken = false;
  });

  const told: PeersTold = {
    touched,
    world,
    loose: () => {
      if (peers.leads()) loose();
    },
    committed: () => feed.committed(),
    resumed: () => deliver.pump(),
    signal: (signal) => parts.signal(signal),
    sent: (assetId, externalId) => {
      for (const receipt of parts.early.take(assetId, externalId)) keep(receipt);
    },
    replay: (id, status) => parts.replays.told(id, status),
    gone,
    fenced: () => {
      log.error({}, 'another process has taken over from this one, which was away for too long; it begins anew');
      committer.forgetResults();
      deliver.reset();
      world();
    },
  };

  function keep(receipt: Input): void {
    committer.keep(receipt).catch((error: unknown) => {
      log.warn({ err: error }, 'a receipt that had come early was lost');
    });
  }

  peers.begin(told);
  return {
    stop() {
      stopped = true;
    },
  };
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
