// The words of what is sent: statuses, kinds, reasons; for the delivery screens and for a conversation's.
// Not here: common words (src/i18n). The one thing to know: what this console does not know yet is called by its own name.
import type { DeliveryWithAttempts } from '../../api/types.ts';
import { wordsOf } from '../../i18n/words.ts';
import ar from './ar.json' with { type: 'json' };
import en from './en.json' with { type: 'json' };

export const useDeliveryT = wordsOf(en, ar);
export type DeliveryT = ReturnType<typeof useDeliveryT>;
type Key = Parameters<DeliveryT>[0];

const known = (t: DeliveryT, key: string, otherwise: string): string => (key in en ? t(key as Key) : otherwise);

export const kindName = (t: DeliveryT, kind: DeliveryWithAttempts['kind']): string => t(`kind.${kind}`);
export const reasonName = (t: DeliveryT, reason: string): string => known(t, `reason.${reason}`, reason);

/** Milliseconds as people read them. */
export const sayMs = (ms: number): string => {
  if (ms < 10) return `${Math.round(ms * 10) / 10} ms`;
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 100) / 10} s`;
};
