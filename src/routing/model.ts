// The nouns of routing: threads, holders, conversations, messages, deliveries, rules, and the world they live in.
// Types only. What is decided about them is in route.ts and its neighbours; how they are kept is the store's business.
// The one thing to know: `turn` numbers a customer's utterances in a thread (1, 2, 3 … without gaps, messages and
// postbacks alike), so that "what is owed to whom" is a comparison of watermarks and never a list that grows.
import type { Rule } from './rule-model.ts';

export type {
  Action,
  Condition,
  Fallback,
  ForwardAction,
  Operator,
  Rule,
  Trigger,
  TriggerEvent,
} from './rule-model.ts';

export type Id = string;

/** Makes a sortable id with a prefix of the glossary, e.g. `conv` → `conv_01j…`. */
export type NewId = (prefix: string) => Id;

export type MessageType = 'text' | 'image' | 'video' | 'audio' | 'file' | 'location' | 'contact' | 'sticker';
export type Media = { url: string; type: string; name?: string };
/** What a type says beyond text and media; kept with the message, shown, and told to bots in `Signalbox.Details`. */
export type Details = {
  location?: { latitude: number; longitude: number; name?: string; address?: string };
  contacts?: { name: string; phones?: string[]; emails?: string[] }[];
  sticker?: { emoji?: string };
  /** the channel's id of the message that this one answers */
  replyTo?: string;
  /** what the channel calls a kind that we do not know */
  unknown?: string;
};
export type QuickReply = { title: string; payload?: string };
export type AuthorType = 'customer' | 'agent' | 'bot' | 'system';

/** Who speaks. `id` is the bot's or the desk's id; an agent is always a human, known by name. */
export type Author = { type: AuthorType; id: Id | null; name: string };

export type ReceiptStatus = 'delivered' | 'failed' | 'read';

/** One utterance in a thread, as kept. `turn` is set for the customer's only. Times are ms since 1970. */
export type Message = {
  id: Id;
  threadId: Id;
  /** place in the thread, all authors, 1, 2, 3 … */
  seq: number;
  /** place among the customer's utterances; null for all others */
  turn: number | null;
  kind: 'message' | 'postback';
  author: Author;
  /** the conversation it was said in (a bot's or a desk's); null for the customer's and the system's */
  conversationId: Id | null;
  type: MessageType;
  text: string;
  media: Media[];
  quickReplies?: QuickReply[];
  details?: Details;
  /** a bot's customparam1…N, sent to the channel as `message.custom` */
  custom?: Record<string, string>;
  /** a postback's payload and title */
  payload?: string;
  title?: string;
  /** the id the channel gave to it, if any */
  externalId?: string;
  /** when the channel says it was said, if that was long before `at` */
  sentAt?: number;
  /** the customer wrote it anew since (`text`); `original` is what it said first */
  edited?: { at: number; original: string };
  /** the customer took it back: its words and media are gone */
  deletedAt?: number;
  at: number;
};

// ───────────────────────────── the thread ─────────────────────────────

export type Holder =
  | { type: 'none'; since: number }
  | {
      type: 'bot';
      id: Id;
      conversationId: Id;
      since: number;
      /** the rule that gave it the line; null when by hand, by handover or by return */
      ruleId: Id | null;
      /** the bot for which this one stands in while that one is not active; the line climbs back from it */
      standInFor: Id | null;
    }
  | { type: 'desk'; id: Id; conversationId: Id; since: number };

/** An open bot conversation: unique for (thread, service, bot), until the bot closes it [seed]. */
export type BotShare = {
  conversationId: Id;
  botId: Id;
  serviceId: Id;
  /** turns up to this one were acknowledged by the bot (or given up) */
  acked: number;
  /** the last turn that was handed to this bot's lane */
  given: number;
  /** turns up to this one were answered by another party: they drain as CCSP */
  drain: number;
  /** when the oldest unacknowledged turn must have been taken; null when none waits or it was raised already */
  takeDue: number | null;
  /** when an acknowledged turn must have been answered; null when off, answered or raised already */
  replyDue: number | null;
  /** turns up to this one came back from a failed desk once: not a second time, or two would play ball for ever */
  returned?: number;
  /** an open merge window: messages until then join this delivery */
  merge: { deliveryId: Id; until: number } | null;
};

/** The desk conversation that has the line or is offered it. Each is new [seed]. */
export type DeskShare = {
  conversationId: Id;
  deskId: Id;
  serviceId: Id;
  phase: 'offered' | 'queued' | 'accepted';
  agent: string | null;
  /** of a console desk: who accepted, and so has the conversation */
  agentId?: Id;
  offeredAt: number;
  /** accept or queue limit; null once accepted */
  acceptDue: number | null;
  /** an accepted desk's limit for an answer (desk.idle); null when off */
  replyDue: number | null;
  /** the bot conversation that the line came from and goes back to */
  from: { botId: Id; conversationId: Id } | null;
  /** turns up to this one were taken by the desk's software */
  acked: number;
  /** the last turn that was handed to the desk's lane */
  given: number;
  /** answered in the provider's own app: until nobody does for `reply_within_s`, or until the provider gives it back */
  elsewhere?: 'until_silent' | 'until_returned';
};

export type ThreadState = {
  id: Id;
  assetId: Id;
  address: string;
  name: string;
  /** further addresses of the customer on this asset, oldest first */
  aliases?: string[];
  /** which of them the customer used last; absent: `address` */
  sendTo?: string;
  createdAt: number;
  /** the service that routes it (the asset's, as of the last decision) */
  serviceId: Id | null;
  /** grows by one each time the holder changes */
  epoch: number;
  seq: number;
  turn: number;
  /** turns up to this one have been answered by somebody */
  answered: number;
  /** arrival of the oldest unanswered turn, as far as known; null when nobody waits */
  waitingSince: number | null;
  /** the provider's time of its last word on which app has the thread */
  controlAt?: number;
  holder: Holder;
  bots: BotShare[];
  desk: DeskShare | null;
  /** why nobody answers although somebody should: shown and counted, '' is the goal */
  limbo: '' | 'unrouted' | 'needs_person' | 'overdue';
  attributes: Record<string, string>;
  /** desks that lost an offer since the customer last spoke: rules and fallbacks pass them over until then */
  failedDesks?: Id[];
  /** loop guard: bot messages, and handovers, since `since` */
  loop: { since: number; count: number; handovers?: number };
};

/** Closed conversations stay known, so that a late word gets 410 and not 404. */
export type Conversation = {
  id: Id;
  threadId: Id;
  type: 'bot' | 'desk';
  /** the bot's or desk's id */
  partyId: Id;
  serviceId: Id;
  status: 'open' | 'offered' | 'queued' | 'accepted' | 'closed';
  agent: string | null;
  openedAt: number;
  closedAt: number | null;
  closeReason: string | null;
};

// ───────────────────────────── deliveries ─────────────────────────────

export type TargetType = 'bot' | 'desk' | 'asset' | 'url';
export type Target = { type: TargetType; id: Id };

/**
 * What a delivery tells.
 * `message`, `postback`: an utterance (message_id). `receipt`: a message's fate. `started`, `closed`: a desk conversation.
 * `signal`: an extended event to a bot. `notify`: a rule's notify_url.
 */
export type DeliveryKind = 'message' | 'postback' | 'receipt' | 'started' | 'closed' | 'signal' | 'notify';

/**
 * As stored. `parked` is never stored: it is `pending` or `retrying` while its target is not active.
 * `cancelled` [ours]: it became pointless before it was sent (its conversation closed, a newer receipt replaced it).
 */
export type StoredStatus = 'pending' | 'retrying' | 'delivered' | 'dead' | 'held' | 'cancelled';
export type DeliveryStatus = StoredStatus | 'parked';

/** A lane is (thread, target, class): one in flight, in commit order. Receipts do not wait behind messages. */
export type LaneClass = 'main' | 'receipt';

export type Delivery = {
  id: Id;
  /** commit order over all deliveries; given by the store */
  ord: number;
  /** the thread, or the service's id for what concerns no thread (notify of bot.unavailable) */
  threadId: Id;
  target: Target;
  lane: LaneClass;
  kind: DeliveryKind;
  conversationId: Id | null;
  messageId: Id | null;
  /** the last customer turn it carries; null when it carries none */
  turn: number | null;
  /** further messages that a merge window joined to the first, in order */
  merged: Id[];
  /** kind-specific: receipt {status, description}; started {reason, attributes, upto_seq, epoch …}; closed {reason}; signal {event, …}; notify {url, event, …} */
  data: Record<string, unknown> | null;
  status: StoredStatus;
  /** attempts in the current series */
  attempts: number;
  /** the target's generation the series belongs to: when the target became active again, a new series begins */
  generation: number;
  /** start of the first attempt of the series, or null */
  seriesAt: number | null;
  /** not to be sent before (merge window, retry); 0: at once */
  notBefore: number;
  replay: boolean;
  reason: string | null;
  createdAt: number;
};

export type NewDelivery = Omit<
  Delivery,
  'ord' | 'status' | 'attempts' | 'generation' | 'seriesAt' | 'reason' | 'createdAt'
>;

export type DeliveryChange = {
  id: Id;
  status?: StoredStatus;
  attempts?: number;
  generation?: number;
  seriesAt?: number | null;
  notBefore?: number;
  reason?: string | null;
  /** a message that joins the delivery (merge window), with its turn */
  join?: { messageId: Id; turn: number };
};

/** One HTTP try of a delivery, as kept. */
export type Attempt = {
  id: Id;
  deliveryId: Id;
  threadId: Id;
  number: number;
  startedAt: number;
  ok: boolean;
  /** HTTP status, or null when there was none */
  status: number | null;
  /** closed list, see outcome.ts; `ok` on success */
  reason: string;
  /** a sentence for the operator */
  detail: string;
  timing: { dnsMs?: number; connectMs?: number; firstByteMs?: number; totalMs: number };
  /** first 16 KiB, secrets masked */
  answer: string;
  epoch: number;
};

// ───────────────────────────── integrations and rules ─────────────────────────────

export type IntegrationStatus = 'unverified' | 'active' | 'inactive' | 'disabled';

/** Per-integration settings of contract §3. Seconds and counts; 0 = off for reply_within_s and merge_window_ms. */
export type IntegrationSettings = {
  retry_spacing_s: number[];
  failure_threshold: number;
  failure_scope: 'attempt' | 'message';
  take_within_s: number;
  reply_within_s: number;
  accept_within_s: number;
  queue_within_s: number;
  max_in_flight: number;
  max_per_minute: number;
  merge_window_ms: number;
  recovery: 'manual' | 'automatic';
  extended_events: boolean;
};

/** What changes by itself about a bot or a desk; kept by the store, changed by decisions. */
export type Health = {
  id: Id;
  status: IntegrationStatus;
  failures: number;
  /** grows by one each time it becomes active: parked deliveries then begin a fresh series */
  generation: number;
  reason: string | null;
  since: number;
};

export type BotView = { id: Id; name: string; platform: string; settings: IntegrationSettings; health: Health };
export type DeskView = {
  id: Id;
  name: string;
  kind: string;
  settings: IntegrationSettings;
  health: Health;
  /** a console desk with nobody online rejects at once, and so does an app desk, always: it takes the line by itself */
  online: boolean;
};
export type AssetView = {
  id: Id;
  name: string;
  channel: string;
  serviceId: Id | null;
  /** seconds between tries of a send to the channel */
  retrySpacingS: number[];
  onUnknown: 'hold' | 'resend';
  /** the desk of kind `app` that stands for whoever answers in the provider's own app; null where the channel tells nothing */
  appDeskId: Id | null;
};

export type ServiceView = {
  id: Id;
  name: string;
  /** by position, then by id */
  rules: Rule[];
  /** ids of the bots and desks mapped to it */
  mapped: ReadonlySet<Id>;
};

/** The configuration that a decision looks at: a snapshot, replaced as a whole when something is edited. */
export type World = {
  services: ReadonlyMap<Id, ServiceView>;
  assets: ReadonlyMap<Id, AssetView>;
  bots: ReadonlyMap<Id, BotView>;
  desks: ReadonlyMap<Id, DeskView>;
};
