// Who is told what: handing utterances to the lanes of bots and desks, merge windows, and the limit for taking them.
// Not here: who holds the line and what a successor is owed (ownership.ts).
// The one thing to know: everything is copied to every bot with an open conversation, whoever holds the line [seed].
import type { BotShare, DeskShare, Id, Message } from './model.ts';
import { bot, closeMerge, deliver, desk, holdingShare, openConversation, type Work } from './work.ts';

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

/**
 * Owes one customer utterance to a bot; joins it to an open merge window. A postback is never merged and closes the
 * window, and so does what is owed to a successor (`owed`): it is sent as `BOT` while this epoch lasts.
 */
function tellBot(w: Work, to: BotShare, message: Message, owed = false): void {
  const window = bot(w, to.botId)?.settings.merge_window_ms ?? 0;
  const turn = message.turn ?? 0;
  const merges = message.kind === 'message' && !owed;
  to.given = Math.max(to.given, turn);
  // A window that seems to end later than one can was opened by a clock that has gone back: it may be sent already.
  const ends = to.merge?.until ?? 0;
  if (merges && to.merge && w.c.now < ends && ends <= w.c.now + window) {
    w.d.changes.push({ id: to.merge.deliveryId, join: { messageId: message.id, turn } });
    return;
  }
  closeMerge(w, to);
  const opens = merges && window > 0;
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

/**
 * Owes a bot that gets the line what the customer waits for: `turns`, all those unanswered, oldest first. If the lane
 * still has all of them, they go as `BOT` by themselves. If one was taken as a copy, or given up, all are owed anew,
 * with a new webhook-id and the same Messageid, and what the lane still has of them drains as copies. [ours]
 */
export function owe(w: Work, to: BotShare, turns: Message[]): void {
  const again = turns.some((m) => (m.turn ?? 0) <= Math.max(to.acked, to.drain));
  if (again) to.drain = Math.max(to.drain, to.given);
  const given = to.given;
  for (const message of turns) {
    if (again || (message.turn ?? 0) > given) tellBot(w, to, message, !w.fresh.includes(message));
  }
  if (turns.length > 0) startTakeLimit(w, to, true);
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
  // Elsewhere the limit runs since the last answer: the first word after it gets the whole of it, and further ones no more.
  const first = to.elsewhere !== undefined && message.turn === w.t.answered + 1;
  if (to.replyDue === null || first) startReplyLimit(w, to);
}

/**
 * An accepted desk must answer the customer who waits within its `reply_within_s`, or it is idle. In a provider's own app
 * nobody says that they are done: there it counts whether or not a customer waits.
 */
export function startReplyLimit(w: Work, to: DeskShare): void {
  const limit = desk(w, to.deskId)?.settings.reply_within_s ?? 0;
  const counts = to.elsewhere ? to.elsewhere === 'until_silent' : w.t.turn > w.t.answered;
  to.replyDue = to.phase === 'accepted' && limit > 0 && counts ? w.c.now + seconds(limit) : null;
}

/** What an agent said, at a desk or in the provider's own app: a copy for every bot with an open conversation [seed]. */
export function copyToBots(w: Work, said: Message): void {
  for (const to of w.t.bots) {
    if (!bot(w, to.botId)) continue;
    closeMerge(w, to);
    deliver(w, {
      target: { type: 'bot', id: to.botId },
      kind: 'message',
      conversationId: to.conversationId,
      messageId: said.id,
      data: said.conversationId === null ? null : { desk_conversation_id: said.conversationId },
    });
  }
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

/** The bot that holds the line must take what it was handed within its `take_within_s`, or it is silent. */
function startTakeLimit(w: Work, to: BotShare, owed = false): void {
  const limit = bot(w, to.botId)?.settings.take_within_s ?? 0;
  if (to.takeDue === null && (owed || to.given > to.acked)) to.takeDue = w.c.now + seconds(limit);
}
