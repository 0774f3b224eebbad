// `signalbox dev`: Signalbox with a demo shop, its bot and its desk, on this machine only.
// Not here: the demo itself (src/demo).
// The one thing to know: whatever goes wrong with the demo, Signalbox runs, and says what went wrong.
import { relative } from 'node:path';
import { Command } from 'commander';
import type { DemoBotConfig } from '../demo/bot.ts';
import type { DemoDeskConfig } from '../demo/desk.ts';
import { configsOf, type Party, startParty } from '../demo/parties.ts';
import { freshDemo, setUpDemo } from '../demo/setup.ts';
import { type ShopSite, shopSite } from '../demo/shop.ts';
import { type DemoState, isWhole, readDemo, writeDemo } from '../demo/state.ts';
import { type DataFolder, dataFolder, makeDataFolder } from '../settings/data-folder.ts';
import type { Explained, Settings } from '../settings/settings.ts';
import { type Api, apiClient } from './api.ts';
import { listenProblem } from './doctor-checks.ts';
import { EXIT, Stop } from './exit.ts';
import { flagsOf, settingsOf, withSettings } from './options.ts';
import { complain, out, paint, wantsColour } from './output.ts';
import { findRunning } from './running.ts';

/** How many ports after the wanted one are tried. */
const PORTS_TRIED = 50;
const tint = paint(wantsColour(process.stdout));

export function devCommand(): Command {
  const command = new Command('dev').description('try Signalbox: demo shop, demo bot and demo desk on this machine');
  return withSettings(command).action((options: Record<string, unknown>) => dev(options));
}

async function dev(options: Record<string, unknown>): Promise<void> {
  const { settings, explained } = settingsOf('dev', flagsOf(options));
  const data = dataFolder(settings.data);
  const running = findRunning(data);
  if (running !== null) {
    throw new Stop(EXIT.failed, `Signalbox runs on ${data.folder} already (process ${running.pid}): ${running.url}`);
  }
  const trouble = makeDataFolder(data);
  if (trouble !== null) throw new Stop(EXIT.failed, trouble);
  const port = await freePort(settings);
  const state = readDemo(data.demo) ?? freshDemo();
  writeDemo(data.demo, state);
  const key = settings.apiKey ?? state.api_key;
  const parties = await startParties(state, `http://127.0.0.1:${port}`);

  let base = `http://127.0.0.1:${port}`;
  let broken = false;
  const configure = (): void => {
    if (parties !== null && isWhole(state)) tell(parties, configsOf(state, base, broken));
  };
  const shop = shopSite((now) => {
    broken = now;
    configure();
  });

  const { serve } = await import('./serve.ts'); // the whole program: only now
  await serve({ ...settings, port, apiKey: key }, asStarted(explained, port), key, {
    demo: shop,
    async ready({ url, wayIn }) {
      base = url;
      const problem = await demo(data, state, parties, { api: apiClient(url, key), shop, configure });
      // A full disk, most likely: everything but the console still works.
      banner({ url, data, key, hasShop: problem === null }, await wayIn().catch(() => null));
      if (problem !== null) complain(`The demo is not whole: ${problem}`);
    },
    stopped() {
      parties?.bot.stop();
      parties?.desk.stop();
    },
  });
}

/** The port may be another than the one that was set. */
const asStarted = (explained: Explained[], port: number): Explained[] =>
  explained.map((line) =>
    line.name === 'port' && line.value !== String(port) ? { ...line, value: String(port), source: 'first free' } : line,
  );

async function freePort(settings: Settings): Promise<number> {
  if (settings.port === 0) return 0;
  for (let port = settings.port; port < settings.port + PORTS_TRIED && port <= 65_535; port++) {
    const problem = await listenProblem(settings.host, port);
    if (problem === null) {
      if (port !== settings.port) out(`Port ${settings.port} is taken; this is ${port}.`);
      return port;
    }
    if (problem !== 'EADDRINUSE')
      throw new Stop(EXIT.failed, `${settings.host}:${port} cannot be listened on (${problem}).`);
  }
  throw new Stop(EXIT.failed, `No port from ${settings.port} on is free.`);
}

type Parties = { bot: Party<DemoBotConfig>; desk: Party<DemoDeskConfig> };

/** Before Signalbox itself, so that what waited from the last run finds them. */
async function startParties(state: DemoState, base: string): Promise<Parties | null> {
  try {
    const [bot, desk] = await Promise.all([
      startParty<DemoBotConfig>('demo-bot', state.bot?.port ?? 0, complain),
      startParty<DemoDeskConfig>('demo-desk', state.desk?.port ?? 0, complain),
    ]);
    if (isWhole(state)) tell({ bot, desk }, configsOf(state, base, false));
    return { bot, desk };
  } catch (error) {
    complain(`The demo parties did not start: ${(error as Error).message}`);
    return null;
  }
}

function tell(parties: Parties, configs: ReturnType<typeof configsOf>): void {
  parties.bot.configure(configs.bot);
  parties.desk.configure(configs.desk);
}

/** Null: the demo is up. Else why not. */
async function demo(
  data: DataFolder,
  state: DemoState,
  parties: Parties | null,
  { api, shop, configure }: { api: Api; shop: ShopSite; configure: () => void },
): Promise<string | null> {
  if (parties === null) return 'its parties did not start';
  const ports = { bot: parties.bot.port, desk: parties.desk.port };
  const result = await setUpDemo(api, data.demo, state, ports, configure);
  if (!result.ok) return result.problem;
  shop.open(api, state, () => {
    try {
      writeDemo(data.demo, state);
    } catch (error) {
      complain(`How far the tour has come could not be written down: ${(error as Error).message}`);
    }
  });
  return null;
}

type Shown = { url: string; data: DataFolder; key: string; hasShop: boolean };

function banner({ url, data, key, hasShop }: Shown, wayIn: string | null): void {
  const here = relative(process.cwd(), process.argv[1] ?? '');
  const command = here === 'bin/signalbox' ? here : 'signalbox';
  const folder = relative(process.cwd(), data.folder) || '.';
  const chat = `${command} chat${folder === 'data' ? '' : ` --data ${folder}`}`;
  const rows: [string, string][] = [
    ['console', wayIn === null ? `${url}/console/` : `${wayIn}   (once, within 30 minutes)`],
    ...(hasShop ? [['shop page', `${url}/demo/   (be the customer)`] as [string, string]] : []),
    ['API', `${url}/api/v1`],
    ['reference', `${url}/docs`],
    ['API key', key],
    ['data folder', data.folder],
    ['chat', `${chat}   (in a second terminal)`],
    ['stop', 'Ctrl+C'],
  ];
  const title = tint('bold', `Signalbox is ready: ${url}`) + tint('dim', '   demo data, not for production');
  const lines = rows.map(([name, value]) => `  ${tint('dim', name.padEnd(12))} ${value}`);
  out(['', title, '', ...lines, ''].join('\n'));
}
