// Turns what Node, OpenSSL and undici report into a Reason and a sentence for the operator: what happened, what to do.
// Not here: anything that waits or sends.
// The one thing to know: the sentences are ours. Nothing that the other side said (certificate names, status text,
// bytes) is quoted, so that a refused internal host cannot be read through its error messages.
import { errors } from 'undici';
import { type Refusal, Refused } from './answer.ts';

type Place = { host: string; port: number };

/** A failed lookup. */
export function refusalOfDns(error: unknown, host: string): Refusal {
  const missing = codeOf(error) === 'ENOTFOUND' || codeOf(error) === 'ENODATA';
  const detail = missing
    ? `The name ${host} does not exist or has no address. Correct the URL, or create the DNS record.`
    : `The name server gave no answer for ${host} (${codeOf(error)}). Look at the DNS of this machine.`;
  return { reason: 'dns', detail };
}

/** A TCP connection that did not come about. */
export function refusalOfConnect(error: unknown, place: Place): Refusal {
  const where = `${place.host}:${place.port}`;
  const code = codeOf(error);
  switch (code) {
    case 'ECONNREFUSED':
      return {
        reason: 'refused',
        detail: `Nothing listens at ${where}. Start the program there, or correct the port.`,
      };
    case 'ETIMEDOUT':
      return { reason: 'connect_timeout', detail: connectTimeoutDetail(place) };
    case 'ECONNRESET':
      return { reason: 'reset', detail: `${where} reset the connection while it was being opened.` };
    case 'EMFILE':
    case 'ENFILE':
      return { reason: 'busy', detail: 'This machine has no free sockets: raise the limit of open files (ulimit -n).' };
    default:
      return { reason: 'unreachable', detail: `No way leads to ${where} (${code}). Look at routes and firewalls.` };
  }
}

/** A TLS handshake that failed, or a TLS connection that broke. */
export function refusalOfTls(error: unknown, place: Place): Refusal {
  const code = codeOf(error);
  const advice = TLS_ADVICE[code] ?? (code.startsWith('ERR_SSL') || code === 'EPROTO' ? NOT_TLS : BROKEN_HANDSHAKE);
  return { reason: 'tls', detail: `${place.host}:${place.port}: ${advice}` };
}

/** An exchange that broke after its connection was there. */
export function refusalOfExchange(error: unknown, place: Place): Refusal {
  if (error instanceof Refused) return { reason: error.reason, detail: error.detail };
  const where = `${place.host}:${place.port}`;
  const code = codeOf(error);
  if (error instanceof errors.HTTPParserError && !/EOF/.test(error.message)) {
    return badAnswer(where, 'is not correct HTTP/1.1');
  }
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') return refusalOfTls(error, place);
  switch (code) {
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ETIMEDOUT':
    case 'ECONNABORTED':
      return { reason: 'reset', detail: `${where} reset the connection before its answer was complete.` };
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return badAnswer(where, 'has another length than its Content-Length says');
    case 'UND_ERR_HEADERS_OVERFLOW':
      return badAnswer(where, 'has more than 16 KiB of headers');
    case 'UND_ERR_SOCKET':
      // undici has one code for "closed" and for answers that must not be there: 100 Continue, 101, unasked ones.
      return /^bad (response|upgrade)$/.test(messageOf(error))
        ? badAnswer(where, 'begins with a status that nobody asked for (100, 101)')
        : { reason: 'closed', detail: `${where} closed the connection before its answer was complete.` };
    case 'UND_ERR_INVALID_ARG':
    case 'UND_ERR_NOT_SUPPORTED':
      return { reason: 'bad_request', detail: 'A header cannot be sent: it has line breaks or forbidden characters.' };
    case 'UND_ERR_DESTROYED':
    case 'UND_ERR_CLOSED':
      return { reason: 'shutdown', detail: 'Signalbox closed the connection.' };
    default:
      return { reason: 'closed', detail: `The connection to ${where} broke before the answer was complete (${code}).` };
  }
}

export function connectTimeoutDetail(place: Place): string {
  return `No connection to ${place.host}:${place.port} in time. Is the host up, and does a firewall drop packets?`;
}

function badAnswer(where: string, what: string): Refusal {
  return { reason: 'bad_answer', detail: `The answer of ${where} ${what}.` };
}

/** The error's code, of the first part if several addresses failed. Ours to print: a short word of Node or OpenSSL. */
function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Za-z0-9_]{1,60}$/.test(code) ? code : 'unknown error';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : '';
}

const TRUST = 'or have Signalbox trust its authority by NODE_EXTRA_CA_CERTS.';
const SELF_SIGNED = `the certificate is self-signed. Use one from a public authority, ${TRUST}`;
const NO_CHAIN = `the certificate's authority is not known. Have the server send its intermediate certificates, ${TRUST}`;
const NOT_TLS = 'the other side does not speak TLS 1.2 or later there. Is this the https port?';
const BROKEN_HANDSHAKE =
  'the TLS handshake was broken off. Is this the https port, and does the server ask for a client certificate?';

const TLS_ADVICE: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: SELF_SIGNED,
  SELF_SIGNED_CERT_IN_CHAIN: SELF_SIGNED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: NO_CHAIN,
  UNABLE_TO_GET_ISSUER_CERT: NO_CHAIN,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: NO_CHAIN,
  CERT_HAS_EXPIRED: 'the certificate has expired. Renew it.',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet. Look at the clocks of both machines.',
  CERT_REVOKED: 'the certificate was revoked. Get a new one.',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'the certificate is for another name. Use the name it was made for, or get one for this.',
};
