// What a desk asks for: queued, accepted, an agent's message, typing, transfer, close, reject.
// Not here: reading the wire (src/desks), and what the line does then (ownership.ts).
// The one thing to know: an agent is always a human; the first word of an agent accepts the offer. At a console desk what
// was accepted is that agent's: the others read it, and only who may act for them does.
import { closeDesk, failDesk, transfer } from './endings.ts';
import type { ActingAgent, Context, Decision, DeskCommand, Facts, Input, Reply } from './inputs.ts';
import type { DeskShare } from './model.ts';
import { copyToBots, startReplyLimit } from './owed.ts';
import { raise } from './raise.ts';
import { counted, find, refusal } from './refusals.ts';
import {
  answered,
  bot,
  botReady,
  desk,
  deskReady,
  emptyDecision,
  finish,
  noteConversation,
  service,
  share,
  signal,
  speak,
  type Work,
} from './work.ts';

export function decideDesk(input: Extract<Input, { type: 'desk' }>, facts: Facts, c: Context): Decision {
  const { command, deskId } = input;
  const known = find('desk', deskId, command, facts, c);
  if ('reply' in known) return known;
  const { conversation, w } = known;
  const own = w.t.desk;
  if (!own || own.conversationId !== conversation.id) {
    if (command.type === 'close' || command.type === 'reject')
      return emptyDecision({ ok: true, conversationId: conversation.id });
    const never = conversation.agent === null;
    return counted(
      command,
      never
        ? refusal(w, 'not_holder', 'the offer ended before it was accepted')
        : refusal(w, 'conversation_closed', 'the conversation is closed'),
    );
  }
  if (command.epoch !== undefined && command.epoch !== w.t.epoch) {
    return counted(
      command,
      refusal(w, 'stale_epoch', `epoch ${command.epoch} is not the thread's current epoch ${w.t.epoch}`),
    );
  }
  const claimed = claimedByAnother(w, own, command);
  if (claimed) return counted(command, claimed);
  w.d.reply = deskCommand(w, own, command, Math.min(Math.max(input.handed ?? 0, own.acked), w.t.turn));
  return w.d.reply.ok ? finish(w) : counted(command, w.d.reply);
}

/** The refusal of who acts in another agent's conversation without being allowed to; accepting it takes the wish, too. */
function claimedByAnother(w: Work, own: DeskShare, command: DeskCommand): Reply | null {
  const { by } = command;
  if (!by || own.agentId === undefined || own.agentId === by.id) return null;
  if (by.mayAct && (command.type !== 'accepted' || command.takeOver)) return null;
  const agent = { id: own.agentId, name: own.agent ?? '' };
  return refusal(w, 'claimed', `${agent.name} has the conversation`, agent);
}

function deskCommand(w: Work, own: DeskShare, command: DeskCommand, seen: number): Reply {
  const done: Reply = { ok: true, conversationId: own.conversationId };
  const actor = `desk ${own.deskId}`;
  switch (command.type) {
    case 'queued': {
      if (own.phase === 'accepted') return done;
      if (own.phase === 'offered') {
        own.phase = 'queued';
        own.acceptDue = w.c.now + (desk(w, own.deskId)?.settings.queue_within_s ?? 600) * 1000;
        noteConversation(w, own, { status: 'queued' });
      }
      return done;
    }
    case 'accepted':
      accept(w, own, command.agent, command.by);
      return done;
    case 'message':
      return message(w, own, command, seen);
    case 'typing':
      w.d.transients.push({
        type: 'typing',
        to: { type: 'asset', id: w.t.assetId },
        threadId: w.t.id,
        conversationId: own.conversationId,
        on: command.on,
        author: { type: 'agent', id: own.deskId, name: command.by?.name ?? own.agent ?? '' },
      });
      return done;
    case 'transfer':
      return transferred(w, own, command);
    case 'close':
      // Whoever closes without having accepted has not answered anything: that is a rejection.
      if (own.phase !== 'accepted') failDesk(w, `rejected: ${command.reason}`, true);
      else closeDesk(w, command.reason, command.note, seen, actor);
      return done;
    case 'reject':
      if (own.phase === 'accepted')
        return refusal(w, 'conflict', 'the conversation was accepted: close or transfer it');
      failDesk(w, `rejected: ${command.reason}`, true);
      return done;
  }
}

/** Somebody has the conversation: the first to do so, or another from now on. */
export function accept(w: Work, own: DeskShare, agent: string, by?: ActingAgent): void {
  const first = own.phase !== 'accepted';
  if (!first && own.agent === agent && own.agentId === by?.id) return;
  own.phase = 'accepted';
  own.agent = agent;
  if (by) own.agentId = by.id;
  own.acceptDue = null;
  noteConversation(w, own, { status: 'accepted', agent });
  if (!first) return;
  w.t.failedDesks = [];
  startReplyLimit(w, own);
  const from = own.from ? share(w, own.from.conversationId) : undefined;
  signal(w, from, 'handover.accepted', { agent, desk_conversation_id: own.conversationId });
  raise(w, { event: 'desk.accepted', deskId: own.deskId, fields: { 'desk.id': own.deskId } }, { onlySide: true });
}

function message(w: Work, own: DeskShare, command: Extract<DeskCommand, { type: 'message' }>, seen: number): Reply {
  // Who only lends a hand does not get the conversation.
  if (own.agentId === undefined || own.agentId === command.by?.id) accept(w, own, command.agent, command.by);
  const said = speak(w, { type: 'agent', id: own.deskId, name: command.agent }, own.conversationId, command.message);
  // At the built-in desk the agent reads the thread itself; another desk has seen what it was handed.
  answered(w, command.by ? w.t.turn : seen, own.conversationId);
  startReplyLimit(w, own);
  copyToBots(w, said);
  if (command.key) w.d.remember.push({ key: `${own.conversationId}:${command.key}`, messageId: said.id });
  return { ok: true, messageId: said.id, conversationId: own.conversationId };
}

function transferred(w: Work, own: DeskShare, command: Extract<DeskCommand, { type: 'transfer' }>): Reply {
  const { to, reason } = command;
  const mapped = service(w)?.mapped.has(to) ?? false;
  const actor = `desk ${own.deskId}`;
  const toBot = to !== 'bot' && bot(w, to) !== undefined;
  if (to !== 'bot' && (!mapped || (!toBot && !desk(w, to))))
    return refusal(w, 'invalid', 'to: must be “bot”, or the id of a bot or desk that is mapped to the service');
  if (toBot && !botReady(w, to)) return refusal(w, 'conflict', 'that bot is not active');
  if (to === own.deskId) return refusal(w, 'invalid', 'to: the conversation is at this desk already');
  if (to !== 'bot' && !toBot && !deskReady(w, to))
    return refusal(w, 'conflict', 'that desk is not available: it is not active, or nobody is online');
  const result = transfer(w, to === 'bot' ? 'back' : toBot ? { bot: to } : { desk: to }, reason, actor);
  if (result === 'nobody') return refusal(w, 'conflict', 'no active bot has an open conversation in this thread');
  return { ok: true, conversationId: own.conversationId, ...(result ? { deskConversationId: result } : {}) };
}
