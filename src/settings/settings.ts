// Reads the settings: flags, then the environment, then signalbox.yaml, then defaults.
// Not here: what each setting is (definitions.ts).
// The one thing to know: every mistake is found and told at once, and each value knows where it came from.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { DEFINITIONS, type Definition, type Mode, NAMES, type Settings } from './definitions.ts';

export type { Mode, Settings } from './definitions.ts';

export const SETTINGS_FILE = 'signalbox.yaml';
/** A settings or secret file larger than this is the wrong file. */
const FILE_BYTES_MAX = 256 * 1024;

export type SettingsInput = {
  mode: Mode;
  /** by the long option's name (`public-url`), plus `config`: the file to read, which must then exist */
  flags: Readonly<Record<string, string | undefined>>;
  env: Readonly<Record<string, string | undefined>>;
  folder: string;
};
/** One line of `config --explain`. `value` is masked when secret. */
export type Explained = { name: string; env: string; value: string; source: string; meaning: string };
export type SettingsRead =
  | { ok: true; settings: Settings; explained: Explained[]; warnings: string[] }
  | { ok: false; problems: string[] };

type Found = { text: string | null; source: string };

/** Variables that other parts of the program read. */
const OTHER_VARIABLES = ['SIGNALBOX_TEST_CLOCK'];
/** Kubernetes puts such variables into every pod beside a service called signalbox. */
const SERVICE_LINK = /^SIGNALBOX_(SERVICE_|PORT_\d+_)/;

/** Reads and checks all settings. Never throws for what an operator wrote. */
export function readSettings(input: SettingsInput): SettingsRead {
  const problems: string[] = [];
  const file = readFileLayer(input, problems);
  const values: Record<string, unknown> = { mode: input.mode };
  const explained: Explained[] = [];
  for (const name of NAMES) {
    const definition = DEFINITIONS[name];
    const found = find(definition, input, file, problems);
    values[name] = found.text === null ? null : check(definition, found, input.mode, problems);
    explained.push(explain(definition, found));
  }
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, settings: values as Settings, explained, warnings: unknownVariables(input.env) };
}

/** Looks a setting up in each place, in order. Empty text counts as not set, as compose files write it. */
function find(definition: Definition, input: SettingsInput, file: Record<string, string>, problems: string[]): Found {
  const flag = definition.flag === null ? undefined : input.flags[definition.flag];
  if (flag !== undefined) return { text: flag, source: `flag --${definition.flag}` };
  const direct = input.env[definition.env] ?? '';
  const path = definition.secret ? (input.env[`${definition.env}_FILE`] ?? '') : '';
  if (direct !== '' && path !== '')
    problems.push(`${definition.env} and ${definition.env}_FILE are both set; keep one`);
  if (direct !== '') return { text: direct, source: `environment ${definition.env}` };
  if (path !== '') {
    return { text: readSecretFile(definition.env, path, problems), source: `environment ${definition.env}_FILE` };
  }
  const written = file[definition.key];
  if (written !== undefined && written !== '')
    return { text: written, source: `file ${input.flags.config ?? SETTINGS_FILE}` };
  return { text: definition.fallback(input.mode), source: 'default' };
}

function check(definition: Definition, found: Found, mode: Mode, problems: string[]): unknown {
  const result = definition.schema(mode).safeParse(found.text);
  if (result.success) return result.data;
  const shown = definition.secret ? '' : ` ${JSON.stringify(found.text)}`;
  const place = found.source.replace(/^(flag|environment) /, '').replace(/^file (.*)/, `${definition.key} in $1`);
  for (const issue of result.error.issues) problems.push(`${place}:${shown} ${issue.message}`);
  return null;
}

function explain(definition: Definition, found: Found): Explained {
  const text = found.text ?? '';
  const value = definition.secret && text !== '' ? '(set, not shown)' : text;
  return { name: definition.key, env: definition.env, value, source: found.source, meaning: definition.meaning };
}

/** A container's secret: the file's text without the line end. */
function readSecretFile(env: string, path: string, problems: string[]): string | null {
  const read = readSmallFile(path);
  if (read.ok) return read.text.replace(/\r?\n$/, '');
  problems.push(`${env}_FILE: ${path} ${read.problem}`);
  return null;
}

/** The settings file as flat texts. A file that was not asked for may be missing. */
function readFileLayer(input: SettingsInput, problems: string[]): Record<string, string> {
  const name = input.flags.config ?? SETTINGS_FILE;
  const read = readSmallFile(resolve(input.folder, name));
  if (!read.ok) {
    if (input.flags.config !== undefined || !read.missing) problems.push(`${name}: ${read.problem}`);
    return {};
  }
  let tree: unknown;
  try {
    tree = parseYaml(read.text) ?? {};
  } catch (error) {
    problems.push(`${name}: is not YAML: ${String((error as Error).message).split('\n')[0]}`);
    return {};
  }
  if (typeof tree !== 'object' || tree === null || Array.isArray(tree)) {
    problems.push(`${name}: must be a list of "name: value" lines`);
    return {};
  }
  return flatTexts(name, tree as Record<string, unknown>, problems);
}

function flatTexts(name: string, tree: Record<string, unknown>, problems: string[]): Record<string, string> {
  const keys = NAMES.map((each) => DEFINITIONS[each].key);
  const texts: Record<string, string> = {};
  for (const [key, value] of Object.entries(tree)) {
    const items: unknown[] = Array.isArray(value) ? value : [value ?? ''];
    if (!keys.includes(key)) problems.push(`${name}: ${key} is no setting; there are ${keys.join(', ')}`);
    else if (items.some((item) => item !== null && typeof item === 'object'))
      problems.push(`${name}: ${key} must be one value`);
    else texts[key] = items.map(String).join(',');
  }
  return texts;
}

/** Misspelt variables would be ignored in silence. */
function unknownVariables(env: SettingsInput['env']): string[] {
  const definitions = Object.values(DEFINITIONS);
  const known = new Set([...OTHER_VARIABLES, ...definitions.map((each) => each.env)]);
  for (const each of definitions) if (each.secret) known.add(`${each.env}_FILE`);
  return Object.keys(env)
    .filter((name) => name.startsWith('SIGNALBOX_') && !known.has(name) && !SERVICE_LINK.test(name))
    .map((name) => `${name} is set but is no setting; see signalbox config --explain`);
}

type SmallFile = { ok: true; text: string } | { ok: false; missing: boolean; problem: string };

function readSmallFile(path: string): SmallFile {
  try {
    const text = readFileSync(path, 'utf8');
    if (text.length > FILE_BYTES_MAX) return { ok: false, missing: false, problem: 'is far too large' };
    return { ok: true, text };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return {
      ok: false,
      missing: code === 'ENOENT',
      problem: code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`,
    };
  }
}
