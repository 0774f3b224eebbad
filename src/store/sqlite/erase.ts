// Erasing a customer: words, media, names, attributes, attempts' answers and events' data of their thread are gone.
// Not here: erasing by age (retain.ts). The one thing to know: the thread's row stays as a shell without an address,
// so that a late word from a bot finds a closed conversation, while the customer's next message begins a new thread.

import type { Id, ThreadState } from '../../routing/model.ts';
import { isOpen, readDelivery } from '../rows/delivery.ts';
import { erasedAddress } from '../rows/state.ts';
import { emptyWal } from './connection.ts';
import type { Database, Statement } from './driver.ts';
import { DELIVERY_FIELDS, FROM_DELIVERIES } from './ledger.ts';
import { KIND } from './schema.ts';
import type { Tables } from './tables.ts';
import type { Entry } from './threads.ts';

const ERASED = 'The customer was erased.';
export type Erased = { threads: Id[]; messages: number; deliveries: number };

export class Eraser {
  readonly #db: Database;
  readonly #tables: Tables;
  readonly #now: () => number;
  readonly #deliveries: Statement;
  /** In order; each is given the thread's number. */
  readonly #wipes: { deliveries: Statement; messages: Statement; others: Statement[] };
  readonly #close: Statement;
  readonly #moveAway: Statement;

  constructor(db: Database, tables: Tables, now: () => number) {
    this.#db = db;
    this.#tables = tables;
    this.#now = now;
    const ofThread = (kind: number): string => `(SELECT ord FROM timeline WHERE thread = ? AND kind = ${kind})`;
    this.#deliveries = db.prepare(
      `SELECT ${DELIVERY_FIELDS} ${FROM_DELIVERIES} WHERE d.ord IN ${ofThread(KIND.delivery)} ORDER BY d.ord`,
    );
    this.#wipes = {
      deliveries: db.prepare(
        `UPDATE deliveries SET data = NULL, merged = NULL, message_id = NULL, reason = NULL
         WHERE ord IN ${ofThread(KIND.delivery)}`,
      ),
      messages: db.prepare(`DELETE FROM messages WHERE ord IN ${ofThread(KIND.message)}`),
      others: [
        db.prepare(`DELETE FROM attempts WHERE delivery IN ${ofThread(KIND.delivery)}`),
        db.prepare(`UPDATE events SET data = '{}' WHERE seq IN ${ofThread(KIND.event)}`),
        db.prepare(`DELETE FROM timeline WHERE thread = ? AND kind = ${KIND.message}`),
      ],
    };
    this.#close = db.prepare(
      `UPDATE conversations SET status = 'closed', agent = NULL, closed_at = coalesce(closed_at, ?), close_reason = 'erased',
         closed_ord = coalesce(closed_ord, ?) WHERE thread = ?`,
    );
    this.#moveAway = db.prepare('UPDATE threads SET address = ? WHERE n = ?');
  }

  /** Erases a customer of an asset; their threads, and counts of what was erased. */
  erase(assetId: string, address: string): Erased {
    const theirs = this.#tables.threads.allOf(assetId, address).map(({ state }) => state);
    const found = theirs.length > 0;
    this.#tables.write(() => {
      for (const each of new Set([address, ...theirs.flatMap((of) => [of.address, ...(of.aliases ?? [])])])) {
        this.#tables.media.forget(assetId, each);
        this.#tables.directLines.forget(assetId, each);
      }
    });
    if (!found) return { threads: [], messages: 0, deliveries: 0 };
    // What is deleted is overwritten too: in the database by SQLite, in the WAL by emptying it.
    const erased = this.#tables.write(() => {
      this.#tables.settle();
      const counts = this.#erase(assetId, address);
      this.#tables.settle();
      return counts;
    });
    this.#tables.reset();
    emptyWal(this.#db);
    return erased;
  }

  #erase(assetId: string, address: string): Erased {
    const sums: Erased = { threads: [], messages: 0, deliveries: 0 };
    for (const entry of this.#tables.threads.allOf(assetId, address)) {
      const { messages, deliveries } = this.#eraseThread(assetId, entry);
      sums.threads.push(entry.state.id);
      sums.messages += messages;
      sums.deliveries += deliveries;
    }
    return sums;
  }

  #eraseThread(assetId: string, entry: Entry): Omit<Erased, 'threads'> {
    const { ledger, journal, threads } = this.#tables;
    const { n, state } = entry;
    const now = this.#now();
    for (const row of this.#deliveries.all(n)) {
      const delivery = readDelivery(row);
      const waits = isOpen(delivery.status) || delivery.status === 'held';
      if (waits) ledger.change({ id: delivery.id, status: 'cancelled', reason: ERASED });
    }
    const messages = Number(this.#wipes.messages.run(n).changes);
    const deliveries = Number(this.#wipes.deliveries.run(n).changes);
    for (const wipe of this.#wipes.others) wipe.run(n);
    this.#close.run(now, journal.last, n);
    threads.unlead(entry);
    this.#leaveShell(entry, now);
    const data = { thread_id: state.id, asset_id: assetId, messages, deliveries };
    journal.write(n, now, { type: 'customer.erased', data });
    journal.keepLast();
    return { messages, deliveries };
  }

  #leaveShell({ n, state }: Entry, now: number): void {
    const { aliases: _, sendTo: __, ...rest } = state;
    const shell: ThreadState = {
      ...rest,
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
    };
    this.#tables.threads.save(shell, now);
    this.#moveAway.run(shell.address, n);
  }
}
