// What the tests' busy house (src/store/sqlite/fixtures/many.ts) has not, by SQL alone: the ids that were taken before, and a
// queue of deliveries that wait for a bot that is down. Not here: what is measured on it.
// The one thing to know: both are added after the house was filled, with numbers after all of it.
import { GENERATION_MS } from '../src/store/rows/dedupe.ts';
import { openFile } from '../src/store/sqlite/driver.ts';
import { entriesOf, type Size } from '../src/store/sqlite/fixtures/many.ts';
import { KIND } from '../src/store/sqlite/schema.ts';

function inOne(file: string, work: (exec: (sql: string) => void) => void): void {
  const db = openFile(file, {});
  try {
    db.exec('PRAGMA synchronous = OFF');
    db.exec('BEGIN');
    work((sql) => db.exec(sql));
    db.exec('COMMIT');
  } finally {
    db.close();
  }
}

/** An id that was taken for each of the customers' messages. */
export function remember(file: string): void {
  inOne(file, (exec) =>
    exec(`INSERT INTO dedupe (generation, hash, message_id)
      SELECT at / ${GENERATION_MS} AS generation, hex(randomblob(11)) AS hash, id FROM messages WHERE turn IS NOT NULL
      ORDER BY 1, 2`),
  );
}

/** So many messages, of all threads in turn, wait for the bot. */
export function park(file: string, botId: string, count: number, size: Size): void {
  const before = entriesOf(size);
  inOne(file, (exec) => {
    exec(`WITH RECURSIVE e(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM e WHERE i < ${count})
      INSERT INTO deliveries (ord, id, thread, target_type, target_id, lane, kind, conversation_id, message_id, turn, status,
        attempts, not_before, replay, created_at)
      SELECT ${before} + e.i, printf('dlv_%026d', ${before} + e.i), m.thread, 'bot', '${botId}', 'main', 'message',
        printf('conv_%026d', m.thread), m.id, 11, 'pending', 0, 0, 0, m.at
      FROM e JOIN messages m ON m.ord = (e.i * 5) % ${before - 5} / 5 * 5 + 5`);
    exec(`INSERT INTO timeline (thread, ord, kind)
      SELECT thread, ord, ${KIND.delivery} FROM deliveries WHERE ord > ${before} ORDER BY 1, 2`);
    exec(`INSERT OR REPLACE INTO counters (key, n) VALUES ('delivery|bot|pending|${botId}', ${count})`);
    exec(`UPDATE meta SET value = ${before + count} WHERE key = 'placed'`);
    exec(`INSERT OR REPLACE INTO health (id, status, failures, generation, reason, since)
      SELECT '${botId}', 'inactive', 5, coalesce(max(generation), 0) + 1, 'It did not answer.', max(at)
      FROM messages LEFT JOIN health ON health.id = '${botId}'`);
  });
}
