// Receipts that come before us: a provider may tell what became of a message before its answer to our send is on disk.
// Not here: deciding about receipts. The one thing to know: only those wait that name the provider's id, a short while and
// in memory. After a crash they are gone, with the answer that they came before; what the provider tells later still counts.
import type { Input } from '../routing/inputs.ts';
import type { Id } from '../routing/model.ts';
import type { Clock } from './ports.ts';

export type Receipt = Extract<Input, { type: 'receipt' }>;

/** An answer is on disk some milliseconds after it came; while the store is away, that long. */
const KEPT_MS = 120_000;
/** Receipts of what others sent over the same account wait in vain: they must not grow. */
const MAX = 10_000;

export class EarlyReceipts {
  readonly #clock: Clock;
  /** by asset and id, oldest first */
  readonly #waiting = new Map<string, { until: number; receipts: Receipt[] }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Nobody knows the message that it names. */
  keep(receipt: Receipt): void {
    if (receipt.messageId !== '' || receipt.externalId === undefined) return;
    const now = this.#clock.now();
    for (const [key, { until }] of this.#waiting) {
      if (until > now && this.#waiting.size < MAX) break;
      this.#waiting.delete(key);
    }
    const key = keyOf(receipt.assetId, receipt.externalId);
    const receipts = this.#waiting.get(key)?.receipts ?? [];
    if (receipts.some(({ status }) => status === receipt.status)) return;
    this.#waiting.delete(key);
    this.#waiting.set(key, { until: now + KEPT_MS, receipts: [...receipts, receipt] });
  }

  /** The message is known by that id now. */
  take(assetId: Id, externalId: string): Receipt[] {
    const key = keyOf(assetId, externalId);
    const found = this.#waiting.get(key);
    this.#waiting.delete(key);
    return found?.receipts ?? [];
  }

  get size(): number {
    return this.#waiting.size;
  }

  stats(): Record<string, number> {
    return { receipts_early: this.size };
  }
}

const keyOf = (assetId: Id, externalId: string): string => `${assetId}\n${externalId}`;
