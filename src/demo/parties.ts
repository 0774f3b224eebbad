// Starts the demo parties as processes of their own, starts them again when they die, stops them with us.
// Not here: what they say (bot.ts, desk.ts) and what they are told (setup.ts).
// The one thing to know: a party listens before Signalbox does, so that what waited from the last run finds it.
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DemoBotConfig } from './bot.ts';
import type { DemoDeskConfig } from './desk.ts';
import type { ListeningMessage } from './party.ts';
import type { WholeDemo } from './state.ts';

/** From the first wait, doubling, to the last: a party that dies at once must not keep the machine busy. */
const RESTART_MS = { first: 200, last: 10_000 };
/** A party that lived so long died of something new. */
const HEALTHY_MS = 30_000;
const LISTEN_TIMEOUT_MS = 10_000;

export type Party<Config> = {
  /** where it listens */
  port: number;
  configure(config: Config): void;
  stop(): void;
};

/** Starts a party and resolves when it listens, preferably at `port` (0: any). `note` is told of deaths and new starts. */
export async function startParty<Config>(
  name: 'demo-bot' | 'demo-desk',
  port: number,
  note: (sentence: string) => void,
): Promise<Party<Config>> {
  let child: ChildProcess | null = null;
  let config: Config | null = null;
  let stopped = false;
  let pause = RESTART_MS.first;
  const party: Party<Config> = {
    port,
    configure(next) {
      config = next;
      child?.send({ cmd: 'configure', config });
    },
    stop() {
      stopped = true;
      child?.kill('SIGTERM');
    },
  };

  function launch(): Promise<number> {
    const startedAt = Date.now();
    const running = fork(fileOf(name), [String(party.port)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    child = running;
    if (config !== null) running.send({ cmd: 'configure', config });
    running.on('exit', (code, signal) => {
      if (stopped) return;
      if (Date.now() - startedAt > HEALTHY_MS) pause = RESTART_MS.first;
      note(`${name} ended (${signal ?? code})`);
      setTimeout(() => void relaunch(), pause).unref();
      pause = Math.min(pause * 2, RESTART_MS.last);
    });
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${name} did not start in time`)), LISTEN_TIMEOUT_MS);
      running.once('message', (message: ListeningMessage) => {
        clearTimeout(timer);
        resolve(message.listening);
      });
      running.once('exit', () => {
        clearTimeout(timer);
        reject(new Error(`${name} ended before it listened`));
      });
      running.on('error', reject);
    });
  }

  /** Says so only when it listens: who reads it may speak to it at once. If it ends before, its end begins this anew. */
  async function relaunch(): Promise<void> {
    try {
      await launch();
    } catch {
      return;
    }
    if (!stopped) note(`${name} was started again`);
  }

  party.port = await launch();
  return party;
}

/** Beside the bundle; from the sources, in the folder where the build puts it. */
function fileOf(name: string): string {
  const beside = fileURLToPath(new URL(`./${name}.mjs`, import.meta.url));
  return existsSync(beside) ? beside : fileURLToPath(new URL(`../../dist/${name}.mjs`, import.meta.url));
}

/** What the parties must know of a demo. `base` is the server's address; `broken`: the bot fails on purpose. */
export function configsOf(
  demo: WholeDemo,
  base: string,
  broken: boolean,
): { bot: DemoBotConfig; desk: DemoDeskConfig } {
  return {
    bot: {
      hookUrl: demo.bot.hook_url,
      verificationToken: demo.bot.verification_token,
      signingSecret: demo.bot.signing_secret,
      broken,
      mailbox: {
        signingSecret: demo.asset.signing_secret,
        key: demo.mailbox_key,
        hookUrl: `${base}/hooks/channels/${demo.asset.id}`,
        secret: demo.asset.secret,
      },
    },
    desk: { hookUrl: demo.desk.hook_url, secret: demo.desk.secret, signingSecret: demo.desk.signing_secret },
  };
}
