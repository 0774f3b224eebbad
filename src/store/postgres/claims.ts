// Whose threads a batch decides: ours, another process's, or ours from now on.
// Not here: the processes themselves (processes.ts), and the sending. The one thing to know: a thread goes to whoever decides
// it while nothing of it is owed to anybody and nothing may be on its way; else it stays, and its owner is made to look
// (`touched`).
import type { ThreadNow } from '../../engine/peers-port.ts';
import type { LaneItem } from '../../engine/store-port.ts';
import type { Id } from '../../routing/model.ts';
import { readDelivery } from '../rows/delivery.ts';
import { viewOf } from '../rows/state.ts';
import type { Book } from './book.ts';
import { DELIVERY_FIELDS, THREAD_FIELDS } from './fields.ts';
import { itemsOf } from './items.ts';
import { readEntry } from './load.ts';
import type { Transaction, Writer } from './writer.ts';

const OPEN = "d.status IN ('pending', 'retrying')";
const OWING = {
  name: 'load owing',
  text: `SELECT t.id FROM unnest($1::text[]) AS t (id)
    WHERE EXISTS (SELECT 1 FROM deliveries d WHERE d.thread_id = t.id AND ${OPEN})`,
};
const OWED = `SELECT ${DELIVERY_FIELDS} FROM deliveries d WHERE d.thread_id = ANY($1) AND ${OPEN} ORDER BY d.ord`;
const TOUCHED = `SELECT ${THREAD_FIELDS} FROM threads WHERE touched AND owner = ANY($1) ORDER BY id LIMIT $2 FOR UPDATE`;
const CATCH_UP_MAX = 200;
/** What was cancelled may have left just before: an exchange is over after twice five seconds at most. */
const STAY = `UPDATE threads SET stays_until = clock_timestamp() + interval '11 s' WHERE id = ANY($1)`;

/** Finds out which of a batch's threads are ours; call when they are locked. */
export async function claim(tx: Transaction, book: Book, mine: ReadonlySet<number>): Promise<void> {
  const theirs: Id[] = [];
  for (const [id, entry] of book.threads) {
    if (!entry) continue;
    if (mine.has(entry.owner)) {
      if (entry.touched) book.claims.renewed.add(id);
    } else {
      book.claims.foreign.add(id);
      if (!entry.touched && !entry.stays) theirs.push(id);
    }
  }
  if (theirs.length === 0) return;
  const owing = new Set((await tx.query(OWING, [theirs])).rows.map(({ id }) => String(id)));
  for (const id of theirs) {
    if (owing.has(id)) continue;
    book.claims.foreign.delete(id);
    book.claims.claimed.add(id);
  }
}

/** A thread of which no answer tells stays as it is: who says a word again has its thread loaded, and decides nothing. */
export function leaveUntold({ claims }: Book, told: ReadonlySet<Id | null>): void {
  for (const ids of [claims.claimed, claims.renewed]) for (const id of ids) if (!told.has(id)) ids.delete(id);
}

/** Keeps what was found out; other processes are told of what was decided for them. */
export function flushClaims(tx: Transaction, book: Book): void {
  const { claimed, renewed, foreign } = book.claims;
  if (claimed.size > 0) tx.send('UPDATE threads SET owner = $2 WHERE id = ANY($1)', [[...claimed], book.me]);
  if (renewed.size > 0) tx.send('UPDATE threads SET touched = false WHERE id = ANY($1)', [[...renewed]]);
  const cancelled = [...book.write.changedDeliveries].flatMap((id) => {
    const delivery = book.deliveries.get(id);
    return delivery?.status === 'cancelled' ? [delivery.threadId] : [];
  });
  if (cancelled.length > 0) tx.send(STAY, [[...new Set(cancelled)]]);
  const changed = new Set<Id>(book.write.threads.keys());
  for (const id of [...book.write.newDeliveries.keys(), ...book.write.changedDeliveries]) {
    const delivery = book.deliveries.get(id);
    if (delivery) changed.add(delivery.threadId);
  }
  const touched = [...changed].filter((id) => foreign.has(id));
  if (touched.length > 0) touch(tx, touched);
}

/** Their owner is made to look. */
export function touch(tx: Transaction, threads: readonly Id[]): void {
  tx.notes.touched();
  tx.send('UPDATE threads SET touched = true WHERE id = ANY($1) AND NOT touched', [threads]);
}

/** All that these threads owe now, in the order of commits. */
export async function owedBy(tx: Transaction, threads: readonly Id[]): Promise<Map<Id, LaneItem[]>> {
  const { rows } = await tx.query(OWED, [threads]);
  const items = await itemsOf(async (sql, values) => (await tx.query(sql, values)).rows, rows.map(readDelivery));
  const owed = new Map<Id, LaneItem[]>(threads.map((id) => [id, []]));
  for (const item of items) owed.get(item.delivery.threadId)?.push(item);
  return owed;
}

/** What others decided for threads of ours since we looked last; at most a page, empty when there is nothing. */
export function catchUp(writer: Writer): Promise<ThreadNow[]> {
  return writer.write(async (tx) => {
    const { rows } = await tx.query(TOUCHED, [[...writer.mine], CATCH_UP_MAX]);
    const entries = rows.map(readEntry);
    const ids = entries.map(({ state }) => state.id);
    if (ids.length === 0) return () => [];
    tx.send('UPDATE threads SET touched = false WHERE id = ANY($1)', [ids]);
    const owed = await owedBy(tx, ids);
    return () =>
      entries.map(({ state, columns }) => ({
        thread: viewOf(state),
        dueAt: columns.dueAt,
        owed: owed.get(state.id) ?? [],
      }));
  });
}
