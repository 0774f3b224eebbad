// The store as people read it: whatever it says of a message comes with links for now in the place of `media:<id>`.
// Not here: what bots and desks are sent (src/engine/links.ts). The one thing to know: it stands before the management
// API's reading once, so that no route has to think of it.
import type { MessageRow, Store } from '../engine/store-port.ts';
import type { Media, Message } from '../routing/model.ts';

export function linkedReads(store: Store, linked: (medium: Media) => Media): Store {
  const show = <M extends Pick<Message, 'media'>>(message: M): M =>
    message.media.length === 0 ? message : { ...message, media: message.media.map(linked) };
  const orNull = <M extends Pick<Message, 'media'>>(message: M | null): M | null => message && show(message);
  const withLast = <R extends { last: MessageRow | null }>(row: R): R => ({ ...row, last: orNull(row.last) });
  return {
    ...store,
    async timeline(threadId, ask) {
      const page = await store.timeline(threadId, ask);
      const data = page.data.map((item) => (item.type === 'message' ? { ...item, message: show(item.message) } : item));
      return { ...page, data };
    },
    async conversationMessages(id, ask) {
      const page = await store.conversationMessages(id, ask);
      return { ...page, data: page.data.map(show) };
    },
    async listThreads(ask) {
      const page = await store.listThreads(ask);
      return { ...page, data: page.data.map(withLast) };
    },
    async message(id) {
      return orNull(await store.message(id));
    },
    async delivery(id) {
      const found = await store.delivery(id);
      return found && { ...found, message: orNull(found.message) };
    },
    async laneItem(id) {
      const found = await store.laneItem(id);
      return found && { ...found, message: orNull(found.message), merged: found.merged.map(show) };
    },
    async transcript(threadId, uptoSeq, limit) {
      const found = await store.transcript(threadId, uptoSeq, limit);
      return { ...found, messages: found.messages.map(show) };
    },
  };
}
