// Hostile URLs at every door of the whole program: what is written down through the API, what is tried, and what a
// provider names or redirects to. Not here: the URLs themselves (src/net/fixtures/hostile.ts), names that flip
// (urls-flips.ts). The one thing to know: the program runs under a watch (urls-watch.ts), so a connection that it begins
// to anywhere but the few places that are open is seen, and ends in a trap.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transformSync } from 'esbuild';
import { AUTHORITY, GOOD, KEY } from '../../src/net/fixtures/certificates.ts';
import { HOSTILE_NAMES, HOSTILE_URLS } from '../../src/net/fixtures/hostile.ts';
import { closeAll, rawServer, trap } from '../../src/net/fixtures/servers.ts';
import { type Bot, startBot } from '../parties/bot.ts';
import { type Box, startBox } from '../parties/box.ts';
import { type Line, startLine } from '../parties/line.ts';
import { good, TOKEN } from '../parties/zoo-token.ts';
import { chance } from './chance.ts';
import { DOORS, type Door, openDoors } from './urls-doors.ts';
import type { Dial, Preload } from './urls-watch.ts';

export type Knocked = {
  vectors: number;
  doors: number;
  knocks: number;
  refused: Record<string, number>;
  faults: string[];
};

export type Knocks = {
  seed: number;
  /** only these, with {port} for the trap's, and with this opened too: to see that the proof can fail */
  planted?: { urls: string[]; allow: string };
};

/** What the flipping name says in turn at the whole program: `|` between the addresses of one answer. */
const FLIPS = [
  '93.184.216.34|10.0.0.1',
  '127.0.0.1|::1',
  '10.0.0.1|93.184.216.34',
  '169.254.169.254|',
  '::ffff:127.0.0.1|0.0.0.0',
];
const OPEN = ['93.184.216.34', '2606:4700::1111'];
const NAMES: Record<string, string[]> = {
  ...HOSTILE_NAMES,
  'bot.test': ['93.184.216.34'],
  'flips.test': FLIPS,
};
const VECTORS = [
  ...Object.values(HOSTILE_URLS).flat(),
  ...Object.keys(HOSTILE_NAMES).map((name) => `https://${name}:{port}/`),
];
const AT_ONCE = 8;
/** A door that refuses fewer than these was not knocked at in earnest. */
const REFUSED_MIN = 160;

type Site = { box: Box; line: Line; bot: Bot; dials(): Dial[]; port: number; caught(): number; close(): Promise<void> };

/** Each hostile URL and name at each door, in an order of chance; then those that must pass. */
export async function knockEverywhere(asked: Knocks, tell: (done: number) => void = () => {}): Promise<Knocked> {
  const site = await openSite(asked.planted?.allow);
  try {
    const doors = await openDoors(site);
    const vectors = (asked.planted?.urls ?? VECTORS).map((each) => each.replaceAll('{port}', String(site.port)));
    const random = chance(asked.seed);
    const knocks = vectors
      .flatMap((url) => DOORS.map((door) => ({ url, door, at: random() })))
      .sort((a, b) => a.at - b.at);
    const refused: Record<string, number> = Object.fromEntries(DOORS.map((door) => [door, 0]));
    const faults: string[] = [];
    const queue = knocks.values();
    let done = 0;
    const knock = async (url: string, door: Door): Promise<void> => {
      const said = await doors[door](url);
      if (said === 'refused') refused[door] = (refused[door] ?? 0) + 1;
      else if (said !== 'passed over') faults.push(`${door}, ${JSON.stringify(url)}: ${said}`);
      tell(++done);
    };
    const worker = async (): Promise<void> => {
      for (const { url, door } of queue) await knock(url, door);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    for (const door of DOORS)
      if ((refused[door] ?? 0) < REFUSED_MIN) faults.push(`${door} refused ${refused[door]} only`);
    faults.push(...strayOf(site), ...(await whatMustPass(site)));
    return { vectors: vectors.length, doors: DOORS.length, knocks: done, refused, faults };
  } finally {
    await site.close();
  }
}

/** Dials to anywhere but the provider and the bot, which are listed, and what is public. */
function strayOf({ dials, line, bot, caught }: Site): string[] {
  const stray = dials().filter(
    ({ host, port }) => !OPEN.includes(host) && !(host === '127.0.0.1' && [line.port, bot.port].includes(port)),
  );
  return [
    ...stray.map(({ host, port }) => `a connection to ${host}:${port} was begun`),
    ...(caught() > 0 ? [`the trap caught ${caught()}`] : []),
  ];
}

/** The allow-list's place, a public name, and a name that flips: reached when, and only when, it leads to a public place. */
async function whatMustPass(site: Site): Promise<string[]> {
  const faults: string[] = [];
  const reached = async (url: string): Promise<boolean> => {
    const body = { platform: 'other', url, verification_token: TOKEN };
    const { verified } = await site.box.must('POST', '/bots/verification', body);
    return verified === true;
  };
  if (!(await reached('https://bot.test/'))) faults.push('a public name was not reached');
  await reached(`${site.line.url}/v2/listed`);
  if (site.line.asked('/v2/listed').length !== 1) faults.push('the listed place was not reached');
  const known = site.dials().length;
  for (let turn = 0; turn < FLIPS.length * 4; turn += 1) {
    const says = FLIPS[turn % FLIPS.length] ?? '';
    // Another certificate's name: it is reached when TLS was begun, and that is all there is to see.
    const from = site.dials().length;
    await reached('https://flips.test/');
    const dialled = site
      .dials()
      .slice(from)
      .map(({ host }) => host);
    const due = says.split('|').filter((address) => OPEN.includes(address));
    if (dialled.join() !== due.join())
      faults.push(`a name that led to ${says} was dialled at ${dialled.join() || 'none'}`);
  }
  if (site.dials().length === known) faults.push('no flip was ever dialled');
  return [...faults, ...strayOf(site)];
}

async function openSite(more = ''): Promise<Site> {
  const [line, bot, bait] = [await startLine(), await startBot(), await trap()];
  const reply = good('connection: close\r\n');
  const open = await rawServer((socket, on) => on.request(() => socket.end(reply)), { tls: { cert: GOOD, key: KEY } });
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-urls-'));
  const file = join(folder, 'dials');
  const authority = join(folder, 'authority.pem');
  writeFileSync(authority, AUTHORITY);
  const watch: Preload = { file, names: NAMES, open: OPEN, to: open.port, trap: bait.port };
  // As JavaScript: the program's own threads preload it too, and know nothing else.
  const preload = join(folder, 'watch.mjs');
  const source = readFileSync(new URL('./urls-watch.ts', import.meta.url), 'utf8');
  writeFileSync(preload, transformSync(source, { loader: 'ts', format: 'esm' }).code);
  const box = await startBox({
    env: {
      NODE_OPTIONS: `--import ${pathToFileURL(preload).href}`,
      NODE_EXTRA_CA_CERTS: authority,
      URLS_WATCH: JSON.stringify(watch),
      SIGNALBOX_ALLOW_PRIVATE: [`127.0.0.1/32:${line.port}`, `127.0.0.1/32:${bot.port}`, more].join(),
    },
  });
  const dials = (): Dial[] =>
    existsSync(file)
      ? readFileSync(file, 'utf8')
          .trim()
          .split('\n')
          .map((each) => JSON.parse(each) as Dial)
      : [];
  return {
    ...{ box, line, bot, dials, port: bait.port, caught: bait.caught },
    async close() {
      await box.close();
      await Promise.all([line.down(), bot.down()]);
      await closeAll();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
