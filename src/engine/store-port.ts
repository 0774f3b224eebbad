// The store's port: everything that is kept, behind one face that SQLite and (later) PostgreSQL have.
// Types only. Not here: SQL, and what to decide; the store is given `decide` and calls it inside its transaction.
// The one thing to know: the store works on batches. One flush is on its way at a time; what arrives meanwhile rides
// in the next. A promise of `apply` that resolves means: on disk.
import type { Input, Reply, Transient } from '../routing/inputs.ts';
import type {
  Attempt,
  AuthorType,
  Conversation,
  Delivery,
  DeliveryChange,
  DeliveryStatus,
  Health,
  Id,
  LaneClass,
  Message,
  ReceiptStatus,
  Target,
  ThreadState,
  World,
} from '../routing/model.ts';
import type { Heard } from './channel-port.ts';

// ───────────────────────────── the store ─────────────────────────────

/** What an attempt must know about its thread at the instant it begins. Kept small: lanes hold it in memory. */
export type ThreadView = {
  id: Id;
  assetId: Id;
  serviceId: Id | null;
  address: string;
  /** where sends go, if the customer has another address now */
  sendTo?: string;
  /** further addresses of the customer */
  aliases?: string[];
  name: string;
  epoch: number;
  holder: { type: 'none' | 'bot' | 'desk'; id: Id | null; conversationId: Id | null };
  /** per open bot conversation: turns up to this one were answered by others and drain as CCSP */
  drain: Record<Id, number>;
  /** the desk conversation and the bot conversation it came from, for DeskConversationid and bot_conversation_id */
  desk: { conversationId: Id; deskId: Id; botConversationId: Id | null } | null;
  attributes: Record<string, string>;
};

/** A delivery with everything needed to send it, in memory. */
export type LaneItem = { delivery: Delivery; message: Message | null; merged: Message[]; thread: ThreadView | null };

/** What one input came to, after the commit. */
export type Applied = {
  reply: Reply;
  /** the thread after it, when lanes or signals need it: replaces the view in every lane of the thread; else null */
  thread: ThreadView | null;
  /** the thread's next deadline (null: none); undefined: unchanged, but the clock's input is always told what is left */
  dueAt: number | null | undefined;
  /** new deliveries that are ours to send, in order; their `thread` is null: it is the one above */
  queued: LaneItem[];
  /** changes of deliveries that may stand in a lane; `joined` is the message of a merge */
  changes: (DeliveryChange & { target: Target; threadId: Id; joined?: Message })[];
  health: Health | null;
  transients: Transient[];
  /** another process owns the thread: it sends, and minds the deadline */
  ours?: false;
  /** other processes have decided for the thread since it was looked at: all that it owes now; `queued` has only what no thread owes */
  owed?: LaneItem[];
  /** the result of an attempt that was not its sender's to make any more: nothing was changed */
  stale?: true;
};

export type ConfigKind =
  | 'service'
  | 'asset'
  | 'bot'
  | 'desk'
  | 'rule'
  | 'key'
  | 'user'
  | 'session'
  | 'link'
  | 'instance';
/** A configuration document. `data` is the resource's JSON; secrets in it are sealed before they come here. */
export type ConfigRow = {
  kind: ConfigKind;
  id: Id;
  data: Record<string, unknown>;
  version: number;
  createdAt: number;
  updatedAt: number;
};
export type ConfigWrite = {
  kind: ConfigKind;
  id: Id;
  data: Record<string, unknown> | null /* null deletes */;
  expectVersion?: number;
  /** a bot or desk moves to where it was not verified: it may not while it is active */
  unlessActive?: true;
};
export type AuditEntry = {
  id: Id;
  at: number;
  actor: string;
  action: string;
  kind: string;
  target: Id;
  detail: Record<string, unknown>;
};

export type FeedEvent = {
  seq: number;
  id: Id;
  at: number;
  type: string;
  threadId: Id | null;
  data: Record<string, unknown>;
};
export type Page<T> = { data: T[]; nextCursor: string | null };
export type PageAsk = { limit: number; after?: string };

export type ThreadRow = ThreadState & { dueAt: number | null; updatedAt: number };
export type MessageRow = Message & { receipt: ReceiptStatus | null };
/** A thread in a list, with the last thing said in it. */
export type ThreadListed = ThreadRow & { last: MessageRow | null };
export type ThreadFilter = {
  holderId?: Id;
  assetId?: Id;
  /** of any of these assets */
  assetIds?: readonly Id[];
  limbo?: string;
  /** what kind has the line; `offered`: a desk has not accepted yet; `limbo`: for any reason */
  standing?: 'bot' | 'desk' | 'none' | 'offered' | 'limbo';
  waiting?: boolean;
  /** in the customer's address or name, whatever the case; such a page may be short although more follows */
  words?: string;
};
/** A conversation in a list, with what an inbox shows of its thread. */
export type ConversationListed = Conversation & {
  assetId: Id;
  address: string;
  name: string;
  /** whose it is at a console desk; null also when it is over */
  agentId: Id | null;
  /** until when a desk may accept it */
  acceptDue: number | null;
  /** since when the customer has had no answer from it; null when nobody waits for it */
  waitingSince: number | null;
  /** the last thing said until it closed */
  last: MessageRow | null;
};
export type ConversationFilter = {
  id?: Id;
  threadId?: Id;
  partyId?: Id;
  /** any of these */
  statuses?: readonly Conversation['status'][];
  agentId?: Id;
  oldestFirst?: boolean;
};
/** `parked` is derived: pending or retrying while the target is not active. */
export type DeliveryRow = Omit<Delivery, 'status'> & { status: DeliveryStatus };
export type TimelineItem =
  | { at: number; order: string; type: 'message'; message: MessageRow }
  | { at: number; order: string; type: 'event'; event: FeedEvent }
  | { at: number; order: string; type: 'delivery'; delivery: DeliveryRow; attempts: Attempt[] };

export type DeliveryFilter = {
  status?: DeliveryStatus;
  targetId?: Id;
  targetType?: Target['type'];
  conversationId?: Id;
  threadId?: Id;
  messageId?: Id;
  since?: number;
  until?: number;
};

export type Counts = {
  threads: number;
  waiting: number;
  /** the same by who holds the thread; '' is nobody */
  waitingFor: Record<Id, number>;
  limbo: { unrouted: number; needs_person: number; overdue: number; undeliverable: number };
  deliveries: Record<DeliveryStatus, number>;
  /** of the oldest pending delivery to an active target, ms since 1970 */
  oldestPendingAt: number | null;
};

export type ReplayTask = {
  id: Id;
  status: 'running' | 'paused' | 'done' | 'cancelled';
  filter: DeliveryFilter;
  total: number;
  done: number;
  failed: number;
  cursor: string | null;
  failures: { deliveryId: Id; detail: string }[];
  createdAt: number;
  updatedAt: number;
  actor: string;
  /** how long it has worked so far, pauses not counted */
  workedMs?: number;
};

/** What an id, or the beginning of one, leads to: a try leads to its delivery. */
export type Found = { type: 'thread' | 'conversation' | 'message' | 'delivery' | 'replay'; id: Id };

/** An Idempotency-Key's stored answer; `answer` null while the first request is still running. */
export type IdempotencyRow = {
  key: string;
  bodyHash: string;
  answer: { status: number; body: string } | null;
  at: number;
};
export type KeptAnswer = { key: string; body: string };

/** `ord` is the place in the order of commits. */
export type Said = { ord: number; message: MessageRow };
export type Happened = Said | { ord: number; event: FeedEvent };

/**
 * What was uploaded. A message shows it by the URL `media:<id>`. `owner`: the customer's address on the asset, or, with
 * no asset, the user or key. `looseAt`: since when no message shows it; 0 when one did and is gone.
 */
export type MediumRow = {
  id: Id;
  sha256: string;
  assetId: Id | null;
  owner: string;
  type: string;
  name: string;
  bytes: number;
  looseAt: number;
  /** of what a channel's provider has; until it was fetched, `sha256` is '' and `bytes` 0 */
  remote?: RemoteMedium;
};
/**
 * `reference`: what the channel's adapter finds it by. `fetchAt`: when it is to be tried next; null: it is here, or was
 * given up. `problem`: what went wrong last, a sentence without secrets.
 */
export type RemoteMedium = { reference: string; fetchAt: number | null; problem: string | null };
/**
 * A conversation of a Direct Line client: a window on a customer's thread, from the place `after` on. `address`: null
 * until somebody has spoken in it; `userId`: what the client calls them. Kept until `keepUntil`, or the customer is erased.
 */
export type DirectLineRow = {
  id: Id;
  assetId: Id;
  address: string | null;
  userId: string | null;
  after: number;
  keepUntil: number;
};
export type LooseMedium = Pick<MediumRow, 'id' | 'sha256'>;

export type Store = {
  /** Decides and saves inputs in order, in one transaction; all or, when the disk refuses, none (it throws StoreUnavailable). */
  apply(inputs: Input[]): Promise<Applied[]>;

  // configuration
  loadConfig(): Promise<{ rows: ConfigRow[]; health: Health[] }>;
  /** atomically; throws ConfigConflict when a version is not the expected one, or what may not be is active. Deleting a bot or desk drops its health. */
  writeConfig(writes: ConfigWrite[], audit: AuditEntry[]): Promise<ConfigRow[]>;
  /** the snapshot that decisions look at from the next apply on (built by the engine's directory from the rows) */
  setWorld(world: World): Promise<void>;

  // lanes
  /** pending and retrying deliveries of one target and class, in commit order after `afterOrd`; for receipts only the last status per message (older ones are cancelled) */
  pendingPage(target: Target, lane: LaneClass, afterOrd: number, limit: number): Promise<LaneItem[]>;
  /** the same of these threads alone, and of the main class: fewer than `limit` are all that they are owed after that place */
  pendingOf(target: Target, threadIds: readonly Id[], afterOrd: number, limit: number): Promise<LaneItem[]>;
  targetsWithPending(): Promise<Target[]>;
  /** every thread with a deadline, soonest first, as pages for the start */
  dueThreads(after: { dueAt: number; id: Id } | null, limit: number): Promise<{ id: Id; dueAt: number }[]>;
  /** threads held by an integration in which a customer waits, or that are offered to it (desk) */
  heldThreads(integrationId: Id, after: Id | null, limit: number): Promise<Id[]>;
  /** the customer's last word: when (as the channel says, if that was long before it came), and its id there */
  heard(threadId: Id): Promise<Heard | null>;
  /** the transcript up to `uptoSeq`, oldest first, the newest `limit` of it */
  transcript(threadId: Id, uptoSeq: number, limit: number): Promise<{ messages: Message[]; total: number }>;

  // reading
  listThreads(ask: PageAsk & ThreadFilter): Promise<Page<ThreadListed>>;
  thread(id: Id): Promise<ThreadRow | null>;
  /** threads of these assets whose customer's address begins so */
  threadsByAddress(assetIds: readonly Id[], beginning: string, limit: number): Promise<ThreadListed[]>;
  /** oldest first, unless `newestFirst` */
  timeline(threadId: Id, ask: PageAsk & { newestFirst?: boolean }): Promise<Page<TimelineItem>>;
  /** the newest changes of a thread's holder, and of how far a desk is with it, oldest first */
  holderChanges(threadId: Id, limit: number): Promise<FeedEvent[]>;
  /** newest first, unless `oldestFirst` */
  listConversations(ask: PageAsk & ConversationFilter): Promise<Page<ConversationListed>>;
  /** what customers of these assets said last, newest first, with their threads as they are now; not from long ago */
  utterances(assetIds: readonly Id[], limit: number): Promise<{ message: MessageRow; thread: ThreadRow }[]>;
  conversation(id: Id): Promise<Conversation | null>;
  /** what was said while, or in, a conversation: the thread's messages from its opening to its close */
  conversationMessages(id: Id, ask: PageAsk): Promise<Page<MessageRow>>;
  message(id: Id): Promise<MessageRow | null>;
  /** messages with these words, whatever the case, newest first; a page may be short although more follows */
  listMessages(ask: PageAsk & { words: string }): Promise<Page<MessageRow>>;
  /** who has spoken among the oldest and the newest `rows` messages */
  voices(rows: number): Promise<AuthorType[]>;
  /** newest first; `oldestFirst`: in commit order, as a replay must walk them to keep the order of a lane */
  listDeliveries(ask: PageAsk & DeliveryFilter & { oldestFirst?: boolean }): Promise<Page<DeliveryRow>>;
  countDeliveries(filter: DeliveryFilter): Promise<number>;
  delivery(id: Id): Promise<{ delivery: DeliveryRow; attempts: Attempt[]; message: Message | null } | null>;
  /** a delivery with what is needed to send it, whatever its status */
  laneItem(id: Id): Promise<LaneItem | null>;
  /** what bears an id that begins so, at most `limit` of each kind */
  findIds(beginning: string, limit: number): Promise<Found[]>;
  events(afterSeq: number, limit: number): Promise<FeedEvent[]>;
  lastEventSeq(): Promise<number>;
  counts(): Promise<Counts>;
  listAudit(ask: PageAsk): Promise<Page<AuditEntry>>;

  // customers of the web chat, and media
  customerThread(assetId: Id, address: string): Promise<ThreadRow | null>;
  /** a thread's messages before a place (null: from the newest), newest first */
  said(threadId: Id, before: number | null, limit: number): Promise<Said[]>;
  /** a thread's messages and events after a place, oldest first */
  happened(threadId: Id, after: number, limit: number): Promise<Happened[]>;
  addMedium(row: MediumRow): Promise<void>;
  medium(id: Id): Promise<MediumRow | null>;
  /** adds what a provider has; what is known of the same asset, owner and reference stays. Gives them as they are now, in order */
  addRemoteMedia(rows: readonly (MediumRow & { remote: RemoteMedium })[]): Promise<MediumRow[]>;
  /** what came of fetching it, all but its id, asset and owner; false: it is gone */
  saveMedium(row: MediumRow): Promise<boolean>;
  /** media to be fetched that a message shows, soonest first */
  mediaToFetch(limit: number): Promise<MediumRow[]>;
  /** media that no message shows, loose since before that time */
  looseMedia(before: number, limit: number): Promise<LooseMedium[]>;
  /** drops those that are still loose; gives the digests of files that no medium has any more */
  dropMedia(media: readonly LooseMedium[]): Promise<string[]>;

  /** adds it, or fills in what was missing and keeps it for longer; gives it as it is now */
  saveDirectLine(row: DirectLineRow): Promise<DirectLineRow>;
  directLine(id: Id): Promise<DirectLineRow | null>;

  // tasks and keys
  saveReplay(task: ReplayTask): Promise<void>;
  listReplays(ask: PageAsk): Promise<Page<ReplayTask>>;
  replay(id: Id): Promise<ReplayTask | null>;
  /** claims a key: null when it is new and now ours, else the row that is there */
  claimKey(key: string, bodyHash: string, at: number): Promise<IdempotencyRow | null>;
  finishKey(key: string, answer: { status: number; body: string } | null): Promise<void>;
  /** the bodies of kept answers, by key: they lie sealed, and are sealed anew with a new master key */
  keptAnswers(after: string | null, limit: number): Promise<KeptAnswer[]>;
  /** gives kept answers other bodies, in one transaction */
  replaceAnswers(answers: KeptAnswer[]): Promise<void>;

  // housekeeping
  /** a customer's words, media references, attempts and transcript are gone; their threads, and counts of what was erased */
  erase(assetId: Id, address: string): Promise<{ threads: Id[]; messages: number; deliveries: number }>;
  /** removes what is past its age, in small steps; returns how much, 0 when there is nothing left */
  retain(now: number, days: { messages: number; attempts: number; dedupe: number }, limit: number): Promise<number>;
  close(): Promise<void>;
};

/** Thrown by the store when the disk or the database refuses: nothing of the batch is kept; answered 503 + Retry-After. */
export class StoreUnavailable extends Error {}
export class ConfigConflict extends Error {}
