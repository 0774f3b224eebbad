// The composition root: builds Signalbox from its parts, starts it and stops it. The only file that knows all parts.
// Not here: settings (src/settings), signals and exit codes (src/cli/serve.ts), any behaviour.
// The one thing to know: it listens before the engine has loaded, so that /health/live answers at once; everything
// else waits for `ready`.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { imiBot } from './bots/imi/adapter.ts';
import { otherBot } from './bots/other/adapter.ts';
import { CHANNELS } from './channels/all.ts';
import { createWebchat } from './channels/webchat/core.ts';
import { createDirectLine } from './channels/webchat/directline/core.ts';
import { backupFolder } from './cli/backup-folder.ts';
import { VERSION } from './cli/version.ts';
import { appDesk } from './desks/app/adapter.ts';
import { createChatwootDesk } from './desks/chatwoot/adapter.ts';
import { consoleDesk } from './desks/console/adapter.ts';
import { webhookDesk } from './desks/webhook/adapter.ts';
import { machineClock, programClock } from './engine/clock.ts';
import { createDirectory } from './engine/directory.ts';
import { createEngine } from './engine/engine.ts';
import type { Peers } from './engine/peers-port.ts';
import type { Clock, Directory, Engine, Vault } from './engine/ports.ts';
import { createPreview } from './engine/preview.ts';
import * as port from './engine/store-port.ts';
import type { DemoSite, Http } from './http/parts.ts';
import { createHttp } from './http/server.ts';
import { mediaKey } from './media/key.ts';
import { linkedReads } from './media/linked-reads.ts';
import { createMedia, PARTY_LINK_MS } from './media/media.ts';
import { createRemoteMedia } from './media/remote.ts';
import { createWayOut } from './net/client.ts';
import type { Media } from './routing/model.ts';
import { decide } from './routing/route.ts';
import { type MovableClock, movableClock, serveClock } from './settings/clock.ts';
import { type DataFolder, dataFolder, makeDataFolder } from './settings/data-folder.ts';
import { newId } from './settings/ids.ts';
import { loadRing } from './settings/master-key.ts';
import { createVault, VaultError } from './settings/secrets.ts';
import type { Explained, Settings } from './settings/settings.ts';
import { openPostgres } from './store/postgres/open.ts';
import { StoreFailure } from './store/sqlite/failure.ts';
import { openSqlite } from './store/sqlite/open.ts';
import { maskOf } from './wire/mask.ts';

export type Signalbox = {
  /** where it can be reached from this machine */
  url: string;
  /** whether somebody has made an API key */
  hasKeys(): boolean;
  /** a one-time link into the console; null: people sign in by password */
  wayIn(): Promise<string | null>;
  /** takes no more, finishes what is in flight, closes the store; at most STOP_MS_MAX. Never rejects for slow peers. */
  stop(): Promise<void>;
};

/** It cannot start, for a reason that the operator can mend. `settings`: it lies in the settings. */
export class StartProblem extends Error {
  readonly settings: boolean;
  constructor(message: string, settings = false) {
    super(message);
    this.settings = settings;
  }
}

/** Contract §1: 6 s. What is left of them pays for the end of the process. */
const STOP_MS_MAX = 5_900;
/** Requests under way are short: a commit and an answer. */
const REQUESTS_GRACE_MS = 500;
/** An exchange takes at most 5 s, and its result is committed. */
const ATTEMPTS_GRACE_MS = 5_200;

/** Where the build puts everything: beside the bundle; when run from the sources, in dist/. */
const BUILT = existsSync(join(import.meta.dirname, 'worker.mjs'))
  ? import.meta.dirname
  : join(import.meta.dirname, '..', 'dist');

const adapters = {
  channels: new Map(CHANNELS.map((channel) => [channel.channel, channel])),
  bots: new Map([imiBot, otherBot].map((bot) => [bot.platform, bot])),
  desks: new Map([webhookDesk, consoleDesk, appDesk, createChatwootDesk()].map((desk) => [desk.kind, desk])),
};

/** Starts Signalbox. Resolves when it takes requests; rejects with a StartProblem when an operator must act. */
export async function startSignalbox(
  settings: Settings,
  explained: Explained[],
  log: Logger,
  demo: DemoSite | null = null,
): Promise<Signalbox> {
  const data = dataFolder(settings.data);
  const vault = openVault(settings, data, log);
  let engine: Engine | null = null;
  const { clock, machine, movable } = clocks(async () => engine?.settled());

  const { store, ...peers } = await openStore(settings, data, clock, log);
  const wayOut = createWayOut({ allowPrivate: settings.allowPrivate, userAgent: `Signalbox/${VERSION}` });
  let ready = false;
  let http: Http | null = null;
  try {
    let base = settings.publicUrl ?? '';
    const kept = { store, ...peers, log };
    const directory = await createDirectory({ ...kept, vault, now: machine.now, publicUrl: () => base });
    const send = wayOut.send;
    const shared = { store, directory, now: machine.now, at: machine.at, newId, log };
    const key = await mediaKey(directory, vault);
    const media = createMedia({ ...shared, folder: data.media, key, publicUrl: () => base });
    const remote = createRemoteMedia({ ...shared, ...adapters, media, send, download: wayOut.download });
    const links = { linked: (of: Media) => media.linked(of, PARTY_LINK_MS), adopted: (of: Media) => media.adopted(of) };
    const limits = { retentionDays: settings.retentionDays, attemptRetentionDays: settings.attemptRetentionDays };
    const times = { clock, wall: machine.now };
    engine = createEngine({ ...kept, ...times, directory, vault, adapters, send, media: links, newId, limits });
    const linked = (of: Media) => media.linked(of);
    const outside = { engine, directory, store, clock: machine, linked };
    const webchat = createWebchat(outside);
    http = createHttp({
      engine,
      webchat,
      directLine: createDirectLine({ ...outside, webchat, newId }),
      media,
      remote,
      directory,
      store: linkedReads(store, linked),
      adapters,
      vault,
      send,
      checkUrl: wayOut.check,
      preview: createPreview({ store, directory, adapters, clock: machine, media: links, log, mask: maskOf }),
      settings: {
        port: settings.port,
        host: settings.host,
        publicUrl: settings.publicUrl,
        version: VERSION,
        apiKey: settings.apiKey,
        dev: settings.mode === 'dev',
        explained: explained.map(shown),
      },
      backups: backupFolder({ data, command: join(BUILT, 'signalbox.mjs'), now: machine.now }),
      demo,
      built: BUILT,
      newId,
      clock: machine,
      log,
      registry: new Registry(),
      ready: () => ready,
    });
    const { url } = await listen(http, settings);
    if (base === '') base = url;
    await engine.start();
    media.start();
    remote.start();
    ready = true;
    if (movable !== null) serveClock(movable, process);
    const stop = stopper(http, engine, wayOut, () => {
      ready = false;
      media.stop();
      void remote.stop();
    });
    return { url, hasKeys: () => hasKeys(directory), wayIn: http.wayIn, stop };
  } catch (error) {
    await http?.close(0);
    // What is told is why it could not start.
    await store.close().catch(() => undefined);
    throw startProblem(error);
  }
}

/** What an operator must act upon as that; what is a mistake of ours as it is. */
function startProblem(error: unknown): unknown {
  if (error instanceof VaultError) return new StartProblem(`The master key does not fit: ${error.message}.`, true);
  return error instanceof port.StoreUnavailable ? new StartProblem(error.message) : error;
}

type Clocks = { clock: Clock; machine: Clock; movable: MovableClock | null };

/** By what the engine waits, and what the outside sees: one and the same where a test moves it. */
function clocks(settled: () => Promise<void>): Clocks {
  const ahead = Number(process.env.SIGNALBOX_TEST_CLOCK);
  if (!(ahead > 0) || process.connected !== true)
    return { clock: programClock(), machine: machineClock(), movable: null };
  const movable = movableClock(settled, ahead);
  return { clock: movable, machine: movable, movable };
}

const shown = ({ name, env, value, source, meaning }: Explained) => {
  return { name, variable: env, value, source, description: meaning };
};

const hasKeys = (directory: Directory): boolean => directory.rows('key').length > 0;

function openVault(settings: Settings, data: DataFolder, log: Logger): Vault {
  const trouble = makeDataFolder(data);
  if (trouble !== null) throw new StartProblem(trouble);
  const read = loadRing(data.folder, settings.masterKey, existsSync(data.database));
  if (!read.ok) throw new StartProblem(read.problem, true);
  for (const warning of read.warnings) log.warn(warning);
  if (read.created) {
    log.info(`A master key was made: ${data.folder}/master.key. Keep a copy of it apart from the backups.`);
  }
  return createVault(read.ring);
}

/** `peers`: where other processes may work on the same data. */
type Opened = { store: port.Store; peers?: Peers };

async function openStore(settings: Settings, data: DataFolder, clock: Clock, log: Logger): Promise<Opened> {
  const onError = (err: unknown): void => log.error({ err }, 'The store met an error.');
  // Nothing can be kept any more without its thread: the process ends, and is started anew.
  const end = (err: unknown): void => void setImmediate(() => Promise.reject(err));
  try {
    if (settings.databaseUrl !== null) {
      const deciding = { decide, now: clock.now, newId, random: Math.random, onError };
      const store = await openPostgres({ ...deciding, url: settings.databaseUrl, errors: port });
      return { store, peers: store.peers };
    }
    const store = await openSqlite({
      file: data.database,
      errors: port,
      onError: (err) => {
        onError(err);
        if (err instanceof StoreFailure) end(err);
      },
      run: pathToFileURL(join(BUILT, 'worker.mjs')),
    });
    return { store };
  } catch (error) {
    throw startProblem(error);
  }
}

async function listen(http: Http, settings: Settings): Promise<{ url: string }> {
  try {
    return await http.listen();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const where = `${settings.host}:${settings.port}`;
    const known: Record<string, string> = {
      EADDRINUSE: `${where} is taken by another program. Choose another port (SIGNALBOX_PORT).`,
      EACCES: `${where} may not be listened on by this user. Choose a port above 1023 (SIGNALBOX_PORT).`,
      EADDRNOTAVAIL: `${settings.host} is no address of this machine (SIGNALBOX_HOST).`,
      ENOTFOUND: `${settings.host} is no address of this machine (SIGNALBOX_HOST).`,
    };
    const sentence = known[code ?? ''];
    throw sentence === undefined ? error : new StartProblem(sentence);
  }
}

function stopper(http: Http, engine: Engine, wayOut: { close(): Promise<void> }, stopTaking: () => void) {
  let stopping: Promise<void> | null = null;
  async function work(): Promise<void> {
    stopTaking();
    await http.close(REQUESTS_GRACE_MS);
    await engine.stop(ATTEMPTS_GRACE_MS);
    await wayOut.close();
  }
  return (): Promise<void> => {
    stopping ??= Promise.race([work(), new Promise<void>((resolve) => setTimeout(resolve, STOP_MS_MAX).unref())]);
    return stopping;
  };
}
