// What a message says beyond text and media, as bots and desks are told: a place, contacts, the message it answers.
// Not here: which channel fills in what (the adapters). The one thing to know: nothing is invented; what the channel did not
// say is left out, and a message without details has none.
import type { Message } from '../routing/model.ts';

/** null when there are none. */
export function detailsOf({ details }: Pick<Message, 'details'>): Record<string, unknown> | null {
  if (details === undefined) return null;
  const { replyTo, ...rest } = details;
  return replyTo === undefined ? rest : { ...rest, reply_to: replyTo };
}
