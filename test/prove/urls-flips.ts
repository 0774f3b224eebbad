// A name server that flips: each time it is asked for the same name it says something else, public addresses, forbidden
// ones, listed ones, many, none, nonsense, in any mixture; the real way out posts and downloads through it.
// Not here: URLs that are refused as they are written (urls.ts). The one thing to know: which addresses are forbidden is
// known by how they are made, not by asking the code that is on trial.
import type { Download, Downloaded, Exchange, LookupFn } from '../../src/net/client.ts';
import { GOOD, KEY } from '../../src/net/fixtures/certificates.ts';
import { answer, closeAll, rawServer, trap } from '../../src/net/fixtures/servers.ts';
import { wayOutTo } from '../../src/net/fixtures/way-out.ts';
import { chance } from './chance.ts';
import { type Dial, watchDials } from './urls-watch.ts';

export type Way = { send(exchange: Exchange): Promise<{ ok: boolean }>; download(ask: Download): Promise<Downloaded> };
export type Flips = {
  times: number;
  seed: number;
  /** in place of ours: to see that this proof condemns another client */
  way?: (lookup: LookupFn) => Way;
};
export type Flipped = { flips: number; reached: number; refused: number; dials: number; faults: string[] };

type Kind = 'public' | 'listed' | 'forbidden' | 'nonsense';
type Said = { kind: Kind; address: string };
type Random = () => number;

const NAME = 'bot.test';
const ALLOW = '10.9.0.0/16, [fd09::/16]';
/** What the name leads to is led to servers of ours by its port. */
const PORTS = { https: 8443, http: 8080 };

export async function flipNames(asked: Flips, tell: (done: number) => void = () => {}): Promise<Flipped> {
  const random = chance(asked.seed);
  const one = (socket: import('node:net').Socket, on: { request(reply: () => void): void }): void =>
    on.request(() => socket.end(answer('{}', 'connection: close\r\n')));
  const [safe, plain, bait] = await Promise.all([
    rawServer(one, { tls: { cert: GOOD, key: KEY } }),
    rawServer(one),
    trap(),
  ]);
  let said: Said[] = [];
  let asks = 0;
  const lookup: LookupFn = async () => {
    asks += 1;
    said = turn(random);
    if (said.length === 0) throw Object.assign(new Error('the name server says no'), { code: 'ENOTFOUND' });
    return said.map(({ address }) => ({ address }));
  };
  const ours = wayOutTo({ allow: ALLOW, lookup });
  const way = asked.way?.(lookup) ?? ours;
  let dials: Dial[] = [];
  // What must not be dialled is led to the trap, so that not even a fault of ours sends a packet beyond this machine.
  const unwatch = watchDials(
    (dial) => dials.push(dial),
    ({ host, port }) => (mayBeDialled(said, host) ? (port === PORTS.http ? plain.port : safe.port) : bait.port),
  );
  const told: Flipped = { flips: 0, reached: 0, refused: 0, dials: 0, faults: [] };
  try {
    for (; told.flips < asked.times; tell(++told.flips)) {
      [dials, said, asks] = [[], [], 0];
      const scheme = random() < 0.25 ? 'http' : 'https';
      const ok = await (random() < 0.2 ? downloads(way, scheme) : posts(way, scheme));
      const open = said.filter(({ kind }) => kind === 'listed' || (kind === 'public' && scheme === 'https'));
      const stray = dials.filter(({ host }) => !open.some(({ address }) => address === host));
      told.dials += dials.length;
      told[ok ? 'reached' : 'refused'] += 1;
      const shown = said.slice(0, 8).map(({ kind, address }) => `${address} (${kind})`);
      const fault = (what: string): void => void told.faults.push(`flip ${told.flips}, ${scheme}, ${shown}: ${what}`);
      if (stray.length > 0) fault(`dialled ${stray.map(({ host }) => host)}`);
      if (ok !== open.length > 0) fault(ok ? 'was reached' : 'was not reached');
      if (asks !== 1) fault(`asked ${asks} times`);
    }
  } finally {
    unwatch();
    await ours.close();
    await closeAll();
  }
  if (bait.caught() > 0) told.faults.push(`the trap caught ${bait.caught()}`);
  return told;
}

const mayBeDialled = (said: Said[], host: string): boolean =>
  said.some(({ kind, address }) => address === host && (kind === 'public' || kind === 'listed'));

const urlOf = (scheme: 'http' | 'https'): string => `${scheme}://${NAME}:${PORTS[scheme]}/hook`;

async function posts(way: Way, scheme: 'http' | 'https'): Promise<boolean> {
  return (await way.send({ url: urlOf(scheme), key: 'flips', headers: {}, body: '{}', timeoutMs: 30_000 })).ok;
}

async function downloads(way: Way, scheme: 'http' | 'https'): Promise<boolean> {
  const ask = { url: urlOf(scheme), key: 'flips', headers: {}, bytesMax: 1_000, headMs: 30_000, bodyMs: 30_000 };
  const file = await way.download(ask);
  if (!file.ok) return false;
  for await (const _ of file.body);
  return file.status === 200;
}

// ── what the name server says ──

const PUBLIC = ['93.184.216.34', '1.1.1.1', '8.8.8.8', '172.32.0.1', '2606:4700::1111', '2a00:1450:4001:800::200e'];
const FORBIDDEN: ((byte: () => number) => string)[] = [
  (byte) => `10.${byte() % 9}.${byte()}.${byte()}`,
  (byte) => `127.${byte()}.${byte()}.${byte()}`,
  (byte) => `172.${16 + (byte() % 16)}.${byte()}.${byte()}`,
  (byte) => `192.168.${byte()}.${byte()}`,
  (byte) => `169.254.${byte()}.${byte()}`,
  (byte) => `100.${64 + (byte() % 64)}.${byte()}.${byte()}`,
  (byte) => `0.${byte()}.${byte()}.${byte()}`,
  (byte) => `${224 + (byte() % 32)}.${byte()}.${byte()}.${byte()}`,
  (byte) => `::ffff:127.0.0.${byte()}`,
  (byte) => `::ffff:10.0.0.${byte()}`,
  (byte) => `64:ff9b::10.0.0.${byte()}`,
  (byte) => `2002:7f00:1::${byte()}`,
  (byte) => `fe80::${byte()}`,
  (byte) => `fd00::${byte()}`,
  (byte) => `ff02::${byte()}`,
  () => '::1',
  () => '::',
  () => '169.254.169.254',
  () => '168.63.129.16',
  () => 'fd00:ec2::254',
];
const LISTED: ((byte: () => number) => string)[] = [
  (byte) => `10.9.${byte()}.${byte()}`,
  (byte) => `fd09::${byte()}`,
  (byte) => `::ffff:10.9.${byte()}.${byte()}`,
];
const NONSENSE = ['', 'localhost', '127.1', '0x7f.0.0.1', '2130706433', 'fe80::1%lo', '127.0.0.1 ', '[::1]'];
const MANY = 200;

/** One answer: nothing, one kind alone, or a mixture; now and then hundreds. */
function turn(random: Random): Said[] {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const byte = (): number => 1 + Math.floor(random() * 254);
  const make: Record<Kind, () => string> = {
    public: () => pick(PUBLIC),
    listed: () => pick(LISTED)(byte),
    forbidden: () => pick(FORBIDDEN)(byte),
    nonsense: () => pick(NONSENSE),
  };
  const kinds = Object.keys(make) as Kind[];
  const alone = random() < 0.5 ? pick(kinds) : null;
  const count = random() < 0.02 ? MANY : Math.floor(random() * 6);
  return Array.from({ length: count }, () => {
    const kind = alone ?? pick(kinds);
    return { kind, address: make[kind]() };
  });
}
