// What this process does about the others on the same database: looks at what they decided for its threads, takes over
// from those that are gone, follows their changes of the configuration, and begins anew when it was thought gone itself.
// Not here: how processes know of each other (src/store/postgres/peers.ts), and what is sent (deliver.ts).
// The one thing to know: everything in memory is a window on what is on disk; what another process did is read again
// from there, in the order of asking, and never told in full.
import type { Transient } from '../routing/inputs.ts';
import type { Target } from '../routing/model.ts';
import type { Committer } from './committer.ts';
import type { Deadlines } from './deadlines.ts';
import type { Deliver } from './deliver.ts';
import type { CommitFeed } from './feed.ts';
import type { Peers } from './peers-port.ts';
import type { Directory } from './ports.ts';
import type { Replays } from './replays.ts';
import type { Log } from './settings.ts';
import type { Store } from './store-port.ts';

/** After what is on disk could not be read. */
const AGAIN_MS = 500;
/** Between two readings of the configuration: a failing bot changes its health with every attempt. */
const WORLD_MS = 100;

export type TogetherParts = {
  peers: Peers;
  store: Pick<Store, 'targetsWithPending'>;
  directory: Pick<Directory, 'reload' | 'renew'>;
  committer: Committer;
  deliver: Deliver;
  deadlines: Deadlines;
  replays: Replays;
  feed: CommitFeed;
  log: Log;
  signal(signal: Transient): void;
  /** a message of this asset is known by that id now */
  sent(assetId: string, externalId: string): void;
  /** what follows from the health of bots and desks is looked at again */
  sweep(): void;
};

export class Together {
  readonly #parts: TogetherParts;
  /** threads were taken over whose deadlines are not read yet */
  #taken = false;
  #stopped = false;
  /** grows when another process has taken over */
  #life = 0;

  constructor(parts: TogetherParts) {
    this.#parts = parts;
  }

  /** Begins to take part. */
  begin(): void {
    const { peers, store, directory, deliver, feed, replays, signal, sent } = this.#parts;
    const world = this.#inTurn('a changed configuration could not be read', async () => {
      await directory.reload();
      await pause(WORLD_MS);
    });
    const loose = this.#inTurn('what is owed could not be read', async () => {
      await this.#load(() => store.targetsWithPending());
    });
    const tasks = this.#inTurn('replays could not be read', async () => {
      if (peers.leads()) await replays.resume();
    });
    /** what belongs to nobody in particular is for who leads */
    const nobodys = (): void => {
      if (peers.leads()) loose();
      tasks();
    };
    peers.begin({
      touched: this.#inTurn('what other processes decided could not be read', async () => {
        while (await this.#catchUp());
      }),
      gone: this.#inTurn('what a process that is gone has left could not be taken over', () => this.#takeOver()),
      world,
      configured: (rows, health) => directory.renew(rows, health),
      loose: nobodys,
      committed: () => feed.committed(),
      // Notes that came while we might not act were not followed.
      resumed: () => {
        deliver.pump();
        nobodys();
      },
      signal,
      sent,
      replay: (id, status) => replays.told(id, status),
      fenced: () => {
        this.#beginAnew();
        world();
      },
    });
  }

  stop(): void {
    this.#stopped = true;
  }

  /** A page of what others decided for threads of ours; whether there may be more. */
  #catchUp(): Promise<boolean> {
    const { peers, committer, deliver, deadlines } = this.#parts;
    const life = this.#life;
    return new Promise((resolve, reject) => {
      committer.ask(
        () => peers.catchUp(),
        (threads) => {
          for (const { thread, dueAt, owed } of threads) {
            if (life === this.#life) deliver.renewed(thread, owed);
            else deliver.readAgain(owed);
            deadlines.set(thread.id, dueAt);
          }
          resolve(threads.length > 0);
        },
        reject,
      );
    });
  }

  async #takeOver(): Promise<void> {
    const { peers, deadlines, replays, log, sweep } = this.#parts;
    this.#taken = (await this.#load(() => peers.takeOver())) || this.#taken;
    if (!this.#taken) return;
    log.warn({}, 'the conversations of a process that is gone are ours now');
    await deadlines.load();
    if (peers.leads()) await replays.resume();
    sweep();
    this.#taken = false;
  }

  /** Nothing that is decided later is sent before what was owed already. */
  #load(targets: () => Promise<Target[] | null>): Promise<boolean> {
    const { committer, deliver } = this.#parts;
    return new Promise((resolve, reject) => {
      committer.ask(
        targets,
        (owed) => {
          if (owed) deliver.load(owed);
          resolve(owed !== null);
        },
        reject,
      );
    });
  }

  #beginAnew(): void {
    const { log, committer, deliver } = this.#parts;
    this.#life += 1;
    log.error({}, 'another process has taken over from this one, which was away for too long; it begins anew');
    committer.forgetResults();
    deliver.reset();
  }

  /** Runs one at a time, and once more if it was asked for meanwhile; until it has worked. */
  #inTurn(failed: string, run: () => Promise<void>): () => void {
    let running = false;
    let again = false;
    const turns = async (): Promise<void> => {
      running = true;
      while (again && !this.#stopped) {
        again = false;
        try {
          await run();
        } catch (error) {
          this.#parts.log.warn({ err: error }, `${failed}; trying again`);
          again = true;
          await pause(AGAIN_MS);
        }
      }
      running = false;
    };
    return () => {
      again = true;
      if (!running) void turns();
    };
  }
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
