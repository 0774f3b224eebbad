// The schema, as numbered migrations: entry n brings a database from version n to n + 1 (PRAGMA user_version).
// Never edit one that was released; add the next. Not here: the running of them (connection.ts).
// The one thing to know: `ord` is one counter over messages, events and deliveries: the order of commits. All three
// are appended under it, and `timeline` says which of them belong to a thread: one index page a message, not three.
// Threads, timeline, dedupe and counters follow late, from the log `unsettled` (decision 10).

/** What a row of `timeline` points to. */
export const KIND = { event: 0, message: 1, delivery: 2 } as const;

const FIRST = `
-- The ord counter survives the deletion of the newest rows here; the hot path does not write it.
CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;

-- Kept sums, so that counting never scans: written once per commit, for what changed.
CREATE TABLE counters (key TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;

-- n is the thread's number inside this file: short, ascending, and what the hot tables point to.
CREATE TABLE threads (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  asset_id TEXT NOT NULL,
  address TEXT NOT NULL,
  state TEXT NOT NULL,
  due_at INTEGER,
  holder_id TEXT,
  waiting INTEGER NOT NULL,
  offered_to TEXT,
  limbo TEXT NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX threads_customer ON threads (asset_id, address);
CREATE INDEX threads_asset ON threads (asset_id, n);
CREATE INDEX threads_holder ON threads (holder_id, n) WHERE holder_id IS NOT NULL;
-- For retention: only what nobody holds may go by age.
CREATE INDEX threads_idle ON threads (n, updated_at) WHERE holder_id IS NULL;
CREATE INDEX threads_waiting ON threads (holder_id, n) WHERE waiting = 1;
CREATE INDEX threads_offered ON threads (offered_to, n) WHERE offered_to IS NOT NULL;
CREATE INDEX threads_limbo ON threads (limbo, n) WHERE limbo <> '';
CREATE INDEX threads_due ON threads (due_at, n) WHERE due_at IS NOT NULL;

CREATE TABLE timeline (
  thread INTEGER NOT NULL,
  ord INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  PRIMARY KEY (thread, ord)
) WITHOUT ROWID;

CREATE TABLE messages (
  ord INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  thread INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  turn INTEGER,
  at INTEGER NOT NULL,
  receipt TEXT,
  external_id TEXT,
  doc TEXT NOT NULL
);

CREATE TABLE events (
  seq INTEGER PRIMARY KEY,
  thread INTEGER,
  at INTEGER NOT NULL,
  type TEXT NOT NULL,
  data TEXT NOT NULL
);

-- thread is NULL, and scope the service's id, for what concerns no thread.
CREATE TABLE deliveries (
  ord INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  thread INTEGER,
  scope TEXT,
  target_type TEXT NOT NULL,
  target_id TEXT NOT NULL,
  lane TEXT NOT NULL,
  kind TEXT NOT NULL,
  conversation_id TEXT,
  message_id TEXT,
  turn INTEGER,
  merged TEXT,
  data TEXT,
  status TEXT NOT NULL DEFAULT 'pending',
  attempts INTEGER NOT NULL DEFAULT 0,
  generation INTEGER NOT NULL DEFAULT 0,
  series_at INTEGER,
  not_before INTEGER NOT NULL,
  replay INTEGER NOT NULL,
  reason TEXT,
  created_at INTEGER NOT NULL
);
CREATE INDEX deliveries_open ON deliveries (target_type, target_id, lane, ord) WHERE status IN ('pending', 'retrying');
CREATE INDEX deliveries_settled ON deliveries (status, ord) WHERE status IN ('dead', 'held', 'cancelled');
CREATE INDEX deliveries_target ON deliveries (target_id, ord);

CREATE TABLE attempts (
  n INTEGER PRIMARY KEY,
  delivery INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  doc TEXT NOT NULL
);
CREATE INDEX attempts_delivery ON attempts (delivery, n);

CREATE TABLE conversations (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  thread INTEGER NOT NULL,
  type TEXT NOT NULL,
  party_id TEXT NOT NULL,
  service_id TEXT NOT NULL,
  status TEXT NOT NULL,
  agent TEXT,
  opened_at INTEGER NOT NULL,
  closed_at INTEGER,
  close_reason TEXT,
  opened_ord INTEGER NOT NULL,
  closed_ord INTEGER
);
CREATE INDEX conversations_thread ON conversations (thread, n);
CREATE INDEX conversations_party ON conversations (party_id, n);
CREATE INDEX conversations_desk ON conversations (status, n) WHERE status IN ('offered', 'queued', 'accepted');
CREATE INDEX conversations_closed ON conversations (closed_at) WHERE closed_at IS NOT NULL;

-- A generation is a stretch of days: looked up in the last two, dropped as a whole.
CREATE TABLE dedupe (
  generation INTEGER NOT NULL,
  hash TEXT NOT NULL,
  message_id TEXT,
  PRIMARY KEY (generation, hash)
) WITHOUT ROWID;

CREATE TABLE config (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  data TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (kind, id)
);

CREATE TABLE health (
  id TEXT PRIMARY KEY,
  status TEXT NOT NULL,
  failures INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  reason TEXT,
  since INTEGER NOT NULL
);

CREATE TABLE audit (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  kind TEXT NOT NULL,
  target TEXT NOT NULL,
  detail TEXT NOT NULL
);

CREATE TABLE replays (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, updated_at INTEGER NOT NULL, doc TEXT NOT NULL);

CREATE TABLE idempotency (
  key TEXT PRIMARY KEY,
  body_hash TEXT NOT NULL,
  status INTEGER,
  body TEXT,
  at INTEGER NOT NULL
);
CREATE INDEX idempotency_at ON idempotency (at);
`;

const MEDIA = `
-- What was uploaded to us; the bytes lie in the data folder under their SHA-256. refs: messages that show it.
CREATE TABLE media (
  id TEXT PRIMARY KEY,
  sha256 TEXT NOT NULL,
  asset_id TEXT,
  owner TEXT NOT NULL,
  type TEXT NOT NULL,
  name TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  loose_at INTEGER NOT NULL,
  refs INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX media_sha256 ON media (sha256);
CREATE INDEX media_loose ON media (loose_at) WHERE refs = 0;
CREATE INDEX media_owner ON media (asset_id, owner) WHERE refs = 0;
CREATE TABLE media_refs (message INTEGER NOT NULL, media TEXT NOT NULL, PRIMARY KEY (message, media)) WITHOUT ROWID;
-- However a message goes, what it showed is let go; what nothing shows any more is rubbish at once.
CREATE TRIGGER messages_media AFTER DELETE ON messages BEGIN
  DELETE FROM media_refs WHERE message = OLD.ord;
END;
CREATE TRIGGER media_let_go AFTER DELETE ON media_refs BEGIN
  UPDATE media SET loose_at = 0, refs = refs - 1, name = CASE WHEN refs = 1 THEN '' ELSE name END WHERE id = OLD.media;
END;
`;

const DIRECT_LINES = `
-- Conversations of Direct Line clients: windows on a customer's thread. address: null until somebody spoke in it.
CREATE TABLE direct_lines (
  id TEXT PRIMARY KEY,
  asset_id TEXT NOT NULL,
  address TEXT,
  user_id TEXT,
  after_ord INTEGER NOT NULL,
  keep_until INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX direct_lines_customer ON direct_lines (asset_id, address);
CREATE INDEX direct_lines_keep ON direct_lines (keep_until);
`;

const SETTLING = `
-- Commits whose rows of threads, dedupe and counters are not yet in their tables: unsettled.ts. Empty when closed.
CREATE TABLE unsettled (n INTEGER PRIMARY KEY, doc TEXT NOT NULL);
-- Up to this number the timeline has what belongs to threads; what comes after is placed together.
INSERT OR REPLACE INTO meta (key, value) SELECT 'placed', max(coalesce((SELECT max(ord) FROM messages), 0),
  coalesce((SELECT max(seq) FROM events), 0), coalesce((SELECT max(ord) FROM deliveries), 0),
  coalesce((SELECT value FROM meta WHERE key = 'ord'), 0));
`;

const REMOTE_MEDIA = `
-- What a channel's provider has: fetched by its reference. sha256 is '' until then. fetch_at: the next try, if any.
ALTER TABLE media ADD COLUMN reference TEXT;
ALTER TABLE media ADD COLUMN fetch_at INTEGER;
ALTER TABLE media ADD COLUMN problem TEXT;
CREATE UNIQUE INDEX media_reference ON media (asset_id, owner, reference) WHERE reference IS NOT NULL;
CREATE INDEX media_fetch ON media (fetch_at) WHERE fetch_at IS NOT NULL;
`;

const ALIASES = `
-- Further addresses of customers: what leads to a thread before the thread's own address does.
CREATE TABLE aliases (
  asset_id TEXT NOT NULL,
  address TEXT NOT NULL,
  thread INTEGER NOT NULL,
  PRIMARY KEY (asset_id, address)
) WITHOUT ROWID;
CREATE INDEX aliases_thread ON aliases (thread);
`;

export const MIGRATIONS: readonly string[] = [FIRST, MEDIA, DIRECT_LINES, SETTLING, REMOTE_MEDIA, ALIASES];
