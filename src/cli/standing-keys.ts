// API keys of a Signalbox that stands: its store is written directly, under its lock.
// Not here: the same over the API of a running one (keys.ts).
// The one thing to know: the documents are those of the API (src/http/api/people.ts), and each change is audited.

import { existsSync } from 'node:fs';
import type { ConfigDocs } from '../engine/ports.ts';
import type { AuditEntry } from '../engine/store-port.ts';
import type { Role } from '../http/access.ts';
import { newKey } from '../http/keys.ts';
import { type DataFolder, makeDataFolder } from '../settings/data-folder.ts';
import { newId } from '../settings/ids.ts';
import { loadRing } from '../settings/master-key.ts';
import type { Settings } from '../settings/settings.ts';
import { EXIT, Stop } from './exit.ts';
import type { Keys } from './keys.ts';
import { openStanding } from './standing-store.ts';

export type KeyLine = { id: string; name: string; role: string; prefix: string; last4: string; created_at: string };

const ACTOR = 'signalbox keys (command line)';

export async function standingKeys(settings: Settings, data: DataFolder): Promise<Keys & { close(): Promise<void> }> {
  // A database must never be older than its master key: as in `start`, the key is made first.
  const trouble = makeDataFolder(data);
  if (trouble !== null) throw new Stop(EXIT.failed, trouble);
  const ring = loadRing(data.folder, settings.masterKey, existsSync(data.database));
  if (!ring.ok) throw new Stop(EXIT.settings, ring.problem);
  const store = await openStanding(settings, data);
  const audit = (action: string, target: string, detail: Record<string, unknown>): AuditEntry => {
    return { id: newId('aud'), at: Date.now(), actor: ACTOR, action, kind: 'key', target, detail };
  };
  const rows = async () => (await store.loadConfig()).rows.filter((row) => row.kind === 'key');
  return {
    close: () => store.close(),
    async create(name: string, role: Role) {
      const { key, kept } = newKey();
      const id = newId('key');
      const doc: ConfigDocs['key'] = { name, role, ...kept, last_used_at: null };
      await store.writeConfig([{ kind: 'key', id, data: doc }], [audit('create', id, { name, role })]);
      return { id, key };
    },
    async list() {
      return (await rows()).map(({ id, data: doc, createdAt }) => {
        const { name, role, prefix, last4 } = doc as ConfigDocs['key'];
        return { id, name, role, prefix, last4, created_at: new Date(createdAt).toISOString() };
      });
    },
    async revoke(id) {
      const row = (await rows()).find((each) => each.id === id);
      if (row === undefined) throw new Stop(EXIT.failed, `There is no key ${id}.`);
      const write = { kind: 'key' as const, id, data: null, expectVersion: row.version };
      await store.writeConfig([write], [audit('delete', id, { name: row.data.name })]);
    },
  };
}
