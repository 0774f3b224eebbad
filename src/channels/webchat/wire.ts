// What a customer is shown of their thread: messages, who answers, how far their own words got. Pure.
// Not here: reading the thread (streams.ts). The one thing to know: nothing that is for operators goes out here: no ids of
// bots, desks or conversations, no attributes, no custom parameters, no notes, no decisions.
import type { Said, ThreadRow } from '../../engine/store-port.ts';
import type { Media, World } from '../../routing/model.ts';
import type { Holder, Ticks, WireMedium, WireMessage } from './protocol.ts';

export type Linked = (medium: Media) => Media;

/** Stands between the address and the client's id in the id that the engine is given; client ids do not have it. */
const BETWEEN = '|';

/** Dedupe keys are the asset's: with the address in it, nobody can use up another's. */
export const externalIdOf = (address: string, clientId: string): string => `${address}${BETWEEN}${clientId}`;

export const clientIdOf = (externalId: string): string => externalId.slice(externalId.lastIndexOf(BETWEEN) + 1);

export function showMessage({ ord, message }: Said, linked: Linked): WireMessage {
  const mine = message.author.type === 'customer';
  const shown: WireMessage = {
    id: message.id,
    cursor: String(ord),
    at: message.at,
    author: { type: message.author.type, name: message.author.name },
    type: message.type,
    text: message.kind === 'postback' ? (message.title ?? message.payload ?? '') : message.text,
    media: message.media.map((medium) => showMedium(linked(medium))),
    quick_replies: (message.quickReplies ?? []).map(({ title, payload }) => ({ title, payload: payload ?? null })),
  };
  if (message.kind === 'postback') shown.postback = true;
  if (!mine) shown.receipt = message.receipt === 'failed' ? null : message.receipt;
  if (mine && message.turn !== null) shown.turn = message.turn;
  if (mine && message.externalId?.includes(BETWEEN)) shown.client_id = clientIdOf(message.externalId);
  return shown;
}

const showMedium = ({ url, type, name }: Media): WireMedium => ({ url, type, name: name ?? '' });

/** Who answers now, in a customer's words: until a human has come, they wait, whoever holds the line. */
export function holderOf(thread: ThreadRow | null, world: World): Holder {
  if (thread === null) return { type: 'none', name: '' };
  const { holder, desk, limbo } = thread;
  if (desk)
    return desk.phase === 'accepted' ? { type: 'agent', name: desk.agent ?? '' } : { type: 'waiting', name: '' };
  if (holder.type === 'bot') return { type: 'bot', name: world.bots.get(holder.id)?.name ?? '' };
  return { type: limbo === '' ? 'none' : 'waiting', name: '' };
}

/** How far the customer's words got, as watermarks. */
export function ticksOf(thread: ThreadRow | null): Ticks {
  if (thread === null) return { delivered_turn: 0, read_turn: 0 };
  const { holder, bots, desk, answered } = thread;
  const share = holder.type === 'bot' ? bots.find((each) => each.conversationId === holder.conversationId) : undefined;
  const taken = desk ? desk.acked : (share?.acked ?? 0);
  return { delivered_turn: Math.max(taken, answered), read_turn: answered };
}
