// Which messages of ours had reached the customer by a moment: what a provider's watermark is about.
// Not here: SQL, and what is told to whom. The one thing to know: a message had reached them if a delivery of it to the
// channel succeeded in a try that began by then; a message that still waited, or failed, had not.
import type { MessageRow } from '../../engine/store-port.ts';
import type { Input } from '../../routing/inputs.ts';
import type { Id, StoredStatus } from '../../routing/model.ts';

/** A watermark looks at so many of a thread's newest messages of ours: what is older was told long ago. */
export const REACHED_MAX = 500;

/** A delivery to the channel; `at`: when its last try began. */
export type Sent = { messageId: Id; status: StoredStatus; at: number };

/** What has the status already, or failed, is not told of. */
export function reachedBy(
  messages: readonly MessageRow[],
  deliveries: readonly Sent[],
  { status, at }: Extract<Input, { type: 'watermark' }>,
): MessageRow[] {
  const reached = new Set(
    deliveries.filter((sent) => sent.status === 'delivered' && sent.at <= at).map(({ messageId }) => messageId),
  );
  const open = ({ receipt }: MessageRow): boolean => receipt === null || (receipt === 'delivered' && status === 'read');
  return messages.filter((message) => reached.has(message.id) && open(message));
}
