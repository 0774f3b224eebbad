// `signalbox keys`: make, list and revoke API keys; give the vault a new master key.
// Not here: what a role may do (src/http/access.ts).
// The one thing to know: beside a running Signalbox they go over its API, with the key from running.json; while it
// stands they write the store themselves, under its lock. The master key is changed only while it stands.
import { Command } from 'commander';
import { ROLES, type Role } from '../http/access.ts';
import { type DataFolder, dataFolder } from '../settings/data-folder.ts';
import type { Settings } from '../settings/settings.ts';
import type { Api, ApiAnswer } from './api.ts';
import { EXIT, Stop } from './exit.ts';
import { flagsOf, settingsOf, withSettings } from './options.ts';
import { out, outJson, table } from './output.ts';
import { apiOf, findRunning } from './running.ts';
import type { KeyLine } from './standing-keys.ts';

export type Keys = {
  create(name: string, role: Role): Promise<{ id: string; key: string }>;
  list(): Promise<KeyLine[]>;
  revoke(id: string): Promise<void>;
};

type Options = Record<string, unknown> & { json?: boolean };

export function keysCommand(): Command {
  const command = new Command('keys').description('API keys, and the master key');
  const add = (each: Command): void =>
    void command.addCommand(withSettings(each.option('--json', 'as JSON'), ['data']));
  add(
    new Command('create')
      .description('make an API key; it is shown once')
      .argument('<name>', 'what it is for')
      .requiredOption('--role <role>', `one of ${ROLES.join(', ')}`)
      .action(create),
  );
  add(new Command('list').description('list the API keys').action(list));
  add(new Command('revoke').description('take an API key away').argument('<id>', 'its id, key_…').action(revoke));
  add(
    new Command('rotate-master')
      .description('seal all secrets with a new master key; Signalbox must stand')
      .action(async (options: Options) => {
        const { rotateMaster } = await import('./rotate-master.ts');
        await rotateMaster(...placeOf(options), options.json === true);
      }),
  );
  return command;
}

function placeOf(options: Options): [Settings, DataFolder] {
  const { settings } = settingsOf('start', flagsOf(options));
  return [settings, dataFolder(settings.data)];
}

async function withKeys<T>(options: Options, work: (keys: Keys) => Promise<T>): Promise<T> {
  const [settings, data] = placeOf(options);
  const running = findRunning(data);
  if (running !== null) return work(apiKeys(apiOf(running, settings)));
  const { standingKeys } = await import('./standing-keys.ts');
  const standing = await standingKeys(settings, data);
  try {
    return await work(standing);
  } finally {
    await standing.close();
  }
}

async function create(name: string, options: Options): Promise<void> {
  const role = ROLES.find((each) => each === options.role);
  if (role === undefined) throw new Stop(EXIT.usage, `There is no role ${String(options.role)}: ${ROLES.join(', ')}.`);
  const made = await withKeys(options, (keys) => keys.create(name, role));
  if (options.json === true) outJson(made);
  else out(`${made.id}\n${made.key}\nIt is not shown again.`);
}

async function list(options: Options): Promise<void> {
  const lines = await withKeys(options, (keys) => keys.list());
  if (options.json === true) outJson(lines);
  else if (lines.length === 0) out('There is no API key.');
  else {
    const rows = lines.map((line) => [line.id, line.name, line.role, `${line.prefix}…${line.last4}`, line.created_at]);
    out(table([['ID', 'NAME', 'ROLE', 'KEY', 'MADE'], ...rows]));
  }
}

async function revoke(id: string, options: Options): Promise<void> {
  await withKeys(options, (keys) => keys.revoke(id));
  if (options.json === true) outJson({ revoked: id });
  else out(`${id} is revoked.`);
}

/** The keys of a running Signalbox. */
function apiKeys(api: Api): Keys {
  const must = async (answer: Promise<ApiAnswer>): Promise<ApiAnswer> => {
    const got = await answer;
    if (!got.ok) throw new Stop(got.status === 0 ? EXIT.unavailable : EXIT.failed, got.problem);
    return got;
  };
  return {
    async create(name, role) {
      const { body } = await must(api.post('/keys', { name, role }));
      return { id: String(body.id), key: String(body.key) };
    },
    async list() {
      const lines: KeyLine[] = [];
      for (let after = ''; ; ) {
        const { body } = await must(api.get(`/keys?limit=100${after}`));
        lines.push(...(body.data as KeyLine[]));
        if (typeof body.next_cursor !== 'string') return lines;
        after = `&after=${encodeURIComponent(body.next_cursor)}`;
      }
    },
    async revoke(id) {
      await must(api.delete(`/keys/${encodeURIComponent(id)}`));
    },
  };
}
