// The SQLite store without threads or promises: every method of the port, synchronous, in whatever thread made it.
// Not here: how another thread reaches it (open.ts, rpc.ts). The one thing to know: it owns the data folder from its
// making to `close`, and nothing else writes there.
import type { DeliveryFilter, Store } from '../../engine/store-port.ts';
import { applyBatch, type Deciding } from './apply.ts';
import { Config } from './config.ts';
import { emptyWal, openWriter } from './connection.ts';
import { CountReads } from './counts.ts';
import type { Database } from './driver.ts';
import { Eraser } from './erase.ts';
import { Idempotency } from './idempotency.ts';
import { Lanes } from './lanes.ts';
import { lockFolder } from './lock.ts';
import { ConversationReads } from './read-conversations.ts';
import { CustomerReads } from './read-customer.ts';
import { type Counted, DeliveryReads } from './read-deliveries.ts';
import { SearchReads } from './read-search.ts';
import { ThreadReads } from './read-threads.ts';
import { TimelineReads } from './read-timeline.ts';
import { Retention } from './retain.ts';
import { openTables, type Tables } from './tables.ts';

/** The port, without the promises. Failures are thrown as StoreFailure. */
export type SqliteCore = {
  [K in Exclude<keyof Store, 'countDeliveries'>]: (...args: Parameters<Store[K]>) => Awaited<ReturnType<Store[K]>>;
} & {
  /** In slices, because commits wait behind each. */
  countDeliveries(filter: DeliveryFilter, from?: number): Counted;
  /** Does what has to be done some time, if there is enough of it: called when nobody waits. */
  rest(): void;
};

export type CoreOptions = Deciding & { file: string };

/** Opens the data at `file`, alone, and brings it to the newest schema. Throws StoreFailure with a sentence if not. */
export function createSqliteCore(options: CoreOptions): SqliteCore {
  const { file } = options;
  const unlock = lockFolder(file);
  try {
    const db = openWriter(file);
    const tables = openTables(db, options.now);
    const close = (): void => {
      // A file at rest can be read by anyone. What the disk refuses now, the log keeps.
      tables.catchUp();
      // By hand: while a statement is not yet collected, closing leaves the connection and its WAL as they are.
      emptyWal(db);
      db.close();
      unlock();
    };
    return { ...settled(tables, methods(db, tables, options)), rest: () => tables.rest(), close };
  } catch (error) {
    unlock();
    throw error;
  }
}

type Methods = Omit<SqliteCore, 'close' | 'rest'>;

/**
 * These read no table that follows late, or find what they need in memory, or write, and settle themselves if need be.
 * All others only read, and are given up-to-date tables.
 */
const AS_IT_IS: ReadonlySet<string> = new Set<keyof Methods>([
  ...(['apply', 'loadConfig', 'writeConfig', 'setWorld', 'pendingPage', 'targetsWithPending', 'heard'] as const),
  ...(['conversation', 'message', 'delivery', 'laneItem', 'events', 'lastEventSeq', 'counts'] as const),
  ...(['listAudit', 'saveReplay', 'listReplays', 'replay', 'claimKey', 'finishKey', 'keptAnswers'] as const),
  ...(['replaceAnswers', 'addMedium', 'medium', 'looseMedia', 'dropMedia', 'erase', 'retain'] as const),
  ...(['addRemoteMedia', 'saveMedium', 'mediaToFetch', 'saveDirectLine', 'directLine'] as const),
]);

function settled(tables: Tables, all: Methods): Methods {
  const entries = Object.entries(all).map(([name, method]) => {
    if (AS_IT_IS.has(name)) return [name, method];
    return [name, (...args: never[]) => tables.read(() => (method as (...args: never[]) => unknown)(...args))];
  });
  return Object.fromEntries(entries) as Methods;
}

function methods(db: Database, tables: Tables, options: CoreOptions): Methods {
  const { now } = options;
  const { messages, conversations, journal, health } = tables;
  const lanes = new Lanes(db, tables);
  const config = new Config(db, tables, now);
  const deliveries = new DeliveryReads(db, tables);
  const reads = new ThreadReads(db, tables);
  const talks = new ConversationReads(db, tables);
  const timeline = new TimelineReads(db, tables, deliveries.shown);
  const search = new SearchReads(db);
  const counts = new CountReads(db, tables);
  const customers = new CustomerReads(db, tables);
  const idempotency = new Idempotency(db, tables);
  const eraser = new Eraser(db, tables, now);
  const retention = new Retention(db, tables, idempotency);
  return {
    apply: (inputs) => applyBatch(tables, options, inputs),
    loadConfig: () => config.load(),
    writeConfig: (writes, audit) => config.write(writes, audit),
    setWorld: (world) => health.setWorld(world),
    pendingPage: (target, lane, afterOrd, limit) => lanes.pendingPage(target, lane, afterOrd, limit),
    pendingOf: (target, threadIds, afterOrd, limit) => lanes.pendingOf(target, threadIds, afterOrd, limit),
    targetsWithPending: () => lanes.targetsWithPending(),
    dueThreads: (after, limit) => lanes.dueThreads(after, limit),
    heldThreads: (integrationId, after, limit) => lanes.heldThreads(integrationId, after, limit),
    heard: (threadId) => lanes.heard(threadId),
    transcript: (threadId, uptoSeq, limit) => lanes.transcript(threadId, uptoSeq, limit),
    listThreads: (ask) => reads.list(ask),
    thread: (id) => reads.thread(id),
    threadsByAddress: (assetIds, beginning, limit) => reads.byAddress(assetIds, beginning, limit),
    timeline: (threadId, ask) => timeline.timeline(threadId, ask),
    holderChanges: (threadId, limit) => timeline.holderChanges(threadId, limit),
    listConversations: (ask) => talks.list(ask),
    utterances: (assetIds, limit) => talks.utterances(assetIds, limit),
    conversation: (id) => conversations.byId(id) ?? null,
    conversationMessages: (id, ask) => reads.conversationMessages(id, ask),
    message: (id) => messages.byId(id) ?? null,
    listMessages: (ask) => search.listMessages(ask),
    voices: (rows) => search.voices(rows),
    listDeliveries: (ask) => deliveries.list(ask),
    countDeliveries: (filter, from) => deliveries.count(filter, from),
    delivery: (id) => deliveries.delivery(id),
    laneItem: (id) => deliveries.laneItem(id),
    findIds: (beginning, limit) => search.findIds(beginning, limit),
    events: (afterSeq, limit) => journal.after(afterSeq, limit),
    lastEventSeq: () => journal.lastSeq(),
    counts: () => counts.counts(),
    listAudit: (ask) => config.listAudit(ask),
    saveReplay: (task) => config.saveReplay(task),
    listReplays: (ask) => config.listReplays(ask),
    replay: (id) => config.replay(id),
    claimKey: (key, bodyHash, at) => idempotency.claim(key, bodyHash, at),
    finishKey: (key, answer) => idempotency.finish(key, answer),
    keptAnswers: (after, limit) => idempotency.kept(after, limit),
    replaceAnswers: (answers) => idempotency.replace(answers),
    customerThread: (assetId, address) => customers.thread(assetId, address),
    said: (threadId, before, limit) => customers.said(threadId, before, limit),
    happened: (threadId, after, limit) => customers.happened(threadId, after, limit),
    addMedium: (row) => tables.write(() => tables.media.add(row)),
    medium: (id) => tables.media.byId(id),
    addRemoteMedia: (rows) => tables.write(() => tables.media.addRemote(rows)),
    saveMedium: (row) => tables.write(() => tables.media.save(row)),
    mediaToFetch: (limit) => tables.media.toFetch(limit),
    looseMedia: (before, limit) => tables.media.loose(before, limit),
    dropMedia: (media) => tables.write(() => tables.media.drop(media)),
    saveDirectLine: (row) => tables.write(() => tables.directLines.save(row)),
    directLine: (id) => tables.directLines.byId(id),
    erase: (assetId, address) => eraser.erase(assetId, address),
    retain: (now, days, limit) => retention.retain(now, days, limit),
  };
}
