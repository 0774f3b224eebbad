// Writes a batch: a few statements for all of its rows, sent one behind the other without waiting.
// Not here: what is in the batch (book.ts). The one thing to know: the places are taken first, under the journal's lock,
// which is held until the commit.

import type { Message } from '../../routing/model.ts';
import { GENERATION_MS } from '../rows/dedupe.ts';
import { writeDoc } from '../rows/message.ts';
import type { Columns as Standing } from '../rows/state.ts';
import type { Book } from './book.ts';
import { type Bulk, Columns, insert, update } from './bulk.ts';
import { flushClaims } from './claims.ts';
import type { Transaction } from './writer.ts';

/** How a message names a medium of ours: `media:<id>`. */
const REFERENCE = /^media:(med_[0-9a-z]{26})$/;

const NEW_THREADS = insert(
  'threads',
  `n place, id text, asset_id text, address text, state text, due_at float8, holder_id text, waiting boolean,
   offered_to text, limbo text, updated_at float8, agent_id text, owner bigint`,
);
const THREADS = update(
  'threads',
  `id text, state text, due_at float8, holder_id text, waiting boolean, offered_to text, limbo text, updated_at float8,
   agent_id text`,
);
const WAITS = insert(
  'waits',
  'thread_id text, holder_id text, due_at float8, waiting boolean',
  `ON CONFLICT (thread_id) DO UPDATE SET holder_id = excluded.holder_id, due_at = excluded.due_at,
     waiting = excluded.waiting`,
);
const MESSAGES = insert(
  'messages',
  'ord place, id text, thread_id text, seq bigint, turn bigint, at float8, external_id text, doc text',
);
const RECEIPTS = update('messages', 'id text, receipt text');
const EXTERNAL_IDS = update('messages', 'id text, external_id text');
const REWRITTEN = update('messages', 'id text, doc text');
const ALIASES = insert(
  'aliases',
  'asset_id text, address text, thread_id text',
  'ON CONFLICT (asset_id, address) DO UPDATE SET thread_id = excluded.thread_id',
);
const MEDIA_REFS = insert('media_refs', 'message_id text, media text', 'ON CONFLICT DO NOTHING');
const EVENTS = insert('events', 'seq place, thread_id text, shown boolean, at float8, type text, data text');
const NEW_DELIVERIES = insert(
  'deliveries',
  `ord place, id text, thread_id text, target_type text, target_id text, lane text, kind text, conversation_id text,
   message_id text, turn bigint, merged text, data text, status text, attempts bigint, generation bigint,
   series_at float8, not_before float8, replay smallint, reason text, created_at float8`,
);
const DELIVERIES = update(
  'deliveries',
  `id text, status text, attempts bigint, generation bigint, series_at float8, not_before float8, reason text,
   merged text, turn bigint`,
);
const ATTEMPTS = insert('attempts', 'n place, id text, thread_id text, delivery_id text, started_at float8, doc text');
const CONVERSATIONS = insert(
  'conversations',
  `n place, id text, thread_id text, type text, party_id text, service_id text, status text, agent text, opened_at float8,
   closed_at float8, close_reason text, opened_ord place, closed_ord place`,
  `ON CONFLICT (id) DO UPDATE SET status = excluded.status, agent = excluded.agent, closed_at = excluded.closed_at,
     close_reason = excluded.close_reason, closed_ord = coalesce(conversations.closed_ord, excluded.closed_ord)`,
);
const DEDUPE = insert('dedupe', 'generation bigint, hash text, message_id text', 'ON CONFLICT DO NOTHING');
const HEALTH = insert(
  'health',
  'id text, status text, failures bigint, generation bigint, reason text, since float8',
  `ON CONFLICT (id) DO UPDATE SET status = excluded.status, failures = excluded.failures,
     generation = excluded.generation, reason = excluded.reason, since = excluded.since`,
);
const COUNTERS = insert(
  'counters',
  'key text, n bigint',
  'ON CONFLICT (key) DO UPDATE SET n = counters.n + excluded.n',
);

const WAITED = { name: 'waited', text: 'DELETE FROM waits WHERE thread_id = ANY($1)' };

const SHOWN = {
  name: 'media shown',
  text: `UPDATE media SET refs = (SELECT count(*) FROM media_refs r WHERE r.media = media.id) WHERE id = ANY($1)`,
};

/** Sends all that the book has to write; gives the last place it took, once known. */
export function flush(tx: Transaction, book: Book, now: number): Promise<number> {
  const last = tx.take(book.used);
  last.catch(() => undefined);
  const send = (bulk: Bulk, rows: Iterable<unknown[]>): void => {
    const columns = new Columns(bulk.width);
    for (const row of rows) columns.add(...row);
    columns.send(tx, bulk, book.used);
  };
  flushThreads(book, send);
  flushWaits(tx, book, send);
  flushClaims(tx, book);
  flushWords(tx, book, send);
  flushLedger(book, send);
  const { write } = book;
  const generation = Math.floor(now / GENERATION_MS);
  send(
    DEDUPE,
    map(write.dedupe, ([hash, messageId]) => [generation, hash, messageId]),
  );
  send(
    HEALTH,
    map(
      [...write.health.values()].filter((each) => each !== null),
      (each) => [each.id, each.status, each.failures, each.generation, each.reason, each.since],
    ),
  );
  const gone = [...write.health].filter(([, each]) => each === null).map(([id]) => id);
  if (gone.length > 0) tx.send('DELETE FROM health WHERE id = ANY($1)', [gone]);
  // In the order of keys, as everybody who changes several sums.
  const sums = [...write.counters].filter(([, by]) => by !== 0).sort(([a], [b]) => (a < b ? -1 : 1));
  send(COUNTERS, sums);
  return last;
}

type Send = (bulk: Bulk, rows: Iterable<unknown[]>) => void;

function* map<T>(items: Iterable<T>, row: (item: T) => unknown[]): Generator<unknown[]> {
  for (const item of items) yield row(item);
}

function flushThreads(book: Book, send: Send): void {
  const fresh: unknown[][] = [];
  const known: unknown[][] = [];
  for (const [id, { place, at }] of book.write.threads) {
    const entry = book.thread(id);
    if (entry === undefined) continue;
    const { dueAt, holderId, waiting, offeredTo, limbo } = entry.columns;
    const { state } = entry;
    const columns = [dueAt, holderId, waiting === 1, offeredTo, limbo, at, state.desk?.agentId];
    if (place === null) known.push([id, JSON.stringify(state), ...columns]);
    else fresh.push([place, id, state.assetId, state.address, JSON.stringify(state), ...columns, book.me]);
  }
  send(NEW_THREADS, fresh);
  send(THREADS, known);
  send(
    CONVERSATIONS,
    map(book.write.talks.values(), ({ conversation: c, place, from, to }) => [
      place,
      c.id,
      c.threadId,
      c.type,
      c.partyId,
      c.serviceId,
      c.status,
      c.agent,
      c.openedAt,
      c.closedAt,
      c.closeReason,
      from,
      to,
    ]),
  );
}

/** Of the threads whose deadline, holder or wait is another than before. */
function flushWaits(tx: Transaction, book: Book, send: Send): void {
  const waits: unknown[][] = [];
  const over: string[] = [];
  for (const [id, { was }] of book.write.threads) {
    const now = book.thread(id)?.columns;
    if (now === undefined || (was && sameWait(was, now))) continue;
    if (now.dueAt !== null || now.waiting === 1) waits.push([id, now.holderId, now.dueAt, now.waiting === 1]);
    else if (was && (was.dueAt !== null || was.waiting === 1)) over.push(id);
  }
  send(WAITS, waits);
  if (over.length > 0) tx.send(WAITED, [over]);
}

const sameWait = (a: Standing, b: Standing): boolean =>
  a.dueAt === b.dueAt && a.waiting === b.waiting && a.holderId === b.holderId;

function flushWords(tx: Transaction, book: Book, send: Send): void {
  const { write } = book;
  send(
    MESSAGES,
    map(write.messages, ({ place, value: m }) => [
      place,
      m.id,
      m.threadId,
      m.seq,
      m.turn,
      m.at,
      m.externalId,
      writeDoc(m),
    ]),
  );
  send(RECEIPTS, write.receipts);
  send(EXTERNAL_IDS, write.externalIds);
  send(
    REWRITTEN,
    map(write.rewritten.values(), (message) => [message.id, writeDoc(message)]),
  );
  const bare = [...write.rewritten.values()].filter(({ media }) => media.length === 0).map(({ id }) => id);
  if (bare.length > 0) tx.send('DELETE FROM media_refs WHERE message_id = ANY($1)', [bare]);
  send(ALIASES, write.aliases.values());
  const shown = write.messages.flatMap(({ value }) => mediaOf(value));
  if (shown.length > 0) {
    send(MEDIA_REFS, shown);
    tx.send(SHOWN, [shown.map(([, medium]) => medium)]);
  }
  send(
    EVENTS,
    map(write.events, ({ place, value: e }) => [place, e.threadId ?? '', e.shown, e.at, e.type, e.data]),
  );
}

function mediaOf(message: Message): [message: string, medium: string][] {
  return message.media.flatMap(({ url }): [string, string][] => {
    const id = REFERENCE.exec(url)?.[1];
    return id === undefined ? [] : [[message.id, id]];
  });
}

function flushLedger(book: Book, send: Send): void {
  const { write } = book;
  const fresh: unknown[][] = [];
  for (const [id, place] of write.newDeliveries) {
    const d = book.deliveries.get(id);
    if (!d) continue;
    const to = [d.threadId, d.target.type, d.target.id, d.lane, d.kind, d.conversationId, d.messageId, d.turn];
    const content = [d.merged.length > 0 ? JSON.stringify(d.merged) : null, d.data && JSON.stringify(d.data)];
    const standing = [d.status, d.attempts, d.generation, d.seriesAt, d.notBefore];
    fresh.push([place, id, ...to, ...content, ...standing, d.replay ? 1 : 0, d.reason, d.createdAt]);
  }
  send(NEW_DELIVERIES, fresh);
  const changed: unknown[][] = [];
  for (const id of write.changedDeliveries) {
    const d = book.deliveries.get(id);
    if (!d) continue;
    const merged = d.merged.length > 0 ? JSON.stringify(d.merged) : null;
    changed.push([id, d.status, d.attempts, d.generation, d.seriesAt, d.notBefore, d.reason, merged, d.turn]);
  }
  send(DELIVERIES, changed);
  send(
    ATTEMPTS,
    map(write.attempts, ({ place, value }) => {
      const { deliveryId, threadId, ...doc } = value;
      return [place, value.id, threadId, deliveryId, value.startedAt, JSON.stringify(doc)];
    }),
  );
}
