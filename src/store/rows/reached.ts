// Which messages of ours had reached the customer by a moment: what a provider's watermark is about.
// Not here: SQL, and what is told to whom. The one thing to know: a message had reached them if a delivery of it to the
// channel succeeded in a try that began by then; a message that still waited, or failed, had not.
import type { MessageRow } from '../../engine/store-port.ts';
import type { Id, StoredStatus } from '../../routing/model.ts';

/** A watermark looks at so many of a thread's newest messages of ours: what is older was told long ago. */
export const REACHED_MAX = 500;

/** A delivery to the channel; `at`: when its last try began. */
export type Sent = { messageId: Id; status: StoredStatus; at: number };

export function reachedBy(messages: readonly MessageRow[], deliveries: readonly Sent[], at: number): MessageRow[] {
  const reached = new Set(
    deliveries.filter((sent) => sent.status === 'delivered' && sent.at <= at).map(({ messageId }) => messageId),
  );
  return messages.filter(({ id }) => reached.has(id));
}
