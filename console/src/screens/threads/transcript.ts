// A thread's timeline as a person reads it: messages, each with why it went where and how it got there, and between them
// what happened to the line.
// Pure. The one thing to know: a delivery stands at its message; what has no message (an offer, a closing) stands alone.
import type { Event, Message, TimelineItem } from '../../api/types.ts';

export type Looked = { rule_id: string; name: string; matched: boolean; why: string };
export type Decision = { looked: Looked[]; winner: string | null; why: string };
export type Sent = { delivery: NonNullable<TimelineItem['delivery']>; attempts: NonNullable<TimelineItem['attempts']> };

export type Entry =
  | {
      key: string;
      at: string;
      type: 'message';
      message: Message;
      decision: Decision | null;
      sent: Sent[];
      receipts: Sent[];
    }
  | { key: string; at: string; type: 'event'; event: Event }
  | { key: string; at: string; type: 'delivery'; sent: Sent };

/** Told already by a message, its ticks, or the stints. */
const SILENT = new Set([
  'message.received',
  'postback.received',
  'message.sent',
  'message.receipt',
  'delivery.delivered',
  'delivery.failed',
  'delivery.dead',
  'delivery.held',
  'delivery.replayed',
  'conversation.opened',
]);

export function decisionOf(event: Event): Decision | null {
  const { decision } = event.data as { decision?: Decision };
  return decision !== undefined && Array.isArray(decision.looked) ? decision : null;
}

/** Oldest first, whatever the order of `items`. */
export function transcriptOf(items: readonly TimelineItem[], order: 'asc' | 'desc'): Entry[] {
  const inOrder = order === 'asc' ? items : items.toReversed();
  const entries: Entry[] = [];
  const spoken = new Map<string, Extract<Entry, { type: 'message' }>>();
  for (const { message } of inOrder) {
    if (message) {
      const { id: key, at } = message;
      spoken.set(key, { key, at, type: 'message', message, decision: null, sent: [], receipts: [] });
    }
  }
  for (const { at, message, event, delivery, attempts = [] } of inOrder) {
    if (message) entries.push(spoken.get(message.id) as Entry);
    else if (event) {
      const about = spoken.get(String(event.data.message_id ?? ''));
      if (about && event.type === 'message.received') about.decision = decisionOf(event);
      if (!SILENT.has(event.type)) entries.push({ key: event.id, at, type: 'event', event });
    } else if (delivery) {
      const sent = { delivery, attempts };
      const homes = [delivery.message_id, ...delivery.merged_message_ids].map((id) => spoken.get(id ?? ''));
      const home = homes.find((each) => each !== undefined);
      if (!home) entries.push({ key: delivery.id, at, type: 'delivery', sent });
      else if (delivery.kind === 'receipt') home.receipts.push(sent);
      else for (const each of new Set(homes)) each?.sent.push(sent);
    }
  }
  return entries;
}
