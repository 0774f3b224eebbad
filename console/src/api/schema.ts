// The API's types, made from its OpenAPI document. Do not edit: after a change of the API run
// `npx vitest run --project unit test/console-types.test.ts -u`, and look at what changed.

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
  /** null for a web chat */
  hook_url: string | null;
  /** masked, but in the answer that made it; null where the provider has its own */
  secret: string | null;
  /** masked, but in the answer that made it */
  signing_secret: string | null;
  /** where humans may answer in the provider's own app: the desk that stands for them */
  app_desk_id: string | null;
  /** what its hook has seen since the server started; null: nothing */
  connection: {
    /** when the provider proved the address */
    handshake_at: string | null;
    /** when the hook last took something */
    event_at: string | null;
    refused_at: string | null;
    refused_reason: string | null;
    /** when a verification held */
    verified_at: string | null;
  };
  /** of a web chat; rotated as `secret` */
  direct_line_secret?: string | null;
  /** of a web chat: signs customers' ids; rotated as `signing_secret` */
  identity_secret?: string | null;
  /** of a web chat: what goes into the page */
  script_tag?: string;
};

export type AssetVerification = {
  verified: boolean;
  checks: {
    name: string;
    ok: boolean;
    detail: string;
    ms: number;
    /** what to mend although it holds */
    advice?: string;
  }[];
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

export type AttemptInTimeline = {
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

export type Backup = {
  /** the file, in `backups/` of the data folder */
  name: string;
  status: 'running' | 'done' | 'failed';
  bytes: number | null;
  created_at: string;
  /** why it failed; forgotten at the next start */
  problem: string | null;
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

export type Channel = {
  channel: string;
  /** the `Channel` of events to bots */
  word: string;
  title: string;
  /** `config` of an asset; none: it is set up in its own way */
  fields: ({
    name: string;
    label: string;
    kind: 'text' | 'secret' | 'url' | 'choice' | 'switch';
    required: boolean;
    help: string;
    default?: string | boolean;
    /** made by us when none is given */
    generated?: true;
    choices?: {
      value: string;
      label: string;
    }[];
  })[];
  /** what is to be done by hand; `{hook_url}` and `{NAME}` of a field stand for their values */
  steps: {
    title: string;
    text: string;
    copy?: string;
  }[];
  capabilities: {
    /** what the provider tells of a message; what it does not tell is never told to a bot */
    receipts: {
      accepted: boolean;
      delivered: boolean;
      read: boolean;
      failed: boolean;
    };
    sends: string[];
    quick_replies: {
      max: number;
      title_max: number;
      payload_max: number;
    } | null;
    text: {
      max: number;
      unit: 'characters' | 'bytes' | 'utf16';
    };
    typing: boolean;
    seen: boolean;
    /** hours after the customer's last word in which free text may be sent; null: always */
    window_hours: {
      anybody: number;
      humans: number;
    } | null;
    /** the same message twice is one: an outcome is never unknown */
    idempotent: boolean;
    /** humans may answer in the provider's own app, and we are told */
    echoes: boolean;
  } | null;
  /** an asset of it can be verified, and send a test message */
  can_connect: boolean;
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

export type ChatHistory = {
  messages: ChatMessage[];
  more: boolean;
  ticks: {
    delivered_turn: number;
    read_turn: number;
  };
};

export type ChatMessage = {
  id: string;
  cursor: string;
  /** ms since 1970 */
  at: number;
  author: {
    type: 'customer' | 'agent' | 'bot' | 'system';
    name: string;
  };
  type: string;
  text: string;
  media: {
    url: string;
    type: string;
    name: string;
  }[];
  quick_replies: ({
    title: string;
    payload: string | null;
  })[];
  client_id?: string;
  turn?: number;
  postback?: true;
  receipt?: 'delivered' | 'read' | null;
};

export type ChatPost = ({
  /** yours: the same one again is a duplicate without effect */
  id: string;
  type: 'message' | 'postback';
  text?: string;
  media?: string[];
  payload?: string;
  title?: string;
  sent_at?: number;
})[];

export type ChatSession = {
  token: string;
  expires_at: number;
  address: string;
  verified: boolean;
  resumed: boolean;
  settings: Record<string, unknown>;
  holder: {
    type: 'none' | 'bot' | 'waiting' | 'agent';
    name: string;
  };
  cursor: string;
  history: ChatHistory;
};

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
  asset_id: string;
  customer: {
    address: string;
    name: string;
  };
  type: 'bot' | 'desk';
  /** the bot's or desk's id */
  party_id: string;
  status: 'open' | 'offered' | 'queued' | 'accepted' | 'closed';
  /** who accepted, or accepted last */
  agent: string | null;
  /** of a console desk, while it is open: whose it is */
  agent_id: string | null;
  opened_at: string;
  /** null for bots */
  offered_at: string | null;
  /** when the offer goes on to somebody else */
  accept_by: string | null;
  /** whether the customer has no answer from it yet */
  customer_waiting: boolean;
  waiting_since: string | null;
  /** the last of the thread until it closed */
  last_message: MessagePreview | null;
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
  /** null: no request is made of it */
  request: RequestPreview | null;
});

export type Desk = {
  id: string;
  created_at: string;
  updated_at: string;
  name: string;
  kind: string;
  url: string | null;
  /** secrets masked; empty for kinds without any */
  config: Record<string, unknown>;
  status: 'unverified' | 'active' | 'inactive' | 'disabled';
  inactive_reason: string | null;
  /** when the status began */
  since: string;
  /** failures in a row */
  failures: number;
  /** whether an agent is there; always true for webhook desks, never for app desks, which are offered nothing */
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

export type DeskKind = {
  kind: string;
  title: string;
  /** `config` of a desk; none: it has no `config` */
  fields: ({
    name: string;
    label: string;
    kind: 'text' | 'secret' | 'url' | 'choice' | 'switch';
    required: boolean;
    help: string;
    default?: string | boolean;
    /** made by us when none is given */
    generated?: true;
    choices?: {
      value: string;
      label: string;
    }[];
  })[];
  /** what is to be done by hand; `{hook_url}` and `{NAME}` of a field stand for their values */
  steps: {
    title: string;
    text: string;
    copy?: string;
  }[];
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

export type DeskPresence = {
  /** whether somebody is there and not away: the desk takes offers */
  online: boolean;
  agents: ({
    /** the user's or key's id */
    id: string;
    name: string;
    state: 'online' | 'away';
    since: string;
    /** unless renewed */
    until: string;
  })[];
};

export type DirectLineActivities = {
  activities: DirectLineActivity[];
  watermark: string;
};

export type DirectLineActivity = {
  type: string;
  id?: string;
  from?: {
    id?: string;
    name?: string;
  };
  text?: string;
  value?: unknown;
  attachments?: {
    contentType: string;
    contentUrl?: string;
  }[];
  channelData?: Record<string, unknown>;
};

export type DirectLineConversation = {
  conversationId: string;
  token: string;
  /** seconds */
  expires_in: number;
  streamUrl?: string;
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

export type Fault = {
  bot_id: string;
  address: string;
  fault: 'down' | 'slow' | 'error_500' | 'no_token';
  until: string;
};

export type FaultList = {
  data: Fault[];
};

export type Found = {
  type: 'thread' | 'conversation' | 'message' | 'delivery' | 'replay' | 'customer' | 'bot' | 'desk' | 'asset' | 'service' | 'rule' | 'user' | 'key';
  id: string;
  thread_id: string | null;
  title: string;
  detail: string;
  at: string;
};

export type HolderChange = {
  at: string;
  /** the one that began, or in which a desk went on */
  epoch: number;
  from: {
    type: 'bot' | 'desk' | 'none';
    id: string | null;
    conversation_id: string | null;
  };
  /** as `from` when a desk queued or accepted what it holds */
  to: {
    type: 'bot' | 'desk' | 'none';
    id: string | null;
    conversation_id: string | null;
  };
  /** how far a desk is from then on; null of anyone else */
  phase: 'offered' | 'queued' | 'accepted' | null;
  /** who accepted */
  agent: string | null;
  reason: string;
  /** a rule (`rule rul_…`), a bot or desk, a person, or `signalbox` */
  actor: string;
};

export type Invitation = {
  /** shown this once */
  url: string;
  expires_at: string;
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

export type Link = {
  purpose: 'dev' | 'first_owner' | 'invitation' | 'password_reset';
  /** of the user that the link is for */
  name: string | null;
  email: string | null;
  expires_at: string;
};

export type Me = {
  id: string;
  name: string;
  email: string | null;
  role: 'owner' | 'admin' | 'developer' | 'agent' | 'viewer';
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
  /** What it says beyond text and media. */
  details: {
    location?: {
      latitude: number;
      longitude: number;
      name?: string;
      address?: string;
    };
    contacts?: {
      name: string;
      phones?: string[];
      emails?: string[];
    }[];
    sticker?: {
      emoji?: string;
    };
    /** The channel’s id of the message that this one answers. */
    reply_to?: string;
    /** What the channel calls a kind that is not known here. */
    unknown?: string;
  } | null;
  /** The customer wrote it anew: when, and what it said first. */
  edited: {
    at: string;
    original: string;
  } | null;
  /** The customer took it back: its words are gone. */
  deleted_at: string | null;
  receipt: 'delivered' | 'failed' | 'read' | null;
  at: string;
};

export type MessagePreview = {
  id: string;
  kind: 'message' | 'postback';
  author: {
    type: 'customer' | 'agent' | 'bot' | 'system';
    id: string | null;
    name: string;
  };
  type: 'text' | 'image' | 'video' | 'audio' | 'file' | 'location' | 'contact' | 'sticker';
  /** its first 160 characters; of a postback its title */
  text: string;
  receipt: 'delivered' | 'failed' | 'read' | null;
  at: string;
};

export type Need = {
  kind: 'handover_waiting' | 'customer_overdue' | 'thread_needs_person' | 'thread_unrouted' | 'integration_inactive' | 'integration_unverified' | 'integration_disabled' | 'delivery_held' | 'delivery_dead';
  /** a thread's, integration's, asset's or desk's; null: several more */
  id: string | null;
  /** of whom or what */
  name: string;
  /** how many customers, threads or deliveries it is about */
  count: number;
  title: string;
  detail: string;
  since: string | null;
  /** a path of the console */
  link: string;
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

export type Note = {
  thread_id: string;
  conversation_id: string;
  text: string;
  author: {
    id: string;
    name: string;
  };
};

export type Overview = {
  promises: {
    /** all kinds of it together; one thread may count as two. 0 is the goal */
    limbo: number;
    unrouted: number;
    needs_person: number;
    /** customers who wait beyond a deadline, and nobody else can be asked */
    overdue: number;
    /** customers who wait for a bot or desk that is not active */
    undeliverable: number;
    /** what was refused since `since`, because another held the line */
    stale_refused: number;
    /** customers without an answer */
    waiting: number;
    /** deliveries kept for bots and desks that are not active */
    parked: number;
    /** sends of which nobody knows whether they arrived */
    unknown_outcomes: number;
  };
  threads: number;
  deliveries: {
    pending: number;
    retrying: number;
    parked: number;
    delivered: number;
    dead: number;
    held: number;
    cancelled: number;
  };
  oldest_pending_at: string | null;
  /** most urgent first */
  needs: Need[];
  /** in a good order; in `dev` the tour through its demo, until that is done */
  checklist: ({
    key: 'asset' | 'bot_verified' | 'rule' | 'message_received' | 'bot_answered' | 'person_answered' | 'second_user' | 'asked' | 'online' | 'handed_over' | 'claimed' | 'answered' | 'returned' | 'broken' | 'recovered';
    done: boolean;
  })[];
  now: {
    /** in and out */
    messages_per_minute: number;
    bot_p50_ms: number | null;
    bot_p95_ms: number | null;
  };
  /** when this process began to count */
  since: string;
};

export type Presence = DeskPresence & ({
  /** null: you left */
  until: string | null;
});

export type Problem = {
  /** a page that explains the code */
  type: string;
  title: string;
  status: number;
  detail: string;
  code: 'bad_request' | 'bad_json' | 'unauthorized' | 'bad_credentials' | 'bad_signature' | 'session_over' | 'forbidden' | 'cross_site' | 'origin_not_allowed' | 'identity_required' | 'bad_identity' | 'integration_disabled' | 'not_found' | 'method_not_allowed' | 'request_timeout' | 'conflict' | 'not_holder' | 'stale_epoch' | 'no_desk' | 'claimed' | 'not_console_desk' | 'asset_taken' | 'email_taken' | 'last_owner' | 'in_use' | 'limit_reached' | 'idempotency_running' | 'link_gone' | 'conversation_closed' | 'too_large' | 'unsupported_media_type' | 'invalid' | 'idempotency_mismatch' | 'too_many_messages' | 'too_many_attempts' | 'too_many_requests' | 'too_many_streams' | 'headers_too_large' | 'internal' | 'media_unavailable' | 'starting' | 'store_unavailable' | 'no_room' | 'overloaded';
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
    /** created at or before */
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
  /** while it worked, pauses not counted; null: not known yet */
  rate_per_s: number | null;
  /** at that rate; null: not known, or nothing remains */
  remaining_s: number | null;
  created_at: string;
  updated_at: string;
};

export type ReplayCount = {
  count: number;
};

export type Replayed = {
  delivery_id: string | null;
};

export type RequestPreview = {
  method: 'GET' | 'POST' | 'PUT';
  url: string;
  headers: Record<string, string>;
  body: string;
  /** the body is longer than what is shown */
  cut: boolean;
};

export type Resolved = {
  delivery_id: string | null;
};

export type Retried = {
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
  /** the rule in plain English */
  sentence: string;
  /** an earlier rule that takes whatever this one would, so that it never has a turn; as far as can be seen */
  shadowed_by: string | null;
};

export type RuleTried = {
  /** how many were looked at */
  tried: number;
  matched: number;
  data: ({
    message_id: string;
    thread_id: string;
    asset_id: string;
    customer: {
      address: string;
      name: string;
    };
    kind: 'message' | 'postback';
    text: string;
    at: string;
    matches: boolean;
    why: string;
    /** whose forward action wins with the draft; `rule_id` null: a new draft */
    winner: {
      rule_id: string | null;
      name: string;
      draft: boolean;
    } | null;
  })[];
};

export type Series = {
  step_s: number;
  since: string;
  points: ({
    /** the end of the step */
    at: string;
    /** customers' messages */
    in: number;
    /** messages sent to customers */
    out: number;
    /** attempts */
    failed: number;
    /** half of the attempts to bots took no longer */
    bot_p50_ms: number | null;
    bot_p95_ms: number | null;
  })[];
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

export type Session = {
  user: {
    id: string;
    name: string;
    email: string | null;
    role: 'owner' | 'admin' | 'developer' | 'agent' | 'viewer';
  };
  instance: {
    version: string;
    public_url: string;
    /** runs as `signalbox dev` */
    dev: boolean;
  };
  /** Of the last event as yet: a stream that begins after it tells all that what is read from now on does not show; null: the store does not answer */
  last_event_seq: number | null;
};

export type Setting = {
  /** as in signalbox.yaml */
  name: string;
  /** of the environment */
  variable: string;
  /** empty: not set; of a secret only whether it is */
  value: string;
  /** a flag, the environment, a file, or `default` */
  source: string;
  description: string;
};

export type SignedIn = {
  user: Me;
};

export type Simulated = {
  message_id?: string;
  /** null: this customer has said nothing yet */
  thread_id: string | null;
  duplicate: boolean;
};

export type SimulatedEvent = {
  type: 'message';
  message: {
    type?: 'text' | 'image' | 'video' | 'audio' | 'file' | 'location' | 'contact' | 'sticker';
    text?: string;
    media?: {
      url: string;
      type: string;
      name?: string;
    }[];
  };
} | {
  type: 'postback';
  payload: string;
  title?: string;
} | {
  type: 'receipt';
  message_id: string;
  status: 'delivered' | 'failed' | 'read';
  description?: string;
} | {
  type: 'typing';
  on?: boolean;
};

export type TestMessage = {
  sent: boolean;
  /** what happened, and what to do about it */
  detail: string;
  /** the HTTP status of the provider; null: there was none */
  status: number | null;
  /** what the provider said, without secrets */
  answer: string;
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
    /** how far a desk is; null of anyone else */
    phase: 'offered' | 'queued' | 'accepted' | null;
    /** who accepted at the desk: a person's name */
    agent: string | null;
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
  /** who got the line when, by whom and why; oldest first */
  holders: HolderChange[];
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
    /** how far a desk is; null of anyone else */
    phase: 'offered' | 'queued' | 'accepted' | null;
    /** who accepted at the desk: a person's name */
    agent: string | null;
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
  last_message: MessagePreview | null;
};

export type TimelineItem = {
  at: string;
  type: 'message' | 'event' | 'delivery';
  message?: Message;
  event?: Event;
  delivery?: Delivery;
  /** a delivery's, first to last */
  attempts?: AttemptInTimeline[];
};

export type Trigger = {
  event: 'message.received' | 'postback.received' | 'channel.receipt' | 'bot.handover' | 'bot.custom' | 'bot.milestone' | 'bot.notify' | 'bot.unhandled' | 'bot.closed' | 'bot.unavailable' | 'bot.recovered' | 'bot.silent' | 'desk.accepted' | 'desk.failed' | 'desk.transferred' | 'desk.idle' | 'desk.closed';
  asset_id?: string;
  bot_id?: string;
  desk_id?: string;
};

export type UploadedMedium = {
  id: string;
  /** signed, good for a day; for `media` of a message */
  url: string;
  type: string;
  name: string;
  bytes: number;
};

export type User = {
  id: string;
  created_at: string;
  updated_at: string;
  name: string;
  email: string | null;
  role: 'owner' | 'admin' | 'developer' | 'agent' | 'viewer';
  /** false: was invited, and has not signed in yet */
  has_password: boolean;
  /** to the hour */
  last_seen_at: string | null;
};

export type Verification = {
  verified: boolean;
  status: 'unverified' | 'active' | 'inactive' | 'disabled';
  checks: {
    name: string;
    ok: boolean;
    detail: string;
    ms: number;
    /** what to mend although it holds */
    advice?: string;
  }[];
};
