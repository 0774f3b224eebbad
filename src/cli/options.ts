// The options that name settings, shared by all commands that need them.
// Not here: what the settings mean (src/settings/definitions.ts).
// The one thing to know: whoever asks for the settings gets good ones or the process ends with 78, all mistakes told.
import type { Command } from 'commander';
import { DEFINITIONS, NAMES } from '../settings/definitions.ts';
import { type Explained, type Mode, readSettings, SETTINGS_FILE, type Settings } from '../settings/settings.ts';
import { EXIT, Stop } from './exit.ts';
import { complain } from './output.ts';

export type SettingFlags = Record<string, string | undefined>;

/** Adds the options of settings, all of them or those named. */
export function withSettings(command: Command, flags?: readonly string[]): Command {
  for (const name of NAMES) {
    const { flag, meaning, fallbackNote } = DEFINITIONS[name];
    if (flag === null || (flags !== undefined && !flags.includes(flag))) continue;
    command.option(`--${flag} <value>`, `${meaning} (default: ${fallbackNote})`.replaceAll('`', ''));
  }
  return command.option('--config <file>', `settings file (default: ${SETTINGS_FILE}, if it is there)`);
}

/** commander names options in camelCase; the settings know them as they are typed. */
export function flagsOf(options: Record<string, unknown>): SettingFlags {
  const flags: SettingFlags = {};
  for (const [name, value] of Object.entries(options)) {
    if (typeof value === 'string') flags[name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)] = value;
  }
  return flags;
}

/** The settings, or the end of the process. Warnings go to stderr. */
export function settingsOf(mode: Mode, flags: SettingFlags): { settings: Settings; explained: Explained[] } {
  const read = readSettings({ mode, flags, env: process.env, folder: process.cwd() });
  if (!read.ok) {
    const list = read.problems.map((problem) => `  - ${problem}`).join('\n');
    throw new Stop(EXIT.settings, `The settings are wrong:\n${list}`);
  }
  for (const warning of read.warnings) complain(`warning: ${warning}`);
  return read;
}
