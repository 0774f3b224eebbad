// What can be said about a URL without asking the network: may it be used, and what exactly would be dialled.
// Not here: where a name leads (dial.ts). Saving an integration and sending both ask here, so they cannot disagree.
// The one thing to know: everything is judged on what the WHATWG parser made of the URL (0x7f.1 is 127.0.0.1 there),
// and a URL that another parser could read differently is refused.
import { type Address, readAddress, showAddress, whyNotPublic } from './address.ts';
import { type AllowList, allows, allowsName, allowsSomeBlock, HOST_NAME, namesPort } from './allow-list.ts';
import type { Refusal } from './answer.ts';

export type Target = {
  /** the URL as it is used */
  url: string;
  /** scheme, host, port: what connections are shared by */
  origin: string;
  /** without brackets and final dot */
  host: string;
  port: number;
  /** path and query */
  path: string;
  secure: boolean;
  /** set when the host is an address, so that there is nothing to look up */
  literal: Address | null;
};
export type TargetResult = ({ ok: true } & Target) | ({ ok: false } & Refusal);

const URL_CHARS_MAX = 2048;

/**
 * Reads and judges a URL. Names that need a lookup pass here and are judged by every address they lead to. `saving`: a
 * person is there to be told, so that a name which only a listed loopback block could excuse is refused at once.
 */
export function readTarget(text: string, list: AllowList, saving = false): TargetResult {
  const malformed = whyMalformed(text);
  if (malformed !== null) return refuse('bad_url', malformed);
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || authority(text).includes('@')) {
    return refuse('bad_url', 'The URL must not carry a user name or password. Use the token or signature fields.');
  }
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const literal = readAddress(host);
  if (literal === null && !HOST_NAME.test(host)) return refuse('bad_url', 'The host of the URL is no host name.');
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  if (port === 0 || (NOT_FOR_HTTP.has(port) && !namesPort(list, port))) {
    return refuse('bad_url', `Port ${port} is not used for HTTP. Choose another one.`);
  }
  const why = whyForbidden({ host, literal, port, secure }, list, saving);
  if (why !== null) return { ok: false, ...why };
  const shown = host.includes(':') ? `[${host}]` : host;
  const origin = `${url.protocol}//${shown}${url.port === '' ? '' : `:${url.port}`}`;
  const path = url.pathname + url.search;
  return { ok: true, url: origin + path, origin, host, port, path, secure, literal };
}

/** Why this address must not be dialled for this target, or null. Asked for literals and for every lookup's answer. */
export function whyRefused(
  target: { host: string; port: number; secure: boolean },
  address: Address,
  list: AllowList,
): Refusal | null {
  if (allows(list, target.host, address, target.port)) return null;
  const named = readAddress(target.host) === null;
  const place = named ? `${target.host} leads to ${showAddress(address)}, which is` : `${showAddress(address)} is`;
  const why = whyNotPublic(address);
  if (why !== null) return { reason: 'forbidden_address', detail: `${place} ${why}. ${LIST_IT}` };
  return target.secure ? null : { reason: 'https_required', detail: `${target.host} is public: use https. ${LIST_IT}` };
}

function whyMalformed(text: string): string | null {
  if (text.length > URL_CHARS_MAX) return `The URL is longer than ${URL_CHARS_MAX} characters.`;
  // The parser would drop or bend these; a person or another program might read them otherwise.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u0020\u007f\\]/.test(text))
    return 'The URL has spaces, line breaks, control characters or backslashes.';
  if (!/^https?:\/\/[^/?#]/i.test(text)) return 'The URL must begin with https:// and a host.';
  if (text.includes('#')) return 'The URL must not have a fragment (#…): it would never be sent.';
  if (!URL.canParse(text)) return 'The URL cannot be read: look at the host, the port and the brackets.';
  return null;
}

function whyForbidden(
  target: { host: string; literal: Address | null; port: number; secure: boolean },
  list: AllowList,
  saving: boolean,
): Refusal | null {
  const { host, literal, port, secure } = target;
  if (literal !== null) return whyRefused(target, literal, list);
  if (allowsName(list, host, port) || allowsSomeBlock(list, port, !saving || LOOPBACK_NAME.test(host))) return null;
  if (INSIDE_NAME.test(host)) {
    return { reason: 'forbidden_address', detail: `${host} is a name inside a network, not a public one. ${LIST_IT}` };
  }
  if (!secure) return { reason: 'https_required', detail: `The URL must begin with https://. ${LIST_IT}` };
  return null;
}

function refuse(reason: Refusal['reason'], detail: string): TargetResult {
  return { ok: false, reason, detail };
}

const authority = (text: string): string => text.split(/[/?]/, 3)[2] ?? '';

const LIST_IT = 'If Signalbox is meant to reach it, list it in SIGNALBOX_ALLOW_PRIVATE.';

/** Names that mean this machine wherever they are read (RFC 6761). */
const LOOPBACK_NAME = /(^|\.)localhost$/;
/** Names that no public name server answers: without a dot, or reserved for the inside (RFC 6761, 6762, 8375, ICANN). */
const INSIDE_NAME = /^[^.]+$|(^|\.)(localhost|local|localdomain|internal|intranet|private|lan|corp|home|home\.arpa)$/;

/** The Fetch standard's list of ports whose protocols could be tricked into taking HTTP for theirs. */
const NOT_FOR_HTTP: ReadonlySet<number> = new Set([
  1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
  111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532,
  540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061,
  6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);
