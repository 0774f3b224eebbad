// The schema, as numbered migrations: entry n brings a database from version n to n + 1 (table schema_version).
// Never edit one that was released; add the next. Not here: the running of them (migrate.ts).
// The one thing to know: `ord` (of events `seq`, elsewhere `n`) is a place in one order of commits, given under the lock
// of the row of `journal`, which is held until the commit: what is read up to a place stays complete. Instants are ms since 1970, and may lie between two.

const FIRST = `
-- last: the last place given. fence: grows by one with each process that took the database. batch: of that process, its
-- last transaction that was kept; whoever loses the connection while it commits looks here for how it ended.
CREATE TABLE journal (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  last bigint NOT NULL,
  fence bigint NOT NULL,
  batch bigint NOT NULL
) WITH (fillfactor = 10);
INSERT INTO journal (last, fence, batch) VALUES (0, 0, 0);
-- Gives places, up to the one returned. Fails, and so fails the transaction, for a process that another has replaced.
CREATE FUNCTION journal_take(wanted bigint, my_batch bigint, my_fence bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE given bigint;
BEGIN
  UPDATE journal SET last = last + wanted, batch = my_batch WHERE fence = my_fence RETURNING last INTO given;
  IF given IS NULL THEN
    RAISE EXCEPTION 'another process has taken this database' USING ERRCODE = 'SB001';
  END IF;
  RETURN given;
END $$;

-- Kept sums, so that counting never scans: changed once per commit, by how much they changed.
CREATE TABLE counters (key text COLLATE "C" PRIMARY KEY, n bigint NOT NULL) WITH (fillfactor = 50);

CREATE TABLE threads (
  id text COLLATE "C" PRIMARY KEY,
  n bigint NOT NULL,
  asset_id text COLLATE "C" NOT NULL,
  address text COLLATE "C" NOT NULL,
  state text NOT NULL,
  due_at double precision,
  holder_id text COLLATE "C",
  waiting boolean NOT NULL,
  offered_to text COLLATE "C",
  agent_id text COLLATE "C",
  limbo text COLLATE "C" NOT NULL,
  updated_at double precision NOT NULL
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX threads_customer ON threads (asset_id, address);
CREATE INDEX threads_order ON threads (n);
CREATE INDEX threads_asset ON threads (asset_id, n);
CREATE INDEX threads_holder ON threads (holder_id, n) WHERE holder_id IS NOT NULL;
-- For retention: only what nobody holds may go by age.
CREATE INDEX threads_idle ON threads (n) WHERE holder_id IS NULL;
CREATE INDEX threads_waiting ON threads (holder_id, n) WHERE waiting;
CREATE INDEX threads_offered ON threads (offered_to, n) WHERE offered_to IS NOT NULL;
CREATE INDEX threads_limbo ON threads (limbo, n) WHERE limbo <> '';
CREATE INDEX threads_due ON threads (due_at, n) WHERE due_at IS NOT NULL;

CREATE TABLE messages (
  thread_id text COLLATE "C" NOT NULL,
  ord bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  turn bigint,
  at double precision NOT NULL,
  receipt text,
  external_id text,
  doc text NOT NULL,
  PRIMARY KEY (thread_id, ord)
);
CREATE UNIQUE INDEX messages_id ON messages (id);
CREATE INDEX messages_order ON messages (ord);

-- thread_id is '' for what concerns no thread. shown: in the thread's timeline, and not in the feed alone.
CREATE TABLE events (
  thread_id text COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  shown boolean NOT NULL,
  at double precision NOT NULL,
  type text NOT NULL,
  data text NOT NULL,
  PRIMARY KEY (thread_id, seq)
);
CREATE INDEX events_order ON events (seq);

-- thread_id is the service's id for what concerns no thread.
CREATE TABLE deliveries (
  thread_id text COLLATE "C" NOT NULL,
  ord bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  target_type text COLLATE "C" NOT NULL,
  target_id text COLLATE "C" NOT NULL,
  lane text COLLATE "C" NOT NULL,
  kind text NOT NULL,
  conversation_id text,
  message_id text,
  turn bigint,
  merged text,
  data text,
  status text COLLATE "C" NOT NULL DEFAULT 'pending',
  attempts bigint NOT NULL DEFAULT 0,
  generation bigint NOT NULL DEFAULT 0,
  series_at double precision,
  not_before double precision NOT NULL,
  replay smallint NOT NULL,
  reason text,
  created_at double precision NOT NULL,
  PRIMARY KEY (thread_id, ord)
);
CREATE UNIQUE INDEX deliveries_id ON deliveries (id);
CREATE INDEX deliveries_order ON deliveries (ord);
CREATE INDEX deliveries_open ON deliveries (target_type, target_id, lane, ord) WHERE status IN ('pending', 'retrying');
CREATE INDEX deliveries_settled ON deliveries (status, ord) WHERE status IN ('dead', 'held', 'cancelled');
CREATE INDEX deliveries_target ON deliveries (target_id, ord);

CREATE TABLE attempts (
  thread_id text COLLATE "C" NOT NULL,
  delivery_id text COLLATE "C" NOT NULL,
  n bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  started_at double precision NOT NULL,
  doc text NOT NULL,
  PRIMARY KEY (thread_id, delivery_id, n)
);
CREATE INDEX attempts_order ON attempts (n);

CREATE TABLE conversations (
  id text COLLATE "C" PRIMARY KEY,
  n bigint NOT NULL,
  thread_id text COLLATE "C" NOT NULL,
  type text NOT NULL,
  party_id text COLLATE "C" NOT NULL,
  service_id text NOT NULL,
  status text COLLATE "C" NOT NULL,
  agent text,
  opened_at double precision NOT NULL,
  closed_at double precision,
  close_reason text,
  opened_ord bigint NOT NULL,
  closed_ord bigint
);
CREATE INDEX conversations_thread ON conversations (thread_id, n);
CREATE INDEX conversations_order ON conversations (n);
CREATE INDEX conversations_party ON conversations (party_id, n);
CREATE INDEX conversations_desk ON conversations (status, n) WHERE status IN ('offered', 'queued', 'accepted');
CREATE INDEX conversations_closed ON conversations (closed_at) WHERE closed_at IS NOT NULL;

-- A generation is a stretch of days: looked up in the last two, dropped when it is past.
CREATE TABLE dedupe (
  generation bigint NOT NULL,
  hash text COLLATE "C" NOT NULL,
  message_id text,
  PRIMARY KEY (generation, hash)
);

CREATE TABLE config (
  kind text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  data text NOT NULL,
  version bigint NOT NULL,
  created_at double precision NOT NULL,
  updated_at double precision NOT NULL,
  PRIMARY KEY (kind, id)
);

CREATE TABLE health (
  id text COLLATE "C" PRIMARY KEY,
  status text NOT NULL,
  failures bigint NOT NULL,
  generation bigint NOT NULL,
  reason text,
  since double precision NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE audit (
  n bigint PRIMARY KEY,
  id text NOT NULL,
  at double precision NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  kind text NOT NULL,
  target text NOT NULL,
  detail text NOT NULL
);

CREATE TABLE replays (
  id text COLLATE "C" PRIMARY KEY,
  n bigint NOT NULL UNIQUE,
  updated_at double precision NOT NULL,
  doc text NOT NULL
);

CREATE TABLE idempotency (
  key text COLLATE "C" PRIMARY KEY,
  body_hash text NOT NULL,
  status integer,
  body text,
  at double precision NOT NULL
);
CREATE INDEX idempotency_at ON idempotency (at);

-- What was uploaded to us; the bytes lie in the data folder under their SHA-256. refs: messages that show it.
CREATE TABLE media (
  id text COLLATE "C" PRIMARY KEY,
  sha256 text COLLATE "C" NOT NULL,
  asset_id text COLLATE "C",
  owner text COLLATE "C" NOT NULL,
  type text NOT NULL,
  name text NOT NULL,
  bytes bigint NOT NULL,
  loose_at double precision NOT NULL,
  refs bigint NOT NULL DEFAULT 0
);
CREATE INDEX media_sha256 ON media (sha256);
CREATE INDEX media_loose ON media (loose_at) WHERE refs = 0;
CREATE INDEX media_owner ON media (asset_id, owner) WHERE refs = 0;
CREATE TABLE media_refs (
  message_id text COLLATE "C" NOT NULL,
  media text COLLATE "C" NOT NULL,
  PRIMARY KEY (message_id, media)
);

-- Conversations of Direct Line clients: windows on a customer's thread. address: null until somebody spoke in it.
CREATE TABLE direct_lines (
  id text COLLATE "C" PRIMARY KEY,
  asset_id text COLLATE "C" NOT NULL,
  address text COLLATE "C",
  user_id text,
  after_ord bigint NOT NULL,
  keep_until double precision NOT NULL
);
CREATE INDEX direct_lines_customer ON direct_lines (asset_id, address);
CREATE INDEX direct_lines_keep ON direct_lines (keep_until);

-- However a message goes, what it showed is let go; what nothing shows any more is rubbish at once.
CREATE FUNCTION messages_let_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM media_refs WHERE message_id = OLD.id;
  RETURN NULL;
END $$;
CREATE FUNCTION media_let_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE media SET loose_at = 0, refs = refs - 1, name = CASE WHEN refs = 1 THEN '' ELSE name END WHERE id = OLD.media;
  RETURN NULL;
END $$;
CREATE TRIGGER messages_media AFTER DELETE ON messages FOR EACH ROW EXECUTE FUNCTION messages_let_go();
CREATE TRIGGER media_refs_media AFTER DELETE ON media_refs FOR EACH ROW EXECUTE FUNCTION media_let_go();
`;

const REMOTE_MEDIA = `
-- What a channel's provider has: fetched by its reference. sha256 is '' until then. fetch_at: the next try, if any.
ALTER TABLE media ADD COLUMN reference text COLLATE "C", ADD COLUMN fetch_at double precision, ADD COLUMN problem text;
CREATE UNIQUE INDEX media_reference ON media (asset_id, owner, reference) WHERE reference IS NOT NULL;
CREATE INDEX media_fetch ON media (fetch_at) WHERE fetch_at IS NOT NULL;
`;

const ALIASES = `
-- Further addresses of customers: what leads to a thread before the thread's own address does.
CREATE TABLE aliases (
  asset_id text COLLATE "C" NOT NULL,
  address text COLLATE "C" NOT NULL,
  thread_id text COLLATE "C" NOT NULL,
  PRIMARY KEY (asset_id, address)
);
CREATE INDEX aliases_thread ON aliases (thread_id);
`;

const PROCESSES = `
-- Who sends what. A thread belongs to the process that decided it first; when that process is gone, all of its threads
-- go over at once: holder says whose they are now. Number 0 stands for what belongs to nobody in particular, and who
-- holds it does what is done once. batch and last: its last transaction that was kept, and the last place of it.
CREATE TABLE processes (
  id bigint PRIMARY KEY,
  holder bigint NOT NULL,
  batch bigint NOT NULL,
  last bigint NOT NULL
) WITH (fillfactor = 10);
INSERT INTO processes (id, holder, batch, last) VALUES (0, 0, 0, 0);
-- A process that has a row here lives. Rows that were not renewed in time are removed by whoever takes over.
-- place: machine, process and its start, by which a successor on the same machine sees that it is dead. alone: it bears no other.
CREATE TABLE leases (
  id bigint PRIMARY KEY,
  until timestamptz NOT NULL,
  alone boolean NOT NULL,
  place text NOT NULL,
  online text NOT NULL DEFAULT '[]'
) WITH (fillfactor = 10);
-- touched: another process than its owner decided something since the owner looked last.
ALTER TABLE threads ADD COLUMN owner bigint NOT NULL DEFAULT 0, ADD COLUMN touched boolean NOT NULL DEFAULT false;
CREATE INDEX threads_touched ON threads (owner) WHERE touched;
CREATE INDEX deliveries_owed ON deliveries (thread_id, ord) WHERE status IN ('pending', 'retrying');
ALTER TABLE idempotency ADD COLUMN process bigint NOT NULL DEFAULT 0;
-- world: grows with each change of what all processes have in memory: configuration, health, whether there are aliases.
ALTER TABLE journal DROP COLUMN batch, ADD COLUMN world bigint NOT NULL DEFAULT 0;
DROP FUNCTION journal_take;
-- The first of every transaction that writes: one process at a time, and none whose threads went over to another.
CREATE FUNCTION journal_enter(me bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE now_world bigint;
BEGIN
  SELECT world INTO now_world FROM journal FOR UPDATE;
  IF NOT EXISTS (SELECT 1 FROM processes WHERE id = me AND holder = me) THEN
    RAISE EXCEPTION 'another process has taken over from this one' USING ERRCODE = 'SB001';
  END IF;
  RETURN now_world;
END $$;
-- Not by its former name: an older program that still runs must not be able to write.
CREATE FUNCTION journal_give(wanted bigint, my_batch bigint, me bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE given bigint;
BEGIN
  UPDATE journal SET last = last + wanted RETURNING last INTO given;
  UPDATE processes SET batch = my_batch, last = given WHERE id = me;
  RETURN given;
END $$;
`;

const WAITS = `
-- What comes and goes with each turn stands apart: while no indexed column of a thread changes, its row is rewritten in
-- its page and no index is touched (heap-only tuples). A row for each thread that has a deadline or in which somebody waits.
CREATE TABLE waits (
  thread_id text COLLATE "C" PRIMARY KEY,
  holder_id text COLLATE "C",
  due_at double precision,
  waiting boolean NOT NULL
) WITH (fillfactor = 50);
INSERT INTO waits SELECT id, holder_id, due_at, waiting FROM threads WHERE due_at IS NOT NULL OR waiting;
CREATE INDEX waits_due ON waits (due_at, thread_id) WHERE due_at IS NOT NULL;
CREATE INDEX waits_holder ON waits (holder_id, thread_id) WHERE waiting;
DROP INDEX threads_due;
DROP INDEX threads_waiting;
ALTER TABLE threads SET (fillfactor = 50);
-- By an expression, so that a customer can only be looked up by the other index: a plan that was made while there were
-- few threads would go on reading all of an asset.
DROP INDEX threads_asset;
CREATE INDEX threads_asset ON threads ((asset_id || ''), n);
`;

const STAYS = `
-- Until then something of the thread may be on its way that it does not owe any more: it stays with whoever sends it.
ALTER TABLE threads ADD COLUMN stays_until timestamptz;
`;

const CONFIGURED = `
-- config: grows with each change of the configuration, so that nobody decides by one of before.
ALTER TABLE journal ADD COLUMN config bigint NOT NULL DEFAULT 0;
`;

export const MIGRATIONS: readonly string[] = [FIRST, REMOTE_MEDIA, ALIASES, PROCESSES, WAITS, STAYS, CONFIGURED];
