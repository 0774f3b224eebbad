// A delivery as a row of any store, its changes, and the item that a lane holds of it.
// Not here: SQL, and the sums per target and status. The one thing to know: `parked` is never stored.
import type { LaneItem } from '../../engine/store-port.ts';
import type { Delivery, DeliveryChange, Id, Message, NewDelivery, StoredStatus } from '../../routing/model.ts';
import type { Row } from './row.ts';

/** The partial index `deliveries_open` is used only where this stands word for word. */
export const OPEN = "status IN ('pending', 'retrying')";
export const isOpen = (status: StoredStatus): boolean => status === 'pending' || status === 'retrying';

export function readDelivery(row: Row): Delivery {
  return {
    id: String(row.id),
    ord: Number(row.ord),
    threadId: String(row.thread_id),
    target: { type: row.target_type as Delivery['target']['type'], id: String(row.target_id) },
    lane: row.lane as Delivery['lane'],
    kind: row.kind as Delivery['kind'],
    conversationId: row.conversation_id as Id | null,
    messageId: row.message_id as Id | null,
    turn: row.turn as number | null,
    merged: row.merged === null ? [] : (JSON.parse(String(row.merged)) as Id[]),
    data: row.data === null ? null : (JSON.parse(String(row.data)) as Record<string, unknown>),
    status: row.status as StoredStatus,
    attempts: Number(row.attempts),
    generation: Number(row.generation),
    seriesAt: row.series_at as number | null,
    notBefore: Number(row.not_before),
    replay: row.replay === 1,
    reason: row.reason as string | null,
    createdAt: Number(row.created_at),
  };
}

/** A new delivery at its place in the order of commits. */
export function newDelivery(draft: NewDelivery, ord: number, now: number): Delivery {
  // Named one by one: a spread of this many fields costs as much as the row.
  return {
    id: draft.id,
    ord,
    threadId: draft.threadId,
    target: draft.target,
    lane: draft.lane,
    kind: draft.kind,
    conversationId: draft.conversationId,
    messageId: draft.messageId,
    turn: draft.turn,
    merged: draft.merged,
    data: draft.data,
    status: 'pending',
    attempts: 0,
    generation: 0,
    seriesAt: null,
    notBefore: draft.notBefore,
    replay: draft.replay,
    reason: null,
    createdAt: now,
  };
}

/** A delivery after a change; the join of a message is the store's to make. */
export function changed(before: Delivery, change: DeliveryChange): Delivery {
  return {
    ...before,
    status: change.status ?? before.status,
    attempts: change.attempts ?? before.attempts,
    generation: change.generation ?? before.generation,
    seriesAt: change.seriesAt === undefined ? before.seriesAt : change.seriesAt,
    notBefore: change.notBefore ?? before.notBefore,
    reason: change.reason === undefined ? before.reason : change.reason,
  };
}

/** A delivery with its messages. One that was erased meanwhile is null, or missing among the merged. */
export function laneItem(delivery: Delivery, find: (id: Id) => Message | null, thread: LaneItem['thread']): LaneItem {
  return {
    delivery,
    message: delivery.messageId === null ? null : find(delivery.messageId),
    merged: delivery.merged.map(find).filter((message) => message !== null),
    thread,
  };
}
