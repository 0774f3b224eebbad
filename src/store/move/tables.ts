// What moves from SQLite to PostgreSQL, table by table: the rows as PostgreSQL keeps them, and how SQLite tells them.
// Not here: the moving (move.ts). The one thing to know: SQLite points to threads, messages and deliveries by numbers of
// its file, PostgreSQL by their ids; what SQLite keeps beside the rows (timeline, log) follows from them, and stays.
import { BESIDE_TIMELINE } from '../rows/event.ts';

export type ColumnType = 'text' | 'bigint' | 'smallint' | 'integer' | 'float8' | 'boolean';

export type MovingTable = {
  name: string;
  columns: Readonly<Record<string, ColumnType>>;
  /** SQLite's rows, with these columns and those of the key */
  rows: string;
  /** by what SQLite has them in order */
  key: readonly string[];
  /** which of them move, if not all */
  only?: string;
  /** how many there must be: a row that points to nothing is not left behind in silence */
  count: string;
};

const moving = (
  name: string,
  key: readonly string[],
  columns: MovingTable['columns'],
  rows = `SELECT ${Object.keys(columns).join(', ')} FROM ${name}`,
): MovingTable => ({ name, key, columns, rows, count: `SELECT count(*) AS n FROM ${name}` });

const beside = [...BESIDE_TIMELINE].map((type) => `'${type}'`).join(', ');

export const TABLES: readonly MovingTable[] = [
  moving('config', ['kind', 'id'], {
    kind: 'text',
    id: 'text',
    data: 'text',
    version: 'bigint',
    created_at: 'float8',
    updated_at: 'float8',
  }),
  moving('health', ['id'], {
    id: 'text',
    status: 'text',
    failures: 'bigint',
    generation: 'bigint',
    reason: 'text',
    since: 'float8',
  }),
  moving(
    'threads',
    ['n'],
    {
      id: 'text',
      n: 'bigint',
      asset_id: 'text',
      address: 'text',
      state: 'text',
      due_at: 'float8',
      holder_id: 'text',
      waiting: 'boolean',
      offered_to: 'text',
      agent_id: 'text',
      limbo: 'text',
      updated_at: 'float8',
    },
    `SELECT *, state ->> '$.desk.agentId' AS agent_id FROM threads`,
  ),
  {
    name: 'waits',
    key: ['id'],
    columns: { thread_id: 'text', holder_id: 'text', due_at: 'float8', waiting: 'boolean' },
    rows: 'SELECT *, id AS thread_id FROM threads',
    only: '(due_at IS NOT NULL OR waiting)',
    count: 'SELECT count(*) AS n FROM threads WHERE due_at IS NOT NULL OR waiting',
  },
  moving(
    'aliases',
    ['a.asset_id', 'a.address'],
    { asset_id: 'text', address: 'text', thread_id: 'text' },
    'SELECT a.asset_id, a.address, t.id AS thread_id FROM aliases a JOIN threads t ON t.n = a.thread',
  ),
  moving(
    'conversations',
    ['c.n'],
    {
      id: 'text',
      n: 'bigint',
      thread_id: 'text',
      type: 'text',
      party_id: 'text',
      service_id: 'text',
      status: 'text',
      agent: 'text',
      opened_at: 'float8',
      closed_at: 'float8',
      close_reason: 'text',
      opened_ord: 'bigint',
      closed_ord: 'bigint',
    },
    'SELECT c.*, t.id AS thread_id FROM conversations c JOIN threads t ON t.n = c.thread',
  ),
  moving(
    'messages',
    ['m.ord'],
    {
      thread_id: 'text',
      ord: 'bigint',
      id: 'text',
      seq: 'bigint',
      turn: 'bigint',
      at: 'float8',
      receipt: 'text',
      external_id: 'text',
      doc: 'text',
    },
    'SELECT m.*, t.id AS thread_id FROM messages m JOIN threads t ON t.n = m.thread',
  ),
  moving(
    'events',
    ['e.seq'],
    { thread_id: 'text', seq: 'bigint', shown: 'boolean', at: 'float8', type: 'text', data: 'text' },
    `SELECT e.*, coalesce(t.id, '') AS thread_id, e.type NOT IN (${beside}) AS shown
     FROM events e LEFT JOIN threads t ON t.n = e.thread`,
  ),
  moving(
    'deliveries',
    ['d.ord'],
    {
      thread_id: 'text',
      ord: 'bigint',
      id: 'text',
      target_type: 'text',
      target_id: 'text',
      lane: 'text',
      kind: 'text',
      conversation_id: 'text',
      message_id: 'text',
      turn: 'bigint',
      merged: 'text',
      data: 'text',
      status: 'text',
      attempts: 'bigint',
      generation: 'bigint',
      series_at: 'float8',
      not_before: 'float8',
      replay: 'smallint',
      reason: 'text',
      created_at: 'float8',
    },
    `SELECT d.*, coalesce(t.id, d.scope) AS thread_id FROM deliveries d LEFT JOIN threads t ON t.n = d.thread`,
  ),
  moving(
    'attempts',
    ['a.n'],
    { thread_id: 'text', delivery_id: 'text', n: 'bigint', id: 'text', started_at: 'float8', doc: 'text' },
    `SELECT a.n, a.started_at, a.doc, a.doc ->> '$.id' AS id, d.id AS delivery_id, coalesce(t.id, d.scope) AS thread_id
     FROM attempts a JOIN deliveries d ON d.ord = a.delivery LEFT JOIN threads t ON t.n = d.thread`,
  ),
  moving('dedupe', ['generation', 'hash'], { generation: 'bigint', hash: 'text', message_id: 'text' }),
  moving('counters', ['key'], { key: 'text', n: 'bigint' }),
  moving('audit', ['n'], {
    n: 'bigint',
    id: 'text',
    at: 'float8',
    actor: 'text',
    action: 'text',
    kind: 'text',
    target: 'text',
    detail: 'text',
  }),
  moving('replays', ['n'], { id: 'text', n: 'bigint', updated_at: 'float8', doc: 'text' }),
  // A request that was under way when the process ended will never be answered: whoever repeats it begins anew.
  {
    ...moving('idempotency', ['key'], {
      key: 'text',
      body_hash: 'text',
      status: 'integer',
      body: 'text',
      at: 'float8',
    }),
    count: 'SELECT count(*) AS n FROM idempotency WHERE status IS NOT NULL',
    only: 'status IS NOT NULL',
  },
  moving('media', ['id'], {
    id: 'text',
    sha256: 'text',
    asset_id: 'text',
    owner: 'text',
    type: 'text',
    name: 'text',
    bytes: 'bigint',
    loose_at: 'float8',
    refs: 'bigint',
    reference: 'text',
    fetch_at: 'float8',
    problem: 'text',
  }),
  moving(
    'media_refs',
    ['r.message', 'r.media'],
    { message_id: 'text', media: 'text' },
    'SELECT m.id AS message_id, r.media, r.message FROM media_refs r JOIN messages m ON m.ord = r.message',
  ),
  moving('direct_lines', ['id'], {
    id: 'text',
    asset_id: 'text',
    address: 'text',
    user_id: 'text',
    after_ord: 'bigint',
    keep_until: 'float8',
  }),
];

/** The last number that anything has. PostgreSQL gives all of its numbers from one row, and goes on above it. */
export const LAST_NUMBER = `SELECT max(v) AS last FROM (
  SELECT max(ord) AS v FROM messages UNION ALL SELECT max(seq) FROM events UNION ALL SELECT max(ord) FROM deliveries
  UNION ALL SELECT max(n) FROM threads UNION ALL SELECT max(n) FROM conversations UNION ALL SELECT max(n) FROM attempts
  UNION ALL SELECT max(n) FROM audit UNION ALL SELECT max(n) FROM replays UNION ALL SELECT max(value) FROM meta)`;
