// Who is told what: handing utterances to the lanes of bots and desks, merge windows, and the limit for taking them.
// Not here: who holds the line and what a successor is owed (ownership.ts).
// The one thing to know: everything is copied to every bot with an open conversation, whoever holds the line [seed].
import type { BotShare, DeskShare, Id, Message } from './model.ts';
import { bot, deliver, desk, holdingShare, openConversation, type Work } from './work.ts';

const seconds = (n: number) => n * 1000;

/** The bot's open conversation in this thread and service, opened now when there is none. */
export function openShare(w: Work, botId: Id): BotShare {
  const serviceId = w.t.serviceId ?? '';
  const open = w.t.bots.find((b) => b.botId === botId && b.serviceId === serviceId);
  if (open) return open;
  const conversation = openConversation(w, 'bot', botId, serviceId);
  const fresh: BotShare = {
    conversationId: conversation.id,
    botId,
    serviceId,
    acked: w.t.answered,
    given: w.t.answered,
    drain: w.t.answered,
    takeDue: null,
    replyDue: null,
    merge: null,
  };
  w.t.bots.push(fresh);
  return fresh;
}

/** Owes one customer utterance to a bot; joins it to an open merge window. A postback is never merged and closes the window. */
export function tellBot(w: Work, to: BotShare, message: Message, owed = false): void {
  const window = bot(w, to.botId)?.settings.merge_window_ms ?? 0;
  const turn = message.turn ?? 0;
  const merge = to.merge && w.c.now < to.merge.until ? to.merge : null;
  to.given = Math.max(to.given, turn);
  if (merge && message.kind === 'message') {
    w.d.changes.push({ id: merge.deliveryId, join: { messageId: message.id, turn } });
    return;
  }
  if (merge) w.d.changes.push({ id: merge.deliveryId, notBefore: w.c.now });
  to.merge = null;
  const opens = window > 0 && message.kind === 'message' && !owed;
  const id = deliver(w, {
    target: { type: 'bot', id: to.botId },
    kind: message.kind,
    conversationId: to.conversationId,
    messageId: message.id,
    turn,
    notBefore: opens ? w.c.now + window : 0,
    data: owed ? { owed: w.t.epoch } : null,
  });
  if (opens) to.merge = { deliveryId: id, until: w.c.now + window };
}

export function tellDesk(w: Work, to: DeskShare, message: Message): void {
  to.given = Math.max(to.given, message.turn ?? 0);
  deliver(w, {
    target: { type: 'desk', id: to.deskId },
    kind: message.kind,
    conversationId: to.conversationId,
    messageId: message.id,
    turn: message.turn,
  });
  const limit = desk(w, to.deskId)?.settings.reply_within_s ?? 0;
  if (to.phase === 'accepted' && limit > 0 && to.replyDue === null) to.replyDue = w.c.now + seconds(limit);
}

/** Hands one fresh utterance to whoever holds the line, and copies it to every other bot with an open conversation [seed]. */
export function tellAll(w: Work, message: Message): void {
  const holding = holdingShare(w);
  for (const to of w.t.bots) {
    if (message.turn !== null && to.given < message.turn && bot(w, to.botId)) tellBot(w, to, message);
  }
  if (w.t.desk && w.t.holder.type === 'desk' && w.t.desk.given < (message.turn ?? 0)) tellDesk(w, w.t.desk, message);
  if (holding) startTakeLimit(w, holding);
}

export function startTakeLimit(w: Work, to: BotShare, owed = false): void {
  const limit = bot(w, to.botId)?.settings.take_within_s ?? 0;
  if (limit > 0 && to.takeDue === null && (owed || to.given > to.acked) && w.t.turn > w.t.answered)
    to.takeDue = w.c.now + seconds(limit);
}
