// The numbers of the home screen and of /metrics, from kept sums: no scan, however much there is.
// Not here: the keeping of the sums (threads.ts, ledger.ts). The one thing to know: `undeliverable` are the customers
// who wait for a bot or desk that is not active [ours]; deliveries shown as parked are open ones of such a target.

import type { Counts } from '../../engine/store-port.ts';
import { isOpen, OPEN } from '../rows/delivery.ts';
import { counterKey } from './counters.ts';
import type { Database, Statement } from './driver.ts';
import type { Tables } from './tables.ts';

export class CountReads {
  readonly #tables: Tables;
  readonly #oldest: Statement;

  constructor(db: Database, tables: Tables) {
    this.#tables = tables;
    this.#oldest = db.prepare(
      `SELECT created_at FROM deliveries
       WHERE target_type = ? AND target_id = ? AND lane = ? AND ${OPEN} ORDER BY ord LIMIT 1`,
    );
  }

  counts(): Counts {
    const { counters } = this.#tables;
    const waiting = counters.under('waiting').map(({ parts, n }) => ({ holder: parts.join('|'), n }));
    const unreachable = waiting.filter(({ holder }) => holder !== '' && !this.#isActive(holder));
    const sum = (list: { n: number }[]): number => list.reduce((total, { n }) => total + n, 0);
    return {
      threads: counters.get('threads'),
      waiting: sum(waiting),
      waitingFor: Object.fromEntries(waiting.map(({ holder, n }) => [holder, n])),
      limbo: {
        unrouted: counters.get(counterKey('limbo', 'unrouted')),
        needs_person: counters.get(counterKey('limbo', 'needs_person')),
        overdue: counters.get(counterKey('limbo', 'overdue')),
        undeliverable: sum(unreachable),
      },
      ...this.#deliveries(),
    };
  }

  #deliveries(): Pick<Counts, 'deliveries' | 'oldestPendingAt'> {
    const { ledger, health } = this.#tables;
    const deliveries: Counts['deliveries'] = {
      pending: 0,
      retrying: 0,
      parked: 0,
      delivered: 0,
      dead: 0,
      held: 0,
      cancelled: 0,
    };
    let oldestPendingAt: number | null = null;
    for (const { target, status, n } of ledger.sums()) {
      const parked = isOpen(status) && !health.isActive(target);
      deliveries[parked ? 'parked' : status] += n;
      if (!isOpen(status) || parked) continue;
      for (const lane of ['main', 'receipt']) {
        const at = this.#oldest.get(target.type, target.id, lane)?.created_at;
        if (typeof at === 'number') oldestPendingAt = Math.min(oldestPendingAt ?? at, at);
      }
    }
    return { deliveries, oldestPendingAt };
  }

  #isActive(holderId: string): boolean {
    return this.#tables.health.isActive({ type: 'bot', id: holderId });
  }
}
