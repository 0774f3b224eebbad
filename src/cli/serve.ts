// Runs Signalbox as this process: log, running.json, signals, and the end. What `dev` and `start` have in common.
// Not here: building it from its parts (src/main.ts).
// The one thing to know: the first SIGTERM or SIGINT stops cleanly and exits 0; a second one exits at once.
import type { Logger } from 'pino';
import type { DemoSite } from '../http/parts.ts';
import { type Signalbox, StartProblem, startSignalbox } from '../main.ts';
import { dataFolder } from '../settings/data-folder.ts';
import type { Explained, Settings } from '../settings/settings.ts';
import { EXIT, Stop } from './exit.ts';
import { createLog } from './log.ts';
import { forgetRunning, noteRunning } from './running.ts';

/** What a mode adds. */
export type Company = {
  /** when requests are taken */
  ready(signalbox: Signalbox, log: Logger): Promise<void> | void;
  /** a site that is served beside */
  demo?: DemoSite;
  /** after everything has stopped */
  stopped?(): void;
};

/** Resolves when it runs; the process then lives until a signal. `key`: administrator's key to write down, or null. */
export async function serve(
  settings: Settings,
  explained: Explained[],
  key: string | null,
  company: Company,
): Promise<void> {
  const log = createLog(settings.mode, settings.logLevel);
  dieLoudly(log);
  const data = dataFolder(settings.data);
  const signalbox = await start(settings, explained, log, company.demo ?? null);
  const { url } = signalbox;
  const running = { pid: process.pid, url, mode: settings.mode, started_at: new Date().toISOString(), key };
  try {
    noteRunning(data, running);
  } catch (err) {
    // A full disk, most likely. Only the command line misses it.
    log.warn(
      { err },
      `${data.running} could not be written: signalbox keys, doctor and chat will not find this process.`,
    );
  }
  onSignal(log, async () => {
    await signalbox.stop();
    forgetRunning(data);
    company.stopped?.();
  });
  await company.ready(signalbox, log);
}

async function start(
  settings: Settings,
  explained: Explained[],
  log: Logger,
  demo: DemoSite | null,
): Promise<Signalbox> {
  try {
    return await startSignalbox(settings, explained, log, demo);
  } catch (error) {
    if (error instanceof StartProblem) throw new Stop(error.settings ? EXIT.settings : EXIT.failed, error.message);
    throw error;
  }
}

/** A state that nobody foresaw is not gone on with: what is acknowledged is on disk, and a supervisor starts us anew. */
function dieLoudly(log: Logger): void {
  const die = (err: unknown): never => {
    log.fatal({ err }, 'An error that nobody expected. Signalbox stops; what was acknowledged is on disk.');
    process.exit(EXIT.failed);
  };
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);
}

function onSignal(log: Logger, stop: () => Promise<void>): void {
  let stopping = false;
  const take = (signal: NodeJS.Signals): void => {
    if (stopping) {
      log.warn(`${signal} again: Signalbox ends at once. What was acknowledged is on disk.`);
      process.exit(EXIT.failed);
    }
    stopping = true;
    log.info(`${signal}: Signalbox finishes what is in flight and stops.`);
    stop().then(
      () => {
        log.info('Signalbox has stopped. What is left is on disk and goes on at the next start.');
        process.exit(EXIT.ok);
      },
      (err: unknown) => {
        log.fatal({ err }, 'Signalbox could not stop cleanly.');
        process.exit(EXIT.failed);
      },
    );
  };
  process.on('SIGTERM', take);
  process.on('SIGINT', take);
}
