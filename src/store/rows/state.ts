// What is derived from a thread's state: its columns, its next due time, and the view that lanes hold of it.
// Pure. Not here: reading and writing of rows. The one thing to know: every deadline of a thread is in its state; the
// earliest of them is its due time. Retries and merge windows are not: they are `notBefore` of a delivery.
import type { ThreadView } from '../../engine/store-port.ts';
import type { ThreadState } from '../../routing/model.ts';

/** What stands for the address of a customer who was erased. */
export const erasedAddress = (threadId: string): string => `erased:${threadId}`;
export const isErased = (state: ThreadState): boolean => state.address === erasedAddress(state.id);

/** The columns of a thread's row that follow from its state. */
export type Columns = {
  dueAt: number | null;
  holderId: string | null;
  waiting: number;
  offeredTo: string | null;
  limbo: string;
};

/** The earliest deadline of a thread, ms since 1970; null when it has none. Of the bots only the holder has one. */
function dueAtOf({ holder, bots, desk }: ThreadState): number | null {
  const holding =
    holder.type === 'bot' ? bots.find((each) => each.conversationId === holder.conversationId) : undefined;
  const times = [holding?.takeDue, holding?.replyDue, desk?.acceptDue, desk?.replyDue];
  const due = times.reduce<number>((soonest, at) => Math.min(soonest, at ?? soonest), Number.POSITIVE_INFINITY);
  return due === Number.POSITIVE_INFINITY ? null : due;
}

export function columnsOf(state: ThreadState): Columns {
  return {
    dueAt: dueAtOf(state),
    holderId: state.holder.type === 'none' ? null : state.holder.id,
    waiting: state.waitingSince === null ? 0 : 1,
    offeredTo: state.desk && state.desk.phase !== 'accepted' ? state.desk.deskId : null,
    limbo: state.limbo,
  };
}

/** Whether two states look the same to a lane: most attempts and replies only move watermarks. */
export function sameView(a: ThreadState, b: ThreadState): boolean {
  return (
    a.epoch === b.epoch &&
    a.serviceId === b.serviceId &&
    a.name === b.name &&
    a.sendTo === b.sendTo &&
    a.aliases === b.aliases &&
    a.attributes === b.attributes &&
    a.desk?.conversationId === b.desk?.conversationId &&
    a.bots.length === b.bots.length &&
    a.bots.every(
      (each, index) => each.conversationId === b.bots[index]?.conversationId && each.drain === b.bots[index]?.drain,
    )
  );
}

export function viewOf(state: ThreadState): ThreadView {
  const drain: Record<string, number> = {};
  for (const share of state.bots) drain[share.conversationId] = share.drain;
  const { holder, desk } = state;
  return {
    id: state.id,
    assetId: state.assetId,
    serviceId: state.serviceId,
    address: state.address,
    name: state.name,
    ...(state.sendTo !== undefined && { sendTo: state.sendTo }),
    ...(state.aliases !== undefined && { aliases: state.aliases }),
    epoch: state.epoch,
    holder:
      holder.type === 'none'
        ? { type: 'none', id: null, conversationId: null }
        : { type: holder.type, id: holder.id, conversationId: holder.conversationId },
    drain,
    desk: desk && {
      conversationId: desk.conversationId,
      deskId: desk.deskId,
      botConversationId: desk.from?.conversationId ?? null,
    },
    attributes: state.attributes,
  };
}
