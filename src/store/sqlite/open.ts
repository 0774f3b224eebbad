// The store's port over SQLite: in a thread of its own (the program), or in the caller's thread (tests, tools).
// Not here: SQL. The one thing to know: the classes of the port's errors are handed in, because code may cross from
// engine to store only through a composition root.
import type { Store } from '../../engine/store-port.ts';
import type { Input } from '../../routing/inputs.ts';
import type { Deciding } from './apply.ts';
import { createSqliteCore } from './core.ts';
import { asUnavailable } from './failure.ts';
import type { Counted } from './read-deliveries.ts';
import { Caller, type Method } from './rpc.ts';

type ErrorClass = new (message: string, options?: ErrorOptions) => Error;
/** `import * as port from './engine/store-port.ts'` is one of these. */
export type PortErrors = { StoreUnavailable: ErrorClass; ConfigConflict: ErrorClass };

export type OpenOptions = {
  /** path of the database; its folder is made if need be, and locked */
  file: string;
  errors: PortErrors;
  /** told of mistakes of ours that an input met, and of the death of the thread */
  onError: (error: unknown) => void;
  /** the built `worker.mjs`, or what the store needs to decide in this thread */
  run: URL | Omit<Deciding, 'onError'>;
};

const METHODS: Record<Exclude<keyof Store, 'close' | 'countDeliveries'>, true> = {
  apply: true,
  loadConfig: true,
  writeConfig: true,
  setWorld: true,
  pendingPage: true,
  pendingOf: true,
  targetsWithPending: true,
  dueThreads: true,
  heldThreads: true,
  heard: true,
  transcript: true,
  listThreads: true,
  thread: true,
  threadsByAddress: true,
  timeline: true,
  holderChanges: true,
  listConversations: true,
  utterances: true,
  conversation: true,
  conversationMessages: true,
  message: true,
  listMessages: true,
  voices: true,
  listDeliveries: true,
  delivery: true,
  laneItem: true,
  findIds: true,
  events: true,
  lastEventSeq: true,
  counts: true,
  listAudit: true,
  saveReplay: true,
  listReplays: true,
  replay: true,
  claimKey: true,
  finishKey: true,
  keptAnswers: true,
  replaceAnswers: true,
  customerThread: true,
  said: true,
  happened: true,
  addMedium: true,
  medium: true,
  addRemoteMedia: true,
  saveMedium: true,
  mediaToFetch: true,
  looseMedia: true,
  dropMedia: true,
  saveDirectLine: true,
  directLine: true,
  erase: true,
  retain: true,
};

/** What carries calls: a thread, or nothing at all. */
type Road = {
  call(method: Method, args: unknown[]): Promise<unknown>;
  close(): Promise<void>;
};

/** Opens the store. Rejects with StoreUnavailable and a sentence when the folder is taken, damaged or too new. */
export async function openSqlite(options: OpenOptions): Promise<Store> {
  const { errors } = options;
  const open = options.run instanceof URL ? inThread(options, options.run) : inPlace(options, options.run);
  const road = await open.catch((error) => Promise.reject(translate(error, errors)));
  let closed = false;
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    if (closed) throw new errors.StoreUnavailable('The store is closed.');
    try {
      return await work();
    } catch (error) {
      throw translate(error, errors);
    }
  };
  const methods = Object.keys(METHODS).map((method) => [
    method,
    (...args: unknown[]) => guarded(() => road.call(method as Method, args)),
  ]);
  const rest: Pick<Store, 'close' | 'countDeliveries'> = {
    async countDeliveries(filter) {
      let sum = 0;
      for (let from: number | null = 0; from !== null; ) {
        const part = (await guarded(() => road.call('countDeliveries', [filter, from]))) as Counted;
        sum += part.n;
        from = part.next;
      }
      return sum;
    },
    close: async () => {
      if (closed) return;
      const ending = guarded(() => road.close());
      closed = true;
      await ending;
    },
  };
  return { ...(Object.fromEntries(methods) as Omit<Store, keyof typeof rest>), ...rest };
}

function translate(error: unknown, errors: PortErrors): unknown {
  const failure = asUnavailable(error);
  if (failure === undefined) return error;
  const Class = failure.kind === 'config_conflict' ? errors.ConfigConflict : errors.StoreUnavailable;
  return new Class(failure.message, { cause: failure.cause });
}

async function inPlace({ file, onError }: OpenOptions, deciding: Omit<Deciding, 'onError'>): Promise<Road> {
  const core = createSqliteCore({ ...deciding, file, onError });
  return {
    call: async (method, args) => (core[method] as (...args: unknown[]) => unknown)(...args),
    close: async () => core.close(),
  };
}

async function inThread({ file, onError }: OpenOptions, entry: URL): Promise<Road> {
  const thread = new Caller(entry, onError);
  try {
    await thread.call('open', [file]);
  } catch (error) {
    await thread.stop();
    throw error;
  }
  return {
    call: (method, args) => (method === 'apply' ? thread.apply(args[0] as Input[]) : thread.call(method, args)),
    close: () => thread.stop('close'),
  };
}
