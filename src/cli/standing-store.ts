// Opens the store of a Signalbox that stands, in this process and under the lock of its folder or database.
// Not here: what is done with it.
// The one thing to know: it decides nothing; only configuration is read and written here.
import { existsSync } from 'node:fs';
import * as port from '../engine/store-port.ts';
import { decide } from '../routing/route.ts';
import type { DataFolder } from '../settings/data-folder.ts';
import { newId } from '../settings/ids.ts';
import type { Settings } from '../settings/settings.ts';
import { openPostgres } from '../store/postgres/open.ts';
import { openSqlite } from '../store/sqlite/open.ts';
import { EXIT, Stop } from './exit.ts';
import { complain } from './output.ts';

/** The store, made if need be in a folder that is there; or the end, with the sentence why not (it runs, it is damaged, no rights). */
export async function openStanding({ databaseUrl }: Settings, data: DataFolder): Promise<port.Store> {
  const deciding = { decide, now: Date.now, newId, random: Math.random };
  const onError = (error: unknown): void => complain(String(error));
  try {
    if (databaseUrl !== null) {
      return await openPostgres({ ...deciding, url: databaseUrl, errors: port, onError, alone: true });
    }
    return await openSqlite({
      file: data.database,
      errors: port,
      onError,
      run: deciding,
    });
  } catch (error) {
    if (error instanceof port.StoreUnavailable) throw new Stop(EXIT.failed, error.message);
    throw error;
  }
}

/** Whether there is anything of a Signalbox at all: a database in the folder, or one by URL. */
export const hasStore = ({ databaseUrl }: Settings, data: DataFolder): boolean =>
  databaseUrl !== null || existsSync(data.database);

/** Copies are SQLite's: what is in a PostgreSQL is that server's to copy. */
export function refuseWithPostgres({ databaseUrl }: Settings): void {
  if (databaseUrl === null) return;
  throw new Stop(
    EXIT.failed,
    'The data are in PostgreSQL (SIGNALBOX_DATABASE_URL): copy them with pg_dump, and the data folder with them.',
  );
}
