// Deliveries with all that is needed to send them: their messages, and their threads as they are now.
// Not here: which deliveries. The one thing to know: it asks on the connection it is given, so that what it finds belongs
// together with the deliveries.
import type { LaneItem } from '../../engine/store-port.ts';
import type { Delivery, Id, Message } from '../../routing/model.ts';
import { laneItem } from '../rows/delivery.ts';
import { bare, readMessage } from '../rows/message.ts';
import { viewOf } from '../rows/state.ts';
import { MESSAGE_FIELDS, THREAD_FIELDS } from './fields.ts';
import { readEntry } from './load.ts';
import type { Ask } from './reader.ts';

/** Deliveries with their messages and threads. */
export async function itemsOf(ask: Ask, deliveries: Delivery[]): Promise<LaneItem[]> {
  if (deliveries.length === 0) return [];
  const ids = [...new Set(deliveries.flatMap(({ messageId, merged }) => [messageId ?? [], merged].flat()))];
  const messages = new Map<Id, Message>();
  for (const row of await ask(`SELECT ${MESSAGE_FIELDS} FROM messages m WHERE m.id = ANY($1)`, [ids])) {
    messages.set(String(row.id), bare(readMessage(row)));
  }
  const threadIds = [...new Set(deliveries.map(({ threadId }) => threadId))];
  const views = new Map(
    (await ask(`SELECT ${THREAD_FIELDS} FROM threads WHERE id = ANY($1)`, [threadIds])).map((row) => {
      const { state } = readEntry(row);
      return [state.id, viewOf(state)];
    }),
  );
  const find = (id: Id): Message | null => messages.get(id) ?? null;
  return deliveries.map((delivery) => laneItem(delivery, find, views.get(delivery.threadId) ?? null));
}
