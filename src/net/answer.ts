// The words of the way out: what is asked (Exchange), what comes back (Answer), and the closed list of reasons.
// Not here: how it happens. Types and one table only.
// The one thing to know: an exchange never throws and never rejects. `sent: 'maybe'` means that the other side may
// have acted on the request; `sent: 'no'` is said only when no byte of it can have left.

export type Exchange = {
  /** https, or http where the allow-list opens it; redirects are answers and are never followed */
  url: string;
  /** POST when absent */
  method?: 'GET' | 'POST' | 'PUT';
  /** without host, connection, content-length, accept-encoding and the like: those are ours */
  headers: Record<string, string>;
  body?: string | Buffer;
  /** ms from the first byte sent to the last byte of the answer; connecting has as long again. Default 5000 */
  timeoutMs?: number;
  /** for whom: connections are never shared across keys, so an edited webhook needs another key */
  key: string;
};

export type Answer = Answered | Failed;

/** The exchange was complete in time, whatever the status. */
export type Answered = {
  ok: true;
  status: number;
  /** names in lower case; repeated ones joined by commas */
  headers: Record<string, string>;
  /** read as UTF-8. Empty when the answer is compressed although we asked that it is not: it is never unpacked */
  body: string;
  timing: Timing;
};

export type Failed = {
  ok: false;
  reason: Reason;
  /** a sentence for the operator with what to change; quotes nothing that the other side said */
  detail: string;
  sent: 'no' | 'maybe';
  /** what had come of the answer, for the attempt's log */
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  timing: Timing;
};

/** ms. `dnsMs` and `connectMs` (TCP and TLS) only when a connection was opened; `firstByteMs` from the sending on. */
export type Timing = { dnsMs?: number; connectMs?: number; firstByteMs?: number; totalMs: number };

/** Every reason there is, for documentation and tests. */
export const REASONS = {
  bad_url:
    'The URL cannot be used: malformed, too long, with credentials or a fragment, or with a port that is not for HTTP.',
  https_required: 'Plain http is only for addresses listed in SIGNALBOX_ALLOW_PRIVATE.',
  forbidden_address: 'The URL leads to an address that is neither public nor listed in SIGNALBOX_ALLOW_PRIVATE.',
  bad_request: 'A header or the body cannot be sent.',
  dns: 'The name of the host does not resolve.',
  refused: 'Nothing listens at that address and port.',
  unreachable: 'No way leads to that address.',
  connect_timeout: 'No connection within the time limit.',
  tls: 'No trusted TLS connection: certificate or protocol.',
  busy: 'All connections to this target were in use for as long as the time limit.',
  timeout: 'Connected and sent, but the answer was not complete within the time limit.',
  reset: 'The connection was reset before the answer was complete.',
  closed: 'The connection was closed before the answer was complete.',
  bad_answer: 'What came back is not a correct HTTP/1.1 answer.',
  too_large: 'The answer is larger than what is read.',
  shutdown: 'Signalbox is stopping.',
} as const;
export type Reason = keyof typeof REASONS;

/** Why something did not happen. */
export type Refusal = { reason: Reason; detail: string };

/** A refusal on its way through code that reports failures as errors (undici, promises). */
export class Refused extends Error implements Refusal {
  readonly reason: Reason;
  readonly detail: string;

  constructor(refusal: Refusal) {
    super(refusal.detail);
    this.reason = refusal.reason;
    this.detail = refusal.detail;
  }
}
