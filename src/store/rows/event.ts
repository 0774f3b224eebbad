// An event of the feed as a row of any store. Not here: SQL, and what an event says.
// The one thing to know: an event's number is its place in the order of commits.
import type { FeedEvent } from '../../engine/store-port.ts';
import type { EventDraft } from '../../routing/inputs.ts';
import type { Row } from './row.ts';

/** Wide enough for every safe integer, so that texts sort as numbers do. */
const EVENT_ID_DIGITS = 16;

/**
 * In the feed, but not in a thread's timeline, where the message and the delivery with its status stand themselves: an
 * index page less for each attempt. Such an event must hold no words: erasing finds events through the timeline.
 */
export const BESIDE_TIMELINE: ReadonlySet<EventDraft['type']> = new Set(['message.sent', 'delivery.delivered']);

/** An event's id is its number in clothes: `evt_0000000000000042`. */
const eventId = (seq: number): string => `evt_${String(seq).padStart(EVENT_ID_DIGITS, '0')}`;

/** A row of `events` with `thread_id`. */
export function readEvent(row: Row): FeedEvent {
  const seq = Number(row.seq);
  return {
    seq,
    id: eventId(seq),
    at: Number(row.at),
    type: String(row.type),
    threadId: row.thread_id as string | null,
    data: JSON.parse(String(row.data)) as Record<string, unknown>,
  };
}
