// Lists of threads, newest first, and single threads.
// Not here: the timeline and deliveries. The one thing to know: "newest" is by creation, because an order by activity
// would move rows between two pages.
import type { Page, PageAsk, ThreadFilter, ThreadListed, ThreadRow } from '../../engine/store-port.ts';
import type { Id } from '../../routing/model.ts';
import { page, pageLimit, readCursor, stepPage } from '../rows/cursors.ts';
import type { Row } from '../rows/row.ts';
import { readThread } from '../rows/thread.ts';
import { nextText, STEP_ROWS, wordsOf } from '../rows/words.ts';
import { plain } from './bulk.ts';
import { lastSaid } from './read-messages.ts';
import type { Ask } from './reader.ts';
import { Where } from './where.ts';

const NEWEST = Number.MAX_SAFE_INTEGER;
const FIELDS = 'id, n, state, due_at, updated_at';
const place = (row: Row): number => Number(row.n);

/** After every id of the kind `desk_…` or `bot_…` in the order of bytes: the character after the underscore. */
const OF_KIND = (kind: string): string => `holder_id >= '${kind}_' AND holder_id < '${kind}\`'`;

/** As in the index of an asset's threads. */
const ASSET = "asset_id || ''";
const WAITING = 'EXISTS (SELECT 1 FROM waits w WHERE w.thread_id = threads.id AND w.waiting)';

export class ThreadReads {
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  async list(ask: PageAsk & ThreadFilter): Promise<Page<ThreadListed>> {
    const limit = pageLimit(ask);
    const from = readCursor(ask.after, NEWEST);
    const where = filter(ask).and('n < ?', from);
    if (ask.words !== undefined) return this.#search(where, ask.words, limit);
    const sql = `SELECT ${FIELDS} FROM threads ${where.sql} ORDER BY n DESC LIMIT ${limit + 1}`;
    const rows = await this.#ask(sql, where.values);
    const found = page(rows, limit, place, (row) => row);
    return { data: await this.#listed(found.data), nextCursor: found.nextCursor };
  }

  /** Looks at some `STEP_ROWS` threads, and gives a page of those that fit: a short one when they are few. */
  async #search(where: Where, words: string, limit: number): Promise<Page<ThreadListed>> {
    const { like, fits } = wordsOf(words, 'state');
    const looked = `SELECT ${FIELDS} FROM threads ${where.sql} ORDER BY n DESC LIMIT ${STEP_ROWS}`;
    const likely = like.map((pattern) => `s.state ILIKE ${where.value(pattern)}`);
    const rows = await this.#ask(
      `WITH step AS MATERIALIZED (${looked})
       SELECT e.looked, e.least, s.* FROM (SELECT count(*) AS looked, min(n) AS least FROM step) e
         LEFT JOIN step s ON ${likely.length > 0 ? likely.join(' AND ') : 'true'} ORDER BY s.n DESC`,
      where.values,
    );
    const end = Number(rows[0]?.looked) < STEP_ROWS ? 0 : Number(rows[0]?.least);
    const found = rows.filter((row) => {
      if (row.id === null) return false;
      const { address, name, aliases = [] } = readThread(row);
      return fits([address, name, ...aliases].join('\n'));
    });
    const shown = stepPage(found, limit, end, place, (row) => row);
    return { data: await this.#listed(shown.data), nextCursor: shown.nextCursor };
  }

  async thread(id: Id): Promise<ThreadRow | null> {
    const [row] = await this.#ask(`SELECT ${FIELDS} FROM threads WHERE id = $1`, [plain(id)]);
    return row ? readThread(row) : null;
  }

  async byCustomer(assetId: Id, address: string): Promise<ThreadRow | null> {
    const sql = `SELECT ${FIELDS} FROM threads WHERE id = coalesce(
      (SELECT thread_id FROM aliases WHERE asset_id = $1 AND address = $2),
      (SELECT id FROM threads WHERE asset_id = $1 AND address = $2))`;
    const [row] = await this.#ask(sql, [assetId, plain(address)]);
    return row ? readThread(row) : null;
  }

  async byAddress(assetIds: readonly Id[], beginning: string, limit: number): Promise<ThreadListed[]> {
    const rows = await this.#ask(
      // By a further address as well: each thread once, in the order of the address that led to it.
      `SELECT t.* FROM unnest($1::text[]) WITH ORDINALITY AS k (asset_id, i) CROSS JOIN LATERAL (
         SELECT thread_id, min(found) AS found FROM (
           (SELECT id AS thread_id, address AS found FROM threads
            WHERE asset_id = k.asset_id AND address >= $2 AND address < $3 ORDER BY address LIMIT $4)
           UNION ALL
           (SELECT thread_id, address FROM aliases
            WHERE asset_id = k.asset_id AND address >= $2 AND address < $3 ORDER BY address LIMIT $4)) either_way
         GROUP BY thread_id) f JOIN threads t ON t.id = f.thread_id ORDER BY k.i, f.found LIMIT $4`,
      [assetIds, plain(beginning), nextText(plain(beginning)), limit],
    );
    return this.#listed(rows);
  }

  async #listed(rows: Row[]): Promise<ThreadListed[]> {
    const last = await lastSaid(
      this.#ask,
      rows.map((row) => ({ threadId: String(row.id), upto: NEWEST })),
    );
    return rows.map((row, i) => ({ ...readThread(row), last: last[i] ?? null }));
  }
}

function filter(ask: ThreadFilter): Where {
  const where = new Where().equals('holder_id', ask.holderId).equals(ASSET, ask.assetId);
  if (ask.assetIds !== undefined) where.and(`${ASSET} = ANY(?)`, ask.assetIds);
  if (ask.waiting !== undefined) where.and(ask.waiting ? WAITING : 'NOT waiting');
  if (ask.limbo !== undefined) where.and(ask.limbo === '' ? 'limbo = ?' : "limbo <> '' AND limbo = ?", ask.limbo);
  if (ask.standing === 'bot' || ask.standing === 'desk') where.and(OF_KIND(ask.standing));
  if (ask.standing === 'offered') where.and('offered_to IS NOT NULL');
  if (ask.standing === 'none') where.and('holder_id IS NULL');
  if (ask.standing === 'limbo') where.and("limbo <> ''");
  return where;
}
