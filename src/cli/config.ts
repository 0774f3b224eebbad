// `signalbox config`: the settings as they would be used, and with --explain where each comes from.
// Not here: reading them (src/settings/settings.ts).
// The one thing to know: it checks as `start` would, so that a deployment can ask before it restarts.
import { Command, Option } from 'commander';
import type { Mode } from '../settings/settings.ts';
import { flagsOf, settingsOf, withSettings } from './options.ts';
import { out, outJson, table } from './output.ts';

type Options = { explain?: boolean; json?: boolean; mode: Mode };

export function configCommand(): Command {
  const command = new Command('config')
    .description('show and check the settings')
    .option('--explain', 'with the source and the meaning of each')
    .option('--json', 'as JSON')
    .addOption(
      new Option('--mode <mode>', 'as `dev` or as `start` would see them').choices(['dev', 'start']).default('start'),
    );
  return withSettings(command).action((options: Options & Record<string, unknown>) => {
    const { explained } = settingsOf(options.mode, flagsOf(options));
    if (options.json === true) {
      outJson(explained);
      return;
    }
    const rows = explained.map((line) =>
      options.explain === true
        ? [line.name, line.value || '(empty)', line.source, line.env, line.meaning.replaceAll('`', '')]
        : [line.name, line.value || '(empty)'],
    );
    const head = options.explain === true ? [['SETTING', 'VALUE', 'SOURCE', 'VARIABLE', 'MEANING']] : [];
    out(table([...head, ...rows]));
  });
}
