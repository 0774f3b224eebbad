// Whether a PostgreSQL can be used, for `signalbox doctor`: looked at beside a running server, nothing is changed.
// Not here: the lock, and the making of the schema (guard.ts). The one thing to know: the sentence never has the URL,
// which holds a password.
import { Link } from './connection.ts';
import { checkServer } from './guard.ts';
import { MIGRATIONS } from './schema.ts';

export async function checkPostgres(url: string): Promise<{ ok: boolean; detail: string }> {
  let link: Link | undefined;
  try {
    link = await Link.open(url);
    await checkServer(link);
    const { rows } = await link.query("SELECT version(), to_regclass('schema_version') IS NOT NULL AS made");
    const server = String(rows[0]?.version).split(' ').slice(0, 2).join(' ');
    if (rows[0]?.made !== true) return { ok: true, detail: `${server}; the tables are made at the first start` };
    const version = Number((await link.query('SELECT version FROM schema_version')).rows[0]?.version ?? 0);
    return version > MIGRATIONS.length
      ? { ok: false, detail: `${server}: it was written by a newer Signalbox (schema ${version})` }
      : { ok: true, detail: `${server}, schema ${version}` };
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message : String(error) };
  } finally {
    await link?.end();
  }
}
