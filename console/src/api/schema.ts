// The API's types, made from its OpenAPI document. Do not edit: after a change of the API run
// `npx vitest run --project unit test/console-types.test.ts -u`, and look at what changed.
/* biome-ignore-all lint: generated */

export type Action = {
  type: 'forward_to_bot';
  bot_id: string;
  fallback?: {
    desk_id: string;
    on: ('unavailable' | 'silent')[];
    holding_text?: string;
  };
} | {
  type: 'forward_to_desk';
  desk_id: string;
} | {
  type: 'forward_to_bot_and_desk';
  bot_id: string;
  desk_id: string;
  fallback?: {
    desk_id: string;
    on: ('unavailable' | 'silent')[];
    holding_text?: string;
  };
} | {
  type: 'send_message';
  text: string;
} | {
  type: 'notify_url';
  url: string;
} | {
  type: 'close';
};

export type AgentEffect = {
  message_id?: string;
  conversation_id?: string;
};

export type Asset = {
  id: string;
  created_at: string;
  updated_at: string;
  name: string;
  channel: string;
  config: Record<string, unknown>;
  /** when it is not known whether a send took effect, on channels without idempotency keys */
  on_unknown: 'hold' | 'resend';
  service_id: string | null;
  hook_url: string;
  /** masked, but in the answer that made it */
  secret: string | null;
  /** masked, but in the answer that made it */
  signing_secret: string | null;
};

export type Attempt = {
  id: string;
  number: number;
  started_at: string;
  ok: boolean;
  /** HTTP status; null: there was none */
  status: number | null;
  reason: string;
  detail: string;
  timing: {
    dns_ms: number | null;
    connect_ms: number | null;
    first_byte_ms: number | null;
    total_ms: number;
  };
  /** its first 16 KiB, secrets masked */
  answer: string;
  epoch: number;
};

export type AuditEntry = {
  id: string;
  at: string;
  actor: string;
  action: string;
  kind: string;
  target: string;
  detail: Record<string, unknown>;
};

export type Bot = {
  id: string;
  created_at: string;
  updated_at: string;
  name: string;
  platform: string;
  url: string;
  status: 'unverified' | 'active' | 'inactive' | 'disabled';
  inactive_reason: string | null;
  /** when the status began */
  since: string;
  /** failures in a row */
  failures: number;
  /** for owners and administrators; else null */
  hook_url: string | null;
  /** masked */
  verification_token: string | null;
  /** masked */
  access_token: string | null;
  /** masked, but in the answer that made it */
  signing_secret: string | null;
  require_signature: boolean;
  services: string[];
  /** seconds between tries; at most four, 3575 together */
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

export type BotEvent = {
  Conversationid: string;
  /** BOT: an answer is expected; CCSP: a copy */
  ConversationType: 'BOT' | 'CCSP';
  Message?: string;
  MessageType?: 'text' | 'image' | 'video' | 'audio' | 'file' | 'location' | 'contact' | 'sticker';
  Media?: string;
  Messageid?: string;
  PostbackPayload?: string;
  Channel: 'FB' | 'INSTAGRAM' | 'WHATSAPP' | 'SMS' | 'TELEGRAM' | 'LINE' | 'WEBCHAT' | 'HTTP';
  Event: 'Incoming message' | 'Agent response' | 'FB POSTBACK' | 'POSTBACK' | 'Message Delivery' | 'Signalbox' | 'Verification';
  DeliveryStatus?: 'Delivered' | 'Failed' | 'Read';
  Description?: string;
  /** GMT */
  Timestamp: string;
  Signalbox?: Record<string, unknown>;
};

export type BotPost = {
  /** 1001 message, 1002 handover, 1003 close, 1004 custom, 1005 milestone, 1006 notify, 1007 unhandled, 1008 typing; or the word in `event` */
  eventid: string | number;
  conversation_id: string;
  message?: string;
  Messagetype?: 'text' | 'image' | 'video' | 'audio' | 'file' | 'location' | 'contact' | 'sticker';
  Timestamp?: string;
  media?: {
    url: string;
    type: string;
    name?: string;
  }[];
  quick_replies?: {
    title: string;
    payload?: string;
  }[];
  epoch?: number;
  /** your own id of it: taken once */
  messageid?: string;
  desk_id?: string;
  reason?: string;
  name?: string;
  on?: boolean;
  /** and customparam2 … N */
  customparam1?: string;
};

export type ChannelMessage = {
  type: 'message' | 'typing';
  message_id?: string;
  to: {
    address: string;
  };
  message?: {
    type: 'text' | 'image' | 'video' | 'audio' | 'file' | 'location' | 'contact' | 'sticker';
    text?: string;
    media?: {
      url: string;
      type: string;
      name?: string;
    }[];
    quick_replies?: {
      title: string;
      payload?: string;
    }[];
    custom?: Record<string, string>;
  };
  on?: boolean;
  author: {
    type: 'bot' | 'agent' | 'system';
    name: string;
  };
  conversation_id?: string | null;
};

export type ChannelPost = {
  type: 'message';
  id: string;
  from: {
    address: string;
    name?: string;
  };
  message: {
    type: 'text' | 'image' | 'video' | 'audio' | 'file' | 'location' | 'contact' | 'sticker';
    text?: string;
    media?: {
      url: string;
      type: string;
      name?: string;
    }[];
  };
  timestamp?: string | number;
} | {
  type: 'postback';
  id: string;
  from: {
    address: string;
    name?: string;
  };
  payload: string;
  title?: string;
} | {
  type: 'receipt';
  message_id: string;
  status: 'delivered' | 'failed' | 'read';
  description?: string;
} | ({
  type: 'message';
  id: string;
  from: {
    address: string;
    name?: string;
  };
  message: {
    type: 'text' | 'image' | 'video' | 'audio' | 'file' | 'location' | 'contact' | 'sticker';
    text?: string;
    media?: {
      url: string;
      type: string;
      name?: string;
    }[];
  };
  timestamp?: string | number;
} | {
  type: 'postback';
  id: string;
  from: {
    address: string;
    name?: string;
  };
  payload: string;
  title?: string;
} | {
  type: 'receipt';
  message_id: string;
  status: 'delivered' | 'failed' | 'read';
  description?: string;
})[];

export type Condition = {
  all: Condition[];
} | {
  any: Condition[];
} | {
  not: Condition;
} | {
  /** message.text, message.type, postback.payload, postback.title, customer.address, customer.name, asset.id, asset.channel, bot.id, desk.id, event.name, event.cause, event.reason, event.status, time.local, time.weekday, attributes.NAME */
  field: string;
  op: 'equals' | 'not_equals' | 'in' | 'not_in' | 'contains' | 'starts_with' | 'ends_with' | 'regex' | 'gt' | 'gte' | 'lt' | 'lte' | 'between' | 'equals_ignore_case' | 'not_equals_ignore_case' | 'in_ignore_case' | 'not_in_ignore_case' | 'contains_ignore_case' | 'starts_with_ignore_case' | 'ends_with_ignore_case' | 'regex_ignore_case';
  value: unknown;
};

export type Conversation = {
  id: string;
  thread_id: string;
  service_id: string;
  type: 'bot' | 'desk';
  /** the bot's or desk's id */
  party_id: string;
  status: 'open' | 'offered' | 'queued' | 'accepted' | 'closed';
  agent: string | null;
  opened_at: string;
  closed_at: string | null;
  close_reason: string | null;
};

export type Delivery = {
  id: string;
  status: 'pending' | 'retrying' | 'parked' | 'delivered' | 'dead' | 'held' | 'cancelled';
  kind: 'message' | 'postback' | 'receipt' | 'started' | 'closed' | 'signal' | 'notify';
  target: {
    type: 'bot' | 'desk' | 'asset' | 'url';
    id: string;
  };
  thread_id: string;
  conversation_id: string | null;
  message_id: string | null;
  merged_message_ids: string[];
  /** in the current series */
  attempt_count: number;
  /** not before; null: at once, or never again */
  next_attempt_at: string | null;
  reason: string | null;
  replay: boolean;
  data: Record<string, unknown> | null;
  created_at: string;
};

export type DeliveryWithAttempts = Delivery & ({
  attempts: Attempt[];
  message: Message | null;
});

export type Desk = {
  id: string;
  created_at: string;
  updated_at: string;
  name: string;
  kind: string;
  url: string | null;
  status: 'unverified' | 'active' | 'inactive' | 'disabled';
  inactive_reason: string | null;
  /** when the status began */
  since: string;
  /** failures in a row */
  failures: number;
  /** whether an agent is there; always true for webhook desks */
  online: boolean;
  /** for owners and administrators; else null */
  hook_url: string | null;
  /** masked, but in the answer that made it */
  secret: string | null;
  /** masked, but in the answer that made it */
  signing_secret: string | null;
  services: string[];
  /** seconds between tries; at most four, 3575 together */
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

export type DeskEvent = {
  type: 'conversation.started' | 'message.received' | 'postback.received' | 'message.receipt' | 'typing' | 'conversation.closed' | 'verification';
  timestamp: string;
  data: {
    conversation_id?: string;
    bot_conversation_id?: string | null;
    thread_id?: string;
    epoch?: number;
    customer?: {
      address: string;
      name: string;
    };
    channel?: string;
    asset_id?: string;
    service_id?: string;
  };
};

export type DeskPost = {
  type: 'conversation.queued' | 'conversation.accepted' | 'message.sent' | 'typing' | 'conversation.transferred' | 'conversation.closed' | 'conversation.rejected';
  data: {
    conversation_id: string;
    epoch?: number;
    wait_s?: number;
    agent?: string;
    id?: string;
    message?: {
      type: 'text' | 'image' | 'video' | 'audio' | 'file' | 'location' | 'contact' | 'sticker';
      text?: string;
      media?: {
        url: string;
        type: string;
        name?: string;
      }[];
    };
    on?: boolean;
    to?: string;
    reason?: string;
    note?: string;
  };
};

export type Erased = {
  threads: number;
  messages: number;
  deliveries: number;
};

export type Event = {
  seq: number;
  id: string;
  type: string;
  thread_id: string | null;
  at: string;
  data: Record<string, unknown>;
};

export type EventPage = {
  data: Event[];
  next_cursor: string;
};

export type Key = {
  id: string;
  created_at: string;
  updated_at: string;
  name: string;
  role: 'owner' | 'admin' | 'developer' | 'agent' | 'viewer';
  prefix: string;
  last4: string;
  /** to the hour */
  last_used_at: string | null;
};

export type Message = {
  id: string;
  thread_id: string;
  conversation_id: string | null;
  seq: number;
  kind: 'message' | 'postback';
  author: {
    type: 'customer' | 'agent' | 'bot' | 'system';
    id: string | null;
    name: string;
  };
  type: 'text' | 'image' | 'video' | 'audio' | 'file' | 'location' | 'contact' | 'sticker';
  text: string;
  media: {
    url: string;
    type: string;
    name?: string;
  }[];
  quick_replies: {
    title: string;
    payload?: string;
  }[] | null;
  custom: Record<string, string> | null;
  payload: string | null;
  title: string | null;
  external_id: string | null;
  receipt: 'delivered' | 'failed' | 'read' | null;
  at: string;
};

export type NewKey = {
  id: string;
  created_at: string;
  updated_at: string;
  name: string;
  role: 'owner' | 'admin' | 'developer' | 'agent' | 'viewer';
  prefix: string;
  last4: string;
  /** to the hour */
  last_used_at: string | null;
  /** shown this once */
  key: string;
};

export type Presence = {
  online: boolean;
  until: string | null;
};

export type Problem = {
  /** a page that explains the code */
  type: string;
  title: string;
  status: number;
  detail: string;
  code: 'bad_request' | 'bad_json' | 'unauthorized' | 'bad_signature' | 'forbidden' | 'integration_disabled' | 'not_found' | 'method_not_allowed' | 'request_timeout' | 'conflict' | 'not_holder' | 'stale_epoch' | 'no_desk' | 'not_console_desk' | 'asset_taken' | 'in_use' | 'limit_reached' | 'idempotency_running' | 'conversation_closed' | 'too_large' | 'unsupported_media_type' | 'invalid' | 'idempotency_mismatch' | 'too_many_messages' | 'too_many_attempts' | 'too_many_streams' | 'headers_too_large' | 'internal' | 'starting' | 'store_unavailable' | 'overloaded';
  request_id: string;
  errors?: {
    /** JSON pointer */
    pointer: string;
    detail: string;
  }[];
};

export type Replay = {
  id: string;
  status: 'running' | 'paused' | 'done' | 'cancelled';
  filter: {
    status?: 'pending' | 'retrying' | 'parked' | 'delivered' | 'dead' | 'held' | 'cancelled';
    /** a bot's, desk's or asset's id */
    target?: string;
    target_type?: 'bot' | 'desk' | 'asset' | 'url';
    conversation_id?: string;
    thread_id?: string;
    message_id?: string;
    /** created at or after */
    since?: string;
    /** created before */
    until?: string;
  };
  total: number;
  done: number;
  failed: number;
  failures: {
    delivery_id: string;
    detail: string;
  }[];
  actor: string;
  created_at: string;
  updated_at: string;
};

export type Replayed = {
  delivery_id: string | null;
};

export type Resolved = {
  delivery_id: string | null;
};

export type Rotation = {
  hook_url?: string;
  secret?: string;
  signing_secret?: string;
  /** until when the old one is taken too; null: not any more */
  old_until: string | null;
};

export type Rule = {
  id: string;
  created_at: string;
  updated_at: string;
  service_id: string;
  name: string;
  position: number;
  enabled: boolean;
  trigger: Trigger;
  conditions?: Condition | null;
  action: Action;
  starts_at: string | null;
  ends_at: string | null;
};

export type Service = {
  id: string;
  created_at: string;
  updated_at: string;
  name: string;
  /** ids of the bots and desks mapped to it */
  integrations: string[];
  assets: string[];
};

export type Thread = {
  id: string;
  asset_id: string;
  /** the customer's address on the asset */
  address: string;
  name: string;
  service_id: string | null;
  holder: {
    type: 'bot' | 'desk' | 'none';
    id: string | null;
    conversation_id: string | null;
    since: string;
  };
  epoch: number;
  /** since when the customer has had no answer */
  waiting_since: string | null;
  /** why nobody answers although somebody should */
  limbo: 'unrouted' | 'needs_person' | 'overdue' | null;
  due_at: string | null;
  attributes: Record<string, string>;
  messages: number;
  created_at: string;
  updated_at: string;
  conversations: Conversation[];
};

export type ThreadSummary = {
  id: string;
  asset_id: string;
  /** the customer's address on the asset */
  address: string;
  name: string;
  service_id: string | null;
  holder: {
    type: 'bot' | 'desk' | 'none';
    id: string | null;
    conversation_id: string | null;
    since: string;
  };
  epoch: number;
  /** since when the customer has had no answer */
  waiting_since: string | null;
  /** why nobody answers although somebody should */
  limbo: 'unrouted' | 'needs_person' | 'overdue' | null;
  due_at: string | null;
  attributes: Record<string, string>;
  messages: number;
  created_at: string;
  updated_at: string;
};

export type TimelineItem = {
  at: string;
  type: 'message' | 'event' | 'delivery';
  message?: Message;
  event?: Event;
  delivery?: Delivery;
};

export type Trigger = {
  event: 'message.received' | 'postback.received' | 'channel.receipt' | 'bot.handover' | 'bot.custom' | 'bot.milestone' | 'bot.notify' | 'bot.unhandled' | 'bot.closed' | 'bot.unavailable' | 'bot.recovered' | 'bot.silent' | 'desk.accepted' | 'desk.failed' | 'desk.transferred' | 'desk.idle' | 'desk.closed';
  asset_id?: string;
  bot_id?: string;
  desk_id?: string;
};

export type User = {
  id: string;
  created_at: string;
  updated_at: string;
  name: string;
  email: string | null;
  role: 'owner' | 'admin' | 'developer' | 'agent' | 'viewer';
};

export type Verification = {
  verified: boolean;
  status: 'unverified' | 'active' | 'inactive' | 'disabled';
  checks: {
    name: string;
    ok: boolean;
    detail: string;
    ms: number;
  }[];
};
