// The port of a channel: how customers reach us on one kind of network, and what it can and cannot do.
// Types only. Not here: any vendor. The one thing to know: an adapter is thin. It reads what a provider posts into inputs
// and sends a delivery; keeping, routing, retrying, media files and the way out are done once, for all channels.
import type { Input, Outcome } from '../routing/inputs.ts';
import type { Message, MessageType } from '../routing/model.ts';
import type { AssetConfig, AttemptFacts, Check, FieldError, RawRequest, ReadResult, Send } from './ports.ts';
import type { LaneItem } from './store-port.ts';

/**
 * One value that a provider's own page shows and that we ask for. The wizard, the API's errors and docs/channels.md are
 * made of these. In `config` under `name`; a `secret` is sealed there.
 */
export type ChannelField = {
  name: string;
  /** in the provider's words */
  label: string;
  kind: 'text' | 'secret' | 'url' | 'choice' | 'switch';
  required: boolean;
  /** where the provider shows it, or what it changes: one or two sentences */
  help: string;
  /** what it is when nothing is given */
  default?: string | boolean;
  /** of a secret that we choose for the provider: made when none is given, and shown to administrators, who paste it there */
  generated?: true;
  choices?: { value: string; label: string }[];
};

/**
 * What a channel tells us of a message of ours, and what it takes. Nothing is made up: a status that is `no` here is
 * never told to a bot or desk.
 */
export type Capabilities = {
  receipts: {
    /** the provider said that it has it: this is an attempt that succeeded */
    accepted: boolean;
    delivered: boolean;
    read: boolean;
    /** a failure that is told later, in an event of its own */
    failed: boolean;
  };
  /** what can be sent; other types are refused before sending */
  sends: MessageType[];
  quickReplies: { max: number; titleMax: number; payloadMax: number } | null;
  /** longest text, in the unit that the provider counts in */
  text: { max: number; unit: 'characters' | 'bytes' | 'utf16' };
  typing: boolean;
  seen: boolean;
  /** hours after the customer's last word in which free text may be sent: by anybody, and by humans; null: always */
  windowHours: { anybody: number; humans: number } | null;
  /** the same key twice is one message: an outcome is never unknown */
  idempotent: boolean;
  /** humans may answer in the provider's own app, and we are told */
  echoes: boolean;
};

/** What a provider is answered. Most look at the status alone; Twilio reads TwiML, Meta's handshake its challenge. */
export type PlainAnswer = { status: number; type: string; body: string };

/** Where the bytes of a medium are, and with what headers they are given: never told to anybody. */
export type MediumPlace =
  | { ok: true; url: string; headers: Record<string, string>; type?: string; name?: string }
  /** `again`: another try may work */
  | { ok: false; again: boolean; detail: string };

/** What a provider asks to be done by hand, in its words; `{hook_url}` and `{NAME}` of a field are filled in. */
export type SetupStep = { title: string; text: string; copy?: string };

export type ChannelAdapter = {
  channel: string;
  /** the word in the bot's `Channel` field */
  word: string;
  /** as people know it, e.g. `WhatsApp (Cloud API)` */
  title?: string;
  /** none for channels that are set up in their own way (`http`, `webchat`) */
  fields?: ChannelField[];
  steps?: SetupStep[];
  capabilities?: Capabilities;
  /** what `config` must look like; the parsed value (secrets in clear) or the errors, pointers below `/config` */
  checkConfig(config: unknown): { ok: true; config: Record<string, unknown> } | { ok: false; errors: FieldError[] };
  /** a GET of the hook, where a provider proves the address by one; null: this is none */
  handshake?(asset: AssetConfig, request: RawRequest): PlainAnswer | null;
  /**
   * Signature first, over the raw bytes, then inputs in the order of the body. A provider's medium is
   * `{url: 'remote:' + reference, type, name?}`; the reference is what `locate` understands.
   */
  read(asset: AssetConfig, request: RawRequest): ReadResult<Input>;
  /** what the provider is answered when all is on disk; our counts as JSON when absent */
  answer?: PlainAnswer;
  send(asset: AssetConfig, item: LaneItem, facts: AttemptFacts, send: Send, now: number): Promise<Outcome>;
  /** `AttemptFacts.heard` and the last argument of `typing` are looked up for this channel (a read of the store each) */
  needsHeard?: true;
  /** best effort, no ledger */
  typing?(
    asset: AssetConfig,
    address: string,
    on: boolean,
    author: Message['author'],
    send: Send,
    now: number,
    heard?: Heard | null,
  ): Promise<void>;
  /** tells the customer that the last word was seen; best effort, when the holder has taken it */
  seen?(asset: AssetConfig, address: string, heard: Heard, send: Send, now: number): Promise<void>;
  /** real requests that show whether the credentials are good, and that register our hook where there is an API for it */
  connect?(asset: AssetConfig, send: Send, now: number): Promise<Check[]>;
  /** finds the bytes of a medium that `read` named */
  locate?(asset: AssetConfig, reference: string, send: Send, now: number): Promise<MediumPlace>;
};

/** The customer's last word on this thread: when (ms), and by what id the provider knows it. */
export type Heard = { at: number; externalId: string | null };
