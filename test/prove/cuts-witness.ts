// A witness in the database itself: it writes down each transaction of a process that another has taken over from. It looks
// at the end of a transaction, where the program's own fence stands at the beginning.
// Not here: the strikes (cuts.ts). The one thing to know: a witness that never saw anything proves nothing; so in the end it is
// shown such a write, made by hand past the fence.
import pg from 'pg';
import { until } from '../parties/call.ts';
import type { Postgres } from '../parties/postgres.ts';

const WITNESS = `
CREATE TABLE stale_writes (process bigint, holder bigint, batch bigint);
CREATE FUNCTION note_stale_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO stale_writes VALUES (NEW.id, NEW.holder, NEW.batch);
  RETURN NULL;
END $$;
CREATE TRIGGER note_stale_write AFTER UPDATE OF batch ON processes
  FOR EACH ROW WHEN (NEW.holder <> NEW.id) EXECUTE FUNCTION note_stale_write();`;

export const setWitness = (postgres: Postgres, url: string): void => void postgres.sql(url, WITNESS);
export const writesOfStaleOwners = (postgres: Postgres, url: string): number =>
  Number(postgres.sql(url, 'SELECT count(*) FROM stale_writes').trim());

/** Writes as one that was taken over from would; false: nobody was, or it was not seen. Ask when all is counted. */
export function witnessSees(postgres: Postgres, url: string): boolean {
  const before = writesOfStaleOwners(postgres, url);
  postgres.sql(url, 'UPDATE processes SET batch = batch + 1 WHERE id > 0 AND holder <> id');
  return writesOfStaleOwners(postgres, url) > before;
}

/** Watches who lives: `next` resolves to when one of those that live now was taken over from, by this process's clock. */
export async function watchLeases(url: string) {
  const client = new pg.Client(url);
  await client.connect();
  const ask = async (sql: string, values: unknown[] = []) => (await client.query(sql, values)).rows;
  return {
    next: async (withinMs: number): Promise<{ taken(): Promise<number | undefined>; stop(): void }> => {
      const living = (await ask('SELECT id FROM leases')).map(({ id }) => id);
      const gone = 'SELECT 1 FROM processes WHERE id = ANY($1) AND holder <> id';
      let over = false;
      const seen = until(
        'one is taken over from',
        async () => over || (await ask(gone, [living])).length > 0,
        withinMs,
      );
      const at = seen.then(() => (over ? undefined : performance.now()));
      const stop = (): void => {
        over = true;
      };
      return { taken: () => at, stop };
    },
    end: () => client.end(),
  };
}
