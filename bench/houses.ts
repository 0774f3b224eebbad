// The stores that `growth` measures: filled by SQL, open in this process, with the real decisions.
// Not here: what is done in them (growth.ts). The one thing to know: one on PostgreSQL is filled as a SQLite and moved by the
// product's own move, each into a database of its own in one cluster, and vacuumed as one that is not new has been.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import * as port from '../src/engine/store-port.ts';
import { toBot, worldOf } from '../src/routing/fixtures/world.ts';
import { decide } from '../src/routing/route.ts';
import { newId } from '../src/settings/ids.ts';
import { moveToPostgres } from '../src/store/move/move.ts';
import { openPostgres } from '../src/store/postgres/open.ts';
import { createSqliteCore, type SqliteCore } from '../src/store/sqlite/core.ts';
import { fillMany, type Size } from '../src/store/sqlite/fixtures/many.ts';
import { remember } from './fill.ts';
import type { Databases } from './servers.ts';
import { shown } from './table.ts';

export const CUSTOMERS = 10_000;
const MESSAGES_PER_THREAD = 30;
export const [ASSET, BOT, SERVICE] = ['ast', 'A', 'svc'] as const;

const world = worldOf({
  bots: { [BOT]: { settings: { max_per_minute: 1_000_000 } } },
  desks: {},
  rules: [{ on: 'message.received', do: toBot(BOT) }],
});
const deciding = {
  ...{ decide, now: Date.now, newId, random: Math.random },
  onError: (error: unknown) => {
    throw error;
  },
};

export type House = {
  name: string;
  size: Size;
  apply: port.Store['apply'];
  close(): Promise<void>;
  cpuUs: number[];
  wallUs: number[];
};

export const openCore = (file: string): SqliteCore => createSqliteCore({ ...deciding, file });

/** `databases`: keeps it there; undefined: in SQLite. */
export async function build(folder: string, name: string, messages: number, databases?: Databases): Promise<House> {
  const file = join(folder, `${name}.db`);
  const size = { messages, threads: Math.max(CUSTOMERS, Math.ceil(messages / MESSAGES_PER_THREAD)) };
  openCore(file).close();
  const from = performance.now();
  fillMany(file, { assetId: ASSET, botId: BOT, serviceId: SERVICE }, Date.now(), size);
  remember(file);
  const mb = statSync(file).size / 2 ** 20;
  const made = databases === undefined ? inSqlite(file) : await inPostgres(file, databases);
  const took = (performance.now() - from) / 1_000;
  console.log(`${messages} messages of ${size.threads} customers: ${shown(mb, 0)} MB, filled in ${shown(took)} s`);
  return { name, size, ...made, cpuUs: [], wallUs: [] };
}

type Made = Pick<House, 'apply' | 'close'>;

function inSqlite(file: string): Made {
  const core = openCore(file);
  core.setWorld(world);
  return { apply: async (inputs) => core.apply(inputs), close: async () => core.close() };
}

async function inPostgres(file: string, databases: Databases): Promise<Made> {
  const url = databases.database();
  await moveToPostgres({ file, url, aside: `${file}.moved`, tell: () => undefined });
  databases.sql(url, 'VACUUM ANALYZE');
  const store = await openPostgres({ ...deciding, url, errors: port });
  await store.setWorld(world);
  return { apply: (inputs) => store.apply(inputs), close: () => store.close() };
}
