// Finding by what people have in hand: an id or its beginning. A try leads to its delivery.
// Not here: words (read-messages.ts, read-threads.ts). The one thing to know: attempts have no index by id, but are
// appended in the order of their ids: halving finds one.
import type { Found } from '../../engine/store-port.ts';
import type { Id } from '../../routing/model.ts';
import { nextText } from '../rows/words.ts';
import { plain } from './bulk.ts';
import type { Ask } from './reader.ts';

const ATTEMPT = 'att_';
/** Where ids stand in a unique index of their own. */
const TABLES: readonly [string, Found['type'], string][] = [
  ['thr_', 'thread', 'threads'],
  ['conv_', 'conversation', 'conversations'],
  ['msg_', 'message', 'messages'],
  ['dlv_', 'delivery', 'deliveries'],
  ['rpl_', 'replay', 'replays'],
];

export async function findIds(ask: Ask, given: string, limit: number): Promise<Found[]> {
  const beginning = plain(given);
  const found: Found[] = [];
  for (const [prefix, type, table] of TABLES) {
    if (!beginning.startsWith(prefix)) continue;
    const sql = `SELECT id FROM ${table} WHERE id >= $1 AND id < $2 ORDER BY id LIMIT $3`;
    const rows = await ask(sql, [beginning, nextText(beginning), limit]);
    found.push(...rows.map((row): Found => ({ type, id: String(row.id) })));
  }
  const of = beginning.startsWith(ATTEMPT) ? await deliveryOfAttempt(ask, beginning) : null;
  return of === null ? found : [...found, { type: 'delivery', id: of }];
}

async function deliveryOfAttempt(ask: Ask, beginning: string): Promise<Id | null> {
  const next = 'SELECT n, id, delivery_id FROM attempts WHERE n >= $1 ORDER BY n LIMIT 1';
  let low = 1;
  let high = Number((await ask('SELECT max(n) AS n FROM attempts'))[0]?.n ?? 0);
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [row] = await ask(next, [middle]);
    if (row === undefined || String(row.id) >= beginning) high = middle;
    else low = Number(row.n) + 1;
  }
  const [row] = await ask(next, [low]);
  return row !== undefined && String(row.id).startsWith(beginning) ? String(row.delivery_id) : null;
}
