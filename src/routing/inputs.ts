// What comes in (Input), what is known when it is decided (Facts, Context) and what a decision is made of (Decision).
// Types only: the nouns are in model.ts, the deciding in route.ts.
// The one thing to know: a decision is data. The store saves all of it in one transaction, the engine then sends.
import type {
  Attempt,
  Author,
  Conversation,
  Delivery,
  DeliveryChange,
  Details,
  Health,
  Holder,
  Id,
  IntegrationStatus,
  Media,
  Message,
  MessageType,
  NewDelivery,
  NewId,
  QuickReply,
  ReceiptStatus,
  Target,
  ThreadState,
  World,
} from './model.ts';

/** What an adapter's send says happened. Expected failures are values. */
export type Outcome = {
  result: 'ok' | 'retry' | 'final' | 'unknown';
  status: number | null;
  reason: string;
  detail: string;
  retryAfterS?: number;
  /** 410: the target wants nothing any more */
  gone?: boolean;
  /** an asset's provider asks us to slow down: nothing goes out on this asset for so long */
  pauseS?: number;
  /** the channel's own id for what was sent */
  externalId?: string;
  /** what the bot answered at once: raw items of `events`, read by the bot's adapter */
  commands?: BotCommandRead[];
  timing: Attempt['timing'];
  answer: string;
  /** a fault that the simulator laid over the attempt: real for the ledger, nothing to the target's health */
  simulated?: true;
};

// ───────────────────────────── inputs ─────────────────────────────

/** What a bot asks for, as read from its wire (contract §3). */
export type BotCommand = (
  | {
      type: 'message';
      message: { type: MessageType; text: string; media: Media[]; quickReplies?: QuickReply[] };
      /** the bot's own idempotency id */
      key?: string;
      custom: Record<string, string>;
    }
  | { type: 'handover'; deskId?: Id; reason?: string; custom: Record<string, string> }
  | { type: 'close'; reason?: string }
  | { type: 'custom' | 'milestone' | 'notify' | 'unhandled'; name?: string; custom: Record<string, string> }
  | { type: 'typing'; on: boolean }
) & { conversationId: Id; epoch?: number };

/** One item of `events` in a bot's answer: read, or refused with the reason. */
export type BotCommandRead = { ok: true; command: BotCommand } | { ok: false; detail: string };

/**
 * Who acts at a console desk: a conversation that was accepted belongs to its agent. `mayAct`: in others' too (an
 * administrator, or a program that acts for the agents it names). A desk's own software has no claims of ours.
 */
export type ActingAgent = { id: Id; name: string; mayAct: boolean };

/** What a desk asks for, as read from its wire (contract §5). */
export type DeskCommand = (
  | { type: 'queued'; waitS?: number }
  /** `takeOver`: from the agent who has it */
  | { type: 'accepted'; agent: string; takeOver?: boolean }
  | {
      type: 'message';
      agent: string;
      message: { type: MessageType; text: string; media: Media[]; quickReplies?: QuickReply[] };
      key?: string;
    }
  | { type: 'typing'; on: boolean }
  /** `to`: a desk's id, a bot's id, or `bot` */
  | { type: 'transfer'; to: string; reason: string }
  | { type: 'close'; reason: string; note?: string }
  | { type: 'reject'; reason: string }
) & { conversationId: Id; epoch?: number; by?: ActingAgent };

/** Everything that comes in. Each is decided alone, in order, against the thread it names. */
export type Input =
  | {
      type: 'customer';
      assetId: Id;
      address: string;
      /** other addresses of the same customer on this asset: a known one among them leads to the thread */
      aliases?: string[];
      name?: string;
      /** dedupe key on the asset */
      externalId: string;
      kind: 'message' | 'postback';
      message: { type: MessageType; text: string; media: Media[]; details?: Details };
      payload?: string;
      title?: string;
      /** when the channel says it was said; recorded, order is by commit */
      sentAt?: number;
      /** from the simulator: the only one whose customers' addresses begin with `sim-` */
      simulated?: true;
    }
  /** the customer is typing, or stopped: told to a desk that holds the line and to whoever looks, never kept */
  | { type: 'typing'; assetId: Id; address: string; on: boolean }
  /** an agent's note in a conversation: for people only */
  | { type: 'note'; threadId: Id; conversationId: Id; text: string; author: { id: Id; name: string } }
  | {
      type: 'receipt';
      assetId: Id;
      /** ours, or '' when only the channel's id is known */
      messageId: Id;
      /** the channel's id of a message that was sent in the last days */
      externalId?: string;
      status: ReceiptStatus;
      description?: string;
    }
  /** everything that was sent to this customer at or before `at` (the channel's time) has this status */
  | { type: 'watermark'; assetId: Id; address: string; status: 'delivered' | 'read'; at: number }
  /** the customer says something about a message that was said: `about` is the channel's id of it */
  | {
      type: 'remark';
      assetId: Id;
      address: string;
      externalId: string;
      about: string;
      /** `emoji` '' takes a reaction back */
      remark: { kind: 'reaction'; emoji: string } | { kind: 'edit'; text: string } | { kind: 'delete' };
    }
  /** something happened on the channel that is no word of the customer's (blocked us, followed, an unknown kind): shown */
  | { type: 'sign'; assetId: Id; address: string; externalId: string; name: string; text: string }
  /**
   * Said to the customer in our name, but not by us: a human in the provider's own app, or another app. `messageId`: it
   * is one of ours that came back; so it is, too, when the channel's id is one that we were given.
   */
  | {
      type: 'echo';
      assetId: Id;
      address: string;
      externalId: string;
      messageId?: Id;
      /** who, as far as the channel tells, e.g. `Page inbox` */
      author: string;
      message: { type: MessageType; text: string; media: Media[]; details?: Details };
    }
  /**
   * The provider gave the thread to another app, or gave it back to us. `at`: when, by the provider; what is told late
   * or again counts no more.
   */
  | { type: 'control'; assetId: Id; address: string; ours: boolean; reason: string; at?: number }
  /** the customer has another address on this asset from now on, or as well */
  | { type: 'alias'; assetId: Id; address: string; alias: string }
  | {
      type: 'bot';
      botId: Id;
      command: BotCommand;
      /** the highest turn that was handed to this bot in an attempt that began (from the lane's memory), if known */
      handed?: number;
    }
  | { type: 'desk'; deskId: Id; command: DeskCommand; handed?: number }
  | {
      type: 'attempt';
      threadId: Id;
      deliveryId: Id;
      startedAt: number;
      /** the epoch and type the attempt carried */
      epoch: number;
      /** how many merged messages it carried: what joined later is still owed */
      merged?: number;
      outcome: Outcome;
      /** the next delivery waiting in the lane that carries a turn, if any */
      next?: { turn: number; at: number };
      /** ms that it stood in line for a slot of its target, which is no downtime of ours: the hour of its series goes on */
      inLineMs?: number;
    }
  /**
   * An attempt begins, on disk before it leaves: to a channel, whose effect nobody could tell if the program ended now; to a
   * bot, whose merge window other processes must see closed
   */
  | { type: 'begin'; threadId: Id; deliveryId: Id }
  /** the clock reached a thread's due time: decide every deadline that has passed */
  | { type: 'clock'; threadId: Id }
  /** by hand: hand over, take over, give back. `to`: a bot's or desk's id */
  | { type: 'holder'; threadId: Id; to: Id; reason: string; actor: string; attributes?: Record<string, string> }
  /**
   * An integration changes its status: by verification, by a person, by an edit. `version`: of the document that this is
   * about, as of a verification; it is refused when the document is another one by then.
   */
  | { type: 'integration'; id: Id; status: IntegrationStatus; reason: string | null; version?: number }
  /** follow-up of an integration that is not active, for one thread that it holds: move it if somebody waits */
  | { type: 'unavailable'; threadId: Id; integrationId: Id }
  /** follow-up of a bot that is active again, for one thread that needs a person: route it again */
  | { type: 'recovered'; threadId: Id; integrationId: Id }
  | { type: 'replay'; threadId: Id; deliveryId: Id }
  | { type: 'retry'; threadId: Id; deliveryId: Id }
  | { type: 'resolution'; threadId: Id; deliveryId: Id; outcome: 'sent' | 'resend' | 'drop' };

// ───────────────────────────── decisions ─────────────────────────────

export type RefusalCode =
  | 'not_found'
  | 'not_holder'
  | 'stale_epoch'
  | 'conversation_closed'
  | 'no_desk'
  | 'claimed'
  | 'too_many_messages'
  | 'invalid'
  | 'conflict';

/** What the sender of an input is told. */
export type Reply =
  | {
      ok: true;
      duplicate?: boolean;
      ignored?: boolean;
      messageId?: Id;
      conversationId?: Id;
      deskConversationId?: Id;
      deliveryId?: Id;
      handover?: 'offered' | 'given';
      /** why of a bot's replies at once some were refused: each is counted */
      refused?: RefusalCode[];
    }
  | {
      ok: false;
      code: RefusalCode;
      /** of what is `invalid`: begins with the field's name and a colon */
      detail: string;
      holder?: { type: Holder['type']; id: Id | null };
      epoch?: number;
      /** who has the conversation that was `claimed` */
      agent?: { id: Id; name: string };
      retryAfterS?: number;
    };

/** Not kept and not repeated: typing indicators, which nobody misses after a crash. */
export type Transient = {
  type: 'typing';
  to: Target;
  threadId: Id;
  conversationId: Id | null;
  on: boolean;
  author: Author;
};

/** One line of what happened: the feed and the timeline are made of these. `data` never has secrets. */
export type EventDraft = { type: EventType; data: Record<string, unknown> };
export type EventType =
  | 'message.received'
  | 'message.sent'
  | 'message.refused'
  | 'message.receipt'
  | 'message.remarked'
  | 'customer.sign'
  | 'customer.alias'
  | 'rule.decided'
  | 'rule.raised'
  | 'holder.changed'
  | 'conversation.opened'
  | 'conversation.updated'
  | 'conversation.closed'
  | 'note.added'
  | 'thread.unrouted'
  | 'thread.needs_person'
  | 'thread.overdue'
  | 'delivery.delivered'
  | 'delivery.failed'
  | 'delivery.dead'
  | 'delivery.held'
  | 'delivery.cancelled'
  | 'delivery.replayed'
  | 'integration.status'
  | 'config.changed'
  | 'customer.erased'
  | 'replay.progress';

export type Decision = {
  reply: Reply;
  /** the new state; null: unchanged */
  thread: ThreadState | null;
  messages: Message[];
  /** monotonic receipt status of a message that exists */
  receipts: { messageId: Id; status: ReceiptStatus }[];
  /** the channel's id of a message that exists; with an asset, the message is found by that id for at least 7 days */
  externalIds: { messageId: Id; externalId: string; assetId?: Id }[];
  conversations: Conversation[];
  deliveries: NewDelivery[];
  changes: DeliveryChange[];
  /**
   * Cancel what bots and desks are still to be sent in these conversations, which closed. Receipts stay, and so does
   * what is owed to the channel: it was accepted, so it goes out. What this decision itself adds is not touched.
   */
  cancel: { conversationId: Id; reason: string }[];
  attempt: Attempt | null;
  health: Health | null;
  events: EventDraft[];
  transients: Transient[];
  /** idempotency of a sender's own message id: kept with the answer, like a channel's dedupe key */
  remember: { key: string; messageId: Id }[];
  /** further addresses that lead to this thread from now on, whatever they led to before */
  aliases?: string[];
  /** messages that exist, as they read from now on */
  rewritten?: Message[];
};

/** Facts that the store loads before deciding, by the kind of input. */
export type Facts = {
  /** the thread; null when this is a customer's first word, or when no such thread or conversation exists */
  thread: ThreadState | null;
  /** the conversation that a bot's or desk's command names, open or closed */
  conversation: Conversation | null;
  /** the message that a receipt or a delivery is about, with its receipt status so far */
  message: (Message & { receipt: ReceiptStatus | null }) | null;
  /** also of a message that a receipt or an echo tells of: its send to the channel, while nobody knows what came of it */
  delivery: Delivery | null;
  /** the message id that was answered to the same idempotency key before */
  remembered: Id | null;
  /** of what a bot said at once under idempotency keys of its own: those that were said before */
  said?: ReadonlySet<string>;
  /** for a watermark: what was sent to the customer by then and may not have that status yet, oldest first; bounded */
  sent?: (Message & { receipt: ReceiptStatus | null })[];
  /** for an integration whose version is named: the one that its document has now; null when there is none */
  version?: number | null;
  /** the customer's unanswered turns, oldest first; undefined until a decision asked for them */
  unanswered?: Message[];
};

/** Passed in, so that decisions are pure: the time, ids and chance. */
export type Context = { now: number; newId: NewId; random: () => number; world: World };

/** A decision, or the wish to be asked again with `facts.unanswered` loaded (a holder changes: rare). */
export type Decided = Decision | 'needs_unanswered';
export type Decide = (input: Input, facts: Facts, context: Context) => Decided;
