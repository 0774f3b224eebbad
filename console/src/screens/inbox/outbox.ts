// What an agent said and what the server has not shown yet: on its way, taken, or refused with a way to try again.
// Not here: what was said before (the timeline). The one thing to know: one at a time and in order for each
// conversation; a retry has the same id, so that a lost answer never says anything twice.
import { useSyncExternalStore } from 'react';
import { api, newKey } from '../../api/client.ts';
import type { AgentEffect, UploadedMedium } from '../../api/types.ts';

export type Unshown = {
  key: string;
  conversationId: string;
  text: string;
  media: Pick<UploadedMedium, 'url' | 'type' | 'name'>[];
  state: 'waiting' | 'sending' | 'taken' | 'failed';
  error?: unknown;
  messageId?: string;
};

let items: readonly Unshown[] = [];
const watching = new Set<() => void>();

function change(next: readonly Unshown[]): void {
  items = next;
  for (const tell of watching) tell();
}
const mend = (key: string, more: Partial<Unshown>): void =>
  change(items.map((each) => (each.key === key ? { ...each, ...more } : each)));

/** Sends the first that waits, unless one before it failed or is on its way. */
async function pump(conversationId: string): Promise<void> {
  const next = items.find((each) => each.conversationId === conversationId && each.state !== 'taken');
  if (next === undefined || next.state !== 'waiting') return;
  const { key, text, media } = next;
  mend(key, { state: 'sending', error: undefined });
  try {
    const body = { id: key, ...(text === '' ? {} : { text }), ...(media.length === 0 ? {} : { media }) };
    const { message_id } = await api<AgentEffect>('POST', `/conversations/${conversationId}/messages`, { body });
    mend(key, { state: 'taken', ...(message_id === undefined ? {} : { messageId: message_id }) });
    await pump(conversationId);
  } catch (error) {
    mend(key, { state: 'failed', error });
  }
}

export function say(conversationId: string, text: string, media: Unshown['media']): void {
  change([...items, { key: newKey(), conversationId, text, media, state: 'waiting' }]);
  void pump(conversationId);
}

export function tryAgain({ key, conversationId }: Unshown): void {
  mend(key, { state: 'waiting' });
  void pump(conversationId);
}

export function discard({ key, conversationId }: Unshown): void {
  change(items.filter((each) => each.key !== key));
  void pump(conversationId);
}

/** What the timeline shows by now needs not stand here any more. */
export function shown(messageIds: ReadonlySet<string>): void {
  const rest = items.filter(({ messageId }) => messageId === undefined || !messageIds.has(messageId));
  if (rest.length < items.length) change(rest);
}

export const useUnshown = (conversationId: string): readonly Unshown[] =>
  useSyncExternalStore(
    (tell) => {
      watching.add(tell);
      return () => watching.delete(tell);
    },
    () => items,
  ).filter((each) => each.conversationId === conversationId);
