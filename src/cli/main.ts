// The command `signalbox`: its subcommands, its help, and how it ends.
// Not here: what each does; one file per command.
// The one thing to know: expected ends are Stop errors and show one sentence; wrong usage exits 64.
import { Command, CommanderError } from 'commander';
import { backupCommand } from './backup.ts';
import { chatCommand } from './chat.ts';
import { configCommand } from './config.ts';
import { devCommand } from './dev.ts';
import { doctorCommand } from './doctor.ts';
import { EXIT, Stop } from './exit.ts';
import { keysCommand } from './keys.ts';
import { moveCommand } from './move.ts';
import { complain, paint, wantsColour } from './output.ts';
import { restoreCommand } from './restore.ts';
import { startCommand } from './start.ts';
import { usersCommand } from './users.ts';
import { VERSION } from './version.ts';

const EXIT_CODES = `
Exit codes:
  0   done
  1   it was tried and did not work
  64  the command line is wrong
  69  no running Signalbox to talk to
  78  the settings are wrong

Settings come from flags, then the environment, then signalbox.yaml, then defaults: signalbox config --explain`;

function program(): Command {
  const command = new Command('signalbox')
    .description('Self-hosted chat engine: decides who answers a customer, a bot or a human, and delivers it')
    .version(VERSION, '--version')
    .helpOption('--help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .showSuggestionAfterError()
    .addHelpText('after', EXIT_CODES);
  const subcommands = [
    devCommand(),
    startCommand(),
    chatCommand(),
    doctorCommand(),
    configCommand(),
    keysCommand(),
    usersCommand(),
    backupCommand(),
    restoreCommand(),
    moveCommand(),
  ];
  for (const each of subcommands) command.addCommand(quiet(each));
  return quiet(command);
}

/** commander ends the process by itself, with 1 for wrong usage; here it throws, and one place decides. */
function quiet(command: Command): Command {
  for (const each of command.commands) quiet(each);
  return command.helpOption('--help', 'show help').exitOverride();
}

async function run(): Promise<void> {
  const command = program();
  if (process.argv.length <= 2) {
    command.outputHelp();
    return;
  }
  await command.parseAsync(process.argv);
}

// Everything this program writes holds customers' words or secrets.
process.umask(0o077);

run().catch((error: unknown) => {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  } else if (error instanceof Stop) {
    complain(paint(wantsColour(process.stderr))('red', error.message));
    process.exitCode = error.code;
  } else {
    complain((error as Error).stack ?? String(error));
    process.exitCode = EXIT.failed;
  }
  // What a half-started server left open must not keep the process.
  if (process.exitCode !== EXIT.ok) process.exit();
});
