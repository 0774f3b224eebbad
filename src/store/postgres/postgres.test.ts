// PostgreSQL against the conformance suite, in a cluster of the tests' own.
import { afterAll, beforeAll } from 'vitest';
import { type Postgres, startPostgres } from '../../../test/parties/postgres.ts';
import * as errors from '../../engine/store-port.ts';
import { storeConformance } from '../conformance.ts';
import { openPostgres } from './open.ts';

let postgres: Postgres;
let schemas = 0;
let database = '';
beforeAll(async () => {
  postgres = await startPostgres();
  database = postgres.database();
}, 60_000);
afterAll(() => postgres.remove());

storeConformance('PostgreSQL', async (deciding) => {
  const schema = `test_${++schemas}`;
  postgres.sql(database, `CREATE SCHEMA ${schema}`);
  const url = `${database}?options=${encodeURIComponent(`-c search_path=${schema}`)}`;
  const open = () => openPostgres({ ...deciding, url, errors });
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
      postgres.sql(database, `DROP SCHEMA ${schema} CASCADE`);
    },
  };
});
