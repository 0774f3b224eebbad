// `signalbox start`: production. No demo data, nothing private reached unless listed, JSON lines on stdout.
// Not here: what it shares with `dev` (serve.ts).
// The one thing to know: without SIGNALBOX_API_KEY the command line gets a key for this run, in running.json.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { Command } from 'commander';
import type { Logger } from 'pino';
import type { Signalbox } from '../main.ts';
import { dataFolder } from '../settings/data-folder.ts';
import { flagsOf, settingsOf, withSettings } from './options.ts';
import { out } from './output.ts';

export function startCommand(): Command {
  const command = new Command('start').description('run Signalbox');
  return withSettings(command).action((options: Record<string, unknown>) => start(options));
}

async function start(options: Record<string, unknown>): Promise<void> {
  const { settings, explained } = settingsOf('start', flagsOf(options));
  const runKey = settings.apiKey === null ? randomBytes(32).toString('base64url') : null;
  const { serve } = await import('./serve.ts'); // the whole program: only now
  await serve({ ...settings, apiKey: settings.apiKey ?? runKey }, explained, runKey, {
    async ready(signalbox, log) {
      const sentence = `Signalbox is ready: ${signalbox.url}`;
      if (log.isLevelEnabled('info')) log.info({ url: signalbox.url }, sentence);
      else out(sentence); // the ready line is part of the contract, whatever the log's level
      const demo = dataFolder(settings.data).demo;
      if (settings.publicUrl === null) {
        log.warn(`SIGNALBOX_PUBLIC_URL is not set: the hook URLs handed out begin with ${signalbox.url}.`);
      }
      if (existsSync(demo)) {
        log.warn(`This data folder holds the demo of \`signalbox dev\`, whose parties do not run now (${demo}).`);
      }
      if (settings.apiKey === null && !signalbox.hasKeys()) {
        log.warn('There is no API key yet. Make one with: signalbox keys create NAME --role owner');
      }
      await showWayIn(signalbox, log);
    },
  });
}

/** For whoever watches the start. The link is a secret: it is printed as it is and never stands in a line of the log. */
async function showWayIn(signalbox: Signalbox, log: Logger): Promise<void> {
  try {
    const link = await signalbox.wayIn();
    if (link === null) return;
    log.warn(
      'Nobody can sign in to the console yet. The link for the first owner is printed below; it is good for one hour.',
    );
    out(`Console, for its first owner: ${link}`);
  } catch (err) {
    // A full disk, most likely. The traffic goes on.
    log.warn({ err }, 'No link for the first owner could be made. `signalbox users add` makes one later.');
  }
}
