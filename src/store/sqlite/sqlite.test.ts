// SQLite against the conformance suite.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as errors from '../../engine/store-port.ts';
import { storeConformance } from '../conformance.ts';
import { openSqlite } from './open.ts';

storeConformance('SQLite', async ({ onError, ...run }) => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-store-'));
  const open = () => openSqlite({ file: join(folder, 'signalbox.db'), errors, onError, run });
  let store = await open();
  return {
    store,
    reopen: async () => {
      await store.close();
      store = await open();
      return store;
    },
    destroy: async () => {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
});
