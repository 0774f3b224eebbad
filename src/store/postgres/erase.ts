// Erasing a customer: words, media, names, attributes, attempts' answers and events' data of their thread are gone.
// Not here: erasing by age (retain.ts). The one thing to know: the thread's row stays as a shell without an address, so
// that a late word from a bot finds a closed conversation, while the customer's next message begins a new thread.
import type { StoredStatus, TargetType, ThreadState } from '../../routing/model.ts';
import { erasedAddress } from '../rows/state.ts';
import { Book, type Entry } from './book.ts';
import { plain } from './bulk.ts';
import { touch } from './claims.ts';
import { THREAD_FIELDS } from './fields.ts';
import { flush } from './flush.ts';
import { readEntry } from './load.ts';
import { MediaBook } from './media.ts';
import type { Transaction, Writer } from './writer.ts';

export type Erased = { threads: string[]; messages: number; deliveries: number };
/** A customer of many years has many rows. */
const WITHIN_MS = 60_000;
const OF_ADDRESS = `SELECT ${THREAD_FIELDS} FROM threads WHERE id IN (
    SELECT id FROM threads WHERE asset_id = $1 AND address = $2
    UNION SELECT thread_id FROM aliases WHERE asset_id = $1 AND address = $2) ORDER BY id FOR UPDATE`;

/** Erases a customer of an asset; their threads, and counts of what was erased. */
export function erase(writer: Writer, now: number, assetId: string, address: string): Promise<Erased> {
  return writer.write(
    async (tx) => {
      const { entries, addresses } = await allOf(tx, assetId, address);
      for (const each of addresses) MediaBook.forget(tx, assetId, each);
      const book = new Book();
      const sums: Erased = { threads: [], messages: 0, deliveries: 0 };
      for (const entry of entries) {
        const { state } = entry;
        book.threads.set(state.id, entry);
        if (!writer.mine.has(entry.owner)) touch(tx, [state.id]);
        const { messages, deliveries } = await wipe(tx, book, state, now);
        sums.threads.push(state.id);
        sums.messages += messages;
        sums.deliveries += deliveries;
      }
      void flush(tx, book, now);
      return () => sums;
    },
    { withinMs: WITHIN_MS },
  );
}

/** All threads of a customer, locked: what any of their addresses leads to, or led to before it became an alias. */
async function allOf(tx: Transaction, assetId: string, address: string) {
  const entries = new Map<string, Entry>();
  const addresses = new Set([address]);
  for (const each of addresses) {
    const { rows } = await tx.query(OF_ADDRESS, [assetId, plain(each)]);
    for (const row of rows) {
      const entry = readEntry(row);
      const { state } = entry;
      entries.set(state.id, entry);
      for (const other of [state.address, ...(state.aliases ?? [])]) addresses.add(other);
    }
  }
  return { entries: [...entries.values()], addresses };
}

async function wipe(tx: Transaction, book: Book, state: ThreadState, now: number): Promise<Omit<Erased, 'threads'>> {
  const { id } = state;
  const waiting = await tx.query(
    `SELECT target_type, target_id, status, count(*) AS n FROM deliveries
     WHERE thread_id = $1 AND status IN ('pending', 'retrying', 'held') GROUP BY 1, 2, 3`,
    [id],
  );
  for (const row of waiting.rows) {
    const target = { type: row.target_type as TargetType, id: String(row.target_id) };
    book.countDelivery({ target, status: row.status as StoredStatus }, -Number(row.n));
    book.countDelivery({ target, status: 'cancelled' }, Number(row.n));
  }
  const deliveries = await tx.query(
    `UPDATE deliveries SET data = NULL, merged = NULL, message_id = NULL, reason = NULL,
       status = CASE WHEN status IN ('pending', 'retrying', 'held') THEN 'cancelled' ELSE status END
     WHERE thread_id = $1`,
    [id],
  );
  const messages = await tx.query('DELETE FROM messages WHERE thread_id = $1', [id]);
  tx.send('DELETE FROM attempts WHERE thread_id = $1', [id]);
  tx.send("UPDATE events SET data = '{}' WHERE thread_id = $1 AND shown", [id]);
  tx.send(
    `UPDATE conversations SET status = 'closed', agent = NULL, closed_at = coalesce(closed_at, $2), close_reason = 'erased',
       closed_ord = coalesce(closed_ord, (SELECT last FROM journal)) WHERE thread_id = $1`,
    [id, now],
  );
  const shell = shellOf(state, now);
  book.saveThread(shell, now);
  tx.send('UPDATE threads SET address = $2 WHERE id = $1', [id, shell.address]);
  tx.send('DELETE FROM aliases WHERE thread_id = $1', [id]);
  const erased = { messages: messages.count, deliveries: deliveries.count };
  const data = { thread_id: id, asset_id: state.assetId, ...erased };
  book.addEvent(id, now, { type: 'customer.erased', data });
  return erased;
}

const shellOf = ({ aliases: _, sendTo: __, ...state }: ThreadState, now: number): ThreadState => ({
  ...state,
  address: erasedAddress(state.id),
  name: '',
  epoch: state.epoch + 1,
  answered: state.turn,
  waitingSince: null,
  holder: { type: 'none', since: now },
  bots: [],
  desk: null,
  limbo: '',
  attributes: {},
});
