// Opens the store of a Signalbox that stands, in this process and under the folder's lock.
// Not here: what is done with it.
// The one thing to know: it decides nothing; only configuration is read and written here.
import * as port from '../engine/store-port.ts';
import { decide } from '../routing/route.ts';
import type { DataFolder } from '../settings/data-folder.ts';
import { newId } from '../settings/ids.ts';
import { openSqlite } from '../store/sqlite/open.ts';
import { EXIT, Stop } from './exit.ts';
import { complain } from './output.ts';

/** The store, made if need be in a folder that is there; or the end, with the sentence why not (it runs, it is damaged, no rights). */
export async function openStanding(data: DataFolder): Promise<port.Store> {
  try {
    return await openSqlite({
      file: data.database,
      errors: port,
      onError: (error) => complain(String(error)),
      run: { decide, now: Date.now, newId, random: Math.random },
    });
  } catch (error) {
    if (error instanceof port.StoreUnavailable) throw new Stop(EXIT.failed, error.message);
    throw error;
  }
}
