// SIGNALBOX_ALLOW_PRIVATE: which addresses may be reached although they are not public, over plain http too.
// Not here: what is public (address.ts), and when the list is asked (target.ts, dial.ts).
// The one thing to know: an entry opens exactly what it says. A name opens what that name leads to, a block opens its
// addresses, a port narrows either; a cloud's metadata address is open only when it is listed by itself.
import { type Address, type Block, isMetadata, lies, readAddress, readBlock } from './address.ts';

type AllowEntry = { host: string | null; block: Block | null; port: number | null };
export type AllowList = { readonly entries: readonly AllowEntry[] };
export type ParsedAllowList = { ok: true; list: AllowList } | { ok: false; errors: string[] };

/** Wider blocks would open the public internet to plain http, and are a slip more often than a wish. */
const WIDEST_BITS_4 = 8;
const WIDEST_BITS_6 = 7;
const ENTRIES_MAX = 500;
/** What `signalbox dev` adds. */
const LOOPBACK = '127.0.0.0/8,::1,localhost';

/**
 * Reads `10.0.0.0/8, 192.168.1.7:3000, [fd00::/8]:443, bots.lan, desk.lan:8080`. `loopback` adds 127.0.0.0/8, ::1 and
 * localhost. All mistakes are reported at once, each as a sentence.
 */
export function parseAllowPrivate(text: string, options: { loopback?: boolean } = {}): ParsedAllowList {
  const words = `${text},${options.loopback === true ? LOOPBACK : ''}`
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  if (words.length > ENTRIES_MAX) return { ok: false, errors: [`It has more than ${ENTRIES_MAX} entries.`] };
  const entries: AllowEntry[] = [];
  const errors: string[] = [];
  for (const word of words) {
    const entry = parseEntry(word);
    if (typeof entry === 'string') errors.push(`"${word}": ${entry}`);
    else entries.push(entry);
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, list: { entries } };
}

/** Whether this address may be reached although it is not public. `host` is the name that led to it, if one did. */
export function allows(list: AllowList, host: string, address: Address, port: number): boolean {
  const metadata = isMetadata(address);
  return list.entries.some((entry) => {
    if (entry.port !== null && entry.port !== port) return false;
    if (entry.block === null) return entry.host === host && !metadata;
    return lies(address, entry.block) && (!metadata || entry.block.bits === address.length * 8);
  });
}

/** Whether this name itself is listed for this port: http may then be used to whatever it leads to. */
export function allowsName(list: AllowList, host: string, port: number): boolean {
  return list.entries.some((entry) => entry.host === host && (entry.port === null || entry.port === port));
}

/**
 * Whether some block is listed for this port, so that a name can only be judged by where it leads. `loopback` false:
 * a block of this machine's own addresses does not count.
 */
export function allowsSomeBlock(list: AllowList, port: number, loopback: boolean): boolean {
  return list.entries.some(
    ({ block, port: only }) => block !== null && (only === null || only === port) && (loopback || !isLoopback(block)),
  );
}

function isLoopback({ start }: Block): boolean {
  return start.length === 4 ? start[0] === 127 : start.slice(0, -1).every((byte) => byte === 0) && start.at(-1) === 1;
}

/** Whether an entry names exactly this port: it may then be one that is otherwise never used for HTTP. */
export function namesPort(list: AllowList, port: number): boolean {
  return list.entries.some((entry) => entry.port === port);
}

function parseEntry(word: string): AllowEntry | string {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(word);
  if (bracketed) return blockEntry(bracketed[1] ?? '', bracketed[2]);
  if (word.split(':').length > 2) return blockEntry(word, undefined);
  const [place = '', port] = word.split(':');
  return /^[\d./]+$/.test(place) ? blockEntry(place, port) : nameEntry(place, port);
}

function blockEntry(text: string, portText: string | undefined): AllowEntry | string {
  const port = readPort(portText);
  if (port === undefined) return 'the port must be a number from 1 to 65535.';
  const block = readBlock(text);
  if (block === null) return 'this is no address or block; write 10.0.0.0/8, 10.1.2.3:3000 or [fd00::/8]:443.';
  const widest = block.start.length === 4 ? WIDEST_BITS_4 : WIDEST_BITS_6;
  if (block.bits < widest) return `this block is too wide; the widest is /${widest}.`;
  return { host: null, block, port };
}

function nameEntry(text: string, portText: string | undefined): AllowEntry | string {
  const port = readPort(portText);
  if (port === undefined) return 'the port must be a number from 1 to 65535.';
  const host = readHostName(text);
  if (host === null) return 'this is no host name; wildcards, paths and schemes are not taken.';
  return { host, block: null, port };
}

function readPort(text: string | undefined): number | null | undefined {
  if (text === undefined) return null;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

/** The name as URLs will have it (lower case, punycode, no final dot), or null when it is none, or an odd address. */
function readHostName(text: string): string | null {
  if (/[\s/\\@:?#%*[\]]/.test(text) || !URL.canParse(`http://${text}`)) return null;
  const host = new URL(`http://${text}`).hostname.replace(/\.$/, '');
  return HOST_NAME.test(host) && readAddress(host) === null ? host : null;
}

/** Letters, digits, hyphens and underscores between dots; container names have underscores. */
export const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*$/;
