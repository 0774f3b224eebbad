// The store's port over PostgreSQL: every method, each with the class of error that the port promises.
// Not here: SQL. The one thing to know: what the engine's lanes are loaded from is asked on the connection that writes,
// in the order of calls; what people read goes beside it.
import type { Peers } from '../../engine/peers-port.ts';
import type { Store } from '../../engine/store-port.ts';
import { HealthView } from '../rows/health.ts';
import { Applier, type Deciding, type Memory } from './apply.ts';
import { Config } from './config.ts';
import { erase } from './erase.ts';
import { Away, Conflict } from './failure.ts';
import { Idempotency } from './idempotency.ts';
import { Lanes } from './lanes.ts';
import { MediaBook } from './media.ts';
import { PeersHere } from './peers.ts';
import { ConversationReads } from './read-conversations.ts';
import { DeliveryReads } from './read-deliveries.ts';
import { findIds } from './read-ids.ts';
import { MessageReads } from './read-messages.ts';
import { ThreadReads } from './read-threads.ts';
import { TimelineReads } from './read-timeline.ts';
import { type Ask, Reader } from './reader.ts';
import { Retention } from './retain.ts';
import { counts } from './sums.ts';
import { Writer } from './writer.ts';

type ErrorClass = new (message: string, options?: ErrorOptions) => Error;
/** `import * as port from './engine/store-port.ts'` is one of these. */
export type PortErrors = { StoreUnavailable: ErrorClass; ConfigConflict: ErrorClass };

export type OpenOptions = Deciding & {
  /** postgres://user:password@host/database */
  url: string;
  errors: PortErrors;
  /** bears no other process on the database: for commands that change what a running one has in memory */
  alone?: boolean;
};
export type PostgresStore = Store & { peers: Peers };

/** Opens the store. Rejects with StoreUnavailable and a sentence when it cannot be reached, is taken or too new. */
export async function openPostgres(options: OpenOptions): Promise<PostgresStore> {
  const { errors, url } = options;
  const translated = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Away) throw new errors.StoreUnavailable(error.message, { cause: error.cause });
      if (error instanceof Conflict) throw new errors.ConfigConflict(error.message);
      throw error;
    }
  };
  let peers: PeersHere | undefined;
  const onTaken = (): void => peers?.fenced();
  const writer = await translated(() => Writer.open({ url, alone: options.alone === true, onTaken }));
  const reader = new Reader(url);
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= (async () => {
      await peers?.close();
      await Promise.all([writer.close(), reader.close()]);
    })();
    return closed;
  };
  const guarded = <T>(work: () => Promise<T>): Promise<T> =>
    closed ? Promise.reject(new errors.StoreUnavailable('The store is closed.')) : translated(work);
  const idempotency = new Idempotency(writer, reader.ask);
  const memory: Memory = {
    ...{ health: new HealthView(options.now), aliases: true, stale: true },
    ...{ world: 0, seen: 0, config: -1, configured: undefined },
  };
  const applier = new Applier(writer, memory, options);
  try {
    await translated(() => applier.ready());
  } catch (error) {
    await close();
    throw error;
  }
  const methods = methodsOf({ writer, ask: reader.ask, idempotency, memory, applier, now: options.now });
  peers = new PeersHere(url, writer, memory);
  const entries = Object.entries(methods).map(([name, method]) => [
    name,
    (...args: unknown[]) => guarded(() => (method as (...args: unknown[]) => Promise<unknown>)(...args)),
  ]);
  return { ...(Object.fromEntries(entries) as Omit<Store, 'close'>), close, peers };
}

type Parts = {
  writer: Writer;
  ask: Ask;
  idempotency: Idempotency;
  memory: Memory;
  applier: Applier;
  now: () => number;
};

function methodsOf({ writer, ask, idempotency, memory, applier, now }: Parts): Omit<Store, 'close'> {
  const { health } = memory;
  const config = new Config(writer, ask, memory, now);
  const lanes = new Lanes(writer, now);
  const threads = new ThreadReads(ask);
  const messages = new MessageReads(ask);
  const conversations = new ConversationReads(ask);
  const deliveries = new DeliveryReads(ask, health);
  const timeline = new TimelineReads(ask, deliveries.shown);
  const media = new MediaBook(writer, ask);
  const retention = new Retention(writer);
  return {
    apply: (inputs) => applier.apply(inputs),
    loadConfig: () => config.load(),
    writeConfig: (writes, audit) => config.write(writes, audit),
    setWorld: async (world) => health.setWorld(world),
    pendingPage: (target, lane, afterOrd, limit) => lanes.pendingPage(target, lane, afterOrd, limit),
    pendingOf: (target, threadIds, afterOrd, limit) => lanes.pendingOf(target, threadIds, afterOrd, limit),
    targetsWithPending: () => lanes.targetsWithPending(),
    dueThreads: (after, limit) => lanes.dueThreads(after, limit),
    heldThreads: (integrationId, after, limit) => lanes.heldThreads(integrationId, after, limit),
    heard: (threadId) => messages.heard(threadId),
    transcript: (threadId, uptoSeq, limit) => messages.transcript(threadId, uptoSeq, limit),
    listThreads: (given) => threads.list(given),
    thread: (id) => threads.thread(id),
    threadsByAddress: (assetIds, beginning, limit) => threads.byAddress(assetIds, beginning, limit),
    timeline: (threadId, given) => timeline.timeline(threadId, given),
    holderChanges: (threadId, limit) => timeline.holderChanges(threadId, limit),
    listConversations: (given) => conversations.list(given),
    utterances: (assetIds, limit) => messages.utterances(assetIds, limit),
    conversation: (id) => conversations.conversation(id),
    conversationMessages: (id, given) => messages.ofConversation(id, given),
    message: (id) => messages.message(id),
    listMessages: (given) => messages.list(given),
    voices: (rows) => messages.voices(rows),
    listDeliveries: (given) => deliveries.list(given),
    countDeliveries: (filter) => deliveries.count(filter),
    delivery: (id) => deliveries.delivery(id),
    laneItem: (id) => lanes.laneItem(id),
    findIds: (beginning, limit) => findIds(ask, beginning, limit),
    events: (afterSeq, limit) => timeline.events(afterSeq, limit),
    lastEventSeq: () => timeline.lastEventSeq(),
    counts: () => counts(ask, health),
    listAudit: (given) => config.listAudit(given),
    saveReplay: (task) => config.saveReplay(task),
    listReplays: (given) => config.listReplays(given),
    replay: (id) => config.replay(id),
    claimKey: (key, bodyHash, at) => idempotency.claim(key, bodyHash, at),
    finishKey: (key, answer) => idempotency.finish(key, answer),
    keptAnswers: (after, limit) => idempotency.kept(after, limit),
    replaceAnswers: (answers) => idempotency.replace(answers),
    customerThread: (assetId, address) => threads.byCustomer(assetId, address),
    said: (threadId, before, limit) => messages.said(threadId, before, limit),
    happened: (threadId, after, limit) => timeline.happened(threadId, after, limit),
    addMedium: (row) => media.add(row),
    medium: (id) => media.byId(id),
    addRemoteMedia: (rows) => media.addRemote(rows),
    saveMedium: (row) => media.save(row),
    mediaToFetch: (limit) => media.toFetch(limit),
    looseMedia: (before, limit) => media.loose(before, limit),
    dropMedia: (given) => media.drop(given),
    saveDirectLine: (row) => media.saveLine(row),
    directLine: (id) => media.line(id),
    erase: (assetId, address) => erase(writer, now(), assetId, address),
    retain: (at, days, limit) => retention.retain(at, days, limit),
  };
}
