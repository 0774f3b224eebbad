// Which IP addresses are public. Pure: no lookups, no URLs, no allow-list (allow-list.ts).
// The one thing to know: IPv6 is refused unless it is global unicast outside the special blocks, because every other
// form either reaches inside or carries an IPv4 address that does. IPv4 inside IPv6 is unwrapped before it is judged.
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** 4 bytes of IPv4 or 16 of IPv6; an IPv4-mapped IPv6 address is its 4 bytes. */
export type Address = readonly number[];
/** The addresses that share their first `bits` bits with `start`. */
export type Block = { start: Address; bits: number };

/** Reads a plain address, as a resolver or `URL.hostname` without brackets gives it; null for anything else. */
export function readAddress(text: string): Address | null {
  // A zone id (fe80::1%eth0) names a link of this machine: never public, and `isIP` would take it.
  if (isIP(text) === 0 || text.includes('%')) return null;
  return unmapped(ipaddr.parse(text).toByteArray());
}

/** Reads `10.0.0.0/8`, `fd00::/8` or one address; bits beyond the prefix are cleared. Null when malformed. */
export function readBlock(text: string): Block | null {
  const [base = '', prefix, ...rest] = text.split('/');
  if (rest.length > 0 || isIP(base) === 0 || base.includes('%')) return null;
  const bytes = ipaddr.parse(base).toByteArray();
  const bits = prefix === undefined ? bytes.length * 8 : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1;
  if (bits < 0 || bits > bytes.length * 8) return null;
  const start = unmapped(bytes);
  if (start.length === bytes.length) return { start: masked(start, bits), bits };
  return bits < MAPPED_BITS ? null : { start: masked(start, bits - MAPPED_BITS), bits: bits - MAPPED_BITS };
}

/** Whether the address lies in the block; IPv4 never lies in an IPv6 block. */
export function lies(address: Address, block: Block): boolean {
  if (address.length !== block.start.length) return false;
  const whole = block.bits >> 3;
  for (let i = 0; i < whole; i += 1) if (address[i] !== block.start[i]) return false;
  const rest = block.bits & 7;
  return rest === 0 || (byte(address, whole) ^ byte(block.start, whole)) >> (8 - rest) === 0;
}

/** The address as people write it. */
export function showAddress(address: Address): string {
  return ipaddr.fromByteArray([...address]).toString();
}

/** What kind of address this is (`a private address (10.0.0.0/8)`), or null when it is public. */
export function whyNotPublic(address: Address): string | null {
  if (isMetadata(address)) return 'an address of a cloud metadata service';
  const special = (address.length === 4 ? SPECIAL_4 : SPECIAL_6).find((entry) => lies(address, entry.block));
  if (special !== undefined) return `${special.name} (${special.text})`;
  if (address.length === 4) return null;
  const inner = embedded(address);
  if (inner !== null) {
    const why = whyNotPublic(inner);
    return why === null ? null : `IPv6 around ${showAddress(inner)}, ${why}`;
  }
  return lies(address, GLOBAL_UNICAST) ? null : 'not a public IPv6 address';
}

/** Whether a cloud answers here with the machine's credentials: never opened by a wide block of an allow-list. */
export function isMetadata(address: Address): boolean {
  return METADATA.some((block) => lies(address, block));
}

/** The IPv4 address that a gateway takes out of this IPv6 address: NAT64's well-known prefix, and ISATAP. */
function embedded(address: Address): Address | null {
  if (lies(address, NAT64)) return address.slice(12);
  const isatap = (byte(address, 8) & 0xfd) === 0 && address[9] === 0 && address[10] === 0x5e && address[11] === 0xfe;
  return isatap ? address.slice(12) : null;
}

function unmapped(bytes: Address): Address {
  const mapped = bytes.length === 16 && bytes.every((value, i) => i >= 12 || value === (i < 10 ? 0 : 0xff));
  return mapped ? bytes.slice(12) : bytes;
}

function masked(bytes: Address, bits: number): Address {
  return bytes.map((value, i) => value & (0xff << (8 - Math.min(8, Math.max(0, bits - i * 8)))) & 0xff);
}

const byte = (address: Address, index: number): number => address[index] ?? 0;

function blockOf(text: string): Block {
  const block = readBlock(text);
  if (block === null) throw new Error(`not a block of addresses: ${text}`);
  return block;
}

const table = (rows: Record<string, string>): { text: string; name: string; block: Block }[] =>
  Object.entries(rows).map(([text, name]) => ({ text, name, block: blockOf(text) }));

const MAPPED_BITS = 96;
const GLOBAL_UNICAST = blockOf('2000::/3');
const NAT64 = blockOf('64:ff9b::/96');

/** IANA's special-purpose registry for IPv4, without the blocks that are globally reachable. */
const SPECIAL_4 = table({
  '0.0.0.0/8': 'an address of "this network"',
  '10.0.0.0/8': 'a private address',
  '100.64.0.0/10': "an address behind a provider's NAT",
  '127.0.0.0/8': 'a loopback address',
  '169.254.0.0/16': 'a link-local address',
  '172.16.0.0/12': 'a private address',
  '192.0.0.0/24': 'an address for protocol assignments',
  '192.0.2.0/24': 'an address for documentation',
  '192.88.99.0/24': 'a retired 6to4 relay address',
  '192.168.0.0/16': 'a private address',
  '198.18.0.0/15': 'an address for benchmarks',
  '198.51.100.0/24': 'an address for documentation',
  '203.0.113.0/24': 'an address for documentation',
  '224.0.0.0/4': 'a multicast address',
  '240.0.0.0/4': 'a reserved address',
});

/**
 * IPv6 blocks with a name of their own, and those inside 2000::/3 that are not public. Tunnels (6to4, Teredo) carry
 * an IPv4 address and nobody serves a webhook on one: refused whatever they carry.
 */
const SPECIAL_6 = table({
  '::/128': 'the unspecified address',
  '::1/128': 'a loopback address',
  '::/96': 'an IPv4-compatible address',
  '::ffff:0:0:0/96': 'an IPv4-translated address',
  '64:ff9b:1::/48': 'an address of a local NAT64',
  '100::/64': 'a discard-only address',
  '2001::/32': 'a Teredo tunnel address',
  '2001:db8::/32': 'an address for documentation',
  '2001::/23': 'an address for protocol assignments',
  '2002::/16': 'a 6to4 tunnel address',
  '3fff::/20': 'an address for documentation',
  '5f00::/16': 'a segment-routing address',
  'fc00::/7': 'a private address',
  'fe80::/10': 'a link-local address',
  'fec0::/10': 'a site-local address',
  'ff00::/8': 'a multicast address',
});

/** AWS, GCP, Azure, Oracle and others; ECS task credentials; Alibaba; Azure's wire server, which looks public; v6. */
const METADATA = [
  '169.254.169.254',
  '169.254.169.253',
  '169.254.170.2',
  '169.254.170.23',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
].map(blockOf);
