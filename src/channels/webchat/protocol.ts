// The wire between the web chat's widget and the server: requests, answers, events of the stream, limits.
// Types and constants only, without imports, because the widget is built from this file too; docs/webchat.md explains it.
// The one thing to know: only `message`, `receipt` and `conversation` have a cursor (the SSE id) and are replayed after
// it; `holder`, `ticks` and `typing` tell how things stand now, and are told anew whenever a stream is opened.

// ───────────────────────────── addresses ─────────────────────────────
// All below `${base}/webchat/${asset_id}`; every request but `POST sessions` has `Authorization: Bearer <token>`.
//   POST /sessions                 SessionAsk → 200 Session; 403 identity_required, 403 bad_identity, 404 no such asset
//   GET  /events?after=<cursor>    text/event-stream; without `after`: from now on. 401: get a new session
//   GET  /history?before=&limit=   → 200 HistoryPage
//   POST /messages                 PostedMessage[] (1 to MESSAGES_MAX), all or none, in order → 200 PostAnswer
//   POST /receipts                 ReceiptAsk → 204
//   POST /typing                   TypingAsk → 204
//   POST /media?name=<file name>   the bytes, with Content-Type → 201 UploadedMedium
// Errors are application/problem+json: {type, title, status, detail, code, request_id, errors?: [{pointer, detail}]}.
// 429 and 503 have Retry-After in seconds. An Origin that is not allowed gets no CORS headers: the browser refuses it.

// ───────────────────────────── limits ─────────────────────────────

/** Messages in one request: an outbox is sent in several. */
export const MESSAGES_MAX = 20;
/** Characters in one message (an emoji is one). */
export const TEXT_MAX = 10_000;
/** A client id of a message: 1 to 64 of A–Z a–z 0–9 . _ ~ : -  (a UUID, say). */
export const CLIENT_ID = /^[\w.~:-]{1,64}$/;
export const NAME_MAX = 100;
export const PAYLOAD_MAX = 4096;
/** Media in one message. */
export const MEDIA_MAX = 10;
/** Bytes of one upload. */
export const UPLOAD_BYTES_MAX = 10 * 1024 * 1024;
/** Messages in a page of history: default and most. */
export const HISTORY_DEFAULT = 30;
export const HISTORY_MAX = 100;
/** The stream says something (a comment, if there is nothing else) at least so often; be silent longer, and it is dead. */
export const HEARTBEAT_MS = 15_000;
/** A typing indicator is over after this long without another; senders repeat it a little more often. */
export const TYPING_MS = 6_000;
/** What may be uploaded, for `<input accept>`; the server looks at the bytes, not at the word. */
export const UPLOAD_TYPES: readonly string[] = [
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'audio/mpeg',
  'audio/ogg',
  'audio/wav',
  'audio/mp4',
  'audio/webm',
  'video/mp4',
  'video/webm',
  'application/pdf',
  'text/plain',
];

// ───────────────────────────── sessions ─────────────────────────────

export type SessionAsk = {
  /** the last session's token: the same customer goes on. One that is not taken any more is ignored: a new customer. */
  token?: string;
  /** a customer whom the site knows: `hmac` is HMAC-SHA256(identity secret, id) in hex, made by the site's server */
  identity?: { id: string; name?: string; hmac: string };
  /** for display only */
  name?: string;
};

export type Session = {
  token: string;
  /** ms since 1970; ask for a new session (with this token, and the identity) before */
  expires_at: number;
  /** the customer's address on the asset: minted by the server, or the verified identity's id */
  address: string;
  verified: boolean;
  /** whether `token` or `identity` was taken; false: this is a new customer, forget what is kept of an older one */
  resumed: boolean;
  settings: Settings;
  holder: Holder;
  /** read the stream after it */
  cursor: string;
  /** the newest messages, oldest first */
  history: HistoryPage;
};

/** The asset's `config`, as far as the widget needs it; every field is there. */
export type Settings = {
  title: string;
  subtitle: string;
  /** shown before the first message; '' is none */
  greeting: string;
  launcher_text: string;
  /** BCP 47, or `auto`: the page's or the browser's */
  locale: string;
  position: 'end' | 'start';
  theme: Theme;
  /** shown when the chat cannot be reached; '' is none. https, http, mailto or tel */
  fallback_url: string;
  fallback_text: string;
  identity: 'optional' | 'required';
  uploads: boolean;
};

/** Colours are `#rgb` or `#rrggbb`; '' leaves it to the widget. */
export type Theme = {
  scheme: 'auto' | 'light' | 'dark';
  accent: string;
  accent_text: string;
  background: string;
  text: string;
  bubble: string;
  bubble_text: string;
  /** px */
  radius: number;
  font: 'system' | 'inherit';
};

// ───────────────────────────── what is said ─────────────────────────────

export type WireMedium = {
  /** signed, and good for a day; null when it was erased */
  url: string | null;
  /** MIME type, or for media that a bot named by URL its own word */
  type: string;
  name: string;
  bytes?: number;
};

export type WireMessage = {
  id: string;
  /** where it stands: larger is later (compare as numbers) */
  cursor: string;
  /** ms since 1970 */
  at: number;
  author: { type: 'customer' | 'agent' | 'bot' | 'system'; name: string };
  type: 'text' | 'image' | 'video' | 'audio' | 'file' | 'location' | 'contact' | 'sticker';
  /** of a postback: its title, else its payload */
  text: string;
  media: WireMedium[];
  quick_replies: { title: string; payload: string | null }[];
  /** the customer's: the id that the widget gave to it */
  client_id?: string;
  /** the customer's: its number, for `ticks` */
  turn?: number;
  /** a quick reply that was chosen */
  postback?: true;
  /** of all others: the furthest receipt so far */
  receipt?: 'delivered' | 'read' | null;
};

/** `more`: there are older ones; ask with `before` = the first message's cursor. Oldest first. */
export type HistoryPage = { messages: WireMessage[]; more: boolean; ticks: Ticks };

export type PostedMessage = {
  /** the client's id: the same one again is a duplicate without effect; see CLIENT_ID */
  id: string;
  /** `message` has text, media or both; `postback` has payload and title (a quick reply without payload is a message) */
  type: 'message' | 'postback';
  text?: string;
  /** ids of uploads of this customer */
  media?: string[];
  payload?: string;
  title?: string;
  /** ms since 1970, when it was written; order is the order of arrival */
  sent_at?: number;
};
export type PostAnswer = { results: { id: string; message_id: string; duplicate: boolean }[] };

export type UploadedMedium = { id: string; url: string; type: string; name: string; bytes: number };

/** Of others' messages; a later status includes the earlier. At most 100 ids. */
export type ReceiptAsk = { message_ids: string[]; status: 'delivered' | 'read' };
export type TypingAsk = { on: boolean };

// ───────────────────────────── the stream ─────────────────────────────

/** Who answers now. `waiting`: a human was asked and has not come yet. `name` is the bot's or the agent's, else ''. */
export type Holder = { type: 'none' | 'bot' | 'waiting' | 'agent'; name: string };

/** The customer's messages up to this turn were taken by whoever answers; were answered. */
export type Ticks = { delivered_turn: number; read_turn: number };

/** By the SSE event's name. With a cursor (`id:`): message, receipt, conversation. Ignore names that you do not know. */
export type StreamEvents = {
  /** the first event of every stream */
  ready: { holder: Holder; ticks: Ticks; cursor: string };
  message: WireMessage;
  receipt: { message_id: string; status: 'delivered' | 'failed' | 'read' };
  /** a human has come (with a name), or the conversation with one is over */
  conversation: { status: 'accepted' | 'closed'; agent: string };
  holder: Holder;
  ticks: Ticks;
  typing: { on: boolean; author: { type: 'agent' | 'bot' | 'system'; name: string } };
  /** the stream ends. `replaced`: too many streams of one customer. `gone`: erased, or the session is not taken any more:
   * get a new session and forget what is kept. `restart`: come back soon, with the cursor. */
  bye: { reason: 'replaced' | 'gone' | 'restart' };
};
