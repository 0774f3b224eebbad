// `signalbox users`: who may sign in to the console, and links for those who cannot.
// Not here: what a link does (src/http/api/session.ts).
// The one thing to know: as with keys, it goes over the API of a running Signalbox, and writes the store of one that
// stands; whoever may read the data folder is never locked out.
import { Command } from 'commander';
import { ROLES, type Role } from '../http/access.ts';
import { dataFolder } from '../settings/data-folder.ts';
import type { Api, ApiAnswer } from './api.ts';
import { EXIT, Stop } from './exit.ts';
import { flagsOf, settingsOf, withSettings } from './options.ts';
import { out, outJson, safe, table } from './output.ts';
import { apiOf, findRunning } from './running.ts';

export type UserLine = {
  id: string;
  name: string;
  email: string | null;
  role: string;
  has_password: boolean;
  last_seen_at: string | null;
};
export type WayIn = { url: string; expires_at: string };
export type Users = {
  list(): Promise<UserLine[]>;
  add(user: { name: string; email: string; role: Role }): Promise<UserLine>;
  link(user: UserLine): Promise<WayIn>;
};

type Options = Record<string, unknown> & { json?: boolean };

export function usersCommand(): Command {
  const command = new Command('users').description('who may sign in to the console');
  const add = (each: Command): void =>
    void command.addCommand(withSettings(each.option('--json', 'as JSON'), ['data', 'port', 'public-url']));
  add(new Command('list').description('list the users').action(list));
  add(
    new Command('add')
      .description('add a user and make a one-time link, with which they choose a password')
      .argument('<email>', 'their e-mail address')
      .requiredOption('--role <role>', `one of ${ROLES.join(', ')}`)
      .option('--name <name>', 'what they are called (default: the e-mail address)')
      .action(addUser),
  );
  add(
    new Command('link')
      .description('make a one-time link for a user who cannot sign in; it replaces their older ones')
      .argument('<who>', 'id or e-mail address')
      .action(link),
  );
  return command;
}

async function withUsers<T>(options: Options, work: (users: Users) => Promise<T>): Promise<T> {
  const { settings } = settingsOf('start', flagsOf(options));
  const data = dataFolder(settings.data);
  const running = findRunning(data);
  if (running !== null) return work(apiUsers(apiOf(running, settings)));
  const { standingUsers } = await import('./standing-users.ts');
  const standing = await standingUsers(settings, data);
  try {
    return await work(standing);
  } finally {
    await standing.close();
  }
}

async function list(options: Options): Promise<void> {
  const lines = await withUsers(options, (users) => users.list());
  if (options.json === true) outJson(lines);
  else if (lines.length === 0) out('There is no user.');
  else {
    const rows = lines.map((line) => [
      line.id,
      safe(line.name),
      line.email ?? '',
      line.role,
      line.has_password ? (line.last_seen_at ?? 'never seen') : 'no password yet',
    ]);
    out(table([['ID', 'NAME', 'E-MAIL', 'ROLE', 'LAST SEEN'], ...rows]));
  }
}

async function addUser(email: string, options: Options): Promise<void> {
  const role = ROLES.find((each) => each === options.role);
  if (role === undefined) throw new Stop(EXIT.usage, `There is no role ${String(options.role)}: ${ROLES.join(', ')}.`);
  const name = typeof options.name === 'string' ? options.name : email;
  await withUsers(options, async (users) => {
    const user = await users.add({ name, email, role });
    show(user, await users.link(user), options);
  });
}

async function link(who: string, options: Options): Promise<void> {
  await withUsers(options, async (users) => {
    const wanted = who.toLowerCase();
    const user = (await users.list()).find((each) => each.id === who || each.email?.toLowerCase() === wanted);
    if (user === undefined) throw new Stop(EXIT.failed, `There is no user ${who}. See: signalbox users list`);
    show(user, await users.link(user), options);
  });
}

function show(user: UserLine, way: WayIn, options: Options): void {
  if (options.json === true) outJson({ id: user.id, ...way });
  else out(`${user.id}\n${way.url}\nIt works once, until ${way.expires_at}, and is not shown again.`);
}

/** The users of a running Signalbox. */
function apiUsers(api: Api): Users {
  const must = async (answer: Promise<ApiAnswer>): Promise<ApiAnswer> => {
    const got = await answer;
    if (!got.ok) throw new Stop(got.status === 0 ? EXIT.unavailable : EXIT.failed, got.problem);
    return got;
  };
  return {
    async list() {
      const lines: UserLine[] = [];
      for (let after = ''; ; ) {
        const { body } = await must(api.get(`/users?limit=100${after}`));
        lines.push(...(body.data as UserLine[]));
        if (typeof body.next_cursor !== 'string') return lines;
        after = `&after=${encodeURIComponent(body.next_cursor)}`;
      }
    },
    add: async (user) => (await must(api.post('/users', user))).body as UserLine,
    link: async ({ id }) => (await must(api.post(`/users/${encodeURIComponent(id)}/invitation`, {}))).body as WayIn,
  };
}
