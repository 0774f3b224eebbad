// Users of a Signalbox that stands: its store is written directly, under its lock.
// Not here: the same over the API of a running one (users.ts).
// The one thing to know: the documents are those of the API (src/http/api/people.ts), and each change is audited.
import type { ConfigDocs } from '../engine/ports.ts';
import type { AuditEntry, ConfigRow } from '../engine/store-port.ts';
import { sameEmail } from '../http/accounts.ts';
import { email as emailShape } from '../http/api/session.ts';
import { linkUrl, newLink, withoutLinks } from '../http/links.ts';
import type { DataFolder } from '../settings/data-folder.ts';
import { newId } from '../settings/ids.ts';
import type { Settings } from '../settings/settings.ts';
import { EXIT, Stop } from './exit.ts';
import { hasStore, openStanding } from './standing-store.ts';
import type { UserLine, Users } from './users.ts';

const ACTOR = 'signalbox users (command line)';

export async function standingUsers(settings: Settings, data: DataFolder): Promise<Users & { close(): Promise<void> }> {
  if (!hasStore(settings, data)) {
    throw new Stop(
      EXIT.failed,
      `There is no database in ${data.folder}: its first start prints the first owner's link.`,
    );
  }
  const store = await openStanding(settings, data);
  const rows = async (kind: string): Promise<ConfigRow[]> =>
    (await store.loadConfig()).rows.filter((row) => row.kind === kind);
  const audit = (action: string, target: string, detail: Record<string, unknown>): AuditEntry => {
    return { id: newId('aud'), at: Date.now(), actor: ACTOR, action, kind: 'user', target, detail };
  };
  const list = async (): Promise<UserLine[]> => (await rows('user')).map(lineOf);
  return {
    close: () => store.close(),
    list,
    async add({ name, email, role }) {
      if (!emailShape.safeParse(email).success) throw new Stop(EXIT.usage, `${email} is no e-mail address.`);
      const other = (await list()).find((each) => each.email !== null && sameEmail(each.email, email));
      if (other !== undefined) throw new Stop(EXIT.failed, `${other.id} has this e-mail address already.`);
      const id = newId('usr');
      const doc: ConfigDocs['user'] = { name, email, role, password: null, last_seen_at: null };
      await store.writeConfig([{ kind: 'user', id, data: doc }], [audit('create', id, { name, role })]);
      return { id, name, email, role, has_password: false, last_seen_at: null };
    },
    async link({ id, has_password }) {
      const purpose = has_password ? 'password_reset' : 'invitation';
      const { token, expiresAt, write } = newLink(purpose, id, Date.now(), newId);
      const older = withoutLinks(await rows('link'), Date.now(), (each) => each.user_id === id);
      await store.writeConfig([write, ...older], [audit('invite', id, { purpose })]);
      const base = settings.publicUrl ?? `http://127.0.0.1:${settings.port}`;
      return { url: linkUrl(base, token), expires_at: new Date(expiresAt).toISOString() };
    },
  };
}

function lineOf({ id, data }: ConfigRow): UserLine {
  const { name, email, role, password, last_seen_at } = data as ConfigDocs['user'];
  const has_password = typeof password === 'string';
  return { id, name, email: email ?? null, role, has_password, last_seen_at: last_seen_at ?? null };
}
