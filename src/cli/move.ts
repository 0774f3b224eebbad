// `signalbox move`: everything from the SQLite of the data folder to the PostgreSQL of SIGNALBOX_DATABASE_URL.
// Not here: the moving and its proof (src/store/move).
// The one thing to know: the URL has a password and a process list shows options to everybody, so it comes from the
// setting that `start` reads afterwards, and from no option. Master key and uploaded files stay in the data folder.
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { Command } from 'commander';
import { dataFolder } from '../settings/data-folder.ts';
import { type Moved, MoveStopped, moveToPostgres, type Tell } from '../store/move/move.ts';
import { Away } from '../store/postgres/failure.ts';
import { StoreFailure } from '../store/sqlite/failure.ts';
import { EXIT, Stop } from './exit.ts';
import { flagsOf, settingsOf, withSettings } from './options.ts';
import { complain, out, outJson, table } from './output.ts';

/** What takes no longer than this needs no telling. */
const TELL_EVERY_MS = 2_000;
const WHAT_STAYS =
  'The master key and the uploaded files stay in the data folder: keep it, and start Signalbox with the same SIGNALBOX_DATABASE_URL.';

export function moveCommand(): Command {
  const command = new Command('move')
    .description('move everything from SQLite to the empty PostgreSQL of SIGNALBOX_DATABASE_URL; Signalbox must stand')
    .option('--json', 'as JSON');
  return withSettings(command, ['data']).action((options: Record<string, unknown>) => move(options));
}

async function move(options: Record<string, unknown>): Promise<void> {
  const { settings } = settingsOf('start', flagsOf(options));
  const url = settings.databaseUrl;
  if (url === null)
    throw new Stop(EXIT.settings, 'Set SIGNALBOX_DATABASE_URL to the PostgreSQL that the data move to.');
  const { database, folder } = dataFolder(settings.data);
  if (!existsSync(database)) throw new Stop(EXIT.failed, `There is no SQLite database in ${folder}.`);
  const aside = `${database}.moved-${new Date().toISOString().replace(/[:.]/g, '-')}`;
  try {
    const moved = await moveToPostgres({ file: database, url, aside, tell: telling() });
    report(options, moved, aside);
  } catch (error) {
    if (error instanceof MoveStopped || error instanceof Away || error instanceof StoreFailure) {
      throw new Stop(EXIT.failed, error.message);
    }
    throw error;
  }
}

/** Says now and then how far it is, on stderr. */
function telling(): Tell {
  let last = performance.now();
  return (step, name, rows, of) => {
    if (performance.now() - last < TELL_EVERY_MS) return;
    last = performance.now();
    complain(`${step} ${name}: ${rows} of ${of}`);
  };
}

function report(options: Record<string, unknown>, { tables, already }: Moved, aside: string): void {
  if (options.json === true) {
    outJson({ moved: !already, set_aside: aside, tables });
    return;
  }
  const lines = tables.map(({ table: name, rows, checksum }) => [name, String(rows), checksum]);
  out(table([['table', 'rows', 'checksum, the same on both sides'], ...lines]));
  out(already ? 'PostgreSQL had all of it already, from a move before.' : 'PostgreSQL has all of it.');
  out(`The SQLite database is now ${basename(aside)}.\n${WHAT_STAYS}`);
}
