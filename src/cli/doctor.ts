// `signalbox doctor`: looks at everything a start depends on, and says what to mend.
// Not here: the checks (doctor-checks.ts).
// The one thing to know: it changes nothing, also beside a running server; it exits 1 when a check failed.
import { Command, Option } from 'commander';
import { dataFolder } from '../settings/data-folder.ts';
import { type Mode, readSettings } from '../settings/settings.ts';
import { type Check, checks } from './doctor-checks.ts';
import { EXIT, Stop } from './exit.ts';
import { flagsOf, withSettings } from './options.ts';
import { out, outJson, paint, wantsColour } from './output.ts';

const MARKS = { ok: ['ok', 'green'], warn: ['warning', 'yellow'], bad: ['FAILED', 'red'] } as const;
const MARK_WIDTH = 8;

export function doctorCommand(): Command {
  const command = new Command('doctor')
    .description('check the machine, the settings and the data folder')
    .option('--json', 'as JSON')
    .addOption(
      new Option('--mode <mode>', 'settings as of `dev` or `start`').choices(['dev', 'start']).default('start'),
    );
  return withSettings(command).action((options: Record<string, unknown>) => doctor(options));
}

async function doctor(options: Record<string, unknown>): Promise<void> {
  const mode = options.mode as Mode;
  const read = readSettings({
    mode,
    flags: flagsOf({ ...options, mode: undefined }),
    env: process.env,
    folder: process.cwd(),
  });
  const list: Check[] = read.ok
    ? [{ name: 'settings', state: 'ok', detail: 'all read' }]
    : read.problems.map((problem) => ({ name: 'settings', state: 'bad', detail: problem }));
  if (read.ok) list.push(...(await checks(read.settings, dataFolder(read.settings.data))));
  if (options.json === true) outJson({ ok: list.every((check) => check.state !== 'bad'), checks: list });
  else show(list);
  const failed = list.filter((check) => check.state === 'bad').length;
  if (failed > 0) throw new Stop(EXIT.failed, `${failed} of ${list.length} checks failed.`);
}

function show(list: Check[]): void {
  const tint = paint(wantsColour(process.stdout));
  const width = Math.max(...list.map((check) => check.name.length));
  for (const { name, state, detail } of list) {
    const [word, colour] = MARKS[state];
    out(`${tint(colour, word.padEnd(MARK_WIDTH))} ${name.padEnd(width)}  ${detail}`);
  }
}
