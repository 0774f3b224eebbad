// The closed list of error codes: each with its status, its title, what it means and what to do about it.
// Not here: how a problem is written to the wire (answers.ts) and the pages that show this list (pages.ts).
// The one thing to know: a code never changes its meaning; clients switch on it. Add a row here and the page, the
// OpenAPI document and the metrics follow.
import type { FieldError } from '../engine/ports.ts';
import type { Reply } from '../routing/inputs.ts';

type Row = { status: number; title: string; meaning: string; remedy: string };

const row = (status: number, title: string, meaning: string, remedy: string): Row => ({
  status,
  title,
  meaning,
  remedy,
});

export const PROBLEMS = {
  bad_request: row(400, 'Bad request', 'The request is not well-formed HTTP.', 'Mend the client that sent it.'),
  bad_json: row(400, 'Not JSON', 'The body is not valid JSON in UTF-8.', 'Send one JSON value, encoded in UTF-8.'),
  unauthorized: row(
    401,
    'No valid key',
    'The request has no API key and no session, or one that is not (or no longer) valid.',
    'Send Authorization: Bearer <key> with a key from /api/v1/keys; in the console, sign in.',
  ),
  bad_credentials: row(
    401,
    'Wrong e-mail address or password',
    'Nobody can sign in with this e-mail address and this password.',
    'Check both. An administrator, or `signalbox users link`, gives a link to choose a new password.',
  ),
  bad_signature: row(
    401,
    'Not authentic',
    'A hook was called without the bearer token or signature that it needs, or with a wrong or too old one.',
    'Check the secret, sign the bytes that are sent, and check the clock: five minutes are tolerated.',
  ),
  session_over: row(
    401,
    'Session over',
    'The token of this chat is missing, has expired, or was made void.',
    'Ask for a new session.',
  ),
  forbidden: row(
    403,
    'Not allowed',
    'The key is valid, but its role may not do this (or would grant more than it has itself).',
    'Use a key with a role that may; the reference names the roles of each route.',
  ),
  cross_site: row(
    403,
    'From another site',
    'A browser sent this for another page than one of this server, or did not say for which.',
    'Call it from the console, or send an API key instead of the cookie. Behind a proxy, pass Host and Origin on unchanged.',
  ),
  origin_not_allowed: row(
    403,
    'Origin not allowed',
    'A page of another site asked for a web chat that does not list it.',
    "Add the page's origin (https://www.example.com) to allowed_origins in the asset's config.",
  ),
  identity_required: row(
    403,
    'Identity required',
    'This web chat is for customers whom their site vouches for, and none was named.',
    'Give the widget an identity: an id, and its HMAC made by your server.',
  ),
  bad_identity: row(
    403,
    'Identity not authentic',
    'The HMAC does not belong to the id.',
    "HMAC-SHA256 of the id, in hex, with the asset's identity secret as the key; made by your server, never in the page.",
  ),
  integration_disabled: row(
    403,
    'Integration disabled',
    'A person switched this bot or desk off; nothing is taken from it.',
    'Enable it and verify it again.',
  ),
  not_found: row(
    404,
    'Not found',
    'There is nothing at this address, or not for this sender (a conversation of another bot, say).',
    'Check the id or the URL. A rotated hook URL stops working when its overlap ends.',
  ),
  method_not_allowed: row(
    405,
    'Method not allowed',
    'The address exists, but not for this method.',
    'Use a method from the Allow header.',
  ),
  request_timeout: row(
    408,
    'Request too slow',
    'The request did not arrive completely in time (10 seconds).',
    'Send it again.',
  ),
  conflict: row(
    409,
    'Conflict',
    'The request does not fit the present state, or something else changed the same thing at the same moment.',
    'Read the current state and decide again.',
  ),
  not_holder: row(
    409,
    'Not the holder',
    'Somebody else holds the thread. The members holder and epoch tell who, and since which change of hands.',
    'Do not repeat it. Wait until the thread is yours again.',
  ),
  stale_epoch: row(
    409,
    'Stale epoch',
    'The thread changed hands since the epoch that the request names.',
    'Read the latest event of the conversation and decide again.',
  ),
  no_desk: row(
    409,
    'No desk',
    'The bot asked for a human, but no desk is bound to the conversation. The holder is unchanged.',
    'Map a desk to the service and add a forward rule on bot.handover, or name desk_id in the request.',
  ),
  claimed: row(
    409,
    'Claimed by another agent',
    'Another agent accepted the conversation; the member agent tells who. It is theirs until they pass it on.',
    'Take another one. An administrator may act in it, or accept it with take_over; so may anybody when that agent is away.',
  ),
  not_console_desk: row(
    409,
    'Not a console desk',
    'Agents act here only for desks of kind console; this one has its own software.',
    'Use the software of that desk.',
  ),
  asset_taken: row(
    409,
    'Asset taken',
    'The asset belongs to another service.',
    'Remove it from that service first, or use another asset.',
  ),
  email_taken: row(409, 'E-mail address taken', 'Another user has this e-mail address.', 'Use another address.'),
  last_owner: row(
    409,
    'The last owner',
    'Nobody else could sign in as an owner then.',
    'Make somebody else an owner first, who has chosen a password.',
  ),
  in_use: row(409, 'In use', 'Something else needs it; the answer names what.', 'Change or delete that first.'),
  limit_reached: row(409, 'Limit reached', 'There may be no more of these.', 'Delete what is not needed any more.'),
  idempotency_running: row(
    409,
    'Still running',
    'A request with the same Idempotency-Key is still being worked on.',
    'Wait a moment and send the same request again.',
  ),
  link_gone: row(
    410,
    'Link not valid',
    'The link was used, has expired, or was replaced by a newer one.',
    'Ask an administrator for a new one, or make one with `signalbox users link`.',
  ),
  conversation_closed: row(
    410,
    'Conversation closed',
    'The conversation was closed; it does not open again.',
    "Wait for the customer's next message, which opens a new one.",
  ),
  too_large: row(
    413,
    'Too large',
    'The body is larger than this route takes (256 KiB; 1 MiB on channel hooks).',
    'Send less at once; refer to media by URL.',
  ),
  unsupported_media_type: row(
    415,
    'Not the right type',
    'The body is not declared as JSON, or is compressed.',
    'Send Content-Type: application/json and no Content-Encoding.',
  ),
  invalid: row(
    422,
    'Malformed',
    'A field is missing, unknown or malformed; the member errors points at each.',
    'Mend the fields that are named.',
  ),
  idempotency_mismatch: row(
    422,
    'Key used for another request',
    'The same Idempotency-Key came with another body before.',
    'Use a new key for a new request.',
  ),
  too_many_messages: row(
    429,
    'Too many messages',
    'The bot sent more messages in one thread within a minute than max_per_minute allows (loop guard).',
    'Wait as Retry-After says; look for two bots that answer each other.',
  ),
  too_many_attempts: row(
    429,
    'Too many failed logins',
    'This address sent too many invalid keys or passwords, or too many wrong passwords were tried for one account.',
    'Wait as Retry-After says; then use a valid one.',
  ),
  too_many_requests: row(
    429,
    'Too many requests',
    'This customer, or somebody at the same network address, did this too often.',
    'Wait as Retry-After says.',
  ),
  too_many_streams: row(
    429,
    'Too many streams',
    'As many live event streams are open as this server takes.',
    'Close one, or page through /api/v1/events instead.',
  ),
  headers_too_large: row(
    431,
    'Headers too large',
    'The request line and headers are larger than 16 KiB together.',
    'Send fewer cookies and shorter query strings.',
  ),
  internal: row(
    500,
    'Internal error',
    'This server made a mistake. It is in the log under the request id.',
    'Try again; if it persists, report it with the request id.',
  ),
  media_unavailable: row(
    502,
    'File not there yet',
    "The channel's provider has the file, and it could not be fetched so far. It is tried again for a day.",
    'Ask again after Retry-After. The detail says what is in the way; verify the asset if it is about its credentials.',
  ),
  starting: row(
    503,
    'Not ready',
    'The server is starting or stopping; nothing was taken.',
    'Send the same request again after Retry-After.',
  ),
  store_unavailable: row(
    503,
    'Store unavailable',
    'The database or its disk refuses; nothing of the request was kept.',
    'Send the same request again after Retry-After; check the disk.',
  ),
  no_room: row(
    503,
    'No room',
    'The disk is nearly full; no files are taken, so that messages still are.',
    'Make room in the data folder.',
  ),
  overloaded: row(
    503,
    'Overloaded',
    'More requests are being worked on than this server takes; nothing was taken.',
    'Send the same request again after Retry-After.',
  ),
} as const satisfies Record<string, Row>;

export type ProblemCode = keyof typeof PROBLEMS;

/** An expected failure, as a value. `members` stand beside the standard ones in the answer. */
export type Refusal = {
  refusal: ProblemCode;
  detail: string;
  errors?: FieldError[];
  members?: Record<string, unknown>;
  retryAfterS?: number;
  headers?: Record<string, string>;
};

export const refuse = (
  code: ProblemCode,
  detail: string = PROBLEMS[code].meaning,
  more: Omit<Refusal, 'refusal' | 'detail'> = {},
): Refusal => ({ refusal: code, detail, ...more });

/** 422 that names fields. */
export const malformed = (errors: FieldError[]): Refusal => {
  const first = errors[0];
  const where = first === undefined || first.pointer === '' ? 'The body' : first.pointer;
  return refuse('invalid', first === undefined ? 'The request is malformed.' : `${where}: ${first.detail}`, { errors });
};

/** How long to wait when nobody knows better, in seconds. */
export const RETRY_AFTER_S = 2;

/** What a decision refused, for whoever asked (contract §3 and §5). `base`: where the command stands in the body. */
export function refusedReply(reply: Extract<Reply, { ok: false }>, base = ''): Refusal {
  const field = reply.code === 'invalid' ? /^(\w+): (.*)$/s.exec(reply.detail) : null;
  if (field) return malformed([{ pointer: `${base}/${field[1]}`, detail: field[2] as string }]);
  const members: Record<string, unknown> = {};
  if (reply.holder !== undefined) members.holder = reply.holder;
  if (reply.epoch !== undefined) members.epoch = reply.epoch;
  if (reply.agent !== undefined) members.agent = reply.agent;
  const retryAfterS = reply.code === 'too_many_messages' ? (reply.retryAfterS ?? RETRY_AFTER_S) : reply.retryAfterS;
  return refuse(reply.code, reply.detail, { members, ...(retryAfterS === undefined ? {} : { retryAfterS }) });
}

/** The document of RFC 9457. `type` is a page that this server serves. */
export function problemDocument(refusal: Refusal, requestId: string, publicUrl: string): Record<string, unknown> {
  const { title, status } = PROBLEMS[refusal.refusal];
  return {
    type: `${publicUrl}/problems/${refusal.refusal}`,
    title,
    status,
    detail: refusal.detail,
    code: refusal.refusal,
    request_id: requestId,
    ...(refusal.errors === undefined || refusal.errors.length === 0 ? {} : { errors: refusal.errors }),
    ...refusal.members,
  };
}
