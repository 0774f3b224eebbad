// What a bot asks for: a message, a handover, a close, an event for the rules, typing. By its hook, or in its answer.
// Not here: reading the wire (src/bots) and what happens to the line afterwards (ownership.ts).
// The one thing to know: only the holder speaks. Anyone else is told who holds the line, and nothing changes.

import { closeBot } from './endings.ts';
import type { BotCommand, Context, Decision, Facts, Input, Reply } from './inputs.ts';
import type { BotShare, Id, ThreadState } from './model.ts';
import { forward, giveToDesk, routedBy } from './ownership.ts';
import { raise } from './raise.ts';
import { counted, find, refusal } from './refusals.ts';
import { isForward, match } from './rules.ts';
import { divertIfDown } from './stand-in.ts';
import {
  answered,
  bot,
  desk,
  emptyDecision,
  fields,
  finish,
  remember,
  say,
  service,
  share,
  speak,
  type Work,
} from './work.ts';

const MINUTE = 60_000;
/** Handovers a minute in one thread: a desk that rejects at once and a bot that tries again must not spin. [ours] */
const HANDOVERS_PER_MINUTE = 10;

export function decideBot(input: Extract<Input, { type: 'bot' }>, facts: Facts, c: Context): Decision {
  const { command, botId } = input;
  const known = find('bot', botId, command, facts, c);
  if ('reply' in known) return known;
  const { conversation, w } = known;
  const own = share(w, conversation.id);
  if (!own) {
    if (command.type === 'close') return emptyDecision({ ok: true, conversationId: conversation.id });
    return counted(
      command,
      refusal(w, 'conversation_closed', 'the conversation is closed; the next message opens a new one'),
    );
  }
  w.d.reply = botCommand(w, own, command, input.handed ?? own.acked);
  if (!w.d.reply.ok && w.d.reply.code !== 'no_desk') return counted(command, w.d.reply);
  return finish(w);
}

/** One command of a bot with an open conversation. Also used for what it answers at once. */
export function botCommand(w: Work, own: BotShare, command: BotCommand, seen: number): Reply {
  const holds = w.t.holder.type === 'bot' && w.t.holder.conversationId === own.conversationId;
  if (command.type === 'handover' && !holds) {
    const offer = w.t.desk;
    if (offer && offer.phase !== 'accepted' && offer.from?.conversationId === own.conversationId) {
      return {
        ok: true,
        handover: 'offered',
        deskConversationId: offer.conversationId,
        conversationId: own.conversationId,
      };
    }
  }
  const event =
    command.type === 'custom' ||
    command.type === 'milestone' ||
    command.type === 'notify' ||
    command.type === 'unhandled';
  if (!holds && !event) {
    return refusal(
      w,
      'not_holder',
      `the ${w.t.holder.type === 'none' ? 'line is free: nobody' : w.t.holder.type} holds the thread now, not this conversation`,
    );
  }
  if (command.epoch !== undefined && command.epoch !== w.t.epoch) {
    return refusal(w, 'stale_epoch', `epoch ${command.epoch} is not the thread's current epoch ${w.t.epoch}`);
  }
  switch (command.type) {
    case 'message':
      return message(w, own, command, seen);
    case 'handover':
      return handover(w, own, command);
    case 'close':
      closeBot(w, own, command.reason ?? 'closed by the bot', seen, `bot ${own.botId}`);
      return { ok: true, conversationId: own.conversationId };
    case 'typing':
      w.d.transients.push({
        type: 'typing',
        to: { type: 'asset', id: w.t.assetId },
        threadId: w.t.id,
        conversationId: own.conversationId,
        on: command.on,
        author: { type: 'bot', id: own.botId, name: bot(w, own.botId)?.name ?? '' },
      });
      return { ok: true, conversationId: own.conversationId };
    default:
      return happened(w, own, command, holds);
  }
}

function message(w: Work, own: BotShare, command: Extract<BotCommand, { type: 'message' }>, seen: number): Reply {
  const view = bot(w, own.botId);
  const loop = loopNow(w);
  const limit = view?.settings.max_per_minute ?? 30;
  if (loop.count >= limit) return looping(w, `${limit} bot messages`);
  w.t.loop = { ...loop, count: loop.count + 1 };
  const custom = Object.keys(command.custom).length > 0 ? { custom: command.custom } : {};
  const said = speak(w, { type: 'bot', id: own.botId, name: view?.name ?? '' }, own.conversationId, {
    ...command.message,
    ...custom,
  });
  remember(w, command.custom);
  answered(w, Math.min(Math.max(own.acked, seen), w.t.turn), own.conversationId);
  if (command.key) w.d.remember.push({ key: `${own.conversationId}:${command.key}`, messageId: said.id });
  return { ok: true, messageId: said.id, conversationId: own.conversationId };
}

/** The loop guard's window of one minute. */
function loopNow(w: Work): ThreadState['loop'] {
  // Before it began: the clock has gone back, and the minute would be of years.
  return Math.abs(w.c.now - w.t.loop.since) >= MINUTE ? { since: w.c.now, count: 0 } : w.t.loop;
}

function looping(w: Work, what: string): Reply {
  return {
    ok: false,
    code: 'too_many_messages',
    detail: `more than ${what} a minute in one thread: the loop guard holds them back`,
    retryAfterS: Math.max(1, Math.ceil((w.t.loop.since + MINUTE - w.c.now) / 1000)),
  };
}

/** The desk of a handover: `desk_id` if mapped; the first forward rule on `bot.handover`; the desk of the rule that routed the thread. */
function handover(w: Work, own: BotShare, command: Extract<BotCommand, { type: 'handover' }>): Reply {
  const loop = loopNow(w);
  const handovers = loop.handovers ?? 0;
  if (handovers >= HANDOVERS_PER_MINUTE) return looping(w, `${HANDOVERS_PER_MINUTE} handovers`);
  w.t.loop = { ...loop, handovers: handovers + 1 };
  remember(w, command.custom);
  const reason = command.reason ?? 'handed over by the bot';
  const more = { 'event.reason': command.reason, 'bot.id': own.botId };
  const actor = `bot ${own.botId}`;
  const ruleId = w.t.holder.type === 'bot' ? w.t.holder.ruleId : null;
  const named =
    command.deskId && service(w)?.mapped.has(command.deskId) && desk(w, command.deskId) ? command.deskId : null;
  raise(w, { event: 'bot.handover', botId: own.botId, fields: more }, { onlySide: true });
  if (named) return offered(own, giveToDesk(w, named, { reason, actor, attributes: command.custom }));
  const found = match(
    service(w),
    {
      event: 'bot.handover',
      assetId: w.t.assetId,
      botId: own.botId,
      fields: fields(w, { 'event.name': 'bot.handover', ...more }),
    },
    w.c.now,
  );
  const by = found.matched.find((r) => isForward(r.action));
  if (by && isForward(by.action)) {
    if (by.action.type === 'forward_to_bot' && by.action.bot_id !== own.botId) {
      forward(w, by, by.action, { reason });
      divertIfDown(w);
      return { ok: true, handover: 'given', conversationId: own.conversationId };
    }
    if (by.action.type !== 'forward_to_bot')
      return offered(own, giveToDesk(w, by.action.desk_id, { reason, actor, attributes: command.custom }));
  }
  const routed = routedBy(w, own.botId, ruleId)?.action;
  if (routed?.type === 'forward_to_bot_and_desk')
    return offered(own, giveToDesk(w, routed.desk_id, { reason, actor, attributes: command.custom }));
  return refusal(
    w,
    'no_desk',
    'no desk is bound: name a mapped desk_id, add a rule on bot.handover, or route with forward_to_bot_and_desk',
  );
}

function offered(own: BotShare, deskConversationId: Id): Reply {
  return { ok: true, handover: 'offered', deskConversationId, conversationId: own.conversationId };
}

/** 1004–1007: raises the rule trigger of that name. The line is moved only by the bot that holds it. */
function happened(
  w: Work,
  own: BotShare,
  command: Extract<BotCommand, { type: 'custom' | 'milestone' | 'notify' | 'unhandled' }>,
  holds: boolean,
): Reply {
  remember(w, command.custom);
  const more = { 'event.reason': command.name, 'bot.id': own.botId };
  say(w, 'conversation.updated', {
    conversation_id: own.conversationId,
    event: `bot.${command.type}`,
    name: command.name,
  });
  raise(w, { event: `bot.${command.type}`, botId: own.botId, fields: more }, { onlySide: !holds });
  return { ok: true, conversationId: own.conversationId };
}
