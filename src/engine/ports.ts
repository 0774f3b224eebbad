// The ports of the engine: what it needs from the parties' adapters, the configuration and the clock; and its own face.
// Types only. Not here: any technology; the store's port is in store-port.ts.
// The one thing to know: an adapter never throws for what a peer did. What happened is an Outcome, a value.
import type { BotCommand, DeskCommand, Input, Outcome, Transient } from '../routing/inputs.ts';
import type {
  Action,
  Attempt,
  Condition,
  Health,
  Id,
  IntegrationSettings,
  Message,
  Trigger,
  World,
} from '../routing/model.ts';
import type { ChannelAdapter, ChannelField, Heard, PlainAnswer, SetupStep } from './channel-port.ts';
import type { PulseReading } from './pulse.ts';
import type { Simulator } from './simulator.ts';
import type {
  Applied,
  AuditEntry,
  ConfigKind,
  ConfigRow,
  ConfigWrite,
  DeliveryFilter,
  LaneItem,
  ReplayTask,
  ThreadView,
} from './store-port.ts';

// ───────────────────────────── time ─────────────────────────────

/** Wall time and alarms. Tests move it; the 5 s of an exchange are real time and not from here. */
export type Clock = {
  now(): number;
  /** calls back once at or after `at` (ms since 1970); returns a cancel function */
  at(at: number, wake: () => void): () => void;
};

// ───────────────────────────── the parties ─────────────────────────────

/** Facts of the attempt that are set when it begins. */
export type AttemptFacts = {
  conversationType: 'BOT' | 'CCSP';
  epoch: number;
  thread: ThreadView | null;
  serviceName: string;
  assetName: string;
  channel: string;
  /** the customer's last word, for channels that ask for it; null: there was none */
  heard?: Heard | null;
  /** for `started`: the transcript */
  transcript?: { messages: Message[]; total: number };
};

/** What is asked of the guarded client (src/net implements it). */
export type Exchange = {
  url: string;
  /** POST when absent; a GET has no body */
  method?: 'GET' | 'POST' | 'PUT';
  headers: Record<string, string>;
  body: string;
  timeoutMs?: number;
  /** for whom: sockets are never shared across keys; a changed webhook has another key */
  key: string;
};
export type ExchangeAnswer =
  | { ok: true; status: number; headers: Record<string, string>; body: string; timing: Attempt['timing'] }
  | { ok: false; reason: string; detail: string; sent: 'no' | 'maybe'; status?: number; timing: Attempt['timing'] };
export type Send = (exchange: Exchange) => Promise<ExchangeAnswer>;

/** An integration's or asset's configuration with its secrets opened, in memory only. */
export type BotConfig = {
  id: Id;
  name: string;
  platform: string;
  url: string;
  version: number;
  verificationToken: string | null;
  accessToken: string | null;
  /** newest first; several during a rotation's overlap */
  signingSecrets: string[];
  hookTokens: string[];
  requireSignature: boolean;
};
export type DeskConfig = {
  id: Id;
  name: string;
  kind: string;
  url: string | null;
  version: number;
  /** a vendor's own values, its secrets in clear among them; empty for kinds without any */
  config: Record<string, unknown>;
  /** its public address, for vendors that are told it; '' for what is nowhere but in a form */
  hookUrl: string;
  secrets: string[];
  signingSecrets: string[];
  hookTokens: string[];
};
export type AssetConfig = {
  id: Id;
  name: string;
  channel: string;
  version: number;
  serviceId: Id | null;
  /** a provider's secrets in clear among it */
  config: Record<string, unknown>;
  /** its public address, as providers know it and some sign it */
  hookUrl: string;
  secrets: string[];
  signingSecrets: string[];
  /** of a web chat: sign its customers' tokens, newest first */
  tokenKeys?: string[];
};

export type RawRequest = {
  method: string;
  path: string;
  query: URLSearchParams;
  /** as it came, without the question mark: what some providers sign; made of `query` where absent */
  rawQuery?: string;
  headers: Record<string, string>;
  body: Buffer;
  now: number;
};
/** `pointer` is a JSON pointer to the field, '' for the whole body. */
export type FieldError = { pointer: string; detail: string };
export type ReadResult<T> =
  | {
      ok: true;
      items: T[] /** how many items were well-formed but mean nothing to us */;
      ignored: number;
      batch: boolean;
      /** a channel's: what this request is answered when all is on disk, in place of the adapter's own `answer` */
      answer?: PlainAnswer;
    }
  | { ok: false; status: 400 | 401 | 413 | 415 | 422; code: string; detail: string; errors: FieldError[] };

/** How customers reach us: channel-port.ts. */
export type { ChannelAdapter } from './channel-port.ts';

/** How bots talk to us. */
export type BotAdapter = {
  platform: string;
  read(bot: BotConfig, request: RawRequest): ReadResult<BotCommand>;
  send(bot: BotConfig, item: LaneItem, facts: AttemptFacts, send: Send, now: number): Promise<Outcome>;
  /** one real request; a list of named checks, in the order they were made */
  verify(bot: BotConfig, send: Send, now: number): Promise<Check[]>;
};

/** How agents' software talks to us. */
export type DeskAdapter = {
  kind: string;
  /** as people know it, e.g. `Chatwoot` */
  title?: string;
  /** what a vendor's page shows and we ask for, in `config`; none for kinds that need a URL at most */
  fields?: ChannelField[];
  steps?: SetupStep[];
  /** what `config` must look like, where there are fields */
  checkConfig?: ChannelAdapter['checkConfig'];
  read(desk: DeskConfig, request: RawRequest): ReadResult<DeskCommand>;
  send(desk: DeskConfig, item: LaneItem, facts: AttemptFacts, send: Send, now: number): Promise<Outcome>;
  typing?(
    desk: DeskConfig,
    conversationId: Id,
    on: boolean,
    send: Send,
    now: number,
    thread: ThreadView | null,
    /** the channel the customer is on */
    channel?: string,
  ): Promise<void>;
  verify(desk: DeskConfig, send: Send, now: number): Promise<Check[]>;
};
/** `advice`: what to mend although the check holds. */
export type Check = { name: string; ok: boolean; detail: string; ms: number; advice?: string };

// ───────────────────────────── the directory ─────────────────────────────

/**
 * The configuration in memory: what decisions, adapters and routes look up. Loaded from the store at start, changed
 * only through `change`, which saves first, then replaces the snapshot and hands the new World to the store.
 */
export type Directory = {
  world(): World;
  bot(id: Id): BotConfig | undefined;
  desk(id: Id): DeskConfig | undefined;
  asset(id: Id): AssetConfig | undefined;
  /** by the unguessable part of a hook URL, in constant time (compared by digest) */
  botByHook(token: string): BotConfig | undefined;
  deskByHook(token: string): DeskConfig | undefined;
  rows(kind: ConfigKind): ConfigRow[];
  row(kind: ConfigKind, id: Id): ConfigRow | undefined;
  change(writes: ConfigWrite[], audit: AuditEntry[]): Promise<ConfigRow[]>;
  /** the store decided a new health for an integration: mirrored here */
  noteHealth(health: Health): void;
  /** another process changed the configuration or the health: what is in memory follows, and listeners are told */
  reload(): Promise<void>;
  /**
   * the same where a decision waits for it: all that is kept of both, at one instant. When a secret does not open it throws,
   * and nothing is changed
   */
  renew(rows: ConfigRow[], health: Health[]): World;
  /** console desks: is somebody there? changes the World's `online` */
  setOnline(deskId: Id, online: boolean): void;
  onChange(listener: (changed: { kind: ConfigKind; id: Id }[]) => void): () => void;
};

/** A secret inside a configuration document: sealed text, and when it stops being taken (rotation overlap), or null. */
export type SealedSecret = { sealed: string; until: number | null };

/** The shapes of `ConfigRow.data` by kind; snake_case, as the management API shows them, secrets sealed. */
export type ConfigDocs = {
  service: { name: string; mapped: Id[] };
  asset: {
    name: string;
    channel: string;
    config: Record<string, unknown>;
    service_id: Id | null;
    on_unknown: 'hold' | 'resend';
    /** where humans may answer in the provider's own app: the desk of kind `app` that stands for them */
    app_desk_id?: Id;
    /** a web chat's: the Direct Line secret */
    secrets: SealedSecret[];
    /** a web chat's: the secret that identities are signed with */
    signing_secrets: SealedSecret[];
    token_keys?: SealedSecret[];
  };
  bot: {
    name: string;
    platform: string;
    url: string;
    verification_token: string | null /* sealed */;
    access_token: string | null /* sealed */;
    hook_tokens: SealedSecret[];
    signing_secrets: SealedSecret[];
    require_signature: boolean;
    settings: Partial<IntegrationSettings>;
  };
  desk: {
    name: string;
    kind: string;
    url: string | null;
    /** a vendor's own values, secrets sealed under their names as in an asset's */
    config?: Record<string, unknown>;
    hook_tokens: SealedSecret[];
    secrets: SealedSecret[];
    signing_secrets: SealedSecret[];
    settings: Partial<IntegrationSettings>;
  };
  rule: {
    service_id: Id;
    name: string;
    position: number;
    enabled: boolean;
    trigger: Trigger;
    conditions: Condition | null;
    action: Action;
    starts_at: string | null;
    ends_at: string | null;
  };
  key: { name: string; role: string; prefix: string; last4: string; sha256: string; last_used_at: string | null };
  /** `password`: its scrypt hash (PHC string), sealed; null: cannot sign in by password */
  user: { name: string; email: string | null; role: string; password: string | null; last_seen_at: string | null };
  /** `sha256` of its token; `demo`: opened by the link of `dev`, and good for nothing but `dev` */
  session: { user_id: Id; sha256: string; expires_at: string; seen_at: string; demo: boolean };
  /** a one-time way in; `user_id` null: for the first owner */
  link: { purpose: string; user_id: Id | null; sha256: string; expires_at: string };
  instance: Record<string, unknown>;
};

/** Opens and seals secrets; `place` (kind/id/field) is bound to the ciphertext, so that it cannot be moved. */
export type Vault = { seal(plain: string, place: string): string; open(sealed: string, place: string): string };

// ───────────────────────────── the engine's face ─────────────────────────────

export type VerificationDraft = { url?: string; verification_token?: string; access_token?: string };
/** A bot or desk that is nowhere but in a form. */
export type Rehearsal = { bot: BotConfig } | { desk: DeskConfig };
export type VerificationResult = { verified: boolean; status: string; checks: Check[] };

export type Engine = {
  /** loads what is pending and begins to deliver; resolves when hooks may be taken */
  start(): Promise<void>;
  /** takes no more, waits for attempts in flight (at most graceMs), flushes, closes the store */
  stop(graceMs: number): Promise<void>;
  /** the one road in: decided and on disk when it resolves. Inputs of one call stand in one transaction, in order. */
  submit(inputs: Input[]): Promise<Applied[]>;
  /** the highest turn handed to a party in an attempt that began and was not answered with a refusal, while its lane is in memory */
  handed(conversationId: Id): number | undefined;
  verify(kind: 'bot' | 'desk', id: Id, draft: VerificationDraft, actor: string): Promise<VerificationResult>;
  /** the same request to one that is not saved: nothing is kept of it */
  rehearse(party: Rehearsal): Promise<VerificationResult>;
  setStatus(id: Id, status: 'disabled' | 'unverified' | 'active', reason: string | null): Promise<void>;
  startReplay(filter: DeliveryFilter, actor: string): Promise<ReplayTask>;
  changeReplay(id: Id, status: 'running' | 'paused' | 'cancelled'): Promise<ReplayTask | null>;
  /** the store's `erase`, and what of the customer waits in memory is forgotten too: it is not sent any more */
  erase(assetId: Id, address: string): Promise<{ threads: number; messages: number; deliveries: number }>;
  /** called after each commit with the last event's number: the feed reads from there */
  onCommit(listener: (lastSeq: number) => void): () => void;
  /** who types, after the commit that decided it: not kept, and nobody misses one */
  onSignal(listener: (signal: Transient) => void): () => void;
  /** faults for simulated customers */
  readonly simulator: Pick<Simulator, 'lay' | 'list'>;
  /** what passed through since the process began, for charts */
  pulse(): PulseReading;
  /** gauges and counters for /metrics */
  stats(): Record<string, number>;
  /** resolves when nothing is in flight or on its way to the store: what waits, waits for the clock or a peer (tests' clock) */
  settled(): Promise<void>;
};
